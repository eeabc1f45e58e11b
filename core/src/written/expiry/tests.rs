use super::{Source, expiry};
use crate::written::{Reading, calendar::Date};

#[test]
fn a_month_is_good_to_its_last_day() {
    reads(&[
        ("2028-02", "2028-02-29"),
        ("２０２８．０６", "2028-06-30"),
        ("202809", "2028-09-30"),
        ("2028年9月", "2028-09-30"),
        ("有效期至：2028/09", "2028-09-30"),
        ("EXP 09/28", "2028-09-30"),
        ("09/2028", "2028-09-30"),
        ("Sep 2028", "2028-09-30"),
        ("exp:SEP2028", "2028-09-30"),
        ("EXP 2028 SEP", "2028-09-30"),
    ]);
}

#[test]
fn a_day_is_read_in_every_order_that_leaves_one() {
    reads(&[
        ("20280919", "2028-09-19"),
        ("2028.9.19", "2028-09-19"),
        ("二〇二八年九月十九日", "2028-09-19"),
        ("19/09/2028", "2028-09-19"),
        ("09/19/2028", "2028-09-19"),
        ("19 Sep 2028", "2028-09-19"),
        ("Tue, Sep 19 2028", "2028-09-19"),
        ("2028-09-19 00:00:00", "2028-09-19"),
        ("08/09/2028", "Ambiguous 2028-08-09, 2028-09-08"),
        ("280911", "Ambiguous 2011-09-28, 2028-09-11"),
        ("28.09", "Ambiguous 2028-09-30"),
        ("Mon Sep 19 2028", "Contradiction 2028-09-19"),
        ("2028-O9", "LookAlike 2028-09-30"),
    ]);
}

#[test]
fn what_the_date_is_of_is_heeded() {
    reads(&[
        ("失效期 2028.09", "2028-08-31"),
        ("失效日期：2028-09-01", "2028-08-31"),
        ("生产日期2026-02-11 有效期36个月", "2029-02-10"),
        ("生产日期 2026.02 保质期2年", "2028-01-31"),
        ("批号 26021101 生产日期 20260211 有效期至 202901", "2029-01-31"),
        ("生产日期2026-02-11", "ProductionDate"),
        ("有效期24个月", "Missing"),
        ("批号：20260211", "Batch"),
        ("开启后4周", "AfterOpening"),
        ("2028.09 开封后2个月", "AfterOpening 2028-09-30"),
        ("2026-02/2028-01", "Several"),
    ]);
}

#[test]
fn what_is_not_said_or_no_day_is_asked_or_refused() {
    reads(&[
        ("9月19日", "Missing"),
        ("2028年", "Missing"),
        ("2098-01", "Strange 2098-01-31"),
        ("不详", "Unknown"),
        ("2028-09?", "Unreadable"),
        ("2028-**", "Unreadable"),
        ("20289", "Unreadable"),
        ("2028-14", "NoSuchDay"),
        ("2028-09-31", "NoSuchDay"),
        ("3瓶", "NotADate"),
        ("6-1-1203", "NotADate"),
        ("", "Empty"),
    ]);
    assert_eq!(read("47015", Source::Spreadsheet), "2028-09-19");
    assert_eq!(read("3", Source::Spreadsheet), "Strange");
    assert_eq!(read("202809", Source::Spreadsheet), "2028-09-30");
}

fn read(text: &str, source: Source) -> String {
    match expiry(text, Date::new(2026, 3, 4).unwrap(), source) {
        Reading::Read(day) => day.to_string(),
        Reading::Ask(question) => {
            let among = question.among.iter().map(Date::to_string).collect::<Vec<_>>().join(", ");
            format!("{:?} {among}", question.because).trim_end().to_owned()
        }
        Reading::Refuse(refusal) => format!("{refusal:?}"),
    }
}

#[track_caller]
fn reads(cases: &[(&str, &str)]) {
    for (text, right) in cases {
        assert_eq!(read(text, Source::Typed), *right, "{text}");
    }
}
