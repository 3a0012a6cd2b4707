//! A session: SQL in, rows out.
//!
//! ```text
//! text ─statement→ one statement that only reads ─context→ plan ─query→ rows
//! ```

mod context;
mod deep;
mod explain;
pub mod limits;
mod memory;
mod parameters;
mod parts;
pub(crate) mod planning;
mod query;
mod refuse;
mod settings;
mod shape;
mod slices;
mod stack;
mod statement;
mod suggest;
mod words;
mod yielding;

use std::sync::{Arc, PoisonError, RwLock};

use datafusion::scalar::ScalarValue;

use crate::{Engine, Result};

pub use context::{CATALOG, Context, Parts};
pub use explain::Explain;
pub use memory::Memory;
pub use parameters::Prepared;
pub use parts::Part;
pub use query::{Canceller, Query, Rows};
pub use settings::{Limits, Settings};
pub use shape::shape;
pub use words::{Word, WordKind, is_complete, words};

/// A conversation with settings of its own.
#[derive(Debug)]
pub struct Session {
    engine: Option<Engine>,
    context: RwLock<Arc<Context>>,
}

impl Session {
    pub(crate) fn new(engine: Engine, context: Context) -> Session {
        Session { engine: Some(engine), context: RwLock::new(Arc::new(context)) }
    }

    /// A session over any tables; see [`Context`].
    pub fn over(context: Context) -> Session {
        Session { engine: None, context: RwLock::new(Arc::new(context)) }
    }

    /// A session that begins with this one's settings and then goes its own way. Cheap.
    pub fn fork(&self) -> Session {
        let context = RwLock::new(self.context());
        Session { engine: self.engine.clone(), context }
    }

    /// The engine, unless the session is over other tables.
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// Splits a script into its statements' texts, as [`split`] does.
    ///
    /// # Errors
    /// As [`split`].
    pub fn split(&self, script: &str) -> Result<Vec<String>> {
        split(script)
    }

    /// Plans one statement. Relations are described by their nodes if that is not known yet; no rows are read.
    /// A SET takes effect here.
    pub async fn sql(&self, sql: &str) -> Result<Query> {
        self.sql_with(sql, Vec::new()).await
    }

    /// Plans one statement with values for its parameters `$1`, `$2`, … or `?`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) also if there are more or fewer values than parameters.
    pub async fn sql_with(&self, sql: &str, parameters: Vec<ScalarValue>) -> Result<Query> {
        let (query, change) = self.context().plan(sql, parameters).await?;
        if let Some(Change { setting, value }) = change {
            self.change(&setting, value.as_deref())?;
        }
        Ok(query)
    }

    /// Finds out what a statement is and which types its parameters have, before there are values and without any
    /// effect; a SET takes effect when it is run. Run it by [`Session::sql_with`], with what [`Prepared::values`] makes
    /// of the values.
    ///
    /// # Errors
    /// What is wrong with the statement whatever the values are.
    pub async fn prepare(&self, sql: &str) -> Result<Prepared> {
        self.context().prepare(sql).await
    }

    /// Sets one of the engine's settings, or the schema of names that have none, as a SET would.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if there is no such setting or schema, or the value does not
    /// read.
    pub fn set(&self, option: &Setting, value: &str) -> Result<()> {
        self.change(option, Some(value))
    }

    /// Sets it back to what it was at first.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if there is no such setting.
    pub fn reset(&self, option: &Setting) -> Result<()> {
        self.change(option, None)
    }

    /// The value of each, by name.
    pub fn settings(&self) -> Vec<(Setting, String)> {
        self.context().told()
    }

    /// Whether two sessions are set alike because nothing was set since one was forked from the other.
    pub fn is_set_as(&self, other: &Session) -> bool {
        Arc::ptr_eq(&self.context(), &other.context())
    }

    /// Changes what is set now, which may be more than when the statement was planned.
    fn change(&self, setting: &Setting, value: Option<&str>) -> Result<()> {
        let mut context = self.context.write().unwrap_or_else(PoisonError::into_inner);
        *context = Arc::new(context.changed(setting, value)?);
        Ok(())
    }

    fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What can be set of a session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// `intarsia.NAME`, by its name.
    Engine(String),
    /// The schema of names that have none.
    Schema,
}

/// What a SET or a RESET does to a session.
#[derive(Debug)]
pub(crate) struct Change {
    setting: Setting,
    /// None for what it was at first.
    value: Option<String>,
}

/// Splits a script into its statements' texts. Comments and empty statements are dropped.
///
/// # Errors
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) where the text does not parse, with line and column;
/// [`ErrorKind::Exhausted`](crate::ErrorKind::Exhausted) past a limit.
pub fn split(script: &str) -> Result<Vec<String>> {
    stack::with_deep_stack(|| statement::split(script))
}

#[cfg(test)]
pub(crate) mod tests;
