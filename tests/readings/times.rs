//! Times, and the last good days of packages.

use jiff::{Timestamp, tz::TimeZone};
use linli_core::written::{
    calendar::{Date, Local},
    expiry::{Source, expiry},
    when::{Around, Purpose, When, when},
};
use serde_json::{Value, json};

use crate::case::{Came, Case, Verdict, held};

pub(crate) fn judge_time(case: &Case) -> Verdict {
    let purpose = match case.told("use") {
        Some("happened_at") => Purpose::HappenedAt,
        Some("appointment") => Purpose::Appointment,
        _ => Purpose::NeededBy,
    };
    let around = Around { now: now(case), purpose, english: case.told("lang") == Some("en") };
    held(case, Came::of(&when(case.text(), around), as_written), same)
}

/// What the clock on the wall shows where the case plays.
pub(crate) fn now(case: &Case) -> Local {
    let now: Timestamp = case.told("now").and_then(|text| text.parse().ok()).expect("a time with its zone");
    let zone = TimeZone::get(case.told("zone").unwrap_or("Asia/Shanghai")).expect("a zone");
    let local = zone.to_datetime(now);
    let date = Date::new(local.year().into(), local.month().into(), local.day().into());
    Local::new(date.expect("a day"), local.hour().into(), local.minute().into()).expect("a time")
}

pub(crate) fn as_written(when: &When) -> Value {
    match when {
        When::At(time) => json!({"at": time}),
        When::By(time) => json!({"by": time}),
        When::After(time) => json!({"after": time}),
        When::Span(from, until) => json!({"span": [from, until]}),
        When::Day(date) => json!({"day": date}),
        When::ByDay(date) => json!({"by_day": date}),
        When::In(date, part) => json!({"day": date, "part": part}),
    }
}

/// A time within a part of a day passes for that part.
fn same(want: &Value, came: &Value) -> bool {
    let within = || {
        let (day, hour) = came["at"].as_str()?.split_once('T')?;
        let (from, until) = match want["part"].as_str()? {
            "morning" => ("00:00", "12:00"),
            "afternoon" => ("12:00", "18:00"),
            _ => ("18:00", "24:00"),
        };
        Some(Some(day) == want["day"].as_str() && (from..=until).contains(&hour))
    };
    want == came || within().unwrap_or(false)
}

pub(crate) fn judge_expiry(case: &Case) -> Verdict {
    let today = case.told("today").and_then(day).expect("a day");
    let source = if case.told("source") == Some("spreadsheet") { Source::Spreadsheet } else { Source::Typed };
    let came = Came::of(&expiry(case.text(), today, source), |day| json!({"expiry": day}));
    held(case, came, |want, came| want == came)
}

pub(crate) fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    Date::new(parts.next()??, parts.next()??, parts.next()??)
}
