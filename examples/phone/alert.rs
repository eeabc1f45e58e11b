//! Alerts: calling for help, and answering.

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::alert::{Alert, AlertCommand},
    id::Reference,
};

use crate::{answer::Answer, failure::Outcome, home::Phone, show};

#[derive(Subcommand)]
pub(crate) enum AlertSubcommand {
    Raise(Raise),
    Ack(One),
    Respond(Respond),
    StandDown(StandDown),
    Hand(Hand),
    Resolve(Resolve),
    Again(Again),
    Comment(Comment),
    Edit(Edit),
    Correct(Correct),
    List(List),
    Show(One),
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
pub(crate) struct One {
    alert: String,
}

#[derive(Args)]
pub(crate) struct Respond {
    alert: String,
    #[arg(long, value_name = "MINUTES")]
    eta: Option<u16>,
}

#[derive(Args)]
pub(crate) struct StandDown {
    alert: String,
    #[arg(long)]
    why: String,
}

#[derive(Args)]
pub(crate) struct Hand {
    alert: String,
    #[arg(long)]
    note: Option<String>,
    #[arg(long)]
    already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Resolve {
    alert: String,
    #[arg(long, default_value = "helped")]
    how: String,
    #[arg(long)]
    note: Option<String>,
    #[arg(long)]
    already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Again {
    alert: String,
    #[arg(long)]
    why: Option<String>,
}

#[derive(Args)]
pub(crate) struct Comment {
    alert: String,
    text: String,
}

#[derive(Args)]
pub(crate) struct Edit {
    alert: String,
    #[arg(long)]
    text: Option<String>,
    #[arg(long)]
    contact: Option<String>,
    #[arg(long)]
    unit: Option<String>,
    #[arg(long)]
    room: Option<String>,
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

#[derive(Args)]
pub(crate) struct List {
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(phone: &Phone, command: AlertSubcommand) -> Outcome<Answer> {
    let (alert, command) = match command {
        AlertSubcommand::Raise(raise) => return self::raise(phone, raise),
        AlertSubcommand::List(List { all }) => return show::alerts(phone, all),
        AlertSubcommand::Show(One { alert }) => return show::alert(phone, &alert),
        AlertSubcommand::Ack(One { alert }) => (alert, AlertCommand::Acknowledge),
        AlertSubcommand::Respond(Respond { alert, eta }) => (alert, AlertCommand::Respond { eta_minutes: eta }),
        AlertSubcommand::StandDown(StandDown { alert, why }) => (alert, AlertCommand::StandDown { why }),
        AlertSubcommand::Hand(Hand { alert, note, already_happened }) => {
            (alert, AlertCommand::HandToAmbulance { note, already_happened })
        }
        AlertSubcommand::Resolve(Resolve { alert, how, note, already_happened }) => {
            (alert, AlertCommand::Resolve { how, note, already_happened })
        }
        AlertSubcommand::Again(Again { alert, why }) => (alert, AlertCommand::RaiseAgain { why }),
        AlertSubcommand::Comment(Comment { alert, text }) => (alert, AlertCommand::Comment { text }),
        AlertSubcommand::Edit(Edit { alert, text, contact, unit, room }) => {
            (alert, AlertCommand::Edit { text, contact, unit, room })
        }
        AlertSubcommand::Correct(correct) => return self::correct(phone, &correct),
    };
    write(phone, Some(phone.reference("alert", &alert)?), command)
}

fn raise(phone: &Phone, raise: Raise) -> Outcome<Answer> {
    let address = raise.at.map(|text| phone.address(&text)).transpose()?;
    let part = |part: Option<&str>| part.map(str::to_owned);
    let command = AlertCommand::Raise {
        what: raise.what,
        building: part(address.as_ref().map(|address| address.building())),
        unit: part(address.as_ref().and_then(|address| address.unit())),
        room: part(address.as_ref().and_then(|address| address.room())).or(raise.place),
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
