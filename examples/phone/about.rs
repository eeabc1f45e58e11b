//! What is held about a room: shown, handed out, erased; and the upkeep of forgetting.

use std::{
    io::{IsTerminal, stderr, stdin},
    path::PathBuf,
};

use clap::Args;
use linli_core::{
    replica::{AboutRoom, EraseError, TendError},
    text,
    written::door::Door,
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    out, rooms,
    show::place_of,
    upkeep::write_new,
    words::short,
    wrong::Wrong,
};

#[derive(Args)]
pub(crate) struct About {
    address: String,
    #[arg(long, value_name = "FILE", conflicts_with = "erase")]
    export: Option<PathBuf>,
    #[arg(long)]
    erase: bool,
    #[arg(long, requires = "erase")]
    yes: bool,
}

pub(crate) fn about(phone: &Phone, about: &About) -> Outcome<Answer> {
    let door = phone.door_sought(&about.address)?;
    let no_room = || Failure::new(Wrong::NotARoom, json!({ "text": about.address }));
    let room = door.room.as_deref().ok_or_else(no_room)?;
    let (building, unit) = (door.building.as_str(), door.unit.as_deref());
    let held = phone.replica.about(building, unit, room)?;
    let mut lines = listed(phone, &held);
    if let Some(file) = &about.export {
        let document = phone.replica.export_about(building, unit, room)?;
        write_new(file, document.as_bytes())?;
        let written = json!({ "file": file.display().to_string(), "bytes": document.len() });
        lines.push(phone.words.say_with("done.exported", written.clone()));
        return Ok(Answer::new(written, lines));
    }
    if !about.erase {
        return Ok(Answer::new(&held, lines));
    }
    if !about.yes && !confirmed(phone, &door, &lines) {
        let asked = Failure::new(Wrong::NotConfirmed, json!({ "text": about.address }));
        return Err(Failure { flag: Some("--yes"), ..asked });
    }
    let erased = phone.replica.erase_about(phone.command, building, unit, room)?;
    let mut lines = vec![phone.words.say_with("done.erased", json!({ "count": erased.erased.len() }))];
    if erased.care_hidden {
        lines.push(phone.words.plain("screen.care_hidden"));
    }
    for medicine_box in &erased.carry_over {
        lines.push(phone.words.say_with("screen.carry_over", json!({ "box": short(*medicine_box) })));
    }
    Ok(Answer::new(&erased, lines))
}

/// Does what is due: looks after the keys, forgets, names what came late, erases orders closed long ago.
pub(crate) fn tend(phone: &Phone) -> Outcome<Answer> {
    let tended = phone.replica.tend()?;
    let said = json!({
        "erased": tended.erased.len(),
        "waiting": tended.waiting,
        "stragglers": tended.stragglers,
        "forgotten": tended.forgotten,
        "keys": tended.rotated.len(),
    });
    let mut answer = Answer::new(&tended, [phone.words.say_with("done.tended", said)]);
    if phone.replica.community().is_some() {
        // What a timer runs ends in a log: it says nothing of where people live.
        let little = rooms::bare(phone.replica.little_room()?);
        rooms::above(phone, &mut answer, &little);
        answer.json["little_room"] = json!(little);
    }
    Ok(answer)
}

fn listed(phone: &Phone, about: &AboutRoom) -> Vec<String> {
    let mut lines = Vec::new();
    let counts = json!({
        "orders": about.orders.len(),
        "alerts": about.alerts.len(),
        "takes": about.takes.len(),
        "households": about.households.len(),
    });
    lines.push(phone.words.say_with("screen.about", counts));
    for order in &about.orders {
        let what = phone.words.several(&order.view.card.items);
        lines.push(format!("  {} {} {what}", short(order.order), phone.local.show(order.view.written)));
    }
    for alert in &about.alerts {
        lines.push(format!(
            "  {} {} {}",
            short(alert.card.alert),
            phone.local.show(alert.card.raised_at),
            phone.words.word("what", &alert.card.what)
        ));
    }
    for household in &about.households {
        lines.push(format!("  {} {}", short(household.card.household), phone.words.several(&household.card.people)));
    }
    if about.care_hidden {
        lines.push(phone.words.plain("screen.care_hidden"));
    }
    for other in &about.others {
        let what = phone.words.word("word", &other.kind);
        lines.push(format!("  {} {what} {}", short(other.aggregate), text::line(&other.line)));
    }
    for take in &about.takes {
        lines.push(format!(
            "  {} {} {} {}",
            short(take.medicine_box),
            phone.local.show(take.wall),
            phone.words.word("flow", &take.kind),
            take.qty
        ));
    }
    lines
}

/// Asks whoever sits at the terminal; nobody there is a no.
fn confirmed(phone: &Phone, Door { building, unit, room }: &Door, lines: &[String]) -> bool {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return false;
    }
    let place = place_of([Some(building), unit.as_deref(), room.as_deref()]);
    let question = phone.words.say_with("screen.erase_sure", json!({ "text": place }));
    if out::ask(lines, &question).is_err() {
        return false;
    }
    let mut answer = String::new();
    stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "是")
}

impl From<TendError> for Failure {
    fn from(error: TendError) -> Self {
        match error {
            TendError::Keys(error) => error.into(),
            TendError::Erasure(error) => error.into(),
            TendError::Store(error) => error.into(),
        }
    }
}

impl From<EraseError> for Failure {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::NotEntitled { need } => {
                let needs: Vec<&str> = need.names().collect();
                Self::new(Wrong::NotEntitled, json!({ "needs": needs }))
            }
            EraseError::Unknown(reference) => {
                Self::new(Wrong::Unknown, json!({ "of": "thing", "text": reference.to_string() }))
            }
            EraseError::Kept { kind, aggregate } => {
                let kept = json!({ "of": kind, "text": aggregate.to_string() });
                Self::keyed("refusal.erasure.kept".to_owned(), kept)
            }
            EraseError::Reused => Self::new(Wrong::CommandIdReused, json!({})),
            EraseError::NotAMember => Self::new(Wrong::NotAMember, json!({})),
            EraseError::Limit(error) => Self::limit(&error),
            EraseError::Store(error) => error.into(),
        }
    }
}
