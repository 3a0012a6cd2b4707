//! A table of 10,000 parts: planning takes no longer for it, and a query over thousands of fragments needs no more
//! connections than its nodes have.
#![cfg(test)] // tells clippy that helpers may panic, too

use std::{
    collections::BTreeSet,
    fmt::Write,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use intarsia_catalog::{Node, Place};
use intarsia_connectors::{
    Batches, Connector, Consistency, Query, Reading, Reads, Relation, Result as NodeResult, Server,
};
use intarsia_engine::{Engine, Session};
use intarsia_integration::{
    cluster::Cluster,
    compare::{Answer, Cell},
    deployment::{Nodes, databases, parse},
    oracle::ask,
};

const NODES: usize = 4;
/// Rows of a part.
const ROWS: usize = 3;
/// Of each node.
const CONNECTIONS: usize = 3;

/// A table whose parts are ten values of `id` each, dealt to the nodes; of `filled` parts there is a relation.
struct World {
    engine: Engine,
    counters: Vec<Arc<Counter>>,
    /// Hold the files.
    _nodes: Nodes,
}

impl World {
    async fn new(parts: usize, filled: usize) -> World {
        let names = (0..NODES).map(|node| format!("lite{node}")).collect::<BTreeSet<_>>();
        let nodes = databases(Cluster::shared(), &names).await.unwrap();
        for (at, node) in nodes.values().enumerate() {
            let parts = (0..filled).filter(|part| part % NODES == at).flat_map(relation);
            let (begin, commit) = (["BEGIN".to_owned()], ["COMMIT".to_owned()]);
            let all = begin.into_iter().chain(parts).chain(commit);
            node.run(&all.collect::<Vec<_>>()).await.unwrap();
        }
        let catalog = parse(&yaml(parts), &nodes).unwrap();
        let counters: Vec<_> = catalog
            .nodes
            .values()
            .map(|node| Arc::new(Counter::over(intarsia_connectors::connect(node))))
            .collect();
        let connectors = counters
            .iter()
            .map(|counter| Arc::new(Counted(Arc::clone(counter))) as Arc<dyn Connector>);
        let engine = Engine::with_connectors(catalog, connectors.collect()).unwrap();
        World { engine, counters, _nodes: nodes }
    }

    async fn session(&self) -> Session {
        let session = self.engine.session();
        session.sql("SET intarsia.statement_timeout = '60s'").await.unwrap();
        session
    }

    async fn ask(&self, sql: &str) -> Answer {
        ask(&self.session().await, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The most streams that were open at once on any node.
    fn most(&self) -> usize {
        self.counters.iter().map(|counter| counter.most.load(SeqCst)).max().unwrap()
    }

    /// The readings on all nodes that may hold a connection for reads to come.
    fn held(&self) -> usize {
        self.counters.iter().map(|counter| counter.held.load(SeqCst)).sum()
    }

    /// The streams that were opened on all nodes.
    fn opened(&self) -> usize {
        self.counters.iter().map(|counter| counter.opened.load(SeqCst)).sum()
    }
}

fn relation(part: usize) -> [String; 2] {
    let rows = (0..ROWS).map(|row| format!("({}, {part})", part * 10 + row));
    [
        format!("CREATE TABLE t{part} (id INTEGER NOT NULL PRIMARY KEY, part INTEGER)"),
        format!("INSERT INTO t{part} VALUES {}", rows.collect::<Vec<_>>().join(", ")),
    ]
}

fn yaml(parts: usize) -> String {
    let mut yaml = "version: 1\nnodes:\n".to_owned();
    for node in 0..NODES {
        writeln!(
            yaml,
            "  lite{node}: {{ url: \"${{env:LITE{node}}}\", connections: {CONNECTIONS} }}"
        )
        .unwrap();
    }
    yaml += "tables:\n  t:\n    columns: { id: bigint not null, part: integer }\n    primary_key: [id]\n    layout:\n      horizontal:\n";
    for part in 0..parts {
        let (low, high) = (part * 10, part * 10 + 10);
        let domain = match part {
            0 => format!("id < {high}"),
            _ if part == parts - 1 => format!("id >= {low}"),
            _ => format!("id >= {low} AND id < {high}"),
        };
        writeln!(
            yaml,
            "        - {{ name: p{part}, where: {domain}, stored: lite{}.t{part} }}",
            part % NODES
        )
        .unwrap();
    }
    yaml
}

/// A node that counts the streams that are open on it.
#[derive(Debug)]
struct Counter {
    node: Arc<dyn Connector>,
    open: AtomicUsize,
    most: AtomicUsize,
    opened: AtomicUsize,
    held: AtomicUsize,
}

impl Counter {
    fn over(node: Arc<dyn Connector>) -> Counter {
        let zero = AtomicUsize::default;
        Counter { node, open: zero(), most: zero(), opened: zero(), held: zero() }
    }

    fn enter(self: &Arc<Self>) -> Entered {
        self.opened.fetch_add(1, SeqCst);
        self.most.fetch_max(self.open.fetch_add(1, SeqCst) + 1, SeqCst);
        Entered(Arc::clone(self))
    }
}

struct Entered(Arc<Counter>);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
    }
}

#[derive(Debug)]
struct Counted(Arc<Counter>);

#[async_trait]
impl Connector for Counted {
    fn node(&self) -> &Arc<Node> {
        self.0.node.node()
    }

    async fn server(&self) -> NodeResult<Server> {
        self.0.node.server().await
    }

    async fn describe(&self, place: &Place) -> NodeResult<Relation> {
        self.0.node.describe(place).await
    }

    async fn relations(&self) -> NodeResult<Vec<Relation>> {
        self.0.node.relations().await
    }

    fn reading(&self, reads: Reads) -> Arc<dyn Reading> {
        let reading = self.0.node.reading(reads);
        Arc::new(CountedReading { counter: Arc::clone(&self.0), reading, begun: OnceLock::new() })
    }

    async fn run(&self, statements: &[String]) -> NodeResult<()> {
        self.0.node.run(statements).await
    }

    async fn settle(&self) {
        self.0.node.settle().await;
    }
}

#[derive(Debug)]
struct CountedReading {
    counter: Arc<Counter>,
    reading: Arc<dyn Reading>,
    begun: OnceLock<()>,
}

impl CountedReading {
    fn begin(&self) {
        if self.begun.set(()).is_ok() {
            self.counter.held.fetch_add(1, SeqCst);
        }
    }
}

impl Drop for CountedReading {
    fn drop(&mut self) {
        self.counter.held.fetch_sub(usize::from(self.begun.get().is_some()), SeqCst);
    }
}

#[async_trait]
impl Reading for CountedReading {
    async fn open(&self, query: Query) -> NodeResult<Batches> {
        self.begin();
        let entered = self.counter.enter();
        let batches = self.reading.open(query).await?;
        Ok(counted(batches, entered))
    }

    async fn prepare(&self) -> NodeResult<()> {
        self.begin();
        self.reading.prepare().await
    }

    fn consistency(&self) -> Consistency {
        self.reading.consistency()
    }
}

/// The batches, which count as open until they are dropped.
fn counted(batches: Batches, entered: Entered) -> Batches {
    let schema = batches.schema();
    let rows = batches.map(move |batch| {
        let _open = &entered;
        batch
    });
    Batches::new(schema, Arc::default(), rows.boxed())
}

fn whole(answer: &Answer) -> Vec<&str> {
    answer
        .rows
        .iter()
        .flatten()
        .map(|cell| match cell {
            Cell::Text(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect()
}

async fn timed<T>(what: &str, work: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let done = work.await;
    println!("{what}: {:?}", start.elapsed());
    (done, start.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_point_query_on_ten_thousand_parts_is_planned_at_once() {
    let world = World::new(10_000, 40).await;
    let session = world.session().await;
    let sql = "SELECT id, part FROM t WHERE id = 121";
    drop(session.sql(sql).await.unwrap());
    let (query, elapsed) = timed("point query, planned", session.sql(sql)).await;
    assert!(elapsed < Duration::from_millis(500), "{elapsed:?}");
    let (plan, elapsed) = timed("point query, explained", async { query.unwrap().explain() }).await;
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    assert!(plan.lines().count() < 40, "{plan}");
    assert!(plan.contains("read   t/p12\n"), "{plan}");
    assert!(plan.contains("pruned t: 9989 more fragments"), "{plan}");
    assert_eq!(whole(&world.ask(sql).await), ["121", "12"]);
    assert_eq!(world.opened(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_of_two_thousand_fragments_opens_as_many_as_there_are_connections() {
    let world = World::new(2_500, 2_000).await;
    let all = "SELECT count(*), sum(id), count(DISTINCT part) FROM t WHERE id < 20000";
    let (answer, _) = timed("2,000 fragments", world.ask(all)).await;
    assert_eq!(whole(&answer), ["6000", "59976000", "2000"]);
    assert_eq!(world.opened(), 2_000);
    assert!(world.most() <= CONNECTIONS, "{} streams at once on a node", world.most());
    let query = world.session().await.sql(all).await.unwrap();
    let (plan, _) = timed("2,000 fragments, explained", async { query.explain() }).await;
    assert!(plan.contains("… 1990 more inputs"), "{plan}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fragments_of_joins_and_sorts_take_their_turns_too() {
    let world = World::new(300, 200).await;
    let join =
        "SELECT count(*) FROM t a JOIN t b ON a.part = b.part WHERE a.id < 2000 AND b.id < 2000";
    assert_eq!(whole(&world.ask(join).await), ["1800"]);
    let top = "SELECT id FROM t WHERE id < 2000 ORDER BY id DESC LIMIT 2";
    assert_eq!(whole(&world.ask(top).await), ["1992", "1991"]);
    let sorted = "SELECT max(n) FROM (SELECT id, row_number() OVER (ORDER BY part, id DESC) AS n FROM t WHERE id < 2000)";
    assert_eq!(whole(&world.ask(sorted).await), ["600"]);
    assert!(world.most() <= 2 * CONNECTIONS, "{} streams at once on a node", world.most());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_leaves_most_fragments_unopened() {
    let world = World::new(300, 200).await;
    let answer = world.ask("SELECT part FROM t WHERE id < 2000 LIMIT 5").await;
    assert_eq!(answer.rows.len(), 5);
    assert!(world.opened() < 100, "{} of 200 fragments were opened", world.opened());
}

/// Whoever reads one part may never come for the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_is_read_holds_nothing_for_those_that_are_not() {
    let world = World::new(300, 200).await;
    let query = world.session().await.sql("SELECT id FROM t WHERE id < 2000").await.unwrap();
    let mut parts = query.into_parts();
    assert_eq!(parts.len(), NODES * CONNECTIONS);
    let mut rows = parts.remove(0).stream().unwrap();
    let first = rows.next().await.unwrap().unwrap();
    assert_eq!(first.num_rows(), ROWS);
    assert_eq!(world.held(), 1, "it asks one node");
    drop(rows);
    assert_eq!(world.held(), 0);
    let mut rest = 0;
    for part in parts {
        let batches: Vec<_> = part.stream().unwrap().try_collect().await.unwrap();
        rest += batches.iter().map(|batch| batch.num_rows()).sum::<usize>();
    }
    assert_eq!(world.held(), 0);
    assert_eq!(rest, (200 - 17) * ROWS, "the first has 17 of 200 fragments");
}
