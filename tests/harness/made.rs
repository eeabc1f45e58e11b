//! Bodies and events as whoever has a device's keys would write them.

use linli_core::{
    aggregate::{
        encode,
        order::{Commented, Confirmation, Posted, Way, kind},
    },
    event::Body,
    id::{DeviceId, Reference},
    roster::{Cut, Revoked, RosterEvent},
};
use rand::RngExt;

use crate::{MORNING, World};

/// An act on an order.
pub fn act(order: Reference, kind: u16, payload: Vec<u8>) -> Body {
    let (aggregate, deps, edits) = (Some(order), Vec::new(), Vec::new());
    Body { aggregate, deps, wall: MORNING, kind, version: 1, payload, edits, salt: None }
}

/// A claim of an order.
pub fn claim(order: Reference) -> Body {
    act(order, kind::CLAIMED, encode(&Confirmation {}))
}

/// A word on an order.
pub fn comment(order: Reference) -> Body {
    act(order, kind::COMMENTED, encode(&Commented { text: "on my way".into() }))
}

/// An order of nothing but its building.
pub fn posted(world: &mut World) -> Body {
    let (building, asked_by, way) = ("3".into(), None, Way::default());
    let payload = encode(&Posted { building, asked_by, way, happened_at: None, moved_from: None });
    let (kind, salt) = (kind::POSTED, Some(world.dice.random()));
    Body { aggregate: None, deps: Vec::new(), wall: MORNING, kind, version: 1, payload, edits: Vec::new(), salt }
}

/// What takes about so many bytes where it is sealed and says nothing.
///
/// # Panics
/// Beyond the limit of a field.
pub fn filler(bytes: usize) -> Body {
    // Around the payload stand about 20 bytes, and 16 of the seal.
    let length = u16::try_from(bytes.saturating_sub(40)).expect("within the limit of a field");
    let head = match (length, length.to_be_bytes()) {
        (0..24, [_, low]) => vec![0x40 | low],
        (24..256, [_, low]) => vec![0x58, low],
        (_, [high, low]) => vec![0x59, high, low],
    };
    let payload = [head, vec![5; usize::from(length)]].concat();
    Body {
        aggregate: None,
        deps: Vec::new(),
        wall: MORNING,
        kind: 3,
        version: 1,
        payload,
        edits: Vec::new(),
        salt: None,
    }
}

/// A withdrawal of a device, of whose logs this stands.
pub fn revoked(device: DeviceId, cuts: Vec<Cut>) -> RosterEvent {
    RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None })
}
