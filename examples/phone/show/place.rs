//! Buildings and settings.

use serde_json::json;

use super::join;
use crate::{
    answer::Answer,
    failure::Outcome,
    home::Phone,
    words::{Lang, short},
};

pub(crate) fn buildings(phone: &Phone) -> Outcome<Answer> {
    let buildings = phone.replica.buildings()?;
    let lines = buildings.iter().map(|view| {
        let units = view
            .units
            .iter()
            .map(|unit| unit.label.as_str())
            .chain(view.outside_rooms.iter().map(|room| room.label.as_str()));
        join([
            short(view.building),
            view.label.clone(),
            view.name.clone().unwrap_or_default(),
            view.walk_order.map(|place| format!("({place})")).unwrap_or_default(),
            units.collect::<Vec<_>>().join(" "),
            view.entrance_note.clone().unwrap_or_default(),
            if view.open { String::new() } else { phone.words.plain("screen.withdrawn") },
        ])
    });
    Ok(Answer::new(&buildings, lines.collect::<Vec<_>>()))
}

pub(crate) fn settings(phone: &Phone) -> Outcome<Answer> {
    let view = phone.replica.settings()?;
    let number = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let values = [
        ("emergency_number", view.emergency_number.clone()),
        ("time_zone", view.time_zone.clone()),
        ("utc_offset_minutes", view.utc_offset_minutes.to_string()),
        ("lease_urgent_minutes", view.lease_urgent_minutes.to_string()),
        ("lease_normal_minutes", view.lease_normal_minutes.to_string()),
        ("take_limit", number(view.take_limit)),
        ("erase_after_days", view.erase_after_days.to_string()),
    ];
    let line = |(name, value): (&str, String)| {
        phone.words.say_with("screen.setting", json!({ "name": name, "field": name, "value": value }))
    };
    let mut lines: Vec<String> = values.into_iter().map(line).collect();
    for (name, terms) in [("order_kind", &view.order_kinds), ("category", &view.categories)] {
        lines.extend(terms.iter().map(|term| {
            let said = if phone.words.0 == Lang::Zh { &term.zh } else { &term.en };
            let off = if term.active { String::new() } else { phone.words.plain("screen.withdrawn") };
            join([format!("{name} {}", term.code), said.clone(), off])
        }));
    }
    Ok(Answer::new(&view, lines))
}
