//! Beacons: how phones of one community know each other in a discovery of the app's own.

use linli_core::{id::DeviceId, key::Beacon, replica::Replica};

use crate::{LinliError, Phone, ids::read};

/// Where a device was last reached.
#[derive(Clone, Debug, uniffi::Record)]
pub struct LastAddress {
    /// The device that was reached.
    pub device: DeviceId,
    /// Such as `192.168.1.7:4711`.
    pub address: String,
}

#[uniffi::export]
impl Phone {
    /// What this phone shows of itself over Bluetooth or Wi-Fi Direct: 32 digits, never the same twice, nothing to
    /// strangers. Ask for a new one every hour. None before founding or joining.
    pub async fn beacon(&self) -> Result<Option<String>, LinliError> {
        self.look(|replica| replica.beacon().map(|beacon| beacon.to_string())).await
    }

    /// Whether a beacon that the app has found is of this community. If so dial whoever showed it, as `Member`.
    pub async fn recognises(&self, beacon: String) -> Result<bool, LinliError> {
        let beacon: Beacon = read("beacon", &beacon)?;
        self.look(move |replica| replica.recognises(&beacon)).await
    }

    /// Where devices of the community were last reached.
    pub async fn last_addresses(&self) -> Result<Vec<LastAddress>, LinliError> {
        let known = self.call(Replica::last_addresses).await?;
        let line =
            |(device, address): (DeviceId, std::net::SocketAddr)| LastAddress { device, address: address.to_string() };
        Ok(known.into_iter().map(line).collect())
    }
}
