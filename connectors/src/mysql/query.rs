//! The reads of one query: prepared statements of the binary protocol, unbuffered, in a task of their own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use intarsia_catalog::Node;
use mysql_async::{BinaryProtocol, Conn, QueryResult, Statement, prelude::Queryable};

use crate::{
    Batches, Consistency, Error, ErrorKind, Query, Reading, Reads, Result,
    columns::Columns,
    pool::{Held, Pool, Turn, Turns},
    spool::{self, About, Sender},
};

use super::{
    Manager,
    connect::{Session, stop},
    decode::Decoder,
    error::driver,
    text::untouched,
};

/// How long a stopped statement of a shared connection may take to end before the connection is given up.
const STOPPING: Duration = Duration::from_secs(1);

/// A transaction that only reads and sees one state of the node.
const SNAPSHOT: &str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/// The reads of one query on one node. MySQL cannot share a snapshot among connections: reads that must see one
/// state go through one connection in turn.
#[derive(Debug)]
pub(super) struct MySqlReading {
    pool: Arc<Pool<Manager>>,
    shared: Option<Turns<Snapshot>>,
    opened: AtomicUsize,
}

/// The connection that the reads share.
#[derive(Debug)]
enum Snapshot {
    /// No read yet.
    None,
    /// In its transaction, at rest.
    Open(Held<Manager>),
    /// It broke off, and with it the state that the other reads saw.
    Lost,
}

impl MySqlReading {
    pub(super) fn new(pool: Arc<Pool<Manager>>, reads: Reads) -> MySqlReading {
        let shared = reads.repeats.then(|| Turns::new(Snapshot::None));
        MySqlReading { pool, shared, opened: AtomicUsize::new(0) }
    }

    fn about(&self, query: &Query) -> About {
        About { node: self.pool.node().name.clone(), schema: query.schema() }
    }

    async fn open_alone(&self, query: Query) -> Result<Batches> {
        let held = self.pool.take().await?;
        let (about, node) = (self.about(&query), Arc::clone(self.pool.node()));
        let demands = vec![self.pool.demand().clone()];
        let read = |sender| read_alone(node, held, query, sender);
        spool::open(self.pool.tasks(), about, demands, read).await
    }

    async fn open_in_turn(&self, turns: &Turns<Snapshot>, query: Query) -> Result<Batches> {
        let mut turn = turns.take().await;
        self.begin(&mut turn).await?;
        let (about, node) = (self.about(&query), Arc::clone(self.pool.node()));
        let demands = vec![self.pool.demand().clone(), turns.demand().clone()];
        let read = |sender| read_in_turn(node, turn, query, sender);
        spool::open(self.pool.tasks(), about, demands, read).await
    }

    /// Makes sure that the shared connection is in its transaction.
    async fn begin(&self, turn: &mut Turn<Snapshot>) -> Result<()> {
        let node = &self.pool.node().name;
        match **turn {
            Snapshot::Open(_) => Ok(()),
            Snapshot::Lost => Err(lost(node)),
            Snapshot::None => {
                let mut held = self.pool.take().await?;
                held.conn.query_drop(SNAPSHOT).await.map_err(|e| driver(node, e))?;
                **turn = Snapshot::Open(held);
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Reading for MySqlReading {
    async fn open(&self, query: Query) -> Result<Batches> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        match &self.shared {
            None => self.open_alone(query).await,
            Some(turns) => self.open_in_turn(turns, query).await,
        }
    }

    async fn prepare(&self) -> Result<()> {
        match &self.shared {
            None => Ok(()),
            Some(turns) => self.begin(&mut turns.take().await).await,
        }
    }

    fn consistency(&self) -> Consistency {
        match (self.opened.load(Ordering::Relaxed), &self.shared) {
            (0 | 1, _) => Consistency::Single,
            (_, Some(_)) => Consistency::Snapshot,
            (_, None) => Consistency::Separate,
        }
    }
}

impl Drop for MySqlReading {
    /// Ends the transaction and gives the shared connection back; without a runtime it is closed instead.
    fn drop(&mut self) {
        let Some(mut turn) = self.shared.as_ref().and_then(Turns::try_take) else { return };
        let Snapshot::Open(mut held) = std::mem::replace(&mut *turn, Snapshot::Lost) else {
            return;
        };
        if tokio::runtime::Handle::try_current().is_ok() {
            self.pool.tasks().spawn(async move {
                if held.conn.query_drop("ROLLBACK").await.is_ok() {
                    held.keep();
                }
            });
        }
    }
}

/// A connection of its own: given back when its answer was read to the end, else closed.
async fn read_alone(
    node: Arc<Node>,
    mut held: Held<Manager>,
    query: Query,
    sender: Arc<Sender>,
) -> Result<()> {
    let kill = format!("KILL {}", held.conn.id());
    let read = read(&node, &mut held, &query, &sender, &kill).await;
    if read.is_ok() {
        held.keep();
    }
    read.map_err(|broken| broken.error)
}

/// The shared connection: at rest again afterwards, or lost.
async fn read_in_turn(
    node: Arc<Node>,
    mut turn: Turn<Snapshot>,
    query: Query,
    sender: Arc<Sender>,
) -> Result<()> {
    let Snapshot::Open(mut held) = std::mem::replace(&mut *turn, Snapshot::Lost) else {
        return Err(lost(&node.name));
    };
    let kill = format!("KILL QUERY {}", held.conn.id());
    let read = read(&node, &mut held, &query, &sender, &kill).await;
    if read.as_ref().map_or_else(|broken| broken.at_rest, |()| true) {
        *turn = Snapshot::Open(held);
    }
    read.map_err(|broken| broken.error)
}

/// Reads an answer; what it takes to stop it is `kill`.
async fn read(
    node: &Node,
    session: &mut Session,
    query: &Query,
    sender: &Sender,
    kill: &str,
) -> Result<(), Broken> {
    let mut killed = false;
    let end = {
        let mut answer = Box::pin(answer(&node.name, session, query, sender));
        tokio::select! {
            end = &mut answer => end,
            () = sender.closed() => {
                killed = true;
                stop(node, kill).await;
                tokio::time::timeout(STOPPING, answer).await.unwrap_or_else(|_| End::stuck(node))
            }
        }
    };
    let broken = match end {
        End::Over(Ok(())) => return Ok(()),
        End::Over(Err(error)) => {
            let at_rest = killed && error.kind() == ErrorKind::Cancelled;
            Broken { error, at_rest }
        }
        End::Midway(error) => {
            if !killed {
                stop(node, kill).await;
            }
            let at_rest = tokio::time::timeout(STOPPING, drain(&mut session.conn)).await;
            Broken { error, at_rest: at_rest.unwrap_or(false) }
        }
    };
    if !broken.at_rest {
        session.give_up();
    }
    Err(broken)
}

/// An answer that was not read to its end.
struct Broken {
    error: Error,
    /// Whether the connection can take another statement in the same transaction.
    at_rest: bool,
}

/// How a statement ended.
enum End {
    /// By the server's own end mark, or an error of its own: nothing runs there any more.
    Over(Result<()>),
    /// By an error of ours, while the server still sends.
    Midway(Error),
}

impl End {
    fn stuck(node: &Node) -> End {
        let message = "a stopped statement did not end in time";
        End::Over(Err(Error::new(ErrorKind::Unavailable, &node.name, message)))
    }
}

async fn answer(node: &str, session: &mut Session, query: &Query, sender: &Sender) -> End {
    let statement = match start(node, session, query).await {
        Ok(statement) => statement,
        Err(error) => return End::Over(Err(error)),
    };
    match rows(node, &mut session.conn, query, sender).await {
        End::Over(Ok(())) => {
            End::Over(session.conn.close(statement).await.map_err(|e| driver(node, e)))
        }
        other => other,
    }
}

/// Prepares and executes: the binary protocol, since the one of texts rounds `float` (MySQL 9.7, MariaDB 10.11).
async fn start(node: &str, session: &mut Session, query: &Query) -> Result<Statement> {
    let sql = untouched(&query.sql);
    if sql.len() >= session.max_allowed_packet {
        let message = format!(
            "the statement has {} bytes, more than its max_allowed_packet of {} bytes",
            sql.len(),
            session.max_allowed_packet
        );
        return Err(Error::new(ErrorKind::Exhausted, node, message));
    }
    let statement = session.conn.prep(sql).await.map_err(|e| driver(node, e))?;
    if statement.num_params() > 0 {
        let message = "a statement with parameters in it, where every value is to be written out";
        return Err(Error::new(ErrorKind::Internal, node, message));
    }
    session.conn.exec_iter(&statement, ()).await.map_err(|e| driver(node, e))?;
    Ok(statement)
}

async fn rows(node: &str, conn: &mut Conn, query: &Query, sender: &Sender) -> End {
    let mut sent: QueryResult<'_, '_, BinaryProtocol> = QueryResult::new(conn);
    let mut decoder = match Decoder::new(query, sent.columns_ref(), node) {
        Ok(decoder) => decoder,
        Err(error) => return End::Midway(error),
    };
    sender.started();
    let mut columns = Columns::new(query, node);
    loop {
        let full = match sent.next().await {
            Ok(Some(row)) => decoder.row(&row, &mut columns),
            Ok(None) => return hand_on(&mut decoder, &mut columns, sender).await,
            Err(error) => return End::Over(Err(driver(node, error))),
        };
        match full {
            Ok(false) => {}
            Ok(true) => match hand_on(&mut decoder, &mut columns, sender).await {
                End::Over(Ok(())) => {}
                End::Over(Err(error)) | End::Midway(error) => return End::Midway(error),
            },
            Err(error) => return End::Midway(error),
        }
    }
}

/// Hands the finished rows to the consumer.
async fn hand_on(decoder: &mut Decoder, columns: &mut Columns, sender: &Sender) -> End {
    sender.received(decoder.take_bytes());
    let batch = match columns.take() {
        Ok(Some(batch)) => batch,
        Ok(None) => return End::Over(Ok(())),
        Err(error) => return End::Midway(error),
    };
    tokio::select! {
        sent = sender.send(batch) => End::Over(sent),
        () = sender.closed() => End::Midway(consumer_gone()),
    }
}

/// Reads a stopped statement to its end. Whether the connection is at rest then.
async fn drain(conn: &mut Conn) -> bool {
    let mut sent: QueryResult<'_, '_, BinaryProtocol> = QueryResult::new(conn);
    loop {
        match sent.next().await {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(error) => return !error.is_fatal(),
        }
    }
}

fn consumer_gone() -> Error {
    Error::new(ErrorKind::Cancelled, "", "nobody reads the answer any more")
}

fn lost(node: &str) -> Error {
    let message = "broke off in the middle of a query's snapshot";
    Error::new(ErrorKind::Unavailable, node, message)
}
