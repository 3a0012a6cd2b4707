//! Aligned columns for people.
//!
//! The first rows decide the widths, then the rest streams; a later, longer cell pushes its own row to the right
//! and is never cut. A text that could be taken for something else is shown in double quotes with escapes: the text
//! `NULL` (a NULL stands without quotes), a text that starts with a quote, one with line ends or other controls.

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use unicode_width::UnicodeWidthStr;

use super::{Out, Render, cells::Cells};
use crate::status::Result;

/// Rows that are held back to find the widths.
const HELD_ROWS: usize = 1000;
/// Bytes of cells that are held back to find the widths.
const HELD_BYTES: usize = 1 << 20;
/// No column is padded to more than this: one long text should not spread the whole table.
const WIDEST: usize = 100;

/// Writes a header, the rows, and how many there were.
pub(crate) struct Table<'a> {
    out: Out<'a>,
    names: Vec<String>,
    numeric: Vec<bool>,
    widths: Widths,
    rows: u64,
}

/// Whether the widths are known yet.
enum Widths {
    Open { held: Vec<Vec<String>>, bytes: usize },
    Known(Vec<usize>),
}

impl<'a> Table<'a> {
    pub(crate) fn new(schema: &SchemaRef, out: Out<'a>) -> Table<'a> {
        Table {
            out,
            names: schema.fields().iter().map(|field| shown(Some(field.name().clone()))).collect(),
            numeric: schema.fields().iter().map(|field| field.data_type().is_numeric()).collect(),
            widths: Widths::Open { held: Vec::new(), bytes: 0 },
            rows: 0,
        }
    }

    fn row(&mut self, row: Vec<String>) -> Result<()> {
        self.rows += 1;
        match &mut self.widths {
            Widths::Known(_) => self.write(&row),
            Widths::Open { held, bytes } => {
                *bytes += row.iter().map(String::len).sum::<usize>();
                held.push(row);
                if held.len() >= HELD_ROWS || *bytes >= HELD_BYTES {
                    self.settle()?;
                }
                Ok(())
            }
        }
    }

    /// Decides the widths, if that is still to be done, and writes what was held back.
    fn settle(&mut self) -> Result<()> {
        let Widths::Open { held, .. } = &mut self.widths else { return Ok(()) };
        let held = std::mem::take(held);
        let width = |column: usize| {
            let cells = held.iter().map(|row| row[column].width());
            cells.max().unwrap_or(0).min(WIDEST).max(self.names[column].width())
        };
        let widths: Vec<usize> = (0..self.names.len()).map(width).collect();
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
        self.widths = Widths::Known(widths);
        self.write(&self.names.clone())?;
        writeln!(self.out, "{}", rule.join("+"))?;
        held.iter().try_for_each(|row| self.write(row))
    }

    fn write(&mut self, row: &[String]) -> Result<()> {
        let Widths::Known(widths) = &self.widths else { return Ok(()) };
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            line.push_str(if column == 0 { " " } else { " | " });
            let gap = " ".repeat(widths[column].saturating_sub(cell.width()));
            let (before, after) = if self.numeric[column] { (&*gap, "") } else { ("", &*gap) };
            line.extend([before, cell, after]);
        }
        Ok(writeln!(self.out, "{}", line.trim_end_matches(' '))?)
    }
}

impl Render for Table<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::new(batch)?;
        for row in 0..batch.num_rows() {
            let texts = (0..cells.width()).map(|column| Ok(shown(cells.text(row, column)?)));
            self.row(texts.collect::<Result<_>>()?)?;
        }
        Ok(self.out.flush()?)
    }

    fn finish(&mut self) -> Result<()> {
        self.settle()?;
        writeln!(self.out, "({} {})", self.rows, if self.rows == 1 { "row" } else { "rows" })?;
        Ok(self.out.flush()?)
    }
}

/// A cell as it is shown. Nothing reaches a terminal that could command it.
pub(super) fn shown(text: Option<String>) -> String {
    match text {
        None => "NULL".to_owned(),
        Some(text) if text == "NULL" || text.starts_with('"') || text.contains(commands) => {
            format!("{text:?}")
        }
        Some(text) => text,
    }
}

/// Controls of the terminal, and those that reverse the direction of what follows.
fn commands(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
