//! Connections in use.
//!
//! A connection of SQLite can have several statements under way, stepped in turn. So a query that wants one
//! more connection than the node's cap leaves shares one of those it has; it never waits for itself. Only a
//! query that has none yet waits, first come, first served.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use intarsia_catalog::Node;

use super::{
    connect::{Identity, connect, identity, refused},
    raw::Connection,
};
use crate::{
    Result,
    pool::{Held, Manage, Pool},
};

/// Opens the node's file.
#[derive(Debug)]
pub(super) struct Files {
    node: Arc<Node>,
}

/// A connection, and the file that it was opened on.
#[derive(Debug)]
pub(super) struct Open {
    connection: Arc<Connection>,
    file: Identity,
}

impl Files {
    /// The connections of `node`.
    pub(super) fn pool(node: &Arc<Node>) -> Arc<Pool<Files>> {
        Pool::new(Arc::clone(node), Files { node: Arc::clone(node) })
    }
}

#[async_trait]
impl Manage for Files {
    type Connection = Open;

    async fn connect(&self) -> Result<Open> {
        let file = identity(&self.node)?;
        let connection = connect(&self.node).await?;
        Ok(Open { connection: Arc::new(connection), file })
    }

    /// Not if the file has been replaced: the old one lives on in the connections to it.
    async fn usable(&self, open: &mut Open) -> bool {
        identity(&self.node).is_ok_and(|file| file == open.file)
    }
}

/// A connection in use, by one stream or by several of the same query. Dropped, it is free again.
#[derive(Debug)]
pub(super) struct Lease {
    node: Arc<Node>,
    connection: Arc<Connection>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The streams that read from the connection, by the number of their seat.
    streams: Vec<usize>,
    /// Seats given so far.
    seats: usize,
    fate: Fate,
    /// There until the lease ends.
    held: Option<Held<Files>>,
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The next query gets it.
    Reused,
    /// It is in a transaction, for more streams to come, and is closed with it.
    Transaction,
    /// It is closed, and takes no more streams.
    Closed,
}

impl Lease {
    /// A connection of the pool, when one is free.
    pub(super) async fn take(pool: &Arc<Pool<Files>>) -> Result<Arc<Lease>> {
        Ok(Lease::new(pool.node(), pool.take().await?))
    }

    /// A connection of the pool, if one is free now.
    pub(super) async fn take_now(pool: &Arc<Pool<Files>>) -> Result<Option<Arc<Lease>>> {
        let held = pool.try_take().await.transpose()?;
        Ok(held.map(|held| Lease::new(pool.node(), held)))
    }

    fn new(node: &Arc<Node>, held: Held<Files>) -> Arc<Lease> {
        let connection = Arc::clone(&held.connection);
        let state = Mutex::new(State {
            streams: Vec::new(),
            seats: 0,
            fate: Fate::Reused,
            held: Some(held),
        });
        Arc::new(Lease { node: Arc::clone(node), connection, state })
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Begins the one transaction that all streams of this connection read in. SQLite takes the snapshot with the
    /// first read, so there is one at once.
    pub(super) async fn begin(&self) -> Result<()> {
        lock(&self.state).fate = Fate::Transaction;
        let mut sqlx = self.connection.sqlx().lock().await;
        let begun =
            sqlx::raw_sql("BEGIN; SELECT count(*) FROM sqlite_schema").execute(&mut *sqlx).await;
        begun.map(drop).map_err(|error| refused(&self.node, &error.into()))
    }

    /// A place for one more stream; `None` once the connection has been given up.
    pub(super) fn seat(self: &Arc<Self>) -> Option<Seat> {
        let mut state = lock(&self.state);
        (state.fate != Fate::Closed).then(|| {
            let number = state.seats;
            state.seats += 1;
            state.streams.push(number);
            Seat { lease: Arc::clone(self), number }
        })
    }

    /// How many streams read from the connection.
    pub(super) fn streams(&self) -> usize {
        lock(&self.state).streams.len()
    }

    /// Stops the statement of seat `number` in the middle of a step, if it is still under way. Whatever else were
    /// under way on the connection would stop with it, so this is for a stream that is alone there; others look
    /// for themselves, many times a second.
    pub(super) fn interrupt(&self, number: usize) {
        let mut state = lock(&self.state);
        if state.streams == [number] && state.fate == Fate::Reused {
            state.fate = Fate::Closed;
            self.connection.interrupt();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        if state.fate == Fate::Reused
            && let Some(held) = state.held.take()
        {
            held.keep();
        }
    }
}

/// A stream's share of a connection.
#[derive(Debug)]
pub(super) struct Seat {
    lease: Arc<Lease>,
    number: usize,
}

impl Seat {
    pub(super) fn lease(&self) -> &Arc<Lease> {
        &self.lease
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The connection is not used again: what SQLite said of the file casts doubt on what it has cached.
    pub(super) fn give_up(&self) {
        lock(&self.lease.state).fate = Fate::Closed;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.lease.state).streams.retain(|number| *number != self.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
