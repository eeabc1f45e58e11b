//! Rooms: where somebody has little left to write in, and what to type before anything is refused.

use linli_core::replica::{LittleRoom, Reminder, RoomIn};
use serde_json::json;

use crate::{answer::Answer, failure::Outcome, home::Phone, ids::short};

/// What somebody is reminded of, and what they do about it.
pub(crate) fn reminded(phone: &Phone, reminder: Reminder) -> Outcome<Vec<String>> {
    let (little, me) = (phone.replica.little_room()?, phone.replica.device());
    let (mut own, mut others) =
        (little.iter().filter(|one| one.device == me), little.iter().filter(|one| one.device != me));
    Ok(match reminder {
        Reminder::RoomHere => lines(phone, &mut own),
        Reminder::RoomOf => lines(phone, &mut others),
        Reminder::SecondCoordinator | Reminder::RoomForKeys => {
            ["reminder", "hint"].map(|kind| phone.words.plain(&format!("{kind}.{}", reminder.code()))).to_vec()
        }
    })
}

/// Puts above an answer what keeps somebody from writing, now or soon.
pub(crate) fn above(phone: &Phone, answer: &mut Answer) -> Outcome<()> {
    let stops = |reminder: &Reminder| *reminder != Reminder::SecondCoordinator;
    let mut told = Vec::new();
    for reminder in phone.replica.reminders()?.into_iter().filter(stops) {
        told.extend(reminded(phone, reminder)?);
    }
    answer.lines.splice(0..0, told);
    Ok(())
}

/// Puts it below the answer of a command that wrote into something in which this phone has little room left.
pub(crate) fn below(phone: &Phone, mut answer: Answer) -> Answer {
    if !answer.json["events"].is_array() {
        return answer;
    }
    // What was written stands, whatever can be said of it.
    let (little, me) = (phone.replica.little_room().unwrap_or_default(), phone.replica.device());
    let written = |one: &&LittleRoom| match &one.within {
        RoomIn::Thing { aggregate, .. } => one.device == me && answer.json["aggregate"] == json!(aggregate),
        RoomIn::Roster | RoomIn::Erasures => false,
    };
    if let Some(one) = little.iter().find(written) {
        answer.json["room_left"] = one.left.into();
        answer.lines.extend(lines(phone, &mut std::iter::once(one)));
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
