//! Withdrawal: ending a device's voice or one's own membership. What would fall is shown first.

use std::{path::PathBuf, sync::Arc};

use linli_core::{
    id::{CommandId, DeviceId, MemberId, Reference},
    replica::Replica,
    roster::{self, Lost, Right, Withdrawal},
    time::WallMs,
};

use crate::{
    LinliError, Phone,
    life::apart,
    secrets::{AppSecrets, SecretStore},
};

/// Who is to go.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Who {
    /// One device of a person, or a relay.
    Device {
        /// The device that is to go.
        device: DeviceId,
    },
    /// A person, with all their devices.
    Member {
        /// The person who is to go.
        member: MemberId,
    },
}

/// How somebody is withdrawn.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Revocation {
    /// A device, or a person with all of theirs.
    pub who: Who,
    /// The last events that stand, for one device alone: of each log named so, what comes behind falls. Of other logs, and
    /// where none is given, all stands that is held here.
    #[uniffi(default = [])]
    pub up_to: Vec<Reference>,
    /// Of the devices whose admission falls, those that stay away. All others are admitted again, with their rights.
    #[uniffi(default = [])]
    pub except: Vec<DeviceId>,
    /// Of the withdrawals that fall, those that are made again.
    #[uniffi(default = [])]
    pub restate: Vec<Reference>,
    /// Whether to ask where one may not: a withdrawal of somebody above has no effect and is shown to all.
    #[uniffi(default = false)]
    pub request: bool,
    /// That the recovery kit is at hand: the last coordinator's own phone is withdrawn only then.
    #[uniffi(default = false)]
    pub kit_at_hand: bool,
}

impl Revocation {
    fn read(self, replica: &Replica) -> Result<roster::Revocation, LinliError> {
        let (who, heads) = match self.who {
            Who::Device { device } => (roster::Who::Device(device), cuts(replica, device, &self.up_to)?),
            Who::Member { member } if self.up_to.is_empty() => (roster::Who::Member(member), None),
            Who::Member { .. } => return Err(LinliError::input("up_to", "events that stand are named for one device")),
        };
        let (except, restate) = (self.except.into_iter().collect(), self.restate.into_iter().collect());
        let (request, kit_at_hand) = (self.request, self.kit_at_hand);
        Ok(roster::Revocation { who, heads, except, restate, request, kit_at_hand })
    }
}

/// What is held of a device's logs, but of those of the named events only up to them.
fn cuts(replica: &Replica, device: DeviceId, up_to: &[Reference]) -> Result<Option<Vec<roster::Cut>>, LinliError> {
    if up_to.is_empty() {
        return Ok(None);
    }
    let (cuts, unheld) = replica.cut_at(device, up_to)?;
    match unheld.first() {
        Some(event) => Err(LinliError::NotFound { kind: "event".to_owned(), name: event.to_string() }),
        None => Ok(Some(cuts)),
    }
}

/// What falls with a withdrawal, because it rests on what lies beyond the cut.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Fall {
    /// Devices that would be strangers again, by rank.
    pub admissions: Vec<Lost>,
    /// Withdrawals that would not count any more.
    pub withdrawals: Vec<WithdrawalLine>,
    /// Rights that would be gone.
    pub grants: Vec<LostRight>,
    /// Rooms that devices were given and would not have any more.
    pub rooms: Vec<LostRooms>,
}

/// A right that falls.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LostRight {
    /// The device that loses it.
    pub device: DeviceId,
    /// The right that falls.
    pub right: Right,
}

/// Rooms that fall.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LostRooms {
    /// The device that loses them.
    pub device: DeviceId,
    /// How many rooms fall.
    pub rooms: u64,
}

/// A withdrawal that was asked for or that fell.
#[derive(Clone, Debug, uniffi::Record)]
pub struct WithdrawalLine {
    /// The event that asks or withdraws.
    pub event: Reference,
    /// Whose it is.
    pub by: DeviceId,
    /// The device it is about.
    pub device: DeviceId,
    /// When, by the author's clock.
    pub at: WallMs,
}

impl From<&roster::Fallen> for WithdrawalLine {
    fn from(line: &roster::Fallen) -> Self {
        Self { event: line.event, by: line.by, device: line.device, at: line.wall }
    }
}

impl From<&roster::Request> for WithdrawalLine {
    fn from(line: &roster::Request) -> Self {
        Self { event: line.event, by: line.by, device: line.device, at: line.wall }
    }
}

impl From<roster::Fall> for Fall {
    fn from(fall: roster::Fall) -> Self {
        let right = |(device, right)| LostRight { device, right };
        Self {
            admissions: fall.admissions,
            withdrawals: fall.withdrawals.iter().map(Into::into).collect(),
            grants: fall.grants.into_iter().map(right).collect(),
            rooms: fall.rooms.into_iter().map(|(device, rooms)| LostRooms { device, rooms }).collect(),
        }
    }
}

#[uniffi::export]
impl Phone {
    /// What falls if somebody is withdrawn so. Nothing is written.
    pub async fn would_fall(&self, revocation: Revocation) -> Result<Fall, LinliError> {
        self.call(move |replica| {
            let revocation = revocation.read(replica)?;
            Ok::<_, LinliError>(replica.would_fall(&revocation)?.into())
        })
        .await
    }

    /// Withdraws devices. What falls with them and is not left out is admitted or given again, and every key that they could open
    /// is replaced; but for this phone itself, whose keys another coordinator's phone replaces.
    pub async fn revoke(&self, id: CommandId, revocation: Revocation) -> Result<(), LinliError> {
        self.call(move |replica| {
            let revocation = revocation.read(replica)?;
            Ok::<_, LinliError>(replica.revoke(id, revocation)?)
        })
        .await
    }

    /// Replaces what stands of a withdrawn device by more or less.
    pub async fn recut(
        &self,
        id: CommandId,
        device: DeviceId,
        up_to: Vec<Reference>,
        except: Vec<DeviceId>,
        restate: Vec<Reference>,
    ) -> Result<(), LinliError> {
        self.call(move |replica| {
            let heads = cuts(replica, device, &up_to)?;
            let (except, restate) = (except.into_iter().collect(), restate.into_iter().collect());
            Ok::<_, LinliError>(replica.withdraw(id, Withdrawal::Recut { device, heads, except, restate })?)
        })
        .await
    }

    /// Withdrawals that somebody asked for who may not make them.
    pub async fn withdrawal_requests(&self) -> Result<Vec<WithdrawalLine>, LinliError> {
        self.look(|replica| replica.roster().requests().map(Into::into).collect()).await
    }

    /// Withdrawals that do not count any more, because what they rested on fell.
    pub async fn fallen_withdrawals(&self) -> Result<Vec<WithdrawalLine>, LinliError> {
        self.look(|replica| replica.roster().fallen().map(Into::into).collect()).await
    }

    /// Events of this device that no other is known to have: lost with the phone. Ask before leaving.
    pub async fn unsent(&self) -> Result<u64, LinliError> {
        self.call(Replica::unsent).await
    }

    /// Says that this device goes, for good: a key that left never returns. See first that `unsent` is none, sync, then
    /// close the phone and `wipe_home`. Keys are replaced by the coordinators who stay; the last of them goes only where the
    /// recovery kit is said to be at hand.
    pub async fn leave(&self, id: CommandId, kit_at_hand: bool) -> Result<(), LinliError> {
        self.call(move |replica| replica.withdraw(id, Withdrawal::Leave { kit_at_hand })).await
    }
}

/// Deletes a home and all of this device's secrets: what was written here and is on no other phone is gone. The keys go
/// first, so that what is left after a break opens for nobody; the same again goes on where it ended. The phone must be
/// closed.
#[uniffi::export]
pub async fn wipe_home(home: String, secrets: Arc<dyn SecretStore>) -> Result<(), LinliError> {
    apart(move || Ok(Replica::wipe(&PathBuf::from(home), &AppSecrets(secrets))?)).await
}
