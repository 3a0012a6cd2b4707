//! Comma-separated values by RFC 4180, with one rule more: NULL is empty and an empty text is `""`, so that the
//! two can be told apart. (The usual writers make them the same, hence our own.)

use arrow::{array::RecordBatch, datatypes::SchemaRef};

use super::{Out, Render, cells::Cells};
use crate::status::Result;

/// Writes a header, then a line a row.
pub(super) struct Csv<'a> {
    out: Out<'a>,
}

impl<'a> Csv<'a> {
    pub(super) fn start(schema: &SchemaRef, out: Out<'a>) -> Result<Csv<'a>> {
        let names = schema.fields().iter().map(|field| quoted(field.name()));
        writeln!(out, "{}", names.collect::<Vec<_>>().join(","))?;
        Ok(Csv { out })
    }
}

impl Render for Csv<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch)?;
        let mut line = String::new();
        for row in 0..batch.num_rows() {
            line.clear();
            for column in 0..cells.width() {
                if column > 0 {
                    line.push(',');
                }
                line.push_str(
                    &cells.text(row, column)?.map(|text| quoted(&text)).unwrap_or_default(),
                );
            }
            line.push('\n');
            self.out.write_all(line.as_bytes())?;
        }
        Ok(self.out.flush()?)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }
}

/// A text as a field.
fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}
