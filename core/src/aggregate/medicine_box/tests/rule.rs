//! Whether a count contains a movement: the rule itself.

use super::story::minute;
use crate::aggregate::medicine_box::{Containment, Knowledge, Moment, containment};

#[test]
fn what_was_known_beats_clocks() {
    assert_eq!(containment(Knowledge::CountKnew, clock(99), clock(0)), sure(true));
    assert_eq!(containment(Knowledge::MovementKnew, clock(0), clock(99)), sure(false));
}

#[test]
fn clocks_decide_where_nobody_knew_and_only_beyond_five_minutes() {
    assert_eq!(containment(Knowledge::Neither, clock(0), clock(5)), by_time(false));
    assert_eq!(containment(Knowledge::Neither, clock(0), clock(6)), by_time(true));
    assert_eq!(containment(Knowledge::Neither, clock(9), clock(5)), by_time(false));
}

#[test]
fn paper_beats_what_was_known_and_says_so_where_they_differ() {
    assert_eq!(containment(Knowledge::MovementKnew, paper(20, 1), clock(10)), by_time(true));
    assert_eq!(containment(Knowledge::CountKnew, clock(5), paper(10, 2)), by_time(false));
    assert_eq!(containment(Knowledge::Neither, paper(20, 9), clock(10)), by_time(true));
}

#[test]
fn paper_that_agrees_with_what_was_known_leaves_no_doubt() {
    assert_eq!(containment(Knowledge::CountKnew, paper(5, 1), clock(10)), sure(true));
    assert_eq!(containment(Knowledge::MovementKnew, paper(20, 15), clock(10)), sure(false));
}

#[test]
fn who_counts_at_the_shelf_counts_what_they_had_seen_whatever_date_it_bears() {
    for happened in [-10_000_000, 5, 20, 30, 10_000_000] {
        assert_eq!(containment(Knowledge::CountKnew, paper(20, happened), clock(30)), sure(true));
    }
    assert_eq!(containment(Knowledge::CountKnew, paper(20, 10_000_000), paper(31, 30)), by_time(false));
    assert_eq!(containment(Knowledge::Neither, paper(20, 10_000_000), clock(30)), by_time(false));
}

#[test]
fn clocks_at_the_end_of_time_do_not_break_the_rule() {
    let never = |at| Moment { wall: crate::time::WallMs(at), happened_at: None };
    assert_eq!(containment(Knowledge::Neither, never(i64::MIN), never(i64::MAX)), by_time(true));
    assert_eq!(containment(Knowledge::Neither, never(i64::MAX), never(i64::MIN)), by_time(false));
}

fn clock(at: i64) -> Moment {
    Moment { wall: minute(at), happened_at: None }
}

fn paper(typed: i64, happened: i64) -> Moment {
    Moment { wall: minute(typed), happened_at: Some(minute(happened)) }
}

const fn sure(contained: bool) -> Containment {
    Containment { contained, by_time: false }
}

const fn by_time(contained: bool) -> Containment {
    Containment { contained, by_time: true }
}
