//! Checked builders, shared by every decoder: values of a driver in, batches of exactly the promised schema out.
//!
//! A decoder knows what the node sent, a [`Builder`] knows what the catalog promised; between them stands one
//! append function per family of values (whole numbers, decimals, texts…). A value that the promised type
//! cannot hold is a [`Misfit`], never a NULL and never another value: Arrow's own casts are not used.

mod builder;
mod decimal;
mod misfit;
mod show;
mod values;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::{Error, ErrorKind, Query, Result};

pub(crate) use builder::Builder;
pub(crate) use decimal::{Decimal, parse_decimal, pow10};
pub(crate) use misfit::Misfit;
pub(crate) use show::{DAY, Instant, days_from_civil};

/// Rows in a batch at most; also DataFusion's own batch size.
pub(crate) const ROWS: usize = 8192;

/// Bytes from the wire in a batch, about: with wide rows a batch is shorter.
pub(crate) const BYTES: usize = 4 << 20;

/// The columns of an answer under construction.
#[derive(Debug)]
pub(crate) struct Columns {
    schema: SchemaRef,
    builders: Vec<Builder>,
    names: Names,
    rows: usize,
    bytes: usize,
}

/// What an error about a value has to name.
#[derive(Debug)]
struct Names {
    node: String,
    relation: String,
    locals: Vec<String>,
}

impl Columns {
    /// Empty columns as `query` promises them.
    pub(crate) fn new(query: &Query, node: &str) -> Columns {
        let locals = query.columns.iter().map(|column| column.local.clone()).collect();
        let names = Names { node: node.to_owned(), relation: query.relation.clone(), locals };
        let builders = query.columns.iter().map(|column| Builder::new(column.ty, column.nullable));
        Columns { schema: query.schema(), builders: builders.collect(), names, rows: 0, bytes: 0 }
    }

    /// One builder per column. Of each row, every builder takes one value, then comes [`Columns::end_row`].
    #[inline]
    pub(crate) fn builders(&mut self) -> &mut [Builder] {
        &mut self.builders
    }

    /// Ends a row that took `bytes` on the wire. True when the batch is large enough to be handed on.
    #[inline]
    pub(crate) fn end_row(&mut self, bytes: usize) -> bool {
        self.rows += 1;
        self.bytes += bytes;
        self.rows >= ROWS || self.bytes >= BYTES
    }

    /// The finished rows as a batch; the builders are empty again. `None` if there are none.
    pub(crate) fn take(&mut self) -> Result<Option<RecordBatch>> {
        if self.rows == 0 {
            return Ok(None);
        }
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(SchemaRef::clone(&self.schema), arrays, &options)
            .map(Some)
            .map_err(|e| Error::new(ErrorKind::Internal, &self.names.node, format!("batch: {e}")))
    }

    /// The error for a value of the column at `at` that does not fit.
    #[cold]
    pub(crate) fn misfit(&self, at: usize, misfit: &Misfit) -> Error {
        let Names { node, relation, locals } = &self.names;
        let local = locals.get(at).map_or("?", String::as_str);
        let message = format!("relation `{relation}`, column `{local}`: {misfit}");
        Error::new(ErrorKind::Mismatch, node, message)
    }
}

#[cfg(test)]
mod tests;
