//! Days and microseconds as ISO texts, for messages; and the calendar behind them.

use std::fmt;

/// Microseconds in a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// A day as `YYYY-MM-DD`.
pub(super) struct Day(pub(super) i64);

/// Microseconds since 1970, however many, as `YYYY-MM-DD HH:MM:SS[.ffffff]`.
pub(crate) struct Instant(pub(crate) i128);

/// Microseconds since midnight as `HH:MM:SS[.ffffff]`; may be 24 hours or more.
pub(super) struct TimeOfDay(pub(super) i64);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        if year > 0 {
            write!(f, "{year:04}-{month:02}-{day:02}")
        } else {
            write!(f, "{:04}-{month:02}-{day:02} BC", 1 - year)
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = i64::try_from(self.0.div_euclid(DAY.into())).map_err(|_| fmt::Error)?;
        let of_day = i64::try_from(self.0.rem_euclid(DAY.into())).map_err(|_| fmt::Error)?;
        write!(f, "{} {}", Day(day), TimeOfDay(of_day))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(f, "{sign}{hours:02}:{minutes:02}:{:02}", seconds % 60)?;
        if fraction == 0 { Ok(()) } else { write!(f, ".{fraction:06}") }
    }
}

/// Days since 1970-01-01 of a day of the proleptic Gregorian calendar; `month` from 1, `day` from 1. The caller
/// checks that there is such a day.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is a year's last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_goes_both_ways() {
        for days in (-1_000_000..1_000_000).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 2, 29), 11_016);
    }

    #[test]
    fn moments_are_shown_in_iso() {
        assert_eq!(Day(-719_162).to_string(), "0001-01-01");
        assert_eq!(Day(days_from_civil(0, 12, 31)).to_string(), "0001-12-31 BC");
        assert_eq!(Instant(-1).to_string(), "1969-12-31 23:59:59.999999");
        assert_eq!(TimeOfDay(DAY).to_string(), "24:00:00");
    }
}
