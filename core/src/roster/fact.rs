//! Facts: roster events as they are read, each with where it stands. Whether one counts is for the fold to say.

use super::{ClearFact, Founded, Revoked, Role, RosterEvent, said::Ahead};
use crate::{
    event::LogHeader,
    id::{CommunityId, EventId, Reference},
    time::WallMs,
};

/// One readable event of the topic `roster`, counted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterFact {
    /// Its log, as its own header says: without a community in the founding event.
    pub log: LogHeader,
    /// Its place in the log.
    pub seq: u64,
    /// Its id: the chain hash.
    pub id: EventId,
    /// When, by its author's clock: a claim.
    pub wall: WallMs,
    /// What it says.
    pub event: RosterEvent,
    /// Bytes of its body as it is stored.
    pub size: u64,
}

impl ClearFact for RosterFact {
    fn log(&self) -> &LogHeader {
        &self.log
    }

    fn seq(&self) -> u64 {
        self.seq
    }

    fn id(&self) -> EventId {
        self.id
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn weight(&self) -> u64 {
        self.event.weight_of(self.size)
    }

    fn gives(&self) -> bool {
        match &self.event {
            RosterEvent::KeysSealed(_) => true,
            RosterEvent::Admitted(admitted) => admitted.role == Role::Coordinator,
            _ => false,
        }
    }

    fn ahead(&self) -> Option<Ahead> {
        match &self.event {
            RosterEvent::RoomGiven(_) => self.room_of_its_own().map(|_| Ahead::Room),
            RosterEvent::Revoked(_) => self.cut_of_itself().map(|_| Ahead::Cut),
            _ => None,
        }
    }
}

impl RosterFact {
    /// How many rooms it says that its author gives itself, if it says that.
    pub(super) fn room_of_its_own(&self) -> Option<u64> {
        match &self.event {
            RosterEvent::RoomGiven(given) if given.device == self.log.device => Some(given.rooms),
            _ => None,
        }
    }

    /// What it says, if its author cuts itself by it.
    pub(super) fn cut_of_itself(&self) -> Option<&Revoked> {
        match &self.event {
            RosterEvent::Revoked(revoked) if revoked.device == self.log.device => Some(revoked),
            _ => None,
        }
    }

    /// How other events name it.
    pub fn reference(&self) -> Reference {
        Reference { log: self.log.id(), seq: self.seq, check: self.id.short() }
    }

    /// What it founds, if it is this community's founding event: at seq 0, without a community, by the founder.
    pub(super) fn founding(&self, community: CommunityId) -> Option<&Founded> {
        let RosterEvent::Founded(founded) = &self.event else { return None };
        let own = self.log.device == founded.founder.device && self.id.as_bytes() == community.as_bytes();
        (own && self.seq == 0 && self.log.community == CommunityId::ZERO).then_some(founded)
    }
}
