//! Whether a connection is used by somebody who was let in.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::ServerLimits;

/// The calls on one connection that were let in. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Usage(Arc<Mutex<Calls>>);

#[derive(Debug)]
struct Calls {
    running: usize,
    begun: bool,
    /// When the last one ended, or the connection began.
    since: Instant,
}

/// A call that is running, until dropped.
#[derive(Debug)]
pub(crate) struct Running(Usage);

/// How long a connection stays that nobody uses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Before a call was let in.
    pub(super) stranger: Duration,
    /// Afterwards.
    pub(super) idle: Duration,
}

impl Patience {
    pub(super) fn of(limits: &ServerLimits) -> Patience {
        Patience { stranger: limits.stranger, idle: limits.idle }
    }
}

impl Default for Usage {
    fn default() -> Usage {
        let calls = Calls { running: 0, begun: false, since: Instant::now() };
        Usage(Arc::new(Mutex::new(calls)))
    }
}

impl Usage {
    /// A call was let in.
    pub(crate) fn begin(&self) -> Running {
        let mut calls = self.lock();
        calls.running += 1;
        calls.begun = true;
        Running(self.clone())
    }

    /// How much longer the connection may stay without a call; `None` if one is running.
    pub(super) fn left(&self, patience: Patience) -> Option<Duration> {
        let calls = self.lock();
        let whole = if calls.begun { patience.idle } else { patience.stranger };
        (calls.running == 0).then(|| whole.saturating_sub(calls.since.elapsed()))
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut calls = self.0.lock();
        calls.running -= 1;
        calls.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { stranger: Duration::from_secs(60), idle: Duration::from_secs(3600) };

    #[test]
    fn a_stranger_has_less_time_than_who_was_let_in() {
        let usage = Usage::default();
        assert!(usage.left(PATIENCE).is_some_and(|left| left <= PATIENCE.stranger));
        let calls = (usage.begin(), usage.begin());
        drop(calls.0);
        assert_eq!(usage.left(PATIENCE), None, "one is still running");
        drop(calls.1);
        assert!(usage.left(PATIENCE).is_some_and(|left| left > PATIENCE.stranger));
    }
}
