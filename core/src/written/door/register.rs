//! The buildings of a compound, and which doors they have.

/// What is known of a compound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    /// Its names, which may stand in front of an address.
    pub names: Vec<String>,
    /// Its street addresses, which may too.
    pub addresses: Vec<String>,
    /// The buildings there are.
    pub buildings: Vec<Building>,
}

/// A building of the register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Building {
    /// What stands for it: `3`, `3A`, `兰苑`.
    pub label: String,
    /// How it is called besides: `东区3号楼`.
    pub name: Option<String>,
    /// Its units; a building without units has rooms of its own.
    pub units: Vec<Unit>,
    /// Rooms that belong to no unit.
    pub rooms: Rooms,
}

/// A unit, or staircase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// What stands for it.
    pub label: String,
    /// The rooms that are in it.
    pub rooms: Rooms,
}

/// Rooms by floors, and such as are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rooms {
    /// Floors, from 1.
    pub floors: u32,
    /// Doors on each, from 1: room 302 is door 2 of floor 3.
    pub per_floor: u32,
    /// Rooms by their labels.
    pub listed: Vec<String>,
    /// Whether there may be any other, because nobody said how many floors there are.
    pub open: bool,
}

impl Rooms {
    /// The room of this label as the register has it.
    pub fn find(&self, room: &str) -> Option<String> {
        if let Some(listed) = self.listed.iter().find(|listed| listed.to_uppercase() == room) {
            return Some(listed.clone());
        }
        if self.open {
            return Some(room.to_owned()).filter(|room| room.contains(|c: char| c.is_ascii_digit()));
        }
        let number: u32 = room.parse().ok().filter(|_| room.bytes().all(|digit| digit.is_ascii_digit()))?;
        let (floor, door) = (number / 100, number % 100);
        let there = (1..=self.floors).contains(&floor) && (1..=self.per_floor).contains(&door);
        there.then(|| number.to_string())
    }
}

impl Building {
    /// Every unit that has the room, as label and room; none for a label where the room belongs to no unit.
    pub(super) fn with_room(&self, room: &str) -> Vec<(Option<&str>, String)> {
        let own = self.rooms.find(room).map(|room| (None, room));
        let units = self.units.iter().filter_map(|unit| Some((Some(unit.label.as_str()), unit.rooms.find(room)?)));
        own.into_iter().chain(units).collect()
    }
}
