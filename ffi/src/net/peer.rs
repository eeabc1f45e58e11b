//! Whom somebody who dials expects at the other end.

use linli_core::{id::DeviceId, net::Expected};

use crate::LinliError;

/// Whom a dialler expects.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Peer {
    /// Any device of the community.
    Member,
    /// This device, under the key that the roster knows.
    Device {
        /// Which.
        device: DeviceId,
    },
    /// This device under this key, which the roster may not know yet: a newcomer's first connection.
    Key {
        /// Which.
        device: DeviceId,
        /// Its TLS key, 32 bytes.
        tls: Vec<u8>,
    },
    /// This device under this key, to ask to be admitted.
    Inviter {
        /// Which.
        device: DeviceId,
        /// Its TLS key, 32 bytes.
        tls: Vec<u8>,
    },
}

impl From<Expected> for Peer {
    fn from(expected: Expected) -> Self {
        match expected {
            Expected::Member => Self::Member,
            Expected::Device(device) => Self::Device { device },
            Expected::Key { device, tls } => Self::Key { device, tls: tls.to_vec() },
            Expected::Inviter { device, tls } => Self::Inviter { device, tls: tls.to_vec() },
        }
    }
}

impl Peer {
    pub(crate) fn read(self) -> Result<Expected, LinliError> {
        let key = |tls: Vec<u8>| tls.try_into().map_err(|_| LinliError::input("tls", "a key has 32 bytes"));
        Ok(match self {
            Self::Member => Expected::Member,
            Self::Device { device } => Expected::Device(device),
            Self::Key { device, tls } => Expected::Key { device, tls: key(tls)? },
            Self::Inviter { device, tls } => Expected::Inviter { device, tls: key(tls)? },
        })
    }
}
