//! Arrow's IPC stream and Parquet: arrow's own writers.

use arrow::{array::RecordBatch, datatypes::SchemaRef, ipc::writer::StreamWriter};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};

use super::{Out, Render};
use crate::status::Result;

/// Writes the IPC stream format.
pub(super) struct Arrow<'a> {
    writer: StreamWriter<Out<'a>>,
}

impl<'a> Arrow<'a> {
    pub(super) fn start(schema: &SchemaRef, out: Out<'a>) -> Result<Arrow<'a>> {
        Ok(Arrow { writer: StreamWriter::try_new(out, schema)? })
    }
}

impl Render for Arrow<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch)?;
        Ok(self.writer.flush()?)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish()?;
        Ok(self.writer.flush()?)
    }
}

/// So much of a file is held back until it is written.
const GROUP_BYTES: usize = 64 << 20;

/// Writes a Parquet file. Its footer comes last, so that an answer that broke off is no file.
pub(super) struct Parquet<'a> {
    writer: ArrowWriter<Out<'a>>,
}

impl<'a> Parquet<'a> {
    pub(super) fn start(schema: &SchemaRef, out: Out<'a>) -> Result<Parquet<'a>> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .build();
        Ok(Parquet {
            writer: ArrowWriter::try_new(out, SchemaRef::clone(schema), Some(properties))?,
        })
    }
}

impl Render for Parquet<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        Ok(self.writer.write(batch)?)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish()?;
        Ok(self.writer.inner_mut().flush()?)
    }
}
