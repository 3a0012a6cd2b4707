//! The plans of the queries in `plans/*.sql`: what is sent to which node, what is pruned and why, and what stays
//! here and why. The nodes are real databases, without rows; their versions and ports are not told.
//!
//! What they are expected to be is in `plans/*.plan`; `INTARSIA_PLANS=write` writes it, for the diff to be read.
//! A query is explained as it stands if it says EXPLAIN itself. `--! 8, 'x'` behind it are its parameters' values.

use std::{collections::BTreeSet, fs, path::Path};

use futures::TryStreamExt;
use intarsia_engine::{Engine, ScalarValue, Session};
use intarsia_integration::{
    Result,
    cluster::Cluster,
    deployment::{Nodes, databases, parse},
    script::{files, folder},
};
use regex::Regex;

const NODES: [&str; 4] = ["pg", "my", "maria", "lite"];

#[test]
fn every_plan_is_as_it_was() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (engine, _nodes) = runtime.block_on(open()).unwrap();
    let write = std::env::var("INTARSIA_PLANS").is_ok_and(|mode| mode == "write");
    let mut changed = Vec::new();
    for script in files("plans", "sql").unwrap() {
        let told = runtime.block_on(transcript(&engine.session(), &script)).unwrap();
        let kept = script.with_extension("plan");
        if write {
            fs::write(&kept, &told).unwrap();
        }
        let expected = fs::read_to_string(&kept).unwrap_or_default();
        changed.extend(difference(&expected, &told).map(|at| format!("{}:{at}", kept.display())));
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// The first line that differs, with its number.
fn difference(expected: &str, told: &str) -> Option<String> {
    let (mut expected, mut told) = (expected.lines(), told.lines());
    for line in 1.. {
        match (expected.next(), told.next()) {
            (None, None) => return None,
            (expected, told) if expected == told => {}
            (expected, told) => {
                let (expected, told) = (expected.unwrap_or("(end)"), told.unwrap_or("(end)"));
                return Some(format!("{line}: expected\n{expected}\nfound\n{told}"));
            }
        }
    }
    None
}

async fn open() -> Result<(Engine, Nodes)> {
    let nodes = databases(Cluster::shared(), &BTreeSet::from(NODES)).await?;
    for (name, database) in &nodes {
        let setup = fs::read_to_string(folder("plans").join(format!("{name}.setup")))?;
        let statements = setup.split(';').map(str::trim).filter(|text| !text.is_empty());
        database.run(&statements.map(str::to_owned).collect::<Vec<_>>()).await?;
    }
    let yaml = fs::read_to_string(folder("plans").join("catalog.yaml"))?;
    Ok((Engine::open(parse(&yaml, &nodes)?)?, nodes))
}

/// Each query of a script, its comments and its plan.
async fn transcript(session: &Session, script: &Path) -> Result<String> {
    let mut told = String::new();
    for line in fs::read_to_string(script)?.lines() {
        told.push_str(line);
        told.push('\n');
        if line.starts_with("--") || line.is_empty() {
            continue;
        }
        let (sql, values) = line.split_once("; --! ").unwrap_or((line, ""));
        let plan = explain(session, sql.trim_end_matches(';'), values).await;
        let plan = plan.map_err(|error| format!("{sql}\n{error}"))?;
        plan.lines()
            .for_each(|line| told.push_str(&format!("{}\n", format!("  {line}").trim_end())));
        told.push('\n');
    }
    Ok(told)
}

async fn explain(session: &Session, sql: &str, values: &str) -> Result<String> {
    let sql = if sql.starts_with("EXPLAIN") { sql.to_owned() } else { format!("EXPLAIN {sql}") };
    let query = session.sql_with(&sql, parameters(session, values).await?).await?;
    let batches: Vec<_> = query.stream()?.try_collect().await?;
    let mut plan = String::new();
    for batch in &batches {
        let lines = arrow::array::AsArray::as_string::<i32>(batch.column(0));
        lines.iter().flatten().for_each(|line| plan.push_str(&format!("{line}\n")));
    }
    stable(&plan)
}

/// The values, as SQL reads them.
async fn parameters(session: &Session, values: &str) -> Result<Vec<ScalarValue>> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let row: Vec<_> =
        session.sql(&format!("SELECT {values}")).await?.stream()?.try_collect().await?;
    let value = |column| ScalarValue::try_from_array(row[0].column(column), 0);
    Ok((0..row[0].num_columns()).map(value).collect::<Result<_, _>>()?)
}

/// Without what differs between machines: versions, names of databases, and the physical plan, which depends on
/// the number of processors.
fn stable(plan: &str) -> Result<String> {
    let version = Regex::new(r"\b(PostgreSQL|MySQL|MariaDB|SQLite) \d+(\.\d+)+")?;
    let database = Regex::new(r"\btest\d+\b")?;
    let logical = plan.split("\nphysical plan:").next().unwrap_or_default();
    Ok(database.replace_all(&version.replace_all(logical, "$1"), "db").into_owned())
}
