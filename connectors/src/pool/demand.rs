//! How many wait for something, watched by those who hold it.

use std::sync::Arc;

use tokio::sync::watch;

/// A number of waiters that holders can await. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Demand(Arc<watch::Sender<usize>>);

impl Default for Demand {
    fn default() -> Demand {
        Demand(Arc::new(watch::Sender::new(0)))
    }
}

/// One who waits, until dropped.
#[derive(Debug)]
pub(crate) struct Waiting(Demand);

impl Demand {
    /// Counts the caller as waiting.
    pub(crate) fn enter(&self) -> Waiting {
        self.0.send_modify(|waiting| *waiting += 1);
        Waiting(self.clone())
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        *self.0.borrow()
    }

    /// Whether somebody waits.
    pub(crate) fn is_pressing(&self) -> bool {
        self.waiting() > 0
    }

    /// Completes once somebody waits.
    pub(crate) async fn pressing(&self) {
        let mut waiting = self.0.subscribe();
        if waiting.wait_for(|waiting| *waiting > 0).await.is_err() {
            std::future::pending().await // cannot be: `self` keeps the sender alive
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.send_modify(|waiting| *waiting -= 1);
    }
}
