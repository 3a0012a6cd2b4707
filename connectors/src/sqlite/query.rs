//! The reads of a query: statements stepped on blocking threads, their rows handed over in batches.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use intarsia_catalog::Node;
use tokio::{runtime::Handle, sync::Mutex, task};

use super::{
    connect::refused,
    decode::Decoder,
    lease::{Files, Lease, Seat},
    raw::{Failure, Progress, Statement},
};
use crate::{
    Batches, Consistency, Error, ErrorKind, Query, Reading, Reads, Result,
    columns::Columns,
    pool::Pool,
    spool::{self, About, Sender},
};

/// The reads of one query on one file. With `repeats` they are all made in one transaction of one connection;
/// else each has its own connection, as far as the cap allows.
#[derive(Debug)]
pub(super) struct SqliteReading {
    pool: Arc<Pool<Files>>,
    reads: Reads,
    opened: AtomicUsize,
    transactions: AtomicUsize,
    leases: Mutex<Leases>,
}

/// The connections of one query.
#[derive(Debug, Default)]
struct Leases {
    /// The one in a transaction, until the last stream has been opened.
    shared: Option<Arc<Lease>>,
    /// Those that streams use.
    used: Vec<Weak<Lease>>,
}

impl SqliteReading {
    pub(super) fn new(pool: &Arc<Pool<Files>>, reads: Reads) -> SqliteReading {
        SqliteReading {
            pool: Arc::clone(pool),
            reads,
            opened: AtomicUsize::new(0),
            transactions: AtomicUsize::new(0),
            leases: Mutex::default(),
        }
    }

    async fn seat(&self) -> Result<Seat> {
        let mut leases = self.leases.lock().await;
        let lease = if self.reads.repeats {
            self.shared(&mut leases).await?
        } else {
            self.separate(&mut leases).await?
        };
        let opened = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        if opened >= self.reads.streams {
            leases.shared = None;
        }
        lease.seat().ok_or_else(|| {
            let message = "the connection broke under another read of the same query";
            Error::new(ErrorKind::Unavailable, &self.pool.node().name, message)
        })
    }

    async fn shared(&self, leases: &mut Leases) -> Result<Arc<Lease>> {
        if let Some(lease) = &leases.shared {
            return Ok(Arc::clone(lease));
        }
        let lease = Lease::take(&self.pool).await?;
        lease.begin().await?;
        self.transactions.fetch_add(1, Ordering::Relaxed);
        leases.shared = Some(Arc::clone(&lease));
        Ok(lease)
    }

    /// A connection of its own; at the cap the one with the fewest streams that the query has; else the next
    /// that another query gives back.
    async fn separate(&self, leases: &mut Leases) -> Result<Arc<Lease>> {
        leases.used.retain(|lease| lease.strong_count() > 0);
        if let Some(lease) = Lease::take_now(&self.pool).await? {
            leases.used.push(Arc::downgrade(&lease));
            return Ok(lease);
        }
        let used = leases.used.iter().filter_map(Weak::upgrade);
        if let Some(lease) = used.min_by_key(|lease| lease.streams()) {
            return Ok(lease);
        }
        let lease = Lease::take(&self.pool).await?;
        leases.used.push(Arc::downgrade(&lease));
        Ok(lease)
    }
}

#[async_trait]
impl Reading for SqliteReading {
    async fn open(&self, query: Query) -> Result<Batches> {
        let seat = self.seat().await?;
        let node = Arc::clone(self.pool.node());
        let about = About { node: node.name.clone(), schema: query.schema() };
        let demands = vec![self.pool.demand().clone()];
        let read = |sender| read(node, query, sender, seat);
        spool::open(self.pool.tasks(), about, demands, read).await
    }

    async fn prepare(&self) -> Result<()> {
        if self.reads.repeats {
            self.shared(&mut *self.leases.lock().await).await?;
        }
        Ok(())
    }

    fn consistency(&self) -> Consistency {
        let opened = self.opened.load(Ordering::Relaxed);
        match (opened, self.transactions.load(Ordering::Relaxed)) {
            (0 | 1, _) => Consistency::Single,
            (_, 1) => Consistency::Snapshot,
            _ => Consistency::Separate,
        }
    }
}

/// Reads one answer into `sender`; stops when nobody wants it any more.
async fn read(node: Arc<Node>, query: Query, sender: Arc<Sender>, seat: Seat) -> Result<()> {
    let stopper = Stopper::new(&seat);
    let reader =
        Reader { node, query, sender: Arc::clone(&sender), stop: Arc::clone(&stopper.stop) };
    let name = reader.node.name.clone();
    let mut reading = task::spawn_blocking(move || reader.run(&seat));
    let read = tokio::select! {
        read = &mut reading => read,
        () = sender.closed() => {
            drop(stopper);
            reading.await
        }
    };
    let crashed = |error| Error::new(ErrorKind::Internal, name, format!("reading: {error}"));
    read.map_err(crashed)?
}

/// Stops the statement of a stream when it is dropped.
struct Stopper {
    stop: Arc<AtomicBool>,
    lease: Weak<Lease>,
    seat: usize,
}

impl Stopper {
    fn new(seat: &Seat) -> Stopper {
        Stopper { stop: Arc::default(), lease: Arc::downgrade(seat.lease()), seat: seat.number() }
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(lease) = self.lease.upgrade() {
            lease.interrupt(self.seat);
        }
    }
}

/// Reads one statement to its end, on a thread that may block.
struct Reader {
    node: Arc<Node>,
    query: Query,
    sender: Arc<Sender>,
    stop: Arc<AtomicBool>,
}

/// Why a statement did not come to its end.
enum Broken {
    /// By what SQLite said.
    Failure(Failure),
    /// By a value that does not fit.
    Error(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Broken {
        Broken::Error(error)
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Broken {
        Broken::Failure(failure)
    }
}

impl Reader {
    fn run(&self, seat: &Seat) -> Result<()> {
        self.read(seat).map_err(|broken| match broken {
            Broken::Error(error) => error,
            Broken::Failure(failure) => {
                let error = refused(&self.node, &failure);
                if error.kind() == ErrorKind::Unavailable {
                    seat.give_up();
                }
                error
            }
        })
    }

    fn read(&self, seat: &Seat) -> Result<(), Broken> {
        let runtime = Handle::current();
        let mut statement =
            Statement::prepare(seat.lease().connection(), &self.query.sql, &self.stop)?;
        self.compare(&statement)?;
        self.sender.started();
        let mut columns = Columns::new(&self.query, &self.node.name);
        let decoder = Decoder::new(&self.query, &self.node.name);
        loop {
            let progress = self.fill(&mut statement, &decoder, &mut columns)?;
            if let Some(batch) = columns.take()? {
                runtime.block_on(self.sender.send(batch))?;
            }
            if progress == Progress::Done {
                return Ok(());
            }
        }
    }

    /// Reads rows until a batch is full.
    fn fill(
        &self,
        statement: &mut Statement,
        decoder: &Decoder,
        columns: &mut Columns,
    ) -> Result<Progress, Broken> {
        let mut read = 0;
        let progress = statement.rows(&self.stop, |row| -> Result<_, Broken> {
            let bytes = decoder.row(row, columns)?;
            read += bytes;
            let full = columns.end_row(bytes);
            Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        self.sender.received(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(progress)
    }

    fn compare(&self, statement: &Statement) -> Result<()> {
        let (promised, answered) = (self.query.columns.len(), statement.columns());
        if promised == answered {
            return Ok(());
        }
        let message = format!(
            "relation `{}`: the statement answers {answered} columns, {promised} are promised",
            self.query.relation
        );
        Err(Error::new(ErrorKind::Mismatch, &self.node.name, message))
    }
}
