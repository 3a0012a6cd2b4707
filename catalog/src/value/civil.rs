//! Days of the proleptic Gregorian calendar, counted from 1970-01-01.
//!
//! Arrow's dates and timestamps reach further than the date libraries do (a `date` spans millions of years),
//! and bounds of columns must be shown, hence these few lines; the algorithm is Howard Hinnant's.

use std::fmt;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

impl Date {
    /// The day so many days after 1970-01-01.
    pub(super) fn from_days(days: i64) -> Date {
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Date { year, month, day: day_of_year - (153 * shifted + 2) / 5 + 1 }
    }

    /// Days since 1970-01-01; `None` if the calendar has no such day.
    pub(super) fn days(self) -> Option<i64> {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let shifted = (self.month + 9) % 12;
        let day_of_year = (153 * shifted + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        (Date::from_days(days) == self).then_some(days)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}-{:02}-{:02}", self.year.unsigned_abs(), self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i64, month: i64, day: i64) -> Date {
        Date { year, month, day }
    }

    #[test]
    fn days_and_dates_are_one_to_one() {
        for days in (-800_000..800_000).step_by(17).chain([i32::MIN.into(), i32::MAX.into()]) {
            assert_eq!(Date::from_days(days).days(), Some(days));
        }
        assert_eq!(date(1970, 1, 1).days(), Some(0));
        assert_eq!(date(2000, 2, 29).days(), Some(11_016));
    }

    #[test]
    fn days_that_the_calendar_lacks_are_none() {
        for wrong in [date(2023, 2, 29), date(1900, 2, 29), date(2024, 13, 1), date(2024, 1, 0)] {
            assert_eq!(wrong.days(), None, "{wrong}");
        }
        assert_eq!(date(2024, 4, 31).days(), None);
    }
}
