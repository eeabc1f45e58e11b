//! Withdrawals: ending a device's voice, a right, or one's own membership (R8).
//!
//! Whoever withdraws a device is shown what falls with it, and says what of that should stand all the same. Both are
//! written at once, and the keys that the device could open are replaced with it. [`WithdrawalContext`] answers what is
//! held of logs; nothing here reads a store.
//!
//! The asker gives itself the room that all this takes. That room has a bound: the cut is written whatever the
//! withdrawn device heaped up, and an asker who has little room left cuts no deeper than one who has much.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::{BTreeMap, BTreeSet};

use rand::CryptoRng;
use serde::Serialize;

use super::{
    Admitted, ClearFact, Cut, Device, Fallen, Grant, GrantRemoved, Granted, Keyring, Revoked, Right, Role, RoomGiven,
    Roster, RosterEvent, RosterRefusal, Touch, WithdrawalContext, act::NAME, command::Asker, heads, rights::Rights,
    said::Budget,
};
use crate::{
    event::Compartment,
    id::{DeviceId, Incarnation, MemberId, Reference},
    limits,
};

/// Bytes of room that are left whatever happens.
const SOME: u64 = 4 * 1_024;
/// Names that a withdrawal lets stand, where nobody says which. Who is no liar has fewer by far; of a liar's heap of logs
/// what came later falls.
const NAMES: u64 = limits::ROSTER_ROOM / 2 / NAME as u64;
/// Bytes of what follows the cuts, of which admissions and the like may take half: as much as somebody can have said who was
/// given no more room.
const FOLLOWS: u64 = 2 * limits::ROSTER_ROOM;
/// Into how many events, about, a grant may have to be parted.
const GRANT_PARTS: usize = 16;

/// Who is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// One device of a person, or a relay.
    Device(DeviceId),
    /// A person, with all their devices.
    Member(MemberId),
}

/// How somebody is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revocation {
    /// A device, or a person with all of theirs.
    pub who: Who,
    /// What stands of their logs; all that the asker holds where none is given.
    pub heads: Option<Vec<Cut>>,
    /// Of the devices whose admission falls, those that stay away. All others that [can be](Lost::again) are admitted again,
    /// with their rights.
    pub except: BTreeSet<DeviceId>,
    /// Of the withdrawals that fall, those that are made again.
    pub restate: BTreeSet<Reference>,
    /// Whether to ask where the asker may not: a withdrawal of somebody above has no effect and is shown to all.
    pub request: bool,
    /// That the recovery kit is at hand: the last coordinator goes only then.
    pub kit_at_hand: bool,
}

impl Revocation {
    /// At what the asker holds, everything that falls being admitted again but nobody withdrawn again.
    pub fn of(who: Who) -> Self {
        Self { who, heads: None, except: BTreeSet::new(), restate: BTreeSet::new(), request: false, kit_at_hand: false }
    }
}

/// What ends something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Withdrawal {
    /// Devices go, by cuts.
    Revoke(Revocation),
    /// The cuts of a revoked device are replaced by one that is higher or lower.
    Recut {
        /// The device that was revoked.
        device: DeviceId,
        /// What stands of its logs; all that the asker holds where none is given.
        heads: Option<Vec<Cut>>,
        /// As in [`Revocation`].
        except: BTreeSet<DeviceId>,
        /// As in [`Revocation`].
        restate: BTreeSet<Reference>,
    },
    /// A right ends, at what the asker holds of the device's logs. What was done until then stays entitled.
    RemoveGrant {
        /// The device that loses it.
        device: DeviceId,
        /// The right that ends.
        grant: Grant,
    },
    /// The asking device goes.
    Leave {
        /// As in [`Revocation`].
        kit_at_hand: bool,
    },
}

/// A device whose admission falls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Lost {
    /// The device that falls.
    pub device: DeviceId,
    /// Whose it is; none for a relay.
    pub member: Option<MemberId>,
    /// The role it was admitted in.
    pub role: Role,
    /// Who had admitted it.
    pub admitted_by: Option<DeviceId>,
    /// Whether it is admitted again where nobody leaves it out. One in a role that only a newer app knows is not: whoever has
    /// that app can.
    pub again: bool,
}

/// What falls with a cut, because it rests on what lies beyond.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fall {
    /// Devices that would be strangers again, by rank.
    pub admissions: Vec<Lost>,
    /// Withdrawals that would not count any more.
    pub withdrawals: Vec<Fallen>,
    /// Rights that would be gone.
    pub grants: Vec<(DeviceId, Right)>,
    /// Rooms that devices were given and would not have any more.
    pub rooms: Vec<(DeviceId, u64)>,
}

impl Fall {
    /// What stands in one roster and not in the other.
    fn between(before: &Roster, after: &Roster) -> Self {
        let mut lost: Vec<&Device> =
            before.devices().filter(|device| after.device(device.record.device).is_none()).collect();
        lost.sort_by_key(|device| device.rank);
        let admissions = lost.into_iter().map(|device| Lost {
            device: device.record.device,
            member: device.member,
            role: device.role,
            admitted_by: device.admitted_by,
            again: device.role != Role::Later,
        });
        let known: BTreeSet<Reference> = before.fallen().map(|fallen| fallen.event).collect();
        let grants = before.devices().flat_map(|device| {
            let id = device.record.device;
            let gone = before.rights_of(id).filter(move |right| !after.holds(id, right));
            gone.map(move |right| (id, right.clone()))
        });
        let rooms = before.devices().filter_map(|device| {
            let id = device.record.device;
            let fewer = before.rooms_from_above(id).saturating_sub(after.rooms_from_above(id));
            (fewer > 0).then_some((id, fewer))
        });
        Self {
            admissions: admissions.collect(),
            withdrawals: after.fallen().filter(|fallen| !known.contains(&fallen.event)).copied().collect(),
            grants: grants.collect(),
            rooms: rooms.collect(),
        }
    }
}

/// What would fall if `by` withdrew somebody so. Nothing is restated in it.
///
/// # Errors
/// Why the withdrawal would be refused.
pub fn would_fall(
    roster: &Roster,
    by: DeviceId,
    revocation: &Revocation,
    context: &dyn WithdrawalContext,
) -> Result<Fall, RosterRefusal> {
    let keys = Keyring::default();
    let asker = Withdrawer::new(Asker { roster, keys: &keys, by }, context);
    let revoked: Vec<RosterEvent> = asker.revoked(revocation)?.into_iter().flat_map(Revoked::in_events).collect();
    asker.check_somebody_stays(&revoked, revocation.kit_at_hand)?;
    Ok(Fall::between(roster, &asker.after(&revoked)))
}

/// Decides a withdrawal that the device `by` commands, who holds `keys`.
///
/// # Errors
/// Why not.
pub fn withdraw(
    roster: &Roster,
    keys: &Keyring,
    by: DeviceId,
    command: Withdrawal,
    context: &dyn WithdrawalContext,
    dice: &mut dyn CryptoRng,
) -> Result<Vec<RosterEvent>, RosterRefusal> {
    if !roster.may_connect(by) {
        return Err(RosterRefusal::NotAdmitted { device: by });
    }
    let asker = Withdrawer::new(Asker { roster, keys, by }, context);
    let events = match command {
        Withdrawal::Revoke(command) => {
            let revoked = asker.revoked(&command)?;
            let cuts: Vec<RosterEvent> = revoked.iter().cloned().flat_map(Revoked::in_events).collect();
            asker.check_somebody_stays(&cuts, command.kit_at_hand)?;
            asker.cut_off(revoked, &command.except, &command.restate, dice)
        }
        Withdrawal::Recut { device, heads, except, restate } => {
            let revoked = asker.recut(device, heads)?;
            asker.cut_off(vec![revoked], &except, &restate, dice)
        }
        Withdrawal::RemoveGrant { device, grant } => asker.remove_grant(device, grant, dice),
        Withdrawal::Leave { kit_at_hand } => {
            let left = vec![RosterEvent::Left];
            asker.check_somebody_stays(&left, kit_at_hand).map(|()| left)
        }
    }?;
    let events = asker.with_room(events);
    for event in &events {
        asker.asker.check(event)?;
    }
    Ok(events)
}

struct Withdrawer<'a> {
    asker: Asker<'a>,
    context: &'a dyn WithdrawalContext,
    /// Bytes of all that the asker has said in the roster, whether there is room for it or not.
    said: u64,
}

impl<'a> Withdrawer<'a> {
    fn new(asker: Asker<'a>, context: &'a dyn WithdrawalContext) -> Self {
        let (roster, by) = (asker.roster, asker.by);
        let said = match roster.room_left(by) {
            0 => {
                let facts = context.said().logs_of(by).flat_map(|(_, facts)| facts.iter());
                facts.map(|fact| fact.weight()).fold(0, u64::saturating_add)
            }
            left => roster.roster_room(by).saturating_sub(left),
        };
        Self { asker, context, said }
    }

    fn roster(&self) -> &Roster {
        self.asker.roster
    }

    /// What gives the asker so many rooms more, if it may give any.
    fn rooms(&self, mut rooms: u64) -> Vec<RosterEvent> {
        let mut gifts = Vec::new();
        while rooms > 0 {
            let given = RoomGiven { device: self.asker.by, rooms: rooms.min(limits::ROOMS_GIVEN) };
            gifts.push(RosterEvent::RoomGiven(given));
            rooms = rooms.saturating_sub(limits::ROOMS_GIVEN);
        }
        gifts.retain(|gift| self.asker.check(gift).is_ok());
        gifts
    }

    /// The same events behind what gives the asker the room that they take. Where there is none to give, whoever writes
    /// them finds that out.
    fn with_room(&self, events: Vec<RosterEvent>) -> Vec<RosterEvent> {
        let weight = events.iter().map(RosterEvent::weight).fold(SOME.saturating_add(self.said), u64::saturating_add);
        if weight <= self.roster().roster_room(self.asker.by) {
            return events;
        }
        let rooms = weight.saturating_add(limits::ROSTER_RESERVE).div_ceil(limits::ROSTER_ROOM).min(limits::ROOMS);
        let mut all = self.rooms(rooms.saturating_sub(self.roster().rooms_of(self.asker.by)));
        all.extend(events);
        all
    }

    /// The bytes of room that the asker has, or may give itself.
    fn room(&self) -> u64 {
        let rooms = if self.rooms(1).is_empty() { self.roster().rooms_of(self.asker.by) } else { limits::ROOMS };
        limits::ROSTER_ROOM.saturating_mul(rooms).saturating_sub(self.said)
    }

    /// The roster as it would be, had the asker written these events now, with the room for them.
    fn after(&self, events: &[RosterEvent]) -> Roster {
        self.context.after(&self.with_room(events.to_vec()))
    }

    /// The last coordinator does not go unawares: nobody could admit, withdraw or replace keys any more.
    fn check_somebody_stays(&self, events: &[RosterEvent], kit_at_hand: bool) -> Result<(), RosterRefusal> {
        let by = self.asker.by;
        let goes = |event: &RosterEvent| match event {
            RosterEvent::Left => true,
            RosterEvent::Revoked(revoked) => revoked.device == by,
            _ => false,
        };
        let acts = self.roster().device(by).is_some_and(Device::is_on_duty);
        if !acts || !events.iter().any(goes) || self.after(events).devices().any(Device::is_on_duty) {
            return Ok(());
        }
        let kit = self.roster().devices().any(|device| device.kit && !device.withdrawn);
        if kit && kit_at_hand { Ok(()) } else { Err(RosterRefusal::LastCoordinator { kit }) }
    }

    fn rank(&self, device: DeviceId) -> Result<u32, RosterRefusal> {
        self.roster().device(device).map(|device| device.rank).ok_or(RosterRefusal::UnknownDevice { device })
    }

    fn is_above(&self, device: DeviceId) -> Result<bool, RosterRefusal> {
        Ok(device != self.asker.by && self.rank(device)? < self.rank(self.asker.by)?)
    }

    /// The cuts of a revocation: one for each device, the asker's own last.
    fn revoked(&self, command: &Revocation) -> Result<Vec<Revoked>, RosterRefusal> {
        let mut devices = match command.who {
            Who::Device(device) => vec![device],
            Who::Member(member) => self.devices_of(member)?,
        };
        devices.sort_by_key(|device| *device == self.asker.by);
        // Whoever admits may call a device anybody's. One that stands above keeps no other of that person: it is asked for.
        let below = devices.iter().map(|device| Ok(!self.is_above(*device)?));
        let below: Vec<bool> = below.collect::<Result<_, RosterRefusal>>()?;
        let asks = command.request || below.contains(&true);
        let cut = |device: &DeviceId| {
            let device = *device;
            if self.roster().is_revoked(device) {
                return Err(RosterRefusal::Withdrawn { device });
            }
            if !asks {
                return Err(RosterRefusal::Rank { device });
            }
            let revoked = Revoked {
                device,
                cuts: self.cuts(device, command.heads.as_deref(), devices.len()),
                replaces: Vec::new(),
                act: None,
            };
            self.asker.check(&RosterEvent::Revoked(revoked.clone()))?;
            Ok(revoked)
        };
        devices.iter().map(cut).collect()
    }

    /// A person's devices. The kit stands under the founder's name, and is in nobody's pocket.
    fn devices_of(&self, member: MemberId) -> Result<Vec<DeviceId>, RosterRefusal> {
        let of_member = self.roster().devices().filter(|device| device.member == Some(member) && !device.kit);
        let all: Vec<DeviceId> = of_member.map(|device| device.record.device).collect();
        let last = *all.last().ok_or(RosterRefusal::UnknownMember { member })?;
        let left: Vec<DeviceId> = all.into_iter().filter(|device| !self.roster().is_revoked(*device)).collect();
        if left.is_empty() { Err(RosterRefusal::Withdrawn { device: last }) } else { Ok(left) }
    }

    /// What stands of a device's logs: what is named, else what is [held](heads::held). Of what is named for several devices
    /// each is given its own; of what is held all `cuts` together name so much.
    fn cuts(&self, device: DeviceId, named: Option<&[Cut]>, cuts: usize) -> Vec<Cut> {
        match named {
            Some(named) if cuts == 1 => named.to_vec(),
            Some(named) => {
                let own: BTreeSet<_> = self.context.logs(device).iter().map(|(log, _)| log.id()).collect();
                named.iter().filter(|cut| own.contains(&cut.log)).cloned().collect()
            }
            None => heads::held(self.roster(), self.context, device, NAMES / cuts.max(1) as u64),
        }
    }

    /// A cut in place of all that stand.
    fn recut(&self, device: DeviceId, heads: Option<Vec<Cut>>) -> Result<Revoked, RosterRefusal> {
        let own = self.rank(self.asker.by)?;
        if self.is_above(device)? {
            return Err(RosterRefusal::Rank { device });
        }
        if !self.roster().is_revoked(device) {
            return Err(RosterRefusal::NotRevoked { device });
        }
        if let Some(above) = self.roster().cut_ranks(device).find(|rank| *rank < own) {
            let author = self.roster().devices().find(|device| device.rank == above);
            return Err(RosterRefusal::Rank { device: author.map_or(device, |author| author.record.device) });
        }
        let replaces = self.roster().cuts_of(device).collect();
        Ok(Revoked { device, cuts: self.cuts(device, heads.as_deref(), 1), replaces, act: None })
    }

    /// The cuts, what is restated of that which falls with them, and new keys.
    fn cut_off(
        &self,
        revoked: Vec<Revoked>,
        except: &BTreeSet<DeviceId>,
        restate: &BTreeSet<Reference>,
        dice: &mut dyn CryptoRng,
    ) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let by = self.asker.by;
        let own = revoked.iter().any(|revoked| revoked.device == by);
        let asks = |revoked: &Revoked| self.is_above(revoked.device);
        let only_asks = revoked.iter().map(asks).collect::<Result<Vec<_>, _>>()?.into_iter().all(|above| above);
        let mut events: Vec<RosterEvent> = revoked.into_iter().flat_map(Revoked::in_events).collect();
        // A request changes nothing; and what a device writes beyond its own cut would fall.
        if own || only_asks {
            return Ok(events);
        }
        let mut after = self.after(&events);
        let fall = Fall::between(self.roster(), &after);
        if let Some(event) = restate.iter().find(|event| !fall.withdrawals.iter().any(|it| it.event == **event)) {
            return Err(RosterRefusal::NotFallen { event: *event });
        }
        let cuts = events.len();
        // Before all else: what has its room again need not be said again.
        self.give_again(&fall, except, &mut events);
        self.look_again(&events, cuts, &mut after);
        self.admit_again(&fall, except, &mut events, &mut after);
        let known = events.len();
        let again = fall.withdrawals.iter().filter(|fallen| restate.contains(&fallen.event));
        let mut of = BTreeMap::<DeviceId, BTreeSet<Reference>>::new();
        again.for_each(|fallen| _ = of.entry(fallen.device).or_default().insert(fallen.event));
        of.iter().for_each(|(device, fallen)| self.withdraw_again(*device, fallen, &mut events));
        self.look_again(&events, known, &mut after);
        let known = events.len();
        self.grant_again(&fall, except, &mut events, &after);
        // Whatever others have written that these go by: a cut does not fail on it. Half is left for keys.
        let left_out = self.leave_out(&mut events, cuts, 2);
        self.look_again(&events, if left_out { 0 } else { known }, &mut after);
        self.renew_keys(&mut events, &after, dice);
        self.leave_out(&mut events, cuts, 1);
        Ok(events)
    }

    /// Brings the roster as it would be up to these events, of which it knows some. Each look is a fold of the whole.
    fn look_again(&self, events: &[RosterEvent], known: usize, after: &mut Roster) {
        if events.len() > known {
            *after = self.after(events);
        }
    }

    /// Leaves out of what follows the cuts what the asker may not write, and what is more than this part of what may follow.
    /// Whether anything is left out.
    fn leave_out(&self, events: &mut Vec<RosterEvent>, cuts: usize, part: u64) -> bool {
        let all = events.len();
        let follows = events.split_off(cuts.min(all));
        let weight = events.iter().map(RosterEvent::weight).fold(0, u64::saturating_add);
        let left = self.room().saturating_sub(weight.saturating_add(SOME));
        let mut room = Budget::of(left.min(FOLLOWS) / part);
        let allowed = follows.into_iter().filter(|event| self.asker.check(event).is_ok());
        events.extend(allowed.take_while(|event| room.take(event.weight())));
        events.len() < all
    }

    /// Admits again whoever does not come back with their admitter: first those whose admitter stands, or stays away. Who
    /// comes back with them is seen then. That is looked at a few times only, for each look is a fold of the roster, and a
    /// liar makes as many coordinators as there is room for; in the end all are admitted who are still away.
    fn admit_again(&self, fall: &Fall, except: &BTreeSet<DeviceId>, events: &mut Vec<RosterEvent>, after: &mut Roster) {
        const ROUNDS: usize = 4;
        let mut done = BTreeSet::new();
        for round in 1..=ROUNDS {
            let stands = |by: DeviceId| after.device(by).is_some() || except.contains(&by);
            let is_due = |lost: &&Lost| {
                let away = after.device(lost.device).is_none() && !except.contains(&lost.device);
                lost.again
                    && away
                    && !done.contains(&lost.device)
                    && (round == ROUNDS || lost.admitted_by.is_none_or(stands))
            };
            let due = fall.admissions.iter().filter(is_due).filter_map(|lost| self.roster().device(lost.device));
            let due: Vec<&Device> = due.collect();
            done.extend(due.iter().map(|device| device.record.device));
            let known = events.len();
            events.extend(due.iter().map(|device| {
                RosterEvent::Admitted(Admitted {
                    record: device.record,
                    role: device.role,
                    member: device.member,
                    label: device.label.clone(),
                    addresses: device.addresses.clone(),
                })
            }));
            self.look_again(events, known, after);
            // With a coordinator come back whom they admitted, or do not.
            if !due.iter().any(|device| device.role == Role::Coordinator) {
                return;
            }
        }
    }

    /// Makes withdrawals of a device again that fall, as their authors made them; of one that cannot be read here only whom
    /// it withdraws is known, so that all stands of them that is held.
    fn withdraw_again(&self, device: DeviceId, fallen: &BTreeSet<Reference>, events: &mut Vec<RosterEvent>) {
        let roster = self.roster();
        let mut revoked: Vec<Vec<Cut>> =
            roster.cuts.get(&device).into_iter().flat_map(|cuts| cuts.named_by(fallen)).collect();
        if roster.unread().any(|unread| fallen.contains(&unread.event) && unread.touch == Touch::Withdrawal) {
            revoked.push(self.cuts(device, None, 1));
        }
        for cuts in revoked {
            events.extend(Revoked { device, cuts, replaces: Vec::new(), act: None }.in_events());
        }
        for (right, tenure) in roster.rights_ever(device).into_iter().flat_map(Rights::iter) {
            for (heads, incarnations) in tenure.taken_by(fallen) {
                let grant = right.grant();
                events.extend(GrantRemoved { device, grant, heads, incarnations, act: None }.in_events());
            }
        }
    }

    /// Gives back the room of whoever does not stay away: what they said in it is theirs, whoever gave it.
    fn give_again(&self, fall: &Fall, except: &BTreeSet<DeviceId>, events: &mut Vec<RosterEvent>) {
        for (device, rooms) in fall.rooms.iter().filter(|(device, _)| !except.contains(device)) {
            let mut left = *rooms;
            while left > 0 {
                let rooms = left.min(limits::ROOMS_GIVEN);
                events.push(RosterEvent::RoomGiven(RoomGiven { device: *device, rooms }));
                left = left.saturating_sub(rooms);
            }
        }
    }

    /// Gives back the rights of whoever belongs then, of a liar's heap no more than there is room for.
    fn grant_again(&self, fall: &Fall, except: &BTreeSet<DeviceId>, events: &mut Vec<RosterEvent>, after: &Roster) {
        let gone = |(device, right): &&(DeviceId, Right)| {
            !except.contains(device) && after.may_connect(*device) && !after.holds(*device, right)
        };
        let gone: Vec<&(DeviceId, Right)> = fall.grants.iter().filter(gone).collect();
        let again = |(device, right): &&(DeviceId, Right)| (right.clone(), after.removals_of(*device, right).collect());
        let mut room = Budget::of(FOLLOWS);
        let granted = gone.chunk_by(|(one, _), (other, _)| one == other).flat_map(|of_one| {
            let device = of_one.first().map(|(device, _)| *device);
            device.into_iter().flat_map(move |device| Granted::of(device, of_one.iter().map(again)))
        });
        // The kit gives no grants: a coordinator will.
        let allowed = granted.filter(|event| self.roster().may_write(self.asker.by, event));
        events.extend(allowed.take_while(|event| room.take(event.weight())));
    }

    /// Replaces every key that somebody holds who should not, and gives the others to whoever lacks them. Keys that the
    /// asker does not hold are left to a coordinator who does.
    fn renew_keys(&self, events: &mut Vec<RosterEvent>, after: &Roster, dice: &mut dyn CryptoRng) {
        let asker = Asker { roster: after, ..self.asker };
        for compartment in [Compartment::Community, Compartment::Care] {
            let Some(epoch) = after.writing_epoch(compartment, self.asker.keys) else { continue };
            let open = after.epoch(compartment, epoch).is_some_and(|epoch| after.withdrawn_recipients(epoch) > 0);
            // A key is held, so there is one to replace.
            let keys = if open {
                asker.rotate(compartment, dice).unwrap_or_default()
            } else {
                asker.wrap_for_all(compartment, dice)
            };
            events.extend(keys);
        }
    }

    fn remove_grant(
        &self,
        device: DeviceId,
        grant: Grant,
        dice: &mut dyn CryptoRng,
    ) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let logs = self.context.logs(device);
        let incarnations: BTreeSet<Incarnation> = logs.iter().map(|(log, _)| log.incarnation).collect();
        // They stand in one event for each part of the grant.
        let heads = self.cuts(device, None, GRANT_PARTS);
        let incarnations = incarnations.into_iter().collect();
        let removed = GrantRemoved { device, grant, heads, incarnations, act: None };
        let mut events = self.asker.remove_grant(removed)?;
        for event in &events {
            self.asker.check(event)?;
        }
        let after = self.after(&events);
        self.renew_keys(&mut events, &after, dice);
        Ok(events)
    }
}
