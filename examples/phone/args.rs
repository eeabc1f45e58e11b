//! The command line: what can be said, and who carries it out. What each command and argument means stands in the table
//! of words, which the help is made from.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{
    Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
    error::ErrorKind,
};
use linli_core::{aggregate::medicine_box::When, id::CommandId, time::WallMs};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{
    about, alert,
    answer::Answer,
    banner, boxes, bundle,
    failure::{Failure, Outcome},
    home::{Home, Phone},
    household,
    kit::{self, KitSubcommand},
    look, net, order, peers, people, place, product, recall, relay, rooms, upkeep, withdraw,
    words::{Lang, Words, help, misread},
};

/// The command line. What its commands and arguments are stands in the table of words.
#[derive(Parser)]
#[command(name = "phone", version, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
pub(crate) struct Globals {
    #[arg(long, global = true, env = "LINLI_HOME", value_name = "DIR", default_value = "phone-home")]
    home: PathBuf,
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    #[arg(long, global = true, value_name = "HEX")]
    command_id: Option<CommandId>,
}

impl Globals {
    /// The words of the chosen language.
    pub(crate) fn words(&self) -> Words {
        Words(self.lang.unwrap_or_else(Lang::of_environment))
    }
}

#[derive(Subcommand)]
enum Command {
    Found(people::Found),
    Id,
    Admit(people::Admit),
    Welcome,
    Invite(net::Invite),
    Join(people::Join),
    #[command(subcommand)]
    Kit(kit::KitSubcommand),
    Grant(people::Grant),
    Ungrant(people::Grant),
    Room(people::Room),
    Revoke(withdraw::Revoke),
    Cut(withdraw::Recut),
    Leave(withdraw::Leave),
    Wipe(withdraw::Wipe),
    Members,
    Sync(people::Sync),
    Listen(net::Live),
    Watch(net::Live),
    Peers,
    #[command(subcommand)]
    Relay(relay::RelaySubcommand),
    #[command(subcommand)]
    Bundle(bundle::BundleSubcommand),

    Board(look::Board),
    #[command(subcommand)]
    Order(order::OrderSubcommand),
    Round(look::Round),
    Conflicts(look::Conflicts),
    Choose(order::Choose),
    Resolve(order::Resolve),
    Search(look::Search),

    #[command(subcommand, name = "box")]
    Box(boxes::BoxSubcommand),
    Boxes,
    #[command(subcommand)]
    Product(product::ProductSubcommand),
    #[command(subcommand)]
    Recall(recall::RecallSubcommand),
    #[command(subcommand)]
    Alert(alert::AlertSubcommand),
    #[command(subcommand)]
    Household(household::HouseholdSubcommand),

    #[command(subcommand)]
    Building(place::BuildingSubcommand),
    #[command(subcommand)]
    Settings(place::SettingsSubcommand),

    Log(look::Log),
    About(about::About),
    Tend,
    Verify,
    Rebuild,
    Recover,
    Salvage,
    Export(upkeep::Export),
}

/// What is said to have happened.
#[derive(Args)]
pub(crate) struct Happened {
    #[arg(long)]
    pub(crate) already_happened: bool,
    #[arg(long, value_name = "TIME")]
    happened_at: Option<String>,
}

impl Happened {
    /// When, where that is said.
    pub(crate) fn at(&self, phone: &Phone) -> Outcome<Option<WallMs>> {
        phone.time_if(self.happened_at.as_deref())
    }

    /// The same, as boxes take it.
    pub(crate) fn when(&self, phone: &Phone) -> Outcome<When> {
        Ok(When { already_happened: self.already_happened, happened_at: self.at(phone)? })
    }
}

/// A word that stands for a code of the engine: `left-at-door` for `left_at_door`.
pub(crate) fn coded<T>(words: impl IntoIterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| serde_json::from_value(word.replace('-', "_").into()))
}

/// What reading the command line came to.
pub(crate) enum Reading {
    /// A command.
    Understood(Box<Cli>),
    /// Somebody asked for help.
    Help { text: String, words: Words },
    /// It is no command.
    NotUnderstood { failure: Failure, text: String, json: bool, words: Words },
}

/// Reads a command line.
pub(crate) fn read(arguments: Vec<OsString>) -> Reading {
    // Help is shown before anything is parsed, so its language is looked for by hand.
    let words = Words(language(&arguments).unwrap_or_else(Lang::of_environment));
    let json = arguments.iter().any(|argument| argument == "--json");
    let command = help::teach(Cli::command(), words);
    let read = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    match read {
        Ok(cli) => Reading::Understood(Box::new(cli)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Reading::Help { text: error.to_string(), words },
            _ => {
                let text = misread(&error, words);
                let failure = Failure::usage("usage", json!({ "detail": text }));
                Reading::NotUnderstood { failure, text, json, words }
            }
        },
    }
}

fn language(arguments: &[OsString]) -> Option<Lang> {
    let texts: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let behind = texts.iter().position(|text| text == "--lang").and_then(|at| texts.get(at + 1));
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    Lang::of_code(behind.map(AsRef::as_ref).or(joined)?)
}

/// Carries a command out.
pub(crate) fn run(cli: Cli) -> Outcome<Answer> {
    let (words, screen) = (cli.globals.words(), net::Screen::of(cli.globals.json));
    let Globals { home, command_id, .. } = cli.globals;
    // Only what begins a phone makes a home: a mistyped directory is not one.
    let begins = matches!(
        cli.command,
        Command::Found(_) | Command::Id | Command::Join(_) | Command::Kit(KitSubcommand::Restore(_))
    );
    if let Command::Wipe(wipe) = &cli.command {
        return withdraw::wipe(&home, words, wipe);
    }
    if let Command::Recover = &cli.command {
        return upkeep::recover(&home, words);
    }
    let phone = Phone::open(&home, if begins { Home::Make } else { Home::MustBe }, words, command_id)?;
    let came = carry_out(&phone, cli.command, &home, screen).map(|answer| rooms::below(&phone, answer));
    banner::above(&phone, came)
}

fn carry_out(phone: &Phone, command: Command, home: &Path, screen: net::Screen) -> Outcome<Answer> {
    let words = phone.words;
    match command {
        Command::Found(found) => people::found(phone, found),
        Command::Id => people::id(phone),
        Command::Admit(admit) => people::admit(phone, admit),
        Command::Welcome => people::welcome(phone),
        Command::Invite(invite) => net::invite(phone, invite, screen),
        Command::Join(join) => people::join(phone, &join, screen),
        Command::Kit(command) => kit::run(phone, command),
        Command::Grant(grant) => people::grant(phone, &grant),
        Command::Ungrant(grant) => withdraw::ungrant(phone, &grant),
        Command::Room(room) => people::room(phone, &room),
        Command::Revoke(revoke) => withdraw::revoke(phone, &revoke),
        Command::Cut(recut) => withdraw::recut(phone, &recut),
        Command::Leave(leave) => withdraw::leave(phone, &leave),
        // Done above, for nobody may have the home open.
        Command::Wipe(wipe) => withdraw::wipe(home, words, &wipe),
        Command::Members => people::members(phone),
        Command::Sync(sync) => people::sync(phone, &sync),
        Command::Listen(live) => net::listen(phone, &live, screen),
        Command::Watch(live) => net::watch(phone, &live, screen),
        Command::Peers => peers::peers(phone),
        Command::Relay(command) => relay::run(phone, command),
        Command::Bundle(command) => bundle::run(phone, command),
        Command::Board(board) => look::board(phone, board),
        Command::Order(command) => order::run(phone, command),
        Command::Round(round) => look::round(phone, &round),
        Command::Conflicts(conflicts) => look::conflicts(phone, &conflicts),
        Command::Choose(choose) => order::choose(phone, choose),
        Command::Resolve(resolve) => order::resolve(phone, &resolve),
        Command::Search(search) => look::search(phone, &search),
        Command::Box(command) => boxes::run(phone, command),
        Command::Boxes => boxes::all(phone),
        Command::Product(command) => product::run(phone, command),
        Command::Recall(command) => recall::run(phone, command),
        Command::Alert(command) => alert::run(phone, command),
        Command::Household(command) => household::run(phone, command),
        Command::Building(command) => place::building(phone, command),
        Command::Settings(command) => place::settings(phone, command),
        Command::Log(log) => look::log(phone, &log),
        Command::About(about) => about::about(phone, &about),
        Command::Tend => about::tend(phone),
        Command::Verify => upkeep::verify(phone),
        Command::Rebuild => upkeep::rebuild(phone),
        Command::Recover => upkeep::recover(home, words),
        Command::Salvage => upkeep::salvage(phone),
        Command::Export(export) => upkeep::export(phone, &export),
    }
}
