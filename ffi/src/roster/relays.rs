//! Relays: what a coordinator shows one, admitting and moving it.

use linli_core::{
    id::{CommandId, DeviceId},
    replica::Replica,
    roster::RelayCard,
};

use crate::{LinliError, Phone, ids::read};

/// A relay of the community.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RelayLine {
    /// The device that it is.
    pub device: DeviceId,
    /// Its name, where it has one and the key that seals it is held.
    pub name: Option<String>,
    /// Where it is reached, such as `relay.example:4433`.
    pub addresses: Vec<String>,
}

#[uniffi::export]
impl Phone {
    /// What a relay is told of this community, so that it keeps it: name it with `linli-relay allow`.
    pub async fn relay_pass(&self) -> Result<String, LinliError> {
        self.call(|replica| replica.relay_pass().map(|pass| pass.to_string())).await
    }

    /// Admits a relay by what `linli-relay card` prints.
    pub async fn admit_relay(&self, id: CommandId, card: String, name: Option<String>) -> Result<DeviceId, LinliError> {
        self.call(move |replica| {
            let card: RelayCard = read("card", &card)?;
            let device = card.record.device;
            replica.admit_relay(id, card, name)?;
            Ok::<_, LinliError>(device)
        })
        .await
    }

    /// Says where a relay is reached from now on; at least one address.
    pub async fn move_relay(&self, id: CommandId, device: DeviceId, addresses: Vec<String>) -> Result<(), LinliError> {
        self.call(move |replica| replica.move_relay(id, device, addresses)).await
    }

    /// The relays that belong. A running node dials them by itself.
    pub async fn relays(&self) -> Result<Vec<RelayLine>, LinliError> {
        self.look(relays).await
    }
}

fn relays(replica: &Replica) -> Vec<RelayLine> {
    let roster = replica.roster();
    let line = |relay: &linli_core::roster::Device| RelayLine {
        device: relay.record.device,
        name: replica.name_of(relay),
        addresses: relay.addresses.clone(),
    };
    roster.relays().into_iter().map(line).collect()
}
