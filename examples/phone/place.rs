//! The register of buildings and the community's settings.

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::{
        building::{Building, BuildingChange, BuildingCommand, BuildingView, Unit},
        settings::{Settings, SettingsChange, SettingsCommand, Vocabulary},
    },
    label,
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    show,
    wrong::Wrong,
};

#[derive(Subcommand)]
pub(crate) enum BuildingSubcommand {
    List {
        label: String,
        #[command(flatten)]
        details: Details,
    },
    Edit(EditBuilding),
    Retire {
        building: String,
    },
    All,
}

#[derive(Args)]
pub(crate) struct Details {
    #[arg(long)]
    name: Option<String>,
    #[arg(long, value_name = "PLACE", allow_negative_numbers = true)]
    walk: Option<i64>,
    #[arg(long)]
    entrance: Option<String>,
    #[arg(long = "unit", value_name = "UNIT[:FLOORS:ROOMS]")]
    units: Vec<String>,
    #[arg(long = "outside-room", value_name = "ROOM")]
    outside_rooms: Vec<String>,
}

#[derive(Args)]
pub(crate) struct EditBuilding {
    building: String,
    #[command(flatten)]
    details: Details,
    #[arg(long, value_name = "UNIT")]
    remove_unit: Vec<String>,
    #[arg(long, value_name = "ROOM")]
    remove_outside_room: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum SettingsSubcommand {
    Show,
    Set {
        #[arg(required = true, value_name = "NAME=VALUE")]
        values: Vec<String>,
    },
    AddTerm {
        code: String,
        #[arg(long)]
        zh: String,
        #[arg(long)]
        en: String,
        #[arg(long)]
        category: bool,
    },
    EditTerm(EditTerm),
}

#[derive(Args)]
pub(crate) struct EditTerm {
    code: String,
    #[arg(long)]
    zh: Option<String>,
    #[arg(long)]
    en: Option<String>,
    #[arg(long, value_name = "true|false")]
    active: Option<bool>,
    #[arg(long)]
    category: bool,
}

pub(crate) fn building(phone: &Phone, command: BuildingSubcommand) -> Outcome<Answer> {
    let (target, command) = match command {
        BuildingSubcommand::All => return show::buildings(phone),
        BuildingSubcommand::List { label, details } => {
            (None, BuildingCommand::List { label, changes: details.changes(None)? })
        }
        BuildingSubcommand::Edit(edit) => {
            let view = known(phone, &edit.building)?;
            (Some(view.building), BuildingCommand::Edit { changes: edit.changes(&view)? })
        }
        BuildingSubcommand::Retire { building } => (Some(known(phone, &building)?.building), BuildingCommand::Retire),
    };
    let receipt = phone.submit_with::<Building>(target, command, None)?;
    show::written(phone, "building", &receipt)
}

/// The building in use that bears a label.
fn known(phone: &Phone, text: &str) -> Outcome<BuildingView> {
    let wanted = label::building(&phone.building_label(text)?);
    let is_it = |view: &BuildingView| view.open && label::building(&view.label) == wanted;
    let found = phone.replica.buildings()?.into_iter().find(is_it);
    found.ok_or_else(|| Failure::new(Wrong::Unknown, json!({ "of": "building", "text": text })))
}

impl Details {
    /// What is said, as changes. A unit that is there already is changed, not added.
    fn changes(&self, view: Option<&BuildingView>) -> Outcome<Vec<BuildingChange>> {
        let mut changes = Vec::new();
        changes.extend(self.name.clone().map(BuildingChange::Name));
        changes.extend(self.walk.map(|walk| BuildingChange::WalkOrder(Some(walk))));
        changes.extend(self.entrance.clone().map(BuildingChange::EntranceNote));
        for text in &self.units {
            let mut unit = read_unit(text)?;
            let known = view
                .and_then(|view| view.units.iter().find(|known| label::unit(&known.label) == label::unit(&unit.label)));
            unit.item = known.and_then(|known| known.item);
            changes.push(BuildingChange::Unit(unit));
        }
        changes.extend(self.outside_rooms.iter().cloned().map(BuildingChange::AddOutsideRoom));
        Ok(changes)
    }
}

/// Reads `2` or `2:18:4`.
fn read_unit(text: &str) -> Outcome<Unit> {
    let wrong = || Failure::usage(Wrong::NotAUnit, json!({ "text": text }));
    let mut parts = text.split(':');
    let label = parts.next().unwrap_or_default().trim().to_owned();
    let numbers: Vec<i64> = parts.map(|part| part.trim().parse().map_err(|_| wrong())).collect::<Outcome<_>>()?;
    let (floors, rooms_per_floor) = match numbers[..] {
        [] => (None, None),
        [floors] => (Some(floors), None),
        [floors, rooms] => (Some(floors), Some(rooms)),
        _ => return Err(wrong()),
    };
    Ok(Unit { item: None, label, floors, rooms_per_floor })
}

impl EditBuilding {
    fn changes(&self, view: &BuildingView) -> Outcome<Vec<BuildingChange>> {
        let mut changes = self.details.changes(Some(view))?;
        let unknown = |text: &str| Failure::new(Wrong::Unknown, json!({ "of": "room", "text": text }));
        for text in &self.remove_unit {
            let unit =
                view.units.iter().find(|unit| label::unit(&unit.label) == label::unit(text)).and_then(|unit| unit.item);
            changes.push(BuildingChange::RemoveUnit(unit.ok_or_else(|| unknown(text))?));
        }
        for text in &self.remove_outside_room {
            let room = view.outside_rooms.iter().find(|room| label::room(&room.label) == label::room(text));
            changes.push(BuildingChange::RemoveOutsideRoom(room.ok_or_else(|| unknown(text))?.item));
        }
        Ok(changes)
    }
}

pub(crate) fn settings(phone: &Phone, command: SettingsSubcommand) -> Outcome<Answer> {
    let changes = match command {
        SettingsSubcommand::Show => return show::settings(phone),
        SettingsSubcommand::Set { values } => {
            values.iter().map(|text| setting(text)).collect::<Outcome<Vec<SettingsChange>>>()?
        }
        SettingsSubcommand::AddTerm { code, zh, en, category } => {
            vec![SettingsChange::AddTerm { table: table(category), code, zh, en }]
        }
        SettingsSubcommand::EditTerm(edit) => vec![edit_term(phone, edit)?],
    };
    let target = phone.settings.settings;
    let command = match target {
        Some(_) => SettingsCommand::Edit { changes },
        None => SettingsCommand::Create { changes },
    };
    let receipt = phone.submit_with::<Settings>(target, command, None)?;
    show::written(phone, "settings", &receipt)
}

const fn table(category: bool) -> Vocabulary {
    if category { Vocabulary::Categories } else { Vocabulary::OrderKinds }
}

/// What is not said stays. The defaults cannot be edited before there are settings.
fn edit_term(phone: &Phone, edit: EditTerm) -> Outcome<SettingsChange> {
    let list = if edit.category { &phone.settings.categories } else { &phone.settings.order_kinds };
    let unknown = || Failure::new(Wrong::Unknown, json!({ "of": "term", "text": edit.code }));
    let term = list.iter().find(|term| term.code == edit.code).ok_or_else(unknown)?;
    let item = term.item.ok_or_else(|| Failure::new(Wrong::SettingsNotMade, json!({})))?;
    Ok(SettingsChange::EditTerm {
        table: table(edit.category),
        item,
        zh: edit.zh.unwrap_or_else(|| term.zh.clone()),
        en: edit.en.unwrap_or_else(|| term.en.clone()),
        active: edit.active.unwrap_or(term.active),
    })
}

fn setting(text: &str) -> Outcome<SettingsChange> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| Failure::usage(Wrong::NotAnAssignment, json!({ "text": text })))?;
    let number = || match value.trim() {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| Failure::new(Wrong::NotANumber, json!({ "text": value }))),
    };
    Ok(match name.trim() {
        "emergency_number" => SettingsChange::EmergencyNumber(value.to_owned()),
        "time_zone" => SettingsChange::TimeZone(value.to_owned()),
        "utc_offset_minutes" => SettingsChange::UtcOffsetMinutes(number()?),
        "lease_urgent_minutes" => SettingsChange::LeaseUrgentMinutes(number()?),
        "lease_normal_minutes" => SettingsChange::LeaseNormalMinutes(number()?),
        "take_limit" => SettingsChange::TakeLimit(number()?),
        "erase_after_days" => SettingsChange::EraseAfterDays(number()?),
        other => return Err(Failure::new(Wrong::Unknown, json!({ "of": "setting", "text": other }))),
    })
}
