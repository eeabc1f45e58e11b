//! Alerts: calling for help, and answering.

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::{
        address::label,
        alert::{Alert, AlertCommand},
    },
    id::Reference,
    written::door::Door,
};

use crate::{answer::Answer, failure::Outcome, home::Phone, show};

#[derive(Subcommand)]
pub(crate) enum AlertSubcommand {
    Raise(Raise),
    Codes,
    Ack {
        alert: String,
    },
    Respond {
        alert: String,
        #[arg(long, value_name = "MINUTES")]
        eta: Option<u16>,
    },
    StandDown {
        alert: String,
        #[arg(long)]
        why: String,
    },
    Hand {
        alert: String,
        #[arg(long)]
        note: Option<String>,
        #[arg(long)]
        already_happened: bool,
    },
    Resolve {
        alert: String,
        #[arg(long, default_value = "helped")]
        how: String,
        #[arg(long)]
        note: Option<String>,
        #[arg(long)]
        already_happened: bool,
    },
    Again {
        alert: String,
        #[arg(long)]
        why: Option<String>,
    },
    Comment {
        alert: String,
        text: String,
    },
    Edit {
        alert: String,
        #[arg(long)]
        text: Option<String>,
        #[arg(long)]
        contact: Option<String>,
        #[arg(long)]
        unit: Option<String>,
        #[arg(long)]
        room: Option<String>,
    },
    Correct(Correct),
    List {
        #[arg(long)]
        all: bool,
    },
    Show {
        alert: String,
    },
}

#[derive(Args)]
pub(crate) struct Raise {
    what: String,
    #[arg(long, value_name = "ADDRESS")]
    at: Option<String>,
    #[arg(long, conflicts_with = "at")]
    place: Option<String>,
    #[arg(long)]
    text: Option<String>,
    #[arg(long)]
    contact: Option<String>,
}

#[derive(Args)]
pub(crate) struct Correct {
    alert: String,
    event: String,
    #[arg(long)]
    value: Option<String>,
    #[arg(long)]
    why: String,
}

pub(crate) fn run(phone: &Phone, command: AlertSubcommand) -> Outcome<Answer> {
    let (alert, command) = match command {
        AlertSubcommand::Raise(raise) => return self::raise(phone, raise),
        AlertSubcommand::Codes => return Ok(show::alert_codes(phone)),
        AlertSubcommand::List { all } => return show::alerts(phone, all),
        AlertSubcommand::Show { alert } => return show::alert(phone, &alert),
        AlertSubcommand::Ack { alert } => (alert, AlertCommand::Acknowledge),
        AlertSubcommand::Respond { alert, eta } => (alert, AlertCommand::Respond { eta_minutes: eta }),
        AlertSubcommand::StandDown { alert, why } => (alert, AlertCommand::StandDown { why }),
        AlertSubcommand::Hand { alert, note, already_happened } => {
            (alert, AlertCommand::HandToAmbulance { note, already_happened })
        }
        AlertSubcommand::Resolve { alert, how, note, already_happened } => {
            (alert, AlertCommand::Resolve { how, note, already_happened })
        }
        AlertSubcommand::Again { alert, why } => (alert, AlertCommand::RaiseAgain { why }),
        AlertSubcommand::Comment { alert, text } => (alert, AlertCommand::Comment { text }),
        AlertSubcommand::Edit { alert, text, contact, unit, room } => {
            (alert, AlertCommand::Edit { text, contact, unit, room })
        }
        AlertSubcommand::Correct(correct) => return self::correct(phone, &correct),
    };
    write(phone, Some(phone.reference("alert", &alert)?), command)
}

fn raise(phone: &Phone, raise: Raise) -> Outcome<Answer> {
    let Door { building, unit, room } = match raise.at.as_deref() {
        None => Door::default(),
        Some(text) => match phone.door_sought(text) {
            Ok(door) => door,
            // Whoever comes to help reads it as it was typed.
            Err(failure) => match label(text) {
                Ok(place) => Door { room: Some(place), ..Door::default() },
                Err(_) => return Err(failure),
            },
        },
    };
    let command = AlertCommand::Raise {
        what: raise.what,
        building: Some(building).filter(|building| !building.is_empty()),
        unit,
        room: room.or(raise.place),
        text: raise.text,
        contact: raise.contact,
    };
    write(phone, None, command)
}

fn correct(phone: &Phone, correct: &Correct) -> Outcome<Answer> {
    let alert = phone.reference("alert", &correct.alert)?;
    let event = phone.event(alert, &correct.event)?;
    let value = correct.value.as_deref().map(|text| match text.parse::<i64>() {
        Ok(minutes) => minutes.into(),
        Err(_) => text.into(),
    });
    let value = value.unwrap_or(linli_core::event::Scalar::Null);
    write(phone, Some(alert), AlertCommand::Correct { event, value, why: correct.why.clone() })
}

fn write(phone: &Phone, target: Option<Reference>, command: AlertCommand) -> Outcome<Answer> {
    let receipt = phone.submit::<Alert>(target, command, "--already-happened")?;
    show::written_alert(phone, &receipt)
}
