//! The connections to one node: never more than its cap, shared in the order of asking, and no deadlock.
//!
//! A query may need more connections than there are: it joins a relation with itself, or reads ten fragments of
//! one node. Its streams hold connections while their consumer may be waiting for a stream that has none yet.
//! So a held connection is always on its way back:
//!
//! - Rows are read from the wire by a task of their own into a [spool](crate::spool), which holds them back
//!   (back-pressure) only as long as nobody waits for a connection of the node. As soon as somebody does, the
//!   tasks go on reading, into memory and then a temporary file, until their statement has ended and its
//!   connection is free.
//! - A read that waits for a connection holds no other one of the same node.
//! - Reads that share one connection (for one snapshot) take it in [`Turns`]; who waits for a turn presses
//!   likewise.
//! - A connection that is kept between two reads of a query is taken by [`crate::Reading::prepare`], node by node
//!   in one order for all queries.

mod demand;
mod tasks;
mod turns;

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use intarsia_catalog::Node;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Connections, Error, ErrorKind, Result};

pub(crate) use demand::Demand;
pub(crate) use tasks::Tasks;
pub(crate) use turns::{Turn, Turns};

/// How long somebody waits for a connection before that is an error: the last resort against a query that reads
/// several nodes without preparing, or a client that never finishes reading.
const WAIT: Duration = Duration::from_secs(300);

/// An idle connection is closed after this time.
const IDLE: Duration = Duration::from_secs(60);

/// What a backend does with its connections.
#[async_trait]
pub(crate) trait Manage: fmt::Debug + Send + Sync + 'static {
    /// A connection, logged in and pinned. Dropping it closes it.
    type Connection: Send + 'static;

    /// Makes one, within a deadline.
    async fn connect(&self) -> Result<Self::Connection>;

    /// Whether a connection that was idle can still be used.
    async fn usable(&self, connection: &mut Self::Connection) -> bool;
}

/// The connections to one node.
#[derive(Debug)]
pub(crate) struct Pool<M: Manage> {
    node: Arc<Node>,
    manager: M,
    permits: Arc<Semaphore>,
    demand: Demand,
    idle: Mutex<Vec<Idle<M::Connection>>>,
    reaping: AtomicBool,
    housekeeping: Tasks,
    tasks: Tasks,
}

struct Idle<C> {
    since: Instant,
    connection: C,
}

impl<C> fmt::Debug for Idle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle").field("since", &self.since).finish_non_exhaustive()
    }
}

impl<M: Manage> Pool<M> {
    /// No connections yet, and never more than the node's cap.
    pub(crate) fn new(node: Arc<Node>, manager: M) -> Arc<Pool<M>> {
        let permits = Arc::new(Semaphore::new(node.connections.clamp(1, Semaphore::MAX_PERMITS)));
        Arc::new(Pool {
            node,
            manager,
            permits,
            demand: Demand::default(),
            idle: Mutex::default(),
            reaping: AtomicBool::new(false),
            housekeeping: Tasks::default(),
            tasks: Tasks::default(),
        })
    }

    /// The node.
    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Who waits for a connection. Streams that hold one watch it.
    pub(crate) fn demand(&self) -> &Demand {
        &self.demand
    }

    /// The tasks that read from this node.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// How the connections are used right now.
    pub(crate) fn connections(&self) -> Connections {
        let limit = self.node.connections.clamp(1, Semaphore::MAX_PERMITS);
        Connections {
            limit,
            busy: limit.saturating_sub(self.permits.available_permits()),
            idle: self.idle.lock().unwrap_or_else(PoisonError::into_inner).len(),
            waiting: self.demand.waiting(),
        }
    }

    /// A connection, idle or new; waits behind all who asked before if there is none.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Held<M>> {
        let permit = self.permit().await?;
        self.with(permit).await
    }

    /// A connection if one is free right now and nobody waits.
    pub(crate) async fn try_take(self: &Arc<Self>) -> Option<Result<Held<M>>> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Some(self.with(permit).await)
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = self.demand.enter();
        let acquired = tokio::time::timeout(WAIT, Arc::clone(&self.permits).acquire_owned()).await;
        match acquired {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => {
                let message = format!(
                    "no connection became free within {} s; its limit is `connections: {}`",
                    WAIT.as_secs(),
                    self.node.connections
                );
                Err(Error::new(ErrorKind::Exhausted, &self.node.name, message))
            }
        }
    }

    async fn with(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Result<Held<M>> {
        let connection = match self.idle_connection().await {
            Some(connection) => connection,
            None => self.manager.connect().await?,
        };
        Ok(Held { connection: Some(connection), pool: Arc::clone(self), _permit: permit })
    }

    async fn idle_connection(&self) -> Option<M::Connection> {
        loop {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if idle.since.elapsed() < IDLE && self.manager.usable(&mut idle.connection).await {
                return Some(idle.connection);
            }
        }
    }

    fn keep(self: &Arc<Self>, connection: M::Connection) {
        let idle = Idle { since: Instant::now(), connection };
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
        if !self.reaping.swap(true, Ordering::AcqRel) {
            let reaper = Reaper { pool: Arc::downgrade(self) };
            self.housekeeping.spawn(reaper.run());
        }
    }

    /// Closes what has been idle for `age`. True if nothing idle is left.
    fn reap(&self, age: Duration) -> bool {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|one| one.since.elapsed() < age);
        idle.is_empty()
    }
}

/// Closes idle connections until none is left; does not keep the pool alive.
struct Reaper<M: Manage> {
    pool: std::sync::Weak<Pool<M>>,
}

impl<M: Manage> Reaper<M> {
    async fn run(self) {
        loop {
            tokio::time::sleep(IDLE).await;
            if self.pool.upgrade().is_none_or(|pool| pool.reap(IDLE)) {
                return;
            }
        }
    }
}

impl<M: Manage> Drop for Reaper<M> {
    /// Also when its runtime ends: the next idle connection starts another one.
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.reaping.store(false, Ordering::Release);
        }
    }
}

/// A connection in use. Dropping it closes it, since nobody knows what state it is in; [`Held::keep`] gives it
/// back.
pub(crate) struct Held<M: Manage> {
    connection: Option<M::Connection>,
    pool: Arc<Pool<M>>,
    _permit: OwnedSemaphorePermit,
}

impl<M: Manage> Held<M> {
    /// Gives the connection back, at rest: no statement running, no transaction open.
    pub(crate) fn keep(mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.keep(connection);
        }
    }
}

/// Why a held connection is there.
const HELD: &str = "only `keep` takes it out, and that consumes the holder";

impl<M: Manage> Deref for Held<M> {
    type Target = M::Connection;

    fn deref(&self) -> &M::Connection {
        self.connection.as_ref().expect(HELD)
    }
}

impl<M: Manage> DerefMut for Held<M> {
    fn deref_mut(&mut self) -> &mut M::Connection {
        self.connection.as_mut().expect(HELD)
    }
}

impl<M: Manage> fmt::Debug for Held<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("node", &self.pool.node.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
