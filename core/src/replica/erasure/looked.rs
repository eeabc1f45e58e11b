//! How far an upkeep has looked for events that come late into erased aggregates.
//!
//! An event that it has seen is not opened again, unless more is erased.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    id::{DeviceId, EpochId},
    replica::community::Community,
    roster::Erasures,
    store::Pos,
};

/// What of the held events was looked at. It is forgotten when the app is closed.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// From where on all is to be looked at.
    from: Pos,
    /// Of devices whose share is taken, from where on.
    waits: BTreeMap<DeviceId, Pos>,
    /// By which erasures, and with which keys.
    by: Option<(Arc<Erasures>, BTreeSet<EpochId>)>,
}

impl Looked {
    /// From here on events came to be held.
    pub(super) fn turned(&mut self, from: Pos) {
        self.from = from.min(self.from);
    }

    /// It begins: where more is erased than before, or less, or more can be read, with all; and with what waited of devices
    /// that need not wait any longer.
    pub(super) fn begin(&mut self, community: &Community, waits: impl Fn(DeviceId) -> bool) {
        let (erasures, keys) = (&community.erasures, community.keyring.held());
        let same = self.by.as_ref().is_some_and(|(before, held)| {
            let only_more = before.counted().is_subset(erasures.counted());
            only_more && before.creating() == erasures.creating() && held == keys
        });
        if !same {
            self.from = Pos::default();
        }
        self.by = Some((erasures.clone(), keys.clone()));
        for (_, first) in self.waits.extract_if(.., |device, _| !waits(*device)) {
            self.from = first.min(self.from);
        }
    }

    /// The position behind which all is to be looked at.
    pub(super) fn before(&self) -> Pos {
        Pos(self.from.0.saturating_sub(1))
    }

    /// It was looked at all, or at what stands before a position; what waits waits on.
    pub(super) fn end(&mut self, rest: Option<Pos>, waits: BTreeMap<DeviceId, Pos>) {
        self.from = rest.unwrap_or(Pos(i64::MAX));
        for (device, first) in waits {
            let known = self.waits.entry(device).or_insert(first);
            *known = first.min(*known);
        }
    }
}
