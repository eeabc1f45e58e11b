//! Doors that commands name, as the register has them: its label of the building, the unit where one alone has the room.
//!
//! The register decides what there is. Where nothing is listed, or nobody said how many floors there are, it has no say.

use super::{BUILDING, BuildingView, Unit};
use crate::{
    aggregate::{
        Content, Select, World, WorldError,
        address::{AddressError, Part, part_label, sort_key},
        product::every,
    },
    event::Edit,
    id::Reference,
    label,
};

/// Labels that a refusal names.
const NAMED: usize = 12;
/// What a floor is counted in: room 1804 is door 4 of floor 18.
const FLOOR: i64 = 100;

/// A building, a unit and a room of it, in labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Door {
    pub(crate) building: String,
    pub(crate) unit: Option<String>,
    pub(crate) room: Option<String>,
}

/// Why there is no such door.
#[derive(Debug)]
pub(crate) enum NoDoor {
    /// What this field says.
    Label(&'static str, AddressError),
    /// The store could not answer.
    World(WorldError),
}

impl From<WorldError> for NoDoor {
    fn from(error: WorldError) -> Self {
        NoDoor::World(error)
    }
}

impl Door {
    /// The door in normal form: `3号楼`, `２单元`, `1804室` are `3`, `2`, `1804`. Of unit and room, words that are no label
    /// stay as somebody said them.
    pub(crate) fn named(building: &str, unit: Option<&str>, room: Option<&str>) -> Result<Self, NoDoor> {
        let building = match building.trim() {
            "" => String::new(),
            text => part_label(Part::Building, text).map_err(|why| NoDoor::Label("building", why))?,
        };
        let written = |part, text: &str| part_label(part, text).unwrap_or_else(|_| text.trim().to_owned());
        let part = |part, text: Option<&str>| text.map(|text| written(part, text)).filter(|text| !text.is_empty());
        Ok(Self { building, unit: part(Part::Unit, unit), room: part(Part::Room, room) })
    }

    /// The same as the register has it.
    pub(crate) fn listed(self, world: &dyn World) -> Result<Self, NoDoor> {
        if self.building.is_empty() {
            return Ok(self);
        }
        let open = || Select::from(BUILDING.name).is("open", true);
        let compared = label::building(&self.building);
        let mut rows = world.select(&open().is("compared", compared).limit(1))?;
        if rows.is_empty() {
            let all = every(world, open())?;
            let views: Vec<BuildingView> = all.iter().filter_map(BuildingView::from_row).collect();
            let Some(view) = called(&self.building, &views).map_err(|why| NoDoor::Label("building", why))? else {
                return Ok(self);
            };
            rows = all.into_iter().filter(|row| row.aggregate == view).collect();
        }
        match rows.first().and_then(BuildingView::from_row) {
            Some(view) => self.within(&view),
            None => Ok(self),
        }
    }

    fn within(self, view: &BuildingView) -> Result<Self, NoDoor> {
        let normal = |part, label: &str| part_label(part, label).unwrap_or_else(|_| label.to_owned());
        let building = normal(Part::Building, &view.label);
        if view.units.is_empty() {
            return Ok(Self { building, ..self });
        }
        let known = |text: &str| view.units.iter().find(|unit| label::unit(&unit.label) == label::unit(text));
        let unit = match &self.unit {
            None => None,
            Some(text) => Some(known(text).ok_or_else(|| {
                let known = view.units.iter().map(|unit| unit.label.clone()).take(NAMED).collect();
                let (building, unit) = (building.clone(), text.clone());
                NoDoor::Label("unit", AddressError::NoSuchUnit { building, unit, known })
            })?),
        };
        let room = self.room.clone();
        let door = |unit: Option<&Unit>, room: Option<String>| {
            let unit = unit.map(|unit| normal(Part::Unit, &unit.label));
            Ok(Self { building: building.clone(), unit, room })
        };
        let Some(number) = room.as_deref().map(label::room).filter(|room| room.contains(|c: char| c.is_ascii_digit()))
        else {
            return door(unit, room);
        };
        if view.outside_rooms.iter().any(|outside| label::room(&outside.label) == number) && unit.is_none() {
            return door(None, room);
        }
        let within = |one: &&Unit| unit.is_none_or(|unit| unit.label == one.label) && has(one, &number);
        let found: Vec<&Unit> = view.units.iter().filter(within).collect();
        match found[..] {
            [only] => door(Some(only), room),
            [] => Err(NoDoor::Label("room", AddressError::NoSuchRoom { building, room: number })),
            _ => {
                let at = |unit: &&Unit| format!("{building}-{}-{number}", normal(Part::Unit, &unit.label));
                let candidates = found.iter().take(NAMED).map(at).collect();
                Err(NoDoor::Label("unit", AddressError::Ambiguous { candidates }))
            }
        }
    }
}

/// Whether edits put a field, and the text that it has with them.
pub(crate) fn with_edits(content: &Content, edits: &[Edit], of: u16) -> (bool, Option<String>) {
    let put = edits.iter().rev().find_map(|edit| match edit {
        Edit::Put { field, value } if *field == of => Some(value.text().map(str::to_owned)),
        _ => None,
    });
    let stands = || content.text(of).filter(|text| !text.is_empty()).map(str::to_owned);
    (put.is_some(), put.unwrap_or_else(stands))
}

/// The building that is called so beside its label; none where nothing is listed.
fn called(text: &str, views: &[BuildingView]) -> Result<Option<Reference>, AddressError> {
    if views.is_empty() {
        return Ok(None);
    }
    let asked = label::building(text);
    let named = |view: &&BuildingView| view.name.as_deref().is_some_and(|name| label::building(name) == asked);
    let by_name: Vec<&BuildingView> = views.iter().filter(named).collect();
    if let [only] = by_name[..] {
        return Ok(Some(only.building));
    }
    // `3` may be `E3` as well as `W3`.
    let tail = |label: &str| {
        let compared = label::building(label);
        compared.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned()
    };
    let is_number = asked.starts_with(|c: char| c.is_ascii_digit());
    let like = |view: &&BuildingView| named(view) || (is_number && tail(&view.label) == asked);
    let candidates: Vec<String> = views.iter().filter(like).take(NAMED).map(|view| view.label.clone()).collect();
    if !candidates.is_empty() {
        return Err(AddressError::Ambiguous { candidates });
    }
    let mut walk: Vec<&BuildingView> = views.iter().collect();
    walk.sort_by_key(|view| (view.walk_order.unwrap_or(i64::MAX), sort_key(&view.label)));
    let known = walk.into_iter().take(NAMED).map(|view| view.label.clone()).collect();
    Err(AddressError::NoSuchBuilding { building: text.to_owned(), known })
}

/// Whether a unit may have a room: what is no number of a floor and a door, nobody can tell.
fn has(unit: &Unit, room: &str) -> bool {
    let Some(floors) = unit.floors else { return true };
    let (digits, letter) = match room.strip_suffix(|c: char| c.is_ascii_uppercase()) {
        Some(digits) => (digits, room.chars().next_back()),
        None => (room, None),
    };
    let Ok(number) = digits.parse::<i64>() else { return true };
    let (floor, door) = match letter {
        None => (number / FLOOR, number % FLOOR),
        // `18A` is the first door of floor 18, and `1804A` a part of 1804.
        Some(_) if number >= FLOOR => (number / FLOOR, number % FLOOR),
        Some(letter) => (number, i64::from(u32::from(letter)) - i64::from(u32::from('A')) + 1),
    };
    let most = unit.rooms_per_floor.filter(|most| *most < FLOOR).unwrap_or(FLOOR - 1);
    (1..=floors).contains(&floor) && (1..=most).contains(&door)
}
