//! Plans that are kept until their clients come, a bounded number of them: a plan takes far more memory than its text.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// Plans that are kept. Beyond them the oldest is dropped, and made again if its client comes.
const PLANS: usize = 256;

/// What may hold a plan.
pub(crate) trait HoldsPlan {
    /// Drops it.
    fn release(&self);
}

/// The holders of plans, the oldest first.
#[derive(Debug)]
pub(crate) struct Plans<T>(Mutex<VecDeque<Weak<T>>>);

impl<T: HoldsPlan> Plans<T> {
    pub(crate) fn new() -> Plans<T> {
        Plans(Mutex::default())
    }

    /// Adds a holder, and makes the oldest one let go if there are too many.
    pub(crate) fn keep(&self, holder: &Arc<T>) {
        let oldest = {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.push_back(Arc::downgrade(holder));
            if held.len() > PLANS { held.pop_front() } else { None }
        };
        if let Some(oldest) = oldest.and_then(|oldest| oldest.upgrade()) {
            oldest.release();
        }
    }
}
