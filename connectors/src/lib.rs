//! SQL text in, Arrow batches out.
//!
//! A [`Connector`] stands for one node: it describes the node's relations with their real types and
//! collations, and streams the answer of one SQL text into batches of exactly the promised schema. It knows
//! neither plans nor fragments; drivers are named only here.

mod columns;
mod error;
mod fit;
mod load;
mod mysql;
mod pool;
mod postgres;
mod query;
mod relation;
mod spool;
mod sqlite;
pub mod testing;

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use intarsia_catalog::{Backend, Node, Place};

pub use error::{Error, ErrorKind, Result};
pub use fit::{fits, natural};
pub use load::{LoadError, load};
pub use query::{Batches, Column, Consistency, Query, Reads};
pub use relation::{
    Affinity, Charset, Flavor, LocalColumn, LocalType, Relation, Server, TextRules,
};

/// The connector of `node`. It connects to nothing until it is asked something.
pub fn connect(node: &Arc<Node>) -> Arc<dyn Connector> {
    match node.backend {
        Backend::Postgres => Arc::new(postgres::Postgres::new(node)),
        Backend::MySql => Arc::new(mysql::MySql::new(node)),
        Backend::Sqlite => Arc::new(sqlite::Sqlite::new(node)),
    }
}

/// One node, as the engine sees it. Connections are made when they are needed and are never more than the
/// node's cap.
#[async_trait]
pub trait Connector: Debug + Send + Sync {
    /// The node.
    fn node(&self) -> &Arc<Node>;

    /// Connects if need be, and says what answered. Also a health check.
    async fn server(&self) -> Result<Server>;

    /// The relation at `place`, with all its columns as they are now.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`] if there is no such relation.
    async fn describe(&self, place: &Place) -> Result<Relation>;

    /// Every relation that the node's user can read, for `import`; system schemas left out.
    async fn relations(&self) -> Result<Vec<Relation>>;

    /// The reads of one query on this node.
    fn reading(&self, reads: Reads) -> Arc<dyn Reading>;

    /// Runs statements that answer nothing, one after another, on one writable connection: to make and fill
    /// relations for demos and tests. Queries never come this way.
    async fn run(&self, statements: &[String]) -> Result<()>;

    /// How its connections are used right now. One that has no pool tells nothing.
    fn connections(&self) -> Connections {
        Connections::default()
    }

    /// Waits until the statements of dropped streams have been stopped on the node: for the end of a process,
    /// which would otherwise leave them running. No stream may be in use.
    async fn settle(&self) {}
}

/// How the connections to a node are used at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// How many there may be.
    pub limit: usize,
    /// In use.
    pub busy: usize,
    /// Open and at rest.
    pub idle: usize,
    /// Reads that wait for one.
    pub waiting: usize,
}

/// The reads of one query on one node. They share what the node can give: see [`Consistency`].
#[async_trait]
pub trait Reading: Debug + Send + Sync {
    /// Sends a query and returns its rows as they come. Waits for a free connection if there is none.
    /// Dropping the stream stops the statement on the server within a second.
    async fn open(&self, query: Query) -> Result<Batches>;

    /// Takes what the reads will share (a connection, a snapshot) now, not at the first [`Reading::open`].
    ///
    /// A query that reads several nodes calls this on each of them before it opens anything, in the order of
    /// the nodes' names: so two queries never wait for each other's connections. It does nothing the second time.
    async fn prepare(&self) -> Result<()> {
        Ok(())
    }

    /// What the reads so far have shared.
    fn consistency(&self) -> Consistency;
}
