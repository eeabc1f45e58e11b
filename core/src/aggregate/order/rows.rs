//! The read-model rows of an order beside its card, and the text under which it is found.

use std::collections::BTreeSet;

use crate::{
    aggregate::{Cell, Row, Subject, Table, address::searched},
    id::MemberId,
    label,
};

use super::{
    card::{OrderCard, card_events, card_of, card_row, member},
    content::{ITEMS, address, address_in_words, field, item_field, plain, text},
    outcome::{Outcome, outcome},
    state::State,
};

/// One row per item of an order with a room: `room` and `name` as they compare, for likely duplicates.
pub const ORDER_ITEM: Table = Table {
    name: "order_item",
    columns: &["room", "name", "opened", "open"],
    indexes: &[&["room", "name", "opened"], &["room", "opened"]],
};

/// One row per member and role: `holder`, `contender`, `offered` (a hand-over waits for them), `author`.
pub const ORDER_PARTY: Table =
    Table { name: "order_party", columns: &["member", "role", "open"], indexes: &[&["member", "role", "open"]] };

/// All rows of the order, in all its tables.
pub(super) fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
    let outcome = outcome(subject.state, subject.history);
    let card = card_of(subject, &outcome);
    let mut rows = vec![card_row(&card, &card_events(subject, &outcome), &outcome)];
    rows.extend(item_rows(subject, &card));
    rows.extend(party_rows(subject, &outcome));
    rows
}

/// A room as it compares in the rows of items.
pub fn room_key(building: &str, unit: Option<&str>, room: &str) -> String {
    label::door(Some(building), unit, Some(room))
}

fn item_rows(subject: &Subject<'_, State>, card: &OrderCard) -> Vec<Row> {
    let Some(room) = text(subject.content, field::ROOM) else { return Vec::new() };
    let room = room_key(&card.building, card.unit.as_deref(), room);
    let names = subject.content.items(ITEMS).filter_map(|(_, item)| item.text(item_field::NAME)).map(plain);
    let different: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
    let row = |name: String| Row {
        table: ORDER_ITEM.name,
        cells: vec![room.as_str().into(), name.into(), card.opened.0.into(), card.status.is_open().into()],
    };
    different.into_iter().map(row).collect()
}

fn party_rows(subject: &Subject<'_, State>, outcome: &Outcome) -> Vec<Row> {
    let mut parties: BTreeSet<(&'static str, MemberId)> = BTreeSet::from([("author", subject.birth.author)]);
    parties.extend(outcome.holder.map(|hold| ("holder", hold.member)));
    parties.extend(outcome.contenders.iter().map(|hold| ("contender", hold.member)));
    parties.extend(outcome.offers.iter().map(|offer| ("offered", offer.to)));
    let row = |(role, who)| Row {
        table: ORDER_PARTY.name,
        cells: vec![member(Some(who)), Cell::from(role), outcome.status.is_open().into()],
    };
    parties.into_iter().map(row).collect()
}

/// Note, items, contact, who asked, and the address as people write it and in short.
pub(super) fn search(subject: &Subject<'_, State>) -> Option<String> {
    let Subject { birth, state, content, .. } = subject;
    let building = birth.building.as_deref().unwrap_or_default();
    let [unit, room] = [field::UNIT, field::ROOM].map(|field| text(content, field));
    let searched = searched(Some(building), unit, room);
    let mut words = vec![address_in_words(building, content), address(building, content), searched];
    let every = |field: u16| content.fields.get(&field).into_iter().flatten().filter_map(|value| value.value.text());
    for field in [field::NOTE, field::CONTACT, field::HOSPITAL, field::DEPARTMENT] {
        words.extend(every(field).map(str::to_owned));
    }
    words.extend(content.items(ITEMS).filter_map(|(_, item)| item.text(item_field::NAME)).map(str::to_owned));
    words.extend(state.posted.as_ref().and_then(|posted| posted.asked_by.clone()));
    words.retain(|word| !word.is_empty());
    Some(words.join("\n"))
}
