//! The upkeep of forgetting: terms begin and end, late events that no erasure names yet are named, and bytes go.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
};

use super::{
    EraseError,
    command::For,
    obey::LEFT,
    share::{LeftOut, Shares},
};
use crate::{
    aggregate::Held,
    event::Content,
    id::{DeviceId, Reference},
    keep::{keep_terms, note_scrub, scrub_if_due},
    replica::{Engine, Replica, Running, community::Community, fate::opened},
    roster::Device,
    store::{Pos, Reader, StoreError, Stored},
};

/// How often an upkeep looks for other orders where some that it chose do not fit, and for more of what comes late.
const ROUNDS: usize = 16;

/// How many late events are enough for one erasure.
const LATE: usize = 1_024;

/// Held events that are read in one go.
const PAGE: usize = 128;

/// Events each of which is said to create what the next belongs to, that are looked at to find one that is erased: of what
/// creates, none belongs to anything.
const RESTING: usize = 16;

impl Replica {
    /// What only a coordinator's replica does: names events of erased aggregates that came late, and erases orders
    /// that were closed long ago, as far as each device's share of this one's room goes.
    ///
    /// How many events were named, and which orders are erased now.
    pub(in crate::replica) fn tend_erasures(
        &self,
        left_out: &mut LeftOut,
    ) -> Result<(u64, Vec<Reference>), EraseError> {
        let (mut late, mut erased) = (0, Vec::new());
        for _ in 0..ROUNDS {
            let (named, all) = self.name_stragglers(left_out)?;
            late += named;
            if all {
                break;
            }
        }
        for _ in 0..ROUNDS {
            let Some(mut shares) = self.shares()? else { break };
            let (due, waiting) = self.closed_long_ago(left_out, &mut shares)?;
            left_out.waiting = waiting;
            if due.is_empty() {
                break;
            }
            let wrote = self.write_erasure(For::Closed, &due)?;
            let all = wrote.cut.orders.is_empty();
            left_out.waiting = waiting.saturating_add(wrote.cut.orders.len() as u64);
            erased.extend(due.into_iter().filter(|order| !wrote.cut.orders.contains_key(order)));
            left_out.note(wrote.cut);
            // What did not fit keeps no other from its turn.
            if all {
                break;
            }
        }
        Ok((late, erased))
    }

    /// How many orders are closed for as long as the settings say and are not erased by themselves, as the last upkeep found:
    /// they would take more of this device's room among erasures than is left to who posted them. Whoever erases them by hand,
    /// or gives this device more room, is not held up by that.
    pub fn erasures_waiting(&self) -> u64 {
        self.inner.erasures_waiting.load(Ordering::Relaxed)
    }

    fn shares(&self) -> Result<Option<Shares>, StoreError> {
        let Some(community) = self.snapshot() else { return Ok(None) };
        self.read(|reader| Shares::of(reader, &community)).map(Some)
    }

    /// Whether this device is a coordinator's, and not withdrawn.
    pub(in crate::replica) fn is_coordinator(&self) -> bool {
        let Some(community) = self.snapshot() else { return false };
        let device = community.roster.device(community.me);
        device.is_some_and(Device::is_on_duty)
    }

    /// Notes of erasures that count, and were not noted yet, that they are held from now on. One that counts no
    /// longer begins anew should it ever count again.
    pub(in crate::replica) fn begin_terms(&self) -> Result<(), StoreError> {
        let now = self.running();
        self.with_engine_idly(|engine| {
            let Some(community) = engine.community.as_mut() else { return Ok(()) };
            let noted = community.turned_terms(now);
            if noted.is_empty() {
                return Ok(());
            }
            let mut write = engine.store.write()?;
            keep_terms(&mut write, &noted)?;
            self.inner.running.commit(write, now)?;
            community.note_terms(noted);
            self.publish(engine);
            Ok(())
        })
    }

    /// Forgets what is named by erasures held for long enough, a part at a time; the number of bodies.
    pub(in crate::replica) fn forget_due(&self) -> Result<u64, StoreError> {
        let mut forgotten = 0_u64;
        loop {
            let (bodies, more) = self.forget_some()?;
            forgotten = forgotten.saturating_add(bodies);
            if !more {
                return Ok(forgotten);
            }
        }
    }

    /// Forgets a part of that: how many bodies, and whether there may be more.
    fn forget_some(&self) -> Result<(u64, bool), StoreError> {
        let now = self.running();
        self.with_engine_idly(|engine| {
            let Some(community) = engine.community.as_ref() else { return Ok((0, false)) };
            let goes = community.is_forgetting(now) || engine.store.meta(LEFT)?.as_deref() == Some(&[1]);
            let (forgotten, more) = if goes { engine.forget_named(now, &self.inner.running)? } else { (0, false) };
            if !more {
                if goes {
                    self.publish(engine);
                }
                scrub_if_due(&mut engine.store)?;
            }
            Ok((forgotten, more))
        })
    }

    /// Names some events of erased aggregates that no erasure names yet, as far as their authors' shares go; how many, and
    /// whether that was all.
    fn name_stragglers(&self, left_out: &mut LeftOut) -> Result<(u64, bool), EraseError> {
        let turned = self.with_engine_idly(|engine| std::mem::replace(&mut engine.cache.turned, Pos(i64::MAX)));
        left_out.looked.turned(turned);
        let Some(community) = self.snapshot() else { return Ok((0, true)) };
        let Some(shares) = self.shares()? else { return Ok((0, true)) };
        left_out.begin(&shares, &community);
        let Stragglers { found, mut waits, rest } =
            self.read(|reader| stragglers(reader, left_out, &shares, &community))?;
        if found.is_empty() {
            left_out.looked.end(rest, waits);
            return Ok((0, rest.is_none()));
        }
        let aggregates = self.read(|reader| {
            let mut aggregates = BTreeSet::new();
            for pos in found.keys() {
                let Some(stored) = reader.event_at(*pos)? else { continue };
                let filed = opened(&stored, &community).ok();
                aggregates.extend(filed.map(|filed| filed.body.aggregate.unwrap_or(filed.reference)));
            }
            Ok(aggregates)
        })?;
        let wrote = self.write_erasure(For::Late(&found), &aggregates.into_iter().collect::<Vec<_>>())?;
        for (pos, device) in found.iter().filter(|(_, device)| wrote.cut.late.contains_key(device)) {
            waits.entry(*device).and_modify(|first| *first = *pos.min(first)).or_insert(*pos);
        }
        left_out.note(wrote.cut);
        left_out.looked.end(rest, waits);
        Ok((wrote.named, rest.is_none()))
    }
}

/// Events that are to be named, each with its device, and from where on those of devices stand that have to wait.
struct Stragglers {
    found: BTreeMap<Pos, DeviceId>,
    waits: BTreeMap<DeviceId, Pos>,
    /// From where on the rest is to be looked at, if there may be more.
    rest: Option<Pos>,
}

/// Looks for some of them among what was not looked at before.
fn stragglers(
    reader: &Reader,
    left_out: &LeftOut,
    shares: &Shares,
    community: &Community,
) -> Result<Stragglers, StoreError> {
    let (mut found, mut waits) = (BTreeMap::new(), BTreeMap::<DeviceId, Pos>::new());
    let mut after = left_out.looked.before();
    while found.len() < LATE {
        // What is beyond a cut is held for that, and goes with its aggregate all the same.
        let page = reader.held(&[Held::Erased, Held::Cut, Held::Stranger, Held::Silenced], after, PAGE)?;
        let Some(last) = page.last() else { return Ok(Stragglers { found, waits, rest: None }) };
        after = last.pos;
        for stored in page.iter().filter(|stored| matches!(stored.content, Content::Here(_))) {
            let device = stored.log.device;
            if left_out.is_late(shares, device) {
                waits.entry(device).or_insert(stored.pos);
                continue;
            }
            if community.is_erasable(stored.log.topic)
                && !community.is_named(reader, stored)?
                && belongs_to_erased(reader, stored, community)?
            {
                found.insert(stored.pos, device);
            }
        }
    }
    Ok(Stragglers { found, waits, rest: Some(Pos(after.0.saturating_add(1))) })
}

/// Whether an event that can be read is of an aggregate that is erased now, or rests on an event that is, whatever it is held
/// for: what comes back is held as erased until it was looked at again.
fn belongs_to_erased(reader: &Reader, stored: &Stored, community: &Community) -> Result<bool, StoreError> {
    let mut named = opened(stored, community).ok().map(|filed| filed.body.aggregate.unwrap_or(filed.reference));
    for _ in 0..RESTING {
        let Some(aggregate) = named.filter(|_| !community.erasures.is_empty()) else { break };
        if community.erasures.is_erased(aggregate) {
            return Ok(true);
        }
        let Some(creating) = reader.event(aggregate)?.filter(|creating| creating.pos != stored.pos) else { break };
        if community.is_named(reader, &creating)? {
            return Ok(true);
        }
        named = opened(&creating, community).ok().and_then(|filed| filed.body.aggregate);
    }
    Ok(false)
}

impl Engine {
    /// Forgets bodies that erasures name which are held for long enough, as many as go in one transaction: how many, and whether
    /// there may be more.
    fn forget_named(&mut self, now: u64, running: &Running) -> Result<(u64, bool), StoreError> {
        let Some(community) = self.community.as_mut() else { return Ok((0, false)) };
        let mut write = self.store.write()?;
        let forgotten = community.forget(&mut write, now)?;
        let (bodies, more) = (forgotten.bodies, forgotten.more);
        if !more {
            write.compact_search()?;
            running.forget(&mut write)?;
            write.set_meta(LEFT, &[0])?;
        }
        note_scrub(&mut write)?;
        running.commit(write, now)?;
        community.note_forgotten(forgotten);
        if !more {
            self.cache.clear();
        }
        Ok((bodies, more))
    }
}
