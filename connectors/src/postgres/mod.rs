//! PostgreSQL, by its binary COPY.

mod connect;
mod decode;
mod describe;
mod error;
mod numeric;
mod query;
mod session;
mod tls;

use std::sync::Arc;

use async_trait::async_trait;
use intarsia_catalog::{Node, Place};

use crate::{Connections, Connector, Reading, Reads, Relation, Result, Server, pool::Pool};

use connect::Manager;

/// A PostgreSQL node.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Arc<Pool<Manager>>,
}

impl Postgres {
    /// The connector of `node`; it connects when it is asked something.
    pub(crate) fn new(node: &Arc<Node>) -> Postgres {
        Postgres { pool: Pool::new(Arc::clone(node), Manager::new(node)) }
    }
}

#[async_trait]
impl Connector for Postgres {
    fn node(&self) -> &Arc<Node> {
        self.pool.node()
    }

    async fn server(&self) -> Result<Server> {
        describe::server(&self.pool).await
    }

    async fn describe(&self, place: &Place) -> Result<Relation> {
        describe::relation(&self.pool, place).await
    }

    async fn relations(&self) -> Result<Vec<Relation>> {
        describe::relations(&self.pool).await
    }

    fn reading(&self, reads: Reads) -> Arc<dyn Reading> {
        Arc::new(query::Snapshot::new(&self.pool, reads))
    }

    async fn run(&self, statements: &[String]) -> Result<()> {
        session::run(&self.pool, statements).await
    }

    fn connections(&self) -> Connections {
        self.pool.connections()
    }

    async fn settle(&self) {
        self.pool.tasks().settle().await;
    }
}
