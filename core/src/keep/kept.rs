//! How many events are kept of coordinators whose admission fell, as they were counted last.
//!
//! A count looks at all devices, and there may be very many. So the last count is remembered and brought up to date. It
//! refuses to know who fell, and under whom.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::{
    id::DeviceId,
    store::{Pos, StoreError},
};

/// Of each device how many events are kept of what those said who fell under it.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<Counted>>);

struct Counted {
    of: BTreeMap<DeviceId, u64>,
    /// What had come last.
    newest: Pos,
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Kept {
    /// The roster is another.
    pub(super) fn clear(&self) {
        *self.0.lock() = None;
    }

    /// Looks at it as it is behind what came last, counted now if it was not known.
    pub(super) fn look<T>(
        &self,
        newest: Pos,
        count: impl FnOnce() -> Result<BTreeMap<DeviceId, u64>, StoreError>,
        look: impl FnOnce(&BTreeMap<DeviceId, u64>) -> T,
    ) -> Result<T, StoreError> {
        let mut counted = self.0.lock();
        if let Some(known) = counted.as_ref().filter(|known| known.newest == newest) {
            return Ok(look(&known.of));
        }
        let of = count()?;
        let found = look(&of);
        *counted = Some(Counted { of, newest });
        Ok(found)
    }

    /// Events have come at these positions, in the clear by somebody who fell under a device, or by anybody else.
    pub(super) fn note(&self, under: Option<DeviceId>, stored: &[Pos]) {
        let mut counted = self.0.lock();
        let Some(known) = counted.as_mut() else { return };
        let Some((first, last)) = stored.first().zip(stored.last()) else { return };
        // Something may have come between that nobody noted.
        if first.0 != known.newest.0.saturating_add(1) {
            *counted = None;
            return;
        }
        known.newest = *last;
        if let Some(under) = under {
            let kept = known.of.entry(under).or_default();
            *kept = kept.saturating_add(stored.len() as u64);
        }
    }
}
