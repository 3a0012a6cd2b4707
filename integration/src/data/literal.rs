//! Values as SQL literals: the tests' own writer, so that the engine's is never its own judge.

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::{Date32Type, Float32Type, Float64Type, TimestampMicrosecondType},
    util::display::{ArrayFormatter, FormatOptions},
};
use intarsia_catalog::{Encoding, Type};
use intarsia_connectors::Flavor;

use crate::Result;

/// Days from the Julian epoch to 1970-01-01 00:00.
const JULIAN_UNIX_EPOCH: f64 = 2_440_587.5;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Writes the values of one column.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    pub(super) flavor: Flavor,
    pub(super) ty: Type,
    pub(super) encoding: Option<Encoding>,
    pub(super) array: &'a ArrayRef,
}

impl Writer<'_> {
    /// The literals of all rows.
    pub(super) fn all(&self) -> Result<Vec<String>> {
        let options = FormatOptions::new();
        let shown = ArrayFormatter::try_new(self.array.as_ref(), &options)?;
        let one = |row| match self.array.is_null(row) {
            true => Ok("NULL".to_owned()),
            false => self.literal(row, || Ok(shown.value(row).try_to_string()?)),
        };
        (0..self.array.len()).map(one).collect()
    }

    fn literal(&self, row: usize, shown: impl Fn() -> Result<String>) -> Result<String> {
        Ok(match self.ty {
            _ if self.encoding.is_some() => self.encoded(row)?,
            Type::Boolean if self.flavor == Flavor::Sqlite => {
                u8::from(self.array.as_boolean().value(row)).to_string()
            }
            Type::Real => self.float(self.array.as_primitive::<Float32Type>().value(row).into()),
            Type::Double => self.float(self.array.as_primitive::<Float64Type>().value(row)),
            Type::Boolean
            | Type::SmallInt
            | Type::SmallIntUnsigned
            | Type::Integer
            | Type::IntegerUnsigned
            | Type::BigInt
            | Type::BigIntUnsigned => shown()?,
            // As text: SQLite would read a long number as a REAL.
            Type::Decimal { .. } | Type::Date | Type::Time | Type::Timestamp => quoted(&shown()?),
            Type::TimestampTz
                if self.flavor == Flavor::Sqlite || self.flavor == Flavor::Postgres =>
            {
                quoted(&shown()?)
            }
            Type::TimestampTz => quoted(shown()?.trim_end_matches('Z')),
            Type::Text | Type::Uuid | Type::Json => {
                quoted(self.array.as_string::<i32>().value(row))
            }
            Type::Binary => self.bytes(self.array.as_binary::<i32>().value(row)),
        })
    }

    fn float(&self, value: f64) -> String {
        match self.flavor {
            Flavor::Postgres => format!("'{value:e}'"),
            Flavor::MySql | Flavor::MariaDb => format!("{value:e}"),
            Flavor::Sqlite if value.is_infinite() => {
                if value > 0.0 { "9e999" } else { "-9e999" }.to_owned()
            }
            Flavor::Sqlite => format!("{value:e}"),
        }
    }

    fn bytes(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.flavor {
            Flavor::Postgres => format!("decode('{hex}', 'hex')"),
            _ => format!("X'{hex}'"),
        }
    }

    /// A date or an instant as SQLite's numbers.
    fn encoded(&self, row: usize) -> Result<String> {
        let micros = match self.ty {
            Type::Date => {
                i64::from(self.array.as_primitive::<Date32Type>().value(row)) * MICROS_PER_DAY
            }
            _ => self.array.as_primitive::<TimestampMicrosecondType>().value(row),
        };
        Ok(match self.encoding {
            Some(Encoding::UnixSeconds) => whole(micros, 1_000_000)?,
            Some(Encoding::UnixMillis) => whole(micros, 1_000)?,
            Some(Encoding::JulianDay) => julian(micros)?,
            Some(Encoding::UnixMicros) | None => micros.to_string(),
        })
    }
}

/// Quotes are doubled; every session of ours takes a backslash as itself.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn whole(micros: i64, unit: i64) -> Result<String> {
    match micros % unit {
        0 => Ok((micros / unit).to_string()),
        _ => Err(format!("{micros} µs have no whole number of units of {unit} µs").into()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a Julian day holds milliseconds, well inside f64")]
fn julian(micros: i64) -> Result<String> {
    let millis: i64 = whole(micros, 1_000)?.parse()?;
    Ok(format!("{:?}", millis as f64 / 86_400_000.0 + JULIAN_UNIX_EPOCH))
}
