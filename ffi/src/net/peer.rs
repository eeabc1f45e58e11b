//! Whom somebody who dials expects at the other end.

use linli_core::{id::DeviceId, net::Expected};

use crate::LinliError;

/// Whom a dialler expects.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Peer {
    /// Any device of the community.
    Member,
    /// This device, as long as the roster welcomes it.
    Device {
        /// The device that must answer.
        device: DeviceId,
    },
    /// This device, which the roster may not know yet: a newcomer's first connection.
    Unlisted {
        /// The device that must answer.
        device: DeviceId,
    },
    /// This device, to ask it to be admitted.
    Inviter {
        /// The inviting device, which must answer.
        device: DeviceId,
    },
}

impl From<Expected> for Peer {
    fn from(expected: Expected) -> Self {
        match expected {
            Expected::Member => Self::Member,
            Expected::Device(device) => Self::Device { device },
            Expected::Unlisted(device) => Self::Unlisted { device },
            Expected::Inviter(device) => Self::Inviter { device },
        }
    }
}

impl Peer {
    pub(crate) fn read(self) -> Result<Expected, LinliError> {
        Ok(match self {
            Self::Member => Expected::Member,
            Self::Device { device } => Expected::Device(device),
            Self::Unlisted { device } => Expected::Unlisted(device),
            Self::Inviter { device } => Expected::Inviter(device),
        })
    }
}
