//! Asking: the answers of all places, with the planner's rules on and off, beside those of the oracle.

use std::{collections::BTreeMap, time::Duration};

use intarsia_engine::{Engine, Error, ErrorKind, Session};
use intarsia_integration::{
    Result,
    compare::{Answer, Cell},
    oracle::ask,
};
use tokio::time::timeout;

use super::pool::{Lent, run};

/// The rules that are off in every second session.
const RULES: &str = "reduce, filter, limit, top_n";

/// Longer than any of these queries takes.
const DEADLINE: Duration = Duration::from_secs(60);

/// A world on one set of servers.
pub(crate) struct Place {
    name: String,
    engine: Engine,
    oracle: Session,
    /// A session with all rules, and one without.
    sessions: [Session; 2],
    databases: BTreeMap<String, Lent>,
}

impl Place {
    pub(super) async fn new(
        name: String,
        engine: Engine,
        oracle: Session,
        databases: BTreeMap<String, Lent>,
    ) -> Result<Place> {
        let sessions = [engine.session(), engine.session()];
        sessions[1].sql(&format!("SET intarsia.disabled_rules = '{RULES}'")).await?;
        Ok(Place { name, engine, oracle, sessions, databases })
    }

    /// Its engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The databases by node.
    pub(crate) fn databases(&self) -> &BTreeMap<String, Lent> {
        &self.databases
    }
}

/// A world, or several with the same logical rows, on all kinds of servers.
#[derive(Default)]
pub(crate) struct Places(Vec<Place>);

impl Places {
    pub(super) fn of(places: impl IntoIterator<Item = Place>) -> Places {
        Places(places.into_iter().collect())
    }

    pub(super) fn and(mut self, mut other: Places) -> Places {
        self.0.append(&mut other.0);
        self
    }

    /// Every place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.0.iter()
    }

    /// Runs statements on a node of every place.
    pub(crate) fn run(&self, node: &str, statements: &[&str]) -> &Places {
        let statements: Vec<_> = statements.iter().map(ToString::to_string).collect();
        for place in &self.0 {
            run(place.databases[node].database().run(&statements)).unwrap();
        }
        self
    }

    /// Each query answers what the oracle answers; in the same order if it ends with ORDER BY.
    pub(crate) fn agree(&self, queries: &[&str]) -> &Places {
        self.check(|place, session| {
            let mut complaints = Vec::new();
            for sql in queries {
                if let Err(complaint) = run(agreed(place, session, sql)) {
                    complaints.push(format!("{sql}\n{complaint}"));
                }
            }
            complaints
        })
    }

    /// Each query answers these rows, as does the oracle: cells are separated by `|`, rows by `, `.
    pub(crate) fn answer(&self, queries: &[(&str, &str)]) -> &Places {
        self.check(|place, session| {
            let mut complaints = Vec::new();
            for (sql, rows) in queries {
                match run(agreed(place, session, sql)) {
                    Ok(answer) if shown(&answer, is_ordered(sql)) == expected(rows, sql) => {}
                    Ok(answer) => {
                        let found = shown(&answer, true).join(", ");
                        complaints
                            .push(format!("{sql}\nexpected {rows}\nthe oracle and we: {found}"));
                    }
                    Err(complaint) => complaints.push(format!("{sql}\n{complaint}")),
                }
            }
            complaints
        })
    }

    /// The oracle refuses each query as we do: with an error of `kind`, in which all of `texts` stand.
    pub(crate) fn refuse(&self, queries: &[&str], kind: ErrorKind, texts: &[&str]) -> &Places {
        self.fail(queries, kind, texts)
            .check(|place, _| complaints(&place.oracle, queries, kind, texts))
    }

    /// Each query fails with an error of `kind`, in which all of `texts` stand.
    pub(crate) fn fail(&self, queries: &[&str], kind: ErrorKind, texts: &[&str]) -> &Places {
        self.check(|_, session| complaints(session, queries, kind, texts))
    }

    /// Each query answers what the oracle answers, or fails with an error of `kind`, in which all of `texts` stand:
    /// a node's own filter may pass over a value that we, where we see it, refuse.
    pub(crate) fn agree_or_fail(
        &self,
        queries: &[&str],
        kind: ErrorKind,
        texts: &[&str],
    ) -> &Places {
        self.check(|place, session| {
            let complaint = |sql: &&str| {
                let disagreed = run(agreed(place, session, sql)).err()?;
                let other = run(failure(session, sql, kind, texts)).err()?;
                Some(format!("{sql}\n{disagreed}\nnor the error: {other}"))
            };
            queries.iter().filter_map(complaint).collect()
        })
    }

    /// With all rules on, the query's plan has all of these texts.
    pub(crate) fn send(&self, sql: &str, texts: &[&str]) -> &Places {
        self.plan(sql, |plan| {
            texts.iter().find(|text| !plan.contains(**text)).map(|text| format!("lacks `{text}`"))
        })
    }

    /// With all rules on, the query's plan has none of these texts.
    pub(crate) fn keep(&self, sql: &str, texts: &[&str]) -> &Places {
        self.plan(sql, |plan| {
            texts.iter().find(|text| plan.contains(**text)).map(|text| format!("has `{text}`"))
        })
    }

    fn plan(&self, sql: &str, complaint: impl Fn(&str) -> Option<String>) -> &Places {
        let complaints = self.0.iter().filter_map(|place| {
            let plan = run(place.sessions[0].sql(sql)).map(|query| query.explain());
            let found = plan.map_or_else(
                |error| Some(error.to_string()),
                |plan| complaint(&plan).map(|found| format!("{found}\n{plan}")),
            );
            found.map(|found| format!("{}\n{sql}\n{found}", place.name))
        });
        told(&complaints.collect::<Vec<_>>());
        self
    }

    fn check(&self, check: impl Fn(&Place, &Session) -> Vec<String>) -> &Places {
        let mut complaints = Vec::new();
        for place in &self.0 {
            for (session, rules) in place.sessions.iter().zip(["on", "off"]) {
                let found = check(place, session).into_iter();
                complaints
                    .extend(found.map(|text| format!("{}, rules {rules}\n{text}", place.name)));
            }
        }
        told(&complaints);
        self
    }
}

fn told(complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "{} complaints\n\n{}",
        complaints.len(),
        complaints.join("\n\n")
    );
}

/// The answer, if it is the oracle's too.
async fn agreed(place: &Place, session: &Session, sql: &str) -> Result<Answer> {
    let expected = ask(&place.oracle, sql).await.map_err(|error| format!("the oracle: {error}"))?;
    let found = timeout(DEADLINE, ask(session, sql)).await??;
    let order: Vec<_> =
        if is_ordered(sql) { (0..expected.schema.fields().len()).collect() } else { Vec::new() };
    match found.difference(&expected, &order) {
        Some(difference) => Err(difference.into()),
        None => Ok(found),
    }
}

fn complaints(session: &Session, queries: &[&str], kind: ErrorKind, texts: &[&str]) -> Vec<String> {
    let complaint = |sql: &&str| run(failure(session, sql, kind, texts)).err();
    queries.iter().filter_map(complaint).map(|error| error.to_string()).collect()
}

async fn failure(session: &Session, sql: &str, kind: ErrorKind, texts: &[&str]) -> Result<()> {
    let error = match timeout(DEADLINE, ask(session, sql)).await? {
        Ok(answer) => {
            let rows = shown(&answer, true).join(", ");
            return Err(format!("{sql}\nanswers {rows} instead of an error").into());
        }
        Err(error) => error,
    };
    let found = error.downcast_ref::<Error>().map(Error::kind);
    let text = error.to_string();
    if found != Some(kind) || texts.iter().any(|part| !text.contains(part)) {
        return Err(
            format!("{sql}\nexpected {kind:?} with {texts:?}\nfound {found:?}: {text}").into()
        );
    }
    Ok(())
}

/// Whether the query ends with an ORDER BY; in these tests it is then a total order.
fn is_ordered(sql: &str) -> bool {
    sql.rsplit(')').next().is_some_and(|end| end.contains("ORDER BY"))
}

fn shown(answer: &Answer, ordered: bool) -> Vec<String> {
    let cell = |cell: &Cell| match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Float(value) => format!("{value:?}"),
        Cell::Text(text) => text.clone(),
    };
    let row = |row: &Vec<Cell>| row.iter().map(cell).collect::<Vec<_>>().join("|");
    let mut rows: Vec<_> = answer.rows.iter().map(row).collect();
    if !ordered {
        rows.sort();
    }
    rows
}

fn expected(rows: &str, sql: &str) -> Vec<String> {
    let mut rows: Vec<_> =
        rows.split(", ").filter(|row| !row.is_empty()).map(str::to_owned).collect();
    if !is_ordered(sql) {
        rows.sort();
    }
    rows
}
