//! A value of a global column, as conditions and filters compare it.

mod civil;
mod read;

use std::{cmp::Ordering, fmt};

pub use read::read;

/// A value that is not NULL. Two values are comparable when they are of the same variant; the variant
/// follows from the [`Type`](crate::Type) of the column they are compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `boolean`; FALSE is less than TRUE.
    Boolean(bool),
    /// Every whole-number type.
    Integer(i128),
    /// `decimal(p,s)`: the digits, scaled by the *column's* scale (a literal of another scale is rescaled exactly first).
    Decimal(i128),
    /// `real` and `double`. NaN is greater than all other values; `-0.0` equals `0.0`.
    Float(f64),
    /// `text` and `uuid`, compared by bytes.
    Text(String),
    /// `date`: days since 1970-01-01.
    Date(i32),
    /// `timestamp` and `timestamptz`: microseconds since 1970-01-01 00:00:00 (UTC).
    Timestamp(i64),
}

impl Value {
    /// The order of two values of one column; `None` where their variants differ.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
            (Value::Integer(a), Value::Integer(b)) | (Value::Decimal(a), Value::Decimal(b)) => {
                Some(a.cmp(b))
            }
            (Value::Float(a), Value::Float(b)) => Some(compare_floats(*a, *b)),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// The value for people, as SQL spells it in a column of decimal scale `scale` (which matters to decimals only).
    pub fn show(&self, scale: u8) -> impl fmt::Display {
        fmt::from_fn(move |f| match self {
            Value::Boolean(true) => f.write_str("TRUE"),
            Value::Boolean(false) => f.write_str("FALSE"),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Decimal(digits) => show_decimal(*digits, scale.into(), f),
            Value::Float(number) => write!(f, "{number:?}"),
            Value::Text(text) => show_text(text, f),
            Value::Date(days) => write!(f, "'{}'", civil::Date::from_days((*days).into())),
            Value::Timestamp(micros) => show_timestamp(*micros, f),
        })
    }

    /// The ISO date of a number of days since 1970-01-01.
    pub(crate) fn iso_date(days: i32) -> String {
        civil::Date::from_days(days.into()).to_string()
    }
}

/// NaN is equal to itself and greater than all others; both zeros are equal.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn show_decimal(digits: i128, scale: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sign = if digits < 0 { "-" } else { "" };
    let all = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = all.split_at(all.len() - scale);
    match fraction {
        "" => write!(f, "{sign}{whole}"),
        fraction => write!(f, "{sign}{whole}.{fraction}"),
    }
}

/// A text is shown up to here.
const SHOWN: usize = 200;

/// Quoted as in SQL, with control characters made visible, the rest of a long one left out.
fn show_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("'")?;
    for c in text.chars().take(SHOWN) {
        match c {
            '\'' => f.write_str("''")?,
            c if c.is_control() => write!(f, "{}", c.escape_default())?,
            c => write!(f, "{c}")?,
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        f.write_str("…")?;
    }
    f.write_str("'")
}

fn show_timestamp(micros: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (days, rest) = (micros.div_euclid(civil::DAY), micros.rem_euclid(civil::DAY));
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(f, "'{} {hour:02}:{minute:02}:{second:02}", civil::Date::from_days(days))?;
    match fraction {
        0 => f.write_str("'"),
        fraction => write!(f, ".{fraction:06}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_sql_spells_them() {
        let shown = |value: Value| value.show(2).to_string();
        assert_eq!(shown(Value::Decimal(-5)), "-0.05");
        assert_eq!(shown(Value::Decimal(12345)), "123.45");
        assert_eq!(Value::Decimal(7).show(0).to_string(), "7");
        assert_eq!(shown(Value::Text("it's\0".into())), r"'it''s\u{0}'");
        assert_eq!(shown(Value::Text("x".repeat(1000))).chars().count(), SHOWN + 3);
        assert_eq!(shown(Value::Date(-1)), "'1969-12-31'");
        assert_eq!(shown(Value::Timestamp(-1)), "'1969-12-31 23:59:59.999999'");
        assert_eq!(shown(Value::Timestamp(0)), "'1970-01-01 00:00:00'");
        assert_eq!(shown(Value::Float(1.0)), "1.0");
    }

    #[test]
    fn nan_is_the_greatest_float_and_zeros_are_equal() {
        let order = |a, b| Value::Float(a).compare(&Value::Float(b));
        assert_eq!(order(f64::NAN, f64::INFINITY), Some(Ordering::Greater));
        assert_eq!(order(f64::NAN, -f64::NAN), Some(Ordering::Equal));
        assert_eq!(order(-0.0, 0.0), Some(Ordering::Equal));
        assert_eq!(Value::Integer(1).compare(&Value::Decimal(1)), None);
    }
}
