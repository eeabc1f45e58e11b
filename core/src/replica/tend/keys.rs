//! Tending the keys: what a coordinator's replica does by itself, so that everybody entitled can read and nobody else
//! does.
//!
//! Keys are replaced when somebody withdrawn can open them, and every 90 days. They are given to whoever lacks them.
//! Any coordinator may do it; they take turns by rank, so that five of them rarely do the same. Where they do, in parts
//! of the town that do not hear each other, all keys are good, and the newest is written under.
//!
//! Neither wall clock nor running time is trusted alone (R9). The greater of the two tells how long something has been
//! so. And a key is not old before it was held for some running time too, so a clock that jumps to and fro does not
//! replace it at every jump.

use std::sync::atomic::Ordering;

use super::Tended;
use crate::{
    event::{Compartment, EventError},
    id::{CommandId, EpochId},
    limits,
    replica::{Engine, MembersError, Replica, Update, community::Community},
    roster::{Device, RosterCommand},
    store::StoreError,
    time::WallMs,
};

/// What is to be done about a compartment's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    /// Somebody withdrawn can open it, or it is old.
    Rotate,
    /// Somebody entitled lacks it.
    Wrap,
}

/// When something began to be so, by both clocks.
struct Since {
    wall: WallMs,
    running: u64,
}

/// For how long something has been so, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lasted {
    /// By the clock that says more.
    most: u64,
    /// While this replica ran.
    running: u64,
}

impl Replica {
    /// Does what falls to this device as a coordinator's: replaces keys that somebody withdrawn can open or that are 90
    /// days old, gives them to who lacks them. On other devices, and when it is another's turn, does nothing; it is
    /// cheap where nothing is to do. Where there is no room for it, its person is [reminded](Replica::reminders).
    pub(super) fn tend_keys(&self, tended: &mut Tended) -> Result<(), MembersError> {
        let Some(community) = self.snapshot() else { return Ok(()) };
        let Some(turn) = turn_at_keys(&community) else { return Ok(()) };
        // Who was withdrawn by what cannot be read here would be given keys again (T6). Whoever can read it tends.
        if community.roster.is_behind() {
            return Ok(());
        }
        let mut refused = false;
        for compartment in [Compartment::Community, Compartment::Care] {
            let Some(task) = self.task(&community, compartment, turn)? else { continue };
            let command = match task {
                Task::Rotate => RosterCommand::Rotate { compartment },
                Task::Wrap => RosterCommand::WrapLacking,
            };
            match (self.carry_out(command), task) {
                (Ok(()), Task::Rotate) => tended.rotated.push(name(compartment)),
                (Ok(()), Task::Wrap) => tended.wrapped = true,
                // Others do it at their turn; what is due in another compartment may be less.
                (Err(MembersError::Limit(EventError::Crowded)), _) => refused = true,
                (Err(error), _) => return Err(error),
            }
        }
        if self.inner.keys_refused.swap(refused, Ordering::Relaxed) != refused {
            self.announce(Vec::new(), vec![Update::Roster]);
        }
        Ok(())
    }

    /// Whether this device has no room left in the roster to replace a key, or had too little when there was something to do.
    pub(in crate::replica) fn lacks_room_for_keys(&self) -> bool {
        let refused = self.inner.keys_refused.load(Ordering::Relaxed);
        refused || !self.roster().has_room_for_keys(self.device())
    }

    /// How many coordinators on duty come before this one; none if it is none itself.
    pub(in crate::replica) fn turn(&self) -> Option<u64> {
        let community = self.snapshot()?;
        let own = community.roster.device(community.me).filter(|device| device.is_on_duty())?;
        let before = community.roster.devices().filter(|device| device.is_on_duty() && device.rank < own.rank);
        u64::try_from(before.count()).ok()
    }

    fn carry_out(&self, command: RosterCommand) -> Result<(), MembersError> {
        let id = self.with_engine(Engine::throw_command);
        self.change_roster(id, command)
    }

    /// What this device is to do now about a compartment of which it holds a key.
    fn task(&self, community: &Community, compartment: Compartment, turn: u64) -> Result<Option<Task>, StoreError> {
        let roster = &community.roster;
        let epoch = roster.writing_epoch(compartment, &community.keyring);
        let epoch = epoch.and_then(|epoch| roster.epoch(compartment, epoch));
        let Some(epoch) = epoch else { return Ok(None) };
        let waited = turn.saturating_mul(limits::TURN_MS);
        // Whoever makes a key knows it. Who kept one without the right gives it to whoever lacks it, and replaces none.
        let replaces = roster.entitled(compartment).any(|device| device.record.device == community.me);
        if replaces && roster.is_to_be_replaced(epoch) {
            let key = format!("tend:{}:open", name(compartment));
            return Ok((self.lasted(&key, epoch.id)?.most >= waited).then_some(Task::Rotate));
        }
        let key = format!("tend:{}:held", name(compartment));
        let held = self.lasted(&key, epoch.id)?;
        let is_old = held.most >= limits::ROTATE_MS.saturating_add(waited) && held.running >= limits::ROTATE_RUNNING_MS;
        if replaces && is_old {
            return Ok(Some(Task::Rotate));
        }
        if roster.lacking(epoch).is_empty() {
            return Ok(None);
        }
        let key = format!("tend:{}:lacking", name(compartment));
        Ok((self.lasted(&key, epoch.id)?.most >= waited).then_some(Task::Wrap))
    }

    /// For how long something has been so of an epoch, as far as this replica saw; noted when it is new.
    fn lasted(&self, key: &str, epoch: EpochId) -> Result<Lasted, StoreError> {
        let now = Since { wall: self.inner.clock.wall(), running: self.running() };
        let noted = self.read(|reader| reader.meta(key))?.and_then(|bytes| Since::of(epoch, &bytes));
        if let Some(since) = noted {
            let running = now.running.saturating_sub(since.running);
            return Ok(Lasted { most: since.wall.age(now.wall, running), running });
        }
        self.with_engine_idly(|engine| {
            let mut write = engine.store.write()?;
            write.set_meta(key, &now.to_bytes(epoch))?;
            self.inner.running.commit(write, now.running)
        })?;
        Ok(Lasted::default())
    }
}

impl Since {
    fn to_bytes(&self, epoch: EpochId) -> Vec<u8> {
        [epoch.as_bytes().as_slice(), &self.wall.0.to_be_bytes(), &self.running.to_be_bytes()].concat()
    }

    /// What was noted, if it was of this epoch.
    fn of(epoch: EpochId, bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(epoch.as_bytes().as_slice())?;
        let (wall, running) = rest.split_first_chunk()?;
        let running = running.try_into().ok().map(u64::from_be_bytes)?;
        Some(Self { wall: WallMs(i64::from_be_bytes(*wall)), running })
    }
}

/// How many coordinators on duty come before this one at the keys; none if it is none itself. Who has no room left for a key
/// comes behind all who have.
fn turn_at_keys(community: &Community) -> Option<u64> {
    let roster = &community.roster;
    let place = |device: &Device| (!roster.has_room_for_keys(device.record.device), device.rank);
    let own = place(roster.device(community.me).filter(|device| device.is_on_duty())?);
    let before = roster.devices().filter(|device| device.is_on_duty() && place(device) < own);
    u64::try_from(before.count()).ok()
}

fn name(compartment: Compartment) -> &'static str {
    match compartment {
        Compartment::Community => "community",
        Compartment::Care => "care",
    }
}

impl Engine {
    fn throw_command(&mut self) -> CommandId {
        let mut bytes = [0; CommandId::LEN];
        rand::Rng::fill_bytes(&mut self.dice, &mut bytes);
        CommandId::from_bytes(bytes)
    }
}
