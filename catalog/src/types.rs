//! The types that a catalog's columns can have, and what they are in Arrow.

use std::{fmt, str::FromStr};

use arrow_schema::{DataType, TimeUnit};

use crate::names::suggest;

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
    /// The types that have no parameters; all but the decimals.
    pub const SIMPLE: [Type; 17] = [
        Type::Boolean,
        Type::SmallInt,
        Type::SmallIntUnsigned,
        Type::Integer,
        Type::IntegerUnsigned,
        Type::BigInt,
        Type::BigIntUnsigned,
        Type::Real,
        Type::Double,
        Type::Text,
        Type::Binary,
        Type::Date,
        Type::Time,
        Type::Timestamp,
        Type::TimestampTz,
        Type::Uuid,
        Type::Json,
    ];

    /// Digits after the point; 0 for all types but decimals.
    pub fn scale(self) -> u8 {
        match self {
            Type::Decimal { scale, .. } => scale,
            _ => 0,
        }
    }

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

/// Names that other databases use, and the type they mean here.
const FOREIGN: [(&str, &str); 26] = [
    ("bool", "boolean"),
    ("tinyint", "smallint"),
    ("int2", "smallint"),
    ("int", "integer"),
    ("int4", "integer"),
    ("mediumint", "integer"),
    ("int8", "bigint"),
    ("serial", "integer"),
    ("bigserial", "bigint"),
    ("float", "double"),
    ("float4", "real"),
    ("float8", "double"),
    ("double precision", "double"),
    ("numeric", "decimal(p,s)"),
    ("dec", "decimal(p,s)"),
    ("money", "decimal(p,s)"),
    ("char", "text"),
    ("varchar", "text"),
    ("string", "text"),
    ("citext", "text"),
    ("blob", "binary"),
    ("bytea", "binary"),
    ("varbinary", "binary"),
    ("datetime", "timestamp"),
    ("timestamp with time zone", "timestamptz"),
    ("jsonb", "json"),
];

/// Digits that a decimal can have.
const MAX_PRECISION: u8 = 38;

impl FromStr for Type {
    type Err = String;

    /// Reads a type as a catalog file spells it, in any case; the error says what may have been meant.
    fn from_str(text: &str) -> Result<Type, String> {
        let lower = text.to_lowercase();
        let words = lower.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(simple) = Type::SIMPLE.iter().find(|simple| simple.to_string() == words) {
            return Ok(*simple);
        }
        match words.split_once('(') {
            Some((name, parameters)) if name.trim() == "decimal" => decimal(text, parameters),
            _ if words == "decimal" => Err("`decimal` needs its digits: decimal(p,s)".to_owned()),
            _ => Err(unknown(text, &words)),
        }
    }
}

fn decimal(text: &str, parameters: &str) -> Result<Type, String> {
    let numbers: Option<Vec<u32>> = parameters
        .strip_suffix(')')
        .and_then(|inner| inner.split(',').map(|number| number.trim().parse().ok()).collect());
    if !parameters.contains(')') {
        return Err(cut_off(text));
    }
    let Some(&[precision, scale]) = numbers.as_deref() else {
        return Err(format!(
            "`{text}` is no type: write decimal(p,s), p digits, s behind the point"
        ));
    };
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(0), _) => Err(format!("`{text}`: a decimal has at least one digit")),
        (Ok(p), _) if p > MAX_PRECISION => Err(too_precise(text)),
        (Ok(precision), Ok(scale)) if scale <= precision => Ok(Type::Decimal { precision, scale }),
        (Ok(precision), _) => {
            Err(format!("`{text}`: more digits behind the point than the {precision} in all"))
        }
        (Err(_), _) => Err(too_precise(text)),
    }
}

/// `{ total: decimal(12,2) }` is two entries to YAML.
fn cut_off(text: &str) -> String {
    format!("`{text}` is cut off: between {{ }} write \"decimal(p,s)\" in quotes")
}

fn too_precise(text: &str) -> String {
    format!("`{text}`: a decimal has at most {MAX_PRECISION} digits")
}

fn unknown(text: &str, words: &str) -> String {
    let name = words.split('(').next().unwrap_or_default().trim();
    let meant = FOREIGN.iter().find(|(foreign, _)| *foreign == name || *foreign == words);
    let hint = match meant {
        Some((_, ours)) => format!(": did you mean `{ours}`?"),
        None => {
            let known: Vec<String> = Type::SIMPLE.iter().map(Type::to_string).collect();
            let known = known.iter().map(String::as_str).chain(["decimal"]);
            suggest(words, known)
        }
    };
    format!("unknown type `{text}`{hint}")
}

/// Reads `TYPE` or `TYPE not null`: the type, and whether it may be NULL.
pub(crate) fn column_type(text: &str) -> Result<(Type, bool), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [ty @ .., not, null]
            if not.eq_ignore_ascii_case("not") && null.eq_ignore_ascii_case("null") =>
        {
            Ok((ty.join(" ").parse()?, false))
        }
        _ => Ok((text.trim().parse()?, true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_as_it_prints() {
        let decimal = Type::Decimal { precision: 38, scale: 38 };
        for ty in Type::SIMPLE.into_iter().chain([decimal]) {
            assert_eq!(ty.to_string().parse(), Ok(ty));
        }
        assert_eq!(column_type("DECIMAL ( 12 , 2 )  Not Null"), {
            Ok((Type::Decimal { precision: 12, scale: 2 }, false))
        });
    }

    #[test]
    fn what_is_no_type_says_what_may_be_meant() {
        for (text, message) in [
            ("bigant", "unknown type `bigant`: did you mean `bigint`?"),
            ("varchar(20)", "unknown type `varchar(20)`: did you mean `text`?"),
            ("numeric(5,2)", "unknown type `numeric(5,2)`: did you mean `decimal(p,s)`?"),
            ("decimal", "`decimal` needs its digits: decimal(p,s)"),
            ("decimal(39,0)", "`decimal(39,0)`: a decimal has at most 38 digits"),
            ("decimal(400,0)", "`decimal(400,0)`: a decimal has at most 38 digits"),
            ("decimal(5,6)", "`decimal(5,6)`: more digits behind the point than the 5 in all"),
            ("", "unknown type ``"),
        ] {
            assert_eq!(text.parse::<Type>().unwrap_err(), message);
        }
    }
}
