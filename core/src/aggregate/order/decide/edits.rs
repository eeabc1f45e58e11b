//! Changing what an order says, and choosing where people disagree.

use crate::{
    aggregate::{
        Draft, FieldSpec, Item,
        building::{Door, NoDoor, with_edits},
    },
    event::{Edit, ItemId, Scalar},
};

use super::{
    Case, Decision,
    post::{add_item, few_enough, offered},
    within,
};
use crate::aggregate::order::{
    Order,
    command::Change,
    content::{FIELDS, ITEM_FIELDS, ITEMS, Urgency, field, item_field},
    fact::Confirmation,
    kind,
    refusal::Refusal,
};

impl Case<'_> {
    /// Makes the changes together. One that changes nothing is left out, so that it raises no conflict.
    pub(super) fn edit(&self, changes: Vec<Change>) -> Decision {
        let mut edits = Vec::new();
        for change in changes {
            edits.extend(self.change(change)?);
        }
        self.at_the_door(&mut edits)?;
        self.edited(edits)
    }

    /// Unit and room, where these edits put one, as the register has them.
    fn at_the_door(&self, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
        let [(unit_is_put, unit), (room_is_put, room)] =
            [field::UNIT, field::ROOM].map(|of| with_edits(self.subject.content, edits, of));
        if !unit_is_put && !room_is_put {
            return Ok(());
        }
        let building = self.subject.birth.building.as_deref().unwrap_or_default();
        let door = match Door::named(building, unit.as_deref(), room.as_deref()) {
            Ok(door) => match door.clone().listed(self.context.world) {
                // Its building is fixed for life: what is wrong with it is no reason to leave the room wrong.
                Err(NoDoor::Label("building", _)) => door,
                listed => listed?,
            },
            Err(_) => return Ok(()),
        };
        for (is_put, of, said, found) in
            [(unit_is_put, field::UNIT, unit, door.unit), (room_is_put, field::ROOM, room, door.room)]
        {
            if said == found || (!is_put && said.is_some()) {
                continue;
            }
            edits.retain(|edit| !matches!(edit, Edit::Put { field, .. } if *field == of));
            let value = found.map_or(Scalar::Null, Scalar::Text);
            if !stands_alone(self.subject.content.fields.get(&of), &value) {
                edits.push(Edit::Put { field: of, value });
            }
        }
        Ok(())
    }

    /// Puts the chosen value over all that stand beside each other.
    pub(super) fn choose(&self, field: &str, item: Option<ItemId>, value: Scalar) -> Decision {
        let (edit, values) = match item {
            None => {
                let number = root_field(field, &value)?;
                (Edit::Put { field: number, value }, self.subject.content.fields.get(&number))
            }
            Some(id) => {
                let (number, value) = (item_field_of(field, &value)?, in_one_form(value));
                let values = self.item(id)?.fields.get(&number);
                (Edit::PutItem { list: ITEMS, item: id, field: number, value }, values)
            }
        };
        if values.is_none_or(|values| values.len() < 2) {
            return Err(Refusal::NoConflict);
        }
        self.edited(vec![edit])
    }

    /// Keeping an item says its name again, which outlives the removal.
    pub(super) fn choose_item(&self, id: ItemId, keep: bool) -> Decision {
        let item = self.item(id)?;
        if !item.removal_contested {
            return Err(Refusal::NoConflict);
        }
        let name = item.get(item_field::NAME).cloned().unwrap_or(Scalar::Null);
        let kept = Edit::PutItem { list: ITEMS, item: id, field: item_field::NAME, value: name };
        self.edited(vec![if keep { kept } else { Edit::Remove { list: ITEMS, item: id } }])
    }

    fn edited(&self, edits: Vec<Edit>) -> Decision {
        if edits.is_empty() {
            return Err(Refusal::NothingChanges);
        }
        let draft = Draft::on::<Order>(self.subject.birth.aggregate, kind::EDITED, &Confirmation {});
        Ok(vec![draft.edits(few_enough(edits)?)])
    }

    fn change(&self, change: Change) -> Result<Option<Edit>, Refusal> {
        match change {
            Change::Put { field, value } => {
                let number = root_field(&field, &value)?;
                if let (field::KIND, Some(kind)) = (number, value.text()) {
                    offered(kind, self.context.world)?;
                }
                let same = stands_alone(self.subject.content.fields.get(&number), &value);
                Ok((!same).then_some(Edit::Put { field: number, value }))
            }
            Change::AddItem(item) => add_item(item).map(Some),
            Change::PutItem { item, field, value } => {
                let (number, value) = (item_field_of(&field, &value)?, in_one_form(value));
                let same = stands_alone(self.item(item)?.fields.get(&number), &value);
                Ok((!same).then_some(Edit::PutItem { list: ITEMS, item, field: number, value }))
            }
            Change::RemoveItem { item } => {
                self.item(item)?;
                Ok(Some(Edit::Remove { list: ITEMS, item }))
            }
        }
    }

    fn item(&self, id: ItemId) -> Result<&Item, Refusal> {
        let items = self.subject.content.lists.get(&ITEMS);
        items.and_then(|items| items.get(&id)).ok_or(Refusal::UnknownItem { item: id })
    }
}

/// A fraction that is none is a whole number.
fn in_one_form(value: Scalar) -> Scalar {
    if let Scalar::Fraction(qty) = value { qty.into() } else { value }
}

/// Whether a field has this value and no other; an absent field has the value nothing.
fn stands_alone(values: Option<&Vec<crate::aggregate::Value>>, value: &Scalar) -> bool {
    match values.map(Vec::as_slice) {
        None | Some([]) => *value == Scalar::Null,
        Some([only]) => only.value == *value,
        Some(_) => false,
    }
}

fn number_of(specs: &[FieldSpec], name: &str) -> Result<u16, Refusal> {
    let spec = specs.iter().find(|spec| spec.name == name);
    spec.map(|spec| spec.field).ok_or_else(|| Refusal::UnknownField { field: name.to_owned() })
}

fn root_field(name: &str, value: &Scalar) -> Result<u16, Refusal> {
    let number = number_of(FIELDS, name)?;
    let fits = match number {
        field::URGENCY => value.text().and_then(Urgency::from_code).is_some(),
        field::KIND => value.text().is_some_and(|text| !text.trim().is_empty()),
        field::NEEDED_BY | field::APPOINTMENT => matches!(value, Scalar::Null | Scalar::Int(_)),
        _ => matches!(value, Scalar::Null | Scalar::Text(_)),
    };
    checked(number, name, value, fits)
}

fn item_field_of(name: &str, value: &Scalar) -> Result<u16, Refusal> {
    let number = number_of(ITEM_FIELDS, name)?;
    if let (item_field::QTY, Some(qty)) = (number, value.qty()) {
        super::some(qty)?;
    }
    let fits = match number {
        item_field::QTY => *value == Scalar::Null || value.qty().is_some(),
        item_field::NAME => value.text().is_some_and(|text| !text.trim().is_empty()),
        _ => matches!(value, Scalar::Null | Scalar::Text(_)),
    };
    checked(number, name, value, fits)
}

fn checked(number: u16, name: &str, value: &Scalar, fits: bool) -> Result<u16, Refusal> {
    if !fits {
        return Err(Refusal::WrongValue { field: name.to_owned() });
    }
    value.text().map_or(Ok(()), |text| within(name, text))?;
    Ok(number)
}
