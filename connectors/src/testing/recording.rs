//! A connector that keeps what its node was sent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use intarsia_catalog::{Node, Place};

use crate::{Batches, Connector, Consistency, Query, Reading, Reads, Relation, Result, Server};

/// A connector that keeps the SQL of every query that its node was sent.
#[derive(Debug)]
pub struct Recording {
    inner: Arc<dyn Connector>,
    sent: Sent,
}

type Sent = Arc<Mutex<Vec<String>>>;

impl Recording {
    /// Records what `inner` is sent from now on.
    pub fn over(inner: Arc<dyn Connector>) -> Arc<Recording> {
        Arc::new(Recording { inner, sent: Sent::default() })
    }

    /// The texts sent since the last time this was asked, in the order of sending.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.sent))
    }
}

#[async_trait]
impl Connector for Recording {
    fn node(&self) -> &Arc<Node> {
        self.inner.node()
    }

    async fn server(&self) -> Result<Server> {
        self.inner.server().await
    }

    async fn describe(&self, place: &Place) -> Result<Relation> {
        self.inner.describe(place).await
    }

    async fn relations(&self) -> Result<Vec<Relation>> {
        self.inner.relations().await
    }

    fn reading(&self, reads: Reads) -> Arc<dyn Reading> {
        let inner = self.inner.reading(reads);
        Arc::new(RecordingReading { inner, sent: Arc::clone(&self.sent) })
    }

    async fn run(&self, statements: &[String]) -> Result<()> {
        self.inner.run(statements).await
    }

    async fn settle(&self) {
        self.inner.settle().await;
    }
}

#[derive(Debug)]
struct RecordingReading {
    inner: Arc<dyn Reading>,
    sent: Sent,
}

#[async_trait]
impl Reading for RecordingReading {
    async fn open(&self, query: Query) -> Result<Batches> {
        lock(&self.sent).push(query.sql.clone());
        self.inner.open(query).await
    }

    async fn prepare(&self) -> Result<()> {
        self.inner.prepare().await
    }

    fn consistency(&self) -> Consistency {
        self.inner.consistency()
    }
}

fn lock(sent: &Sent) -> MutexGuard<'_, Vec<String>> {
    sent.lock().unwrap_or_else(PoisonError::into_inner)
}
