//! The town and what can happen in it: three coordinators, two volunteers, a kit and whom it admits, twenty-nine acts.

use std::collections::BTreeMap;

use linli_core::{
    event::LogHeader,
    id::{CommunityId, DeviceId, EventId, Incarnation, LogId, MemberId, Reference, TopicTag},
    key::{DeviceRecord, Signature},
    limits,
    roster::{
        Admitted, Cut, CutHead, Founded, Grant, GrantRemoved, Granted, Revoked, Role, RoomGiven, RosterEvent,
        RosterFact,
    },
    time::WallMs,
};
use linli_tests::made::revoked;

const ROSTER: TopicTag = TopicTag::from_bytes([1; 16]);
const COMMON: TopicTag = TopicTag::from_bytes([2; 16]);
const CARE: TopicTag = TopicTag::from_bytes([3; 16]);

pub(crate) const FOUNDER: DeviceId = DeviceId::from_bytes([1; 32]);
/// The coordinator whom the founder admitted first, and so the higher one.
pub(crate) const ANNA: DeviceId = DeviceId::from_bytes([2; 32]);
pub(crate) const BO: DeviceId = DeviceId::from_bytes([3; 32]);
/// A volunteer from the beginning.
pub(crate) const VERA: DeviceId = DeviceId::from_bytes([4; 32]);
/// A volunteer whom nobody has admitted yet.
pub(crate) const WU: DeviceId = DeviceId::from_bytes([5; 32]);

/// The recovery kit.
pub(crate) const KIT: DeviceId = DeviceId::from_bytes([6; 32]);
/// A phone that the kit makes a coordinator's.
pub(crate) const ZOE: DeviceId = DeviceId::from_bytes([7; 32]);

/// What somebody does, knowing all that was done before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Act {
    FounderCutsAnnaLow,
    FounderCutsAnnaHere,
    FounderCutsBoLow,
    AnnaAdmitsWu,
    BoAdmitsWuAsCoordinator,
    WuCutsVeraAtNothing,
    AnnaCutsVeraHere,
    BoCutsVeraAtNothing,
    AnnaCutsTheFounder,
    BoCutsAnnaLow,
    AnnaCutsBoHere,
    AnnaCutsHerselfLow,
    BoLeaves,
    VeraLeaves,
    FounderGivesVeraCare,
    AnnaTakesVerasCare,
    AnnaForksAndAdmitsWu,
    BoRaisesVerasCuts,
    FounderRaisesVerasCuts,
    VeraActs,
    KitCutsTheFounderLow,
    KitAdmitsZoe,
    KitAdmitsZoeInAnotherUse,
    ZoeCutsTheFounderLow,
    FounderCutsZoeAtNothing,
    FounderCutsTheKit,
    AnnaHeapsUp,
    FounderGivesAnnaRoom,
    AnnaGivesHerselfRoom,
}

pub(crate) const ACTS: [Act; 29] = [
    Act::FounderCutsAnnaLow,
    Act::FounderCutsAnnaHere,
    Act::FounderCutsBoLow,
    Act::AnnaAdmitsWu,
    Act::BoAdmitsWuAsCoordinator,
    Act::WuCutsVeraAtNothing,
    Act::AnnaCutsVeraHere,
    Act::BoCutsVeraAtNothing,
    Act::AnnaCutsTheFounder,
    Act::BoCutsAnnaLow,
    Act::AnnaCutsBoHere,
    Act::AnnaCutsHerselfLow,
    Act::BoLeaves,
    Act::VeraLeaves,
    Act::FounderGivesVeraCare,
    Act::AnnaTakesVerasCare,
    Act::AnnaForksAndAdmitsWu,
    Act::BoRaisesVerasCuts,
    Act::FounderRaisesVerasCuts,
    Act::VeraActs,
    Act::KitCutsTheFounderLow,
    Act::KitAdmitsZoe,
    Act::KitAdmitsZoeInAnotherUse,
    Act::ZoeCutsTheFounderLow,
    Act::FounderCutsZoeAtNothing,
    Act::FounderCutsTheKit,
    Act::AnnaHeapsUp,
    Act::FounderGivesAnnaRoom,
    Act::AnnaGivesHerselfRoom,
];

/// Of these two fill a device's room in the roster, and the second has none.
const HEAP: u64 = limits::ROSTER_ROOM * 3 / 5;

/// One event; outside the roster nothing is said of what it is about.
pub(crate) struct Event {
    pub(crate) log: LogHeader,
    pub(crate) at: CutHead,
    pub(crate) parent: Option<EventId>,
    pub(crate) says: Option<RosterEvent>,
    /// Bytes of its body.
    pub(crate) size: u64,
}

/// All that was ever written.
pub(crate) struct Town {
    pub(crate) community: CommunityId,
    pub(crate) events: BTreeMap<EventId, Event>,
    /// What everybody holds before the history begins.
    pub(crate) base: Vec<EventId>,
    /// What the history wrote, in its order.
    pub(crate) written: Vec<EventId>,
    pub(crate) history: Vec<Act>,
    low: BTreeMap<DeviceId, Vec<Cut>>,
}

impl Town {
    /// A community with a kit, two more coordinators and a volunteer, each of whom has acted once; then the history.
    pub(crate) fn after(history: &[Act]) -> Self {
        let mut town = Town {
            community: CommunityId::ZERO,
            events: BTreeMap::new(),
            base: Vec::new(),
            written: Vec::new(),
            history: history.to_vec(),
            low: BTreeMap::new(),
        };
        town.found();
        for act in history {
            town.act(*act);
        }
        town
    }

    fn found(&mut self) {
        let founded = Founded { founder: record(FOUNDER), kit: Some(record(KIT)), care: CARE, label: None };
        let first = self.write(FOUNDER, RosterEvent::Founded(founded));
        self.community = CommunityId::from_bytes(*first.as_bytes());
        for (device, role) in [(ANNA, Role::Coordinator), (BO, Role::Coordinator), (VERA, Role::Volunteer)] {
            self.write(FOUNDER, admission(device, role));
        }
        for (by, building) in [(ANNA, "3"), (BO, "4")] {
            let grant = Grant::Leader { buildings: vec![building.to_owned()] };
            self.write(by, RosterEvent::Granted(Granted { device: VERA, grant, after: Vec::new(), act: None }));
        }
        let care = RosterEvent::Granted(Granted { device: VERA, grant: Grant::Care, after: Vec::new(), act: None });
        self.write(FOUNDER, care);
        for device in [ANNA, BO, VERA] {
            self.append(self.log(device, COMMON), None);
        }
        self.base = std::mem::take(&mut self.written);
        self.low = [FOUNDER, ANNA, BO, VERA].map(|device| (device, self.here(device))).into();
    }

    fn act(&mut self, act: Act) {
        let low = |device| self.low.get(&device).cloned().unwrap_or_default();
        let (by, says) = match act {
            Act::FounderCutsAnnaLow => (FOUNDER, revoked(ANNA, low(ANNA))),
            Act::FounderCutsAnnaHere => (FOUNDER, revoked(ANNA, self.here(ANNA))),
            Act::FounderCutsBoLow => (FOUNDER, revoked(BO, low(BO))),
            Act::AnnaAdmitsWu => (ANNA, admission(WU, Role::Volunteer)),
            Act::BoAdmitsWuAsCoordinator => (BO, admission(WU, Role::Coordinator)),
            Act::WuCutsVeraAtNothing => (WU, revoked(VERA, Vec::new())),
            Act::AnnaCutsVeraHere => (ANNA, revoked(VERA, self.here(VERA))),
            Act::BoCutsVeraAtNothing => (BO, revoked(VERA, Vec::new())),
            Act::AnnaCutsTheFounder => (ANNA, revoked(FOUNDER, Vec::new())),
            Act::BoCutsAnnaLow => (BO, revoked(ANNA, low(ANNA))),
            Act::AnnaCutsBoHere => (ANNA, revoked(BO, self.here(BO))),
            Act::AnnaCutsHerselfLow => (ANNA, revoked(ANNA, low(ANNA))),
            Act::BoLeaves => (BO, RosterEvent::Left),
            Act::VeraLeaves => (VERA, RosterEvent::Left),
            Act::FounderGivesVeraCare => {
                let after = self.written_about(VERA, |says| matches!(says, RosterEvent::GrantRemoved(_)));
                let mut grant = Granted { device: VERA, grant: Grant::Care, after, act: None };
                if grant.after.is_empty() {
                    // Given already: something else, so that the act says something.
                    grant = Granted { device: BO, ..grant };
                }
                (FOUNDER, RosterEvent::Granted(grant))
            }
            Act::AnnaTakesVerasCare => {
                let (heads, incarnations) = (self.here(VERA), vec![Incarnation::ZERO]);
                (
                    ANNA,
                    RosterEvent::GrantRemoved(GrantRemoved {
                        device: VERA,
                        grant: Grant::Care,
                        heads,
                        incarnations,
                        act: None,
                    }),
                )
            }
            Act::AnnaForksAndAdmitsWu => {
                let log = self.log(ANNA, ROSTER);
                let behind = self.base.iter().rfind(|id| self.events[*id].log == log).copied();
                self.put(log, behind, Some(admission(WU, Role::Volunteer)));
                return;
            }
            Act::BoRaisesVerasCuts => (BO, self.raised()),
            Act::FounderRaisesVerasCuts => (FOUNDER, self.raised()),
            Act::VeraActs => {
                self.append(self.log(VERA, COMMON), None);
                return;
            }
            Act::KitCutsTheFounderLow => return self.use_kit(1, revoked(FOUNDER, low(FOUNDER))),
            Act::KitAdmitsZoe => return self.use_kit(1, admission(ZOE, Role::Coordinator)),
            Act::KitAdmitsZoeInAnotherUse => return self.use_kit(2, admission(ZOE, Role::Coordinator)),
            Act::ZoeCutsTheFounderLow => (ZOE, revoked(FOUNDER, low(FOUNDER))),
            Act::FounderCutsZoeAtNothing => (FOUNDER, revoked(ZOE, Vec::new())),
            Act::FounderCutsTheKit => (FOUNDER, revoked(KIT, Vec::new())),
            Act::AnnaHeapsUp => {
                let grant = Grant::Leader { buildings: vec!["5".to_owned()] };
                let granted = Granted { device: BO, grant, after: Vec::new(), act: None };
                let heaped = self.write(ANNA, RosterEvent::Granted(granted));
                self.events.entry(heaped).and_modify(|event| event.size = HEAP);
                return;
            }
            Act::FounderGivesAnnaRoom => (FOUNDER, RosterEvent::RoomGiven(RoomGiven { device: ANNA, rooms: 1 })),
            Act::AnnaGivesHerselfRoom => (ANNA, RosterEvent::RoomGiven(RoomGiven { device: ANNA, rooms: 1 })),
        };
        self.write(by, says);
    }

    /// A cut of Vera in place of all that are known, at all that is.
    fn raised(&self) -> RosterEvent {
        let replaces = self.written_about(VERA, |says| matches!(says, RosterEvent::Revoked(_)));
        RosterEvent::Revoked(Revoked { device: VERA, cuts: self.here(VERA), replaces, act: None })
    }

    fn written_about(&self, device: DeviceId, is: impl Fn(&RosterEvent) -> bool) -> Vec<Reference> {
        let about = |id: &&EventId| {
            self.events[*id].says.as_ref().is_some_and(|says| is(says) && says.target() == Some(device))
        };
        self.written.iter().filter(about).map(|id| self.reference(*id)).collect()
    }

    /// All that stands of a device's logs: the ends of all branches.
    fn here(&self, device: DeviceId) -> Vec<Cut> {
        let mut cuts: BTreeMap<LogId, Vec<CutHead>> = BTreeMap::new();
        let is_end = |id: &EventId| !self.events.values().any(|event| event.parent == Some(*id));
        for (_, event) in self.events.iter().filter(|(id, event)| event.log.device == device && is_end(id)) {
            cuts.entry(event.log.id()).or_default().push(event.at);
        }
        cuts.into_iter().map(|(log, heads)| Cut { log, heads }).collect()
    }

    fn log(&self, device: DeviceId, topic: TopicTag) -> LogHeader {
        LogHeader { community: self.community, topic, device, incarnation: Incarnation::ZERO }
    }

    fn write(&mut self, by: DeviceId, says: RosterEvent) -> EventId {
        self.append(self.log(by, ROSTER), Some(says))
    }

    /// Each use of the kit is an incarnation, and so a log, of its own.
    fn use_kit(&mut self, number: u8, says: RosterEvent) {
        let incarnation = Incarnation::from_bytes([number; Incarnation::LEN]);
        self.append(LogHeader { incarnation, ..self.log(KIT, ROSTER) }, Some(says));
    }

    /// Behind what was written last in a log.
    fn append(&mut self, log: LogHeader, says: Option<RosterEvent>) -> EventId {
        let last = self.base.iter().chain(&self.written).rfind(|id| self.events[*id].log.id() == log.id()).copied();
        self.put(log, last, says)
    }

    fn put(&mut self, log: LogHeader, parent: Option<EventId>, says: Option<RosterEvent>) -> EventId {
        let seq = parent.map_or(0, |parent| self.events[&parent].at.seq + 1);
        let nth = u64::try_from(self.events.len()).unwrap();
        // Neither by age nor by author: what comes first by id is left to chance.
        let id = EventId::from_bytes(blake3_of(nth, log.device));
        self.events.insert(id, Event { log, at: CutHead { seq, id }, parent, says, size: 100 });
        self.written.push(id);
        id
    }

    /// An event and all it is chained to, backwards.
    pub(crate) fn chain(&self, from: EventId) -> impl Iterator<Item = EventId> {
        std::iter::successors(Some(from), |id| self.events.get(id).and_then(|event| event.parent))
    }

    pub(crate) fn reference(&self, id: EventId) -> Reference {
        let event = &self.events[&id];
        Reference { log: event.log.id(), seq: event.at.seq, check: id.short() }
    }

    /// An event as the engine's fold takes it; none outside the roster.
    pub(crate) fn fact(&self, id: EventId) -> Option<RosterFact> {
        let event = &self.events[&id];
        let says = event.says.clone()?;
        Some(RosterFact { log: event.log, seq: event.at.seq, id, wall: WallMs(0), event: says, size: event.size })
    }

    pub(crate) fn people(&self) -> [DeviceId; 7] {
        [FOUNDER, ANNA, BO, VERA, WU, KIT, ZOE]
    }
}

fn blake3_of(nth: u64, device: DeviceId) -> [u8; 32] {
    blake3::derive_key("linli 2026 roster model", &[device.as_bytes().as_slice(), &nth.to_be_bytes()].concat())
}

fn record(device: DeviceId) -> DeviceRecord {
    // The fold believes what was read; what cannot be read it is never handed.
    let proof = Signature::from_slice(&[0; 64]).expect("64 bytes");
    DeviceRecord { device, sealing: [0; 32], proof }
}

fn admission(device: DeviceId, role: Role) -> RosterEvent {
    let member = Some(MemberId::first_device(device));
    RosterEvent::Admitted(Admitted { record: record(device), role, member, label: None, addresses: Vec::new() })
}
