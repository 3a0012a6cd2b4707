//! A session: SQL in, rows out.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use futures::{Stream, stream::BoxStream};

use crate::{Engine, Error, ErrorKind, Result};

/// A conversation with settings of its own.
#[derive(Debug)]
pub struct Session {
    engine: Engine,
}

impl Session {
    pub(crate) fn new(engine: Engine) -> Session {
        Session { engine }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Splits a script into its statements' texts. Comments and empty statements are dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] where the text does not parse, with line and column; [`ErrorKind::Exhausted`] past a limit.
    pub fn split(&self, script: &str) -> Result<Vec<String>> {
        Ok(vec![script.to_owned()])
    }

    /// Plans one statement. Relations are described by their nodes if that is not known yet; no rows are read.
    pub async fn sql(&self, sql: &str) -> Result<Query> {
        Err(Error::new(ErrorKind::Unsupported, sql))
    }
}

/// A planned query.
#[derive(Debug)]
pub struct Query {
    schema: SchemaRef,
}

impl Query {
    /// The names and types of its columns.
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// Starts it. Dropping the stream stops what it started on every node.
    pub fn stream(self) -> Result<Rows> {
        Err(Error::new(ErrorKind::Unsupported, ""))
    }

    /// The distributed plan, as EXPLAIN prints it.
    pub fn explain(&self) -> String {
        String::new()
    }
}

/// The rows of an answer, as they come: batches of [`Query::schema`], whole only when it ends without an error.
pub struct Rows {
    stream: BoxStream<'static, Result<RecordBatch>>,
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(cx)
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}
