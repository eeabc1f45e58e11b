//! Roster events: what a coordinator signs, each kind with its payload.

use minicbor::{Decode, Decoder, Encode};

use super::{
    Admitted, Founded, Gist, GrantRemoved, Granted, KeyRotated, KeysSealed, Later, ReadError, RelayMoved, Resumed,
    Revoked, RoomGiven,
    payload::{bytes, check_cuts, check_label, check_record, ensure},
    table,
};
use crate::{event::Body, id::LogId, limits, time::WallMs, vocabulary::Says};

/// What a roster event says.
#[derive(Clone, Debug, PartialEq, Eq, Says)]
pub enum RosterEvent {
    /// The community begins.
    Founded(Founded),
    /// A device is admitted.
    Admitted(Admitted),
    /// A right is given.
    Granted(Granted),
    /// A right is taken.
    GrantRemoved(GrantRemoved),
    /// A device is withdrawn by a cut.
    Revoked(Revoked),
    /// A device goes of itself: no cut, but no more connections and no new keys.
    Left,
    /// An epoch key is given to devices.
    KeysSealed(KeysSealed),
    /// A device changes its own keys.
    KeyRotated(KeyRotated),
    /// A device goes on under a new incarnation.
    Resumed(Resumed),
    /// A relay is reached elsewhere.
    RelayMoved(RelayMoved),
    /// A device has room for more.
    RoomGiven(RoomGiven),
    /// Something that only a later build reads whole. Read, and never written.
    #[says(skip)]
    Later(Later),
}

impl RosterEvent {
    /// The version in which every kind is written today.
    pub const VERSION: u16 = table::VERSION;

    /// Its number on the wire; 1 to 63 are the roster's.
    pub const fn kind(&self) -> u16 {
        match self {
            RosterEvent::Founded(_) => 1,
            RosterEvent::Admitted(_) => 2,
            RosterEvent::Granted(_) => 3,
            RosterEvent::GrantRemoved(_) => 4,
            RosterEvent::Revoked(_) => 5,
            RosterEvent::Left => 6,
            RosterEvent::KeysSealed(_) => 7,
            RosterEvent::KeyRotated(_) => 8,
            RosterEvent::Resumed(_) => 9,
            RosterEvent::RelayMoved(_) => 10,
            RosterEvent::RoomGiven(_) => 11,
            RosterEvent::Later(later) => later.kind,
        }
    }

    /// The log that it says its own goes on from.
    pub(crate) fn resumes(&self) -> Option<LogId> {
        match self {
            RosterEvent::Resumed(resumed) => Some(resumed.after),
            _ => None,
        }
    }

    /// How many bytes it takes as it is stored, or a few more.
    pub fn size(&self) -> u64 {
        /// The bytes of an hour and of a log's own name.
        const MORE: usize = 24;
        let (kind, version, payload) = (self.kind(), Self::VERSION, self.encode());
        let most = limits::SEALED_BODY;
        let (deps, edits, wall) = (Vec::new(), Vec::new(), WallMs(0));
        let body = Body { aggregate: None, deps, wall, kind, version, payload, edits, salt: None };
        let bytes = body.to_bytes(LogId::ZERO).map_or(most, |bytes| bytes.len());
        bytes.saturating_add(MORE) as u64
    }

    /// About how much room it takes of its device's, in bytes.
    pub fn weight(&self) -> u64 {
        self.weight_of(self.size())
    }

    /// The same where its size is known.
    pub(super) fn weight_of(&self, size: u64) -> u64 {
        limits::EVENT_ROOM.saturating_add(size).saturating_mul(self.rights())
    }

    /// How many rights it gives or takes, each as often as it is named, and one where it is about something else: all that
    /// it says is kept and asked for each.
    fn rights(&self) -> u64 {
        match self {
            RosterEvent::Granted(Granted { grant, .. }) | RosterEvent::GrantRemoved(GrantRemoved { grant, .. }) => {
                grant.items() as u64
            }
            _ => 1,
        }
    }

    /// What this build makes out of it that it reads, and whose author is in a role that it does not know: so much as of one
    /// that it cannot read.
    pub(super) fn gist(&self) -> Later {
        let gist = match self {
            RosterEvent::Later(later) => return later.clone(),
            RosterEvent::Admitted(Admitted { record, member, label, .. }) => {
                Gist::admits(*record, *member, label.clone())
            }
            RosterEvent::Revoked(revoked) => Some(Gist::Withdraws(Some(revoked.device))),
            RosterEvent::GrantRemoved(removed) => Some(Gist::Limits(removed.device)),
            _ => None,
        };
        Later { kind: self.kind(), gist: gist.unwrap_or(Gist::Unknown) }
    }

    /// The payload; nothing of one that was not read whole.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            RosterEvent::Founded(payload) => bytes(payload),
            RosterEvent::Admitted(payload) => bytes(payload),
            RosterEvent::Granted(payload) => bytes(payload),
            RosterEvent::GrantRemoved(payload) => bytes(payload),
            RosterEvent::Revoked(payload) => bytes(payload),
            RosterEvent::Left => vec![0xa0], // an empty map, so that fields can come later
            RosterEvent::KeysSealed(payload) => bytes(payload),
            RosterEvent::KeyRotated(payload) => bytes(payload),
            RosterEvent::Resumed(payload) => bytes(payload),
            RosterEvent::RelayMoved(payload) => bytes(payload),
            RosterEvent::RoomGiven(payload) => bytes(payload),
            RosterEvent::Later(_) => Vec::new(),
        }
    }

    /// Reads a payload and checks it. Never panics.
    ///
    /// # Errors
    /// Why it is not what the kind in this version says.
    pub fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Self, ReadError> {
        if (1..=11).contains(&kind) && version != Self::VERSION {
            return Err(ReadError::Version { kind, version });
        }
        let event = match kind {
            1 => RosterEvent::Founded(decode(payload)?),
            2 => RosterEvent::Admitted(decode(payload)?),
            3 => RosterEvent::Granted(decode(payload)?),
            4 => RosterEvent::GrantRemoved(decode(payload)?),
            5 => RosterEvent::Revoked(decode(payload)?),
            6 => decode::<Nothing>(payload).map(|_| RosterEvent::Left)?,
            7 => RosterEvent::KeysSealed(decode(payload)?),
            8 => RosterEvent::KeyRotated(decode(payload)?),
            9 => RosterEvent::Resumed(decode(payload)?),
            10 => RosterEvent::RelayMoved(decode(payload)?),
            11 => RosterEvent::RoomGiven(decode(payload)?),
            _ => return Err(ReadError::Kind { kind }),
        };
        event.check()?;
        Ok(event)
    }

    /// Checks what the types cannot say. Judged at the author and at a receiver alike.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] with the first rule that is broken.
    pub fn check(&self) -> Result<(), ReadError> {
        match self {
            RosterEvent::Founded(founded) => {
                ensure(founded.kit.is_none_or(|kit| kit.device != founded.founder.device), "the kit is the founder")?;
                check_record(&founded.founder)?;
                founded.kit.as_ref().map_or(Ok(()), check_record)?;
                check_label(founded.label.as_ref())
            }
            RosterEvent::Admitted(admitted) => admitted.check(),
            RosterEvent::Granted(granted) => granted.grant.check(),
            RosterEvent::GrantRemoved(removed) => {
                removed.grant.check()?;
                check_cuts(&removed.heads)
            }
            RosterEvent::Revoked(revoked) => check_cuts(&revoked.cuts),
            RosterEvent::KeysSealed(sealed) => sealed.check(),
            RosterEvent::RelayMoved(moved) => moved.check(),
            RosterEvent::RoomGiven(given) => {
                ensure((1..=limits::ROOMS_GIVEN).contains(&given.rooms), "number of rooms")
            }
            RosterEvent::KeyRotated(rotated) => check_record(&rotated.record),
            RosterEvent::Left | RosterEvent::Resumed(_) | RosterEvent::Later(_) => Ok(()),
        }
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Nothing {}

fn decode<'b, T: Decode<'b, ()>>(payload: &'b [u8]) -> Result<T, ReadError> {
    let mut from = Decoder::new(payload);
    // A choice that is not known, such as a role, is a later build's.
    let newer = |error: minicbor::decode::Error| error.is_unknown_variant();
    let value = from
        .decode()
        .map_err(|error| if newer(error) { ReadError::Newer } else { ReadError::Malformed("structure") })?;
    ensure(from.position() == payload.len(), "bytes after the end")?;
    Ok(value)
}
