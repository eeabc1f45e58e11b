//! Commands about the roster: a coordinator asks, and gets the events to sign, or a reason why not.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use rand::CryptoRng;
use serde::Serialize;

use super::{
    Admitted, Cut, Founded, Grant, GrantRemoved, Granted, Keyring, KeysSealed, ReadError, RelayMoved, Right, Role,
    RoomGiven, Roster, RosterEvent, RosterSpec, Sealed, SealedParent,
    epoch::{Epoch, purpose, seal_parent},
};
use crate::{
    event::Compartment,
    id::{CommunityId, DeviceId, EpochId, Incarnation, MemberId, Reference, TopicTag},
    key::{DeviceRecord, EpochKey, Wrap, wrap},
    limits,
    vocabulary::{Refuse, Says},
};

/// What a founder says.
#[derive(Clone, Debug)]
pub struct Found {
    /// The founder's device.
    pub founder: DeviceRecord,
    /// The recovery kit's.
    pub kit: Option<DeviceRecord>,
    /// The tag of the topic `care`.
    pub care: TopicTag,
    /// The founder's name.
    pub name: Option<String>,
}

/// A community about to begin: its id is known once the founding event is chained.
pub struct Founding {
    founded: Founded,
    community: EpochKey,
    care: EpochKey,
}

/// What a coordinator can do. What ends something is meant by a [`Withdrawal`](super::Withdrawal).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RosterCommand {
    /// Admit a person's device.
    Admit {
        /// The keys of the device.
        record: DeviceRecord,
        /// Coordinator or volunteer.
        role: Role,
        /// Whose device it is; none for a person who has no other.
        member: Option<MemberId>,
        /// What the person is called, sealed for members.
        name: Option<String>,
    },
    /// Admit a relay.
    AdmitRelay {
        /// The keys of the relay.
        record: DeviceRecord,
        /// Where it is reached.
        addresses: Vec<String>,
        /// What the relay is called, sealed for members.
        name: Option<String>,
    },
    /// Say where a relay is reached from now on.
    MoveRelay {
        /// The relay that moved.
        device: DeviceId,
        /// Where it is reached; at least one address.
        addresses: Vec<String>,
    },
    /// Give a right.
    Grant {
        /// The device that is to have the right.
        device: DeviceId,
        /// The right to be given.
        grant: Grant,
    },
    /// Give a device room for more: as much again as each has, so many times.
    GiveRoom {
        /// The device that is given room.
        device: DeviceId,
        /// How many rooms more, from 1 to [`limits::ROOMS_GIVEN`].
        rooms: u64,
    },
    /// Take a right.
    RemoveGrant {
        /// The device that loses it.
        device: DeviceId,
        /// The right to be taken.
        grant: Grant,
        /// Up to where it held: the heads of the device's logs, as far as the asker holds them.
        heads: Vec<Cut>,
        /// The device's incarnations, as far as the asker knows them.
        incarnations: Vec<Incarnation>,
    },
    /// Give entitled devices the keys they lack, as far as the asker holds them. May yield nothing.
    WrapLacking,
    /// Replace a compartment's current keys by a new one, for those who are entitled now.
    Rotate {
        /// Whose keys are replaced.
        compartment: Compartment,
    },
}

/// Why a command is refused. Nothing is written then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(rename_all = "snake_case", tag = "code")]
#[strum(serialize_all = "snake_case")]
pub enum RosterRefusal {
    /// The asking device is not admitted, or withdrawn.
    #[error("device {device:?} does not belong")]
    NotAdmitted {
        /// The device that asks.
        device: DeviceId,
    },
    /// The table does not let the asker write this.
    #[error("{event} needs any of: {needs:?}")]
    NotAllowed {
        /// The event's code.
        event: &'static str,
        /// The rights, any of which would do.
        needs: Vec<&'static str>,
    },
    /// The device asked about is not admitted.
    #[error("device {device:?} is unknown")]
    UnknownDevice {
        /// The device that was named.
        device: DeviceId,
    },
    /// No admitted device belongs to this member.
    #[error("member {member:?} is unknown")]
    UnknownMember {
        /// The member that was named.
        member: MemberId,
    },
    /// A key is admitted once.
    #[error("device {device:?} is admitted already")]
    AlreadyAdmitted {
        /// The device that was to be admitted.
        device: DeviceId,
    },
    /// A key once revoked or left never returns.
    #[error("device {device:?} was withdrawn; a new key is needed")]
    Withdrawn {
        /// The device that was to be admitted.
        device: DeviceId,
    },
    /// Relays and the recovery kit hold no further rights, and a relay is admitted by its own command.
    #[error("not for a device of this role")]
    Role {
        /// The role it has or was to have.
        role: Role,
    },
    /// The device has every right of the grant.
    #[error("granted already")]
    AlreadyGranted,
    /// The device has as many rooms as count of one.
    #[error("device {device:?} has as much room as there is for one")]
    RoomEnough {
        /// The device that was to have more room.
        device: DeviceId,
    },
    /// The device has no right of the grant.
    #[error("not granted")]
    NotGranted,
    /// Rights are taken, devices withdrawn and cuts replaced only from oneself and from lower ranks.
    #[error("device {device:?} is higher in rank")]
    Rank {
        /// Who is higher.
        device: DeviceId,
    },
    /// The asker holds no key of the compartment, so cannot seal a name under it or replace it; or should hold none.
    #[error("no key is held to seal under")]
    NoKey,
    /// Who is to be admitted shows a record that its device did not sign, or keys that nothing can be sealed to.
    #[error("the keys of device {device:?} are unusable")]
    Recipient {
        /// The device whose keys they are.
        device: DeviceId,
    },
    /// The device was not revoked, so there is no cut to raise or lower.
    #[error("device {device:?} was not revoked")]
    NotRevoked {
        /// The device that was named.
        device: DeviceId,
    },
    /// What was to be restated is no withdrawal that this one makes fall.
    #[error("{event} is no withdrawal that falls")]
    NotFallen {
        /// The event that was named.
        event: Reference,
    },
    /// Nobody would be left who acts as a coordinator. Another is admitted first; or it is confirmed that the recovery kit
    /// is at hand, where there is one.
    #[error("this is the last coordinator")]
    LastCoordinator {
        /// Whether the community has a kit.
        kit: bool,
    },
    /// What was meant passes a limit.
    #[error("not a roster event: {what}")]
    Malformed {
        /// What is wrong.
        what: String,
    },
}

impl Refuse for RosterRefusal {
    const BY: &'static str = "roster";
}

impl From<ReadError> for RosterRefusal {
    fn from(error: ReadError) -> Self {
        RosterRefusal::Malformed { what: error.to_string() }
    }
}

impl Founding {
    /// Prepares a community: throws its first keys.
    ///
    /// # Errors
    /// [`RosterRefusal::Malformed`] when kit and founder are one device, a key is unusable, or the name is too long.
    pub fn new(found: Found, dice: &mut dyn CryptoRng) -> Result<Self, RosterRefusal> {
        let key = |dice: &mut dyn CryptoRng, of| EpochKey::generate(dice, CommunityId::ZERO, of);
        let (community, care) = (key(dice, Compartment::Community), key(dice, Compartment::Care));
        let label = found.name.map(|name| Sealed::seal(dice, &community, found.founder.device, &name));
        let founded = Founded { founder: found.founder, kit: found.kit, care: found.care, label };
        RosterEvent::Founded(founded.clone()).check()?;
        Ok(Self { founded, community, care })
    }

    /// The founding event: written first, at seq 0, under a header without a community.
    pub fn event(&self) -> RosterEvent {
        RosterEvent::Founded(self.founded.clone())
    }

    /// What follows in the same transaction, once the founding event's id is known: the `care` grant and both
    /// compartments' first keys, for founder and kit.
    pub fn rest(self, community: CommunityId, dice: &mut dyn CryptoRng) -> Vec<RosterEvent> {
        let recipients: Vec<DeviceRecord> = [self.founded.founder].into_iter().chain(self.founded.kit).collect();
        let care =
            |record: &DeviceRecord| Granted { device: record.device, grant: Grant::Care, after: Vec::new(), act: None };
        let mut events: Vec<RosterEvent> = recipients.iter().map(care).map(RosterEvent::Granted).collect();
        for key in [self.community.of(community), self.care.of(community)] {
            let epoch = NewEpoch { generation: 0, key: &key };
            events.extend(epoch.seal(dice, &recipients, &[]));
        }
        events
    }
}

/// Decides a command of the device `by`, who holds `keys`.
///
/// # Errors
/// Why not.
pub fn decide(
    roster: &Roster,
    keys: &Keyring,
    by: DeviceId,
    command: RosterCommand,
    dice: &mut dyn CryptoRng,
) -> Result<Vec<RosterEvent>, RosterRefusal> {
    let asker = Asker { roster, keys, by };
    if !roster.may_connect(by) {
        return Err(RosterRefusal::NotAdmitted { device: by });
    }
    let events = match command {
        RosterCommand::Admit { record, role, member, name } => asker.admit(record, role, member, name, dice),
        RosterCommand::AdmitRelay { record, addresses, name } => asker.admit_relay(record, addresses, name, dice),
        RosterCommand::MoveRelay { device, addresses } => asker.move_relay(device, addresses),
        RosterCommand::Grant { device, grant } => asker.grant(device, grant, dice),
        RosterCommand::GiveRoom { device, rooms } => asker.give_room(device, rooms),
        RosterCommand::RemoveGrant { device, grant, heads, incarnations } => {
            asker.remove_grant(GrantRemoved { device, grant, heads, incarnations, act: None })
        }
        RosterCommand::WrapLacking => Ok(asker.wrap_lacking(dice)),
        RosterCommand::Rotate { compartment } => asker.rotate(compartment, dice),
    }?;
    for event in &events {
        asker.check(event)?;
    }
    Ok(events)
}

/// Who asks, what it knows and which keys it holds.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) roster: &'a Roster,
    pub(super) keys: &'a Keyring,
    pub(super) by: DeviceId,
}

impl Asker<'_> {
    /// What the table and the limits say of one event.
    pub(super) fn check(&self, event: &RosterEvent) -> Result<(), RosterRefusal> {
        event.check()?;
        if self.roster.may_write(self.by, event) {
            return Ok(());
        }
        let spec = RosterSpec::of(event.kind());
        Err(RosterRefusal::NotAllowed {
            event: spec.map_or("unknown", |spec| spec.code),
            needs: spec.map(|spec| spec.need.names().collect()).unwrap_or_default(),
        })
    }

    fn admit(
        &self,
        record: DeviceRecord,
        role: Role,
        member: Option<MemberId>,
        name: Option<String>,
        dice: &mut dyn CryptoRng,
    ) -> Result<Vec<RosterEvent>, RosterRefusal> {
        self.check_new(&record)?;
        if role == Role::Relay {
            return Err(RosterRefusal::Role { role });
        }
        if let Some(member) = member
            && !self.roster.devices().any(|device| device.member == Some(member))
        {
            return Err(RosterRefusal::UnknownMember { member });
        }
        let member = Some(member.unwrap_or(MemberId::first_device(record.device)));
        let label = self.label(record.device, name, dice)?;
        let admitted = RosterEvent::Admitted(Admitted { record, role, member, label, addresses: Vec::new() });
        self.check(&admitted)?;
        let mut events = vec![admitted];
        events.extend(self.wraps(Compartment::Community, |_| vec![record], dice));
        Ok(events)
    }

    fn admit_relay(
        &self,
        record: DeviceRecord,
        addresses: Vec<String>,
        name: Option<String>,
        dice: &mut dyn CryptoRng,
    ) -> Result<Vec<RosterEvent>, RosterRefusal> {
        self.check_new(&record)?;
        let label = self.label(record.device, name, dice)?;
        Ok(vec![RosterEvent::Admitted(Admitted { record, role: Role::Relay, member: None, label, addresses })])
    }

    fn move_relay(&self, id: DeviceId, addresses: Vec<String>) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let device = self.roster.device(id).ok_or(RosterRefusal::UnknownDevice { device: id })?;
        if device.withdrawn {
            return Err(RosterRefusal::Withdrawn { device: id });
        }
        if device.role != Role::Relay {
            return Err(RosterRefusal::Role { role: device.role });
        }
        let replaces = self.roster.moves_of(id).collect();
        Ok(RelayMoved { device: id, addresses, replaces }.in_events())
    }

    fn grant(&self, id: DeviceId, grant: Grant, dice: &mut dyn CryptoRng) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let device = self.roster.device(id).ok_or(RosterRefusal::UnknownDevice { device: id })?;
        if device.withdrawn {
            return Err(RosterRefusal::Withdrawn { device: id });
        }
        if device.role == Role::Relay || device.kit {
            return Err(RosterRefusal::Role { role: device.role });
        }
        let rights = grant.rights();
        // Whoever gives `care` behind what cannot be read here says so: then keys are given again.
        let care = rights.contains(&Right::Care);
        if rights.iter().all(|right| self.has(id, right)) && !(care && self.roster.is_limited(id)) {
            return Err(RosterRefusal::AlreadyGranted);
        }
        let given = rights.into_iter().map(|right| {
            let limits = self.roster.limits_of(id).filter(|_| right == Right::Care);
            let after: BTreeSet<Reference> = self.roster.removals_of(id, &right).chain(limits).collect();
            (right, after.into_iter().collect())
        });
        let mut events = Granted::of(id, given);
        for granted in &events {
            self.check(granted)?;
        }
        if care {
            let lacks = |epoch: &Epoch| !epoch.recipients.contains(&id);
            events.extend(self.wraps(
                Compartment::Care,
                |epoch| if lacks(epoch) { vec![device.record] } else { Vec::new() },
                dice,
            ));
        }
        Ok(events)
    }

    fn give_room(&self, id: DeviceId, rooms: u64) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let device = self.roster.device(id).ok_or(RosterRefusal::UnknownDevice { device: id })?;
        let own = self.roster.device(self.by).ok_or(RosterRefusal::NotAdmitted { device: self.by })?;
        if device.withdrawn {
            return Err(RosterRefusal::Withdrawn { device: id });
        }
        let given = RosterEvent::RoomGiven(RoomGiven { device: id, rooms });
        self.check(&given)?;
        if device.rank < own.rank {
            return Err(RosterRefusal::Rank { device: id });
        }
        if self.roster.rooms_of(id) >= limits::ROOMS {
            return Err(RosterRefusal::RoomEnough { device: id });
        }
        Ok(vec![given])
    }

    pub(super) fn remove_grant(&self, removed: GrantRemoved) -> Result<Vec<RosterEvent>, RosterRefusal> {
        let rank =
            |id| self.roster.device(id).map(|device| device.rank).ok_or(RosterRefusal::UnknownDevice { device: id });
        let id = removed.device;
        if rank(id)? < rank(self.by)? {
            return Err(RosterRefusal::Rank { device: id });
        }
        if !removed.grant.rights().iter().any(|right| self.has(id, right)) {
            return Err(RosterRefusal::NotGranted);
        }
        Ok(removed.in_events())
    }

    fn wrap_lacking(&self, dice: &mut dyn CryptoRng) -> Vec<RosterEvent> {
        let mut events = self.wrap_for_all(Compartment::Community, dice);
        events.extend(self.wrap_for_all(Compartment::Care, dice));
        events
    }

    /// The current keys of a compartment for every entitled device that was not given them.
    pub(super) fn wrap_for_all(&self, compartment: Compartment, dice: &mut dyn CryptoRng) -> Vec<RosterEvent> {
        let lacking = |epoch: &Epoch| self.roster.lacking(epoch).into_iter().map(|it| it.record).collect();
        self.wraps(compartment, lacking, dice)
    }

    /// The new key seals those it replaces, so that it opens all history: fallen ones too, and those that are held and
    /// nothing in the roster gives any more, for what honest devices wrote under them. Without a key to replace it would open
    /// none. Whoever makes a key knows it, so who should not hold it leaves that to others.
    pub(super) fn rotate(
        &self,
        compartment: Compartment,
        dice: &mut dyn CryptoRng,
    ) -> Result<Vec<RosterEvent>, RosterRefusal> {
        if !self.roster.entitled(compartment).any(|device| device.record.device == self.by) {
            return Err(RosterRefusal::NoKey);
        }
        let current = self.newest(compartment, |epoch| epoch.counts);
        let generation = current.iter().map(|(epoch, _)| epoch.generation).max().ok_or(RosterRefusal::NoKey)?;
        let all = current.into_iter().chain(self.newest(compartment, |_| true));
        let mut parents: BTreeMap<EpochId, &EpochKey> = all.map(|(epoch, key)| (epoch.id, key)).collect();
        let opened = self.keys.opened_by(parents.keys().copied());
        let gone = |key: &&EpochKey| self.roster.epoch(compartment, key.id()).is_none() && !opened.contains(&key.id());
        parents.extend(self.keys.of(compartment).filter(gone).map(|key| (key.id(), key)));
        let parents: Vec<&EpochKey> = parents.into_values().collect();
        let recipients: Vec<DeviceRecord> = self.roster.entitled(compartment).map(|device| device.record).collect();
        let key = &EpochKey::generate(dice, self.roster.community(), compartment);
        let new = NewEpoch { generation: generation.saturating_add(1), key };
        Ok(new.seal(dice, &recipients, &parents))
    }

    fn has(&self, device: DeviceId, right: &Right) -> bool {
        self.roster.holds(device, right)
    }

    fn check_new(&self, record: &DeviceRecord) -> Result<(), RosterRefusal> {
        let device = record.device;
        record.check().map_err(|_| RosterRefusal::Recipient { device })?;
        if self.roster.is_revoked(device) || self.roster.device(device).is_some_and(|device| device.withdrawn) {
            return Err(RosterRefusal::Withdrawn { device });
        }
        if self.roster.device(device).is_some() {
            return Err(RosterRefusal::AlreadyAdmitted { device });
        }
        Ok(())
    }

    fn label(
        &self,
        device: DeviceId,
        name: Option<String>,
        dice: &mut dyn CryptoRng,
    ) -> Result<Option<Sealed>, RosterRefusal> {
        let Some(name) = name else { return Ok(None) };
        let epoch = self.roster.writing_epoch(Compartment::Community, self.keys).ok_or(RosterRefusal::NoKey)?;
        let key = self.keys.key(epoch).ok_or(RosterRefusal::NoKey)?;
        Ok(Some(Sealed::seal(dice, key, device, &name)))
    }

    /// Wraps the current keys of a compartment for those whom `recipients` names for each.
    fn wraps(
        &self,
        compartment: Compartment,
        recipients: impl Fn(&Epoch) -> Vec<DeviceRecord>,
        dice: &mut dyn CryptoRng,
    ) -> Vec<RosterEvent> {
        let mut events = Vec::new();
        let newest = self.newest(compartment, |epoch| epoch.counts);
        if newest.len() > limits::KEYS_APART {
            return self.bring_together(compartment, newest, recipients, dice);
        }
        for (epoch, key) in newest {
            let current = NewEpoch { generation: epoch.generation, key };
            events.extend(current.seal(dice, &recipients(epoch), &[]));
        }
        events
    }

    /// So many keys beside each other only a liar makes, who would have all of them given to everybody. One new key seals
    /// them instead.
    fn bring_together(
        &self,
        compartment: Compartment,
        newest: Vec<(&Epoch, &EpochKey)>,
        recipients: impl Fn(&Epoch) -> Vec<DeviceRecord>,
        dice: &mut dyn CryptoRng,
    ) -> Vec<RosterEvent> {
        let entitled = self.roster.entitled(compartment).map(|device| device.record);
        let all = newest.iter().flat_map(|(epoch, _)| recipients(epoch)).chain(entitled);
        let all: BTreeMap<DeviceId, DeviceRecord> = all.map(|record| (record.device, record)).collect();
        let generation = newest.iter().map(|(epoch, _)| epoch.generation).max().unwrap_or(0);
        let parents: Vec<&EpochKey> = newest.into_iter().map(|(_, key)| key).collect();
        let key = &EpochKey::generate(dice, self.roster.community(), compartment);
        let new = NewEpoch { generation: generation.saturating_add(1), key };
        new.seal(dice, &all.into_values().collect::<Vec<_>>(), &parents)
    }

    /// Of the held keys of a compartment that pass, those that no other of them opens. What an epoch only claims to
    /// open does not matter: a newcomer given that one alone would lack the history.
    fn newest(&self, compartment: Compartment, passes: impl Fn(&Epoch) -> bool) -> Vec<(&Epoch, &EpochKey)> {
        let epochs = self.roster.epochs(compartment).filter(|epoch| passes(epoch));
        let mut held: Vec<_> = epochs.filter_map(|epoch| Some((epoch, self.keys.key_of(epoch)?))).collect();
        let opens: BTreeMap<EpochId, Vec<EpochId>> = held
            .iter()
            .map(|(epoch, key)| {
                let opened = epoch.open_parents(key).filter_map(|(parent, key)| key.map(|_| parent));
                (epoch.id, opened.collect())
            })
            .collect();
        // Keys that open each other in a ring, which only a liar makes, must not all be passed over: the newest is not.
        held.sort_by_key(|(epoch, _)| Reverse((epoch.generation, epoch.id)));
        let mut opened: BTreeSet<EpochId> = BTreeSet::new();
        held.retain(|(epoch, _)| {
            let is_new = !opened.contains(&epoch.id);
            let mut open = vec![epoch.id];
            while let Some(id) = open.pop() {
                let parents = opens.get(&id).into_iter().flatten();
                open.extend(parents.filter(|parent| opened.insert(**parent)));
            }
            is_new
        });
        held
    }
}

/// A key and what its events say beside it. Whose it is, the key itself says: no roster can make it another's (T5).
struct NewEpoch<'a> {
    generation: u64,
    key: &'a EpochKey,
}

impl NewEpoch<'_> {
    /// The events that give the key to these devices and carry the keys it replaces: as many as it takes. A record with
    /// an unusable key is malformed and so in no roster; were one there, its device alone would go without.
    fn seal(&self, dice: &mut dyn CryptoRng, recipients: &[DeviceRecord], parents: &[&EpochKey]) -> Vec<RosterEvent> {
        let (compartment, generation, epoch) = (self.key.compartment(), self.generation, self.key.id());
        let purpose = purpose(self.key.community(), compartment, epoch);
        let (mut recipients, mut parents) = (recipients.chunks(limits::WRAPS), parents.chunks(limits::PARENTS));
        let mut events = Vec::new();
        loop {
            let (some, replaced) = (recipients.next(), parents.next());
            if some.is_none() && replaced.is_none() {
                return events;
            }
            let parents: Vec<SealedParent> =
                replaced.unwrap_or_default().iter().map(|parent| seal_parent(self.key, parent)).collect();
            let some = some.unwrap_or_default().iter();
            let wraps = some
                .filter_map(|it| wrap(dice, it.device, &it.sealing, &purpose, self.key.as_secret()).ok())
                .collect::<Vec<Wrap>>();
            if parents.is_empty() && wraps.is_empty() {
                continue;
            }
            events.push(RosterEvent::KeysSealed(KeysSealed { compartment, generation, epoch, parents, wraps }));
        }
    }
}
