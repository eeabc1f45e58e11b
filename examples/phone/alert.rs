//! Alerts: calling for help, and answering.

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::alert::{Alert, AlertWish},
    id::Reference,
};

use crate::{answer::Answer, desk::Phone, failure::Outcome, show};

#[derive(Subcommand)]
pub(crate) enum AlertCommand {
    /// Call for help; nothing but what it is about is needed
    Raise(Raise),
    /// I have seen it and care for it
    Ack(One),
    /// I am on my way
    Respond(Respond),
    /// I cannot come after all
    StandDown(StandDown),
    /// An ambulance has taken over
    Hand(Hand),
    /// It is over
    Resolve(Resolve),
    /// It is not over, or nobody came
    Again(Again),
    /// Say a word
    Comment(Comment),
    /// Change what it says; an empty text clears
    Edit(Edit),
    /// Undo a mis-tap
    Correct(Correct),
    /// Alerts that are not over
    List(List),
    /// One alert with its history, how loud it is, who has it
    Show(One),
}

#[derive(Args)]
pub(crate) struct Raise {
    /// What it is about, such as chest_pain, fall, labour, fire, other
    what: String,
    /// Where, as people write it: 3-2-1804
    #[arg(long, value_name = "ADDRESS")]
    at: Option<String>,
    /// A place in words, where there is no address
    #[arg(long, conflicts_with = "at")]
    place: Option<String>,
    /// What is the matter, in words
    #[arg(long)]
    text: Option<String>,
    /// Whom to call
    #[arg(long)]
    contact: Option<String>,
}

#[derive(Args)]
pub(crate) struct One {
    /// The alert
    alert: String,
}

#[derive(Args)]
pub(crate) struct Respond {
    /// The alert
    alert: String,
    /// Minutes until you are there
    #[arg(long, value_name = "MINUTES")]
    eta: Option<u16>,
}

#[derive(Args)]
pub(crate) struct StandDown {
    /// The alert
    alert: String,
    /// Why
    #[arg(long)]
    why: String,
}

#[derive(Args)]
pub(crate) struct Hand {
    /// The alert
    alert: String,
    /// Which ambulance, to where
    #[arg(long)]
    note: Option<String>,
    /// It happened, whatever the alert says by now
    #[arg(long)]
    already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Resolve {
    /// The alert
    alert: String,
    /// How: a code, such as helped or false_alarm
    #[arg(long, default_value = "helped")]
    how: String,
    /// How, in words
    #[arg(long)]
    note: Option<String>,
    /// It happened, whatever the alert says by now
    #[arg(long)]
    already_happened: bool,
}

#[derive(Args)]
pub(crate) struct Again {
    /// The alert
    alert: String,
    /// Why
    #[arg(long)]
    why: Option<String>,
}

#[derive(Args)]
pub(crate) struct Comment {
    /// The alert
    alert: String,
    /// The word
    text: String,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// The alert
    alert: String,
    /// What is the matter, in words
    #[arg(long)]
    text: Option<String>,
    /// Whom to call
    #[arg(long)]
    contact: Option<String>,
    /// The unit
    #[arg(long)]
    unit: Option<String>,
    /// The room, or a place in words
    #[arg(long)]
    room: Option<String>,
}

#[derive(Args)]
pub(crate) struct Correct {
    /// The alert
    alert: String,
    /// The event, as the history shows it
    event: String,
    /// What it should say: a code, minutes, a text; without it, nothing at all
    #[arg(long)]
    value: Option<String>,
    /// Why
    #[arg(long)]
    why: String,
}

#[derive(Args)]
pub(crate) struct List {
    /// Those that are over too
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
