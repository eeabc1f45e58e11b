//! Doors, against the registers of `registers.json`.

use linli_core::written::door::{Around, Building, Door, Field, Register, Rooms, Unit, door};
use serde_json::{Value, json};

use crate::case::{Came, Case, Verdict, held};

/// Judges a case against the registers of its set.
pub(crate) fn judge(case: &Case, registers: &Value) -> Verdict {
    let register = case.told("register").map(|name| register(&registers[name]));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let parts = &case.context["given"];
    let given = Door {
        building: text(&parts["building"]).unwrap_or_default(),
        unit: text(&parts["unit"]),
        room: text(&parts["room"]),
    };
    let field = match case.told("field") {
        Some("building") => Some(Field::Building),
        Some("unit") => Some(Field::Unit),
        Some("room") => Some(Field::Room),
        _ => None,
    };
    let around = Around { register: register.as_ref(), given: Some(&given), field };
    held(case, Came::of(&door(case.text(), around), as_written), |want, came| want == came)
}

pub(crate) fn as_written(door: &Door) -> Value {
    let mut parts = json!({"building": door.building});
    for (name, part) in [("unit", &door.unit), ("room", &door.room)] {
        if let Some(part) = part {
            parts[name] = json!(part);
        }
    }
    parts
}

pub(crate) fn register(told: &Value) -> Register {
    let buildings = told["buildings"].as_array().into_iter().flatten().map(|building| Building {
        label: building["label"].as_str().unwrap_or_default().to_owned(),
        name: building["name"].as_str().map(str::to_owned),
        units: building["units"].as_array().into_iter().flatten().map(unit).collect(),
        rooms: rooms(building),
    });
    Register { names: texts(&told["names"]), addresses: texts(&told["addresses"]), buildings: buildings.collect() }
}

fn unit(told: &Value) -> Unit {
    Unit { label: told["label"].as_str().unwrap_or_default().to_owned(), rooms: rooms(told) }
}

fn rooms(told: &Value) -> Rooms {
    let number = |key: &str| told[key].as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    let listed = [texts(&told["rooms"]), texts(&told["outside_rooms"])].concat();
    Rooms { floors: number("floors"), per_floor: number("rooms_per_floor"), listed, open: false }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
