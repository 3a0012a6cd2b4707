//! The batches between the task that reads them from the wire and the consumer.
//!
//! At most [`DEPTH`] batches wait here: the task then stops reading, and the server waits in turn. Only when
//! somebody [presses](Demand) for the connection does the task go on: up to [`MEMORY`] bytes stay in memory,
//! what comes after them goes to a temporary file in Arrow's IPC form, which is gone when it has been read or the
//! stream is dropped.

mod spill;

use std::{
    collections::VecDeque,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::{StreamExt, future::select_all, stream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    Batches, Error, ErrorKind, Result,
    pool::{Demand, Tasks},
};

use spill::Spill;

/// Batches that wait for their consumer while nobody presses.
const DEPTH: usize = 2;

/// Bytes of one stream that wait in memory while somebody presses.
const MEMORY: usize = 16 << 20;

/// Starts a task that reads an answer, and returns its batches once the task has [started](Sender::started) to
/// get them; its error if it ends before that.
///
/// `read` gets the sending end, and should stop soon when that is [closed](Sender::closed): the consumer is gone.
/// It goes on reading ahead of the consumer while one of `demands` presses.
pub(crate) async fn open<F>(
    tasks: &Tasks,
    about: About,
    demands: Vec<Demand>,
    read: impl FnOnce(Arc<Sender>) -> F,
) -> Result<Batches>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let About { node, schema } = about;
    let shared = Arc::new(Shared::default());
    let bytes = Arc::new(AtomicU64::new(0));
    let sender = Arc::new(Sender {
        node: node.clone(),
        shared: Arc::clone(&shared),
        bytes: Arc::clone(&bytes),
        demands,
    });
    let receiver = Receiver { node, shared };
    let end = Ending(Arc::clone(&sender));
    let reading = read(sender);
    tasks.spawn(async move { end.with(reading.await) });
    receiver.started().await?;
    let rows = stream::unfold(receiver, async |mut receiver| {
        let item = receiver.next().await?;
        Some((item, receiver))
    });
    Ok(Batches::new(schema, bytes, rows.boxed()))
}

/// Whose answer it is, and its schema.
#[derive(Debug)]
pub(crate) struct About {
    /// The node's name.
    pub(crate) node: String,
    /// The schema of every batch.
    pub(crate) schema: SchemaRef,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Something came, or the end.
    filled: Notify,
    /// Room was made.
    freed: Notify,
    /// The consumer is gone.
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    /// What waits in memory; older than what is spilled.
    memory: VecDeque<RecordBatch>,
    bytes: usize,
    spill: Option<Arc<Spill>>,
    started: bool,
    end: Option<Result<()>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sending end.
#[derive(Debug)]
pub(crate) struct Sender {
    node: String,
    shared: Arc<Shared>,
    bytes: Arc<AtomicU64>,
    demands: Vec<Demand>,
}

/// What to do with a batch.
enum Offer {
    Taken,
    Full(RecordBatch),
    Spill(RecordBatch, Arc<Spill>),
}

impl Sender {
    /// The node has accepted the statement: its rows will come.
    pub(crate) fn started(&self) {
        self.shared.lock().started = true;
        self.shared.filled.notify_one();
    }

    /// Counts bytes from the wire.
    pub(crate) fn received(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Hands a batch over; waits while the consumer is behind and nobody presses for the connection.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] if the consumer is gone; [`ErrorKind::Exhausted`] if there is no room on disk.
    pub(crate) async fn send(&self, batch: RecordBatch) -> Result<()> {
        let mut offered = batch;
        loop {
            match self.offer(offered)? {
                Offer::Taken => return Ok(()),
                Offer::Spill(batch, spill) => return self.write(batch, spill).await,
                Offer::Full(batch) => offered = batch,
            }
            tokio::select! {
                () = self.shared.freed.notified() => {}
                () = pressing(&self.demands) => {}
                () = self.closed() => return Err(self.cancelled()),
            }
        }
    }

    /// Completes once the consumer is gone.
    pub(crate) async fn closed(&self) {
        self.shared.closed.cancelled().await;
    }

    /// The error of a reader that stops because its consumer is gone; nobody sees it.
    pub(crate) fn cancelled(&self) -> Error {
        Error::new(ErrorKind::Cancelled, &self.node, "nobody reads the answer any more")
    }

    fn offer(&self, batch: RecordBatch) -> Result<Offer> {
        let mut state = self.shared.lock();
        if state.spill.as_ref().is_some_and(|spill| spill.is_read()) {
            state.spill = None;
        }
        let pressed = self.demands.iter().any(Demand::is_pressing);
        let size = batch.get_array_memory_size();
        let waiting = state.spill.is_some();
        let room = state.memory.len() < DEPTH || pressed && state.bytes + size <= MEMORY;
        if !waiting && room {
            state.bytes += size;
            state.memory.push_back(batch);
            self.shared.filled.notify_one();
            return Ok(Offer::Taken);
        }
        if !pressed {
            return Ok(Offer::Full(batch));
        }
        let spill = match &state.spill {
            Some(spill) => Arc::clone(spill),
            None => {
                let spill = Spill::create(&batch.schema()).map_err(|e| self.spill_error(&e))?;
                Arc::clone(state.spill.insert(Arc::new(spill)))
            }
        };
        Ok(Offer::Spill(batch, spill))
    }

    async fn write(&self, batch: RecordBatch, spill: Arc<Spill>) -> Result<()> {
        let writing = tokio::task::spawn_blocking(move || spill.write(&batch));
        match writing.await {
            Ok(Ok(())) => {
                self.shared.filled.notify_one();
                Ok(())
            }
            Ok(Err(e)) => Err(self.spill_error(&e)),
            Err(e) => Err(Error::new(ErrorKind::Internal, &self.node, e.to_string())),
        }
    }

    fn spill_error(&self, error: &spill::Failed) -> Error {
        spill_error(&self.node, error)
    }
}

fn spill_error(node: &str, error: &spill::Failed) -> Error {
    let dir = std::env::temp_dir();
    let message = format!("cannot keep rows in a temporary file in {}: {error}", dir.display());
    Error::new(ErrorKind::Exhausted, node, message)
}

/// Completes once one of them presses.
async fn pressing(demands: &[Demand]) {
    if demands.is_empty() {
        return std::future::pending().await;
    }
    select_all(demands.iter().map(|demand| Box::pin(demand.pressing()))).await;
}

/// Tells the consumer how it ended, also if the task was stopped or panicked.
struct Ending(Arc<Sender>);

impl Ending {
    fn with(self, end: Result<()>) {
        self.0.shared.lock().end.get_or_insert(end);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let Sender { node, shared, .. } = &*self.0;
        let broken = || Err(Error::new(ErrorKind::Internal, node, "the reading task ended early"));
        shared.lock().end.get_or_insert_with(broken);
        shared.filled.notify_one();
    }
}

/// The receiving end.
#[derive(Debug)]
struct Receiver {
    node: String,
    shared: Arc<Shared>,
}

/// What there is for the consumer.
enum Next {
    Batch(RecordBatch),
    Spilled(Arc<Spill>),
    End(Result<()>),
    Nothing,
}

impl Receiver {
    async fn started(&self) -> Result<()> {
        loop {
            {
                let state = self.shared.lock();
                if state.started || !state.memory.is_empty() {
                    return Ok(());
                }
                if let Some(end) = &state.end {
                    return end.clone();
                }
            }
            self.shared.filled.notified().await;
        }
    }

    async fn next(&mut self) -> Option<Result<RecordBatch>> {
        loop {
            match self.take() {
                Next::Batch(batch) => return Some(Ok(batch)),
                Next::Spilled(spill) => return Some(self.read(spill).await),
                Next::End(Ok(())) => return None,
                Next::End(Err(error)) => return Some(Err(error)),
                Next::Nothing => self.shared.filled.notified().await,
            }
        }
    }

    fn take(&self) -> Next {
        let mut state = self.shared.lock();
        if let Some(batch) = state.memory.pop_front() {
            state.bytes -= batch.get_array_memory_size();
            self.shared.freed.notify_one();
            return Next::Batch(batch);
        }
        if let Some(spill) = &state.spill
            && !spill.is_read()
        {
            return Next::Spilled(Arc::clone(spill));
        }
        match &mut state.end {
            // An error is told once; after it the stream is over.
            Some(end) => Next::End(std::mem::replace(end, Ok(()))),
            None => Next::Nothing,
        }
    }

    async fn read(&self, spill: Arc<Spill>) -> Result<RecordBatch> {
        let read = tokio::task::spawn_blocking(move || spill.read()).await;
        self.shared.freed.notify_one();
        match read {
            Ok(batch) => batch.map_err(|e| spill_error(&self.node, &e)),
            Err(e) => Err(Error::new(ErrorKind::Internal, &self.node, e.to_string())),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.lock().memory.clear();
        self.shared.closed.cancel();
    }
}

#[cfg(test)]
mod tests;
