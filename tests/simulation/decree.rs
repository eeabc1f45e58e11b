//! Decrees: roster events and erasures that nobody honest would sign, each of them well formed or nearly so.

use linli_core::{
    event::Compartment,
    id::{CommunityId, EpochId, EventId, Incarnation, LogId, MemberId, TopicTag},
    key::{DeviceKeys, DeviceRecord, EpochKey, Wrap, wrap},
    limits::ROOMS_GIVEN,
    roster::{
        Admitted, Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Founded, Gaps, Grant, GrantRemoved, Granted,
        KeyRotated, KeysSealed, RelayMoved, Resumed, Revoked, Role, RoomGiven, RosterEvent, Sealed, SealedParent,
    },
};
use rand::{Rng, RngExt, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;

use super::lie::Seen;

/// What a decree is made of: what its author has read, the author's keys, and devices of the author's own making.
pub(crate) struct Pen<'a> {
    pub(crate) seen: &'a Seen,
    pub(crate) keys: &'a DeviceKeys,
    pub(crate) made: &'a [DeviceRecord],
    /// Where the decree will stand.
    pub(crate) place: (LogId, u64),
    pub(crate) care: TopicTag,
    pub(crate) community: CommunityId,
}

impl Pen<'_> {
    /// Any roster event.
    pub(crate) fn roster(&self, dice: &mut ChaCha20Rng) -> RosterEvent {
        match dice.random_range(0..17) {
            0 => RosterEvent::Founded(Founded {
                founder: self.keys.record(),
                kit: self.made.first().copied(),
                care: self.care,
                label: None,
            }),
            1 | 2 => RosterEvent::Admitted(self.admitted(dice)),
            3 | 4 => RosterEvent::Granted(Granted {
                device: self.seen.device(dice),
                grant: self.grant(dice),
                after: (0..dice.random_range(0..3)).map(|_| self.seen.reference(dice, self.place)).collect(),
                act: self.act(dice),
            }),
            5 | 6 => RosterEvent::GrantRemoved(GrantRemoved {
                device: self.seen.device(dice),
                grant: self.grant(dice),
                heads: self.cuts(dice),
                incarnations: vec![Incarnation::from_bytes(dice.random())],
                act: self.act(dice),
            }),
            7..=9 => RosterEvent::Revoked(Revoked {
                device: self.seen.device(dice),
                cuts: self.cuts(dice),
                replaces: (0..dice.random_range(0..3)).map(|_| self.seen.reference(dice, self.place)).collect(),
                act: self.act(dice),
            }),
            10 if dice.random_bool(0.2) => RosterEvent::Left,
            10 | 11 => RosterEvent::KeysSealed(self.sealed(dice)),
            12 | 13 => RosterEvent::KeyRotated(KeyRotated { record: self.record(dice) }),
            14 => RosterEvent::RoomGiven(self.room_given(dice)),
            15 => RosterEvent::Resumed(Resumed { after: self.log(dice) }),
            _ => RosterEvent::RelayMoved(RelayMoved {
                device: self.seen.device(dice),
                addresses: vec!["127.0.0.1:9\u{1b}[2J".into(); dice.random_range(0..3)],
                replaces: vec![self.seen.reference(dice, self.place)],
            }),
        }
    }

    /// Room for a device, as much as one may give or none that is.
    fn room_given(&self, dice: &mut impl Rng) -> RoomGiven {
        let rooms = *[0, 1, ROOMS_GIVEN, ROOMS_GIVEN + 1, u64::MAX].choose(dice).unwrap_or(&1);
        RoomGiven { device: self.seen.device(dice), rooms }
    }

    /// An erasure of anything that was seen.
    pub(crate) fn erased(&self, dice: &mut ChaCha20Rng) -> Erased {
        let span = |dice: &mut ChaCha20Rng| {
            let last = self.seen.reference(dice, self.place);
            let first = last.seq.saturating_sub(dice.random_range(0..4));
            let ends = [(first, first), (last.seq, last.seq)];
            let gaps = Gaps::between(&ends).filter(|_| last.seq - first > 1 && last.seq.is_multiple_of(2));
            ErasedSpan { log: last.log, first, last: last.seq, check: last.check, gaps }
        };
        let aggregates = (0..dice.random_range(1..4)).map(|_| ErasedAggregate {
            creating: self.seen.reference(dice, self.place),
            spans: (0..dice.random_range(0..4)).map(|_| span(dice)).collect(),
        });
        let aggregates = aggregates.collect();
        let totals = self.seen.keys.choose(dice).map(|key| {
            let device = self.keys.device();
            Sealed::seal_totals(dice, key, device, "\u{202e}no numbers")
        });
        Erased { aggregates, totals }
    }

    fn act(&self, dice: &mut impl Rng) -> Option<u64> {
        dice.random_bool(0.4).then(|| dice.random_range(0..2))
    }

    fn admitted(&self, dice: &mut ChaCha20Rng) -> Admitted {
        let role = *[Role::Coordinator, Role::Volunteer, Role::Relay].choose(dice).unwrap_or(&Role::Volunteer);
        let member = MemberId::first_device(self.seen.device(dice));
        let label = self.seen.keys.choose(dice).map(|key| {
            let device = self.seen.device(dice);
            Sealed::seal(dice, key, device, "7c660645\u{1b}]52;c;\u{7}")
        });
        let known = self.seen.records.choose(dice).copied();
        let made = self.made.choose(dice).copied();
        let record = made.filter(|_| dice.random_bool(0.8)).or(known).unwrap_or_else(|| self.record(dice));
        Admitted { record, role, member: (role != Role::Relay).then_some(member), label, addresses: Vec::new() }
    }

    /// A record of the author's: its own, with another's sealing key, with one that nothing can be sealed to, or
    /// somebody else's.
    fn record(&self, dice: &mut impl Rng) -> DeviceRecord {
        let other = self.seen.records.choose(dice).copied().unwrap_or_else(|| self.keys.record());
        match dice.random_range(0..5) {
            0 => self.keys.record_of([0; 32]),
            1 => self.keys.record_of(dice.random()),
            2 => self.keys.record_of(other.sealing),
            3 => DeviceRecord { sealing: self.keys.record().sealing, ..other },
            _ => other,
        }
    }

    fn grant(&self, dice: &mut impl Rng) -> Grant {
        match dice.random_range(0..4) {
            0 => Grant::Leader { buildings: vec!["1".into(), "17".into()] },
            1 => Grant::Leader { buildings: vec![String::new(); dice.random_range(0..2)] },
            2 => Grant::Keeper { boxes: vec![self.seen.reference(dice, self.place)] },
            _ => Grant::Care,
        }
    }

    fn log(&self, dice: &mut impl Rng) -> LogId {
        self.seen.logs.choose(dice).map_or(self.place.0, |(header, _)| header.id())
    }

    /// Where logs end: at heads that are held, at other events, at none, at what is not there.
    fn cuts(&self, dice: &mut impl Rng) -> Vec<Cut> {
        let mut cuts = Vec::new();
        for (header, heads) in &self.seen.logs {
            if dice.random_bool(0.6) {
                continue;
            }
            let mut named: Vec<CutHead> = heads.iter().map(|head| CutHead { seq: head.seq, id: head.id }).collect();
            match dice.random_range(0..5) {
                0 => named.clear(),
                1 => named.push(CutHead { seq: dice.random_range(0..9), id: EventId::from_bytes(dice.random()) }),
                2 => named.truncate(1),
                _ => {}
            }
            cuts.push(Cut { log: header.id(), heads: named });
        }
        cuts
    }

    /// A key under whatever label, to whomever: an honest one relabelled, or one of the author's.
    fn sealed(&self, dice: &mut ChaCha20Rng) -> KeysSealed {
        let compartment = if dice.random_bool(0.5) { Compartment::Community } else { Compartment::Care };
        let known = self.seen.keys.choose(dice).cloned();
        let community = self.community;
        let key = known.filter(|_| dice.random_bool(0.4));
        let key = key.unwrap_or_else(|| EpochKey::generate(dice, community, compartment));
        let epoch = match dice.random_range(0..4) {
            0 => self.seen.epochs.choose(dice).copied().unwrap_or(EpochId::ZERO),
            _ => key.id(),
        };
        let purpose = purpose(community, compartment, epoch);
        let mut wraps: Vec<Wrap> = Vec::new();
        for record in self.seen.records.iter().chain(self.made) {
            if dice.random_bool(0.7) {
                wraps.extend(wrap(dice, record.device, &record.sealing, &purpose, key.as_secret()).ok());
            }
        }
        if let Some(wrap) = wraps.first_mut().filter(|_| dice.random_bool(0.2)) {
            wrap.sealed = vec![7; 48];
        }
        let parent = |epoch: &EpochId| SealedParent { epoch: *epoch, sealed: vec![1; 48] };
        let parents = self.seen.epochs.choose(dice).map(parent).into_iter().collect();
        let generation = *[0, 1, 2, 7, u64::MAX].choose(dice).unwrap_or(&0);
        KeysSealed { compartment, generation, epoch, parents, wraps }
    }
}

/// What a wrap of an epoch's key is made for.
pub(crate) fn purpose(community: CommunityId, compartment: Compartment, epoch: EpochId) -> Vec<u8> {
    [community.as_bytes().as_slice(), &[compartment.code()], epoch.as_bytes()].concat()
}
