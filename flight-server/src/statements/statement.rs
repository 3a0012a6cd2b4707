//! A statement that was planned for its rows to be fetched, once or again.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use arrow::datatypes::SchemaRef;
use intarsia_engine::{Part, Query, ScalarValue};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{
    Handles, HoldsPlan, Plans,
    handles::{Bounds, Owner},
    places::{Place, Places},
};
use crate::{observe::Watch, sessions::Session};

/// A statement under a handle.
pub(crate) struct Statement {
    /// The query's id.
    pub(crate) id: Arc<str>,
    /// The text and its parameters' values.
    pub(crate) text: Arc<Text>,
    /// The settings at the time it came in.
    pub(crate) session: Arc<intarsia_engine::Session>,
    /// The client's session, if there is one. It may end before the statement does.
    pub(crate) home: Weak<Session>,
    /// The schema on the wire.
    pub(crate) schema: SchemaRef,
    /// Stops whatever runs of it.
    pub(crate) cancel: CancellationToken,
    /// Whether the session takes its answer in parts, and the plan has them.
    partitions: bool,
    /// The plan, for whoever comes first; later ones plan again.
    planned: Mutex<Option<Planned>>,
    /// The parts of the plan, if it is offered in parts, each for whoever comes first.
    parts: Mutex<Parts>,
}

/// Parts that were not read yet, and what follows the first that is.
#[derive(Default)]
struct Parts {
    left: Vec<Option<Part>>,
    watch: Option<Box<dyn Watch>>,
    /// Until all are read.
    place: Option<Place>,
}

/// SQL and the values of its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) sql: String,
    /// A row for each time that it is run.
    pub(crate) rows: Vec<Vec<ScalarValue>>,
}

impl Text {
    /// Without parameters.
    pub(crate) fn of(sql: String) -> Text {
        Text { sql, rows: vec![Vec::new()] }
    }

    /// The values of the first run.
    pub(crate) fn first(&self) -> &[ScalarValue] {
        self.rows.first().map_or(&[], Vec::as_slice)
    }

    /// Those of the runs that follow.
    pub(crate) fn later(&self) -> &[Vec<ScalarValue>] {
        self.rows.get(1..).unwrap_or_default()
    }

    /// About what it takes of memory.
    pub(crate) fn bytes(&self) -> usize {
        self.sql.len() + self.rows.iter().flatten().map(ScalarValue::size).sum::<usize>()
    }
}

const READ_BEFORE: &str =
    "this part of the answer was read before: each part is read once, ask the question again";

/// A plan, and what follows it.
pub(crate) struct Planned {
    pub(crate) query: Query,
    pub(crate) watch: Box<dyn Watch>,
}

/// What a statement is made of.
pub(crate) struct Asked {
    pub(crate) id: Arc<str>,
    pub(crate) text: Arc<Text>,
    pub(crate) session: Arc<intarsia_engine::Session>,
    pub(crate) home: Weak<Session>,
    pub(crate) schema: SchemaRef,
    pub(crate) partitions: bool,
}

impl Statement {
    /// One whose answer is one stream.
    pub(crate) fn new(asked: Asked, planned: Planned) -> Statement {
        let Asked { id, text, session, home, schema, partitions } = asked;
        let cancel = CancellationToken::new();
        let (planned, parts) = (Mutex::new(Some(planned)), Mutex::default());
        Statement { id, text, session, home, schema, cancel, partitions, planned, parts }
    }

    /// The same, its answer in parts.
    fn in_parts(self, place: Place) -> Statement {
        let Some(Planned { query, watch }) = self.take() else { return self };
        let left = query.into_parts().into_iter().map(Some).collect();
        let parts = Parts { left, watch: Some(watch), place: Some(place) };
        Statement { parts: Mutex::new(parts), ..self }
    }

    /// Takes the plan, if it is still there.
    pub(crate) fn take(&self) -> Option<Planned> {
        lock(&self.planned).take()
    }

    /// How many parts it is offered in; none if it is one stream.
    pub(crate) fn parts(&self) -> usize {
        lock(&self.parts).left.len()
    }

    /// Takes a part, and what follows it if nothing follows another yet.
    ///
    /// # Errors
    /// FAILED_PRECONDITION if it was read before: a plan that is made again need not part the rows alike.
    pub(crate) fn take_part(&self, index: usize) -> Result<(Part, Option<Box<dyn Watch>>), Status> {
        let mut parts = lock(&self.parts);
        let part = parts.left.get_mut(index).and_then(Option::take);
        let part = part.ok_or_else(|| Status::failed_precondition(READ_BEFORE))?;
        if parts.left.iter().all(Option::is_none) {
            parts.place = None;
        }
        Ok((part, parts.watch.take()))
    }

    fn bytes(&self) -> usize {
        size_of::<Statement>() + self.text.bytes()
    }
}

impl HoldsPlan for Statement {
    fn holds(&self) -> bool {
        lock(&self.planned).is_some()
    }

    fn release(&self) {
        let planned = self.take();
        let mut parts = lock(&self.parts);
        let left: Vec<_> = parts.left.iter_mut().map(Option::take).collect();
        let (watch, place) = (parts.watch.take(), parts.place.take());
        drop(parts);
        drop((planned, left, watch, place));
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The statements that clients may fetch.
#[derive(Debug)]
pub(crate) struct Store {
    handles: Handles<Statement>,
    plans: Plans<Statement>,
    places: Places,
}

/// How long a statement is kept that nobody uses.
pub(crate) const LIFE: Duration = Duration::from_secs(10 * 60);
/// Statements of one user.
pub(crate) const PER_USER: usize = 4096;
/// Bytes of all statements without their plans.
const BYTES: usize = 64 << 20;
/// Users' worth of statements that are kept in all.
const USERS: usize = 4;

impl Store {
    /// At most so many of one user, each for as long as it is not unused for `life`.
    pub(crate) fn new(per_user: usize, life: Duration) -> Store {
        let bounds = Bounds { per_user, total: USERS * per_user, bytes: BYTES, life };
        let handles = Handles::new("statement", bounds);
        Store { handles, plans: Plans::new(), places: Places::default() }
    }

    /// How long one is kept without use.
    pub(crate) fn life(&self) -> Duration {
        self.handles.life()
    }

    /// Keeps a statement, in parts where that is asked for and there is room. Its handle, and how many parts it has; none
    /// if it is one stream.
    pub(crate) fn put(
        &self,
        owner: &Owner,
        statement: Statement,
    ) -> Result<(Arc<str>, usize), Status> {
        let place = statement.partitions.then(|| self.places.take(owner)).flatten();
        let statement = Arc::new(match place {
            Some(place) => statement.in_parts(place),
            None => statement,
        });
        let parts = statement.parts();
        if parts == 0 {
            self.plans.keep(&statement);
        }
        Ok((self.handles.put(owner, statement.bytes(), statement)?, parts))
    }

    /// The statement under `handle`.
    pub(crate) fn get(&self, owner: &Owner, handle: &str) -> Result<Arc<Statement>, Status> {
        self.handles.get(owner, handle)
    }

    /// Stops what runs of the statement under `handle`, and forgets it. Whether it was there.
    pub(crate) fn cancel(&self, owner: &Owner, handle: &str) -> bool {
        let Some(statement) = self.handles.remove(owner, handle) else { return false };
        statement.cancel.cancel();
        statement.release();
        true
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
