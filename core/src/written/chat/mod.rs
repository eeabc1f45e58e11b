//! Lists that go round in a chat, as orders: `#接龙`, `1、3-2-1804 王阿姨 布洛芬2盒`, headings, examples, talk.
//!
//! A line becomes a draft where its door and its goods are sure; else it is shown with the reason. Nothing is dropped: who
//! orders, a telephone number and what else was said stay with the draft. What changes, cancels or repeats another line
//! becomes no order by itself. This module makes drafts and writes nothing.

mod entry;
mod form;
mod goods;
mod line;
mod person;
mod place;
mod reach;
#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

use super::{
    door::{Door, Register},
    phone::Phone,
    quantity::Item,
};

/// Bytes of a list that is read; of what is longer, nothing.
pub const LIST: usize = 64 * 1024;
/// Bytes of an entry of it.
pub const ENTRY: usize = 4 * 1024;
/// Lines of an entry.
pub const LINES: usize = 24;

/// What is known beside the list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The register of buildings, where there is one.
    pub register: Option<&'a Register>,
    /// The area code of the compound, with its zero.
    pub area: Option<&'a str>,
    /// What is ordered where a line says no goods, as whoever pastes says.
    pub goods: Option<&'a str>,
    /// Orders that there are already.
    pub already: &'a [Known],
}

/// An order that there is already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where it is for.
    pub address: Door,
    /// What it is for.
    pub items: Vec<Item>,
}

/// What came of a list. Every line that is not blank stands in one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct List {
    /// What is sure enough to become an order, once somebody looked.
    pub drafts: Vec<Draft>,
    /// What a person must look at, and why.
    pub bad: Vec<Bad>,
    /// Lines that are no order: headings, examples, totals, talk. From 1.
    pub skipped: Vec<usize>,
}

/// An order as a list says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Where it stands, from 1.
    pub lines: Vec<usize>,
    /// Where it is for.
    pub address: Door,
    /// What is wanted.
    pub items: Vec<Item>,
    /// Who wants it.
    pub who: Option<String>,
    /// How they are reached.
    pub phones: Vec<Phone>,
    /// What else was said.
    pub note: Option<String>,
}

/// Lines of which no order can be made without asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// Where it stands, from 1.
    pub lines: Vec<usize>,
    /// Why nothing was made of them.
    pub reason: Reason,
    /// The line that it is about, where there is one.
    pub of: Option<usize>,
}

/// Why a line becomes no order unasked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// More than one building may be meant.
    BuildingAmbiguous,
    /// No building is said.
    BuildingMissing,
    /// An order is called off.
    Cancelled,
    /// An order is changed, or added to.
    Change,
    /// The same door wants the same already.
    Duplicate,
    /// Somebody needs help now: an alert, not an order.
    Emergency,
    /// Characters that show something else than they say.
    HiddenCharacters,
    /// No door is said.
    NoAddress,
    /// No goods are said.
    NoItem,
    /// The register has no such building.
    NoSuchBuilding,
    /// Nor such a room.
    NoSuchRoom,
    /// Nor such a unit.
    NoSuchUnit,
    /// Another compound is named.
    OtherCompound,
    /// No amount is said.
    QtyMissing,
    /// Far more than a household orders.
    QtyStrange,
    /// An amount is said that is none, or more than one.
    QtyUnclear,
    /// It says the same as another line, or as another time.
    Refers,
    /// Next door, opposite, upstairs of the door that is named.
    Relation,
    /// More than one door is said.
    SeveralAddresses,
    /// It is longer than an entry, or a list, is read.
    TooLong,
    /// Several units of the building have the room.
    UnitMissing,
    /// What is said of the door cannot be read, or contradicts itself.
    Unreadable,
}

/// Reads a list.
pub fn chat(text: &str, around: Around<'_>) -> List {
    if text.len() > LIST {
        let lines = (1..=line::lines(text).count()).collect();
        return List { bad: vec![Bad { lines, reason: Reason::TooLong, of: None }], ..List::default() };
    }
    let (finder, mut list) = (place::Finder::new(around), List::default());
    for entry in line::entries(text, &finder, &mut list.skipped) {
        match entry::read(&entry, &finder) {
            Ok(draft) => match repeated(&draft, &list.drafts, around.already) {
                Some(of) => list.bad.push(Bad { lines: draft.lines, reason: Reason::Duplicate, of }),
                None => list.drafts.push(draft),
            },
            Err((reason, door)) => {
                let of = of(reason, door.as_ref(), &entry, &list);
                list.bad.push(Bad { lines: entry.lines, reason, of });
            }
        }
    }
    list
}

/// Whether the same door wants the same already, and on which line that stands; none of an order that there was before.
fn repeated(draft: &Draft, drafts: &[Draft], already: &[Known]) -> Option<Option<usize>> {
    let same = |address: &Door, items: &[Item]| {
        *address == draft.address && draft.items.iter().any(|item| items.iter().any(|other| is_one(item, other)))
    };
    let before = drafts.iter().find(|other| same(&other.address, &other.items));
    match before {
        Some(before) => Some(before.lines.first().copied()),
        None => already.iter().any(|known| same(&known.address, &known.items)).then_some(None),
    }
}

fn is_one(one: &Item, other: &Item) -> bool {
    let bare =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
    bare(&one.name) == bare(&other.name) && (one.each.is_none() || other.each.is_none() || one.each == other.each)
}

/// The line that a change, a cancelling or a reference is about: of the same door, else the one before.
fn of(reason: Reason, door: Option<&Door>, entry: &line::Entry, list: &List) -> Option<usize> {
    if !matches!(reason, Reason::Cancelled | Reason::Change | Reason::Refers) {
        return None;
    }
    let same = list.drafts.iter().rev().find(|draft| Some(&draft.address) == door);
    let before = || {
        let drafts = list.drafts.iter().filter_map(|draft| draft.lines.first());
        let bad = list.bad.iter().filter_map(|bad| bad.lines.first());
        let at = entry.lines.first().copied().unwrap_or_default();
        drafts.chain(bad).copied().filter(|line| *line < at).max()
    };
    match same {
        Some(draft) if reason != Reason::Refers => draft.lines.first().copied(),
        _ if reason == Reason::Refers || door.is_none() => before(),
        _ => None,
    }
}
