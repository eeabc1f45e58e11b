//! The recovery kit at work: from 24 words to a coordinator's phone.
//!
//! For as long as that takes, the kit is a replica of its own beside this one. Its directory goes when it is done, and
//! its secrets stay in memory. So each use is a new incarnation, hears first what happened, and leaves no keys behind.
//!
//! It signs the admission of this device and the keys that go with it. If the founder's phone was stolen, it signs the
//! withdrawal of that phone too. Only then do devices that it admits in the same use stand above the founder.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{
    collections::BTreeSet,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use rand::Rng as _;

use super::{
    Link, LinkError, LittleRoom, MembersError, OpenError, Options, QueryError, Replica, RoomIn, Welcome, home::KEYS,
};
use crate::{
    id::{CommandId, DeviceId, MemberId},
    key::{KitWords, MemorySecrets, SecretStore},
    limits,
    net::Conversation,
    roster::{Cut, Grant, Revocation, Role, Roster, RosterCommand, RosterRefusal, Who, Withdrawal},
    store::{Store, StoreError},
};

/// Where a kit's replica lives, inside this one's home; a number follows, for there may be several at once.
const DIR: &str = "kit-";
/// One who looks for such a place at a time.
static LOOKING: Mutex<()> = Mutex::new(());
/// Bytes carried at once between the kit and this device.
const PIECE: usize = 64 * 1024;

/// Something that a person should be reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Reminder {
    /// There is no second person who is a coordinator: if this one's phone is lost, only the kit helps. To be settled
    /// before real data goes in.
    SecondCoordinator,
    /// This phone, a coordinator's, has no room left in the roster to replace keys and to give them to newcomers; other
    /// coordinators' phones go on with it. Any of these people gives it more, its own too
    /// ([`give_room`](Replica::give_room)).
    RoomForKeys,
    /// This phone has used three quarters of its room in a thing, in the roster or among erasures:
    /// [`little_room`](Replica::little_room) says where. A coordinator gives it more before anything is refused.
    RoomHere,
    /// So has a phone to which this one, a coordinator's, may give more.
    RoomOf,
}

impl Reminder {
    /// A stable code: apps translate it.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// Why a kit did not restore anything.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// Nobody was met yet who could say what happened: a coordinator's key must not speak before it has heard.
    #[error("nobody of the community was met yet")]
    NotHeard,
    /// The words are not those of this community's kit.
    #[error("this kit is not this community's")]
    OtherKit,
    /// The roster was not changed, or this device belongs somewhere already.
    #[error(transparent)]
    Members(#[from] MembersError),
    /// The kit's replica does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The kit and this device could not talk.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The directory could not be made or removed.
    #[error("the kit's directory: {0}")]
    Io(io::ErrorKind),
}

impl From<io::Error> for KitError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// A restoration under way. Dropping it forgets the kit.
pub struct Recovery {
    /// The device to be admitted.
    device: Replica,
    /// The kit's; closed before its directory goes, as fields are dropped in order.
    kit: Replica,
    welcome: Welcome,
    /// Which use of the kit this is: what an earlier one did on this device is no step of it.
    this_use: [u8; 16],
    _dir: Passing,
}

/// A directory that goes with this.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // What stays is a store without keys; the next recovery removes it.
        let _stays = std::fs::remove_dir_all(&self.0);
    }
}

/// A place that no recovery uses. What a killed one left, or one that could not remove it, goes.
fn free_in(home: &Path) -> Result<PathBuf, KitError> {
    let mut number = 1_u64;
    for entry in std::fs::read_dir(home)? {
        let entry = entry?;
        let Some(of_it) = entry.file_name().to_str().and_then(|name| name.strip_prefix(DIR)?.parse::<u64>().ok())
        else {
            continue;
        };
        match Store::hold(&entry.path()) {
            Err(StoreError::InUse) => number = number.max(of_it.saturating_add(1)),
            Err(StoreError::Io(io::ErrorKind::NotFound)) => {}
            Err(error) => return Err(OpenError::from(error).into()),
            Ok(_held) => std::fs::remove_dir_all(entry.path())?,
        }
    }
    Ok(home.join(format!("{DIR}{number}")))
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recovery({:?})", self.device.device())
    }
}

impl Replica {
    /// Begins to restore a community on this device, which belongs to it or to none yet, from the words of its kit. `welcome`
    /// names the community: any member's phone gives it. What follows: let [`kit`](Recovery::kit) meet a peer or
    /// import a bundle, then [`finish`](Recovery::finish).
    ///
    /// # Errors
    /// Why not; nothing is kept then.
    pub fn recover_with_kit(&self, words: &KitWords, welcome: &Welcome) -> Result<Recovery, KitError> {
        if self.community().is_some_and(|community| community != welcome.community) {
            return Err(MembersError::AlreadyAMember.into());
        }
        let secrets = MemorySecrets::default();
        secrets.put(KEYS, &words.keys().to_secret()).map_err(MembersError::from)?;
        let (dir, kit) = {
            let _alone = LOOKING.lock();
            let dir = Passing(free_in(&self.inner.home)?);
            let mut options = Options::new(&dir.0, Arc::new(secrets));
            options.clock = self.inner.clock.clone();
            let kit = Replica::open(options)?;
            (dir, kit)
        };
        kit.join(welcome)?;
        let mut this_use = [0; 16];
        kit.with_engine(|engine| engine.dice.fill_bytes(&mut this_use));
        Ok(Recovery { device: self.clone(), kit, welcome: welcome.clone(), this_use, _dir: dir })
    }

    /// What this phone's person should be reminded of: of those who may act on it, in no community of nobody.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reminders(&self) -> Result<Vec<Reminder>, QueryError> {
        if self.community().is_none() {
            return Ok(Vec::new());
        }
        Ok(self.reminders_of(&self.little_room()?))
    }

    /// The same for whoever has asked for [`little_room`](Replica::little_room) already.
    pub fn reminders_of(&self, little: &[LittleRoom]) -> Vec<Reminder> {
        let (roster, device) = (self.roster(), self.device());
        let standing = || roster.devices().filter(|one| one.is_on_duty());
        let people: BTreeSet<MemberId> = standing().filter_map(|one| one.member).collect();
        let may_act = standing().any(|one| one.record.device == device);
        let second = (may_act && people.len() < 2).then_some(Reminder::SecondCoordinator);
        let keys = (may_act && self.lacks_room_for_keys()).then_some(Reminder::RoomForKeys);
        let (own, others): (Vec<_>, Vec<_>) = little.iter().partition(|one| one.device == device);
        // Who lacks room for keys is told of the same room already.
        let here = own.iter().any(|one| keys.is_none() || one.within != RoomIn::Roster).then_some(Reminder::RoomHere);
        let of = (!others.is_empty()).then_some(Reminder::RoomOf);
        [second, keys, here, of].into_iter().flatten().collect()
    }
}

impl Recovery {
    /// The kit's replica, to be synced with whoever is there or given bundles. Keep no clone of it.
    pub fn kit(&self) -> &Replica {
        &self.kit
    }

    /// The founder's device, if it is on duty: it stands above whomever the kit admits, unless it is withdrawn in the
    /// same use. Also if it was revoked, but not by the kit: by whom, and how far back, is for a thief to choose. To be
    /// shown, and asked about, before [`finish`](Self::finish).
    ///
    /// # Errors
    /// As [`finish`](Self::finish), before there was a sync.
    pub fn founder_above(&self) -> Result<Option<DeviceId>, KitError> {
        let (roster, kit) = (self.known()?, self.kit.device());
        let stands = |founder: &DeviceId| {
            let revoked = roster.is_revoked(*founder);
            if revoked { !roster.is_revoked_by(*founder, kit) } else { roster.may_connect(*founder) }
        };
        Ok(roster.founder().filter(stands))
    }

    /// Withdraws the founder's phone, which was lost or stolen: at what the kit has heard, or at `heads`. What falls with it
    /// and is not left out is admitted again, and its keys are replaced. Whom the kit admits in this use, before or after,
    /// stands above the founder. A cut that the thief made, of itself or by whomever it let in, is replaced: it may reach
    /// back as far as the thief liked.
    ///
    /// # Errors
    /// As [`finish`](Self::finish); or why the roster refuses.
    pub fn withdraw_founder(&self, heads: Option<Vec<Cut>>) -> Result<(), KitError> {
        let roster = self.known()?;
        let founder = roster.founder().ok_or(KitError::NotHeard)?;
        let command = if roster.is_revoked(founder) && !roster.is_revoked_by(founder, self.kit.device()) {
            // Such a cut may leave no key standing, by which it is told that all was heard.
            let (except, restate) = (BTreeSet::new(), BTreeSet::new());
            Withdrawal::Recut { device: founder, heads, except, restate }
        } else {
            // What a thief heaped up may leave no room for the keys that the founder gave: then nothing tells that all was heard.
            if roster.room_left(founder) > 0 {
                self.heard()?;
            }
            Withdrawal::Revoke(Revocation { heads, ..Revocation::of(Who::Device(founder)) })
        };
        Ok(self.kit.withdraw(self.command("withdraw"), command)?)
    }

    /// Admits this device as a coordinator, with the right to `care`, and forgets the kit. It stands right below the
    /// founder, or above, if this use of the kit [withdrew](Self::withdraw_founder) the founder. `member` says whose it is,
    /// if they have another device here. A device that belongs already stays what it is.
    ///
    /// # Errors
    /// [`KitError::NotHeard`] before a sync has brought the roster, [`KitError::OtherKit`] if that does not know the
    /// kit's key. Else why not. It may be called again.
    pub fn finish(&self, member: Option<MemberId>, name: Option<String>) -> Result<(), KitError> {
        let (kit, device) = (&self.kit, &self.device);
        let roster = self.heard()?;
        let command = |name: &str| self.command(name);
        self.make_room(&roster)?;
        if roster.device(device.device()).is_none() {
            kit.admit(command("admit"), device.record(), Role::Coordinator, member, name)?;
        }
        device.join(&self.welcome)?;
        meet(kit, device)?;
        if roster.device(device.device()).is_some_and(|own| own.role != Role::Coordinator) {
            return Ok(());
        }
        // The right is a coordinator's to give; the key is the kit's.
        let id = device.device();
        match device.grant(command("care"), id, Grant::Care) {
            Ok(()) | Err(MembersError::Refused(RosterRefusal::AlreadyGranted)) => {}
            Err(error) => return Err(error.into()),
        }
        meet(kit, device)?;
        kit.change_roster(command("wrap"), RosterCommand::WrapLacking)?;
        Ok(meet(kit, device)?)
    }

    /// What a kit said in earlier uses must not keep it from this one.
    fn make_room(&self, roster: &Roster) -> Result<(), KitError> {
        let kit = self.kit.device();
        if roster.room_left(kit) > 2 * limits::ROSTER_RESERVE || roster.rooms_of(kit) >= limits::ROOMS {
            return Ok(());
        }
        Ok(self.kit.give_room(self.command("room"), kit, 1)?)
    }

    /// The roster as the kit has heard it.
    fn heard(&self) -> Result<Roster, KitError> {
        let roster = self.known()?;
        if self.kit.is_ready() { Ok(roster) } else { Err(KitError::NotHeard) }
    }

    /// The same, perhaps of a part of it.
    fn known(&self) -> Result<Roster, KitError> {
        let roster = self.kit.roster();
        roster.founder().ok_or(KitError::NotHeard)?;
        roster.device(self.kit.device()).filter(|one| one.kit).ok_or(KitError::OtherKit)?;
        Ok(roster)
    }

    /// The same each time for the same step of this use, so that it may be taken again.
    fn command(&self, step: &str) -> CommandId {
        let mut id = [0; CommandId::LEN];
        let mut hasher = blake3::Hasher::new_derive_key("linli 2026 kit command v1");
        hasher.update(step.as_bytes()).update(&self.this_use).finalize_xof().fill(&mut id);
        CommandId::from_bytes(id)
    }
}

/// Lets two replicas of one process exchange what they have.
fn meet(one: &Replica, other: &Replica) -> Result<(), LinkError> {
    let mut links: [Link; 2] = [one.link(other.device())?, other.link(one.device())?];
    let mut silent = 0;
    while silent < 2 {
        let [from, to] = &mut links;
        let said = from.send(PIECE)?;
        silent = if said.is_empty() { silent + 1 } else { 0 };
        to.receive(&said)?;
        links.reverse();
    }
    Ok(())
}
