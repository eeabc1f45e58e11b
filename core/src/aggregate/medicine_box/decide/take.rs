//! Taking and bringing back.

use std::collections::BTreeMap;

use super::{Counter, amount, bounded, cut, filled};
use crate::{
    aggregate::{
        Draft,
        building::{Door, NoDoor},
        medicine_box::{
            Part, Portion, Refusal, Returned, Room, Taken, What, When,
            households::taken_within,
            kind,
            offer::{Ask, Offer, offer, unfit},
            product_facts::{product_facts, today},
        },
        settings::SettingsView,
    },
    id::Reference,
    limits,
    qty::Qty,
};

impl Counter<'_> {
    pub(super) fn take(
        &self,
        what: &What,
        room: Option<Room>,
        order: Option<Reference>,
        override_reason: Option<String>,
        when: When,
    ) -> Result<Vec<Draft>, Refusal> {
        let override_reason = override_reason.map(|reason| filled("override_reason", &reason)).transpose()?;
        let overridden = override_reason.is_some();
        let room = room.map(|room| self.at_the_door(room, when)).transpose()?;
        let parts = match what {
            What::Lots(portions) => self.named(portions, overridden, when.happened())?,
            What::Product { product, qty, unit } => self.chosen(*product, *qty, unit.as_deref(), overridden, when)?,
        };
        if !overridden && !when.happened() {
            self.within_limit(&parts, room.as_ref())?;
        }
        let kind = if overridden { kind::TAKEN_BY_OVERRIDE } else { kind::TAKEN };
        let taken = Taken { room, order, parts, override_reason, happened_at: when.happened_at };
        Ok(vec![self.draft(kind, &taken)])
    }

    /// Parts of lots somebody names: fit, and there.
    fn named(&self, portions: &[Portion], overridden: bool, happened: bool) -> Result<Vec<Part>, Refusal> {
        let parts = self.cut_parts(portions, Qty::LEAST, happened)?;
        if happened {
            return Ok(parts);
        }
        let today = today(self.context);
        for part in &parts {
            let lot = part.lot;
            let goods = self.state.goods(lot).ok_or(Refusal::UnknownLot { lot })?;
            let facts = product_facts(self.context.world, goods.product)?;
            let why = unfit(self.state, lot, &goods, &facts, today);
            if let Some(why) = why.filter(|why| !(overridden && why.may_be_overridden())) {
                return Err(Refusal::Unfit { lot, why });
            }
            self.enough(lot, part.qty, happened)?;
        }
        Ok(parts)
    }

    /// Parts chosen first to expire first. Of what has happened, what is missing is written down against the first
    /// lot there is: a shortfall shows there.
    fn chosen(
        &self,
        product: Reference,
        qty: Qty,
        unit: Option<&str>,
        overridden: bool,
        when: When,
    ) -> Result<Vec<Part>, Refusal> {
        let asked = amount(qty, Qty::LEAST)?;
        let facts = product_facts(self.context.world, product)?;
        let ask = Ask { product, qty: asked, unit, overridden };
        let Offer { mut picks, hidden, missing } = offer(self.state, &ask, &facts, today(self.context));
        let first = picks.first().and_then(|pick| self.state.goods(pick.lot)).map(|goods| goods.unit);
        unit.or(first.as_deref()).map_or(Ok(()), |unit| cut(unit, asked, when.happened()))?;
        if missing == Qty::ZERO {
            return Ok(picks);
        }
        if !when.happened() {
            let hidden = hidden.into_iter().map(|hidden| (hidden.lot, hidden.why)).collect();
            return Err(Refusal::NotEnough { asked, missing, hidden });
        }
        let missing = amount(missing, Qty::LEAST)?;
        match (picks.first_mut(), hidden.first()) {
            (Some(first), _) => first.qty = first.qty.saturating_add(missing),
            (None, Some(hidden)) => picks.push(Part { lot: hidden.lot, qty: missing }),
            (None, None) => return Err(Refusal::NoLot { product }),
        }
        Ok(picks)
    }

    fn within_limit(&self, parts: &[Part], room: Option<&Room>) -> Result<(), Refusal> {
        let mut asked: BTreeMap<Reference, Qty> = BTreeMap::new();
        for part in parts {
            if let Some(goods) = self.state.goods(part.lot) {
                let sum = asked.entry(goods.product).or_default();
                *sum = sum.saturating_add(part.qty);
            }
        }
        for (product, asked) in asked {
            let Some((most, days)) = self.limit(product)? else { continue };
            let Some(room) = room else { return Err(Refusal::RoomNeeded { product }) };
            let held_for = |event| self.context.world.held_for(event);
            let taken = taken_within(self.state, (room, product, days), self.context.now, held_for)?;
            if taken.saturating_add(asked) > most {
                return Err(Refusal::OverLimit { product, limit: most, days, taken, asked });
            }
        }
        Ok(())
    }

    /// How much a household may take in how many days, if that is limited: by the box, else by the settings.
    fn limit(&self, product: Reference) -> Result<Option<(Qty, u16)>, Refusal> {
        if let Some(limit) = self.state.limit(product) {
            return Ok(limit.qty.map(|qty| (qty, limit.days)));
        }
        let everywhere = SettingsView::seen_by(self.context.world)?.take_limit;
        Ok(everywhere.map(|units| (Qty::whole(units), limits::TAKE_DAYS)))
    }

    /// The room as the register has it; of what has happened as far as it has.
    fn at_the_door(&self, room: Room, when: When) -> Result<Room, Refusal> {
        let text = |field, text: String| bounded(field, text.trim().to_owned());
        let building = text("building", room.building)?;
        let (unit, room) = (text("unit", room.unit)?, filled("room", &room.room)?);
        let door = Door::named(&building, Some(&unit), Some(&room))?;
        let door = match door.clone().listed(self.context.world) {
            Err(NoDoor::Label(..)) if when.happened() => door,
            listed => listed?,
        };
        let Door { building, unit, room } = door;
        Ok(Room { building, unit: unit.unwrap_or_default(), room: room.unwrap_or_default() })
    }

    pub(super) fn give_back(
        &self,
        portions: &[Portion],
        room: Option<Room>,
        when: When,
    ) -> Result<Vec<Draft>, Refusal> {
        let parts = self.cut_parts(portions, Qty::LEAST, when.happened())?;
        let room = room.map(|room| self.at_the_door(room, when)).transpose()?;
        Ok(vec![self.draft(kind::RETURNED, &Returned { room, parts, happened_at: when.happened_at })])
    }
}
