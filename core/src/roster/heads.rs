//! Heads: which events of a device's logs stand after a withdrawal, where the asker names none.
//!
//! All that is held stands, in the order in which it came, as far as the device has room for it in the roster and among
//! erasures. So whatever stands has its effect, and a thief who heaps up events afterwards pushes none of it out.
//!
//! It does not know whose hand wrote what; an asker who knows names heads. It reads no store.

use std::collections::{BTreeMap, BTreeSet};

use super::{ClearFact, Cut, CutHead, ErasureFact, LogFacts, Roster, RosterEvent, RosterFact, Said, said::Budget};
use crate::{
    event::LogHeader,
    id::{CommunityId, DeviceId, LogId},
    limits,
};

/// What a withdrawal needs to know beside the roster. Whoever keeps the logs answers, from what is held.
pub trait WithdrawalContext {
    /// The logs of a device in the order in which they came, each with the last event of every branch.
    fn logs(&self, device: DeviceId) -> Vec<(LogHeader, Vec<CutHead>)>;

    /// What is said in the roster.
    fn said(&self) -> &Said<RosterFact>;

    /// What is said among erasures.
    fn erased(&self) -> &Said<ErasureFact>;

    /// The roster as it would be, had the asker written these events now.
    fn after(&self, events: &[RosterEvent]) -> Roster;
}

/// Logs for which there is no room as a whole: each ends at these events, all of one place, or before its first.
type Ends = BTreeMap<LogId, Option<Vec<CutHead>>>;

/// The cuts of a device's logs: as many logs as `names` allows, each up to where there is room.
pub(super) fn held(roster: &Roster, context: &dyn WithdrawalContext, device: DeviceId, names: u64) -> Vec<Cut> {
    let logs = context.logs(device);
    let gives = |fact: &RosterFact| match fact.room_of_its_own() {
        Some(rooms) if roster.may_write(device, &fact.event) => rooms,
        _ => 0,
    };
    let above = roster.rooms_from_above(device);
    let (mut ends, rooms) = Room { size: limits::ROSTER_ROOM, rooms: above }.ends(context.said(), device, &logs, gives);
    ends.extend(Room { size: limits::ERASURE_ROOM, rooms }.ends(context.erased(), device, &logs, |_| 0).0);
    let mut names = Budget::of(names);
    let cuts = logs.into_iter().filter_map(|(log, heads)| {
        let log = log.id();
        match ends.remove(&log) {
            None => Some(Cut { log, heads }),
            Some(None) => None,
            Some(Some(last)) => Some(Cut { log, heads: lower(heads, last) }),
        }
    });
    cuts.take_while(|cut| names.take(cut.heads.len().saturating_add(1) as u64)).collect()
}

/// Heads, but none behind these events of one place.
fn lower(heads: Vec<CutHead>, last: Vec<CutHead>) -> Vec<CutHead> {
    let most = last.first().map_or(0, |last| last.seq);
    let lower: BTreeSet<CutHead> = heads.into_iter().filter(|head| head.seq <= most).chain(last).collect();
    lower.into_iter().collect()
}

/// The room that a device has for what it says in one topic.
struct Room {
    /// Bytes of one.
    size: u64,
    /// How many there are.
    rooms: u64,
}

impl Room {
    fn holds(&self, used: u64) -> bool {
        used <= self.size.saturating_mul(self.rooms.min(limits::ROOMS))
    }

    /// Where the logs of one topic end, in this order, and how many rooms there are with those that what stands of them
    /// `gives`. None ends where there is room for all.
    fn ends<T: ClearFact>(
        mut self,
        said: &Said<T>,
        device: DeviceId,
        logs: &[(LogHeader, Vec<CutHead>)],
        gives: impl Fn(&T) -> u64,
    ) -> (Ends, u64) {
        let facts: BTreeMap<LogId, &LogFacts<T>> = said.logs_of(device).collect();
        let told: Vec<_> = logs.iter().filter_map(|(log, _)| Some((log.id(), *facts.get(&log.id())?))).collect();
        let all = || told.iter().flat_map(|(_, facts)| facts.iter());
        let whole = Self { rooms: all().fold(self.rooms, |rooms, fact| rooms.saturating_add(gives(fact))), ..self };
        if whole.holds(all().fold(0, |used, fact| used.saturating_add(weight::<T>(fact)))) {
            return (Ends::new(), whole.rooms);
        }
        let (mut ends, mut used, mut full) = (Ends::new(), 0_u64, false);
        for (log, facts) in told {
            let (mut last, mut places) = (None, Places(facts.iter().peekable()));
            while let Some(place) = places.next().filter(|_| !full) {
                let with = place.iter().fold(used, |used, fact| used.saturating_add(weight::<T>(fact)));
                let rooms = place.iter().fold(self.rooms, |rooms, fact| rooms.saturating_add(gives(fact)));
                full = !Self { rooms, ..self }.holds(with);
                if !full {
                    (used, self.rooms, last) = (with, rooms, Some(place));
                }
            }
            if full {
                let heads =
                    |place: Vec<&T>| place.iter().map(|fact| CutHead { seq: fact.seq(), id: fact.id() }).collect();
                ends.insert(log, last.map(heads));
            }
        }
        (ends, self.rooms)
    }
}

/// The room that a fact takes; the founding event, alone without a community, takes none.
fn weight<T: ClearFact>(fact: &T) -> u64 {
    if fact.log().community == CommunityId::ZERO { 0 } else { fact.weight() }
}

/// Facts of one place together, of whatever branch.
struct Places<I: Iterator>(std::iter::Peekable<I>);

impl<'a, T: ClearFact + 'a, I: Iterator<Item = &'a std::sync::Arc<T>>> Iterator for Places<I> {
    type Item = Vec<&'a T>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut place: Vec<&'a T> = vec![self.0.next()?];
        while let Some(twin) = self.0.next_if(|fact| place.first().is_some_and(|first| first.seq() == fact.seq())) {
            place.push(twin);
        }
        Some(place)
    }
}
