//! Acts: what one author says about one device, in as many events as it takes.
//!
//! It knows how much one event has room for, and which rights are said together. It refuses to know who may say it, and
//! what it does.

use std::collections::BTreeMap;

use minicbor::Encode;

use super::{Cut, Grant, GrantRemoved, Granted, RelayMoved, Revoked, Right, RosterEvent, payload::bytes};
use crate::{
    id::{DeviceId, Incarnation, Reference},
    limits,
};

const ACT: &str = "linli 2026 roster act v1";

/// Bytes of heads, removals and the like in one event of an act. With a grant beside them it stays below a body's limit.
const PART: usize = 24 * 1024;
/// Bytes that one of them takes at most, with the CBOR around it.
pub(super) const NAME: usize = 64;

/// What one event of an act has room for.
#[derive(Default)]
struct Part {
    cuts: Vec<Cut>,
    references: Vec<Reference>,
    incarnations: Vec<Incarnation>,
}

/// Parts that are full, and the one that is being filled.
#[derive(Default)]
struct Parts {
    full: Vec<Part>,
    open: Part,
    bytes: usize,
}

impl Parts {
    /// A part with room for one more name.
    fn with_room(&mut self) -> &mut Part {
        self.bytes += NAME;
        if self.bytes > PART {
            self.bytes = NAME;
            self.full.push(std::mem::take(&mut self.open));
        }
        &mut self.open
    }

    fn add_cut(&mut self, cut: &Cut) {
        self.with_room().cuts.push(Cut { log: cut.log, heads: Vec::new() });
        for head in &cut.heads {
            let part = self.with_room();
            match part.cuts.last_mut().filter(|last| last.log == cut.log) {
                Some(last) => last.heads.push(*head),
                None => part.cuts.push(Cut { log: cut.log, heads: vec![*head] }),
            }
        }
    }
}

/// Names in parts that an event has room for; at least one.
fn in_parts(cuts: &[Cut], references: &[Reference], incarnations: &[Incarnation]) -> Vec<Part> {
    let mut parts = Parts::default();
    cuts.iter().for_each(|cut| parts.add_cut(cut));
    references.iter().for_each(|reference| parts.with_room().references.push(*reference));
    incarnations.iter().for_each(|incarnation| parts.with_room().incarnations.push(*incarnation));
    let Parts { mut full, open, .. } = parts;
    full.push(open);
    full
}

/// The number of an act that takes several events: the same for the same act.
fn act(parts: usize, whole: &impl Encode<()>) -> Option<u64> {
    let mut number = [0; 8];
    blake3::Hasher::new_derive_key(ACT).update(&bytes(whole)).finalize_xof().fill(&mut number);
    (parts > 1).then_some(u64::from_be_bytes(number))
}

impl Revoked {
    /// The same in as many events as it takes.
    pub(super) fn in_events(self) -> Vec<RosterEvent> {
        let parts = in_parts(&self.cuts, &self.replaces, &[]);
        let (device, act) = (self.device, act(parts.len(), &self));
        let of = |part: Part| Self { device, cuts: part.cuts, replaces: part.references, act };
        parts.into_iter().map(of).map(RosterEvent::Revoked).collect()
    }
}

impl GrantRemoved {
    /// The same in as many events as it takes.
    pub(super) fn in_events(self) -> Vec<RosterEvent> {
        let parts = || in_parts(&self.heads, &[], &self.incarnations);
        let (device, act) = (self.device, act(parts().len(), &self));
        let of = |(grant, part): (Grant, Part)| {
            RosterEvent::GrantRemoved(Self { device, grant, heads: part.cuts, incarnations: part.incarnations, act })
        };
        let grants = self.grant.in_parts().into_iter();
        grants.flat_map(|grant| parts().into_iter().map(move |part| (grant.clone(), part))).map(of).collect()
    }
}

impl Granted {
    /// What gives a device rights, each after these removals of it: what comes after the same is said together, so that
    /// no right is weighed down by what was taken of another.
    pub(super) fn of(device: DeviceId, rights: impl IntoIterator<Item = (Right, Vec<Reference>)>) -> Vec<RosterEvent> {
        let mut behind = BTreeMap::<Vec<Reference>, Vec<Right>>::new();
        for (right, after) in rights {
            behind.entry(after).or_default().push(right);
        }
        let grants = behind.into_iter().flat_map(|(after, rights)| {
            let of = move |grant| Self { device, grant, after: after.clone(), act: None };
            Grant::of(rights).into_iter().map(of)
        });
        grants.flat_map(Self::in_events).collect()
    }

    /// The same in as many events as it takes.
    pub(super) fn in_events(self) -> Vec<RosterEvent> {
        let parts = || in_parts(&[], &self.after, &[]);
        let (device, act) = (self.device, act(parts().len(), &self));
        let of =
            |(grant, part): (Grant, Part)| RosterEvent::Granted(Self { device, grant, after: part.references, act });
        let grants = self.grant.in_parts().into_iter();
        grants.flat_map(|grant| parts().into_iter().map(move |part| (grant.clone(), part))).map(of).collect()
    }
}

impl Grant {
    /// These rights, those of one kind together.
    pub(super) fn of(rights: impl IntoIterator<Item = Right>) -> Vec<Grant> {
        let (mut buildings, mut boxes, mut care) = (Vec::new(), Vec::new(), false);
        for right in rights {
            match right {
                Right::Leader { building } => buildings.push(building),
                Right::Keeper { medicine_box } => boxes.push(medicine_box),
                Right::Care => care = true,
            }
        }
        let mut grants = Vec::new();
        if !buildings.is_empty() {
            grants.push(Grant::Leader { buildings });
        }
        if !boxes.is_empty() {
            grants.push(Grant::Keeper { boxes });
        }
        grants.extend(care.then_some(Grant::Care));
        grants
    }

    /// The same rights in grants of which each has room in an event.
    fn in_parts(&self) -> Vec<Grant> {
        match self {
            Grant::Leader { buildings } => {
                let parts = buildings.chunks(limits::RIGHTS);
                parts.map(|buildings| Grant::Leader { buildings: buildings.to_vec() }).collect()
            }
            Grant::Keeper { boxes } => {
                let parts = boxes.chunks(limits::RIGHTS);
                parts.map(|boxes| Grant::Keeper { boxes: boxes.to_vec() }).collect()
            }
            Grant::Care => vec![Grant::Care],
        }
    }
}

impl RelayMoved {
    /// The same in as many events as it takes: each says all addresses and replaces some of the moves.
    pub(super) fn in_events(self) -> Vec<RosterEvent> {
        let parts = in_parts(&[], &self.replaces, &[]).into_iter();
        let of =
            |part: Part| Self { device: self.device, addresses: self.addresses.clone(), replaces: part.references };
        parts.map(of).map(RosterEvent::RelayMoved).collect()
    }
}
