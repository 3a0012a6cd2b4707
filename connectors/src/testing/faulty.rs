//! Connectors one of whose calls goes wrong: the k-th, counted over all nodes of a query.
//!
//! With k = 1, 2, … until a run passes untouched, every call that a query makes has failed once. Failing and
//! stalling are all that a caller can see of a fault here: that a stream has ended is itself the connector's word
//! that it is whole, so a stream that ends early is not a fault to inject above the drivers but one for them to
//! notice, on the wire.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use arrow_array::RecordBatch;
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use intarsia_catalog::{Node, Place};
use tokio::sync::watch;

use crate::{
    Batches, Connector, Consistency, Error, ErrorKind, Query, Reading, Reads, Relation, Result,
    Server,
};

/// The most rows of a batch, so that a few rows already make a stream with a middle.
const ROWS: usize = 16;

/// What a node is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// [`Connector::server`].
    Server,
    /// [`Connector::describe`].
    Describe,
    /// [`Reading::prepare`].
    Prepare,
    /// [`Reading::open`].
    Open,
    /// The next batch of a stream, or its end.
    Next,
}

/// What happens instead of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An error of this kind.
    Fail(ErrorKind),
    /// The node cannot be reached, and not in any later call either.
    Gone,
    /// Nothing, for as long as somebody waits.
    Stall,
}

/// Where the fault struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// The node.
    pub node: String,
    /// The call that was not made.
    pub call: Call,
    /// The rows that the stream had handed up before.
    pub rows: usize,
}

/// One fault in all the calls to the nodes of a query.
#[derive(Debug)]
pub struct Faults {
    at: usize,
    fault: Fault,
    calls: AtomicUsize,
    streams: AtomicUsize,
    strike: watch::Sender<Option<Strike>>,
}

impl Faults {
    /// The fault strikes call number `at`, from 1.
    pub fn at(at: usize, fault: Fault) -> Arc<Faults> {
        let strike = watch::Sender::new(None);
        Arc::new(Faults { at, fault, calls: 0.into(), streams: 0.into(), strike })
    }

    /// A connector whose calls are counted, and which the fault may strike.
    pub fn over(self: &Arc<Faults>, inner: Arc<dyn Connector>) -> Arc<dyn Connector> {
        Arc::new(Faulty { inner, faults: Arc::clone(self) })
    }

    /// Where it has struck, if it has.
    pub fn strike(&self) -> Option<Strike> {
        self.strike.borrow().clone()
    }

    /// Waits until it has struck.
    pub async fn struck(&self) {
        // The sender is `self`: it cannot be gone.
        drop(self.strike.subscribe().wait_for(Option::is_some).await);
    }

    /// How many streams are open now.
    pub fn streams(&self) -> usize {
        self.streams.load(Ordering::Acquire)
    }

    /// Comes before a call, and may be all there is of it.
    async fn before(&self, node: &str, call: Call, rows: usize) -> Result<()> {
        let number = self.calls.fetch_add(1, Ordering::AcqRel) + 1;
        let now = number == self.at;
        if now {
            self.strike.send_replace(Some(Strike { node: node.to_owned(), call, rows }));
        }
        match self.fault {
            Fault::Fail(kind) if now => Err(Error::new(kind, node, "a fault of the test")),
            Fault::Stall if now => std::future::pending().await,
            Fault::Gone if self.strike.borrow().as_ref().is_some_and(|s| s.node == node) => {
                Err(Error::new(ErrorKind::Unavailable, node, "gone, for the test"))
            }
            Fault::Fail(_) | Fault::Stall | Fault::Gone => Ok(()),
        }
    }
}

#[derive(Debug)]
struct Faulty {
    inner: Arc<dyn Connector>,
    faults: Arc<Faults>,
}

impl Faulty {
    async fn before(&self, call: Call) -> Result<()> {
        self.faults.before(&self.node().name, call, 0).await
    }
}

#[async_trait]
impl Connector for Faulty {
    fn node(&self) -> &Arc<Node> {
        self.inner.node()
    }

    async fn server(&self) -> Result<Server> {
        self.before(Call::Server).await?;
        self.inner.server().await
    }

    async fn describe(&self, place: &Place) -> Result<Relation> {
        self.before(Call::Describe).await?;
        self.inner.describe(place).await
    }

    async fn relations(&self) -> Result<Vec<Relation>> {
        self.inner.relations().await
    }

    fn reading(&self, reads: Reads) -> Arc<dyn Reading> {
        Arc::new(FaultyReading {
            inner: self.inner.reading(reads),
            node: self.node().name.clone(),
            faults: Arc::clone(&self.faults),
        })
    }

    async fn run(&self, statements: &[String]) -> Result<()> {
        self.inner.run(statements).await
    }

    async fn settle(&self) {
        self.inner.settle().await;
    }
}

#[derive(Debug)]
struct FaultyReading {
    inner: Arc<dyn Reading>,
    node: String,
    faults: Arc<Faults>,
}

#[async_trait]
impl Reading for FaultyReading {
    async fn open(&self, query: Query) -> Result<Batches> {
        self.faults.before(&self.node, Call::Open, 0).await?;
        let batches = self.inner.open(query).await?;
        let (schema, bytes) = (batches.schema(), Arc::new(AtomicU64::new(0)));
        let rows = FaultyRows {
            batches,
            ready: None,
            rows: 0,
            bytes: Arc::clone(&bytes),
            node: self.node.clone(),
            open: OpenStream::new(&self.faults),
        };
        let rows = stream::try_unfold(rows, FaultyRows::next);
        Ok(Batches::new(schema, bytes, rows.boxed()))
    }

    async fn prepare(&self) -> Result<()> {
        self.faults.before(&self.node, Call::Prepare, 0).await?;
        self.inner.prepare().await
    }

    fn consistency(&self) -> Consistency {
        self.inner.consistency()
    }
}

/// A stream of batches of at most [`ROWS`] rows.
struct FaultyRows {
    batches: Batches,
    /// What is left of a batch.
    ready: Option<RecordBatch>,
    /// Handed up so far.
    rows: usize,
    bytes: Arc<AtomicU64>,
    node: String,
    open: OpenStream,
}

impl FaultyRows {
    async fn next(mut self) -> Result<Option<(RecordBatch, FaultyRows)>> {
        self.open.0.before(&self.node, Call::Next, self.rows).await?;
        let batch = match self.ready.take() {
            Some(batch) => batch,
            None => match self.batches.try_next().await? {
                Some(batch) => batch,
                None => return Ok(None),
            },
        };
        self.bytes.store(self.batches.bytes(), Ordering::Relaxed);
        let rows = batch.num_rows().min(ROWS);
        let left = batch.slice(rows, batch.num_rows() - rows);
        self.ready = (left.num_rows() > 0).then_some(left);
        self.rows += rows;
        Ok(Some((batch.slice(0, rows), self)))
    }
}

/// Counts a stream until it is dropped.
struct OpenStream(Arc<Faults>);

impl OpenStream {
    fn new(faults: &Arc<Faults>) -> OpenStream {
        faults.streams.fetch_add(1, Ordering::AcqRel);
        OpenStream(Arc::clone(faults))
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::AcqRel);
    }
}
