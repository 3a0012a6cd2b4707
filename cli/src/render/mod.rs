//! Answers as text or files: one module a format.
//!
//! Rows are written as they come; only `table` holds back the first ones, which decide its widths.

mod binary;
mod cells;
mod csv;
mod expanded;
mod json;
mod table;

use std::io::Write;

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use clap::ValueEnum;

use crate::status::Result;

pub(crate) use table::Table;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people
    Table,
    /// A line a value, for wide rows
    Expanded,
    /// RFC 4180 with a header; NULL is empty, an empty text is ""
    Csv,
    /// One array of objects a statement
    Json,
    /// One object a line
    Ndjson,
    /// The Arrow IPC stream format
    Arrow,
    /// A Parquet file
    Parquet,
}

/// Where bytes of results go.
pub(crate) type Out<'a> = &'a mut (dyn Write + Send);

/// The writer of one answer. Without [`Render::finish`] the answer is not whole.
pub(crate) trait Render: Send {
    /// Writes some rows.
    fn batch(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Writes what stands after the last row.
    fn finish(&mut self) -> Result<()>;
}

impl Format {
    /// Starts an answer of `schema`.
    pub(crate) fn start<'a>(
        self,
        schema: &SchemaRef,
        out: Out<'a>,
    ) -> Result<Box<dyn Render + 'a>> {
        Ok(match self {
            Format::Table => Box::new(Table::new(schema, out)),
            Format::Expanded => Box::new(expanded::Expanded::new(schema, out)),
            Format::Csv => Box::new(csv::Csv::start(schema, out)?),
            Format::Json => Box::new(json::array(out)),
            Format::Ndjson => Box::new(json::lines(out)),
            Format::Arrow => Box::new(binary::Arrow::start(schema, out)?),
            Format::Parquet => Box::new(binary::Parquet::start(schema, out)?),
        })
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Those that are text.
    pub(crate) fn texts() -> impl Iterator<Item = Format> {
        Format::value_variants().iter().copied().filter(|format| !format.is_binary())
    }

    /// What stands between the answers of two statements; `None` if the format holds one answer only.
    pub(crate) fn separator(self) -> Option<&'static str> {
        match self {
            Format::Table | Format::Expanded | Format::Csv => Some("\n"),
            Format::Json | Format::Ndjson => Some(""),
            Format::Arrow | Format::Parquet => None,
        }
    }

    /// Whether the result is no text, and so nothing for a terminal.
    pub(crate) fn is_binary(self) -> bool {
        self.separator().is_none()
    }
}

#[cfg(test)]
mod tests;
