//! The reads of one query: streams of one snapshot, over one connection or several.
//!
//! The first read opens a transaction, the *lease*, and exports its snapshot. Reads that come while the lease is
//! busy join that snapshot on connections of their own as long as some are free; else they take the lease in turn.
//! So one connection is enough, and no read waits for another node's or query's while it holds one.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{FutureExt, StreamExt, poll};
use tokio::sync::watch;
use tokio_postgres::{CopyOutStream, types::Type as PgType};

use crate::{
    Batches, Consistency, Error, ErrorKind, Query, Reading, Reads, Result,
    pool::{Held, Pool, Turn, Turns},
    spool::{self, About, Sender},
};

use super::{
    connect::Manager,
    decode::Decoder,
    error::told,
    session::{self, Sight},
};

/// How long a statement may take to stop once it has been told to.
const STOPPING: Duration = Duration::from_secs(1);

/// How long a transaction may take to go back to its savepoint: the reads that wait for it fail otherwise.
const REWINDING: Duration = Duration::from_secs(30);

/// The reads of one query on one node.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pool: Arc<Pool<Manager>>,
    reads: Reads,
    lease: Turns<Lease>,
    /// The lease's snapshot, once others can join it.
    exported: watch::Sender<Option<String>>,
    opened: AtomicUsize,
    /// Of the opened ones, those that have no seat yet.
    unseated: AtomicUsize,
    leases: AtomicUsize,
}

/// The transaction that all reads share.
#[derive(Debug)]
enum Lease {
    /// There is none yet, or no more.
    Vacant,
    Open(Box<Open>),
    /// Its connection broke, and the snapshot with it.
    Lost,
}

/// An open transaction of one snapshot.
#[derive(Debug)]
struct Open {
    held: Option<Held<Manager>>,
    /// A statement of it was cancelled: a late request might still hit the next one.
    tainted: bool,
}

/// One read that has no seat yet, until dropped.
struct Unseated(Arc<Shared>);

impl Unseated {
    fn new(shared: &Arc<Shared>) -> Unseated {
        shared.unseated.fetch_add(1, Ordering::AcqRel);
        Unseated(Arc::clone(shared))
    }
}

impl Drop for Unseated {
    fn drop(&mut self) {
        self.0.unseated.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Where a read runs.
enum Seat {
    Lease(Turn<Lease>),
    /// On a connection of its own, which has joined the snapshot.
    Joined(Held<Manager>),
}

impl Snapshot {
    pub(super) fn new(pool: &Arc<Pool<Manager>>, reads: Reads) -> Snapshot {
        let shared = Shared {
            pool: Arc::clone(pool),
            reads,
            lease: Turns::new(Lease::Vacant),
            exported: watch::Sender::new(None),
            opened: AtomicUsize::new(0),
            unseated: AtomicUsize::new(0),
            leases: AtomicUsize::new(0),
        };
        Snapshot { shared: Arc::new(shared) }
    }
}

#[async_trait]
impl Reading for Snapshot {
    async fn open(&self, query: Query) -> Result<Batches> {
        let shared = Arc::clone(&self.shared);
        let unseated = Unseated::new(&self.shared);
        shared.opened.fetch_add(1, Ordering::AcqRel);
        let pool = Arc::clone(&shared.pool);
        let about = About { node: pool.node().name.clone(), schema: query.schema() };
        let demands = vec![pool.demand().clone(), shared.lease.demand().clone()];
        spool::open(pool.tasks(), about, demands, |sender| async move {
            shared.read(&query, &sender, unseated).await
        })
        .await
    }

    async fn prepare(&self) -> Result<()> {
        let mut turn = self.shared.lease.take().await;
        self.shared.fill(&mut turn).await
    }

    fn consistency(&self) -> Consistency {
        match self.shared.opened.load(Ordering::Acquire) {
            0 | 1 => Consistency::Single,
            _ if self.shared.leases.load(Ordering::Acquire) > 1 => Consistency::Separate,
            _ => Consistency::Snapshot,
        }
    }
}

impl Shared {
    /// One read, from its connection to the end of its rows.
    async fn read(&self, query: &Query, sender: &Sender, unseated: Unseated) -> Result<()> {
        let seat = tokio::select! {
            seat = self.seat() => seat?,
            () = sender.closed() => return Err(sender.cancelled()),
        };
        drop(unseated);
        match seat {
            Seat::Joined(held) => self.read_alone(held, query, sender).await,
            Seat::Lease(mut turn) if self.is_last() => {
                self.exported.send_replace(None);
                match take(&mut turn) {
                    Some((held, false)) => self.read_alone(held, query, sender).await,
                    Some((held, true)) => self.read_last(held, query, sender).await,
                    None => Err(self.lost()),
                }
            }
            Seat::Lease(mut turn) => self.read_shared(&mut turn, query, sender).await,
        }
    }

    /// The lease if it is free, else a connection of its own if there is one, else the lease in turn; with the
    /// transaction open.
    async fn seat(&self) -> Result<Seat> {
        let mut turn = match self.lease.try_take() {
            Some(turn) => turn,
            None => tokio::select! {
                biased;
                snapshot = self.snapshot() => match self.join(snapshot).await {
                    Some(held) => return Ok(Seat::Joined(held)),
                    None => self.lease.take().await,
                },
                turn = self.lease.take() => turn,
            },
        };
        self.fill(&mut turn).await?;
        Ok(Seat::Lease(turn))
    }

    /// The name of the lease's snapshot, once it has been exported.
    async fn snapshot(&self) -> String {
        let mut exported = self.exported.subscribe();
        loop {
            if let Some(name) = exported.borrow_and_update().clone() {
                return name;
            }
            if exported.changed().await.is_err() {
                std::future::pending::<()>().await; // cannot be: `self` keeps the sender alive
            }
        }
    }

    /// A connection of its own in the shared snapshot. Whatever keeps us from one (none is free, the server has
    /// enough clients, an idle one had died), the lease in turn will do.
    async fn join(&self, snapshot: String) -> Option<Held<Manager>> {
        let held = self.pool.try_take().await?.ok()?;
        held.begin(self.pool.node(), &Sight::Joined(snapshot)).await.ok()?;
        Some(held)
    }

    /// Opens the transaction that the reads share, if that is not done yet.
    async fn fill(&self, lease: &mut Lease) -> Result<()> {
        match lease {
            Lease::Open(_) => return Ok(()),
            Lease::Lost => return Err(self.lost()),
            Lease::Vacant => {}
        }
        let joinable = self.reads.streams > 1 && self.pool.node().connections > 1;
        let sight = if joinable { Sight::Exported } else { Sight::Now };
        let (held, snapshot) = session::begin(&self.pool, &sight).await?;
        self.leases.fetch_add(1, Ordering::AcqRel);
        self.exported.send_replace(snapshot);
        *lease = Lease::Open(Box::new(Open { held: Some(held), tainted: false }));
        Ok(())
    }

    /// Whether all reads that were announced have a seat, the caller's included.
    fn is_last(&self) -> bool {
        self.opened.load(Ordering::Acquire) >= self.reads.streams
            && self.unseated.load(Ordering::Acquire) == 0
    }

    fn lost(&self) -> Error {
        let message = "the connection that the query's reads share broke off";
        Error::new(ErrorKind::Unavailable, &self.pool.node().name, message)
    }

    /// The only or last read of a transaction. Its end is sent along with the statement, so that it costs no
    /// round trip.
    async fn read_alone(&self, held: Held<Manager>, query: &Query, sender: &Sender) -> Result<()> {
        let read = async {
            let started = self.start(&held, query).await?;
            let mut commit = pin!(held.client.batch_execute("COMMIT"));
            let sent = poll!(&mut commit);
            self.rows(started, sender).await?;
            let committed = match sent {
                std::task::Poll::Ready(committed) => committed,
                std::task::Poll::Pending => commit.await,
            };
            committed.map_err(|e| told(self.pool.node(), &e))
        };
        let done = tokio::select! {
            done = read => done,
            () = sender.closed() => Err(sender.cancelled()),
        };
        match &done {
            Ok(()) => held.keep(),
            // A statement that the server has refused is over; one that we leave is to be stopped.
            Err(error) if error.kind() == ErrorKind::Refused => drop(held),
            Err(_) => stop(&held).await,
        }
        done
    }

    /// The last read of a transaction in which a statement was cancelled: the connection is closed after it.
    async fn read_last(&self, held: Held<Manager>, query: &Query, sender: &Sender) -> Result<()> {
        let read = async {
            let started = self.start(&held, query).await?;
            self.rows(started, sender).await
        };
        let done = tokio::select! {
            done = read => done,
            () = sender.closed() => Err(sender.cancelled()),
        };
        if done.is_err() {
            stop(&held).await;
        }
        done
    }

    /// A read of the lease that others come after.
    async fn read_shared(&self, turn: &mut Lease, query: &Query, sender: &Sender) -> Result<()> {
        let Lease::Open(open) = turn else {
            return Err(self.lost());
        };
        let Open { held: Some(held), tainted } = open.as_mut() else {
            return Err(self.lost());
        };
        let read = async {
            let started = self.start(held, query).await?;
            self.rows(started, sender).await
        };
        let done = tokio::select! {
            done = read => done,
            () = sender.closed() => Err(sender.cancelled()),
        };
        if done.is_err() {
            *tainted = true;
            if self.rewind(held).await.is_err() {
                self.exported.send_replace(None);
                *turn = Lease::Lost;
            }
        }
        done
    }

    /// Stops what the lease runs and goes back to its savepoint: the transaction and its snapshot live on.
    async fn rewind(&self, held: &Held<Manager>) -> Result<()> {
        let rewound = async {
            held.cancel().await;
            // The request is heard by the statement it was for, or by this one, or by the next.
            for _ in 0..3 {
                if self.simple(held, "ROLLBACK TO reads").await.is_ok() {
                    return Ok(());
                }
            }
            Err(self.lost())
        };
        tokio::time::timeout(REWINDING, rewound).await.unwrap_or_else(|_| Err(self.lost()))
    }

    async fn simple(&self, held: &Held<Manager>, sql: &str) -> Result<()> {
        held.client.batch_execute(sql).await.map_err(|e| told(self.pool.node(), &e))
    }

    /// Has the statement read twice, in one go: for the types of its columns, and as a COPY. The COPY runs only
    /// when the types are known: where one is a user's, the driver asks for it, and is answered after what runs.
    async fn start(&self, held: &Held<Manager>, query: &Query) -> Result<(Decoder, CopyOutStream)> {
        let copy = format!("COPY ({}) TO STDOUT (FORMAT binary)", query.sql);
        let client = &held.client;
        let (described, copy) = tokio::join!(client.prepare(&query.sql), client.prepare(&copy));
        let failed = |e: tokio_postgres::Error| told(self.pool.node(), &e);
        let described = described.map_err(failed)?;
        let types: Vec<PgType> =
            described.columns().iter().map(|column| column.type_().clone()).collect();
        let decoder = Decoder::new(self.pool.node(), query, &types)?;
        let rows = client.copy_out(&copy.map_err(failed)?).await.map_err(failed)?;
        Ok((decoder, rows))
    }

    /// All rows, to the end mark of the data and of the statement.
    async fn rows(&self, started: (Decoder, CopyOutStream), sender: &Sender) -> Result<()> {
        let (mut decoder, rows) = started;
        let mut rows = pin!(rows);
        sender.started();
        while let Some(message) = rows.next().await {
            let message = message.map_err(|e| told(self.pool.node(), &e))?;
            sender.received(message.len() as u64);
            if decoder.message(&message)?
                && let Some(batch) = decoder.columns.take()?
            {
                sender.send(batch).await?;
            }
        }
        // The driver ends the stream at CopyDone, before the server has said that all went well. Asked again, it
        // complains of the CommandComplete it did not expect: just what is wanted here.
        let broken = match rows.next().await {
            Some(Err(e)) => e.is_closed() || e.as_db_error().is_some(),
            Some(Ok(_)) | None => true,
        };
        if broken || !decoder.is_ended() {
            let message = "the answer broke off";
            return Err(Error::new(ErrorKind::Unavailable, &self.pool.node().name, message));
        }
        match decoder.columns.take()? {
            Some(batch) => sender.send(batch).await,
            None => Ok(()),
        }
    }
}

/// Stops what a connection runs; it is closed afterwards.
async fn stop(held: &Held<Manager>) {
    // Out of time, closing must do.
    drop(tokio::time::timeout(STOPPING, held.cancel()).await);
}

/// Takes the connection out of a lease, and whether a statement was cancelled on it.
fn take(lease: &mut Lease) -> Option<(Held<Manager>, bool)> {
    let Lease::Open(open) = lease else {
        return None;
    };
    let taken = open.held.take().map(|held| (held, open.tainted));
    *lease = Lease::Vacant;
    taken
}

impl Drop for Open {
    /// Ends the transaction of a query that did not open all its reads, and gives the connection back.
    fn drop(&mut self) {
        let Some(held) = self.held.take() else {
            return;
        };
        // Polled once, the command is on its way; whatever comes next on this connection comes after it.
        let sent = held.client.batch_execute("ROLLBACK").now_or_never();
        if !self.tainted && sent.is_none_or(|done| done.is_ok()) {
            held.keep();
        }
    }
}
