//! The fallen: coordinators whose admission fell with whoever let them in. This module bounds what is kept of what they
//! said in the clear.
//!
//! Some of it is kept, because it tells newcomers why bodies are gone, and names others whom the fallen let in. All who
//! fell under one device share one bound. Nothing honest depends on which of their events found room, nor on what is
//! kept beyond a cut.
//!
//! It refuses to know what an erasure names.

use std::collections::BTreeMap;

use super::{Rules, rules::CLEAR};
use crate::{
    event::VerifiedRun,
    id::{DeviceId, Reference},
    limits,
    sabotage::Rule,
    store::{StoreError, View},
};

/// Whether a run of a fallen author is one too many: all who fell under one device have together the room of one device
/// beyond a cut, so a thief gains nothing by letting in many.
///
/// # Errors
/// When the store fails.
pub(super) fn are_too_many(view: &View, rules: &Rules, run: &VerifiedRun) -> Result<bool, StoreError> {
    let (header, mut new) = (run.header(), 0_u64);
    for event in run.events() {
        new += u64::from(!view.has(Reference { log: header.id(), seq: event.seq, check: event.id.short() })?);
    }
    if new == 0 || Rule::BeyondCut.is_left_out() {
        return Ok(false);
    }
    let under = rules.roster.fell_under(header.device);
    let kept = of_fallen(view, rules, |kept| under.and_then(|under| kept.get(&under).copied()).unwrap_or(0))?;
    Ok(kept.saturating_add(new) > limits::BEYOND_CUT)
}

/// Whether an event that tells why a body is gone may have been turned away here.
///
/// That happens where too much else of its author is kept that counts nowhere: of those who fell together, beyond a cut, or in
/// a log with too many branches. The answer does not depend on what of theirs came first. It counts all that is kept of a device
/// that was cut, before the cut as well, so it is yes too often rather than too seldom.
///
/// # Errors
/// When the store fails.
pub(super) fn may_be_unheard(view: &View, rules: &Rules) -> Result<bool, StoreError> {
    let are_full = |kept: &BTreeMap<_, _>| kept.values().copied().any(is_full);
    if rules.is_some_clear_silenced(view)? || of_fallen(view, rules, are_full)? {
        return Ok(true);
    }
    let mut kept = BTreeMap::<DeviceId, u64>::new();
    for topic in CLEAR {
        for (device, room) in view.rooms_in(rules.tag(topic))? {
            let kept = kept.entry(device).or_default();
            *kept = kept.saturating_add(room.events);
        }
    }
    Ok(kept.into_iter().any(|(device, kept)| is_full(kept) && rules.roster.has_ends(device)))
}

/// Whether so many events leave no room for one run more.
fn is_full(kept: u64) -> bool {
    kept.saturating_add(limits::SIGNATURE_EVERY) > limits::BEYOND_CUT
}

/// Looks at how many events are kept of what coordinators whose admission fell said in the clear, by under whom it did.
fn of_fallen<T>(view: &View, rules: &Rules, look: impl FnOnce(&BTreeMap<DeviceId, u64>) -> T) -> Result<T, StoreError> {
    let count = || {
        let mut of = BTreeMap::<DeviceId, u64>::new();
        for topic in CLEAR {
            for (device, room) in view.rooms_in(rules.tag(topic))? {
                if let Some(under) = rules.roster.fell_under(device) {
                    let kept = of.entry(under).or_default();
                    *kept = kept.saturating_add(room.events);
                }
            }
        }
        Ok(of)
    };
    rules.kept.look(view.newest()?, count, look)
}
