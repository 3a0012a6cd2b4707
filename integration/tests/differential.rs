//! Random tables, layouts and queries: Intarsia answers what one DataFusion over all rows answers.
//!
//! `INTARSIA_QUERIES` says how many queries, `INTARSIA_SEED` from where they start, and `INTARSIA_HOSTILE_QUERIES` how many
//! more go to servers with hostile defaults. A failing case is shrunk, printed and kept in `cases/`, where it is tried
//! first from then on.

#![cfg(test)]

use std::{
    collections::BTreeSet,
    panic::AssertUnwindSafe,
    path::PathBuf,
    time::{Duration, Instant},
};

use futures::FutureExt;
use intarsia_engine::{Error, ErrorKind, Session};
use intarsia_integration::{
    Result,
    cluster::Cluster,
    deployment::{Deployment, Nodes, databases},
    generate::{Case, Choices, Kept, NODES, Query, World, simpler},
    oracle::{ask, oracle},
    script::{files, folder},
};
use tokio::time::timeout;

/// Queries of a run that says nothing else.
const QUERIES: u64 = 2_000;
/// Queries against servers with hostile defaults in a run that says nothing else.
const HOSTILE_QUERIES: u64 = 400;
/// Queries on the same world.
const QUERIES_PER_WORLD: u64 = 40;
/// How long a failing case is made simpler.
const SHRINKING: Duration = Duration::from_secs(40);
/// Failing cases after which a run ends.
const FAILURES: usize = 5;
/// Longer than any of these queries takes.
const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_cases_stay_solved() {
    let names: BTreeSet<_> = NODES.into_iter().collect();
    let mut nodes = databases(Cluster::shared(), &names).await.unwrap();
    for path in files("cases", "json").unwrap_or_default() {
        let kept = Kept::read(&path).unwrap();
        let catalog = intarsia_integration::deployment::parse(&kept.yaml, &nodes).unwrap();
        let rows = kept.rows(&catalog).unwrap();
        let place = Deployment::over(nodes, &kept.yaml, &rows, kept.variety).await.unwrap();
        let oracle = oracle(place.catalog(), &rows).unwrap();
        let difference = difference(&place, &oracle, &kept.query).await.unwrap();
        assert_eq!(difference, None, "{}: {}", path.display(), kept.query.sql);
        nodes = place.clear().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_queries_on_random_layouts() {
    run(Cluster::shared(), number("INTARSIA_QUERIES").unwrap_or(QUERIES)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_queries_on_servers_with_hostile_defaults() {
    run(Cluster::hostile(), number("INTARSIA_HOSTILE_QUERIES").unwrap_or(HOSTILE_QUERIES)).await;
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

async fn run(cluster: &Cluster, queries: u64) {
    let seed = number("INTARSIA_SEED").unwrap_or(1);
    let names: BTreeSet<_> = NODES.into_iter().collect();
    let nodes = databases(cluster, &names).await.unwrap();
    let mut run = Run { nodes: Some(nodes), refused: 0 };
    let mut failures = Vec::new();
    for world in 0..queries.div_ceil(QUERIES_PER_WORLD) {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(world);
        let found = run.world(seed).await;
        let found = found.unwrap_or_else(|error| panic!("the world of seed {seed}: {error}"));
        if let Some((case, difference)) = found {
            println!("INTARSIA_SEED {seed} has two answers: {difference}");
            let kept = run.shrink(case, difference, seed).await.unwrap();
            failures.push(format!("INTARSIA_SEED {seed} has two answers\n{kept}"));
        }
        if failures.len() == FAILURES {
            break;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    println!("{queries} queries from seed {seed}: no difference; both refused {}", run.refused);
}

struct Run {
    /// The databases, empty between worlds.
    nodes: Option<Nodes>,
    /// Queries that neither side would answer.
    refused: u64,
}

impl Run {
    /// Asks the queries of one world; the first that has two answers ends it.
    async fn world(&mut self, seed: u64) -> Result<Option<(Case, String)>> {
        let (mut tables, mut layouts) = (Choices::of(seed), Choices::of(!seed));
        let world = World::new(&mut tables, &mut layouts)?;
        let (place, oracle) = self.enter(&world, seed).await?;
        let mut found = None;
        for number in 0..QUERIES_PER_WORLD {
            let mut choices = Choices::of(seed.wrapping_mul(7919).wrapping_add(number));
            let query = world.query(&mut choices);
            if let Some(difference) = self.ask(&place, &oracle, &query).await? {
                let (tables, layouts) = (tables.taken(), layouts.taken());
                found = Some((Case { tables, layouts, query: choices.taken() }, difference));
                break;
            }
        }
        self.nodes = Some(place.clear().await?);
        Ok(found)
    }

    async fn enter(&mut self, world: &World, seed: u64) -> Result<(Deployment, Session)> {
        let nodes = self.nodes.take().ok_or("the databases are gone")?;
        let place = Deployment::over(nodes, &world.yaml, &world.rows, seed).await;
        let place = place
            .map_err(|error| format!("{error}\nin the world of seed {seed}:\n{}", world.yaml))?;
        let oracle = oracle(place.catalog(), &world.rows)?;
        Ok((place, oracle))
    }

    async fn ask(
        &mut self,
        place: &Deployment,
        oracle: &Session,
        query: &Query,
    ) -> Result<Option<String>> {
        let difference = difference(place, oracle, query).await?;
        self.refused += u64::from(difference.as_deref() == Some(REFUSED));
        Ok(difference.filter(|difference| difference != REFUSED))
    }

    /// Makes a failing case simpler for as long as it fails, and keeps it.
    async fn shrink(
        &mut self,
        mut case: Case,
        mut difference: String,
        seed: u64,
    ) -> Result<String> {
        let start = Instant::now();
        loop {
            let before = case.clone();
            for part in [query_of, layouts_of, tables_of] {
                let choices = part(&mut case.clone()).clone();
                for simpler in simpler(&choices) {
                    if start.elapsed() > SHRINKING {
                        return self.keep(&case, &difference, seed);
                    }
                    let mut candidate = case.clone();
                    *part(&mut candidate) = simpler;
                    if let Some(still) = self.again(&candidate, seed).await? {
                        (case, difference) = (candidate, still);
                        break;
                    }
                }
            }
            if case == before {
                return self.keep(&case, &difference, seed);
            }
        }
    }

    /// Whether a case still has two answers. A world that cannot be made has none.
    async fn again(&mut self, case: &Case, seed: u64) -> Result<Option<String>> {
        let Ok(world) = world_of(case) else { return Ok(None) };
        let nodes = self.nodes.as_ref().ok_or("the databases are gone")?;
        if intarsia_integration::deployment::parse(&world.yaml, nodes).is_err() {
            return Ok(None);
        }
        let (place, oracle) = self.enter(&world, seed).await?;
        let query = world.query(&mut Choices::again(&case.query));
        let difference = self.ask(&place, &oracle, &query).await?;
        self.nodes = Some(place.clear().await?);
        Ok(difference)
    }

    fn keep(&self, case: &Case, difference: &str, seed: u64) -> Result<String> {
        let world = world_of(case)?;
        let query = world.query(&mut Choices::again(&case.query));
        let path: PathBuf = folder("cases").join(format!("{seed}.json"));
        Kept::new(&world.yaml, &world.rows, &query, seed)?.write(&path)?;
        let (yaml, sql) = (&world.yaml, &query.sql);
        Ok(format!("{sql}\n{difference}\n{yaml}\nkept as {}", path.display()))
    }
}

fn query_of(case: &mut Case) -> &mut Vec<u32> {
    &mut case.query
}

fn layouts_of(case: &mut Case) -> &mut Vec<u32> {
    &mut case.layouts
}

fn tables_of(case: &mut Case) -> &mut Vec<u32> {
    &mut case.tables
}

/// Neither side answers.
const REFUSED: &str = "both refuse";

fn world_of(case: &Case) -> Result<World> {
    World::new(&mut Choices::again(&case.tables), &mut Choices::again(&case.layouts))
}

async fn difference(place: &Deployment, oracle: &Session, query: &Query) -> Result<Option<String>> {
    let session = place.engine()?.session();
    let expected = timeout(DEADLINE, ask(oracle, &query.sql)).await?;
    session.sql(&format!("SET intarsia.disabled_rules = '{}'", rules_off(&query.sql))).await?;
    let found = AssertUnwindSafe(timeout(DEADLINE, ask(&session, &query.sql))).catch_unwind().await;
    let found = match found {
        Ok(Ok(answered)) => answered,
        Ok(Err(_)) => return Ok(Some("no answer within the deadline".to_owned())),
        Err(_) => return Ok(Some("a panic".to_owned())),
    };
    Ok(match (expected, found) {
        (Ok(expected), Ok(found)) => found.difference(&expected, &query.order),
        (Err(_), Err(_)) => Some(REFUSED.to_owned()),
        (Ok(_), Err(error)) => Some(format!("an error instead of an answer: {error}")),
        (Err(error), Ok(_)) if is_refusal(&error) => Some(REFUSED.to_owned()),
        (Err(error), Ok(_)) => Some(format!("an answer instead of the error: {error}")),
    })
}

/// The rules of the planner that are off for a query: none for every other one, so that each rule is seen on and off.
fn rules_off(sql: &str) -> &'static str {
    const OFF: [&str; 10] =
        ["", "filter", "", "reduce", "", "top_n", "", "limit", "", "reduce, filter, limit, top_n"];
    let sum: usize = sql.bytes().map(usize::from).sum();
    OFF[sum % OFF.len()]
}

/// Whether the oracle cannot run such a query at all. That another plan of it can be run is no difference.
fn is_refusal(error: &intarsia_integration::Error) -> bool {
    error.downcast_ref::<Error>().is_some_and(|error| error.kind() == ErrorKind::Unsupported)
}
