//! A line a value, for rows that are too wide to be read side by side.

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use unicode_width::UnicodeWidthStr;

use super::{Out, Render, cells::Cells, table::shown};
use crate::status::Result;

/// Writes each row below the last, a line a column.
pub(super) struct Expanded<'a> {
    out: Out<'a>,
    /// The columns' names, all of one width.
    names: Vec<String>,
    rows: u64,
}

impl<'a> Expanded<'a> {
    pub(super) fn new(schema: &SchemaRef, out: Out<'a>) -> Expanded<'a> {
        let names = schema.fields().iter().map(|field| shown(Some(field.name().clone())));
        let names: Vec<String> = names.collect();
        let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
        let padded = |name: &String| format!("{name}{}", " ".repeat(width - name.width()));
        Expanded { out, names: names.iter().map(padded).collect(), rows: 0 }
    }

    fn row(&mut self, cells: &Cells<'_>, row: usize) -> Result<()> {
        self.rows += 1;
        writeln!(self.out, "-[ row {} ]-", self.rows)?;
        for (column, name) in self.names.iter().enumerate() {
            let line = format!("{name} | {}", shown(cells.text(row, column)?));
            writeln!(self.out, "{}", line.trim_end_matches(' '))?;
        }
        Ok(())
    }
}

impl Render for Expanded<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch)?;
        (0..batch.num_rows()).try_for_each(|row| self.row(&cells, row))?;
        Ok(self.out.flush()?)
    }

    fn finish(&mut self) -> Result<()> {
        writeln!(self.out, "({} {})", self.rows, if self.rows == 1 { "row" } else { "rows" })?;
        Ok(self.out.flush()?)
    }
}
