//! Buildings: one row for each unit, or for a building without units.

use super::{
    Beside, Building, Draft, Field, Outcome, Stop, ask,
    cell::{Cells, whole},
};
use crate::written::{About, Because, Reading, door::label};

/// Floors beyond which a number was mistyped.
const FLOORS: u32 = 50;
/// Doors of a floor beyond which it was.
const DOORS: u32 = 60;

/// Reads a row. `above` is the building of the row before it, which a merged cell leaves empty here.
pub(super) fn read(cells: &Cells, above: &mut Option<String>) -> Result<Building, Stop> {
    let unit = cells.get(Field::Unit).map(|text| label(text.trim_end_matches(".0")));
    let name = cells.text(Field::Name);
    let Some(text) = cells.get(Field::Building) else {
        let Some(building) = above.clone() else { return ask(About::Building, Because::Missing) };
        let meant = counted(cells, Building { building, unit, name, ..Building::default() })?;
        let among = vec![Draft::Building(meant)];
        return Err(Box::new(Outcome::from(Reading::among(About::Building, Because::Missing, among))));
    };
    let building = label(text.trim_end_matches(".0"));
    *above = Some(building.clone());
    if !building.chars().any(char::is_alphanumeric) {
        return ask(About::Building, Because::Unreadable);
    }
    // The name of a building says nothing where it is its number again.
    let name = name.filter(|name| label(name) != building);
    counted(cells, Building { building, unit, name, ..Building::default() })
}

fn counted(cells: &Cells, building: Building) -> Result<Building, Stop> {
    let Some(floors) = cells.get(Field::Floors) else { return ask(About::Floors, Because::Missing) };
    let floors = whole(floors, &["层", "楼", "f", "floors", "floor"], About::Floors)?;
    if floors > FLOORS {
        return ask(About::Floors, Because::Strange);
    }
    let Some(rooms) = cells.get(Field::RoomsPerFloor) else { return ask(About::RoomsPerFloor, Because::Missing) };
    let rooms_per_floor = whole(rooms, &["户", "室", "间", "家", "个", "rooms", "flats"], About::RoomsPerFloor)?;
    if rooms_per_floor > DOORS {
        return ask(About::RoomsPerFloor, Because::Strange);
    }
    Ok(Building { floors, rooms_per_floor, ..building })
}

/// How two rows of one building stand.
pub(super) fn beside(one: &Building, other: &Building) -> Beside {
    if one.unit.is_some() != other.unit.is_some() {
        return Beside::Ask(About::Unit, Because::Contradiction);
    }
    match (one.unit == other.unit, one.floors == other.floors, one.rooms_per_floor == other.rooms_per_floor) {
        (false, ..) => Beside::Other,
        (true, true, true) => Beside::Same,
        (true, false, _) => Beside::Ask(About::Floors, Because::Contradiction),
        (true, true, false) => Beside::Ask(About::RoomsPerFloor, Because::Contradiction),
    }
}
