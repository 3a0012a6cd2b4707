//! MySQL and MariaDB: sessions pinned, relations described, queries streamed by the binary protocol.

mod connect;
mod decode;
mod describe;
mod error;
mod query;
mod session;
mod text;
mod tls;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use intarsia_catalog::{Address, Node, Place};
use mysql_async::prelude::Queryable;

use crate::{
    Connections, Connector, Error, ErrorKind, Reading, Reads, Relation, Result, Server,
    pool::{Manage, Pool},
};

use connect::{Access, Session};

/// An idle session that does not answer by then is given up.
const PING: Duration = Duration::from_secs(2);

/// A node of MySQL or MariaDB.
#[derive(Debug)]
pub(crate) struct MySql {
    pool: Arc<Pool<Manager>>,
}

/// Makes the sessions of a node.
#[derive(Debug)]
struct Manager {
    node: Arc<Node>,
}

#[async_trait]
impl Manage for Manager {
    type Connection = Session;

    async fn connect(&self) -> Result<Session> {
        connect::open(&self.node, Access::Read).await
    }

    async fn usable(&self, session: &mut Session) -> bool {
        matches!(tokio::time::timeout(PING, session.conn.ping()).await, Ok(Ok(())))
    }
}

impl MySql {
    /// Connects when it is needed.
    pub(crate) fn new(node: &Arc<Node>) -> MySql {
        MySql { pool: Pool::new(Arc::clone(node), Manager { node: Arc::clone(node) }) }
    }

    /// The place with its schema: by default the database of the node's URL.
    fn complete(&self, place: &Place) -> Result<Place> {
        let node = self.pool.node();
        let schema = match (&place.schema, &node.address) {
            (Some(schema), _) => schema.clone(),
            (None, Address::Server { database, .. }) if !database.is_empty() => database.clone(),
            (None, _) => {
                let message = format!(
                    "its url names no database; say {}.SCHEMA.{}",
                    node.name, place.relation
                );
                return Err(Error::new(ErrorKind::Mismatch, &node.name, message));
            }
        };
        Ok(Place { schema: Some(schema), ..place.clone() })
    }
}

#[async_trait]
impl Connector for MySql {
    fn node(&self) -> &Arc<Node> {
        self.pool.node()
    }

    async fn server(&self) -> Result<Server> {
        let held = self.pool.take().await?;
        let server = held.server.clone();
        held.keep();
        Ok(server)
    }

    async fn describe(&self, place: &Place) -> Result<Relation> {
        let place = self.complete(place)?;
        let mut held = self.pool.take().await?;
        let relation = describe::describe(&mut held.conn, &place).await?;
        held.keep();
        relation.ok_or_else(|| {
            let message = format!(
                "there is no relation `{}.{}`, or its user may not see it",
                place.schema.as_deref().unwrap_or_default(),
                place.relation
            );
            Error::new(ErrorKind::Mismatch, &place.node, message)
        })
    }

    async fn relations(&self) -> Result<Vec<Relation>> {
        let mut held = self.pool.take().await?;
        let relations = describe::relations(&mut held.conn, &self.node().name).await?;
        held.keep();
        Ok(relations)
    }

    fn reading(&self, reads: Reads) -> Arc<dyn Reading> {
        Arc::new(query::MySqlReading::new(Arc::clone(&self.pool), reads))
    }

    async fn run(&self, statements: &[String]) -> Result<()> {
        let node = self.node();
        let mut session = connect::open(node, Access::Write).await?;
        for statement in statements {
            let run = session.conn.query_drop(statement.as_str()).await;
            run.map_err(|e| error::driver(&node.name, e))?;
        }
        session.conn.disconnect().await.map_err(|e| error::driver(&node.name, e))
    }

    fn connections(&self) -> Connections {
        self.pool.connections()
    }

    async fn settle(&self) {
        self.pool.tasks().settle().await;
    }
}
