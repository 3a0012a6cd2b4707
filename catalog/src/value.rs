//! A value of a global column, as conditions and filters compare it.

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
