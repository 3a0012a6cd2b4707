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
pub(crate) mod planning;
mod query;
mod refuse;
mod settings;
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
pub use query::{Canceller, Query, Rows};
pub use settings::{Limits, Settings};
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
        let (query, changed) = self.context().plan(sql, parameters).await?;
        if let Some(changed) = changed {
            *self.context.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(changed);
        }
        Ok(query)
    }

    fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context.read().unwrap_or_else(PoisonError::into_inner))
    }
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
