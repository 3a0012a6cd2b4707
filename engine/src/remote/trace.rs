//! A statement on a node as a span of the caller's trace: a client's span, from the first poll until the rows have
//! come or nobody wants them any more.

use intarsia_connectors::Error;
use tracing::{Span, field::Empty};

use super::RemoteExec;

/// The span of one statement on a node; it ends when this is dropped.
pub(super) struct Trace(Span);

/// A span for `scan` under the query's own. Its text is told at the level `debug` only: values in it may be private.
pub(super) fn statement(scan: &RemoteExec, query: &Span) -> Trace {
    let span = tracing::info_span!(
        parent: query,
        "remote statement",
        otel.kind = "client",
        otel.name = %format_args!("read {}", scan.node()),
        node = scan.node(),
        fragment = scan.label(),
        otel.status_code = Empty,
        error.kind = Empty,
    );
    tracing::debug!(parent: &span, sql = %scan.query().sql, "sent");
    Trace(span)
}

impl Trace {
    /// The node's error ends it.
    pub(super) fn failed(&self, error: &Error) {
        self.0.record("otel.status_code", "ERROR");
        self.0.record("error.kind", tracing::field::debug(error.kind()));
    }
}
