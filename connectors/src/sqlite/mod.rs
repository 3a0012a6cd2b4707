//! An SQLite file as a node.

mod connect;
mod decode;
mod describe;
mod iso;
mod lease;
mod number;
mod query;
mod raw;

use std::sync::Arc;

use async_trait::async_trait;
use intarsia_catalog::{Node, Place};

use self::{
    lease::{Files, Lease},
    query::SqliteReading,
};
use crate::{Connections, Connector, Reading, Reads, Relation, Result, Server, pool::Pool};

/// An SQLite file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    pool: Arc<Pool<Files>>,
}

impl Sqlite {
    /// The connector of `node`. Opens nothing yet.
    pub(crate) fn new(node: &Arc<Node>) -> Sqlite {
        Sqlite { pool: Files::pool(node) }
    }
}

#[async_trait]
impl Connector for Sqlite {
    fn node(&self) -> &Arc<Node> {
        self.pool.node()
    }

    async fn server(&self) -> Result<Server> {
        let lease = Lease::take(&self.pool).await?;
        connect::probe(self.node(), lease.connection()).await?;
        Ok(connect::server())
    }

    async fn describe(&self, place: &Place) -> Result<Relation> {
        let lease = Lease::take(&self.pool).await?;
        describe::describe(self.node(), lease.connection(), place).await
    }

    async fn relations(&self) -> Result<Vec<Relation>> {
        let lease = Lease::take(&self.pool).await?;
        describe::relations(self.node(), lease.connection()).await
    }

    fn reading(&self, reads: Reads) -> Arc<dyn Reading> {
        Arc::new(SqliteReading::new(&self.pool, reads))
    }

    async fn run(&self, statements: &[String]) -> Result<()> {
        connect::run(self.node(), statements).await
    }

    fn connections(&self) -> Connections {
        self.pool.connections()
    }

    async fn settle(&self) {
        self.pool.tasks().settle().await;
    }
}
