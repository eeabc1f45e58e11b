//! The examples that fit on a page: they stay that short, and end as they say.

#![allow(clippy::expect_used, reason = "a test that cannot go on ends")]

use std::process::Command;

use linli_core::aggregate::{Aggregate, KindSpec, Registry, declared::Declaration};
use linli_tests::program::built;

use own_aggregate::Tool;

#[path = "../own_aggregate.rs"]
#[allow(dead_code, reason = "it is a program of its own")]
mod own_aggregate;

/// Lines of a page.
const PAGE: usize = 60;

#[test]
fn two_phones_show_the_same_board() {
    let said = said("two_phones");

    let lines = ["Lan", "Wu"].map(|whose| format!("{whose} sees: building 3, grocery, Claimed by Wu\n"));
    assert_eq!(said, lines.concat());
}

#[test]
fn an_aggregate_of_ones_own_is_carried_to_another_phone() {
    assert_eq!(said("own_aggregate"), "Wu sees: [Text(\"drill\"), Text(\"away\")]\n");
}

/// What needs Rust here and what an app declares as data, in whatever language, is one aggregate.
#[test]
fn the_aggregate_of_ones_own_is_the_one_that_is_declared() {
    let declaration: Declaration = include_str!("../tools/tool.json").parse().expect("it reads");
    let declared = Registry::default().declare(&declaration).expect("its names are free");
    let own = Registry::default().with::<Tool>().expect("its names are free");

    let kinds = |registry: &Registry| -> Vec<KindSpec> {
        registry.kinds().filter(|(name, _)| *name == Tool::NAME).map(|(_, spec)| *spec).collect()
    };
    let codes = |registry: &Registry| -> Vec<String> {
        let lines = registry.codes().into_iter().filter(|line| ["event.tool", "status.tool"].contains(&&*line.family));
        lines.map(|line| format!("{} {}", line.family, line.code)).collect()
    };
    let fields: Vec<_> = declaration.fields.iter().map(|field| (field.field, field.name.as_str())).collect();
    assert_eq!((kinds(&own).len(), kinds(&own)), (3, kinds(&declared)));
    assert_eq!((codes(&own).len(), codes(&own)), (5, codes(&declared)));
    assert_eq!(Tool::CONTENT.fields.iter().map(|spec| (spec.field, spec.name)).collect::<Vec<_>>(), fields);
}

#[test]
fn a_page_holds_each() {
    for text in [include_str!("../two_phones.rs"), include_str!("../own_aggregate.rs")] {
        assert!(text.lines().count() <= PAGE, "{} lines", text.lines().count());
    }
}

/// What an example prints.
fn said(name: &str) -> String {
    let output = Command::new(built(name, true)).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
