//! Quotas: how much one device makes all others keep, and how the room of a community is shared.
//!
//! The events of a device count in every topic, in bytes and in number. So junk takes the room of its author and never
//! another's. It refuses to know what the bytes say.
//!
//! **Notes count too.** An event that waits for others takes room of its author, until these come.
//!
//! **A large aggregate weighs more.** A phone reads again all that it holds of one aggregate at once, whatever it is
//! held for. So events beyond what may count in one aggregate weigh many times their bytes, in their author's room
//! alone, until they count. An older app, to which much does not count yet, still hears everybody honest.
//!
//! **A cut is never turned away.** All judge by the events that a cut names, so these are always taken. They are
//! charged to the devices that cut, and each of these can name no more than fits on a phone. Events beyond every cut
//! have a bound of their own ([`silence`](super::silence)). So have the events by which coordinators who fell explain
//! why bodies are gone. A quota turns away only what nobody judged, and after a cut all holders agree again, however
//! full each was.
//!
//! **A call for help is never kept out.** Each device has a little room for alerts that nothing else fills.
//!
//! **A full device holds up nobody.** An event for which somebody else's event waits is taken beyond its author's room,
//! on the account of the device that waits. Each device has a second room for that, shared as the first is. A relay
//! opens no body, so it knows nobody who waits.

use std::collections::BTreeMap;

use super::{Rules, silence::Leads};
use crate::{
    event::{LogHeader, Topic, Verified, VerifiedRun},
    id::{CommunityId, DeviceId, LogId, Reference},
    limits,
    roster::Role,
    store::{Lent, Room, StoreError, View},
};

/// How much may be kept of one community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of room, as [`weight`] counts them, of all devices that may write.
    pub community: u64,
    /// Bytes of room of one device, and as many for the roster and erasures of a coordinator. A phone has no more than
    /// [`limits::DEVICE_ROOM`]: what its cuts name would not fit elsewhere.
    pub device: u64,
}

impl Default for Quota {
    /// That of a phone.
    fn default() -> Self {
        Self { community: limits::COMMUNITY_ROOM, device: limits::DEVICE_ROOM }
    }
}

/// What room the events of one device in one topic take: their bodies, for each what is kept around it, and for each branch
/// beyond a few what it costs all who compare.
pub fn weight(room: Room) -> u64 {
    let many = room.branches.saturating_sub(limits::FEW_BRANCHES);
    weight_of_events(room).saturating_add(many.saturating_mul(limits::BRANCH_ROOM))
}

fn weight_of_events(room: Room) -> u64 {
    room.bytes.saturating_add(room.events.saturating_mul(limits::EVENT_ROOM))
}

/// The room that so many notes of waiting events take.
fn waits(notes: u64) -> u64 {
    notes.saturating_mul(limits::WAIT_ROOM)
}

/// The room, besides their own, that bytes beyond [`limits::HELD_ROOM`] of an aggregate take from their author. A device that
/// was given rooms may have as much more as these hold, in one aggregate or in several together.
fn held(rules: &Rules, device: DeviceId, beyond: u64) -> u64 {
    let given = rules.roster.rooms_of(device).saturating_sub(1);
    beyond.saturating_sub(given.saturating_mul(limits::HELD_ROOM)).saturating_mul(limits::HELD_TIMES)
}

/// Where the new events of a run find room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// In their author's room, or there is nothing new.
    Own,
    /// On the account of another device, whose events wait for them; this much.
    Lent(DeviceId, Room),
    /// No room is left for them.
    Full,
}

/// Where there is room for what is new in a run that somebody brings; `own` is the device that keeps.
///
/// Half of the community's room is in equal parts for the devices that may write, so that whoever has little finds room
/// whatever the others did. The other half is for whoever comes first, each up to its quota. Roster and erasures stand
/// apart: those of a coordinator find room whatever anybody stored, and of others little is needed.
///
/// # Errors
/// When the store fails.
pub(super) fn fit(
    view: &View,
    rules: &Rules,
    quota: &Quota,
    own: DeviceId,
    run: &VerifiedRun,
    leads: Leads,
) -> Result<Fit, StoreError> {
    let header = *run.header();
    let device = header.device;
    // What tells why bodies are gone has a room of its own.
    if header.community == CommunityId::ZERO || rules.explains(&header) {
        return Ok(Fit::Own);
    }
    if device == own {
        return fit_of_own(view, quota, run);
    }
    let clear = rules.is_clear(header.topic);
    let coordinator = rules.roster.device(device).is_some_and(|device| device.role == Role::Coordinator);
    // Of others little is taken in the clear: so few branches that they need not be counted.
    let little = clear && !coordinator;
    let weigh = if little { weight_of_events } else { weight };
    let rooms = view.rooms_of(device)?.into_iter().filter(|(topic, _)| rules.is_clear(*topic) == clear);
    let noted = if clear { 0 } else { waits(view.noted_of(device)?) };
    let used = rooms.fold(noted, |used, (_, room)| used.saturating_add(weigh(room)));
    let equal = share(rules, quota);
    let own_share = share_of(rules, equal, device);
    let fits = |then: u64| -> Result<bool, StoreError> {
        Ok(match (clear, coordinator) {
            (true, true) => then <= quota.device,
            (true, false) => then <= quota.device.min(limits::CLEAR_ROOM),
            (false, _) => then <= quota.device && (then <= own_share || is_common_free(view, rules, quota, equal)?),
        })
    };
    let all: Vec<&Verified> = run.events().iter().collect();
    if is_urgent(view, rules, &header, &all)? {
        return Ok(Fit::Own);
    }
    // What is judged by a cut is not asked how much it makes others read.
    let above = if clear { 0 } else { view.held_beyond(device)? };
    let heavy = used.saturating_add(held(rules, device, above));
    // A branch that begins with it weighs from then on.
    let then = |used: u64, events: &[&Verified]| used.saturating_add(weigh(room_of(events)));
    // Nearly always there is room for all of it.
    if fits(then(heavy, &all))? {
        return Ok(Fit::Own);
    }
    // What is held already takes no room again.
    let New { free, named, beyond } = New::of(view, rules, &header, run, leads)?;
    let accounts = if clear { Accounts::default() } else { Accounts::of(view)? };
    // What stands on others' accounts takes nothing of its author's room.
    let (lent, others) = accounts.lent_to(device);
    let used = used.saturating_sub(lent);
    let (kept, cuts) = (kept_room(quota), cuts_room(rules, quota, device));
    // What only may lead to a head takes no room of what does.
    let sure = named.first().is_some_and(|first| leads.is_sure(first.seq));
    let room = kept.saturating_add(if sure { cuts.saturating_mul(2) } else { cuts });
    if !named.is_empty() && then(used, &named) > room {
        return Ok(Fit::Full);
    }
    if !beyond.is_empty() && then(used, &beyond) > kept {
        return Ok(Fit::Full);
    }
    let Some(first) = free.first() else { return Ok(Fit::Own) };
    let own = held(rules, device, above.saturating_sub(others));
    if fits(then(used.saturating_add(own), &free))? {
        return Ok(Fit::Own);
    }
    if clear {
        return Ok(Fit::Full);
    }
    let waiting = view.waiting_in(header.id(), first.seq)?;
    let room = lent_room(view, run, &free, first)?;
    let lends = |waits: &DeviceId| accounts.lends(rules, quota, *waits, device, weight(room));
    Ok(waiting.into_iter().find(lends).map_or(Fit::Full, |lender| Fit::Lent(lender, room)))
}

/// Where there is room for what others bring of the device that keeps: of one that was restored, what it wrote. It may be
/// what somebody wrote who copied its keys, without end.
fn fit_of_own(view: &View, quota: &Quota, run: &VerifiedRun) -> Result<Fit, StoreError> {
    let (header, mut new) = (run.header(), Vec::new());
    let log = header.id();
    for event in run.events() {
        if !is_held(view, log, event)? {
            new.push(event);
        }
    }
    let held = view.rooms_of(header.device)?.into_iter().map(|(_, room)| weight(room));
    let used = held.fold(weight(room_of(&new)), u64::saturating_add);
    let fits = new.is_empty() || used <= quota.device.saturating_mul(limits::OWN_TIMES);
    Ok(if fits { Fit::Own } else { Fit::Full })
}

fn is_held(view: &View, log: LogId, event: &Verified) -> Result<bool, StoreError> {
    view.has(Reference { log, seq: event.seq, check: event.id.short() })
}

/// What room new events take on another's account. A branch that begins with them takes as much of it as of their author's room.
fn lent_room(view: &View, run: &VerifiedRun, events: &[&Verified], first: &Verified) -> Result<Room, StoreError> {
    let (header, mut room) = (run.header(), room_of(events));
    let before = run.events().iter().rev().find(|event| event.seq < first.seq).map(|event| event.id);
    let before = before.or_else(|| run.parent().map(|parent| parent.id));
    let begins = view.heads(header.id())?.iter().all(|head| Some(head.id) != before);
    if begins && view.room_in(header.device, header.topic)?.branches >= limits::FEW_BRANCHES {
        room.bytes = room.bytes.saturating_add(limits::BRANCH_ROOM);
    }
    Ok(room)
}

/// Whether there is room for so many bytes that come back of what a device wrote: as much again as it has, for what it wrote
/// since had room as well.
///
/// # Errors
/// When the store fails.
pub(super) fn takes_back(
    view: &View,
    rules: &Rules,
    quota: &Quota,
    own: DeviceId,
    header: &LogHeader,
    bytes: usize,
) -> Result<bool, StoreError> {
    let sealed = view.rooms_of(header.device)?.into_iter().filter(|(topic, _)| !rules.is_clear(*topic));
    let used = sealed.fold(bytes as u64, |used, (_, room)| used.saturating_add(weight(room)));
    let cuts = cuts_room(rules, quota, header.device).saturating_mul(2);
    let room = kept_room(quota).saturating_add(cuts);
    Ok(header.device == own || used <= room.saturating_add(quota.device))
}

fn room_of(events: &[&Verified]) -> Room {
    let bytes = events.iter().map(|event| event.content.stored_len() as u64).sum();
    Room { bytes, events: events.len() as u64, branches: 0 }
}

/// What stands on whose account.
#[derive(Default)]
struct Accounts {
    loans: Vec<Loan>,
    /// Of each author, what room that takes on all of them, and how many bytes of it are held beyond the first of an aggregate.
    lent: BTreeMap<DeviceId, (u64, u64)>,
}

struct Loan {
    lender: DeviceId,
    author: DeviceId,
    /// Of its events.
    weight: u64,
    /// Of what was noted because they waited.
    waits: u64,
    /// Bytes of them that are held beyond the first of an aggregate.
    beyond: u64,
}

impl Accounts {
    fn of(view: &View) -> Result<Self, StoreError> {
        let loan = |Lent { device: lender, author, room, waits: noted, beyond }| Loan {
            lender,
            author,
            weight: weight(room),
            waits: waits(noted),
            beyond,
        };
        let loans: Vec<Loan> = view.lent()?.into_iter().map(loan).collect();
        let mut lent: BTreeMap<DeviceId, (u64, u64)> = BTreeMap::new();
        for Loan { author, weight, beyond, .. } in &loans {
            let sum = lent.entry(*author).or_default();
            *sum = (sum.0.saturating_add(*weight), sum.1.saturating_add(*beyond));
        }
        Ok(Self { loans, lent })
    }

    fn lent_to(&self, author: DeviceId) -> (u64, u64) {
        self.lent.get(&author).copied().unwrap_or_default()
    }

    /// Whether a device's account takes so much more of an author's. It lends each author what fits on a phone, for it
    /// holds no more of what it builds on; and all of them its part, or more while others leave room.
    fn lends(&self, rules: &Rules, quota: &Quota, lender: DeviceId, author: DeviceId, more: u64) -> bool {
        if lender == author || rules.roster.device(lender).is_none() {
            return false;
        }
        let share = share(rules, quota);
        let mut to_author = more;
        let mut of_lender: BTreeMap<DeviceId, u64> = BTreeMap::new();
        for loan in &self.loans {
            let weight = loan.weight.saturating_add(loan.waits);
            let sum = of_lender.entry(loan.lender).or_default();
            *sum = sum.saturating_add(weight);
            if (loan.lender, loan.author) == (lender, author) {
                to_author =
                    to_author.saturating_add(weight).saturating_add(loan.beyond.saturating_mul(limits::HELD_TIMES));
            }
        }
        let in_all = of_lender.get(&lender).copied().unwrap_or_default().saturating_add(more);
        let common = of_lender.values().fold(0_u64, |common, sum| common.saturating_add(sum.saturating_sub(share)));
        let common_free = common < quota.community / 2 && !rules.roster.is_withdrawn(lender);
        to_author <= quota.device && (in_all <= share || common_free)
    }
}

/// What of a run is not held, but for what counts nowhere.
#[derive(Default)]
struct New<'a> {
    /// No cut says anything of it, or somebody waits for it all the same.
    free: Vec<&'a Verified>,
    /// It leads to what a cut or the removal of a right names, or tells whose a log is that others may have named.
    named: Vec<&'a Verified>,
    /// It lies beyond every cut, where [`silence`](super::silence) bounds what is taken.
    beyond: Vec<&'a Verified>,
}

impl<'a> New<'a> {
    fn of(
        view: &View,
        rules: &Rules,
        header: &LogHeader,
        run: &'a VerifiedRun,
        leads: Leads,
    ) -> Result<Self, StoreError> {
        let (mut new, log) = (Self::default(), header.id());
        let judged = rules.roster.has_ends(header.device);
        for event in run.events() {
            if is_held(view, log, event)? {
                continue;
            }
            let cut = || rules.is_beyond(header, event.seq, event.id, view);
            if leads.takes(event.seq) {
                new.named.push(event);
            } else if !judged || !(leads.crowds(event.seq) || cut()) {
                new.free.push(event);
            } else if event.seq > 0 || !rules.may_be_awaited(header, view)? {
                new.beyond.push(event);
            } else if rules.is_blind_to(header.topic) {
                // Taken beyond the bound on what is cut, for somebody may wait for it.
                new.named.push(event);
            } else {
                // Here it is known who waits for it, and on whose account it stands.
                new.free.push(event);
            }
        }
        Ok(new)
    }
}

/// Bytes of room for what was here before a cut and what is kept beyond it: as much as so many events take, however many logs
/// the cut names. It may be the device's own, which names as many as it likes.
fn kept_room(quota: &Quota) -> u64 {
    let event = limits::EVENT_ROOM.saturating_add(limits::SEALED_BODY as u64).saturating_add(limits::BRANCH_ROOM);
    quota.device.saturating_add(event.saturating_mul(limits::BEYOND_CUT))
}

/// Bytes of room beside that, up to which is taken what may lead to what is named: for each who cut, what fits on a phone. What
/// is known to lead there has as much more. Both depend on the roster alone, so honest cuts never reach it, in whatever order
/// things come and whatever was heaped up before; and whoever cuts an accomplice has no more than this kept by it.
fn cuts_room(rules: &Rules, quota: &Quota, device: DeviceId) -> u64 {
    let authors = rules.roster.ends_of(device);
    quota.device.max(limits::DEVICE_ROOM).saturating_mul(count(authors))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Whether these are alerts for which their author has room whatever else is there.
fn is_urgent(view: &View, rules: &Rules, header: &LogHeader, events: &[&Verified]) -> Result<bool, StoreError> {
    if rules.tag(Topic::Urgent) != header.topic || rules.roster.device(header.device).is_none() {
        return Ok(false);
    }
    let used = weight(view.room_in(header.device, header.topic)?);
    Ok(used.saturating_add(weight(room_of(events))) <= limits::URGENT_ROOM)
}

/// What each device that may write has for itself.
fn share(rules: &Rules, quota: &Quota) -> u64 {
    let writers = rules.roster.devices().filter(|device| !device.withdrawn).count().max(1);
    quota.community / 2 / u64::try_from(writers).unwrap_or(u64::MAX)
}

/// The same of one device: none where its admission fell, for whoever let in one may have let in thousands.
fn share_of(rules: &Rules, share: u64, device: DeviceId) -> u64 {
    if rules.roster.device(device).is_some() { share } else { 0 }
}

/// Whether there is room in the half for whoever comes first. Whoever was withdrawn has none of it.
fn is_common_free(view: &View, rules: &Rules, quota: &Quota, share: u64) -> Result<bool, StoreError> {
    let mut common = 0_u64;
    let (rooms, accounts, noted) = (view.rooms()?, Accounts::of(view)?, view.noted()?);
    for rooms in rooms.chunk_by(|one, other| one.0 == other.0) {
        let Some((device, ..)) = rooms.first() else { continue };
        if rules.roster.is_withdrawn(*device) {
            continue;
        }
        let sealed = rooms.iter().filter(|(_, topic, _)| !rules.is_clear(*topic));
        let noted = waits(noted.get(device).copied().unwrap_or(0));
        let used = sealed.fold(noted, |used, (_, _, room)| used.saturating_add(weight(*room)));
        let share = share_of(rules, share, *device);
        common = common.saturating_add(used.saturating_sub(accounts.lent_to(*device).0).saturating_sub(share));
    }
    Ok(common < quota.community / 2)
}
