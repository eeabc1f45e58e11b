//! Writing an order down, anew or moved from another building.

use crate::{
    aggregate::{Draft, FieldSpec, Payload, World, building::Door, encode, settings::SettingsView},
    event::{Edit, Scalar},
    id::{LogId, Reference, ShortId},
    label, limits,
};

use super::{Case, Decision, needed, optional, some, within};
use crate::aggregate::order::{
    Order,
    content::{ITEMS, NewItem, NewOrder, field, item_field},
    fact::{Moved, Posted},
    kind,
    refusal::Refusal,
};

/// Kinds that ask for goods: an order of them names some.
const GOODS: [&str; 5] = ["medicine", "prescription", "grocery", "meal", "parcel"];

pub(super) fn post(order: NewOrder, world: &dyn World) -> Decision {
    needed("building", &order.building)?;
    let order = NewOrder { room: optional("room", order.room)?, unit: optional("unit", order.unit)?, ..order };
    offered(&order.kind, world)?;
    let said = order.note.as_deref().is_some_and(|note| !note.trim().is_empty());
    if order.items.is_empty() && !said && GOODS.contains(&order.kind.as_str()) {
        return Err(Refusal::NothingAsked);
    }
    let Door { building, unit, room } =
        Door::named(&order.building, order.unit.as_deref(), order.room.as_deref())?.listed(world)?;
    let order = NewOrder { building, unit, room, ..order };
    let posted = Posted {
        building: order.building.clone(),
        asked_by: optional("asked_by", order.asked_by.clone())?,
        way: order.way,
        happened_at: order.happened_at,
        moved_from: None,
    };
    Ok(vec![Draft::new::<Order>(kind::POSTED, &posted).edits(edits(order)?)])
}

/// Whether the community has this kind of order.
pub(super) fn offered(kind: &str, world: &dyn World) -> Result<(), Refusal> {
    needed("kind", kind)?;
    let settings = SettingsView::seen_by(world)?;
    if settings.order_kind(kind).is_some_and(|term| term.active) {
        return Ok(());
    }
    let offered = settings.order_kinds.into_iter().filter(|term| term.active).map(|term| term.code);
    Err(Refusal::UnknownKind { kind: kind.to_owned(), offered: offered.collect() })
}

fn edits(order: NewOrder) -> Result<Vec<Edit>, Refusal> {
    let mut edits = Vec::new();
    for (FieldSpec { field, name }, said) in order.said() {
        said.as_ref().and_then(Scalar::text).map_or(Ok(()), |text| within(name, text))?;
        edits.extend(said.map(|value| Edit::Put { field, value }));
    }
    for item in order.items {
        edits.push(add_item(item)?);
    }
    few_enough(edits)
}

/// The edit that adds an item.
pub(super) fn add_item(item: NewItem) -> Result<Edit, Refusal> {
    needed("name", &item.name)?;
    let mut fields = vec![(item_field::NAME, Scalar::Text(item.name.trim().to_owned()))];
    if let Some(qty) = item.qty {
        some(qty)?;
        fields.push((item_field::QTY, Scalar::from(qty)));
    }
    for (field, name, text) in [(item_field::UNIT, "unit", item.unit), (item_field::PRODUCT, "product", item.product)] {
        fields.extend(optional(name, text)?.map(|text| (field, Scalar::Text(text))));
    }
    Ok(Edit::Add { list: ITEMS, fields })
}

/// Edits, if one event takes so many. An added item counts as its fields.
pub(super) fn few_enough(edits: Vec<Edit>) -> Result<Vec<Edit>, Refusal> {
    let count = |edit: &Edit| if let Edit::Add { fields, .. } = edit { fields.len().max(1) } else { 1 };
    let got = edits.iter().map(count).sum();
    if got > limits::EDITS { Err(Refusal::TooMany { got, limit: limits::EDITS }) } else { Ok(edits) }
}

impl Case<'_> {
    /// Writes the order down in the right building, with all it says and since when, and ends this one by naming
    /// the new one.
    pub(super) fn move_to(&self, building: String, unit: Option<String>, room: Option<String>) -> Decision {
        self.still_open()?;
        needed("building", &building)?;
        let (unit, room) = (optional("unit", unit)?, optional("room", room)?);
        let door = Door::named(&building, unit.as_deref(), room.as_deref())?.listed(self.context.world)?;
        let Door { building, unit, room } = door;
        if self.subject.birth.building.as_deref().map(label::building) == Some(label::building(&building)) {
            return Err(Refusal::SameBuilding);
        }
        let old = self.subject.state.posted.as_ref();
        let posted = Posted {
            building,
            asked_by: old.and_then(|posted| posted.asked_by.clone()),
            way: old.map(|posted| posted.way).unwrap_or_default(),
            happened_at: Some(self.outcome.opened),
            moved_from: Some(self.subject.birth.aggregate),
        };
        let mut edits = self.carried();
        for (field, text) in [(field::UNIT, unit), (field::ROOM, room)] {
            edits.extend(text.map(|text| Edit::put(field, text)));
        }
        let repost = Draft::new::<Order>(kind::POSTED, &posted).edits(few_enough(edits)?);
        let nowhere = Reference { log: LogId::ZERO, seq: 0, check: ShortId::ZERO };
        let moved = Draft {
            payload: Payload::After(Box::new(move |made| {
                encode(&Moved { to: made.first().copied().unwrap_or(nowhere) })
            })),
            ..Draft::on::<Order>(self.subject.birth.aggregate, kind::MOVED, &Moved { to: nowhere })
        };
        Ok(vec![repost, moved])
    }

    /// What the new order takes along: every value shown, except the address.
    fn carried(&self) -> Vec<Edit> {
        let content = self.subject.content;
        let stays = |field: u16| field == field::UNIT || field == field::ROOM;
        let fields = content.fields.keys().filter(|field| !stays(**field));
        let puts = fields.filter_map(|&field| Some(Edit::Put { field, value: content.get(field)?.clone() }));
        let adds = content.items(ITEMS).map(|(_, item)| {
            let fields = item.fields.keys().filter_map(|&field| Some((field, item.get(field)?.clone())));
            Edit::Add { list: ITEMS, fields: fields.collect() }
        });
        puts.chain(adds).filter(fits).collect()
    }
}

/// Nothing is carried on that an edit could not say.
fn fits(edit: &Edit) -> bool {
    let short = |value: &Scalar| value.text().is_none_or(|text| within("value", text).is_ok());
    match edit {
        Edit::Put { value, .. } | Edit::PutItem { value, .. } => short(value),
        Edit::Add { fields, .. } => fields.iter().all(|(_, value)| short(value)),
        Edit::Remove { .. } => true,
    }
}
