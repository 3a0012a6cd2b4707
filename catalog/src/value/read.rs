//! Text to [`Value`]: exactly, or not at all.

use super::{Value, civil};
use crate::Type;

/// The value of type `ty` that `text` stands for, or `None` if it stands for none.
///
/// Numbers may have a point and an exponent as long as nothing is lost; dates and times are ISO-8601 with up to
/// 9 fraction digits, zero past the sixth; an offset is for `timestamptz` only, which is UTC without one. A uuid
/// is lower-cased. `binary`, `time` and `json` have no values here.
pub fn read(text: &str, ty: Type) -> Option<Value> {
    match ty {
        Type::Boolean => read_boolean(text).map(Value::Boolean),
        Type::SmallInt => integer::<i16>(text),
        Type::SmallIntUnsigned => integer::<u16>(text),
        Type::Integer => integer::<i32>(text),
        Type::IntegerUnsigned => integer::<u32>(text),
        Type::BigInt => integer::<i64>(text),
        Type::BigIntUnsigned => integer::<u64>(text),
        Type::Real | Type::Double => text.parse().ok().map(Value::Float),
        Type::Decimal { precision, scale } => decimal(text, precision, scale),
        Type::Text => Some(Value::Text(text.to_owned())),
        Type::Uuid => uuid(text),
        Type::Date => date(text).and_then(|days| i32::try_from(days).ok()).map(Value::Date),
        Type::Timestamp => timestamp(text, false).map(Value::Timestamp),
        Type::TimestampTz => timestamp(text, true).map(Value::Timestamp),
        Type::Binary | Type::Time | Type::Json => None,
    }
}

fn read_boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn integer<T: TryFrom<i128>>(text: &str) -> Option<Value> {
    let number = scaled(text, 0)?;
    T::try_from(number).ok()?;
    Some(Value::Integer(number))
}

fn decimal(text: &str, precision: u8, scale: u8) -> Option<Value> {
    let digits = scaled(text, scale.into())?;
    let limit = 10_u128.checked_pow(precision.into())?;
    (digits.unsigned_abs() < limit).then_some(Value::Decimal(digits))
}

/// `text × 10^scale`, if that is a whole number of at most 38 digits.
fn scaled(text: &str, scale: i64) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let power = i64::from(exponent) - i64::try_from(fraction.len()).ok()? + zeros + scale;
    let magnitude = shifted(significant.trim_start_matches('0'), power)?;
    Some(if negative { -magnitude } else { magnitude })
}

/// `digits × 10^power`; no digits are zero.
fn shifted(digits: &str, power: i64) -> Option<i128> {
    if digits.is_empty() {
        return Some(0);
    }
    let power = u32::try_from(power).ok()?;
    digits.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(power)?)
}

fn uuid(text: &str) -> Option<Value> {
    let shape = |(at, b): (usize, u8)| match at {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    };
    let is_uuid = text.len() == 36 && text.bytes().enumerate().all(shape);
    is_uuid.then(|| Value::Text(text.to_ascii_lowercase()))
}

/// `YYYY-MM-DD` as days since 1970-01-01.
fn date(text: &str) -> Option<i64> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    civil::Date { year: digits(year, 4)?, month: digits(month, 2)?, day: digits(day, 2)? }.days()
}

/// A date, `T` or a space, a time and perhaps an offset, as microseconds since 1970-01-01 00:00:00.
fn timestamp(text: &str, zoned: bool) -> Option<i64> {
    let (day, rest) = text.split_once(['T', ' '])?;
    let (time, offset) = if zoned { split_offset(rest)? } else { (rest, 0) };
    let days = date(day)?.checked_mul(civil::DAY)?;
    days.checked_add(time_of_day(time)?)?.checked_sub(offset)
}

/// Takes `Z` or `±hh:mm` off the end of a time; the offset is in microseconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (time, offset) = time.split_at(at);
    let (hours, minutes) = offset[1..].split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let micros = (hours * 60 + minutes) * 60_000_000;
    (hours < 24 && minutes < 60)
        .then_some((time, if offset.starts_with('-') { -micros } else { micros }))
}

/// `hh:mm[:ss[.fraction]]` as microseconds.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut fields = clock.split(':');
    let hour = digits(fields.next()?, 2)?;
    let minute = digits(fields.next()?, 2)?;
    let second = match fields.next() {
        Some(second) => digits(second, 2)?,
        None if text.contains('.') => return None,
        None => 0,
    };
    let fits = hour < 24 && minute < 60 && second < 60 && fields.next().is_none();
    let micros = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction_micros(fraction)?;
    fits.then_some(micros)
}

/// Up to 9 digits after the point, zero past the sixth.
fn fraction_micros(fraction: &str) -> Option<i64> {
    if fraction.len() > 9 || fraction.is_empty() {
        return None;
    }
    let nanos = digits(&format!("{fraction:0<9}"), 9)?;
    (nanos % 1000 == 0).then_some(nanos / 1000)
}

/// Exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let all = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_refused() {
        assert_eq!(read("127e2", Type::SmallInt), Some(Value::Integer(12700)));
        assert_eq!(read("1.50e1", Type::SmallInt), Some(Value::Integer(15)));
        for wrong in ["32768", "1.5", "", "-", "1e", "0x1", "1 ", "--1", "1e99999999999", "1.2.3"] {
            assert_eq!(read(wrong, Type::SmallInt), None, "{wrong}");
        }
        assert_eq!(read("-1", Type::BigIntUnsigned), None);
        assert_eq!(
            read("18446744073709551615", Type::BigIntUnsigned),
            Some(Value::Integer(u64::MAX.into()))
        );
        let money = Type::Decimal { precision: 4, scale: 2 };
        assert_eq!(read("1.50", money), Some(Value::Decimal(150)));
        assert_eq!(read("-99.990", money), Some(Value::Decimal(-9999)));
        assert_eq!(read("1.505", money), None);
        assert_eq!(read("100", money), None);
    }

    #[test]
    fn dates_and_times_are_iso() {
        assert_eq!(read("1970-01-02", Type::Date), Some(Value::Date(1)));
        for wrong in ["2024-02-30", "24-01-01", "2024-1-1", "2024-01-01 00:00:00", "x"] {
            assert_eq!(read(wrong, Type::Date), None, "{wrong}");
        }
        let micros = |text, ty| match read(text, ty) {
            Some(Value::Timestamp(micros)) => Some(micros),
            _ => None,
        };
        assert_eq!(micros("1970-01-01T00:00:01.5", Type::Timestamp), Some(1_500_000));
        assert_eq!(micros("1970-01-01 00:00:00.000001000", Type::Timestamp), Some(1));
        assert_eq!(micros("1970-01-01 02:00:00+02:00", Type::TimestampTz), Some(0));
        assert_eq!(micros("1970-01-01 00:00Z", Type::TimestampTz), Some(0));
        for wrong in [
            "1970-01-01",
            "1970-01-01 24:00:00",
            "1970-01-01 00:00:00Z",
            "1970-01-01 00:00:00.0000001",
            "1970-01-01 00:00.5",
            "1970-01-01 00:00:00.",
        ] {
            assert_eq!(micros(wrong, Type::Timestamp), None, "{wrong}");
        }
    }

    #[test]
    fn a_uuid_is_lower_case() {
        let uuid = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11";
        assert_eq!(read(uuid, Type::Uuid), Some(Value::Text(uuid.to_lowercase())));
        assert_eq!(read("A0EEBC99", Type::Uuid), None);
    }
}
