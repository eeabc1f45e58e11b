//! What lists show of an order: its card, and the row in which the card stands.
//!
//! The contact is masked and there is no note. What depends on the hour is asked of a card with the hour at hand.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{
    aggregate::{Cell, Content, Found, Row, Subject, Table},
    id::{MemberId, Reference},
    label,
    time::WallMs,
};

use super::{
    content::{self, ITEMS, Urgency, field, item_field, text},
    outcome::{Outcome, Status, outcome},
    review::review,
    state::State,
};

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OrderCard {
    /// The building, fixed for life.
    pub building: String,
    /// The unit, if given.
    pub unit: Option<String>,
    /// The room, if given.
    pub room: Option<String>,
    /// A code of the community's table of kinds.
    pub kind: String,
    /// How soon; the most urgent while people disagree.
    pub urgency: Urgency,
    /// How it stands.
    pub status: Status,
    /// Who holds it.
    pub holder: Option<MemberId>,
    /// Who else believes to hold it.
    pub contenders: Vec<MemberId>,
    /// Whether they still do.
    pub contested: bool,
    /// What is asked for, in short.
    pub items: Vec<String>,
    /// Whom to call, masked.
    pub contact: Option<String>,
    /// When it was asked for.
    pub opened: WallMs,
    /// When it was last said to be needed.
    pub refreshed: WallMs,
    /// Until when it is needed.
    pub needed_by: Option<WallMs>,
    /// Fields and items over which people disagree.
    pub conflicts: usize,
    /// Other things to look at.
    pub review: usize,
    /// When the holder came to hold it.
    pub claimed: Option<WallMs>,
    /// When the holder last got on with it.
    pub progress: Option<WallMs>,
    /// When it ended.
    pub ended: Option<WallMs>,
}

impl OrderCard {
    /// The card in a row of the read model.
    pub fn from_row(row: &Found) -> Option<Self> {
        serde_json::from_str(ORDER_CARD.cell(row, "card").text()?).ok()
    }
}

/// The events whose times a card shows: for how long a replica has held one of them tells its age where its author's
/// clock cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardEvents {
    /// What made it.
    pub posted: Reference,
    /// What last said that it is needed.
    pub refreshed: Reference,
    /// What made the holder hold it.
    pub claimed: Option<Reference>,
    /// The holder's last progress.
    pub progress: Option<Reference>,
}

/// One row per order. `building` is its label as it is compared; the card has it as it was written.
pub const ORDER_CARD: Table = Table {
    name: "order_card",
    columns: &[
        "building",
        "unit",
        "room",
        "open",
        "status",
        "kind",
        "urgency",
        "holder",
        "contested",
        "conflicts",
        "review",
        "opened",
        "refreshed",
        "needed_by",
        "claimed_at",
        "progress_at",
        "ended_at",
        "owed",
        "entrusted",
        "refreshed_event",
        "claimed_event",
        "progress_event",
        "card",
    ],
    indexes: &[
        &["building", "open", "urgency", "opened"],
        &["holder", "open", "urgency"],
        &["open", "urgency", "opened"],
        &["open", "refreshed"],
        &["open", "needed_by"],
        &["open", "ended_at"],
        &["contested"],
        &["conflicts"],
        &["review"],
    ],
};

/// The card of an order.
pub fn card(subject: &Subject<'_, State>) -> OrderCard {
    card_of(subject, &outcome(subject.state, subject.history))
}

pub(super) fn card_of(subject: &Subject<'_, State>, outcome: &Outcome) -> OrderCard {
    let Subject { birth, state, content, history } = subject;
    let owned = |field| text(content, field).map(str::to_owned);
    OrderCard {
        building: birth.building.clone().unwrap_or_default(),
        unit: owned(field::UNIT),
        room: owned(field::ROOM),
        kind: owned(field::KIND).unwrap_or_else(|| "other".to_owned()),
        urgency: content::urgency(content),
        status: outcome.status,
        holder: outcome.holder.map(|hold| hold.member),
        contenders: outcome.contenders.iter().map(|hold| hold.member).collect(),
        contested: outcome.contested(),
        items: summary(content),
        contact: text(content, field::CONTACT).map(mask),
        opened: outcome.opened,
        refreshed: outcome.refreshed.map_or(outcome.opened, |at| history.act(at).wall),
        needed_by: content.int(field::NEEDED_BY).map(WallMs),
        conflicts: content::conflicts(content),
        review: review(state, history, outcome).len(),
        claimed: outcome.holder.map(|hold| history.act(hold.since).wall),
        progress: outcome.progress.map(|at| history.act(at).wall),
        ended: outcome.ended.map(|at| history.act(at).wall),
    }
}

/// The events by which its card ages.
pub(super) fn card_events(subject: &Subject<'_, State>, outcome: &Outcome) -> CardEvents {
    let event = |at: usize| subject.history.act(at).reference;
    CardEvents {
        posted: subject.birth.aggregate,
        refreshed: outcome.refreshed.map_or(subject.birth.aggregate, event),
        claimed: outcome.holder.map(|hold| event(hold.since)),
        progress: outcome.progress.map(event),
    }
}

/// Each item in a few words: `rice 2 bags`.
fn summary(content: &Content) -> Vec<String> {
    let words = content.items(ITEMS).map(|(_, item)| {
        let qty = item.qty(item_field::QTY).map(|qty| qty.to_string());
        let name = item.text(item_field::NAME).unwrap_or_default().to_owned();
        let unit = item.text(item_field::UNIT).map(str::to_owned);
        [Some(name), qty, unit].into_iter().flatten().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    });
    words.collect()
}

pub(super) fn card_row(card: &OrderCard, events: &CardEvents, outcome: &Outcome) -> Row {
    let entrusted = outcome.custody.iter().filter(|custody| custody.amount != 0).count();
    let cells = vec![
        label::building(&card.building).into(),
        card.unit.clone().into(),
        card.room.clone().into(),
        card.status.is_open().into(),
        card.status.code().into(),
        card.kind.as_str().into(),
        card.urgency.rank().into(),
        member(card.holder),
        card.contested.into(),
        number(card.conflicts),
        number(card.review),
        card.opened.0.into(),
        card.refreshed.0.into(),
        card.needed_by.map(|wall| wall.0).into(),
        card.claimed.map(|wall| wall.0).into(),
        card.progress.map(|wall| wall.0).into(),
        card.ended.map(|wall| wall.0).into(),
        outcome.money.owed.into(),
        number(entrusted),
        events.refreshed.into(),
        events.claimed.into(),
        events.progress.into(),
        // A card is strings, numbers and lists: writing it cannot fail.
        serde_json::to_string(card).unwrap_or_default().into(),
    ];
    Row { table: ORDER_CARD.name, cells }
}

pub(super) fn member(member: Option<MemberId>) -> Cell {
    member.map_or(Cell::Null, |member| Cell::Bytes(member.as_bytes().to_vec()))
}

fn number(count: usize) -> Cell {
    Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A contact as lists show it: the first letter, and the last two digits of a number long enough to hide the rest.
pub fn mask(contact: &str) -> String {
    let plain: String = contact.nfkc().collect();
    let first = plain.chars().find(|char| char.is_alphabetic());
    let digits: Vec<char> = plain.chars().filter(char::is_ascii_digit).collect();
    let last = if digits.len() >= 6 { &digits[digits.len() - 2..] } else { &[] };
    first.into_iter().chain(['…']).chain(last.iter().copied()).collect()
}
