//! What people change of a household together.

use super::{Case, Decision, Household, Part, Refusal, kind, label, needed, optional};
use crate::{
    aggregate::{
        Content, Draft,
        building::{Door, NoDoor, with_edits},
        household::{
            command::{HouseholdChange as Change, NewContact, NewHousehold, NewPerson},
            content::{CONTACTS, contacts, field},
            fact::Edited,
        },
    },
    event::{Edit, ItemId, Scalar},
    limits,
};

/// What the creating event writes.
pub(super) fn of_new(household: NewHousehold) -> Result<Vec<Edit>, Refusal> {
    let NewHousehold { unit, room, people, contacts, checklist, note, .. } = household;
    if people.is_empty() {
        return Err(Refusal::Missing { field: "people" });
    }
    if contacts.len() > CONTACTS {
        return Err(Refusal::TooManyContacts { limit: CONTACTS });
    }
    let mut edits = Vec::new();
    for (number, text) in [(field::UNIT, unit), (field::ROOM, room)] {
        edits.extend(text.map(|text| Edit::put(number, text)));
    }
    edits.extend(optional("note", note)?.map(|note| Edit::put(field::NOTE, note)));
    for one in people {
        edits.push(Edit::Add { list: field::PEOPLE, fields: known(person(one)?) });
    }
    for (one, place) in contacts.into_iter().zip(1..) {
        edits.push(Edit::Add { list: field::CONTACTS, fields: placed(contact(one)?, place) });
    }
    for text in checklist {
        edits.push(Edit::Add { list: field::CHECKLIST, fields: check(&text)? });
    }
    few_enough(edits)
}

impl Case<'_> {
    pub(super) fn edit(&self, changes: Vec<Change>) -> Decision {
        let mut edits = Vec::new();
        for change in changes {
            self.change(change, &mut edits)?;
        }
        self.at_the_door(&mut edits)?;
        if edits.is_empty() {
            return Err(Refusal::NothingChanges);
        }
        let edited = Draft::on::<Household>(self.subject.birth.aggregate, kind::EDITED, &Edited {});
        Ok(vec![edited.edits(few_enough(edits)?)])
    }

    /// Unit and room, where these edits put one, as the register has them.
    fn at_the_door(&self, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
        let content = self.subject.content;
        let [(unit_is_put, unit), (room_is_put, room)] =
            [field::UNIT, field::ROOM].map(|of| with_edits(content, edits, of));
        if !unit_is_put && !room_is_put {
            return Ok(());
        }
        let building = self.subject.birth.building.clone().unwrap_or_default();
        let door = Door { building, unit, room };
        let found = match door.clone().listed(self.context.world) {
            // Its building is fixed for life: what is wrong with it is no reason to leave the room wrong.
            Err(NoDoor::Label("building", _)) => return Ok(()),
            found => found?,
        };
        if door.unit.is_none() && found.unit.is_some() {
            edits.retain(|edit| !matches!(edit, Edit::Put { field: field::UNIT, .. }));
            self::put(content, field::UNIT, found.unit.into(), edits);
        }
        Ok(())
    }

    fn change(&self, change: Change, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
        let content = self.subject.content;
        match change {
            Change::Unit(text) => put(content, field::UNIT, part("unit", Part::Unit, &text)?, edits),
            Change::Room(text) => put(content, field::ROOM, part("room", Part::Room, &text)?, edits),
            Change::Note(text) => put(content, field::NOTE, optional("note", Some(text))?.into(), edits),
            Change::AddPerson(one) => edits.push(Edit::Add { list: field::PEOPLE, fields: known(person(one)?) }),
            Change::EditPerson { item, person: one } => {
                edits.extend(put_item(content, field::PEOPLE, item, person(one)?)?);
            }
            Change::RemovePerson(item) => edits.push(remove(content, field::PEOPLE, item)?),
            Change::AddContact(one) => {
                let edit = add_contact(content, one, edits)?;
                edits.push(edit);
            }
            Change::EditContact { item, contact: one } => {
                edits.extend(put_item(content, field::CONTACTS, item, contact(one)?)?);
            }
            Change::RemoveContact(item) => edits.push(remove(content, field::CONTACTS, item)?),
            Change::OrderContacts(items) => {
                for (item, place) in items.into_iter().zip(1_i64..) {
                    edits.extend(put_item(content, field::CONTACTS, item, vec![(field::PLACE, place.into())])?);
                }
            }
            Change::AddCheck(text) => edits.push(Edit::Add { list: field::CHECKLIST, fields: check(&text)? }),
            Change::RemoveCheck(item) => edits.push(remove(content, field::CHECKLIST, item)?),
        }
        Ok(())
    }
}

type Fields = Vec<(u16, Scalar)>;

fn person(person: NewPerson) -> Result<Fields, Refusal> {
    let why = optional("why", person.why)?;
    Ok(vec![(field::NAME, needed("name", &person.name)?.into()), (field::WHY, why.into())])
}

fn contact(contact: NewContact) -> Result<Fields, Refusal> {
    let phone = optional("phone", contact.phone)?;
    Ok(vec![(field::NAME, needed("name", &contact.name)?.into()), (field::PHONE, phone.into())])
}

fn check(text: &str) -> Result<Fields, Refusal> {
    Ok(vec![(field::TEXT, needed("checklist", text)?.into())])
}

/// What a new item is written with: nothing that is not known.
fn known(fields: Fields) -> Fields {
    fields.into_iter().filter(|(_, value)| *value != Scalar::Null).collect()
}

fn placed(fields: Fields, place: i64) -> Fields {
    let mut fields = known(fields);
    fields.push((field::PLACE, place.into()));
    fields
}

/// A contact behind those that are there and those that this event adds, less those that it removes.
fn add_contact(content: &Content, new: NewContact, edits: &[Edit]) -> Result<Edit, Refusal> {
    let there = contacts(content);
    let last = content.items(field::CONTACTS).filter_map(|(_, item)| item.int(field::PLACE)).max().unwrap_or(0);
    let added = edits.iter().filter(|edit| matches!(edit, Edit::Add { list: field::CONTACTS, .. })).count();
    let removed = edits.iter().filter(|edit| matches!(edit, Edit::Remove { list: field::CONTACTS, .. })).count();
    if (there.len() + added).saturating_sub(removed) >= CONTACTS {
        return Err(Refusal::TooManyContacts { limit: CONTACTS });
    }
    let place = last.saturating_add(1).saturating_add(i64::try_from(added).unwrap_or(0));
    Ok(Edit::Add { list: field::CONTACTS, fields: placed(contact(new)?, place) })
}

fn part(field: &'static str, part: Part, text: &str) -> Result<Scalar, Refusal> {
    if text.trim().is_empty() { Ok(Scalar::Null) } else { label(field, part, text).map(Scalar::from) }
}

fn put(content: &Content, field: u16, value: Scalar, edits: &mut Vec<Edit>) {
    let values = content.fields.get(&field).map_or(&[][..], Vec::as_slice);
    let differs = match values {
        [] => value != Scalar::Null,
        [only] => only.value != value,
        // Said again, a value settles that people disagree.
        _ => true,
    };
    if differs {
        edits.push(Edit::Put { field, value });
    }
}

fn put_item(content: &Content, list: u16, item: ItemId, fields: Fields) -> Result<Vec<Edit>, Refusal> {
    let there = content.lists.get(&list).and_then(|items| items.get(&item)).ok_or(Refusal::NoSuchItem { item })?;
    let differs = |(field, value): &(u16, Scalar)| {
        let values = there.fields.get(field).map_or(&[][..], Vec::as_slice);
        values.len() > 1 || values.first().map_or(&Scalar::Null, |only| &only.value) != value
    };
    let changed = fields.into_iter().filter(differs);
    Ok(changed.map(|(field, value)| Edit::PutItem { list, item, field, value }).collect())
}

fn remove(content: &Content, list: u16, item: ItemId) -> Result<Edit, Refusal> {
    let there = content.lists.get(&list).is_some_and(|items| items.contains_key(&item));
    if there { Ok(Edit::Remove { list, item }) } else { Err(Refusal::NoSuchItem { item }) }
}

/// Edits, if one event takes so many. An added item counts as its fields.
fn few_enough(edits: Vec<Edit>) -> Result<Vec<Edit>, Refusal> {
    let count = |edit: &Edit| if let Edit::Add { fields, .. } = edit { fields.len().max(1) } else { 1 };
    let got = edits.iter().map(count).sum();
    if got > limits::EDITS { Err(Refusal::TooMany { got, limit: limits::EDITS }) } else { Ok(edits) }
}
