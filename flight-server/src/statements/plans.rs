//! Plans that are kept until their clients come, a bounded number of them: a plan takes far more memory than its text.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// Plans that are kept. Beyond them the oldest is dropped, and made again if its client comes.
const PLANS: usize = 256;

/// What may hold a plan.
pub(crate) trait HoldsPlan {
    /// Whether it does now.
    fn holds(&self) -> bool;

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

    /// Adds a holder, and makes the oldest one let go if too many hold a plan.
    pub(crate) fn keep(&self, holder: &Arc<T>) {
        let oldest = self.add(holder).and_then(|oldest| oldest.upgrade());
        if let Some(oldest) = oldest {
            oldest.release();
        }
    }

    /// The oldest, if there are too many. Most plans have been taken by then, since clients come soon.
    fn add(&self, holder: &Arc<T>) -> Option<Weak<T>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.push_back(Arc::downgrade(holder));
        if held.len() > PLANS {
            held.retain(|holder| holder.upgrade().is_some_and(|holder| holder.holds()));
        }
        if held.len() > PLANS { held.pop_front() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use super::*;

    struct Holder(AtomicBool);

    impl HoldsPlan for Holder {
        fn holds(&self) -> bool {
            self.0.load(Relaxed)
        }

        fn release(&self) {
            self.0.store(false, Relaxed);
        }
    }

    #[test]
    fn only_those_that_hold_a_plan_are_too_many() {
        let plans = Plans::new();
        let keep = |holds: bool| {
            let holder = Arc::new(Holder(AtomicBool::new(holds)));
            plans.keep(&holder);
            holder
        };
        let first = keep(true);
        let taken: Vec<_> = (0..2 * PLANS).map(|_| keep(false)).collect();
        assert!(first.holds(), "the others hold none");
        let others: Vec<_> = (1..PLANS).map(|_| keep(true)).collect();
        assert!(first.holds());
        let last = keep(true);
        assert!(!first.holds() && others.iter().chain([&last]).all(|other| other.holds()));
        drop(taken);
    }
}
