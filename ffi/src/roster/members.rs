//! Members: who belongs, admitting others, and giving rights.

use std::collections::HashMap;

use linli_core::{
    id::{CommandId, DeviceId, MemberId},
    replica::{MemberLine, Replica},
    roster::{Grant, Role},
};

use super::community::read_record;
use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Every device, by rank; withdrawn ones too.
    pub async fn members(&self) -> Result<Vec<MemberLine>, LinliError> {
        self.look(Replica::members).await
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
        self.call(move |replica| replica.grant(id, device, grant)).await
    }

    /// Gives a device room for more: as much again as each has, `rooms` times, from 1 to 16, in every aggregate, in the roster
    /// and among erasures. What was left out of what it wrote counts then. For coordinators, to whom they could withdraw
    /// and to themselves.
    pub async fn give_room(&self, id: CommandId, device: DeviceId, rooms: u32) -> Result<(), LinliError> {
        self.call(move |replica| replica.give_room(id, device, rooms.into())).await
    }

    /// Takes rights: what the device did until now, as far as it is held here, stays entitled. With `Care` goes its key.
    pub async fn remove_grant(&self, id: CommandId, device: DeviceId, grant: Grant) -> Result<(), LinliError> {
        self.call(move |replica| replica.remove_grant(id, device, grant)).await
    }
}
