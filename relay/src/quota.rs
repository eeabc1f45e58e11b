//! Quotas: how much a community, and each of its devices, may have on a relay.
//!
//! Only bodies count, since the start of the community. It refuses to know what they say.

use std::collections::BTreeMap;

use linli_core::{
    id::DeviceId,
    store::{StoreError, View},
};

/// How much may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of bodies of one community.
    pub community: u64,
    /// Bytes of bodies of one device.
    pub device: u64,
}

/// How much is kept.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    all: u64,
    devices: BTreeMap<DeviceId, u64>,
}

impl Usage {
    /// Counts what a store holds.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn of(view: &View) -> Result<Self, StoreError> {
        let devices = view.bytes_of_devices()?;
        Ok(Self { all: devices.values().fold(0, |all, bytes| all.saturating_add(*bytes)), devices })
    }

    /// Counts again.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn reload(&mut self, view: &View) -> Result<(), StoreError> {
        *self = Self::of(view)?;
        Ok(())
    }

    /// Bytes of all bodies.
    pub(crate) fn all(&self) -> u64 {
        self.all
    }

    /// Notes what was stored.
    pub(crate) fn add(&mut self, device: DeviceId, bytes: u64) {
        self.all = self.all.saturating_add(bytes);
        let kept = self.devices.entry(device).or_default();
        *kept = kept.saturating_add(bytes);
    }

    /// Whether a device, or all of them, have as much as they may.
    pub(crate) fn is_full(&self, quota: &Quota, device: DeviceId) -> bool {
        self.all >= quota.community || self.devices.get(&device).is_some_and(|kept| *kept >= quota.device)
    }
}
