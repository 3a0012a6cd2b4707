//! Cells to columns: each by its storage class, whatever the declared type of its column is.

use intarsia_catalog::{Encoding, Type};

use super::{
    iso,
    number::{decimal_of_real, whole},
    raw::{Cell, Row},
};
use crate::{
    Error, ErrorKind, Query, Result,
    columns::{Builder, Columns, DAY, Misfit, parse_decimal},
};

/// Turns the rows of one answer into columns.
pub(super) struct Decoder {
    node: String,
    encodings: Vec<Option<Encoding>>,
}

impl Decoder {
    pub(super) fn new(query: &Query, node: &str) -> Decoder {
        let encodings = query.columns.iter().map(|column| column.encoding).collect();
        Decoder { node: node.to_owned(), encodings }
    }

    /// Appends the cells of `row`, and says how many bytes they are.
    #[inline]
    pub(super) fn row(&self, row: &Row<'_>, columns: &mut Columns) -> Result<usize> {
        let mut bytes = 0;
        let builders = columns.builders().iter_mut().zip(&self.encodings).zip(0..);
        for ((builder, encoding), index) in builders {
            let cell = row.cell(index);
            bytes += size(cell);
            let appended = match encoding {
                None => append(builder, cell),
                Some(encoding) => append_encoded(builder, *encoding, cell),
            };
            if let Err(unfit) = appended {
                return Err(self.error(unfit, row, index, columns));
            }
        }
        Ok(bytes)
    }

    #[cold]
    fn error(&self, unfit: Unfit, row: &Row<'_>, index: i32, columns: &mut Columns) -> Error {
        let at = usize::try_from(index).unwrap_or_default();
        let misfit = match (unfit, row.cell(index)) {
            (_, Cell::Lost) => {
                let message = "SQLite ran out of memory while it gave a text or a blob";
                return Error::new(ErrorKind::Exhausted, &self.node, message);
            }
            (Unfit::Told(misfit), _) => misfit,
            (Unfit::Cell, cell) => match columns.builders().get(at) {
                Some(builder) => builder.misfit(shown(row, index, cell)),
                None => Misfit::null(),
            },
        };
        columns.misfit(at, &misfit)
    }
}

/// Why a cell was not taken.
enum Unfit {
    /// By the builder, in its words.
    Told(Misfit),
    /// The cell as it is shown does not fit.
    Cell,
}

impl From<Misfit> for Unfit {
    fn from(misfit: Misfit) -> Unfit {
        Unfit::Told(misfit)
    }
}

fn size(cell: Cell<'_>) -> usize {
    match cell {
        Cell::Null | Cell::Lost => 0,
        Cell::Integer(_) | Cell::Real(_) => 8,
        Cell::Text(bytes) | Cell::Blob(bytes) => bytes.len(),
    }
}

#[inline]
fn append(builder: &mut Builder, cell: Cell<'_>) -> Result<(), Unfit> {
    match cell {
        Cell::Null => builder.null()?,
        Cell::Integer(value) => builder.whole(i128::from(value))?,
        Cell::Real(value) => append_real(builder, value)?,
        Cell::Text(text) => append_text(builder, text)?,
        Cell::Blob(bytes) => builder.bytes(bytes)?,
        Cell::Lost => return Err(Unfit::Cell),
    }
    Ok(())
}

#[inline]
fn append_real(builder: &mut Builder, value: f64) -> Result<(), Unfit> {
    let appended = match builder.ty() {
        Type::Real | Type::Double => builder.double(value),
        Type::Decimal { scale, .. } => {
            builder.decimal(decimal_of_real(value, scale).ok_or(Unfit::Cell)?)
        }
        _ => builder.whole(i128::from(whole(value).ok_or(Unfit::Cell)?)),
    };
    appended.map_err(|_| Unfit::Cell)
}

#[inline]
fn append_text(builder: &mut Builder, text: &[u8]) -> Result<(), Unfit> {
    let appended = match builder.ty() {
        Type::Text | Type::Uuid | Type::Json => return Ok(builder.text(text)?),
        Type::Decimal { .. } => builder.decimal(parse_decimal(text).ok_or(Unfit::Cell)?),
        Type::Date => builder.date(iso::date(text).ok_or(Unfit::Cell)?),
        Type::Time => builder.time(iso::time(text).ok_or(Unfit::Cell)?),
        Type::Timestamp => builder.timestamp(iso::timestamp(text).ok_or(Unfit::Cell)?),
        Type::TimestampTz => builder.timestamp(iso::timestamptz(text).ok_or(Unfit::Cell)?),
        _ => return Err(Unfit::Cell),
    };
    appended.map_err(|_| Unfit::Cell)
}

fn append_encoded(builder: &mut Builder, encoding: Encoding, cell: Cell<'_>) -> Result<(), Unfit> {
    if cell == Cell::Null {
        return Ok(builder.null()?);
    }
    let micros = micros(encoding, cell).ok_or(Unfit::Cell)?;
    let appended = match builder.ty() {
        Type::Date if micros % DAY == 0 => builder.date(micros / DAY),
        Type::Timestamp | Type::TimestampTz => builder.timestamp(micros),
        _ => return Err(Unfit::Cell),
    };
    appended.map_err(|_| Unfit::Cell)
}

/// The microseconds since 1970-01-01 00:00:00 that a number stands for.
fn micros(encoding: Encoding, cell: Cell<'_>) -> Option<i64> {
    let unit = match encoding {
        Encoding::UnixSeconds => 1_000_000,
        Encoding::UnixMillis => 1_000,
        Encoding::UnixMicros => 1,
        Encoding::JulianDay => return julian(cell),
    };
    match cell {
        Cell::Integer(value) => value.checked_mul(unit),
        Cell::Real(value) => whole(value)?.checked_mul(unit),
        _ => None,
    }
}

fn julian(cell: Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Integer(value) => iso::julian_day(f64::from(i32::try_from(value).ok()?)),
        Cell::Real(value) => iso::julian_day(value),
        _ => None,
    }
}

/// The cell as SQLite shows it.
#[cold]
fn shown(row: &Row<'_>, index: i32, cell: Cell<'_>) -> String {
    match cell {
        Cell::Null | Cell::Lost => "NULL".to_owned(),
        Cell::Integer(value) => value.to_string(),
        Cell::Real(value) => {
            // SQLite stops after 15 digits: 0.1 + 0.2 would be told as 0.3, which fits.
            let text = row.number(index);
            let whole = text.parse() == Ok(value);
            if whole { text } else { format!("{value:?}") }
        }
        Cell::Text(bytes) | Cell::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
