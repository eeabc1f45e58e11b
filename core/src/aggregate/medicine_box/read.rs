//! Reading payloads. What is let through counts forever, so nothing out of bounds is.

use std::collections::BTreeSet;

use super::{
    Fact, Goods, PARTS, PERIOD_DAYS, Part, QTY, Room,
    kind::{
        CARRIED_OVER, CLOSED, CORRECTED, COUNTED, DISCARDED, DONATED, EDITED, FOUND, LIMIT_SET, OPENED,
        QUARANTINE_LIFTED, QUARANTINED, RECEIVED, RESTOCK_ASKED, RESTOCK_SET, RETURNED, SENT, SPLIT, TAKEN,
        TAKEN_BY_OVERRIDE,
    },
};
use crate::{
    aggregate::{Malformed, decode, product::bounded},
    qty::Qty,
};

/// Reads a payload.
pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
    if version != 1 {
        return Err(Malformed("no such version"));
    }
    let fact = match kind {
        OPENED => Fact::Opened(decode(payload)?),
        EDITED => Fact::Edited(decode(payload)?),
        DONATED => Fact::Donated(decode(payload)?),
        TAKEN | TAKEN_BY_OVERRIDE => Fact::Taken(decode(payload)?),
        RETURNED => Fact::Returned(decode(payload)?),
        SPLIT => Fact::Split(decode(payload)?),
        COUNTED => Fact::Counted(decode(payload)?),
        FOUND => Fact::Found(decode(payload)?),
        DISCARDED => Fact::Discarded(decode(payload)?),
        SENT => Fact::Sent(decode(payload)?),
        RECEIVED => Fact::Received(decode(payload)?),
        QUARANTINED => Fact::Quarantined(decode(payload)?),
        QUARANTINE_LIFTED => Fact::QuarantineLifted(decode(payload)?),
        RESTOCK_ASKED => Fact::RestockAsked(decode(payload)?),
        RESTOCK_SET => Fact::RestockSet(decode(payload)?),
        LIMIT_SET => Fact::LimitSet(decode(payload)?),
        CLOSED => Fact::Closed(decode(payload)?),
        CARRIED_OVER => Fact::CarriedOver(decode(payload)?),
        CORRECTED => Fact::Corrected(decode(payload)?),
        _ => return Err(Malformed("no such kind")),
    };
    if let Fact::Taken(taken) = &fact
        && taken.override_reason.is_some() != (kind == TAKEN_BY_OVERRIDE)
    {
        return Err(Malformed("a reason stands in an override and nowhere else"));
    }
    check(&fact)?;
    Ok(fact)
}

fn check(fact: &Fact) -> Result<(), Malformed> {
    match fact {
        Fact::Edited(_) => Ok(()),
        Fact::Opened(opened) => optional(opened.building.as_deref(), bounded),
        Fact::Donated(donated) => {
            goods(&donated.goods)?;
            optional(donated.origin.as_deref(), bounded)?;
            some(donated.qty)
        }
        Fact::Taken(taken) => {
            optional(taken.room.as_ref(), room)?;
            optional(taken.override_reason.as_deref(), filled)?;
            parts(&taken.parts, 1, Qty::LEAST)
        }
        Fact::Returned(returned) => {
            optional(returned.room.as_ref(), room)?;
            parts(&returned.parts, 1, Qty::LEAST)
        }
        Fact::Split(split) => {
            filled(&split.unit).and(filled(&split.into_unit))?;
            some(split.qty).and(some(split.into_qty))
        }
        Fact::Counted(counted) => parts(&counted.parts, 1, Qty::ZERO),
        Fact::Found(found) => {
            if found.lot.is_some() == found.goods.is_some() {
                return Err(Malformed("found goods are of a lot or new, one of both"));
            }
            optional(found.goods.as_ref(), goods)?;
            bounded(&found.why).and(some(found.qty))
        }
        Fact::Discarded(discarded) => bounded(&discarded.why).and(some(discarded.qty)),
        Fact::Sent(sent) => goods(&sent.goods).and(some(sent.qty)),
        Fact::Received(received) => {
            goods(&received.goods)?;
            some(received.sent_qty).and(quantity(received.qty))
        }
        Fact::CarriedOver(carried) => goods(&carried.goods).and(some(carried.qty)),
        Fact::Quarantined(quarantine) | Fact::QuarantineLifted(quarantine) => bounded(&quarantine.why),
        Fact::RestockAsked(_) | Fact::RestockSet(_) | Fact::LimitSet(_) | Fact::Closed(_) | Fact::Corrected(_) => {
            check_rule(fact)
        }
    }
}

/// Checks what sets rules for a box, ends it, or corrects.
fn check_rule(fact: &Fact) -> Result<(), Malformed> {
    match fact {
        Fact::RestockAsked(asked) => {
            filled(&asked.unit).and(bounded(&asked.note))?;
            some(asked.qty)
        }
        Fact::RestockSet(set) => filled(&set.unit).and(optional(set.below, some)),
        Fact::LimitSet(set) => {
            if !(1..=PERIOD_DAYS).contains(&set.days) {
                return Err(Malformed("a limit's period has 1 to 366 days"));
            }
            optional(set.qty, quantity)
        }
        Fact::Closed(closed) => {
            if closed.into.is_none() && !closed.parts.is_empty() {
                return Err(Malformed("what is carried over goes into a box"));
            }
            bounded(&closed.why).and(parts(&closed.parts, 0, Qty::LEAST))
        }
        Fact::Corrected(corrected) => {
            let value = &corrected.value;
            bounded(&corrected.why)?;
            optional(value.qty, quantity).and(optional(value.into_qty, quantity))?;
            optional(value.goods.as_ref(), goods)?;
            optional(value.parts.as_ref(), |some| parts(some, 1, Qty::ZERO))
        }
        _ => Ok(()),
    }
}

fn optional<T>(value: Option<T>, check: impl FnOnce(T) -> Result<(), Malformed>) -> Result<(), Malformed> {
    value.map_or(Ok(()), check)
}

fn goods(goods: &Goods) -> Result<(), Malformed> {
    optional(goods.batch.as_deref(), filled)?;
    filled(&goods.unit)
}

fn room(room: &Room) -> Result<(), Malformed> {
    bounded(&room.building)?;
    bounded(&room.unit)?;
    filled(&room.room)
}

fn filled(text: &str) -> Result<(), Malformed> {
    if text.trim().is_empty() { Err(Malformed("an empty text")) } else { bounded(text) }
}

fn quantity(qty: Qty) -> Result<(), Malformed> {
    if (Qty::ZERO..=QTY).contains(&qty) { Ok(()) } else { Err(Malformed("a quantity out of bounds")) }
}

fn some(qty: Qty) -> Result<(), Malformed> {
    if qty == Qty::ZERO { Err(Malformed("nothing")) } else { quantity(qty) }
}

fn parts(parts: &[Part], fewest: usize, least: Qty) -> Result<(), Malformed> {
    if parts.len() < fewest || parts.len() > PARTS {
        return Err(Malformed("no lots, or too many"));
    }
    if parts.iter().map(|part| part.lot).collect::<BTreeSet<_>>().len() != parts.len() {
        return Err(Malformed("a lot named twice"));
    }
    let fits = |part: &Part| if part.qty < least { Err(Malformed("nothing")) } else { quantity(part.qty) };
    parts.iter().try_for_each(fits)
}
