//! Values as plain text: what `csv` and `table` have in common.

use arrow::{
    array::{Array, ArrayRef, RecordBatch},
    error::ArrowError,
    util::display::{ArrayFormatter, FormatOptions},
};

/// Dates and times are ISO 8601, binary is hex. A value that has no text (a date past the calendar's end) is an
/// error, not a text.
const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_display_error(false);

/// The columns of a batch, ready to be read cell by cell.
pub(super) struct Cells<'a> {
    columns: Vec<(&'a ArrayRef, ArrayFormatter<'a>)>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(batch: &'a RecordBatch) -> Result<Cells<'a>, ArrowError> {
        let cells = |array: &'a ArrayRef| Ok((array, formatter(array)?));
        Ok(Cells { columns: batch.columns().iter().map(cells).collect::<Result<_, ArrowError>>()? })
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The text of a cell; `None` for NULL.
    pub(super) fn text(&self, row: usize, column: usize) -> Result<Option<String>, ArrowError> {
        let (array, formatter) = &self.columns[column];
        if array.is_null(row) || array.data_type().is_null() {
            return Ok(None);
        }
        formatter.value(row).try_to_string().map(Some)
    }
}

/// The texts of an array's values.
pub(super) fn formatter(array: &dyn Array) -> Result<ArrayFormatter<'_>, ArrowError> {
    ArrayFormatter::try_new(array, &OPTIONS)
}
