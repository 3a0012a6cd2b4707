//! A query to one node, and the stream of its answer.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use futures::{Stream, stream::BoxStream};
use intarsia_catalog::{Encoding, Type};

use crate::Result;

/// A query to one node.
#[derive(Debug, Clone)]
pub struct Query {
    /// The text, in the node's dialect; every value in it is written out.
    pub sql: String,
    /// What its columns are promised to be, in order.
    pub columns: Vec<Column>,
    /// The relation that it reads, for messages.
    pub relation: String,
}

impl Query {
    /// The schema of every batch of the answer.
    pub fn schema(&self) -> SchemaRef {
        let field = |column: &Column| Field::new(&column.name, column.ty.arrow(), column.nullable);
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }
}

/// A promised column of an answer. What the node sends is converted by the contract's rules for values taken
/// without a CAST, checked; what does not fit is an error that names node, relation, `local` and the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the batches.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether NULL is allowed; if not, a NULL is an error.
    pub nullable: bool,
    /// What the node calls it, for messages.
    pub local: String,
    /// How SQLite's numbers stand for dates and times.
    pub encoding: Option<Encoding>,
}

/// What a query will read on one node; decides how its reads share connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reads {
    /// How many streams the query will open.
    pub streams: usize,
    /// Whether a relation is among them twice, so that all reads must see one state of the node.
    pub repeats: bool,
}

/// What the reads of one query on one node had in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// One read, or none: a statement sees one state.
    Single,
    /// Several reads of one snapshot.
    Snapshot,
    /// Several reads, each of its own state.
    Separate,
}

/// The rows of an answer, as they come; complete only when it ends without an error.
pub struct Batches {
    schema: SchemaRef,
    bytes: Arc<AtomicU64>,
    stream: BoxStream<'static, Result<RecordBatch>>,
}

impl Batches {
    /// A stream of batches of `schema`; `bytes` counts what came over the wire.
    pub fn new(
        schema: SchemaRef,
        bytes: Arc<AtomicU64>,
        stream: BoxStream<'static, Result<RecordBatch>>,
    ) -> Batches {
        Batches { schema, bytes, stream }
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Bytes received so far (of SQLite: bytes of the values read).
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Stream for Batches {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for Batches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").field("schema", &self.schema).finish_non_exhaustive()
    }
}
