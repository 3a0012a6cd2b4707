//! Follows queries for operators: a line in the log, figures, and a span of the caller's trace.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use intarsia_engine::{Part, Query, Scan, Scans};
use serde_json::json;
use tonic::Code;
use tracing::{Span, field::Empty};

use super::{
    Begun, Finished, LogSql, Metrics, Observer, Watch, metrics, split::Split, trace_context,
};

/// The target of the events and spans of queries, for filters.
const TARGET: &str = "intarsia::query";

/// Writes one event for each query (target `intarsia::query`, level INFO), counts, and opens a span.
#[derive(Debug)]
pub struct Monitor {
    metrics: Arc<Metrics>,
    sql: LogSql,
}

impl Monitor {
    /// Counts into `metrics`; `sql` says how much of a statement is told.
    pub fn new(metrics: Arc<Metrics>, sql: LogSql) -> Monitor {
        Monitor { metrics, sql }
    }
}

impl Observer for Monitor {
    fn query(&self, begun: &Begun<'_>) -> Box<dyn Watch> {
        self.metrics.begun();
        let sql = self.sql.of(begun.sql);
        Box::new(Followed {
            metrics: Arc::clone(&self.metrics),
            span: span(begun, sql.as_deref()),
            id: begun.id.to_owned(),
            user: begun.user.map(str::to_owned),
            session: begun.session.map(str::to_owned),
            sql,
            begun: Instant::now(),
            plan: None,
            first: None,
            scans: None,
            ended: false,
        })
    }

    fn session_opened(&self) {
        self.metrics.session(1);
    }

    fn session_closed(&self) {
        self.metrics.session(-1);
    }
}

/// The query's span, part of the caller's trace if its metadata names one.
fn span(begun: &Begun<'_>, sql: Option<&str>) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "query",
        otel.kind = "server",
        query.id = begun.id,
        user.name = begun.user,
        db.query.text = sql,
        rows = Empty,
        otel.status_code = Empty,
        rpc.grpc.status_code = Empty,
    );
    trace_context::continue_in(&span, begun.metadata);
    span
}

/// One query.
struct Followed {
    metrics: Arc<Metrics>,
    span: Span,
    id: String,
    user: Option<String>,
    session: Option<String>,
    sql: Option<String>,
    begun: Instant,
    plan: Option<Duration>,
    first: Option<Duration>,
    scans: Option<Scans>,
    ended: bool,
}

impl Watch for Followed {
    fn span(&self) -> Span {
        self.span.clone()
    }

    fn planned(&mut self, query: &Query) {
        self.plan = Some(self.begun.elapsed());
        self.scans = Some(query.scans());
    }

    fn part(&mut self, part: &Part) {
        self.plan.get_or_insert(Duration::ZERO);
        self.scans = Some(part.scans());
    }

    fn first_batch(&mut self) {
        self.first = Some(self.begun.elapsed());
    }

    fn finished(mut self: Box<Self>, finished: &Finished) {
        self.ended = true;
        let scans = self.scans.as_ref().map(Scans::read).unwrap_or_default();
        let plan = self.plan.unwrap_or_else(|| self.begun.elapsed());
        let split = Split::of(plan, finished, &scans);
        self.metrics.finished(finished, &split, &scans);
        self.tell(metrics::name(finished.code), finished, &split, &scans);
        self.span.record("rows", finished.rows);
        self.span.record("rpc.grpc.status_code", i32::from(finished.code));
        if finished.code != Code::Ok {
            self.span.record("otel.status_code", "ERROR");
        }
    }
}

impl Followed {
    fn tell(&self, status: &str, finished: &Finished, split: &Split, scans: &[Scan]) {
        tracing::info!(
            target: TARGET,
            parent: &self.span,
            id = self.id,
            user = self.user,
            session = self.session,
            sql = self.sql,
            status,
            rows = finished.rows,
            bytes = finished.bytes,
            total_ms = ms(self.begun.elapsed()),
            plan_ms = ms(split.plan),
            wait_ms = ms(split.wait),
            local_ms = ms(split.local),
            send_ms = ms(split.send),
            first_ms = self.first.map(ms),
            nodes = nodes(scans),
            "query"
        );
    }
}

impl Drop for Followed {
    /// Planned, and nobody has asked for the rows.
    fn drop(&mut self) {
        if !self.ended {
            self.metrics.unfetched();
            tracing::debug!(target: TARGET, parent: &self.span, id = self.id, "never fetched");
        }
    }
}

/// What was read of each node, as JSON.
fn nodes(scans: &[Scan]) -> String {
    let node = |scan: &Scan| {
        json!({
            "node": scan.node,
            "fragment": scan.fragment,
            "rows": scan.rows,
            "bytes": scan.bytes,
            "wait_ms": ms(scan.wait),
        })
    };
    serde_json::Value::from_iter(scans.iter().map(node)).to_string()
}

/// Milliseconds, to the microsecond.
fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
