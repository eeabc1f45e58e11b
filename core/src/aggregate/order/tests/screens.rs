//! What screens see.

use super::story::{Story, claimed, member};
use crate::{
    aggregate::{
        Aggregate, Cell, Value,
        order::{Order, OrderCard, Urgency, card, field, mask, may_see_contact, view},
    },
    event::Scalar,
    roster::{Need, Standing},
};

#[test]
fn lists_mask_the_contact_and_hold_no_note() {
    let story = Story::new();
    let json = serde_json::to_string(&card(&story.all().subject())).expect("plain data");

    assert!(json.contains("王…78") && !json.contains("1380000") && !json.contains("ring twice"));
    assert_eq!(mask("李阿姨 ８００１"), "李…");
    assert_eq!(mask(""), "…");
}

#[test]
fn the_whole_view_shows_a_contact_to_whom_it_concerns() {
    let mut story = Story::new();
    story.say('a', &[0], claimed());
    let folded = story.all();
    let contact = |full| view(&folded.subject(), full).fields["contact"].clone();

    assert_eq!(contact(false), [Scalar::from("王…78")]);
    assert_eq!(contact(true), [Scalar::from("王 13800000078")]);
    assert!(may_see_contact(&folded.subject(), member('a'), Standing::NONE));
    assert!(!may_see_contact(&folded.subject(), member('b'), Standing::NONE.with(Need::MEMBER)));
    assert!(may_see_contact(&folded.subject(), member('b'), Standing::NONE.with(Need::LEADER)));
}

#[test]
fn conflicting_values_stand_side_by_side_and_the_more_urgent_counts() {
    let mut folded = Story::new().all();
    let value = |text: &str| Value { value: text.into(), by: [0; 16] };
    folded.content.fields.insert(field::URGENCY, vec![value("emergency"), value("normal")]);

    let view = view(&folded.subject(), false);
    assert_eq!(view.fields["urgency"].len(), 2);
    assert_eq!((view.card.urgency, view.card.conflicts), (Urgency::Emergency, 1));
}

#[test]
fn rows_fit_their_tables_and_carry_the_card() {
    let mut story = Story::new();
    story.say('a', &[0], claimed());
    story.say('b', &[0], claimed());
    let folded = story.all();
    let rows = Order::rows(&folded.subject());

    for row in &rows {
        let table = Order::TABLES.iter().find(|table| table.name == row.table).expect("a declared table");
        assert_eq!(row.cells.len(), table.columns.len());
        assert!(table.indexes.iter().flat_map(|index| *index).all(|column| table.columns.contains(column)));
    }
    let text = rows[0].cells.last().and_then(Cell::text).expect("the card");
    assert_eq!(serde_json::from_str::<OrderCard>(text).expect("a card"), card(&folded.subject()));
    let item = rows.iter().find(|row| row.table == "order_item").expect("one item");
    assert_eq!(item.cells[..2], [Cell::from("3\u{1f}2\u{1f}1804"), Cell::from("insulin")]);
    let contender = [Cell::Bytes(member('b').as_bytes().to_vec()), Cell::from("contender"), Cell::Int(1)];
    assert!(rows.iter().any(|row| row.cells == contender));
}

#[test]
fn an_order_is_found_under_its_address_its_items_and_its_note() {
    let text = Order::search(&Story::new().all().subject()).expect("text");

    for words in ["3号楼 2单元 1804", "3-2-1804", "insulin", "ring twice", "13800000078"] {
        assert!(text.contains(words), "{words}");
    }
}
