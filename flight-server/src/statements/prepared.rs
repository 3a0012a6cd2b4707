//! Statements that clients have prepared, with the values that they are given.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use intarsia_engine::{Query, ScalarValue};
use tonic::Status;

use super::{
    Handles, HoldsPlan, Plans, Text,
    handles::{Bounds, Owner},
};

/// A statement that was prepared.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// What is known of it.
    pub(crate) known: intarsia_engine::Prepared,
    /// The settings at that time.
    session: intarsia_engine::Session,
    text: Mutex<Arc<Text>>,
}

impl Prepared {
    pub(crate) fn new(
        sql: String,
        session: intarsia_engine::Session,
        known: intarsia_engine::Prepared,
    ) -> Prepared {
        Prepared { known, session, text: Mutex::new(Arc::new(Text::of(sql))) }
    }

    /// The text, and the values that it was given last.
    pub(crate) fn text(&self) -> Arc<Text> {
        Arc::clone(&self.text.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it waits for values, and none have come.
    pub(crate) fn waits(&self) -> bool {
        self.text().first().len() < self.known.parameters().len()
    }

    /// The plan of its first run, where no value and no setting changes it.
    pub(crate) fn take_plan(&self, session: &intarsia_engine::Session) -> Option<Query> {
        self.session.is_set_as(session).then(|| self.known.take_query()).flatten()
    }

    fn bytes(&self) -> usize {
        size_of::<Prepared>() + self.text().bytes()
    }
}

impl HoldsPlan for Prepared {
    fn holds(&self) -> bool {
        self.known.has_query()
    }

    fn release(&self) {
        drop(self.known.take_query());
    }
}

/// All that are prepared.
#[derive(Debug)]
pub(crate) struct PreparedStore {
    handles: Handles<Prepared>,
    plans: Plans<Prepared>,
}

/// Bytes of all, values among them, without the plans.
const BYTES: usize = 256 << 20;
/// Users' worth of them that are kept in all.
const USERS: usize = 4;

impl PreparedStore {
    /// At most so many of one user, each for as long as it is not unused for `life`.
    pub(crate) fn new(per_user: usize, life: Duration) -> PreparedStore {
        let bounds = Bounds { per_user, total: USERS * per_user, bytes: BYTES, life };
        PreparedStore { handles: Handles::new("prepared statement", bounds), plans: Plans::new() }
    }

    /// Keeps one.
    pub(crate) fn put(&self, owner: &Owner, prepared: Prepared) -> Result<Arc<str>, Status> {
        let prepared = Arc::new(prepared);
        self.plans.keep(&prepared);
        self.handles.put(owner, prepared.bytes(), prepared)
    }

    /// The one under `handle`.
    pub(crate) fn get(&self, owner: &Owner, handle: &str) -> Result<Arc<Prepared>, Status> {
        self.handles.get(owner, handle)
    }

    /// Gives it values, a row for each time that it is to be run.
    pub(crate) fn bind(
        &self,
        owner: &Owner,
        handle: &str,
        rows: Vec<Vec<ScalarValue>>,
    ) -> Result<(), Status> {
        let prepared = self.get(owner, handle)?;
        {
            let mut text = prepared.text.lock().unwrap_or_else(PoisonError::into_inner);
            *text = Arc::new(Text { sql: text.sql.clone(), rows });
        }
        self.handles.resize(handle, prepared.bytes());
        Ok(())
    }

    /// Forgets it, if it is there.
    pub(crate) fn close(&self, owner: &Owner, handle: &str) {
        drop(self.handles.remove(owner, handle));
    }

    /// Forgets what was not used for a while.
    pub(crate) fn expire(&self) {
        self.handles.expire();
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.handles.len()
    }
}
