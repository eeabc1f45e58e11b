//! Members, names and acts, and a world in which nothing else exists: what stories of one aggregate are told with.

use crate::{
    aggregate::{Act, Found, History, Select, World, WorldError},
    id::{DeviceId, EventId, LogId, MemberId, Reference, ShortId},
    roster::Standing,
    time::WallMs,
};

/// Nothing else exists.
pub(in crate::aggregate) struct Nowhere;

impl World for Nowhere {
    fn select(&self, _: &Select) -> Result<Vec<Found>, WorldError> {
        Ok(Vec::new())
    }

    fn exists(&self, _: &'static str, _: Reference) -> Result<bool, WorldError> {
        Ok(false)
    }
}

/// The name of the act at this place of the story.
pub(in crate::aggregate) fn reference(nth: usize) -> Reference {
    let seq = u64::try_from(nth).expect("a small number");
    Reference { log: LogId::from_bytes([7; 16]), seq, check: ShortId::from_bytes([1; 16]) }
}

pub(in crate::aggregate) fn member(nth: u8) -> MemberId {
    MemberId::from_bytes([nth; 32])
}

/// Adds an act whose author knew of `deps`. Where it stands.
pub(in crate::aggregate) fn said(
    history: &mut History,
    by: u8,
    deps: &[usize],
    standing: Standing,
    wall: WallMs,
) -> usize {
    let nth = history.acts().len();
    let lamport = deps.iter().map(|dep| history.act(*dep).lamport + 1).max().unwrap_or(1);
    let seq = u8::try_from(nth).expect("a short story");
    let act = Act {
        reference: reference(nth),
        id: EventId::from_bytes([seq; 32]),
        lamport,
        by: member(by),
        device: DeviceId::from_bytes([by; 32]),
        standing,
        wall,
    };
    history.push(act, deps)
}
