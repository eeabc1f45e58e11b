//! The roster as folded: devices, rights, cuts, epochs, and the answers that others ask of them.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use minicbor::Encode;
use serde::Serialize;

use super::{
    CutHead, Device, Epoch, Fallen, Need, Request, Right, Role, RosterEvent, RosterSpec, Standing, Unread,
    cut::{Chains, Cuts, Shared},
    moves::Moves,
    right::Tenure,
    rights::Rights,
    said::Crowded,
    together::Together,
};
use crate::{
    count::{self, Work},
    event::{Compartment, Held, LogHeader},
    id::{CommunityId, DeviceId, EpochId, EventId, LogId, MemberId, Reference, TopicTag},
    sabotage::Rule,
};

const DIGEST_CONTEXT: &str = "linli 2026 roster digest v1";

/// Whether anything of an event counts, as far as the roster decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It counts, or is held for another reason.
    Counts,
    /// Its device is not admitted.
    Stranger,
    /// It stands beyond a cut.
    Cut,
}

/// What an event is about, as far as rights depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About<'a> {
    /// Who wrote the creating event.
    pub author: Option<MemberId>,
    /// Who wrote the event that this one names.
    pub target_author: Option<MemberId>,
    /// The building the aggregate belongs to.
    pub building: Option<&'a str>,
    /// The aggregate itself.
    pub aggregate: Option<Reference>,
}

/// What the founding event fixes for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub(super) struct Origin {
    #[n(0)]
    pub(super) founder: DeviceId,
    #[n(1)]
    pub(super) topic: TopicTag,
    #[n(2)]
    pub(super) care: TopicTag,
}

/// Who belongs, as all counted roster events together say. Made by [`Roster::fold`]; the default knows nobody.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct Roster {
    #[n(0)]
    pub(super) community: CommunityId,
    #[n(1)]
    pub(super) origin: Option<Origin>,
    #[n(2)]
    pub(super) devices: BTreeMap<DeviceId, Device>,
    #[n(3)]
    pub(super) cuts: BTreeMap<DeviceId, Cuts>,
    #[n(4)]
    pub(super) rights: BTreeMap<DeviceId, Shared<Rights>>,
    #[n(5)]
    /// By compartment too: what is said of a name in another compartment is another epoch, whose key nobody has.
    pub(super) epochs: BTreeMap<(Compartment, EpochId), Shared<Epoch>>,
    #[n(6)]
    pub(super) requests: BTreeSet<Request>,
    #[n(7)]
    pub(super) fallen: BTreeSet<Fallen>,
    #[n(8)]
    pub(super) moves: BTreeMap<DeviceId, Moves>,
    /// How many rooms more each device was given by those above it.
    #[n(9)]
    pub(super) given: BTreeMap<DeviceId, u64>,
    /// The rooms that each device gave itself, by the events that say so.
    #[n(10)]
    pub(super) own_rooms: BTreeMap<DeviceId, BTreeMap<Reference, u64>>,
    /// The events that only a later build reads and by which a device has lost something.
    #[n(11)]
    pub(super) limits: BTreeMap<DeviceId, BTreeSet<Reference>>,
    /// Devices with such events behind which nobody has given the right to `care` again: it stands here, and for its keys
    /// it does not.
    #[cbor(skip)]
    pub(super) limited: BTreeSet<DeviceId>,
    /// Events without effect, and why: no part of what is decided.
    #[cbor(skip)]
    pub(super) idle: Arc<BTreeMap<Reference, Held>>,
    /// Events that only a later build reads whole.
    #[cbor(skip)]
    pub(super) unread: Arc<BTreeSet<Unread>>,
    /// From where on devices have no room for what they say here.
    #[cbor(skip)]
    pub(super) crowded: Arc<Crowded>,
    /// Cuts of their own authors that have an effect, room or none.
    #[cbor(skip)]
    pub(super) own_cuts: Arc<BTreeSet<Reference>>,
    /// Bytes of room that what each device says here takes.
    #[cbor(skip)]
    pub(super) used: Arc<BTreeMap<DeviceId, u64>>,
    /// Who may have given keys, or have had bodies erased: founder and kit, and whom one of these admitted as a coordinator,
    /// whatever came of that. Each with whoever of those that belong it comes from: itself, or under whom its admission fell.
    #[cbor(skip)]
    pub(super) givers: Arc<BTreeMap<DeviceId, DeviceId>>,
}

impl Default for Roster {
    fn default() -> Self {
        Self::empty(CommunityId::ZERO)
    }
}

impl Roster {
    /// A roster that knows nobody yet: the founding event is not held.
    pub fn empty(community: CommunityId) -> Self {
        Self {
            community,
            origin: None,
            devices: BTreeMap::new(),
            cuts: BTreeMap::new(),
            rights: BTreeMap::new(),
            epochs: BTreeMap::new(),
            requests: BTreeSet::new(),
            fallen: BTreeSet::new(),
            moves: BTreeMap::new(),
            given: BTreeMap::new(),
            own_rooms: BTreeMap::new(),
            limits: BTreeMap::new(),
            limited: BTreeSet::new(),
            idle: Arc::default(),
            unread: Arc::default(),
            crowded: Arc::default(),
            own_cuts: Arc::default(),
            used: Arc::default(),
            givers: Arc::default(),
        }
    }

    /// The community: the id of its founding event.
    pub fn community(&self) -> CommunityId {
        self.community
    }

    /// The founder's device; none until the founding event is held.
    pub fn founder(&self) -> Option<DeviceId> {
        self.origin.map(|origin| origin.founder)
    }

    /// The tag of the topic `care`; none until the founding event is held.
    pub fn care_topic(&self) -> Option<TopicTag> {
        self.origin.map(|origin| origin.care)
    }

    /// An admitted device, withdrawn or not.
    pub fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.get(&device)
    }

    /// All admitted devices, withdrawn ones too, by id.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    /// Whose device it is; none for relays and strangers.
    pub fn member_of(&self, device: DeviceId) -> Option<MemberId> {
        self.device(device)?.member
    }

    /// The rights a device has now.
    pub fn rights_of(&self, device: DeviceId) -> impl Iterator<Item = &Right> {
        let rights = self.rights_ever(device).into_iter().flat_map(Rights::iter);
        rights.filter(|(_, tenure)| tenure.stands()).map(|(right, _)| right)
    }

    /// Whether a device has this right now.
    pub fn holds(&self, device: DeviceId, right: &Right) -> bool {
        self.tenure(device, right).is_some_and(Tenure::stands)
    }

    /// All that were ever given to a device or taken from it.
    pub(super) fn rights_ever(&self, device: DeviceId) -> Option<&Rights> {
        self.rights.get(&device).map(|rights| &*rights.0)
    }

    /// The cuts of a device that no other replaces: what a new cut names to take their place.
    pub fn cuts_of(&self, device: DeviceId) -> impl Iterator<Item = Reference> {
        self.cuts.get(&device).into_iter().flat_map(Cuts::references)
    }

    /// The ranks of their authors.
    pub(super) fn cut_ranks(&self, device: DeviceId) -> impl Iterator<Item = u32> {
        self.cuts.get(&device).into_iter().flat_map(Cuts::ranks)
    }

    /// Whether a cut that stands says what of this log counts, whatever branches it has.
    pub fn names_log(&self, device: DeviceId, log: LogId) -> bool {
        self.cuts.get(&device).is_some_and(|cuts| cuts.names(None, log))
    }

    /// Whether a cut by somebody else does.
    fn is_named_by_others(&self, device: DeviceId, log: LogId) -> bool {
        self.cuts.get(&device).is_some_and(|cuts| cuts.names(self.rank(device), log))
    }

    fn rank(&self, device: DeviceId) -> Option<u32> {
        self.device(device).map(|device| device.rank)
    }

    /// Whether a cut or the removal of a right names this event as a head. When it arrives, its log is judged again:
    /// until then all up to its place stood.
    pub fn ends_at(&self, device: DeviceId, log: LogId, at: CutHead) -> bool {
        self.ends_in(device, log).iter().any(|acts| acts.names_at_all(at))
    }

    /// What cuts and removals name of a log. What leads there is needed to judge by, though another cut may say that it does
    /// not count; while such a head is not held, all up to its place may lead there.
    pub fn ends_in(&self, device: DeviceId, log: LogId) -> Vec<Arc<Together>> {
        let cuts = self.cuts.get(&device).map(|cuts| cuts.ends_in(None, log));
        let removals = self.rights_ever(device).map(|rights| rights.ends_in(log));
        [cuts, removals].into_iter().flatten().filter(|acts| !acts.is_empty()).collect()
    }

    /// The acts of which it is asked together whether a log is doubtful, and what they name of it: all cuts and removals. In the
    /// roster, where no right is asked for and a device's cuts of itself are found among what those of others leave, it is asked
    /// of cuts alone, and of those of others once more.
    pub fn asked_together(&self, header: &LogHeader) -> Vec<Vec<Arc<Together>>> {
        let all = self.asked_but(None, header);
        let rank = self.rank(header.device).filter(|_| self.is_in_roster(header));
        let names = |acts: &[Arc<Together>]| acts.iter().map(|acts| acts.name()).collect::<Vec<_>>();
        let others = rank.map(|rank| self.asked_but(Some(rank), header)).filter(|others| names(others) != names(&all));
        [Some(all), others].into_iter().flatten().collect()
    }

    fn asked_but(&self, but: Option<u32>, header: &LogHeader) -> Vec<Arc<Together>> {
        let (device, log) = (header.device, header.id());
        if !self.is_in_roster(header) {
            return self.ends_in(device, log);
        }
        self.cuts.get(&device).map(|cuts| cuts.ends_in(but, log)).filter(|acts| !acts.is_empty()).into_iter().collect()
    }

    fn is_in_roster(&self, header: &LogHeader) -> bool {
        self.origin.is_some_and(|origin| origin.topic == header.topic)
    }

    /// Whether a log is doubtful, asked about once at the most.
    fn doubt<'d>(
        &'d self,
        but: Option<u32>,
        header: &'d LogHeader,
        chains: &'d dyn Chains,
    ) -> impl Fn() -> bool + use<'d> {
        let doubtful = OnceCell::new();
        move || *doubtful.get_or_init(|| chains.is_doubtful(header.id(), &self.asked_but(but, header)))
    }

    /// Whether what cuts and removals say of a device is the same in another roster.
    pub fn ends_alike(&self, other: &Self, device: DeviceId) -> bool {
        self.cuts.get(&device) == other.cuts.get(&device) && self.rights.get(&device) == other.rights.get(&device)
    }

    /// Whether anything of a device is cut, or may be: it was revoked or lost a right.
    pub fn has_ends(&self, device: DeviceId) -> bool {
        self.is_revoked(device) || self.rights_ever(device).is_some_and(Rights::are_taken)
    }

    /// How many authors cut a device, replaced cuts too and all removals of its rights as one more.
    pub fn ends_of(&self, device: DeviceId) -> usize {
        let authors = self.cuts.get(&device).map(Cuts::authors).unwrap_or_default();
        authors.len() + usize::from(self.rights_ever(device).is_some_and(Rights::are_taken))
    }

    /// The counted removals of a right: what a grant names to give it again.
    pub fn removals_of(&self, device: DeviceId, right: &Right) -> impl Iterator<Item = Reference> {
        self.tenure(device, right).into_iter().flat_map(Tenure::removals)
    }

    /// Whether an event of this log at this place counts (R8). `header` is the event's own, so that the founding
    /// event, alone without a community, is known by it.
    pub fn verdict(&self, header: &LogHeader, seq: u64, id: EventId, chains: &dyn Chains) -> Verdict {
        self.verdict_but(None, header, seq, id, chains)
    }

    /// Whether an event lies beyond what cuts leave, so that it makes no difference to anybody and few are kept. In the roster
    /// a device's cuts of itself are found among what those of others leave: so what only its own leave out may make one, but
    /// in a log that has too many branches (`is_crowded`) and would be silent without them.
    pub fn is_beyond(
        &self,
        header: &LogHeader,
        seq: u64,
        id: EventId,
        is_crowded: impl Fn(LogId) -> bool,
        chains: &dyn Chains,
    ) -> bool {
        let (device, in_roster) = (header.device, self.is_in_roster(header));
        let own_alone = |log: LogId| is_crowded(log) && !self.is_named_by_others(device, log);
        let but = self.rank(device).filter(|_| in_roster && self.is_revoked(device) && !own_alone(header.id()));
        self.verdict_but(but, header, seq, id, chains) == Verdict::Cut
    }

    /// What cuts say, those by an author of this rank left out.
    fn verdict_but(&self, but: Option<u32>, header: &LogHeader, seq: u64, id: EventId, chains: &dyn Chains) -> Verdict {
        count::note(Work::Asked, 1);
        if header.community == CommunityId::ZERO {
            let founding = self.origin.is_some() && seq == 0 && id.as_bytes() == self.community.as_bytes();
            return if founding { Verdict::Counts } else { Verdict::Stranger };
        }
        if header.community != self.community || !self.devices.contains_key(&header.device) {
            return Verdict::Stranger;
        }
        let at = CutHead { seq, id };
        if Rule::Cut.is_left_out() {
            return Verdict::Counts;
        }
        let doubt = self.doubt(but, header, chains);
        let within = self.cuts.get(&header.device).is_none_or(|cuts| cuts.admit(but, header.id(), at, chains, &doubt));
        let care_lost = self.care_topic() == Some(header.topic)
            && self
                .tenure(header.device, &Right::Care)
                .is_some_and(|tenure| !tenure.outlived(header, at, chains, &doubt));
        if within && !care_lost { Verdict::Counts } else { Verdict::Cut }
    }

    /// The rights of the author of an event toward what it is about. Says nothing of whether the event counts: ask
    /// [`verdict`](Self::verdict) first. Relays, strangers and the recovery kit have none.
    pub fn standing(
        &self,
        header: &LogHeader,
        seq: u64,
        id: EventId,
        about: &About<'_>,
        chains: &dyn Chains,
    ) -> Standing {
        count::note(Work::Asked, 1);
        if self.is_later(header.device) {
            return Standing::LATER;
        }
        let Some((device, member)) = self.device(header.device).and_then(|device| Some((device, device.member?)))
        else {
            return Standing::NONE;
        };
        if device.kit || device.role == Role::Relay {
            return Standing::NONE;
        }
        let standing = Standing::NONE
            .with(Need::MEMBER)
            .with_if(about.author == Some(member), Need::AUTHOR)
            .with_if(about.target_author == Some(member), Need::TARGET_AUTHOR)
            .with_if(device.role == Role::Coordinator, Need::COORDINATOR);
        let Some(rights) = self.rights_ever(header.device) else { return standing };
        // Only what the event is about is asked for: however many others somebody was given.
        let at = CutHead { seq, id };
        let doubt = self.doubt(None, header, chains);
        let covers = |tenure: &Tenure| tenure.covers(header, at, chains, &doubt);
        let here = about.building.map(Right::leader);
        let kept = about.aggregate.map(|kept| Right::Keeper { medicine_box: kept });
        let leads = here.as_ref().is_some_and(|here| rights.cover(here, covers));
        let any = leads || rights.lead_any(here.as_ref(), covers);
        standing
            .with_if(leads, Need::LEADER)
            .with_if(any, Need::ANY_LEADER)
            .with_if(kept.as_ref().is_some_and(|kept| rights.cover(kept, covers)), Need::KEEPER)
            .with_if(rights.cover(&Right::Care, covers), Need::CARE)
    }

    /// Whether the table lets a device write a roster event. Ranks are judged by the fold.
    pub fn may_write(&self, by: DeviceId, event: &RosterEvent) -> bool {
        let Some(device) = self.device(by) else { return false };
        let standing = Standing::NONE
            .with_if(event.target().is_none_or(|target| target == by), Need::SELF)
            .with_if(device.kit, Need::KIT)
            .with_if(device.role == Role::Coordinator && !device.kit, Need::COORDINATOR);
        match event {
            RosterEvent::Later(later) => standing.may(later.need()),
            _ => RosterSpec::of(event.kind())
                .is_some_and(|spec| standing.may(spec.need) || Rule::RosterTable.is_left_out()),
        }
    }

    /// Whether founder or kit, or somebody whom these ever let in so, let the device in as a coordinator, whatever came of that.
    /// The kit, which says nothing but who belongs, is none.
    pub fn was_coordinator(&self, device: DeviceId) -> bool {
        self.givers.contains_key(&device) && !self.device(device).is_some_and(|device| device.kit)
    }

    /// Under whom the admission of a coordinator fell: who belongs, withdrawn or not, and let them in, or others who fell and
    /// did; of several the highest in rank. None of whoever belongs, and of whoever never was a coordinator.
    pub fn fell_under(&self, device: DeviceId) -> Option<DeviceId> {
        self.givers.get(&device).copied().filter(|under| *under != device)
    }

    /// Whether a counted cut names the device, admitted or not: its key never returns.
    pub fn is_revoked(&self, device: DeviceId) -> bool {
        self.cuts.contains_key(&device)
    }

    /// Whether a cut of a device that stands is this one's.
    pub fn is_revoked_by(&self, device: DeviceId, by: DeviceId) -> bool {
        self.device(by).is_some_and(|by| self.cut_ranks(device).any(|rank| rank == by.rank))
    }

    /// Whether a device is welcome: admitted and not withdrawn.
    pub fn may_connect(&self, device: DeviceId) -> bool {
        self.device(device).is_some_and(|device| !device.withdrawn)
    }

    /// Whether a device's connections are over for good: it was revoked or has left.
    pub fn is_withdrawn(&self, device: DeviceId) -> bool {
        self.is_revoked(device) || self.device(device).is_some_and(|device| device.withdrawn)
    }

    /// The devices that should hold a compartment's keys, by id.
    pub fn entitled(&self, compartment: Compartment) -> impl Iterator<Item = &Device> {
        self.devices.values().filter(move |device| self.is_entitled(device, compartment))
    }

    /// The epochs of a compartment that were ever announced, by id.
    pub fn epochs(&self, compartment: Compartment) -> impl Iterator<Item = &Epoch> {
        self.epochs.values().map(|epoch| &*epoch.0).filter(move |epoch| epoch.compartment == compartment)
    }

    /// An epoch of a compartment by its id.
    pub fn epoch(&self, compartment: Compartment, epoch: EpochId) -> Option<&Epoch> {
        self.epochs.get(&(compartment, epoch)).map(|epoch| &*epoch.0)
    }

    /// Entitled devices that no counted event gives this epoch's key.
    pub fn lacking(&self, epoch: &Epoch) -> Vec<&Device> {
        self.entitled(epoch.compartment).filter(|device| !epoch.recipients.contains(&device.record.device)).collect()
    }

    /// How many who hold an epoch's key should hold it no longer: who was given it, or one that opens it as its
    /// parent. Above 0, a coordinator rotates. Eight stand for all that are more.
    pub fn withdrawn_recipients(&self, epoch: &Epoch) -> usize {
        epoch.withdrawn.len()
    }

    /// Whether some of these should hold it no longer by what is read here: then a coordinator's replica rotates by itself. Of
    /// others a later build knows more. It may give them the next key too, and so on without end.
    pub fn is_to_be_replaced(&self, epoch: &Epoch) -> bool {
        epoch.withdrawn.iter().any(|device| !self.is_limited(*device))
    }

    /// Withdrawals from below, which have no effect.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter()
    }

    /// Why a roster event has no effect that can be read and that neither cuts nor silence leave out: its author may not
    /// write it, or withdraws somebody above; only a later build reads it whole; there is no room for it.
    pub fn idle(&self, event: Reference) -> Option<Held> {
        // What gives its author room has an effect, whether there is any for itself or not; so has what cuts its author.
        let gives = || self.own_rooms.values().any(|own| own.contains_key(&event));
        let has_none = || self.crowded.holds(event) && !gives() && !self.own_cuts.contains(&event);
        let crowded = || has_none().then_some(Held::Crowded);
        self.idle.get(&event).copied().or_else(crowded)
    }

    /// Whether the events of a log, of those in which it is asked together about all that cuts and removals name, are judged
    /// alike by another roster, as far as it is one of a device that belongs.
    pub fn judges_alike(&self, other: &Self, device: DeviceId, log: LogId) -> bool {
        let role = |roster: &Self| roster.device(device).map(|device| (device.role, device.kit));
        let ends = |roster: &'_ Self| roster.cuts.get(&device).map(|cuts| cuts.heads_of(log));
        let removals =
            |roster: &Self| roster.rights_ever(device).map(|rights| rights.ends_in(log).name()).unwrap_or_default();
        role(self) == role(other) && ends(self) == ends(other) && removals(self) == removals(other)
    }

    /// The last place of a log at which something may count, as cuts of its device are: what stands behind it does not. None
    /// if nothing of the log does.
    pub fn last_place(&self, device: DeviceId, log: LogId) -> Option<u64> {
        self.cuts.get(&device).filter(|_| !Rule::Cut.is_left_out()).map_or(Some(u64::MAX), |cuts| cuts.last_place(log))
    }

    /// Withdrawals that fell, because what they rest on lies beyond a cut.
    pub fn fallen(&self) -> impl Iterator<Item = &Fallen> {
        self.fallen.iter()
    }

    /// The moves of a relay that no other replaces: what a new one names to take their place.
    pub fn moves_of(&self, device: DeviceId) -> impl Iterator<Item = Reference> {
        self.moves.get(&device).into_iter().flat_map(Moves::references)
    }

    /// The relays that are welcome, the highest in rank first: where phones bring their news, and get those of others.
    pub fn relays(&self) -> Vec<&Device> {
        let welcome = |device: &&Device| device.role == Role::Relay && !device.withdrawn;
        let mut relays: Vec<&Device> = self.devices().filter(welcome).collect();
        relays.sort_by_key(|device| device.rank);
        relays
    }

    /// A hash of everything decided here: equal for equal sets of events that count. What lies beyond a cut is not in
    /// it: of that each replica keeps a part (R8), to show it and to open what was written under its keys.
    pub fn digest(&self) -> [u8; 32] {
        let mut decided = self.clone();
        decided.fallen.clear();
        decided.epochs.retain(|_, epoch| epoch.0.counts);
        for epoch in decided.epochs.values_mut() {
            let counted = Epoch { withdrawn: BTreeSet::new(), told: BTreeSet::new(), ..(*epoch.0).clone() };
            epoch.0 = Arc::new(Epoch { parents: BTreeSet::new(), wraps: BTreeMap::new(), ..counted });
        }
        let mut bytes = Vec::new();
        // A `Vec` takes any length, and derived encodings make no errors of their own.
        let _infallible = minicbor::encode(&decided, &mut bytes);
        blake3::derive_key(DIGEST_CONTEXT, &bytes)
    }

    pub(super) fn tenure(&self, device: DeviceId, right: &Right) -> Option<&Tenure> {
        self.rights_ever(device)?.tenure(right)
    }

    pub(super) fn is_entitled(&self, device: &Device, compartment: Compartment) -> bool {
        let reads = !device.withdrawn && !matches!(device.role, Role::Relay | Role::Later);
        match compartment {
            Compartment::Community => reads,
            Compartment::Care if Rule::CareGrant.is_left_out() => reads,
            Compartment::Care => {
                let id = device.record.device;
                reads && !self.is_limited(id) && self.tenure(id, &Right::Care).is_some_and(Tenure::stands)
            }
        }
    }
}

impl RosterEvent {
    /// The device it is about; none where that is the author.
    pub fn target(&self) -> Option<DeviceId> {
        match self {
            RosterEvent::Founded(founded) => Some(founded.founder.device),
            RosterEvent::Admitted(admitted) => Some(admitted.record.device),
            RosterEvent::Granted(granted) => Some(granted.device),
            RosterEvent::GrantRemoved(removed) => Some(removed.device),
            RosterEvent::Revoked(revoked) => Some(revoked.device),
            RosterEvent::KeyRotated(rotated) => Some(rotated.record.device),
            RosterEvent::RelayMoved(moved) => Some(moved.device),
            RosterEvent::RoomGiven(given) => Some(given.device),
            RosterEvent::Later(later) => later.device(),
            RosterEvent::Left | RosterEvent::KeysSealed(_) | RosterEvent::Resumed(_) => None,
        }
    }
}

/// What a device's events are judged by.
type Judged<'r> = (Option<(Option<MemberId>, Role, bool)>, Option<&'r Cuts>, Option<&'r Shared<Rights>>);

/// The devices whose events may be judged differently by the new roster: verdict, standing, or less room. Beside this, a log
/// is judged again when an event arrives that a cut names as a head.
pub fn affected(old: &Roster, new: &Roster) -> BTreeSet<DeviceId> {
    let all = old.community != new.community || old.origin != new.origin;
    let known = |roster: &Roster| -> BTreeSet<DeviceId> {
        let named = roster.devices.keys().chain(roster.cuts.keys()).chain(roster.rights.keys());
        named.copied().chain(roster.roomy()).collect()
    };
    fn judged<'r>(roster: &'r Roster, id: &DeviceId) -> Judged<'r> {
        let device = roster.devices.get(id).map(|device| (device.member, device.role, device.kit));
        (device, roster.cuts.get(id), roster.rights.get(id))
    }
    let differs = |id: &DeviceId| judged(old, id) != judged(new, id) || new.rooms_of(*id) < old.rooms_of(*id);
    known(old).union(&known(new)).filter(|id| all || differs(id)).copied().collect()
}
