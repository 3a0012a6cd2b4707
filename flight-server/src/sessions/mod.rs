//! Sessions: settings that outlast a call.
//!
//! A client is known again by its cookie, by its bearer token, or, where it keeps neither (ADBC without users), by its
//! connection. A session begins with the first setting; until then a client has the settings of the catalog.

mod keys;
mod lost;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use intarsia_engine::Engine;
use tonic::Status;

pub(crate) use keys::{COOKIE, Key, Keys, taken_back};

use lost::Lost;

use crate::{encode::Types, observe::Observer, statements::fresh_id};

/// One client's settings.
#[derive(Debug)]
pub(crate) struct Session {
    /// Its cookie: who has it is in the session.
    pub(crate) id: Arc<str>,
    /// What logs call it, since whoever reads them should not get into it.
    pub(crate) name: Arc<str>,
    user: Option<Arc<str>>,
    /// Where its statements are planned.
    pub(crate) engine: intarsia_engine::Session,
    choices: Mutex<Choices>,
    touched: Mutex<Instant>,
}

/// What a client may choose besides the engine's settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Choices {
    /// The types of results.
    pub(crate) types: Types,
    /// Whether a result may be offered in several endpoints.
    pub(crate) partitions: bool,
}

impl Session {
    /// What the client has chosen.
    pub(crate) fn choices(&self) -> Choices {
        *lock(&self.choices)
    }

    /// Chooses otherwise.
    pub(crate) fn choose(&self, change: impl FnOnce(&mut Choices)) {
        change(&mut lock(&self.choices));
    }

    /// Keeps it until what is done in it is over.
    pub(crate) fn used(self: Arc<Session>) -> Use {
        Use(self)
    }

    fn touch(&self) {
        *lock(&self.touched) = Instant::now();
    }
}

/// A session at work: it does not end, and is unused from when this is dropped.
#[derive(Debug)]
pub(crate) struct Use(Arc<Session>);

impl Drop for Use {
    fn drop(&mut self) {
        self.0.touch();
    }
}

/// How many sessions there are at most, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// In all.
    pub(crate) total: usize,
    /// Of one user. Without users nobody knows whose a session is.
    pub(crate) per_user: usize,
    /// Unused.
    pub(crate) idle: Duration,
}

/// All sessions of a server, bounded, each ending when it was not used for a while. Where there are too many, the longest
/// unused one ends: of the user who has too many, or of all.
#[derive(Debug)]
pub(crate) struct Sessions {
    base: intarsia_engine::Session,
    open: Mutex<Open>,
    bounds: Bounds,
    observer: Arc<dyn Observer>,
    lost: Mutex<Lost>,
}

#[derive(Debug, Default)]
struct Open {
    sessions: HashMap<Arc<str>, Arc<Session>>,
    keys: HashMap<Key, Arc<str>>,
}

impl Sessions {
    pub(crate) fn new(engine: &Engine, bounds: Bounds, observer: Arc<dyn Observer>) -> Sessions {
        let (base, open, lost) = (engine.session(), Mutex::default(), Mutex::default());
        Sessions { base, open, bounds, observer, lost }
    }

    /// What statements without a session are planned in.
    pub(crate) fn base(&self) -> &intarsia_engine::Session {
        &self.base
    }

    /// The caller's session, if it has one.
    pub(crate) fn find(&self, keys: &Keys) -> Option<Arc<Session>> {
        let session = lock(&self.open).find(keys)?;
        session.touch();
        Some(session)
    }

    /// The same for what depends on its settings.
    ///
    /// # Errors
    /// FAILED_PRECONDITION, once, if the cookie is of a session that has ended: what follows would run in other settings, and
    /// might read another schema, without a word.
    pub(crate) fn known(&self, keys: &Keys) -> Result<Option<Arc<Session>>, Status> {
        let found = self.find(keys);
        let id = found.as_deref().map(|session| &*session.id);
        match keys.cookie.as_deref().filter(|cookie| id != Some(*cookie)) {
            Some(cookie) => lock(&self.lost).tell(cookie).map(|()| found),
            None => Ok(found),
        }
    }

    /// The caller's session, opened if there is none.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED if there are too many, all of them at work.
    pub(crate) fn open(&self, keys: &Keys) -> Result<Arc<Session>, Status> {
        self.expire();
        let (id, name) = (fresh_id()?.into(), fresh_id()?.into());
        let mut open = lock(&self.open);
        if let Some(session) = open.find(keys) {
            session.touch();
            return Ok(session);
        }
        let ended = open.make_room(&self.bounds, &keys.user)?;
        let session = Arc::new(Session {
            id,
            name,
            user: keys.user.clone(),
            engine: self.base.fork(),
            choices: Mutex::default(),
            touched: Mutex::new(Instant::now()),
        });
        open.add(keys, &session);
        drop(open);
        ended.iter().for_each(|_| self.observer.session_closed());
        self.observer.session_opened();
        Ok(session)
    }

    /// Ends the caller's session. Whether it had one.
    pub(crate) fn close(&self, keys: &Keys) -> bool {
        let mut open = lock(&self.open);
        let Some(session) = open.find(keys) else { return false };
        open.remove(&session.id);
        drop(open);
        self.observer.session_closed();
        true
    }

    /// Ends the sessions that were not used for a while, and are not now.
    pub(crate) fn expire(&self) {
        let mut open = lock(&self.open);
        let idle = |session: &&Arc<Session>| {
            is_unused(session) && lock(&session.touched).elapsed() > self.bounds.idle
        };
        let gone: Vec<_> = open.sessions.values().filter(idle).cloned().collect();
        gone.iter().for_each(|session| open.remove(&session.id));
        drop(open);
        gone.iter().for_each(|_| self.observer.session_closed());
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        lock(&self.open).sessions.len()
    }
}

impl Open {
    /// By cookie, then by token, then by connection. Each serves only the user it was given to.
    fn find(&self, keys: &Keys) -> Option<Arc<Session>> {
        let own = |id: &str| self.sessions.get(id).filter(|session| session.user == keys.user);
        let by_cookie = keys.cookie.as_deref().and_then(own);
        let by_key = || keys.all().find_map(|key| own(self.keys.get(&key)?));
        by_cookie.or_else(by_key).cloned()
    }

    fn add(&mut self, keys: &Keys, session: &Arc<Session>) {
        self.sessions.insert(Arc::clone(&session.id), Arc::clone(session));
        for key in keys.all() {
            self.keys.insert(key, Arc::clone(&session.id));
        }
    }

    /// Ends a session if there is no room for one more of `user`.
    fn make_room(
        &mut self,
        bounds: &Bounds,
        user: &Option<Arc<str>>,
    ) -> Result<Option<Arc<Session>>, Status> {
        let own = || self.sessions.values().filter(|session| session.user == *user);
        let ended = if user.is_some() && own().count() >= bounds.per_user {
            longest_unused(own()).ok_or_else(|| all_at_work("this user", bounds.per_user))?
        } else if self.sessions.len() >= bounds.total {
            let all = self.sessions.values();
            longest_unused(all).ok_or_else(|| all_at_work("the server", bounds.total))?
        } else {
            return Ok(None);
        };
        self.remove(&ended.id);
        Ok(Some(ended))
    }

    fn remove(&mut self, id: &str) {
        self.sessions.remove(id);
        self.keys.retain(|_, session| **session != *id);
    }
}

/// Nobody but the list has it.
fn is_unused(session: &Arc<Session>) -> bool {
    Arc::strong_count(session) == 1
}

fn longest_unused<'a>(sessions: impl Iterator<Item = &'a Arc<Session>>) -> Option<Arc<Session>> {
    let unused = sessions.filter(|session| is_unused(session));
    unused.min_by_key(|session| *lock(&session.touched)).cloned()
}

fn all_at_work(whose: &str, limit: usize) -> Status {
    let message = format!("{whose} has {limit} sessions at work, which is the limit: close one");
    Status::resource_exhausted(message)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
