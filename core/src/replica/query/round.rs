//! My round: what a member holds, in the order somebody walks, with what to buy first and what to carry.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Page, QueryError, Replica,
    board::{OrderFilter, OrderLine, Part},
    look,
    order::shown,
};
use crate::{
    aggregate::{
        address::sort_key,
        building::BuildingView,
        order::{self, ItemView, Order, OrderCard, Status},
        product::search_key,
    },
    event::Scalar,
    id::Reference,
    label,
    qty::Qty,
};

/// The round of this member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "MyRound"))]
pub struct Round {
    /// Where to go, in walking order.
    pub stops: Vec<Stop>,
    /// What has still to be bought, all stops together, by name.
    pub to_buy: Vec<Carry>,
    /// What was bought and has still to be delivered, all stops together, by name.
    pub to_load: Vec<Carry>,
}

/// A door to stop at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "RoundStop"))]
pub struct Stop {
    /// The building, by its label.
    pub building: String,
    /// Its name, where the register has one.
    pub building_name: Option<String>,
    /// How to get in, where the register says.
    pub entrance_note: Option<String>,
    /// The unit (单元), if one is named.
    pub unit: Option<String>,
    /// The room, if one is named.
    pub room: Option<String>,
    /// What is for this door, most urgent first.
    pub orders: Vec<RoundOrder>,
}

/// An order on the round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RoundOrder {
    /// What lists show of it.
    pub line: OrderLine,
    /// What has still to be bought for it.
    pub to_buy: Vec<Carry>,
    /// What is to be handed over.
    pub to_load: Vec<Carry>,
}

/// So much of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Carry {
    /// What, as it was first written.
    pub name: String,
    /// Of what the quantity is, such as box, kg; none where nobody said.
    pub unit: Option<String>,
    /// How much, of the orders that say so.
    pub qty: Qty,
    /// In how many orders it stands without a quantity.
    pub unsaid: usize,
    /// For which orders.
    pub orders: Vec<Reference>,
}

/// Things of one name and unit, as they compare.
#[derive(Default)]
struct Load(BTreeMap<(String, String), Carry>);

impl Load {
    fn add(&mut self, order: Reference, item: &ItemView, qty: Option<Qty>) {
        let text = |name| shown(&item.fields, name).and_then(Scalar::text).map(str::trim).filter(|it| !it.is_empty());
        let Some(name) = text("name") else { return };
        let unit = text("unit");
        let key = (search_key(name), search_key(unit.unwrap_or_default()));
        let carry = self.0.entry(key).or_insert_with(|| Carry {
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            qty: Qty::ZERO,
            unsaid: 0,
            orders: Vec::new(),
        });
        match qty {
            Some(qty) => carry.qty = carry.qty.saturating_add(qty),
            None => carry.unsaid = carry.unsaid.saturating_add(1),
        }
        if !carry.orders.contains(&order) {
            carry.orders.push(order);
        }
    }

    fn list(self) -> Vec<Carry> {
        self.0.into_values().collect()
    }
}

impl Replica {
    /// What this member holds, in walking order: buildings as the register has them, then units and rooms by their
    /// numbers. An order counts as bought once a purchase was written down; where that names items and quantities,
    /// what is missing of them is still to be bought.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`], or when the store fails.
    pub fn my_round(&self) -> Result<Round, QueryError> {
        let community = self.joined()?;
        let walk = Walk::through(self.buildings()?);
        let mut stops: BTreeMap<WalkPlace, Stop> = BTreeMap::new();
        let (mut to_buy, mut to_load) = (Load::default(), Load::default());
        for line in self.held()? {
            let order = line.order;
            let folded = self.read(|reader| look(reader, self, &community, order))?;
            let Some(subject) = folded.as_ref().and_then(|folded| folded.subject::<Order>()) else { continue };
            let items = order::view(&subject, false).items;
            let (mut buy, mut load) = (Load::default(), Load::default());
            for item in &items {
                let (missing, there) = split(&line.card, item, &items);
                for (qty, whole, own) in [(missing, &mut to_buy, &mut buy), (there, &mut to_load, &mut load)] {
                    if let Some(qty) = qty {
                        whole.add(order, item, qty);
                        own.add(order, item, qty);
                    }
                }
            }
            let stop = stops.entry(walk.door(&line.card)).or_insert_with(|| walk.stop(&line.card));
            stop.orders.push(RoundOrder { line, to_buy: buy.list(), to_load: load.list() });
        }
        Ok(Round { stops: stops.into_values().collect(), to_buy: to_buy.list(), to_load: to_load.list() })
    }

    /// Every open order that this member holds, most urgent first.
    pub(super) fn held(&self) -> Result<Vec<OrderLine>, QueryError> {
        let mut filter = OrderFilter { mine: vec![Part::Holder], ..OrderFilter::default() };
        let mut held = Vec::new();
        loop {
            let Page { items, next } = self.board(&filter)?;
            held.extend(items);
            match next {
                Some(next) => filter.after = Some(next),
                None => return Ok(held),
            }
        }
    }
}

/// How much of an item is still to be bought, and how much is there: `None` nothing, `Some(None)` an amount nobody
/// said.
fn split(card: &OrderCard, item: &ItemView, items: &[ItemView]) -> (Option<Option<Qty>>, Option<Option<Qty>>) {
    let qty = shown(&item.fields, "qty").and_then(Scalar::qty);
    if card.status != Status::Purchased {
        return (Some(qty), None);
    }
    if items.iter().all(|item| item.bought == Qty::ZERO) {
        return (None, Some(qty));
    }
    let there = (item.bought > Qty::ZERO).then_some(Some(item.bought));
    let missing = match qty {
        Some(qty) => Some(qty.saturating_sub(item.bought)).filter(|missing| *missing > Qty::ZERO).map(Some),
        None if item.bought == Qty::ZERO => Some(None),
        None => None,
    };
    (missing, there)
}

/// The register as somebody walks it.
struct Walk(BTreeMap<String, BuildingView>);

/// Where a door stands in the walk: the building's place, then the labels by their numbers.
type WalkPlace = (i64, String, String, String, [Option<String>; 3]);

impl Walk {
    fn through(buildings: Vec<BuildingView>) -> Self {
        let mut walk = BTreeMap::new();
        // Of two listed under one label the one first in the walk counts.
        for building in buildings {
            walk.entry(label::building(&building.label)).or_insert(building);
        }
        Self(walk)
    }

    fn door(&self, card: &OrderCard) -> WalkPlace {
        let place = self.of(card).and_then(|building| building.walk_order).unwrap_or(i64::MAX);
        let unit = card.unit.as_deref().map(label::unit);
        let labels = [Some(label::building(&card.building)), unit, card.room.as_deref().map(label::room)];
        let [building, unit, room] = labels.each_ref().map(|part| part.as_deref().map(sort_key).unwrap_or_default());
        (place, building, unit, room, labels)
    }

    /// What the register has of an order's building.
    fn of(&self, card: &OrderCard) -> Option<&BuildingView> {
        self.0.get(&label::building(&card.building))
    }

    fn stop(&self, card: &OrderCard) -> Stop {
        let building = self.of(card);
        Stop {
            building: card.building.clone(),
            building_name: building.and_then(|building| building.name.clone()),
            entrance_note: building.and_then(|building| building.entrance_note.clone()),
            unit: card.unit.clone(),
            room: card.room.clone(),
            orders: Vec::new(),
        }
    }
}
