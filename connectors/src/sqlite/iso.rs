//! Dates and times as ISO-8601 texts, to the letter of the contract: what is not exactly one is none.

use crate::columns::{DAY, days_from_civil};

/// Milliseconds from noon of day 0 of the Julian calendar to 1970-01-01.
const JULIAN_1970: i64 = 210_866_760_000_000;

/// SQLite's last Julian day, at the end of the year 9999.
const JULIAN_END: f64 = 5_373_484.5;

/// `YYYY-MM-DD` as days since 1970-01-01.
pub(super) fn date(text: &[u8]) -> Option<i64> {
    let (days, rest) = day(text)?;
    rest.is_empty().then_some(days)
}

/// `HH:MM[:SS[.fraction]]` as microseconds since midnight.
pub(super) fn time(text: &[u8]) -> Option<i64> {
    let (micros, rest) = clock(text)?;
    rest.is_empty().then_some(micros)
}

/// A date, `T` or a space, and a time, as microseconds since 1970-01-01 00:00:00.
pub(super) fn timestamp(text: &[u8]) -> Option<i64> {
    let (micros, rest) = moment(text)?;
    rest.is_empty().then_some(micros)
}

/// A timestamp with an offset `Z` or `±HH:MM`, or else in UTC, as microseconds since 1970-01-01 00:00:00 UTC.
pub(super) fn timestamptz(text: &[u8]) -> Option<i64> {
    let (micros, rest) = moment(text)?;
    Some(micros - offset(rest)?)
}

/// A Julian day, rounded to the millisecond as SQLite's own functions do, as microseconds since 1970-01-01 00:00:00.
pub(super) fn julian_day(day: f64) -> Option<i64> {
    if !(0.0..JULIAN_END).contains(&day) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 2^63, as the bound above sees to")]
    let millis = (day * 86_400_000.0 + 0.5) as i64;
    Some((millis - JULIAN_1970) * 1_000)
}

fn moment(text: &[u8]) -> Option<(i64, &[u8])> {
    let (days, rest) = day(text)?;
    let [b'T' | b' ', rest @ ..] = rest else { return None };
    let (micros, rest) = clock(rest)?;
    Some((days * DAY + micros, rest))
}

fn offset(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [] | [b'Z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let &[h, i, b':', m, n] = rest else { return None };
    let (hours, minutes) = (two(h, i, 23)?, two(m, n, 59)?);
    Some(sign * (hours * 60 + minutes) * 60_000_000)
}

/// The days of the date that `text` begins with, and what follows it.
fn day(text: &[u8]) -> Option<(i64, &[u8])> {
    let &[y, e, a, r, b'-', m, n, b'-', d, f, ref rest @ ..] = text else { return None };
    let year = two(y, e, 99)? * 100 + two(a, r, 99)?;
    let (month, day) = (two(m, n, 12)?, two(d, f, 31)?);
    let valid = year >= 1 && month >= 1 && day >= 1 && day <= days_in(year, month);
    valid.then(|| (days_from_civil(year, month, day), rest))
}

/// The microseconds of the time of day that `text` begins with, and what follows it.
fn clock(text: &[u8]) -> Option<(i64, &[u8])> {
    let &[h, i, b':', m, n, ref rest @ ..] = text else { return None };
    let minutes = two(h, i, 23)? * 60 + two(m, n, 59)?;
    let &[b':', s, t, ref rest @ ..] = rest else { return Some((minutes * 60_000_000, rest)) };
    let seconds = minutes * 60 + two(s, t, 59)?;
    let (micros, rest) = match rest {
        [b'.', rest @ ..] => fraction(rest)?,
        rest => (0, rest),
    };
    Some((seconds * 1_000_000 + micros, rest))
}

/// One to nine digits after the point; those past the microsecond must be zero.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let (digits, rest) = text.split_at(length);
    let nanos = digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
        * 10_i64.pow(9 - u32::try_from(length).ok()?);
    (nanos % 1_000 == 0).then_some((nanos / 1_000, rest))
}

/// A number of two digits, at most `most`.
fn two(tens: u8, ones: u8, most: i64) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    let value = i64::from(tens) * 10 + i64::from(ones);
    (tens <= 9 && ones <= 9 && value <= most).then_some(value)
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: PartialEq + std::fmt::Debug>(
        parse: fn(&[u8]) -> Option<T>,
        right: &[(&str, T)],
        wrong: &[&str],
    ) {
        for (text, value) in right {
            assert_eq!(parse(text.as_bytes()).as_ref(), Some(value), "{text}");
        }
        for text in wrong {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        check(
            date,
            &[
                ("1970-01-01", 0),
                ("1969-12-31", -1),
                ("2000-02-29", 11_016),
                ("2024-03-01", 19_783),
                ("0001-01-01", -719_162),
                ("9999-12-31", 2_932_896),
            ],
            &[
                "",
                "1900-02-29",
                "2023-02-29",
                "2024-04-31",
                "2024-13-01",
                "2024-00-01",
                "2024-01-00",
                "0000-01-01",
                "0000-00-00",
                "2024-1-1",
                "20240101",
                "2024-01-01 00:00:00",
                "2024-01-01T",
                " 2024-01-01",
                "-2024-01-01",
                "12024-01-01",
                "today",
                "２０２４-01-01",
            ],
        );
    }

    #[test]
    fn times_have_no_offset_and_end_before_midnight() {
        check(
            time,
            &[
                ("00:00:00", 0),
                ("00:01", 60_000_000),
                ("23:59:59.999999", DAY - 1),
                ("00:00:00.5", 500_000),
                ("00:00:00.000001000", 1),
            ],
            &[
                "24:00:00",
                "23:60:00",
                "23:59:60",
                "00:00:00.",
                "00:00:00.0000001",
                "00:00:00.0000000000",
                "0:00:00",
                "00:00:00Z",
                "00:00:",
                "",
            ],
        );
    }

    #[test]
    fn timestamps_need_a_time_and_no_offset() {
        check(
            timestamp,
            &[
                ("1970-01-01 00:00:00", 0),
                ("1970-01-01T00:00", 0),
                ("1969-12-31 23:59:59.999999", -1),
                ("2024-02-29T12:00:00.25", 1_709_208_000_250_000),
            ],
            &[
                "2024-01-01",
                "2024-01-01t00:00:00",
                "2024-01-01  00:00:00",
                "2024-01-01 00:00:00Z",
                "2024-01-01 00:00:00+00:00",
                "2024-01-01 24:00:00",
            ],
        );
    }

    #[test]
    fn julian_days_are_rounded_to_the_millisecond() {
        assert_eq!(julian_day(2_440_587.5), Some(0));
        assert_eq!(julian_day(2_440_588.0), Some(DAY / 2));
        assert_eq!(julian_day(2_440_587.5 + 1.0 / 86_400_000.0), Some(1_000));
        assert_eq!(julian_day(2_460_310.5), timestamp(b"2024-01-01 00:00:00"));
        assert_eq!(julian_day(5_373_484.499_999_99), timestamp(b"9999-12-31 23:59:59.999"));
        for none in [-1.0, JULIAN_END, f64::INFINITY, f64::NAN] {
            assert_eq!(julian_day(none), None, "{none}");
        }
    }

    #[test]
    fn instants_may_have_an_offset() {
        check(
            timestamptz,
            &[
                ("1970-01-01 00:00:00", 0),
                ("1970-01-01T00:00:00Z", 0),
                ("1970-01-01 02:00:00+02:00", 0),
                ("1969-12-31T18:30-05:30", 0),
            ],
            &[
                "1970-01-01 00:00:00z",
                "1970-01-01 00:00:00+0200",
                "1970-01-01 00:00:00+02",
                "1970-01-01 00:00:00+24:00",
                "1970-01-01 00:00:00 +02:00",
                "1970-01-01",
            ],
        );
    }
}
