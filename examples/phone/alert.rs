//! Alerts: calling for help, and answering.

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::alert::{Alert, AlertWish},
    id::Reference,
};

use crate::{answer::Answer, failure::Outcome, home::Phone, show};

#[derive(Subcommand)]
pub(crate) enum AlertCommand {
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

pub(crate) fn run(phone: &Phone, command: AlertCommand) -> Outcome<Answer> {
    let (alert, wish) = match command {
        AlertCommand::Raise(raise) => return self::raise(phone, raise),
        AlertCommand::List(List { all }) => return show::alerts(phone, all),
        AlertCommand::Show(One { alert }) => return show::alert(phone, &alert),
        AlertCommand::Ack(One { alert }) => (alert, AlertWish::Acknowledge),
        AlertCommand::Respond(Respond { alert, eta }) => (alert, AlertWish::Respond { eta_minutes: eta }),
        AlertCommand::StandDown(StandDown { alert, why }) => (alert, AlertWish::StandDown { why }),
        AlertCommand::Hand(Hand { alert, note, already_happened }) => {
            (alert, AlertWish::HandToAmbulance { note, already_happened })
        }
        AlertCommand::Resolve(Resolve { alert, how, note, already_happened }) => {
            (alert, AlertWish::Resolve { how, note, already_happened })
        }
        AlertCommand::Again(Again { alert, why }) => (alert, AlertWish::RaiseAgain { why }),
        AlertCommand::Comment(Comment { alert, text }) => (alert, AlertWish::Comment { text }),
        AlertCommand::Edit(Edit { alert, text, contact, unit, room }) => {
            (alert, AlertWish::Edit { text, contact, unit, room })
        }
        AlertCommand::Correct(correct) => return self::correct(phone, &correct),
    };
    write(phone, Some(phone.reference("alert", &alert)?), wish)
}

fn raise(phone: &Phone, raise: Raise) -> Outcome<Answer> {
    let address = raise.at.map(|text| phone.address(&text)).transpose()?;
    let part = |part: Option<&str>| part.map(str::to_owned);
    let wish = AlertWish::Raise {
        what: raise.what,
        building: part(address.as_ref().map(|address| address.building())),
        unit: part(address.as_ref().and_then(|address| address.unit())),
        room: part(address.as_ref().and_then(|address| address.room())).or(raise.place),
        text: raise.text,
        contact: raise.contact,
    };
    write(phone, None, wish)
}

fn correct(phone: &Phone, correct: &Correct) -> Outcome<Answer> {
    let alert = phone.reference("alert", &correct.alert)?;
    let event = phone.event(alert, &correct.event)?;
    let value = correct.value.as_deref().map(|text| match text.parse::<i64>() {
        Ok(minutes) => minutes.into(),
        Err(_) => text.into(),
    });
    let value = value.unwrap_or(linli_core::event::Scalar::Null);
    write(phone, Some(alert), AlertWish::Correct { event, value, why: correct.why.clone() })
}

fn write(phone: &Phone, target: Option<Reference>, wish: AlertWish) -> Outcome<Answer> {
    let receipt = phone.submit::<Alert>(target, wish, "--already-happened")?;
    show::written_alert(phone, &receipt)
}
