//! A node of a database that this build cannot speak to yet: every call says so.

use std::sync::Arc;

use async_trait::async_trait;
use intarsia_catalog::{Node, Place};

use crate::{
    Batches, Connector, Consistency, Error, ErrorKind, Query, Reading, Reads, Relation, Result,
    Server,
};

/// Refuses everything.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    node: Arc<Node>,
}

impl Pending {
    pub(crate) fn new(node: &Arc<Node>) -> Pending {
        Pending { node: Arc::clone(node) }
    }

    fn refuse<T>(&self) -> Result<T> {
        let message = format!("{:?} is not spoken yet", self.node.backend);
        Err(Error::new(ErrorKind::Refused, &self.node.name, message))
    }
}

#[async_trait]
impl Connector for Pending {
    fn node(&self) -> &Arc<Node> {
        &self.node
    }

    async fn server(&self) -> Result<Server> {
        self.refuse()
    }

    async fn describe(&self, _: &Place) -> Result<Relation> {
        self.refuse()
    }

    async fn relations(&self) -> Result<Vec<Relation>> {
        self.refuse()
    }

    fn reading(&self, _: Reads) -> Arc<dyn Reading> {
        Arc::new(self.clone())
    }

    async fn run(&self, _: &[String]) -> Result<()> {
        self.refuse()
    }
}

#[async_trait]
impl Reading for Pending {
    async fn open(&self, _: Query) -> Result<Batches> {
        self.refuse()
    }

    fn consistency(&self) -> Consistency {
        Consistency::Single
    }
}
