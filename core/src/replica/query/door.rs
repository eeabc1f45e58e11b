//! Doors as somebody says them in one text, as the register has them.

use super::{QueryError, ReaderWorld, Replica, unread};
use crate::{
    aggregate::{
        address::{Address, AddressError},
        building::{self, BuildingView, NoDoor},
    },
    label,
    written::{
        About, Because, Question, Reading,
        door::{Around, Building, Door, Register, Rooms, Unit, door},
    },
};

/// Why a text names no door.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DoorError {
    /// It cannot be read, may mean several, or names none of the register.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The register could not be asked.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// What the register knows nothing of is a floor like any other.
const MANY: u32 = 99;

impl Replica {
    /// The door that a text names: `3号楼2单元1804`, `2单元1804室3栋`, `Flat A, 18/F, Block 8`. The register says which building
    /// it is, and which unit where one alone has the room; what may be several is refused with those that it may be.
    /// Where no building is listed, it is read by itself, as [`Address`] does.
    ///
    /// # Errors
    /// [`DoorError::Address`] for what names no door, or when the store fails.
    pub fn door(&self, text: &str) -> Result<Door, DoorError> {
        let open: Vec<BuildingView> = self.buildings()?.into_iter().filter(|building| building.open).collect();
        let register = register(&open);
        if register.buildings.is_empty() {
            return Ok(unlisted(text.parse()?));
        }
        match door(text, Around { register: Some(&register), ..Around::default() }) {
            Reading::Read(door) => self.listed(door),
            Reading::Ask(question) => Err(asked(text, *question).into()),
            // What is refused may be an address all the same: then what the register lacks of it can be said.
            Reading::Refuse(_) => self.listed(unlisted(text.parse()?)),
        }
    }

    /// The same to look for what may have been written down before the register was, or in spite of it: without asking it, where
    /// it has no such door.
    ///
    /// # Errors
    /// As [`door`](Self::door).
    pub fn door_sought(&self, text: &str) -> Result<Door, DoorError> {
        match self.door(text) {
            Err(DoorError::Address(why)) => Ok(text.parse().map(unlisted).map_err(|_| why)?),
            found => found,
        }
    }

    /// Whether the register has a building; where it has none at all, yes.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_listed(&self, building: &str) -> Result<bool, QueryError> {
        match self.listed(Door { building: building.to_owned(), ..Door::default() }) {
            Ok(_) => Ok(true),
            Err(DoorError::Address(_)) => Ok(false),
            Err(DoorError::Query(error)) => Err(error),
        }
    }

    fn listed(&self, Door { building, unit, room }: Door) -> Result<Door, DoorError> {
        let found = self.read(|reader| {
            let door = building::Door::named(&building, unit.as_deref(), room.as_deref());
            match door.and_then(|door| door.listed(&ReaderWorld(reader))) {
                Ok(door) => Ok(Ok(door)),
                Err(NoDoor::Label(_, why)) => Ok(Err(why)),
                Err(NoDoor::World(error)) => Err(unread(error)),
            }
        });
        let building::Door { building, unit, room } = found.map_err(QueryError::from)??;
        Ok(Door { building, unit, room })
    }
}

fn unlisted(address: Address) -> Door {
    let part = |part: Option<&str>| part.map(str::to_owned);
    Door { building: address.building().to_owned(), unit: part(address.unit()), room: part(address.room()) }
}

fn register(buildings: &[BuildingView]) -> Register {
    let unit = |unit: &crate::aggregate::building::Unit| {
        let number = |count: Option<i64>| count.and_then(|count| u32::try_from(count).ok());
        Unit {
            label: label::unit(&unit.label),
            rooms: Rooms {
                floors: number(unit.floors).unwrap_or_default(),
                per_floor: number(unit.rooms_per_floor).unwrap_or(MANY).min(MANY),
                listed: Vec::new(),
                open: unit.floors.is_none(),
            },
        }
    };
    let of = |view: &BuildingView| Building {
        label: label::building(&view.label),
        name: view.name.clone(),
        units: view.units.iter().map(unit).collect(),
        rooms: Rooms {
            listed: view.outside_rooms.iter().map(|room| room.label.clone()).collect(),
            open: view.units.is_empty(),
            ..Rooms::default()
        },
    };
    Register { buildings: buildings.iter().map(of).collect(), ..Register::default() }
}

/// What is to be asked before the text names a door.
fn asked(text: &str, question: Question<Door>) -> AddressError {
    let shown = |door: &Door| {
        let parts = [Some(door.building.clone()), door.unit.clone(), door.room.clone()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    };
    match (question.about, question.because, &question.among[..]) {
        (About::Building, Because::Missing, []) => AddressError::NoBuilding,
        (.., []) => text.parse::<Address>().err().unwrap_or_else(|| AddressError::Unreadable { text: text.to_owned() }),
        (.., among) => AddressError::Ambiguous { candidates: among.iter().map(shown).collect() },
    }
}
