//! Figures for Prometheus, in the text format of OpenMetrics.

use std::{
    fmt,
    sync::{Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use intarsia_engine::{Engine, Scan};
use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Registry, Unit},
};
use tonic::Code;

use super::{Finished, split::Split};

/// The content type of [`Metrics::text`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Label<const N: usize = 1> = [(&'static str, String); N];
type Count<L> = Family<L, Counter>;
type Seconds = Counter<f64, AtomicU64>;
type Phases = Family<Label, Histogram, fn() -> Histogram>;

/// What is counted. Its labels are statuses, phases and the catalog's nodes: their number is bounded.
pub struct Metrics {
    registry: Mutex<Registry>,
    engine: Engine,
    queries: Count<Label>,
    running: Gauge,
    phases: Phases,
    rows: Counter,
    bytes: Counter,
    sessions: Gauge,
    calls: Gauge,
    nodes: Nodes,
}

/// By node.
#[derive(Default)]
struct Nodes {
    statements: Count<Label>,
    rows: Count<Label>,
    bytes: Count<Label>,
    wait: Family<Label, Seconds>,
    connections: Family<Label<2>, Gauge>,
    limit: Family<Label, Gauge>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// From half a millisecond to half an hour, by fours.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 4.0, 12))
}

impl Metrics {
    /// All at zero.
    pub fn new(engine: Engine) -> Metrics {
        let metrics = Metrics {
            registry: Mutex::new(Registry::with_prefix("intarsia")),
            engine,
            queries: Family::default(),
            running: Gauge::default(),
            phases: Family::new_with_constructor(times),
            rows: Counter::default(),
            bytes: Counter::default(),
            sessions: Gauge::default(),
            calls: Gauge::default(),
            nodes: Nodes::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "The server", Info::new(version));
        registry.register("queries", "Queries that have ended, by status", self.queries.clone());
        registry.register("queries_running", "Queries under way", self.running.clone());
        let help = "Time of a query: to plan, to wait for the slowest read of a node, to work here, to send";
        registry.register_with_unit("query_phase", help, Unit::Seconds, self.phases.clone());
        registry.register("rows_sent", "Rows sent to clients", self.rows.clone());
        registry.register_with_unit(
            "sent",
            "Bytes sent to clients",
            Unit::Bytes,
            self.bytes.clone(),
        );
        registry.register("sessions", "Sessions of clients", self.sessions.clone());
        registry.register("calls", "Calls that are running, streams too", self.calls.clone());
        self.nodes.register(&mut registry);
    }

    pub(super) fn begun(&self) {
        self.running.inc();
    }

    /// A query was planned, and its rows were never asked for.
    pub(super) fn unfetched(&self) {
        self.running.dec();
        self.queries.get_or_create(&[("status", "UNFETCHED".to_owned())]).inc();
    }

    pub(super) fn finished(&self, finished: &Finished, split: &Split, scans: &[Scan]) {
        self.running.dec();
        self.queries.get_or_create(&[("status", name(finished.code).to_owned())]).inc();
        self.rows.inc_by(finished.rows);
        self.bytes.inc_by(finished.bytes);
        for (phase, time) in split.phases() {
            let time = time.as_secs_f64();
            self.phases.get_or_create(&[("phase", phase.to_owned())]).observe(time);
        }
        scans.iter().for_each(|scan| self.nodes.add(scan));
    }

    pub(super) fn session(&self, change: i64) {
        self.sessions.inc_by(change);
    }

    /// All figures now; `calls` are those that run.
    pub(crate) fn text(&self, calls: usize) -> Result<String, fmt::Error> {
        self.calls.set(i64::try_from(calls).unwrap_or(i64::MAX));
        self.nodes.look(&self.engine);
        let mut text = String::new();
        encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(text)
    }
}

impl Nodes {
    fn register(&self, registry: &mut Registry) {
        registry.register("node_statements", "Statements sent, by node", self.statements.clone());
        registry.register("node_rows", "Rows that came, by node", self.rows.clone());
        let help = "Bytes that came, by node";
        registry.register_with_unit("node_received", help, Unit::Bytes, self.bytes.clone());
        let help = "Time that reads have waited, by node";
        registry.register_with_unit("node_wait", help, Unit::Seconds, self.wait.clone());
        let help = "Connections to a node, and reads that wait for one";
        registry.register("node_connections", help, self.connections.clone());
        let help = "Connections that there may be, by node";
        registry.register("node_connections_limit", help, self.limit.clone());
    }

    fn add(&self, scan: &Scan) {
        let node = [("node", scan.node.clone())];
        self.statements.get_or_create(&node).inc();
        self.rows.get_or_create(&node).inc_by(scan.rows);
        self.bytes.get_or_create(&node).inc_by(scan.bytes);
        self.wait.get_or_create(&node).inc_by(scan.wait.as_secs_f64());
    }

    /// How connections are used right now.
    fn look(&self, engine: &Engine) {
        for connector in engine.connectors() {
            let (node, used) = (&connector.node().name, connector.connections());
            let states = [("busy", used.busy), ("idle", used.idle), ("waiting", used.waiting)];
            for (state, number) in states {
                let labels = [("node", node.clone()), ("state", state.to_owned())];
                self.connections.get_or_create(&labels).set(number_of(number));
            }
            self.limit.get_or_create(&[("node", node.clone())]).set(number_of(used.limit));
        }
    }
}

fn number_of(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A status as gRPC's documents spell it.
pub(super) fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

impl Split {
    /// Each part of a query's time, by the name that the figures have.
    fn phases(&self) -> [(&'static str, Duration); 4] {
        [("plan", self.plan), ("wait", self.wait), ("local", self.local), ("send", self.send)]
    }
}
