//! Times as people write them, given the time that it is: `明天 9点`, `下午3点半前`, `周日`, `by 8 pm`.
//!
//! All times are local: the caller says what the clock on the wall shows. Nothing is moved by a day in silence. A time
//! that is past and should be to come, or the other way round, is asked about.

mod day;
mod hour;
mod scan;
#[cfg(test)]
mod tests;
mod time;
mod word;

use serde::Serialize;

use super::{
    Reading,
    calendar::{Date, Local},
    given,
};

/// When something is to be, or has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// At that minute.
    At(Local),
    /// Not later than then.
    By(Local),
    /// Not earlier than then.
    After(Local),
    /// From one to the other.
    Span(Local, Local),
    /// Some time that day.
    Day(Date),
    /// That day at the latest.
    ByDay(Date),
    /// In that part of that day.
    In(Date, Part),
}

/// A part of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Part {
    /// From 0 to 12.
    Morning,
    /// From 12 to 18.
    Afternoon,
    /// From 18 to 24.
    Evening,
}

/// What a time is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Until when something is needed: to come, and soon.
    NeededBy,
    /// An appointment: to come.
    Appointment,
    /// When something happened: past.
    HappenedAt,
}

/// What is known beside the text.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// What the clock on the wall shows.
    pub now: Local,
    /// What the time is for.
    pub purpose: Purpose,
    /// Whether the writer uses English, so that the day may stand before the month.
    pub english: bool,
}

/// Reads a time.
pub fn when(text: &str, around: Around) -> Reading<When> {
    match given(text) {
        Ok(plain) => time::read(&scan::tokens(&plain), around),
        Err(refusal) => Reading::Refuse(refusal),
    }
}
