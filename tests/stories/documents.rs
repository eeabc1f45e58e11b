//! Documents: what leaves as a standard Automerge file is what the screen shows.

use automerge::{Automerge, ReadDoc};
use linli_core::aggregate::order::{Change, Command};
use linli_tests::{
    World,
    people::{LAN, MEI, WU},
};

use crate::orders::{post, submit};

#[test]
fn an_exported_document_is_a_standard_file_with_every_concurrent_value() {
    let mut world = World::community(1, 2);
    let order = post(&mut world, LAN);
    world.settle();
    submit(&mut world, WU, Some(order), edit("note", "每天2片")).unwrap();
    submit(&mut world, MEI, Some(order), edit("note", "每天3片")).unwrap();
    world.settle();

    let files: Vec<_> = (0..3).map(|phone| world.at(phone).export(order).unwrap().unwrap()).collect();
    let doc = Automerge::load(&files[0]).unwrap();

    let values = doc.get_all(automerge::ROOT, "note").unwrap();
    let mut notes: Vec<_> = values.iter().filter_map(|(value, _)| value.as_str()).collect();
    notes.sort_unstable();
    assert_eq!(notes, ["每天2片", "每天3片"], "R1: a text is one scalar, so both corrections stand");
    let other = Automerge::load(&files[1]).unwrap();
    assert_eq!(doc.get_heads(), other.get_heads());
}

fn edit(field: &str, value: &str) -> Command {
    Command::Edit { changes: vec![Change::Put { field: field.into(), value: value.into() }] }
}
