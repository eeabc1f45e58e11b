//! Local time: as the community's settings say, shown in minutes, read as people write it.

use jiff::{
    Timestamp,
    civil::{DateTime, Time},
    tz::{Offset, TimeZone},
};
use linli_core::time::WallMs;
use serde_json::json;

use crate::{
    failure::{Failure, Outcome},
    wrong::Wrong,
};

/// The community's local time.
#[derive(Clone)]
pub(crate) struct Local(TimeZone);

impl Local {
    /// So many minutes ahead of UTC; out of range counts as UTC.
    pub(crate) fn ahead_by(minutes: i64) -> Self {
        let seconds = minutes.checked_mul(60).and_then(|seconds| i32::try_from(seconds).ok());
        let offset = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok());
        Self(TimeZone::fixed(offset.unwrap_or(Offset::UTC)))
    }

    /// `2022-04-01 09:30`. A clock beyond the calendar shows its milliseconds.
    pub(crate) fn show(&self, wall: WallMs) -> String {
        match Timestamp::from_millisecond(wall.0) {
            Ok(time) => time.to_zoned(self.0.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
            Err(_) => format!("{} ms", wall.0),
        }
    }

    /// The same, nothing where there is no time.
    pub(crate) fn show_if(&self, wall: Option<WallMs>) -> String {
        wall.map(|wall| self.show(wall)).unwrap_or_default()
    }

    /// Reads `2022-04-01 09:30`, `2022-04-01`, `09:30` (today), or a full RFC 3339 time.
    pub(crate) fn read(&self, text: &str, now: WallMs) -> Outcome<WallMs> {
        let text = text.trim();
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(WallMs(time.as_millisecond()));
        }
        let today = Timestamp::from_millisecond(now.0).ok().map(|now| now.to_zoned(self.0.clone()).date());
        let civil = match (text.parse::<Time>(), today) {
            (Ok(time), Some(today)) if text.contains(':') && !text.contains('-') => Some(today.to_datetime(time)),
            _ => text.parse::<DateTime>().ok(),
        };
        let zoned = civil.and_then(|civil| civil.to_zoned(self.0.clone()).ok());
        let wrong = || Failure::new(Wrong::NotATime, json!({ "text": text }));
        zoned.map(|zoned| WallMs(zoned.timestamp().as_millisecond())).ok_or_else(wrong)
    }
}
