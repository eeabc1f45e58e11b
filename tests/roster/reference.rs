//! What the design says of a roster, as plainly as it can be computed: guess, look whether the guess holds, guess again.
//!
//! From what is taken to count, ranks follow; from ranks and cuts, what counts.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::{
    id::{DeviceId, EventId, LogId, Reference},
    roster::{CutHead, Grant, GrantRemoved, Revoked, Role, RosterEvent},
};

use crate::{
    View,
    alphabet::{Event, FOUNDER, KIT, Town},
};

/// Where somebody stands in the tree of admissions: the place of each admission on the way from the kit.
type Path = Vec<Step>;
/// A step goes to the left or to the right of all that go the other way.
type Step = (Side, LogId, u64, EventId);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
}

/// The kit stands above the founder.
const TO_FOUNDER: Step = (Side::Right, LogId::ZERO, 0, EventId::ZERO);

struct Guess<'a> {
    town: &'a Town,
    held: &'a BTreeSet<EventId>,
    /// What is taken to count.
    counts: BTreeSet<EventId>,
    ranks: BTreeMap<DeviceId, Path>,
    others: BTreeSet<DeviceId>,
}

/// What a phone that holds these events must make of them.
pub(crate) fn view(town: &Town, held: &BTreeSet<EventId>) -> View {
    let mut guess = Guess { town, held, counts: held.clone(), ranks: BTreeMap::new(), others: BTreeSet::new() };
    for _ in 0..100 {
        guess.rank();
        let counts = held.iter().filter(|id| guess.counts(**id)).copied().collect();
        if std::mem::replace(&mut guess.counts, counts) == guess.counts {
            return guess.answer();
        }
    }
    panic!("it never settles: {:?}", town.history);
}

impl<'a> Guess<'a> {
    /// Events that count and say something, by coordinators.
    fn said(&self) -> impl Iterator<Item = (EventId, &'a Event, &'a RosterEvent)> {
        let town: &'a Town = self.town;
        self.held.iter().filter_map(move |id| {
            let event = &town.events[id];
            Some((*id, event, event.says.as_ref()?))
        })
    }

    /// Pre-order of the admission tree; a key is admitted by whoever ranks first, and there by what comes first. Whom the
    /// kit admits stands right below the founder, but above if the same use of the kit withdraws the founder.
    fn rank(&mut self) {
        self.ranks = BTreeMap::from([(KIT, Path::new()), (FOUNDER, vec![TO_FOUNDER])]);
        self.others.clear();
        loop {
            let open = self.said().filter(|(id, ..)| self.counts.contains(id)).filter_map(|(id, event, says)| {
                let RosterEvent::Admitted(admitted) = says else { return None };
                let device = admitted.record.device;
                let new = !self.ranks.contains_key(&device) && !self.others.contains(&device);
                let by = self.ranks.get(&event.log.device).filter(|_| new)?;
                Some((by.clone(), (event.log.id(), event.at.seq, id), device, admitted.role))
            });
            let Some((by, (log, seq, id), device, role)) = open.min_by_key(|(by, place, ..)| (by.clone(), *place))
            else {
                return;
            };
            if role == Role::Coordinator {
                let way = match by.is_empty() {
                    true if self.withdraws_founder(log) => vec![(Side::Left, log, seq, id)],
                    true => vec![TO_FOUNDER, (Side::Left, log, seq, id)],
                    false => by.into_iter().chain([(Side::Right, log, seq, id)]).collect(),
                };
                self.ranks.insert(device, way);
            } else {
                self.others.insert(device);
            }
        }
    }

    /// Whether a log, one use of the kit, withdraws the founder.
    fn withdraws_founder(&self, log: LogId) -> bool {
        self.said().any(|(id, event, says)| {
            let withdraws = matches!(says, RosterEvent::Revoked(revoked) if revoked.device == FOUNDER);
            withdraws && event.log.id() == log && self.counts.contains(&id)
        })
    }

    /// Whether one is above another. Whoever is no coordinator is below all who are.
    fn is_above(&self, one: DeviceId, other: DeviceId) -> bool {
        match (self.ranks.get(&one), self.ranks.get(&other)) {
            (Some(one), Some(other)) => one < other,
            (one, other) => one.is_some() && other.is_none(),
        }
    }

    /// The cuts of a device that have effect. One of oneself lies beyond itself and has, unless cut off from above.
    fn cuts(&self, device: DeviceId) -> Vec<(Reference, DeviceId, &'a Revoked)> {
        let all = self.said().filter_map(|(id, event, says)| match says {
            RosterEvent::Revoked(revoked) if revoked.device == device => Some((id, event.log.device, revoked)),
            _ => None,
        });
        let named = |(id, by, revoked)| (self.town.reference(id), by, revoked);
        let all: Vec<_> = all
            .filter(|(_, by, _)| *by == device && self.ranks.contains_key(by) || self.is_above(*by, device))
            .collect();
        let above = all.iter().filter(|(id, by, _)| *by != device && self.counts.contains(id)).copied();
        let above: Vec<_> = above.map(named).collect();
        let own = all.iter().filter(|(id, by, _)| *by == device && self.admit(&above, *id));
        let own: Vec<_> = own.copied().map(named).collect();
        above.into_iter().chain(own).collect()
    }

    /// Whether all cuts let an event stand that nobody replaces who is not below their author.
    fn admit(&self, cuts: &[(Reference, DeviceId, &Revoked)], id: EventId) -> bool {
        let replaced = |(cut, by, _): &&(Reference, DeviceId, &Revoked)| {
            let names = |(other, author, revoked): &(Reference, DeviceId, &Revoked)| {
                other != cut && revoked.replaces.contains(cut) && !self.is_above(*by, *author)
            };
            cuts.iter().any(names)
        };
        cuts.iter().filter(|cut| !replaced(cut)).all(|(.., revoked)| self.within(revoked, id))
    }

    /// Whether an event is in the chain of a named head; while that is not held, not behind its place.
    fn within(&self, revoked: &Revoked, id: EventId) -> bool {
        let event = &self.town.events[&id];
        let reached = |head: &CutHead| match self.held.contains(&head.id) {
            true => self.town.chain(head.id).any(|ancestor| ancestor == id),
            false => event.at.seq <= head.seq,
        };
        let log = event.log.id();
        revoked.cuts.iter().filter(|cut| cut.log == log).flat_map(|cut| &cut.heads).any(reached)
    }

    fn counts(&self, id: EventId) -> bool {
        let event = &self.town.events[&id];
        if matches!(event.says, Some(RosterEvent::Founded(_))) {
            return true;
        }
        let device = event.log.device;
        let admitted = self.ranks.contains_key(&device) || self.others.contains(&device);
        admitted && self.admit(&self.cuts(device), id)
    }

    fn answer(&self) -> View {
        let mut coordinators: Vec<(&Path, DeviceId)> =
            self.ranks.iter().map(|(device, path)| (path, *device)).collect();
        coordinators.sort();
        let counted = || self.said().filter(|(id, ..)| self.counts.contains(id));
        let left = |device| counted().any(|(_, event, says)| event.log.device == device && *says == RosterEvent::Left);
        let people = self.town.people();
        let ends = |says: &RosterEvent| matches!(says, RosterEvent::Revoked(_) | RosterEvent::GrantRemoved(_));
        let asked = counted().filter(|(_, event, says)| {
            let by = event.log.device;
            ends(says) && self.ranks.contains_key(&by) && says.target().is_some_and(|device| self.is_above(device, by))
        });
        let lost = self.lost();
        let fell = self.said().filter(|(id, event, says)| {
            let by = event.log.device;
            ends(says) && !self.counts.contains(id) && (self.ranks.contains_key(&by) || lost.contains(&by))
        });
        View {
            coordinators: coordinators.into_iter().map(|(_, device)| device).collect(),
            others: self.others.clone(),
            gone: people.into_iter().filter(|device| left(*device) || !self.cuts(*device).is_empty()).collect(),
            care: people.into_iter().filter(|device| self.has_care(*device)).collect(),
            counts: self.counts.clone(),
            requests: asked.map(|(id, ..)| id.short()).collect(),
            fallen: fell.map(|(id, ..)| id.short()).collect(),
        }
    }

    /// Granted, and no removal is left that the grant does not come after.
    fn has_care(&self, device: DeviceId) -> bool {
        let said = || {
            self.said().filter(|(id, event, _)| self.counts.contains(id) && self.ranks.contains_key(&event.log.device))
        };
        let removals: Vec<Reference> = said()
            .filter(|(_, event, says)| {
                let takes = matches!(says, RosterEvent::GrantRemoved(GrantRemoved { grant: Grant::Care, .. }));
                takes
                    && says.target() == Some(device)
                    && (event.log.device == device || self.is_above(event.log.device, device))
            })
            .map(|(id, ..)| self.town.reference(id))
            .collect();
        said().any(|(_, _, says)| match says {
            RosterEvent::Granted(granted) if granted.device == device && granted.grant == Grant::Care => {
                removals.iter().all(|removal| granted.after.contains(removal))
            }
            _ => false,
        })
    }

    /// Who was to be a coordinator, and is not, because the admission fell.
    fn lost(&self) -> BTreeSet<DeviceId> {
        let mut lost = BTreeSet::new();
        for _ in 0..self.town.people().len() {
            let new = self.said().filter_map(|(id, event, says)| match says {
                RosterEvent::Admitted(admitted) if admitted.role == Role::Coordinator => {
                    let by = event.log.device;
                    let fell = !self.counts.contains(&id) && (self.ranks.contains_key(&by) || lost.contains(&by));
                    let device = admitted.record.device;
                    (fell && !self.ranks.contains_key(&device) && !self.others.contains(&device)).then_some(device)
                }
                _ => None,
            });
            let new: Vec<DeviceId> = new.collect();
            lost.extend(new);
        }
        lost
    }
}
