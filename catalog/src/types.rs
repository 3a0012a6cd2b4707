//! The types that a catalog's columns can have, and what they are in Arrow.

use std::fmt;

use arrow_schema::{DataType, TimeUnit};

/// The type of a global column, as written in the catalog (without `not null`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// TRUE or FALSE.
    Boolean,
    /// A whole number of 16 bits.
    SmallInt,
    /// A whole number of 16 bits without a sign.
    SmallIntUnsigned,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 32 bits without a sign.
    IntegerUnsigned,
    /// A whole number of 64 bits.
    BigInt,
    /// A whole number of 64 bits without a sign.
    BigIntUnsigned,
    /// An IEEE number of 32 bits.
    Real,
    /// An IEEE number of 64 bits.
    Double,
    /// An exact number of `precision` digits (1 to 38), `scale` of them after the point (0 to `precision`).
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// UTF-8 text of any length, compared by bytes.
    Text,
    /// Bytes of any length.
    Binary,
    /// A day of the Gregorian calendar.
    Date,
    /// A time of day in microseconds.
    Time,
    /// A date and time in microseconds, in no zone.
    Timestamp,
    /// An instant in microseconds, shown in UTC.
    TimestampTz,
    /// A UUID: lower-case text to the query.
    Uuid,
    /// JSON: the node's own text to the query.
    Json,
}

/// The time zone of every `timestamptz` in Arrow.
pub const UTC: &str = "+00:00";

impl Type {
    /// The Arrow type of a column of this type.
    pub fn arrow(self) -> DataType {
        match self {
            Type::Boolean => DataType::Boolean,
            Type::SmallInt => DataType::Int16,
            Type::SmallIntUnsigned => DataType::UInt16,
            Type::Integer => DataType::Int32,
            Type::IntegerUnsigned => DataType::UInt32,
            Type::BigInt => DataType::Int64,
            Type::BigIntUnsigned => DataType::UInt64,
            Type::Real => DataType::Float32,
            Type::Double => DataType::Float64,
            Type::Decimal { precision, scale } => {
                DataType::Decimal128(precision, scale.cast_signed())
            }
            Type::Text | Type::Uuid | Type::Json => DataType::Utf8,
            Type::Binary => DataType::Binary,
            Type::Date => DataType::Date32,
            Type::Time => DataType::Time64(TimeUnit::Microsecond),
            Type::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Type::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        }
    }
}

impl fmt::Display for Type {
    /// The type as a catalog file spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Boolean => f.write_str("boolean"),
            Type::SmallInt => f.write_str("smallint"),
            Type::SmallIntUnsigned => f.write_str("smallint unsigned"),
            Type::Integer => f.write_str("integer"),
            Type::IntegerUnsigned => f.write_str("integer unsigned"),
            Type::BigInt => f.write_str("bigint"),
            Type::BigIntUnsigned => f.write_str("bigint unsigned"),
            Type::Real => f.write_str("real"),
            Type::Double => f.write_str("double"),
            Type::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Type::Text => f.write_str("text"),
            Type::Binary => f.write_str("binary"),
            Type::Date => f.write_str("date"),
            Type::Time => f.write_str("time"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::TimestampTz => f.write_str("timestamptz"),
            Type::Uuid => f.write_str("uuid"),
            Type::Json => f.write_str("json"),
        }
    }
}
