//! Rooms: where somebody has little left to write in, and what to type before anything is refused.

use std::collections::BTreeMap;

use linli_core::replica::{LittleRoom, Reminder, RoomIn};
use serde_json::json;

use crate::{answer::Answer, home::Phone, words::short};

/// Phones of others that are told at a time.
const OTHERS: usize = 5;

/// What somebody is reminded of, and what they do about it.
pub(crate) fn reminded(phone: &Phone, reminder: Reminder, little: &[LittleRoom]) -> Vec<String> {
    let me = phone.replica.device();
    match reminder {
        Reminder::RoomHere => lines(phone, &mut little.iter().filter(|one| one.device == me)),
        Reminder::RoomOf => of_others(phone, little.iter().filter(|one| one.device != me)),
        Reminder::SecondCoordinator | Reminder::RoomForKeys => {
            ["reminder", "hint"].map(|kind| phone.words.plain(&format!("{kind}.{}", reminder.code()))).to_vec()
        }
    }
}

/// Of each phone where it has least left, first of those that have least.
fn of_others<'a>(phone: &Phone, little: impl Iterator<Item = &'a LittleRoom>) -> Vec<String> {
    let least = least(little);
    let more = least.len().saturating_sub(OTHERS);
    let mut told = lines(phone, &mut least.into_iter().take(OTHERS));
    if more > 0 {
        told.push(phone.words.say_with("screen.more_rooms", json!({ "count": more })));
    }
    told
}

/// One room of each phone, that with the least left; the fullest first.
fn least<'a>(little: impl Iterator<Item = &'a LittleRoom>) -> Vec<&'a LittleRoom> {
    let mut least = BTreeMap::new();
    for one in little {
        let kept = least.entry(one.device).or_insert(one);
        if one.left < kept.left {
            *kept = one;
        }
    }
    let mut least: Vec<&LittleRoom> = least.into_values().collect();
    least.sort_by_key(|one| one.left);
    least
}

/// Rooms without what people wrote, for what may end in a log.
pub(crate) fn bare(mut little: Vec<LittleRoom>) -> Vec<LittleRoom> {
    for one in &mut little {
        if let RoomIn::Thing { line, .. } = &mut one.within {
            line.clear();
        }
    }
    little
}

/// Puts above an answer what keeps somebody from writing, now or soon.
pub(crate) fn above(phone: &Phone, answer: &mut Answer, little: &[LittleRoom]) {
    let stops = |reminder: &Reminder| *reminder != Reminder::SecondCoordinator;
    let reminders = phone.replica.reminders_of(little).into_iter().filter(stops);
    answer.lines.splice(0..0, reminders.flat_map(|reminder| reminded(phone, reminder, little)));
}

/// Puts it below the answer of a command that wrote into something in which this phone has little room left.
pub(crate) fn below(phone: &Phone, mut answer: Answer) -> Answer {
    if !answer.json["events"].is_array() {
        return answer;
    }
    let written = answer.json["aggregate"].as_str().and_then(|text| text.parse().ok());
    // What was written stands, whatever can be said of it.
    let little = written.and_then(|written| phone.replica.little_room_in(written).ok().flatten());
    if let Some(one) = little {
        answer.json["room_left"] = one.left.into();
        answer.lines.extend(lines(phone, &mut std::iter::once(&one)));
    }
    answer
}

fn lines(phone: &Phone, little: &mut dyn Iterator<Item = &LittleRoom>) -> Vec<String> {
    let (people, me) = (phone.replica.people(), phone.replica.device());
    let told = little.flat_map(|one| {
        let handle = people.lines().iter().find(|line| line.device == one.device).map(|line| line.handle.clone());
        let place = match &one.within {
            RoomIn::Thing { aggregate, kind, line } => {
                phone.words.say_with("screen.room_in", json!({ "of": kind, "short": short(*aggregate), "line": line }))
            }
            RoomIn::Roster => phone.words.plain("screen.room_in_roster"),
            RoomIn::Erasures => phone.words.plain("screen.room_in_erasures"),
        };
        let said = json!({
            "who": people.shown_device(one.device), "device": handle, "where": place, "left": one.left,
        });
        let (what, how) = match (one.device == me, one.may_give) {
            (true, true) => ("room_here", "room_own"),
            (true, false) => ("room_here", "room_here"),
            (false, _) => ("room_of", "room_of"),
        };
        [format!("reminder.{what}"), format!("hint.{how}")].map(|key| phone.words.say_with(&key, said.clone()))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use linli_core::id::DeviceId;

    use super::*;

    #[test]
    fn each_phone_is_told_once_the_fullest_first() {
        let room = |device: u8, within, left| LittleRoom {
            device: DeviceId::from_bytes([device; DeviceId::LEN]),
            within,
            left,
            may_give: true,
        };
        let little = [
            room(1, RoomIn::Roster, 9),
            room(2, RoomIn::Roster, 7),
            room(2, RoomIn::Erasures, 3),
            room(1, RoomIn::Erasures, 20),
        ];

        assert_eq!(least(little.iter()), [&little[2], &little[0]]);
    }
}
