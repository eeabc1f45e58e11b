//! Civil days and local times, with no zone and no clock: what a reader reckons with.

use std::fmt;

use serde::{Serialize, Serializer};

/// Days between the day that spreadsheets count from and 1970-01-01.
const SHEET_EPOCH: i64 = 25_569;

/// A calendar day of the years 1 to 9999. Text: `2027-05-31`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if there is such a one.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let fits = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        let (year, month, day) = (i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        fits.then_some(Self { year, month, day })
    }

    /// The last day of a month.
    pub fn last_of(year: i64, month: i64) -> Option<Self> {
        if (1..=12).contains(&month) { Self::new(year, month, days_in(year, month)) } else { None }
    }

    /// The day that a spreadsheet keeps as this number.
    pub(super) fn of_sheet(number: i64) -> Option<Self> {
        Self::from_number(number.checked_sub(SHEET_EPOCH)?)
    }

    /// Its year, such as 2026.
    pub fn year(self) -> i64 {
        i64::from(self.year)
    }

    /// Its month, from 1.
    pub fn month(self) -> i64 {
        i64::from(self.month)
    }

    /// Its day of the month, from 1.
    pub fn day(self) -> i64 {
        i64::from(self.day)
    }

    /// Days since 1970-01-01, below 0 before it.
    pub fn number(self) -> i64 {
        // After Howard Hinnant's `days_from_civil`: years begin in March.
        let year = self.year() - i64::from(self.month <= 2);
        let of_year = (153 * ((self.month() + 9) % 12) + 2) / 5 + self.day() - 1;
        let of_era = year.rem_euclid(400);
        year.div_euclid(400) * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The day so many days after 1970-01-01.
    pub fn from_number(days: i64) -> Option<Self> {
        let shifted = days.clamp(-1_000_000, 4_000_000) + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self::new(year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
    }

    /// So many days later, or earlier.
    pub fn plus(self, days: i64) -> Option<Self> {
        Self::from_number(self.number().checked_add(days)?)
    }

    /// So many months later: the same day of that month, or its last where it is shorter.
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let since = (self.year() * 12 + self.month() - 1).checked_add(months)?;
        let (year, month) = (since.div_euclid(12), since.rem_euclid(12) + 1);
        Self::new(year, month, self.day().min(days_in(year, month)))
    }

    /// Days since Monday: 0 to 6.
    pub fn weekday(self) -> i64 {
        (self.number() + 3).rem_euclid(7)
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

const DAY: i64 = 24 * 60;

/// A local time to the minute. Text: `2027-05-31T09:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Local {
    date: Date,
    minute: i64,
}

impl Local {
    /// A time of a day; 24:00 is the beginning of the next.
    pub fn new(date: Date, hour: i64, minute: i64) -> Option<Self> {
        if (hour, minute) == (24, 0) {
            return Self::new(date.plus(1)?, 0, 0);
        }
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(Self { date, minute: hour * 60 + minute })
    }

    /// The day it is on.
    pub fn date(self) -> Date {
        self.date
    }

    /// Minutes since the day began.
    pub fn minute(self) -> i64 {
        self.minute
    }

    /// So many minutes later, or earlier.
    pub fn plus_minutes(self, minutes: i64) -> Option<Self> {
        let all = self.minute.checked_add(minutes)?;
        Some(Self { date: self.date.plus(all.div_euclid(DAY))?, minute: all.rem_euclid(DAY) })
    }
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}:{:02}", self.date, self.minute / 60, self.minute % 60)
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Local {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// The month that an English name, or three letters of it, stands for; from 1. In small letters.
pub(super) fn month_named(word: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    named(&MONTHS, word).map(|at| at + 1)
}

/// The day of the week that one stands for, from Monday 0.
pub(super) fn weekday_named(word: &str) -> Option<i64> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    named(&DAYS, word)
}

/// A name, or three letters of it and more.
fn named(names: &[&str], word: &str) -> Option<i64> {
    let word = word.trim_end_matches('.');
    let found = names
        .iter()
        .position(|name| word.len() >= 3 && name.starts_with(word) || (word == "sept" && *name == "september"));
    found.and_then(|at| i64::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::{Date, Local};

    fn day(year: i64, month: i64, day: i64) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn days_are_counted_through_leap_years() {
        assert_eq!(day(1970, 1, 1).number(), 0);
        assert_eq!(day(2024, 2, 28).plus(2), Some(day(2024, 3, 1)));
        assert_eq!(Date::new(2023, 2, 29), None);
        assert_eq!(Date::last_of(2100, 2), Some(day(2100, 2, 28)));
        assert_eq!(day(2024, 1, 31).plus_months(1), Some(day(2024, 2, 29)));
        assert_eq!(day(2026, 11, 30).weekday(), 0);
        for number in (-200_000..200_000).step_by(97) {
            assert_eq!(Date::from_number(number).map(Date::number), Some(number));
        }
    }

    #[test]
    fn a_time_runs_over_midnight() {
        let late = Local::new(day(2026, 12, 31), 23, 50).unwrap();

        assert_eq!(late.plus_minutes(15).unwrap().to_string(), "2027-01-01T00:05");
        assert_eq!(Local::new(day(2026, 12, 31), 24, 0).unwrap().to_string(), "2027-01-01T00:00");
        assert_eq!(Local::new(day(2026, 12, 31), 24, 1), None);
    }
}
