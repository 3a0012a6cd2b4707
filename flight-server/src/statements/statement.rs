//! A statement that was planned for its rows to be fetched, once or again.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use arrow::datatypes::SchemaRef;
use intarsia_engine::{Query, ScalarValue};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{
    Handles,
    handles::{Bounds, Owner},
};
use crate::observe::Watch;

/// A statement under a handle.
pub(crate) struct Statement {
    /// The query's id.
    pub(crate) id: Arc<str>,
    /// The text and its parameters' values.
    pub(crate) text: Arc<Text>,
    /// The settings at the time it came in.
    pub(crate) session: Arc<intarsia_engine::Session>,
    /// The schema on the wire.
    pub(crate) schema: SchemaRef,
    /// Stops whatever runs of it.
    pub(crate) cancel: CancellationToken,
    /// The plan, for whoever comes first; later ones plan again.
    pub(crate) planned: Mutex<Option<Planned>>,
}

/// SQL and the values of its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) sql: String,
    pub(crate) values: Vec<ScalarValue>,
}

impl Text {
    /// Without parameters.
    pub(crate) fn of(sql: String) -> Text {
        Text { sql, values: Vec::new() }
    }
}

/// A plan, and what follows it.
pub(crate) struct Planned {
    pub(crate) query: Query,
    pub(crate) watch: Box<dyn Watch>,
}

impl Statement {
    /// Takes the plan, if it is still there.
    pub(crate) fn take(&self) -> Option<Planned> {
        lock(&self.planned).take()
    }

    fn bytes(&self) -> usize {
        let values = self.text.values.iter().map(ScalarValue::size).sum::<usize>();
        size_of::<Statement>() + self.text.sql.len() + values
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
    /// Those whose plans are kept, the oldest first.
    plans: Mutex<VecDeque<Weak<Statement>>>,
}

/// Plans that are kept for clients that have not fetched yet. Beyond them the oldest is planned again when its client
/// comes: a plan takes far more memory than its text.
const PLANS: usize = 256;

/// How long a statement is kept that nobody uses.
pub(crate) const LIFE: Duration = Duration::from_secs(10 * 60);
/// Statements of one user.
pub(crate) const PER_USER: usize = 4096;
/// Of statements without their plans.
const BOUNDS: Bounds = Bounds { per_user: PER_USER, total: 16_384, bytes: 64 << 20, life: LIFE };

impl Store {
    pub(crate) fn new() -> Store {
        Store { handles: Handles::new("statement", BOUNDS), plans: Mutex::default() }
    }

    /// Keeps a statement.
    pub(crate) fn put(&self, owner: &Owner, statement: Statement) -> Result<Arc<str>, Status> {
        let statement = Arc::new(statement);
        let oldest = {
            let mut plans = lock(&self.plans);
            plans.push_back(Arc::downgrade(&statement));
            if plans.len() > PLANS { plans.pop_front() } else { None }
        };
        drop(oldest.and_then(|oldest| oldest.upgrade()?.take()));
        self.handles.put(owner, statement.bytes(), statement)
    }

    /// The statement under `handle`.
    pub(crate) fn get(&self, owner: &Owner, handle: &str) -> Result<Arc<Statement>, Status> {
        self.handles.get(owner, handle)
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
