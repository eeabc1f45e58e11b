use super::{Around, Purpose, When, when};
use crate::written::{
    Reading,
    calendar::{Date, Local},
};

#[test]
fn hours_of_days_are_read() {
    reads(
        Purpose::NeededBy,
        &[
            ("后天10点", "2026-03-06T10:00"),
            ("后天 １０：３０", "2026-03-06T10:30"),
            ("今晚七点三刻", "2026-03-04T19:45"),
            ("下午4点20", "2026-03-04T16:20"),
            ("16点", "2026-03-04T16:00"),
            ("下周二上午8点半", "2026-03-10T08:30"),
            ("3月9号下午两点", "2026-03-09T14:00"),
            ("2026/3/9 18:00", "2026-03-09T18:00"),
            ("周五晚上8点前", "by 2026-03-06T20:00"),
            ("明天8点到10点", "2026-03-05T08:00 to 2026-03-05T10:00"),
            ("明天下午2-4点", "2026-03-05T14:00 to 2026-03-05T16:00"),
            ("请于后天10点前送到", "by 2026-03-06T10:00"),
            ("下周二上午9点复诊", "2026-03-10T09:00"),
            ("friday 10am", "2026-03-06T10:00"),
            ("10:30 am, 9 March", "2026-03-09T10:30"),
            ("after 5pm", "after 2026-03-04T17:00"),
        ],
    );
}

#[test]
fn days_parts_and_lengths_are_read() {
    reads(
        Purpose::NeededBy,
        &[
            ("大后天", "2026-03-07"),
            ("星期天", "2026-03-08"),
            ("下礼拜一", "2026-03-09"),
            ("明早", "2026-03-05 Morning"),
            ("傍晚", "2026-03-04 Evening"),
            ("一个半小时后", "2026-03-04T15:45"),
            ("40分钟内", "by 2026-03-04T14:55"),
            ("五天内", "by 2026-03-09"),
            ("一个月后", "2026-04-04"),
            ("in 3 days", "2026-03-07"),
            ("20号", "2026-03-20"),
        ],
    );
    reads(
        Purpose::HappenedAt,
        &[
            ("前天晚上9点", "2026-03-02T21:00"),
            ("两小时前", "2026-03-04T12:15"),
            ("3 days ago", "2026-03-01"),
            ("周一", "2026-03-02"),
            ("2月28日", "2026-02-28"),
            ("12月30日", "2025-12-30"),
        ],
    );
}

#[test]
fn what_may_be_two_times_or_is_past_is_asked() {
    reads(
        Purpose::NeededBy,
        &[
            ("明天5点", "Ambiguous: 2026-03-05T05:00, 2026-03-05T17:00"),
            ("周三", "Ambiguous: 2026-03-04, 2026-03-11"),
            ("10点", "Past: 2026-03-04T22:00, 2026-03-05T10:00"),
            ("上午10点", "Past: 2026-03-05T10:00"),
            ("早上", "Past: 2026-03-05 Morning"),
            ("3月2日", "Past"),
            ("3/9", "Ambiguous: 2026-03-09"),
            ("3月9日（周二）", "Contradiction"),
            ("下午9点", "Contradiction"),
            ("2号", "Ambiguous: 2026-04-02"),
            ("过几天", "NotANumber"),
            ("明天8点或9点", "Several"),
            ("next friday", "Ambiguous: 2026-03-06, 2026-03-13"),
            ("2029-03-09", "Strange: 2029-03-09"),
        ],
    );
    reads(Purpose::HappenedAt, &[("15点", "Future: 2026-03-03T15:00"), ("明天", "Future")]);
}

#[test]
fn what_is_no_time_is_refused() {
    reads(
        Purpose::NeededBy,
        &[
            ("9月31日", "NoSuchTime"),
            ("明天27点", "NoSuchTime"),
            ("5-1-302", "NotATime"),
            ("随便", "NotATime"),
            ("春节", "NotATime"),
            ("", "Empty"),
        ],
    );
}

#[test]
fn after_midnight_tomorrow_may_be_the_day_that_has_begun() {
    let late = Local::new(Date::new(2026, 3, 5).unwrap(), 0, 40).unwrap();
    let around = Around { now: late, purpose: Purpose::NeededBy, english: false };

    assert_eq!(read("明天10点", around), "Ambiguous: 2026-03-05T10:00, 2026-03-06T10:00");
}

/// Wednesday, 4 March 2026, a quarter past two.
fn now() -> Local {
    Local::new(Date::new(2026, 3, 4).unwrap(), 14, 15).unwrap()
}

fn shown(when: &When) -> String {
    match when {
        When::At(time) => format!("{time}"),
        When::By(time) => format!("by {time}"),
        When::After(time) => format!("after {time}"),
        When::Span(from, until) => format!("{from} to {until}"),
        When::Day(date) => format!("{date}"),
        When::ByDay(date) => format!("by {date}"),
        When::In(date, part) => format!("{date} {part:?}"),
    }
}

fn read(text: &str, around: Around) -> String {
    match when(text, around) {
        Reading::Read(when) => shown(&when),
        Reading::Ask(question) => {
            let among = question.among.iter().map(shown).collect::<Vec<_>>().join(", ");
            format!("{:?}: {among}", question.because).trim_end_matches([':', ' ']).to_owned()
        }
        Reading::Refuse(refusal) => format!("{refusal:?}"),
    }
}

#[track_caller]
fn reads(purpose: Purpose, cases: &[(&str, &str)]) {
    for (text, right) in cases {
        assert_eq!(read(text, Around { now: now(), purpose, english: false }), *right, "{text}");
    }
}
