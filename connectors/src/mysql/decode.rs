//! Values of the binary protocol into the builders of the promised types.

use std::fmt;

use intarsia_catalog::Type;
use mysql_async::{
    Column as Sent, Row, Value,
    consts::{ColumnFlags, ColumnType},
};

use crate::{
    Column, Error, ErrorKind, Query, Result,
    columns::{Builder, Columns, DAY, Misfit, days_from_civil, parse_decimal},
};

/// The collation number of bytes without a character set.
const BINARY: u16 = 63;

/// What the server says that a column of the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Whole,
    Real,
    Double,
    Decimal,
    Text,
    Bytes,
    Bit,
    Date,
    Time,
    DateTime,
    Instant,
    /// A bare NULL.
    Null,
}

/// Decodes the rows of one answer.
#[derive(Debug)]
pub(super) struct Decoder {
    wires: Vec<Wire>,
    bytes: usize,
}

impl Decoder {
    /// Compares what the server is about to send with what `query` was promised.
    ///
    /// # Errors
    /// `Mismatch` naming the first column that is another.
    pub(super) fn new(query: &Query, sent: &[Sent], node: &str) -> Result<Decoder> {
        let mismatch = |message| Error::new(ErrorKind::Mismatch, node, message);
        // There is no SELECT of nothing: where no column is wanted, one comes that nobody looks at.
        if sent.len() != query.columns.len() && !query.columns.is_empty() {
            let (found, wanted) = (sent.len(), query.columns.len());
            let relation = &query.relation;
            let message = format!("relation `{relation}`: {found} columns came, not {wanted}");
            return Err(mismatch(message));
        }
        let wire = |(column, sent): (&Column, &Sent)| {
            Wire::of(sent).filter(|wire| wire.fits(column.ty)).ok_or_else(|| {
                mismatch(format!(
                    "relation `{}`, column `{}`: the server sends {}, the catalog says {}",
                    query.relation,
                    column.local,
                    Shown(sent),
                    column.ty
                ))
            })
        };
        let wires = query.columns.iter().zip(sent).map(wire).collect::<Result<_>>()?;
        Ok(Decoder { wires, bytes: 0 })
    }

    /// Appends a row. True when the batch is large enough to be handed on.
    pub(super) fn row(&mut self, row: &Row, columns: &mut Columns) -> Result<bool> {
        let mut bytes = 0;
        for (at, wire) in self.wires.iter().enumerate() {
            let value = row.as_ref(at).unwrap_or(&Value::NULL);
            bytes += size(value);
            if let Err(misfit) = append(value, *wire, &mut columns.builders()[at]) {
                return Err(columns.misfit(at, &misfit));
            }
        }
        self.bytes += bytes;
        Ok(columns.end_row(bytes))
    }

    /// About how many bytes came since this was asked last; the driver does not tell exactly.
    pub(super) fn take_bytes(&mut self) -> u64 {
        u64::try_from(std::mem::take(&mut self.bytes)).unwrap_or(u64::MAX)
    }
}

impl Wire {
    fn of(sent: &Sent) -> Option<Wire> {
        use ColumnType as C;
        let bytes = sent.character_set() == BINARY;
        Some(match sent.column_type() {
            C::MYSQL_TYPE_TINY
            | C::MYSQL_TYPE_SHORT
            | C::MYSQL_TYPE_INT24
            | C::MYSQL_TYPE_LONG
            | C::MYSQL_TYPE_LONGLONG
            | C::MYSQL_TYPE_YEAR => Wire::Whole,
            C::MYSQL_TYPE_FLOAT => Wire::Real,
            C::MYSQL_TYPE_DOUBLE => Wire::Double,
            C::MYSQL_TYPE_DECIMAL | C::MYSQL_TYPE_NEWDECIMAL => Wire::Decimal,
            C::MYSQL_TYPE_JSON | C::MYSQL_TYPE_ENUM | C::MYSQL_TYPE_SET => Wire::Text,
            C::MYSQL_TYPE_VARCHAR
            | C::MYSQL_TYPE_VAR_STRING
            | C::MYSQL_TYPE_STRING
            | C::MYSQL_TYPE_TINY_BLOB
            | C::MYSQL_TYPE_MEDIUM_BLOB
            | C::MYSQL_TYPE_LONG_BLOB
            | C::MYSQL_TYPE_BLOB => {
                if bytes {
                    Wire::Bytes
                } else {
                    Wire::Text
                }
            }
            C::MYSQL_TYPE_BIT => Wire::Bit,
            C::MYSQL_TYPE_DATE | C::MYSQL_TYPE_NEWDATE => Wire::Date,
            C::MYSQL_TYPE_TIME | C::MYSQL_TYPE_TIME2 => Wire::Time,
            C::MYSQL_TYPE_DATETIME | C::MYSQL_TYPE_DATETIME2 => Wire::DateTime,
            C::MYSQL_TYPE_TIMESTAMP | C::MYSQL_TYPE_TIMESTAMP2 => Wire::Instant,
            C::MYSQL_TYPE_NULL => Wire::Null,
            _ => return None,
        })
    }

    /// What a promised type takes without a CAST; the values are checked one by one.
    fn fits(self, ty: Type) -> bool {
        match ty {
            _ if self == Wire::Null => true,
            Type::Boolean => matches!(self, Wire::Whole | Wire::Bit),
            Type::SmallInt
            | Type::SmallIntUnsigned
            | Type::Integer
            | Type::IntegerUnsigned
            | Type::BigInt
            | Type::BigIntUnsigned
            | Type::Decimal { .. } => matches!(self, Wire::Whole | Wire::Decimal),
            Type::Real | Type::Double => matches!(self, Wire::Real | Wire::Double),
            Type::Text | Type::Uuid | Type::Json => self == Wire::Text,
            Type::Binary => self == Wire::Bytes,
            Type::Date => self == Wire::Date,
            Type::Time => self == Wire::Time,
            Type::Timestamp => self == Wire::DateTime,
            Type::TimestampTz => matches!(self, Wire::DateTime | Wire::Instant),
        }
    }
}

/// A column of an answer as an error shows it: `MYSQL_TYPE_LONG` as `long`.
struct Shown<'a>(&'a Sent);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{:?}", self.0.column_type());
        let name = name.strip_prefix("MYSQL_TYPE_").unwrap_or(&name).to_ascii_lowercase();
        let unsigned = self.0.flags().contains(ColumnFlags::UNSIGNED_FLAG);
        f.write_str(&name)?;
        match Wire::of(self.0) {
            Some(Wire::Whole) if unsigned => f.write_str(" unsigned"),
            Some(Wire::Bytes) => f.write_str(" of bytes"),
            _ => Ok(()),
        }
    }
}

/// About what a value took on the wire.
fn size(value: &Value) -> usize {
    match value {
        Value::NULL => 0,
        Value::Bytes(bytes) => bytes.len(),
        Value::Float(_) => 4,
        Value::Int(_) | Value::UInt(_) | Value::Double(_) => 8,
        Value::Date(..) | Value::Time(..) => 12,
    }
}

fn append(value: &Value, wire: Wire, builder: &mut Builder) -> Result<(), Misfit> {
    match value {
        Value::NULL => builder.null(),
        Value::Int(n) => builder.whole(i128::from(*n)),
        Value::UInt(n) => builder.whole(i128::from(*n)),
        Value::Float(n) => builder.real(*n),
        Value::Double(n) => builder.double(*n),
        Value::Bytes(bytes) => append_bytes(bytes, wire, builder),
        Value::Date(..) => match Moment::of(value) {
            Some(moment) if wire == Wire::Date => builder.date(moment.days),
            Some(moment) => builder.timestamp(moment.days * DAY + moment.micros),
            None => Err(builder.misfit(AsShown(value, wire))),
        },
        Value::Time(negative, days, hours, minutes, seconds, micros) => {
            let hours = i64::from(*days) * 24 + i64::from(*hours);
            let time = clock(hours, i64::from(*minutes), i64::from(*seconds), i64::from(*micros));
            builder.time(if *negative { -time } else { time })
        }
    }
}

fn append_bytes(bytes: &[u8], wire: Wire, builder: &mut Builder) -> Result<(), Misfit> {
    match wire {
        Wire::Bytes => builder.bytes(bytes),
        Wire::Bit => builder.whole(bytes.iter().fold(0, |n, byte| n << 8 | i128::from(*byte))),
        Wire::Decimal => parse_decimal(bytes)
            .is_some_and(|decimal| builder.decimal(decimal).is_ok())
            .then_some(())
            .ok_or_else(|| builder.misfit(String::from_utf8_lossy(bytes))),
        _ => builder.text(bytes),
    }
}

fn clock(hours: i64, minutes: i64, seconds: i64, micros: i64) -> i64 {
    ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros
}

/// A day and the time in it.
struct Moment {
    days: i64,
    micros: i64,
}

impl Moment {
    /// `None` for what MySQL stores and the calendar does not have: zero dates, zeros in a date, 31 February.
    fn of(value: &Value) -> Option<Moment> {
        let Value::Date(year, month, day, hours, minutes, seconds, micros) = *value else {
            return None;
        };
        let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
        if year == 0 || !(1..=12).contains(&month) || day == 0 || day > last_day(year, month) {
            return None;
        }
        Some(Moment {
            days: days_from_civil(year, month, day),
            micros: clock(hours.into(), minutes.into(), seconds.into(), micros.into()),
        })
    }
}

fn last_day(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A date as the node shows it: `0000-00-00`, with its time where the column has one.
struct AsShown<'a>(&'a Value, Wire);

impl fmt::Display for AsShown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value::Date(year, month, day, hours, minutes, seconds, micros) = *self.0 else {
            return Ok(());
        };
        write!(f, "{year:04}-{month:02}-{day:02}")?;
        if self.1 == Wire::Date {
            return Ok(());
        }
        write!(f, " {hours:02}:{minutes:02}:{seconds:02}")?;
        if micros == 0 { Ok(()) } else { write!(f, ".{micros:06}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: &Value, wire: Wire, ty: Type) -> String {
        let appended = append(value, wire, &mut Builder::new(ty, true));
        appended.map_or_else(|misfit| misfit.to_string(), |()| "fits".to_owned())
    }

    #[test]
    fn days_that_the_calendar_lacks_are_shown_as_the_node_shows_them() {
        let date = |y, m, d| Value::Date(y, m, d, 0, 0, 0, 0);
        for (value, shown) in [
            (date(0, 0, 0), "0000-00-00"),
            (date(2024, 0, 15), "2024-00-15"),
            (date(2024, 2, 31), "2024-02-31"),
            (date(2023, 2, 29), "2023-02-29"),
            (date(0, 1, 1), "0000-01-01"),
        ] {
            let misfit = told(&value, Wire::Date, Type::Date);
            assert_eq!(misfit, format!("value `{shown}` does not fit date"));
        }
        assert_eq!(
            told(&date(0, 0, 0), Wire::DateTime, Type::Timestamp),
            "value `0000-00-00 00:00:00` does not fit timestamp"
        );
        assert_eq!(told(&date(2024, 2, 29), Wire::Date, Type::Date), "fits");
    }

    #[test]
    fn durations_are_no_times_of_day() {
        let time = |negative, days, hours| Value::Time(negative, days, hours, 59, 59, 0);
        assert_eq!(told(&time(false, 0, 23), Wire::Time, Type::Time), "fits");
        let longest = told(&time(false, 34, 22), Wire::Time, Type::Time);
        assert_eq!(longest, "value `838:59:59` does not fit time");
        assert_ne!(told(&time(true, 0, 1), Wire::Time, Type::Time), "fits");
    }

    #[test]
    fn bits_are_whole_numbers() {
        let bits = |bytes: &[u8]| told(&Value::Bytes(bytes.to_vec()), Wire::Bit, Type::Boolean);
        assert_eq!(bits(&[1]), "fits");
        assert_eq!(bits(&[2]), "value `2` does not fit boolean");
        assert_eq!(bits(&[1, 0]), "value `256` does not fit boolean");
    }
}
