//! What the server tells of its queries and sessions, for logs, metrics and traces.

mod export;
mod lines;
mod metrics;
mod monitor;
mod shape;
mod split;
mod trace_context;

use std::time::Duration;

use intarsia_engine::{Part, Query};
use tonic::{Code, metadata::MetadataMap};
use tracing::Span;

pub use export::Export;
pub use lines::JsonLines;
pub use metrics::Metrics;
pub use monitor::Monitor;
pub use shape::LogSql;

pub(crate) use metrics::CONTENT_TYPE;

/// Is told of every query and session. Its methods are on the path of queries: they must be quick.
pub trait Observer: std::fmt::Debug + Send + Sync + 'static {
    /// A statement has come in. What is returned follows it, and is dropped unfinished if its rows are never asked for.
    fn query(&self, begun: &Begun<'_>) -> Box<dyn Watch> {
        let _ = begun;
        Box::new(Nothing)
    }

    /// A session was opened.
    fn session_opened(&self) {}

    /// A session was closed or has expired.
    fn session_closed(&self) {}
}

/// Follows one query.
pub trait Watch: Send + 'static {
    /// The span that it is planned and run in.
    fn span(&self) -> Span {
        Span::none()
    }

    /// It is planned.
    fn planned(&mut self, query: &Query) {
        let _ = query;
    }

    /// One part of its answer is read, and this follows that part alone: the first that is read of those of a plan, or a
    /// further one, which was planned with the first.
    fn part(&mut self, part: &Part) {
        let _ = part;
    }

    /// Its first batch is on its way.
    fn first_batch(&mut self) {}

    /// It is over.
    fn finished(self: Box<Self>, finished: &Finished);
}

/// A statement that has come in.
#[derive(Debug)]
pub struct Begun<'a> {
    /// The query's id, also in the details of its errors.
    pub id: &'a str,
    /// The user, unless anonymous.
    pub user: Option<&'a str>,
    /// What the session is called, if there is one: not its cookie, which nobody else may know.
    pub session: Option<&'a str>,
    /// The text, as it was sent.
    pub sql: &'a str,
    /// The call's metadata, for a trace context.
    pub metadata: &'a MetadataMap,
}

/// How a query ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// OK only if its last row was sent.
    pub code: Code,
    /// Rows sent.
    pub rows: u64,
    /// Bytes sent, before any compression by gRPC.
    pub bytes: u64,
    /// How long it ran, sending included.
    pub ran: Duration,
    /// How long it waited for the client to take what was ready.
    pub sending: Duration,
}

impl Finished {
    /// One that could not even be planned.
    pub fn unplanned(code: Code) -> Finished {
        Finished { code, rows: 0, bytes: 0, ran: Duration::ZERO, sending: Duration::ZERO }
    }
}

/// Sees and says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Observer for Nothing {}

impl Watch for Nothing {
    fn finished(self: Box<Self>, _: &Finished) {}
}
