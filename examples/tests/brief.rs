//! The examples that fit on a page: they stay that short, and end as they say.

#![allow(clippy::expect_used, reason = "a test that cannot go on ends")]

use std::process::Command;

use linli_tests::program::built;

/// Lines of a page.
const PAGE: usize = 60;

/// What an example prints.
fn said(name: &str) -> String {
    let output = Command::new(built(name, true)).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn two_phones_show_the_same_board() {
    let said = said("two_phones");

    let lines = ["Lan", "Wu"].map(|whose| format!("{whose} sees: building 3, grocery, Claimed by Wu\n"));
    assert_eq!(said, lines.concat());
}

#[test]
fn an_aggregate_of_ones_own_is_carried_to_another_phone() {
    assert_eq!(said("own_aggregate"), "Wu reads: [Text(\"the water is back\")]\n");
}

#[test]
fn a_page_holds_each() {
    for text in [include_str!("../two_phones.rs"), include_str!("../own_aggregate.rs")] {
        assert!(text.lines().count() <= PAGE, "{} lines", text.lines().count());
    }
}
