//! Every call that a query makes to its nodes goes wrong once: the answer is then the right one or an error of the
//! right kind that names the node, in time, and nothing is left behind. Below the faults are real SQLite files
//! with one connection each, so that a connection that is not given back is missed at once.

use std::{sync::Arc, time::Duration};

use intarsia_connectors::{
    ErrorKind as NodeError, connect,
    testing::{Call, Fault, Faults, Strike},
};
use intarsia_engine::{Engine, ErrorKind, Session};
use intarsia_integration::{
    cluster::Cluster,
    compare::Answer,
    deployment::Deployment,
    oracle::{ask, oracle},
    script::{catalog, folder, rows},
};
use tokio::time::timeout;

use crate::kind;

/// Longer than any of these queries takes, and shorter than anybody would wait for a connection.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long what a query has started may live on, on a machine that is busy with other tests.
const AFTERWARDS: Duration = Duration::from_secs(10);

const ALL: &str = "SELECT id, name, email, since FROM customers";

/// All of a table; joins; a top-N; groups; one relation read twice.
const QUERIES: [&str; 5] = [
    ALL,
    "SELECT c.name, o.total, o.placed FROM customers c JOIN orders o ON o.customer_id = c.id",
    "SELECT id, total FROM orders WHERE quantity > 3 ORDER BY total DESC, id LIMIT 7",
    "SELECT status, count(*), sum(total) FROM orders GROUP BY status",
    "SELECT a.id FROM customers a WHERE a.email IN (SELECT email FROM customers WHERE id > 9)",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_a_horizontal_layout_is_no_shorter_answer() {
    World::new("horizontal").await.withstands_everything().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_a_vertical_layout_is_no_shorter_answer() {
    World::new("vertical").await.withstands_everything().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_a_hybrid_layout_is_no_shorter_answer() {
    World::new("hybrid").await.withstands_everything().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_a_derived_layout_is_no_shorter_answer() {
    World::new("derived").await.withstands_everything().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_replaced_before_its_first_row_and_never_after() {
    World::new("replicated").await.withstands_everything().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stalls_is_waited_for_no_longer_than_the_statement_may_take() {
    let world = World::new("hybrid").await;
    for call in (0..).map(|power| 1 << power) {
        let faults = Faults::at(call, Fault::Stall);
        let engine = world.engine(&faults);
        let session = engine.session();
        session.sql("SET intarsia.statement_timeout = '300ms'").await.unwrap();
        let answered = timeout(Duration::from_secs(10), ask(&session, QUERIES[1])).await.unwrap();
        if faults.strike().is_none() {
            break;
        }
        if let Err(error) = answered {
            assert_eq!(kind(&error), ErrorKind::Deadline, "call {call}: {error}");
        }
        leaves_nothing(&engine, &faults).await;
    }
}

/// How the k-th call goes wrong.
const WRONG: [fn(usize) -> Fault; 3] = [
    |_| Fault::Fail(NodeError::Unavailable),
    |call| Fault::Fail(OTHERS[call % OTHERS.len()]),
    |_| Fault::Stall,
];

const OTHERS: [NodeError; 5] = [
    NodeError::Mismatch,
    NodeError::Refused,
    NodeError::Exhausted,
    NodeError::Cancelled,
    NodeError::Internal,
];

/// A layout over SQLite files, and the same rows in one DataFusion.
struct World {
    deployment: Deployment,
    oracle: Session,
    replicated: bool,
}

/// How one run went.
struct Run<'a> {
    sql: &'a str,
    fault: Fault,
    strike: Strike,
}

impl World {
    /// The layout file of that name; every node of it becomes an SQLite file.
    async fn new(layout: &str) -> World {
        let file = folder("layouts").join(format!("{layout}.yaml"));
        let mut yaml = catalog(&file).unwrap();
        for (server, file) in [("pg", "lite2"), ("maria", "lite3")] {
            yaml = yaml.replace(server, file).replace(&server.to_uppercase(), &file.to_uppercase());
        }
        let deployment = Deployment::new(Cluster::shared(), &yaml, &rows, 1).await.unwrap();
        let oracle = oracle(deployment.catalog(), &rows(deployment.catalog()).unwrap()).unwrap();
        World { deployment, oracle, replicated: layout == "replicated" }
    }

    /// An engine that knows nothing yet, over nodes of one connection each.
    fn engine(&self, faults: &Arc<Faults>) -> Engine {
        let mut catalog = self.deployment.catalog().clone();
        catalog.nodes.values_mut().for_each(|node| Arc::make_mut(node).connections = 1);
        let connectors = catalog.nodes.values().map(|node| faults.over(connect(node))).collect();
        Engine::with_connectors(catalog, connectors).unwrap()
    }

    async fn withstands_everything(&self) {
        for sql in QUERIES {
            let expected = ask(&self.oracle, sql).await.unwrap();
            // Where there are replicas, one that is away for good is another matter than one that hiccups.
            let gone: Option<fn(usize) -> Fault> = self.replicated.then_some(|_| Fault::Gone);
            for wrong in WRONG.into_iter().chain(gone) {
                let calls = self.withstands(sql, &expected, wrong).await;
                assert!(calls > 4, "{sql}: only {calls} calls were made");
            }
        }
    }

    /// Lets each call of a query go wrong, until a run passes untouched. The number of its calls.
    async fn withstands(&self, sql: &str, expected: &Answer, wrong: fn(usize) -> Fault) -> usize {
        let right = |answer: &Answer| answer.difference(expected, &[]).is_none();
        for call in 1.. {
            let faults = Faults::at(call, wrong(call));
            let engine = self.engine(&faults);
            let session = engine.session();
            let outcome = tokio::select! {
                answered = timeout(DEADLINE, ask(&session, sql)) => {
                    answered.unwrap_or_else(|_| panic!("{sql}: no end of it, call {call}"))
                }
                () = faults.struck(), if wrong(call) == Fault::Stall => Err("stopped".into()),
            };
            let Some(strike) = faults.strike() else {
                assert!(outcome.is_ok_and(|answer| right(&answer)), "{sql}: untouched");
                return call - 1;
            };
            let run = Run { sql, fault: wrong(call), strike };
            match outcome {
                Ok(answer) => assert!(right(&answer), "{run}: a wrong answer"),
                Err(error) => self.check_error(&run, &error),
            }
            leaves_nothing(&engine, &faults).await;
            if matches!(run.fault, Fault::Fail(_)) && call % 4 == 0 {
                let again = timeout(DEADLINE, ask(&session, sql)).await.unwrap();
                assert!(right(&again.unwrap()), "{run}: another answer afterwards");
            }
        }
        unreachable!("a query makes an end of calls")
    }

    fn check_error(&self, run: &Run<'_>, error: &intarsia_integration::Error) {
        let expected = match run.fault {
            Fault::Stall => return, // stopped from outside: nothing is told
            Fault::Gone => ErrorKind::Unavailable,
            Fault::Fail(kind) => told_as(kind),
        };
        assert_eq!(kind(error), expected, "{run}: {error}");
        let node = format!("node `{}`: ", run.strike.node);
        assert!(error.to_string().starts_with(&node), "{run}: {error}");
        let replaceable = match run.fault {
            Fault::Fail(NodeError::Unavailable) => run.strike.rows == 0,
            // Another stream of the node that is gone may have handed up rows.
            Fault::Gone => matches!(run.strike.call, Call::Server | Call::Describe),
            Fault::Fail(_) | Fault::Stall => false,
        };
        assert!(!(self.replicated && replaceable), "{run}: there are other replicas: {error}");
    }
}

/// Soon no stream is open any more, no statement runs, and the one connection of each node is free.
async fn leaves_nothing(engine: &Engine, faults: &Faults) {
    let ended = async {
        while faults.streams() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for connector in engine.connectors() {
            connector.settle().await;
            drop(connector.server().await); // takes a connection, also where the answer is a fault
        }
    };
    timeout(AFTERWARDS, ended).await.expect("the query goes on where nobody waits for it");
}

impl std::fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?} at {:?}", self.sql, self.fault, self.strike)
    }
}

fn told_as(kind: NodeError) -> ErrorKind {
    match kind {
        NodeError::Unavailable => ErrorKind::Unavailable,
        NodeError::Mismatch => ErrorKind::Mismatch,
        NodeError::Refused => ErrorKind::Invalid,
        NodeError::Exhausted => ErrorKind::Exhausted,
        NodeError::Cancelled => ErrorKind::Cancelled,
        NodeError::Internal => ErrorKind::Internal,
    }
}
