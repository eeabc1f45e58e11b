//! What people edit together of a household, and how a screen reads it.
//!
//! An edit is judged by its author's replica; a stranger's may put anything into a field. So nothing here trusts a
//! field to hold what its name promises.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use crate::{
    aggregate::{Content, FieldSpec, Item, ListSpec, Schema},
    event::ItemId,
};

/// Numbers of the fields and lists.
pub mod field {
    /// Text: the unit (staircase) within the building.
    pub const UNIT: u16 = 1;
    /// Text: the room.
    pub const ROOM: u16 = 2;
    /// Text: what else is to be known.
    pub const NOTE: u16 = 3;
    /// List: who needs attention.
    pub const PEOPLE: u16 = 1;
    /// List: whom to call.
    pub const CONTACTS: u16 = 2;
    /// List: what a visitor looks after.
    pub const CHECKLIST: u16 = 3;
    /// Of a person or a contact, text: the name.
    pub const NAME: u16 = 1;
    /// Of a person, text: why they need attention.
    pub const WHY: u16 = 2;
    /// Of a contact, text: the number to call.
    pub const PHONE: u16 = 2;
    /// Of a contact, number: the place in the order of calling, from 1.
    pub const PLACE: u16 = 3;
    /// Of the checklist, text: what.
    pub const TEXT: u16 = 1;
}

/// Contacts of one household.
pub const CONTACTS: usize = 3;

const fn named(field: u16, name: &'static str) -> FieldSpec {
    FieldSpec { field, name }
}

pub(super) const SCHEMA: Schema = Schema {
    fields: &[named(field::UNIT, "unit"), named(field::ROOM, "room"), named(field::NOTE, "note")],
    lists: &[
        ListSpec {
            list: field::PEOPLE,
            name: "people",
            fields: &[named(field::NAME, "name"), named(field::WHY, "why")],
        },
        ListSpec {
            list: field::CONTACTS,
            name: "contacts",
            fields: &[named(field::NAME, "name"), named(field::PHONE, "phone"), named(field::PLACE, "place")],
        },
        ListSpec { list: field::CHECKLIST, name: "checklist", fields: &[named(field::TEXT, "text")] },
    ],
};

/// Somebody who needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "CarePerson"))]
pub struct Person {
    /// Names the person in changes.
    pub item: ItemId,
    /// What they are called; personal.
    pub name: String,
    /// The reason for which they need attention, if one is given.
    pub why: Option<String>,
}

/// Whom to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CareContact {
    /// Names the contact in changes.
    pub item: ItemId,
    /// What they are called; personal.
    pub name: String,
    /// The number to call, if one is given; personal.
    pub phone: Option<String>,
}

/// What a visitor looks after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "CareCheck"))]
pub struct Check {
    /// Names it in changes.
    pub item: ItemId,
    /// The thing to look after, in words.
    pub text: String,
}

/// A field's text, if it has any.
pub(super) fn text(content: &Content, field: u16) -> Option<&str> {
    content.text(field).filter(|text| !text.is_empty())
}

pub(super) fn people(content: &Content) -> Vec<Person> {
    let person = |(id, item): (&ItemId, &Item)| Person {
        item: *id,
        name: item.text(field::NAME).unwrap_or_default().to_owned(),
        why: item.text(field::WHY).map(str::to_owned),
    };
    content.items(field::PEOPLE).map(person).collect()
}

/// In the order of calling; of equal places the one written first.
pub(super) fn contacts(content: &Content) -> Vec<CareContact> {
    let mut contacts: Vec<(&ItemId, &Item)> = content.items(field::CONTACTS).collect();
    contacts.sort_by_key(|(id, item)| (item.int(field::PLACE).unwrap_or(i64::MAX), **id));
    let contact = |(id, item): (&ItemId, &Item)| CareContact {
        item: *id,
        name: item.text(field::NAME).unwrap_or_default().to_owned(),
        phone: item.text(field::PHONE).map(str::to_owned),
    };
    contacts.into_iter().map(contact).collect()
}

pub(super) fn checklist(content: &Content) -> Vec<Check> {
    let check =
        |(id, item): (&ItemId, &Item)| Check { item: *id, text: item.text(field::TEXT).unwrap_or_default().to_owned() };
    content.items(field::CHECKLIST).map(check).collect()
}
