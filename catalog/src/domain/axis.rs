//! The values of a type as points of a line.
//!
//! On the line every bound is "from this point on", so that `< 10` and `<= 9` are one cut for whole numbers and
//! two for decimals, and no rule about values has to know open from closed ends.

use crate::{Type, Value};

/// A place on an axis. The order is the values' order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Point {
    /// Every type but text: the values, numbered without holes.
    Number(i128),
    /// A text; the next greater one is itself with a zero byte behind.
    Text(String),
    /// Behind all texts, and behind the greatest number.
    End,
}

impl Point {
    /// The next point.
    pub(crate) fn successor(&self) -> Point {
        match self {
            Point::Number(number) => number.checked_add(1).map_or(Point::End, Point::Number),
            Point::Text(text) => Point::Text(format!("{text}\0")),
            Point::End => Point::End,
        }
    }
}

/// What a condition can be about: a column's values, or their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// The values of a column of this type.
    Values(Type),
    /// The values of `hash(column)`.
    Hashes,
}

impl Axis {
    /// The first point.
    pub(crate) fn start(self) -> Point {
        match self.numbers() {
            Some((min, _)) => Point::Number(min),
            None => Point::Text(String::new()),
        }
    }

    /// The first and the last number; `None` for texts.
    fn numbers(self) -> Option<(i128, i128)> {
        fn all<T: Into<i128>>(min: T, max: T) -> Option<(i128, i128)> {
            Some((min.into(), max.into()))
        }
        match self {
            Axis::Hashes => all(u32::MIN, u32::MAX),
            Axis::Values(ty) => match ty {
                Type::Text => None,
                Type::Boolean => Some((0, 1)),
                Type::SmallInt => all(i16::MIN, i16::MAX),
                Type::SmallIntUnsigned => all(u16::MIN, u16::MAX),
                Type::Integer | Type::Date => all(i32::MIN, i32::MAX),
                Type::IntegerUnsigned => all(u32::MIN, u32::MAX),
                Type::BigInt | Type::Timestamp | Type::TimestampTz => all(i64::MIN, i64::MAX),
                Type::BigIntUnsigned => all(u64::MIN, u64::MAX),
                Type::Real => Some((-infinity(ty), infinity(ty) + 1)),
                Type::Double => Some((-infinity(ty), infinity(ty) + 1)),
                Type::Decimal { precision, .. } => {
                    let limit = 10_i128.pow(u32::from(precision.min(38)));
                    Some((1 - limit, limit - 1))
                }
                Type::Uuid => Some((i128::MIN, i128::MAX)),
                // Conditions cannot compare them: one point stands for all that is not NULL.
                Type::Binary | Type::Time | Type::Json => Some((0, 0)),
            },
        }
    }

    /// The first point at or after this value, which need not be a value of the type itself; `None` if it is
    /// not comparable with it.
    pub(crate) fn at_least(self, value: &Value) -> Option<Point> {
        self.cut(value, false)
    }

    /// The first point after this value.
    pub(crate) fn after(self, value: &Value) -> Option<Point> {
        self.cut(value, true)
    }

    fn cut(self, value: &Value, after: bool) -> Option<Point> {
        let Axis::Values(ty) = self else { return None };
        let step = i128::from(after);
        match (ty, value) {
            (Type::Text, Value::Text(text)) => {
                let point = Point::Text(text.clone());
                Some(if after { point.successor() } else { point })
            }
            (Type::Boolean, Value::Boolean(value)) => Some(self.number(i128::from(*value) + step)),
            (Type::Date, Value::Date(days)) => Some(self.number(i128::from(*days) + step)),
            (Type::Timestamp | Type::TimestampTz, Value::Timestamp(micros)) => {
                Some(self.number(i128::from(*micros) + step))
            }
            (Type::Decimal { .. }, Value::Decimal(number)) => {
                Some(self.number(number.saturating_add(step)))
            }
            (Type::Real | Type::Double, Value::Float(number)) => {
                Some(self.number(float_cut(ty, *number, after)))
            }
            (Type::Uuid, Value::Text(text)) => Some(uuid_cut(text, after)),
            (ty, Value::Integer(number)) if is_whole(ty) => {
                Some(self.number(number.saturating_add(step)))
            }
            _ => None,
        }
    }

    /// The first point of the axis at or after this number.
    pub(crate) fn number(self, number: i128) -> Point {
        match self.numbers() {
            Some((min, max)) if number <= max => Point::Number(number.max(min)),
            _ => self.end(),
        }
    }

    /// The point behind the last one.
    pub(crate) fn end(self) -> Point {
        self.numbers().map_or(Point::End, |(_, max)| Point::Number(max).successor())
    }

    /// The value at a point; `None` for the end and for what has no values here (hashes, json, ...).
    pub(crate) fn value(self, point: &Point) -> Option<Value> {
        let Axis::Values(ty) = self else { return None };
        match (ty, point) {
            (_, Point::End) => None,
            (_, Point::Text(text)) => Some(Value::Text(text.clone())),
            (Type::Boolean, Point::Number(number)) => Some(Value::Boolean(*number != 0)),
            (Type::Date, Point::Number(number)) => i32::try_from(*number).ok().map(Value::Date),
            (Type::Timestamp | Type::TimestampTz, Point::Number(number)) => {
                i64::try_from(*number).ok().map(Value::Timestamp)
            }
            (Type::Decimal { .. }, Point::Number(number)) => Some(Value::Decimal(*number)),
            (Type::Real | Type::Double, Point::Number(number)) => float(ty, *number),
            (Type::Uuid, Point::Number(number)) => Some(Value::Text(uuid_text(*number))),
            (Type::Text | Type::Binary | Type::Time | Type::Json, Point::Number(_)) => None,
            (_, Point::Number(number)) => Some(Value::Integer(*number)),
        }
    }
}

fn is_whole(ty: Type) -> bool {
    matches!(
        ty,
        Type::SmallInt
            | Type::SmallIntUnsigned
            | Type::Integer
            | Type::IntegerUnsigned
            | Type::BigInt
            | Type::BigIntUnsigned
    )
}

/// The number of infinity: floats of one sign are ordered as their bits are. NaN follows.
fn infinity(ty: Type) -> i128 {
    match ty {
        Type::Real => f32::INFINITY.to_bits().into(),
        _ => f64::INFINITY.to_bits().into(),
    }
}

/// The number of the first float of this type at or after (or after) this one.
fn float_cut(ty: Type, number: f64, after: bool) -> i128 {
    if number.is_nan() {
        return infinity(ty) + 1 + i128::from(after);
    }
    let (bits, nearest) = match ty {
        Type::Real => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "rounding is meant, and judged next"
            )]
            let rounded = number as f32;
            (i128::from(rounded.abs().to_bits()), f64::from(rounded))
        }
        _ => (i128::from(number.abs().to_bits()), number),
    };
    let at = if nearest < 0.0 { -bits } else { bits };
    let before = if after { nearest <= number } else { nearest < number };
    at + i128::from(before)
}

fn float(ty: Type, number: i128) -> Option<Value> {
    if number > infinity(ty) {
        return Some(Value::Float(f64::NAN));
    }
    let magnitude = match ty {
        Type::Real => f32::from_bits(u32::try_from(number.unsigned_abs()).ok()?).into(),
        _ => f64::from_bits(u64::try_from(number.unsigned_abs()).ok()?),
    };
    Some(Value::Float(if number < 0 { -magnitude } else { magnitude }))
}

/// Uuids are unsigned numbers of 128 bits; the sign bit is turned to keep their order.
const SIGN: u128 = 1 << 127;

/// The first uuid at or after (or after) any text, by the bytes of its lower-case form.
fn uuid_cut(text: &str, after: bool) -> Point {
    let number = match uuid_at_least(text.as_bytes()) {
        Some((number, exact)) if exact && after => number.checked_add(1),
        Some((number, _)) => Some(number),
        None => None,
    };
    number.map_or(Point::End, |number| Point::Number((number ^ SIGN).cast_signed()))
}

/// The first uuid at or after the text, and whether it is the text.
fn uuid_at_least(text: &[u8]) -> Option<(u128, bool)> {
    let (mut prefix, mut digits) = (0_u128, 0);
    let padded = |prefix: u128, digits: u32| prefix.checked_shl(4 * (32 - digits)).unwrap_or(0);
    let next = |prefix: u128, digits: u32| {
        let number = padded(prefix, digits).checked_add(1_u128.checked_shl(4 * (32 - digits))?)?;
        Some((number, false))
    };
    for at in 0..36 {
        let dash = matches!(at, 8 | 13 | 18 | 23);
        match text.get(at) {
            None => return Some((padded(prefix, digits), false)),
            Some(b'-') if dash => {}
            Some(c) if dash && *c < b'-' => return Some((padded(prefix, digits), false)),
            Some(_) if dash => return next(prefix, digits),
            Some(c) => {
                let (digit, exact) = match c {
                    ..b'0' => (0, false),
                    b'0'..=b'9' => (c - b'0', true),
                    b':'..b'a' => (10, false),
                    b'a'..=b'f' => (c - b'a' + 10, true),
                    _ => return next(prefix, digits),
                };
                (prefix, digits) = (prefix << 4 | u128::from(digit), digits + 1);
                if !exact {
                    return Some((padded(prefix, digits), false));
                }
            }
        }
    }
    if text.len() > 36 { next(prefix, digits) } else { Some((prefix, true)) }
}

fn uuid_text(number: i128) -> String {
    let hex = format!("{:032x}", number.cast_unsigned() ^ SIGN);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn floats_are_numbered_without_holes() {
        let real = Axis::Values(Type::Real);
        let at = |number| real.at_least(&Value::Float(number)).unwrap();
        let after = |number| real.after(&Value::Float(number)).unwrap();
        assert_eq!(at(-0.0), at(0.0));
        assert_eq!(at(0.1), after(0.1), "0.1 is no real");
        assert_eq!(at(0.5).successor(), after(0.5));
        assert_eq!(after(f64::INFINITY), at(f64::NAN));
        assert_eq!(after(f64::NAN), real.end());
        assert_eq!(at(1e300), at(f64::INFINITY));
        assert_eq!(real.value(&real.start()), Some(Value::Float(f64::NEG_INFINITY)));
        let double = Axis::Values(Type::Double);
        assert_eq!(double.at_least(&Value::Float(f64::NEG_INFINITY)), Some(double.start()));
    }

    #[test]
    fn uuids_are_ordered_as_their_texts() {
        let axis = Axis::Values(Type::Uuid);
        let cut = |text: &str| axis.at_least(&Value::Text(text.into())).unwrap();
        let shown = |text: &str| axis.value(&cut(text));
        let uuid = |text: &str| Some(Value::Text(text.into()));
        assert_eq!(shown(""), uuid("00000000-0000-0000-0000-000000000000"));
        assert_eq!(shown("A"), uuid("a0000000-0000-0000-0000-000000000000"));
        assert_eq!(shown("0f"), uuid("0f000000-0000-0000-0000-000000000000"));
        assert_eq!(shown("0fz"), uuid("10000000-0000-0000-0000-000000000000"));
        assert_eq!(shown("12345678x"), uuid("12345679-0000-0000-0000-000000000000"));
        assert_eq!(shown("12345678+"), uuid("12345678-0000-0000-0000-000000000000"));
        assert_eq!(cut("g"), Point::End);
        assert_eq!(cut("ffffffff-ffff-ffff-ffff-ffffffffffff0"), Point::End);
        let last = Value::Text("ffffffff-ffff-ffff-ffff-ffffffffffff".into());
        assert_eq!(axis.after(&last), Some(Point::End));
        assert!(axis.at_least(&last).unwrap() < Point::End);
    }

    #[test]
    fn values_outside_of_a_type_lie_at_its_ends() {
        let small = Axis::Values(Type::SmallInt);
        assert_eq!(small.at_least(&Value::Integer(40_000)), Some(Point::Number(32_768)));
        assert_eq!(small.at_least(&Value::Integer(-40_000)), Some(small.start()));
        assert_eq!(small.after(&Value::Integer(-40_000)), Some(small.start()));
        assert_eq!(small.at_least(&Value::Text("1".into())), None);
    }

    proptest! {
        #[test]
        fn a_uuid_cut_is_where_text_order_has_it(text in "[0-9a-f:G-]{0,40}", number: u128) {
            let uuid = uuid_text((number ^ SIGN).cast_signed());
            let point = Point::Number((number ^ SIGN).cast_signed());
            prop_assert_eq!(uuid_cut(&text, false) <= point, text <= uuid);
            prop_assert_eq!(uuid_cut(&text, true) <= point, text < uuid);
        }
    }
}
