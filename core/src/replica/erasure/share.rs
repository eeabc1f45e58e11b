//! Shares: how much of this device's room among erasures each other device's words may take, where no person decides.
//!
//! That room is used up for good, and what others post, cancel and comment decides how much the upkeep erases by
//! itself. A device that writes without end would take all of it. So the upkeep names of each device only as much as it
//! leaves free for all others: one device takes half at most, two take a third each. It refuses to know what was
//! written.

use std::collections::BTreeMap;

use super::looked::Looked;
use crate::{
    id::{DeviceId, LogId, Reference},
    limits,
    replica::community::Community,
    roster::{ClearFact, ErasedAggregate, ErasedSpan},
    store::{StoreError, View},
};

/// About how many bytes the name of an aggregate takes, and as many a span.
pub(super) const NAME: usize = 40;
/// The part of the room that is left for what events take beside the names in them.
const BESIDE: u64 = 64;
/// What each device's words take of this device's room.
pub(super) struct Shares {
    room: u64,
    used: u64,
    of: BTreeMap<DeviceId, u64>,
    owners: BTreeMap<LogId, Option<DeviceId>>,
}

impl Shares {
    /// As the erasures of this device that count have it.
    pub(super) fn of(view: &View, community: &Community) -> Result<Self, StoreError> {
        let me = community.me;
        let (room, used) = (community.roster.erasure_room(me), community.erasures.used(me));
        let room = room - room / BESIDE;
        let mut shares = Self { room, used, of: BTreeMap::new(), owners: BTreeMap::new() };
        let facts = community.erased().logs_of(me).flat_map(|(_, facts)| facts.iter());
        for fact in facts.filter(|fact| community.erasures.counted().contains(&fact.reference())) {
            let mut said = BTreeMap::<DeviceId, u64>::new();
            for ErasedAggregate { creating, spans } in &fact.erased.aggregates {
                let first = spans.first().map_or(creating.log, |span| span.log);
                let named = spans.iter().map(|span| (span.log, weight(span)));
                for (log, weight) in named.chain([(first, NAME as u64)]) {
                    let Some(owner) = shares.owner(view, log)? else { continue };
                    let said = said.entry(owner).or_default();
                    *said = said.saturating_add(weight);
                }
            }
            // What an event takes besides falls on those of whom it speaks, on each its part.
            let all = said.values().copied().fold(0, u64::saturating_add).max(1);
            for (owner, said) in said {
                shares.take(owner, 0, said.saturating_mul(fact.weight()) / all);
            }
        }
        Ok(shares)
    }

    /// Whose log this is; none if it is not here.
    pub(super) fn owner(&mut self, view: &View, log: LogId) -> Result<Option<DeviceId>, StoreError> {
        if let Some(known) = self.owners.get(&log) {
            return Ok(*known);
        }
        let owner = view.log(log)?.map(|header| header.device);
        self.owners.insert(log, owner);
        Ok(owner)
    }

    /// How much more may be named of a device: then it has no more than is left for all others.
    pub(super) fn left(&self, device: DeviceId) -> u64 {
        let taken = self.of.get(&device).copied().unwrap_or(0);
        self.room.saturating_sub(self.used).saturating_sub(taken) / 2
    }

    fn take(&mut self, device: DeviceId, new: u64, of_device: u64) {
        self.used = self.used.saturating_add(new);
        let taken = self.of.entry(device).or_default();
        *taken = taken.saturating_add(of_device);
    }

    /// Takes so much for a device if that is left to it; whether it was.
    fn takes(&mut self, device: DeviceId, weight: u64) -> bool {
        let fits = weight <= self.left(device);
        if fits {
            self.take(device, weight, weight);
        }
        fits
    }
}

/// What an upkeep left out for want of room, kept in mind so that the next one does not weigh it again.
#[derive(Debug, Default)]
pub(in crate::replica) struct LeftOut {
    /// Orders, with what they need of the share of who posted them.
    orders: BTreeMap<Reference, u64>,
    /// Whose late events did not fit, and what was left to them then.
    late: BTreeMap<DeviceId, u64>,
    /// What was looked at for what comes late.
    pub(super) looked: Looked,
    /// Orders that wait.
    pub(in crate::replica) waiting: u64,
}

impl LeftOut {
    /// Whether it is known that an order does not fit.
    pub(super) fn waits(&self, view: &View, shares: &mut Shares, order: Reference) -> Result<bool, StoreError> {
        let Some(owner) = shares.owner(view, order.log)? else { return Ok(false) };
        let needs = self.orders.get(&order).copied().unwrap_or(NAME as u64 * 2);
        Ok(shares.left(owner) < needs)
    }

    /// Whether it is known that of a device's late events no more fit.
    pub(super) fn is_late(&self, shares: &Shares, device: DeviceId) -> bool {
        let left = shares.left(device);
        left < NAME as u64 * 2 || self.late.get(&device).is_some_and(|before| left <= *before)
    }

    /// An upkeep begins to look for what comes late.
    pub(super) fn begin(&mut self, shares: &Shares, community: &Community) {
        let mut looked = std::mem::take(&mut self.looked);
        looked.begin(community, |device| self.is_late(shares, device));
        self.looked = looked;
    }

    /// Keeps in mind what did not fit.
    pub(super) fn note(&mut self, cut: Cut) {
        if self.orders.len().saturating_add(cut.orders.len()) > limits::ORDERS_WEIGHED {
            self.orders.clear();
        }
        self.orders.extend(cut.orders);
        self.late.extend(cut.late);
    }
}

/// What did not fit when an erasure was written.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Orders, with what they need of the share of who posted them.
    pub(super) orders: BTreeMap<Reference, u64>,
    pub(super) late: BTreeMap<DeviceId, u64>,
}

impl Cut {
    /// Leaves out of what would be named what takes more than is left to its authors: whole orders for want of room of who
    /// posted them, events of all others by themselves.
    pub(super) fn of_orders(
        &mut self,
        view: &View,
        shares: &mut Shares,
        named: &mut BTreeMap<Reference, Vec<ErasedSpan>>,
    ) -> Result<(), StoreError> {
        for (order, spans) in &mut *named {
            let Some(owner) = shares.owner(view, order.log)? else { continue };
            let mut needs = NAME as u64;
            for span in &*spans {
                let own = shares.owner(view, span.log)? == Some(owner);
                needs = needs.saturating_add(if own { weight(span) } else { 0 });
            }
            if shares.takes(owner, needs) {
                self.of_spans(view, shares, spans, Some(owner))?;
            } else {
                self.orders.insert(*order, needs);
            }
        }
        named.retain(|order, _| !self.orders.contains_key(order));
        Ok(())
    }

    /// Leaves out what comes late and takes more than is left to its authors.
    pub(super) fn of_late(
        &mut self,
        view: &View,
        shares: &mut Shares,
        named: &mut BTreeMap<Reference, Vec<ErasedSpan>>,
    ) -> Result<(), StoreError> {
        for spans in named.values_mut() {
            self.of_spans(view, shares, spans, None)?;
        }
        named.retain(|_, spans| !spans.is_empty());
        Ok(())
    }

    fn of_spans(
        &mut self,
        view: &View,
        shares: &mut Shares,
        spans: &mut Vec<ErasedSpan>,
        but: Option<DeviceId>,
    ) -> Result<(), StoreError> {
        let mut first = but.is_none();
        for span in std::mem::take(spans) {
            let owner = shares.owner(view, span.log)?;
            // The first of late ones bears the name of the aggregate too.
            let weight = weight(&span).saturating_add(if first { NAME as u64 } else { 0 });
            match owner.filter(|owner| Some(*owner) != but) {
                Some(owner) if !shares.takes(owner, weight) => _ = self.late.insert(owner, shares.left(owner)),
                _ => {
                    first = false;
                    spans.push(span);
                }
            }
        }
        Ok(())
    }
}

/// About how many bytes a span takes.
pub(super) fn weight(span: &ErasedSpan) -> u64 {
    let gaps = span.gaps.as_ref().map_or(0, |gaps| gaps.as_bytes().len());
    NAME.saturating_add(gaps) as u64
}
