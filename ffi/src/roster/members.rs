//! Members: who belongs, admitting others, and giving rights.

use std::collections::HashMap;

use linli_core::{
    id::{CommandId, DeviceId, MemberId, Reference},
    replica::{self, Replica},
    roster,
};
use roster::Role;

use super::community::read_record;
use crate::{LinliError, Phone};

/// A right beyond the role.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Right {
    /// 楼长: leads a building.
    Leader {
        /// Which.
        building: String,
    },
    /// Keeps a medicine box.
    Keeper {
        /// Which.
        medicine_box: Reference,
    },
    /// Reads and writes the care register.
    Care,
}

impl From<roster::Right> for Right {
    fn from(right: roster::Right) -> Self {
        match right {
            roster::Right::Leader(building) => Self::Leader { building },
            roster::Right::Keeper(medicine_box) => Self::Keeper { medicine_box },
            roster::Right::Care => Self::Care,
        }
    }
}

/// Rights that are given and taken together.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Grant {
    /// 楼长 of these buildings.
    Leader {
        /// Which.
        buildings: Vec<String>,
    },
    /// Keeper of these medicine boxes.
    Keeper {
        /// Which.
        boxes: Vec<Reference>,
    },
    /// May read and write the care register.
    Care,
}

impl From<Grant> for roster::Grant {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::Leader { buildings } => Self::Leader { buildings },
            Grant::Keeper { boxes } => Self::Keeper { boxes },
            Grant::Care => Self::Care,
        }
    }
}

/// A device of the community.
#[derive(Clone, Debug, uniffi::Record)]
pub struct MemberLine {
    /// The device.
    pub device: DeviceId,
    /// Whose it is; none for a relay.
    pub member: Option<MemberId>,
    /// The name, where there is one and the key that seals it is held.
    /// Do not draw it as it is: `shown` is for that.
    pub name: Option<String>,
    /// The name for a screen: cleaned, with the beginning of the id where it does not tell this device's owner from
    /// everybody else. Without a name, the beginning of the id: `@7c660645`.
    pub shown: String,
    /// The beginning of its id, as short as tells it from all others, eight digits at least.
    pub handle: String,
    /// Its role, for good.
    pub role: Role,
    /// What it may do beyond its role.
    pub rights: Vec<Right>,
    /// Whether it is the recovery kit.
    pub kit: bool,
    /// Its place in the order of ranks; 0 is the highest.
    pub rank: u32,
    /// Who admitted it.
    pub admitted_by: Option<DeviceId>,
    /// Whether it was revoked or has left.
    pub withdrawn: bool,
    /// Whether it is this device.
    pub me: bool,
}

impl From<replica::MemberLine> for MemberLine {
    fn from(line: replica::MemberLine) -> Self {
        Self {
            device: line.device,
            member: line.member,
            name: line.name,
            shown: line.shown,
            handle: line.handle,
            role: line.role,
            rights: line.rights.into_iter().map(Into::into).collect(),
            kit: line.kit,
            rank: line.rank,
            admitted_by: line.admitted_by,
            withdrawn: line.withdrawn,
            me: line.me,
        }
    }
}

#[uniffi::export]
impl Phone {
    /// Every device, by rank; withdrawn ones too.
    pub async fn members(&self) -> Result<Vec<MemberLine>, LinliError> {
        self.look(|replica| replica.members().into_iter().map(Into::into).collect()).await
    }

    /// Members' names for a screen, where they have one and the key that seals it is held: cleaned, with the beginning of
    /// the id where two could be taken for each other. Of several devices the highest rank's.
    pub async fn names(&self) -> Result<HashMap<MemberId, String>, LinliError> {
        self.look(|replica| Replica::names(replica).into_iter().collect()).await
    }

    /// Admits a person's device by what it shows of itself (`record`). `member` says whose it is, if they have one here
    /// already. Hand over the `welcome` too. Where people meet, an invitation does both.
    pub async fn admit(
        &self,
        id: CommandId,
        record: String,
        role: Role,
        member: Option<MemberId>,
        name: Option<String>,
    ) -> Result<DeviceId, LinliError> {
        self.call(move |replica| {
            let record = read_record(&record)?;
            replica.admit(id, record, role, member, name)?;
            Ok::<_, LinliError>(record.device)
        })
        .await
    }

    /// Gives a device rights.
    pub async fn grant(&self, id: CommandId, device: DeviceId, grant: Grant) -> Result<(), LinliError> {
        self.call(move |replica| replica.grant(id, device, grant.into())).await
    }

    /// Gives a device room for more: as much again as each has, `rooms` times, from 1 to 16, in every aggregate, in the roster
    /// and among erasures. What was left out of what it wrote counts then. For coordinators, to whom they could withdraw
    /// and to themselves.
    pub async fn give_room(&self, id: CommandId, device: DeviceId, rooms: u32) -> Result<(), LinliError> {
        self.call(move |replica| replica.give_room(id, device, rooms.into())).await
    }

    /// Takes rights: what the device did until now, as far as it is held here, stays entitled. With `Care` goes its key.
    pub async fn remove_grant(&self, id: CommandId, device: DeviceId, grant: Grant) -> Result<(), LinliError> {
        self.call(move |replica| replica.remove_grant(id, device, grant.into())).await
    }
}
