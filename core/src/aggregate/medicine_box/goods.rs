//! What stands on a package, and the calendar days it is compared with.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{fmt, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};

use crate::{id::Reference, qty::Qty, time::WallMs, vocabulary::Says};

/// Minutes by which local time is ahead of UTC where the settings do not say: Asia/Shanghai.
pub const UTC_OFFSET_MINUTES: i64 = 8 * 60;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

/// A calendar day as the number `yyyymmdd`; later days are greater. Years 1900 to 2999.
///
/// Text: `2024-05-31`, or `2024-05` for the last day of the month, as packages say it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(u32);

/// A text or number that is no calendar day from 1900 to 2999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a day is written 2024-05-31, or 2024-05 for the end of a month")]
pub struct NoDay;

impl Day {
    /// A day; without one the last of the month.
    pub fn new(year: u32, month: u32, day: Option<u32>) -> Option<Self> {
        let last = days_in(year, month)?;
        let day = day.unwrap_or(last);
        if !(1900..=2999).contains(&year) || !(1..=last).contains(&day) {
            return None;
        }
        Some(Self(year * 10_000 + month * 100 + day))
    }

    /// Reads the number `yyyymmdd`.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::new(number / 10_000, number / 100 % 100, Some(number % 100))
    }

    /// The number `yyyymmdd`.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The local day at a time. A clock outside the years 1900 to 2999 counts as the nearest day inside.
    pub fn of(now: WallMs, utc_offset_minutes: i64) -> Self {
        let local = now.plus(utc_offset_minutes.saturating_mul(MINUTE_MS)).0;
        let (year, month, day) = civil(local.div_euclid(DAY_MS));
        match u32::try_from(year) {
            Ok(year @ 1900..=2999) => Self(year * 10_000 + month * 100 + day),
            Ok(3000..) => Self(29_991_231),
            _ => Self(19_000_101),
        }
    }

    /// Days since 1970-01-01, below 0 before it.
    pub fn since_1970(self) -> i64 {
        let (year, month, day) = (i64::from(self.0 / 10_000), i64::from(self.0 / 100 % 100), i64::from(self.0 % 100));
        // After Howard Hinnant's `days_from_civil`: years begin in March.
        let year = if month <= 2 { year - 1 } else { year };
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let of_era = year.rem_euclid(400) * 365 + year.rem_euclid(400) / 4 - year.rem_euclid(400) / 100 + of_year;
        year.div_euclid(400) * 146_097 + of_era - 719_468
    }

    /// The day so many days after 1970-01-01; none outside the years 1900 to 2999.
    pub fn from_1970(days: i64) -> Option<Self> {
        // Far outside, so that no sum overflows.
        let (year, month, day) = civil(days.clamp(-1_000_000, 1_000_000));
        Self::new(u32::try_from(year).ok()?, month, Some(day))
    }
}

fn days_in(year: u32, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// Year, month and day of the so-many-th day since 1970, after Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let mut parts = text.trim().split('-').map(|part| part.parse::<u32>());
        let (year, month, day) = (parts.next(), parts.next(), parts.next());
        let (Some(Ok(year)), Some(Ok(month)), None) = (year, month, parts.next()) else { return Err(NoDay) };
        Self::new(year, month, day.transpose().map_err(|_| NoDay)?).ok_or(NoDay)
    }
}

impl TryFrom<String> for Day {
    type Error = NoDay;

    fn try_from(text: String) -> Result<Self, NoDay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl<C> Encode<C> for Day {
    fn encode<W: encode::Write>(&self, out: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        out.u32(self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Day {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = from.position();
        Self::from_number(from.u32()?).ok_or_else(|| decode::Error::message("no such day").at(at))
    }
}

/// What stands on a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode, Says)]
#[cbor(map)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Goods {
    /// The product of the catalogue.
    #[n(0)]
    pub product: Reference,
    /// The batch as printed; `None` is unknown.
    #[n(1)]
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub batch: Option<String>,
    /// The last day it is good; `None` is unknown.
    #[n(2)]
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub expiry: Option<Day>,
    /// What quantities of it are counted in, such as `box`, `strip`, `tablet`.
    #[n(3)]
    pub unit: String,
}

/// Where a household lives. Never a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode, Says)]
#[cbor(map)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "BoxRoom"))]
pub struct Room {
    /// The building's id.
    #[n(0)]
    pub building: String,
    /// Unit (单元); may be empty.
    #[n(1)]
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub unit: String,
    /// The room, such as `1804`.
    #[n(2)]
    pub room: String,
}

/// So much of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode, Says)]
#[cbor(array)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "LotPart"))]
pub struct Part {
    /// The lot, named by the event that made it.
    #[n(0)]
    pub lot: Reference,
    /// How much, in the lot's unit.
    #[n(1)]
    pub qty: Qty,
}
