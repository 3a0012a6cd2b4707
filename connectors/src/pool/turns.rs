//! One thing that several reads of a query use in turn.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::Demand;

/// A connection (or what goes with it) that the reads of one query share, one after another in the order of
/// asking.
#[derive(Debug)]
pub(crate) struct Turns<T> {
    shared: Arc<Mutex<T>>,
    demand: Demand,
}

/// One read's turn, until dropped.
pub(crate) type Turn<T> = OwnedMutexGuard<T>;

impl<T> Turns<T> {
    /// To share `thing`.
    pub(crate) fn new(thing: T) -> Turns<T> {
        Turns { shared: Arc::new(Mutex::new(thing)), demand: Demand::default() }
    }

    /// Who waits for a turn. The read whose turn it is watches this.
    pub(crate) fn demand(&self) -> &Demand {
        &self.demand
    }

    /// A turn, if it is nobody's now.
    pub(crate) fn try_take(&self) -> Option<Turn<T>> {
        Arc::clone(&self.shared).try_lock_owned().ok()
    }

    /// A turn, after all who asked before.
    pub(crate) async fn take(&self) -> Turn<T> {
        if let Some(turn) = self.try_take() {
            return turn;
        }
        let _waiting = self.demand.enter();
        Arc::clone(&self.shared).lock_owned().await
    }
}
