//! What the design says of a roster, as plainly as it can be computed: guess, look whether the guess holds, guess again.
//!
//! From what is taken to count, ranks follow; from ranks and cuts, what counts; from that, what there is room for.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::{
    id::{DeviceId, EventId, LogId, Reference},
    limits,
    roster::{CutHead, Grant, GrantRemoved, Revoked, Role, RoomGiven, RosterEvent},
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
    /// What is taken to stand, as cuts leave it.
    counts: BTreeSet<EventId>,
    /// For what of it there is room, so that it has an effect.
    roomy: BTreeSet<EventId>,
    ranks: BTreeMap<DeviceId, Path>,
    others: BTreeSet<DeviceId>,
}

/// What a phone that holds these events must make of them.
pub(crate) fn view(town: &Town, held: &BTreeSet<EventId>) -> View {
    let (counts, roomy) = (held.clone(), held.clone());
    let mut guess = Guess { town, held, counts, roomy, ranks: BTreeMap::new(), others: BTreeSet::new() };
    for _ in 0..100 {
        guess.rank();
        let counts: BTreeSet<EventId> = held.iter().filter(|id| guess.counts(**id)).copied().collect();
        let roomy = town.people().into_iter().flat_map(|device| guess.room(device)).collect();
        let same = (&counts, &roomy) == (&guess.counts, &guess.roomy);
        (guess.counts, guess.roomy) = (counts, roomy);
        if same {
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

    /// Whether an event has an effect, as far as cuts and room are concerned.
    fn holds(&self, id: EventId) -> bool {
        self.counts.contains(&id) && (self.roomy.contains(&id) || self.is_founding(id))
    }

    fn is_founding(&self, id: EventId) -> bool {
        matches!(self.town.events[&id].says, Some(RosterEvent::Founded(_)))
    }

    /// What a device said in the roster, in the order in which it is read.
    fn in_order(&self, device: DeviceId) -> Vec<EventId> {
        let said = self.said().filter(|(id, event, _)| event.log.device == device && !self.is_founding(*id));
        let mut all: Vec<_> = said.map(|(id, event, _)| (event.log.id(), event.at.seq, id)).collect();
        all.sort();
        all.into_iter().map(|(.., id)| id).collect()
    }

    /// How many rooms others give a device, who are above it.
    fn rooms_from_above(&self, device: DeviceId) -> u64 {
        let given = self.said().filter_map(|(id, event, says)| match says {
            RosterEvent::RoomGiven(RoomGiven { device: to, rooms }) if *to == device => {
                let by = event.log.device;
                (by != device && self.holds(id) && self.is_above(by, device)).then_some(*rooms)
            }
            _ => None,
        });
        1 + given.sum::<u64>()
    }

    /// Of what a device said, what there is room for, where this stands and only this is said.
    fn fitting(
        &self,
        device: DeviceId,
        stands: impl Fn(EventId) -> bool,
        only: impl Fn(&RosterEvent) -> bool,
    ) -> BTreeSet<EventId> {
        let rooms = self.rooms_from_above(device) + self.own_rooms(device, &stands);
        let (mut used, mut inside) = (0, BTreeSet::new());
        let said = self.in_order(device).into_iter();
        for id in said.filter(|id| stands(*id) && self.town.events[id].says.as_ref().is_some_and(&only)) {
            used += self.weight(id);
            if used > limits::ROSTER_ROOM * rooms.min(limits::ROOMS) {
                break;
            }
            inside.insert(id);
        }
        inside
    }

    /// What a coordinator or the kit says that gives itself room.
    fn own_gifts(&self, device: DeviceId) -> impl Iterator<Item = (EventId, u64)> {
        self.said().filter_map(move |(id, event, says)| match says {
            RosterEvent::RoomGiven(given) if given.device == device && event.log.device == device => {
                self.ranks.contains_key(&device).then_some((id, given.rooms))
            }
            _ => None,
        })
    }

    fn own_rooms(&self, device: DeviceId, stands: impl Fn(EventId) -> bool) -> u64 {
        self.own_gifts(device).filter(|(id, _)| stands(*id)).map(|(_, rooms)| rooms).sum()
    }

    fn weight(&self, id: EventId) -> u64 {
        limits::EVENT_ROOM + self.town.events[&id].size
    }

    /// For what there is room of what a device said. A cut of itself for which there is none among these has no effect.
    fn room(&self, device: DeviceId) -> BTreeSet<EventId> {
        let early = self.early(device);
        let is_late = |id: &EventId| {
            let says = self.town.events[id].says.as_ref();
            says.is_some_and(|says| cuts_author(says, device)) && !early.contains(id)
        };
        let mut inside = self.fitting(device, |id| self.counts.contains(&id), |_| true);
        inside.retain(|id| !is_late(id));
        // What gives its author room counts, room or none, and so does what cuts it.
        inside.extend(self.own_gifts(device).map(|(id, _)| id).filter(|id| self.counts.contains(id)));
        inside.extend(early.intersection(&self.counts));
        inside
    }

    /// A device's cuts of itself, as those of others leave them, for which there is room among themselves.
    fn early(&self, device: DeviceId) -> BTreeSet<EventId> {
        let above = self.cuts_from_above(device);
        self.fitting(device, |id| self.admit(&above, id), |says| cuts_author(says, device))
    }

    /// Of what does not stand of a device, what is asked for what fell with it: as much as it has room for.
    fn asked_about(&self, device: DeviceId) -> BTreeSet<EventId> {
        let rooms = if self.is_admitted(device) { self.rooms(device) } else { 1 };
        let mut used = 0;
        let beyond = self.in_order(device).into_iter().filter(|id| !self.counts.contains(id));
        beyond
            .take_while(|id| {
                used += self.weight(*id);
                used <= limits::ROSTER_ROOM * rooms
            })
            .collect()
    }

    fn is_admitted(&self, device: DeviceId) -> bool {
        self.ranks.contains_key(&device) || self.others.contains(&device)
    }

    /// Pre-order of the admission tree; a key is admitted by whoever ranks first, and there by what comes first. Whom the
    /// kit admits stands right below the founder, but above if the same use of the kit withdraws the founder.
    fn rank(&mut self) {
        self.ranks = BTreeMap::from([(KIT, Path::new()), (FOUNDER, vec![TO_FOUNDER])]);
        self.others.clear();
        loop {
            let open = self.said().filter(|(id, ..)| self.holds(*id)).filter_map(|(id, event, says)| {
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
            withdraws && event.log.id() == log && self.holds(id)
        })
    }

    /// Whether one is above another. Whoever is no coordinator is below all who are.
    fn is_above(&self, one: DeviceId, other: DeviceId) -> bool {
        match (self.ranks.get(&one), self.ranks.get(&other)) {
            (Some(one), Some(other)) => one < other,
            (one, other) => one.is_some() && other.is_none(),
        }
    }

    fn cuts_from_above(&self, device: DeviceId) -> Vec<(Reference, DeviceId, &'a Revoked)> {
        let all = self.said().filter_map(|(id, event, says)| match says {
            RosterEvent::Revoked(revoked) if revoked.device == device => Some((id, event.log.device, revoked)),
            _ => None,
        });
        let above = all.filter(|(id, by, _)| *by != device && self.is_above(*by, device) && self.holds(*id));
        above.map(|(id, by, revoked)| (self.town.reference(id), by, revoked)).collect()
    }

    /// The cuts of a device that have effect. One of oneself lies beyond itself and has, unless cut off from above or left
    /// out for want of room.
    fn cuts(&self, device: DeviceId) -> Vec<(Reference, DeviceId, &'a Revoked)> {
        let all = self.said().filter_map(|(id, event, says)| match says {
            RosterEvent::Revoked(revoked) if revoked.device == device => Some((id, event.log.device, revoked)),
            _ => None,
        });
        let named = |(id, by, revoked)| (self.town.reference(id), by, revoked);
        let all: Vec<_> = all
            .filter(|(_, by, _)| *by == device && self.ranks.contains_key(by) || self.is_above(*by, device))
            .collect();
        let above = self.cuts_from_above(device);
        let early = self.early(device);
        let own = all.iter().filter(|(id, by, _)| *by == device && early.contains(id) && self.admit(&above, *id));
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
        let counted = || self.said().filter(|(id, ..)| self.holds(*id));
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
            let fell = ends(says) && self.asked_about(by).contains(id);
            fell && (self.ranks.contains_key(&by) || lost.contains(&by))
        });
        let crowded = self.said().filter(|(id, event, _)| {
            self.counts.contains(id) && self.is_admitted(event.log.device) && !self.holds(*id)
        });
        View {
            coordinators: coordinators.into_iter().map(|(_, device)| device).collect(),
            others: self.others.clone(),
            gone: people.into_iter().filter(|device| left(*device) || !self.cuts(*device).is_empty()).collect(),
            care: people.into_iter().filter(|device| self.has_care(*device)).collect(),
            counts: self.counts.clone(),
            requests: asked.map(|(id, ..)| id.short()).collect(),
            fallen: fell.map(|(id, ..)| id.short()).collect(),
            crowded: crowded.map(|(id, ..)| id.short()).collect(),
            rooms: people.into_iter().map(|device| self.rooms(device)).collect(),
        }
    }

    /// A device's own room, what those above give it and what it gives itself.
    fn rooms(&self, device: DeviceId) -> u64 {
        let own = self.own_rooms(device, |id| self.counts.contains(&id));
        (self.rooms_from_above(device) + own).min(limits::ROOMS)
    }

    /// Granted, and no removal is left that the grant does not come after.
    fn has_care(&self, device: DeviceId) -> bool {
        let said =
            || self.said().filter(|(id, event, _)| self.holds(*id) && self.ranks.contains_key(&event.log.device));
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
                    let fell =
                        self.asked_about(by).contains(&id) && (self.ranks.contains_key(&by) || lost.contains(&by));
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

/// Whether by what it says its author, this device, cuts itself.
fn cuts_author(says: &RosterEvent, author: DeviceId) -> bool {
    matches!(says, RosterEvent::Revoked(revoked) if revoked.device == author)
}
