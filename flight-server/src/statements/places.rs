//! Room for answers in parts. The plan of a whole answer may be dropped and made again; parts are of one plan, which is kept
//! once their tickets are given. So it is counted before.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::handles::Owner;

/// Answers in parts of one user that are not read yet. What comes beyond is whole.
const PER_USER: usize = 64;
/// Of all users.
const TOTAL: usize = 256;

/// The places that are taken, by user.
#[derive(Debug, Default)]
pub(crate) struct Places(Arc<Mutex<HashMap<Owner, usize>>>);

/// One of them, until dropped.
pub(crate) struct Place {
    owner: Owner,
    taken: Arc<Mutex<HashMap<Owner, usize>>>,
}

impl Places {
    /// Takes a place, if there is one for this user.
    pub(crate) fn take(&self, owner: &Owner) -> Option<Place> {
        let mut taken = lock(&self.0);
        let own = taken.get(owner).copied().unwrap_or_default();
        if own >= PER_USER || taken.values().sum::<usize>() >= TOTAL {
            return None;
        }
        taken.insert(owner.clone(), own + 1);
        Some(Place { owner: owner.clone(), taken: Arc::clone(&self.0) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(own) = taken.get_mut(&self.owner) {
            *own -= 1;
        }
        taken.retain(|_, own| *own > 0);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(places: &Places, owner: &Owner) -> Vec<Place> {
        std::iter::from_fn(|| places.take(owner)).collect()
    }

    #[test]
    fn nobody_takes_anothers_places_and_they_come_back() {
        let places = Places::default();
        let user = |name: &str| Some(name.into());
        let ada = all(&places, &user("ada"));
        assert_eq!(ada.len(), PER_USER);
        assert_eq!(all(&places, &None).len(), PER_USER);
        drop(ada);
        let crowd: Vec<_> = (0..9).map(|n| all(&places, &user(&n.to_string()))).collect();
        assert_eq!(crowd.iter().flatten().count(), TOTAL);
        drop(crowd);
        assert!(lock(&places.0).is_empty());
    }
}
