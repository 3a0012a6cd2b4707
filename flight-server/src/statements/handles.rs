//! Things kept for a client under a handle: bounded in number and size, for each user and in all, and gone when nobody
//! has used them for a while. Whoever works with a value has an [`Arc`] of it: for as long, it is in use and stays.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tonic::Status;

use super::fresh_id;

/// A user, or anonymous.
pub(crate) type Owner = Option<Arc<str>>;

/// Values by handle. Over a bound the longest unused one goes, of the user who has too many or the most, so that what one
/// user keeps costs no other user anything; those in use are bounded by what uses them.
#[derive(Debug)]
pub(crate) struct Handles<T> {
    what: &'static str,
    bounds: Bounds,
    held: Mutex<Held<T>>,
}

/// How many are kept and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Of one user.
    pub(crate) per_user: usize,
    /// In all.
    pub(crate) total: usize,
    /// Bytes in all, beyond which only a newest value goes.
    pub(crate) bytes: usize,
    /// Unused.
    pub(crate) life: Duration,
}

#[derive(Debug)]
struct Held<T> {
    values: HashMap<Arc<str>, Value<T>>,
    /// Handles by their last use, the oldest first.
    uses: BTreeMap<u64, Arc<str>>,
    owners: HashMap<Owner, Owned>,
    next_use: u64,
    bytes: usize,
}

/// What is one owner's.
#[derive(Debug, Default)]
struct Owned {
    /// Handles by their last use, the oldest first.
    uses: BTreeMap<u64, Arc<str>>,
    bytes: usize,
}

#[derive(Debug)]
struct Value<T> {
    value: Arc<T>,
    owner: Owner,
    bytes: usize,
    last_use: u64,
    used: Instant,
}

impl<T> Handles<T> {
    /// `what` they are, for messages.
    pub(crate) fn new(what: &'static str, bounds: Bounds) -> Handles<T> {
        let held = Held {
            values: HashMap::new(),
            uses: BTreeMap::new(),
            owners: HashMap::new(),
            next_use: 0,
            bytes: 0,
        };
        Handles { what, bounds, held: Mutex::new(held) }
    }

    /// Keeps a value of about `bytes`.
    pub(crate) fn put(
        &self,
        owner: &Owner,
        bytes: usize,
        value: Arc<T>,
    ) -> Result<Arc<str>, Status> {
        let handle: Arc<str> = fresh_id()?.into();
        let mut gone = Vec::new();
        let mut held = self.lock();
        let used = Instant::now();
        let value = Value { value, owner: owner.clone(), bytes: 0, last_use: 0, used };
        held.values.insert(Arc::clone(&handle), value);
        held.touch(&handle);
        held.resize(&handle, bytes);
        while let Some(handle) = held.over(&self.bounds, owner) {
            gone.extend(held.remove(&handle));
        }
        drop(held);
        drop(gone);
        Ok(handle)
    }

    /// The value under `handle`.
    ///
    /// # Errors
    /// NOT_FOUND if there is none, also if it is another user's.
    pub(crate) fn get(&self, owner: &Owner, handle: &str) -> Result<Arc<T>, Status> {
        self.expire();
        let mut held = self.lock();
        let found = held.values.get(handle).filter(|value| value.owner == *owner);
        let value = found.map(|value| Arc::clone(&value.value));
        let value = value.ok_or_else(|| self.not_found())?;
        held.touch(handle);
        Ok(value)
    }

    /// Takes the value under `handle` away, if it is there.
    pub(crate) fn remove(&self, owner: &Owner, handle: &str) -> Option<Arc<T>> {
        let mut held = self.lock();
        held.values.get(handle).filter(|value| value.owner == *owner)?;
        held.remove(handle)
    }

    /// Says that the value under `handle` is of another size now.
    pub(crate) fn resize(&self, handle: &str, bytes: usize) {
        let mut gone = Vec::new();
        let mut held = self.lock();
        let Some(owner) = held.values.get(handle).map(|value| value.owner.clone()) else { return };
        held.touch(handle);
        held.resize(handle, bytes);
        while let Some(handle) = held.over(&self.bounds, &owner) {
            gone.extend(held.remove(&handle));
        }
        drop(held);
        drop(gone);
    }

    /// Forgets what nobody has used for a while.
    pub(crate) fn expire(&self) {
        let mut gone = Vec::new();
        let mut held = self.lock();
        for handle in held.expired(self.bounds.life) {
            match held.in_use(&handle) {
                true => held.touch(&handle),
                false => gone.extend(held.remove(&handle)),
            }
        }
        drop(held);
        drop(gone);
    }

    /// How long one is kept without use.
    pub(crate) fn life(&self) -> Duration {
        self.bounds.life
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().values.len()
    }

    fn not_found(&self) -> Status {
        let life = self.bounds.life.as_secs();
        let message = format!(
            "there is no such {}: it was closed, has gone after {life} s without use, made place for newer ones, or is \
             another user's",
            self.what
        );
        Status::not_found(message)
    }

    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Held<T> {
    fn touch(&mut self, handle: &str) {
        let Some((handle, _)) = self.values.get_key_value(handle) else { return };
        let handle = Arc::clone(handle);
        let Some(value) = self.values.get_mut(&handle) else { return };
        let owned = self.owners.entry(value.owner.clone()).or_default();
        owned.uses.remove(&value.last_use);
        self.uses.remove(&value.last_use);
        self.next_use += 1;
        value.last_use = self.next_use;
        value.used = Instant::now();
        owned.uses.insert(self.next_use, Arc::clone(&handle));
        self.uses.insert(self.next_use, handle);
    }

    fn resize(&mut self, handle: &str, bytes: usize) {
        let Some(value) = self.values.get_mut(handle) else { return };
        let before = std::mem::replace(&mut value.bytes, bytes);
        self.bytes = self.bytes - before + bytes;
        let owned = self.owners.entry(value.owner.clone()).or_default();
        owned.bytes = owned.bytes - before + bytes;
    }

    fn remove(&mut self, handle: &str) -> Option<Arc<T>> {
        let value = self.values.remove(handle)?;
        self.bytes -= value.bytes;
        self.uses.remove(&value.last_use);
        if let Some(owned) = self.owners.get_mut(&value.owner) {
            owned.bytes -= value.bytes;
            owned.uses.remove(&value.last_use);
            if owned.uses.is_empty() {
                self.owners.remove(&value.owner);
            }
        }
        Some(value.value)
    }

    /// The one to go, if there are too many. The newest always stays, and what is in use.
    fn over(&self, bounds: &Bounds, owner: &Owner) -> Option<Arc<str>> {
        let own = self.owners.get(owner)?;
        let from = if own.uses.len() > bounds.per_user {
            own
        } else if self.values.len() > bounds.total {
            self.most(owner, |owned| owned.uses.len())?
        } else if self.bytes > bounds.bytes {
            self.most(owner, |owned| owned.bytes)?
        } else {
            return None;
        };
        let mut older = from.uses.range(..self.next_use).map(|(_, handle)| handle);
        older.find(|handle| !self.in_use(handle)).cloned()
    }

    /// What is the owner's who has the most; of several, `owner`'s, who asks for more.
    fn most(&self, owner: &Owner, measure: impl Fn(&Owned) -> usize) -> Option<&Owned> {
        let owners = self.owners.iter();
        let most = owners.max_by_key(|(other, owned)| (measure(owned), *other == owner));
        most.map(|(_, owned)| owned)
    }

    /// Those that are longer unused than `life`.
    fn expired(&self, life: Duration) -> Vec<Arc<str>> {
        let age = |handle: &Arc<str>| self.values.get(handle).map(|value| value.used.elapsed());
        let old = self.uses.values().take_while(|handle| age(handle).is_some_and(|age| age > life));
        old.cloned().collect()
    }

    fn in_use(&self, handle: &str) -> bool {
        self.values.get(handle).is_some_and(|value| Arc::strong_count(&value.value) > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds =
        Bounds { per_user: 2, total: 3, bytes: 100, life: Duration::from_secs(60) };

    fn user(name: &str) -> Owner {
        Some(name.into())
    }

    fn put(handles: &Handles<u8>, owner: &Owner, bytes: usize) -> Arc<str> {
        handles.put(owner, bytes, Arc::new(7)).unwrap()
    }

    #[test]
    fn a_handle_is_its_owners_only() {
        let handles = Handles::new("thing", BOUNDS);
        let handle = put(&handles, &user("ada"), 1);
        assert!(handles.get(&user("ada"), &handle).is_ok());
        let other = handles.get(&user("bob"), &handle).unwrap_err();
        assert_eq!(other.code(), tonic::Code::NotFound);
        assert!(handles.remove(&None, &handle).is_none());
        assert!(handles.remove(&user("ada"), &handle).is_some());
        assert_eq!(handles.len(), 0);
    }

    #[test]
    fn too_many_of_one_user_cost_the_same_users_oldest() {
        let handles = Handles::new("thing", BOUNDS);
        let (bob, ada) = (user("bob"), user("ada"));
        let bobs = put(&handles, &bob, 1);
        let first = put(&handles, &ada, 1);
        let second = put(&handles, &ada, 1);
        handles.get(&ada, &first).unwrap();
        put(&handles, &ada, 1);
        assert!(handles.get(&bob, &bobs).is_ok());
        assert!(handles.get(&ada, &first).is_ok(), "it was used last");
        assert!(handles.get(&ada, &second).is_err());
    }

    #[test]
    fn too_many_bytes_cost_the_oldest_of_who_has_the_most() {
        let handles = Handles::new("thing", Bounds { per_user: 9, total: 9, ..BOUNDS });
        let (bob, ada) = (user("bob"), user("ada"));
        let bobs = put(&handles, &bob, 30);
        let first = put(&handles, &ada, 40);
        let second = put(&handles, &ada, 20);
        put(&handles, &ada, 20);
        assert!(handles.get(&ada, &first).is_err(), "hers are 80 of 110");
        let large = put(&handles, &ada, 200);
        assert!(handles.get(&ada, &second).is_err());
        assert!(handles.get(&ada, &large).is_ok(), "the newest always stays");
        put(&handles, &bob, 1);
        assert!(handles.get(&ada, &large).is_err(), "now it is not the newest");
        assert!(handles.get(&bob, &bobs).is_ok(), "what was ada's cost him nothing");
    }

    #[test]
    fn what_grows_costs_the_oldest_of_who_has_the_most() {
        let handles = Handles::new("thing", BOUNDS);
        let (bob, ada) = (user("bob"), user("ada"));
        let bobs = put(&handles, &bob, 40);
        let first = put(&handles, &ada, 20);
        let second = put(&handles, &ada, 20);
        handles.resize(&second, 50);
        assert!(handles.get(&ada, &first).is_err());
        assert!(handles.get(&bob, &bobs).is_ok());
        handles.resize(&second, 10);
        put(&handles, &ada, 50);
        assert!(handles.get(&ada, &second).is_ok(), "40, 10 and 50 are not too many");
    }

    #[test]
    fn too_many_in_all_cost_who_has_the_most() {
        let handles = Handles::new("thing", BOUNDS);
        let (ada, bob, eve) = (user("ada"), user("bob"), user("eve"));
        let bobs = put(&handles, &bob, 1);
        let first = put(&handles, &ada, 1);
        put(&handles, &ada, 1);
        put(&handles, &eve, 1);
        assert!(handles.get(&bob, &bobs).is_ok(), "though it is the oldest");
        assert!(handles.get(&ada, &first).is_err());
    }

    #[test]
    fn what_is_in_use_stays_whatever_its_age_and_whoever_comes() {
        let handles = Handles::new("thing", Bounds { life: Duration::ZERO, ..BOUNDS });
        let used = Arc::new(7);
        let handle = handles.put(&None, 1, Arc::clone(&used)).unwrap();
        for _ in 0..5 {
            put(&handles, &None, 200);
        }
        handles.expire();
        assert_eq!(handles.len(), 1);
        drop(used);
        assert!(handles.remove(&None, &handle).is_some());
    }

    #[test]
    fn the_newest_stays_also_if_all_others_are_in_use() {
        let handles = Handles::new("thing", BOUNDS);
        let used: Vec<_> = (0..5).map(Arc::new).collect();
        used.iter().for_each(|value| drop(handles.put(&None, 1, Arc::clone(value)).unwrap()));
        let newest = handles.put(&None, 1, Arc::new(7)).unwrap();
        assert_eq!(handles.len(), 6);
        assert!(handles.get(&None, &newest).is_ok());
    }

    #[test]
    fn what_is_not_used_for_a_while_goes() {
        let handles = Handles::new("thing", Bounds { life: Duration::ZERO, ..BOUNDS });
        put(&handles, &None, 1);
        handles.expire();
        assert_eq!(handles.len(), 0);
    }
}
