//! The command line: what can be said, and who carries it out.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};
use linli_core::id::CommandId;
use serde_json::json;

use crate::{
    about, alert,
    answer::Answer,
    boxes, bundle,
    desk::{Home, Phone},
    failure::{Failure, Outcome},
    household,
    kit::{self, KitCommand},
    look, net, order, peers, people, place, product, recall, relay, upkeep, withdraw,
    words::{Lang, Words, help},
};

/// A volunteer's phone in a terminal: orders, medicine boxes, recalls and alerts of a residential compound, kept on
/// this phone and shared with the neighbours' phones whenever they meet.
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
    /// The phone's directory: its database, and its keys in `secrets` inside it
    #[arg(long, global = true, env = "LINLI_HOME", value_name = "DIR", default_value = "phone-home")]
    home: PathBuf,
    /// Answer with one JSON document (errors: one on the standard error)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language of sentences; without it, that of the environment
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    /// A name of your own for this command, 32 hexadecimal digits: the same again writes nothing twice
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
    /// Found a community with this phone as its first coordinator
    Found(people::Found),
    /// Print what this phone shows of itself, to be admitted by a coordinator
    Id,
    /// Admit a device by what its `id` printed, and print the welcome to give it
    Admit(people::Admit),
    /// Print the welcome to this community again
    Welcome,
    /// Let somebody in: show a code, compare six digits with their phone, say yes
    Invite(net::Invite),
    /// Join a community by the code that another phone shows, or by the welcome a coordinator gave you
    Join(people::Join),
    /// When the founder's phone is lost: the recovery kit
    #[command(subcommand)]
    Kit(kit::KitCommand),
    /// Give a device a right: leader of buildings, keeper of boxes, care
    Grant(people::Grant),
    /// Take a right away; what was done with it until now stands
    Ungrant(people::Grant),
    /// Withdraw a device, or a person with all devices: what it writes from now on counts nowhere
    Revoke(withdraw::Revoke),
    /// Raise or lower the cut of a withdrawn device
    Cut(withdraw::Recut),
    /// Leave the community for good, once others have all that was written here
    Leave(withdraw::Leave),
    /// Delete this phone's data and keys
    Wipe(withdraw::Wipe),
    /// Who belongs, on which devices, with which rights
    Members,
    /// Meet another phone, at an address, nearby or on this machine, or a relay, and exchange all news
    Sync(people::Sync),
    /// Wait for other phones on the network, and exchange news as they come
    Listen(net::Live),
    /// The same with the board on the screen, live
    Watch(net::Live),
    /// How fresh the news here are, and other phones: when last heard from, how far apart, what is on its way
    Peers,
    /// The office's relay, which keeps news for everybody and reads none
    #[command(subcommand)]
    Relay(relay::RelayCommand),
    /// Carry news as a file, on a memory card or in a chat
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),

    /// The board: orders as cards, most urgent first
    Board(look::Board),
    /// Write and work on orders
    #[command(subcommand)]
    Order(order::OrderCommand),
    /// My round: what I hold and what waits for me, in the order of the walk
    Round(look::Round),
    /// Everything a person should look at: contested claims, conflicting edits, contradictions
    Conflicts(look::Conflicts),
    /// Choose among conflicting values of a field
    Choose(order::Choose),
    /// Say who of several holds an order, having seen what contradicts
    Resolve(order::Resolve),
    /// Search everything by text
    Search(look::Search),

    /// Open, fill, count and look into a medicine box
    #[command(subcommand, name = "box")]
    Box(boxes::BoxCommand),
    /// All medicine boxes
    Boxes,
    /// The catalogue of medicines and supplies
    #[command(subcommand)]
    Product(product::ProductCommand),
    /// Recalls, and what they touch
    #[command(subcommand)]
    Recall(recall::RecallCommand),
    /// Call for help, and answer
    #[command(subcommand)]
    Alert(alert::AlertCommand),
    /// The care register: who needs attention, their consent, visits (needs the care grant)
    #[command(subcommand)]
    Household(household::HouseholdCommand),

    /// The register of buildings
    #[command(subcommand)]
    Building(place::BuildingCommand),
    /// The community's settings
    #[command(subcommand)]
    Settings(place::SettingsCommand),

    /// What happened, newest last: of everything, or of one order, box, product, recall or alert
    Log(look::Log),
    /// Everything held about a room: show it, hand it out, erase it (coordinators)
    About(about::About),
    /// Do what is due: forget what was erased three days ago; on a coordinator's phone, erase orders closed long ago
    Tend,
    /// Prove that this phone's data is whole: chains, signatures, stock, screens
    Verify,
    /// Make everything shown again from the logs
    Rebuild,
    /// Set a database aside that is damaged, lost or without its keys, and begin another with what can be read of it
    Recover,
    /// Read once more what was set aside, when others have brought what it follows on
    Salvage,
    /// Write the document of an order or box as a standard Automerge file
    Export(upkeep::Export),
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
    let command = help::teach(Cli::command(), words.0);
    let read = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    match read {
        Ok(cli) => Reading::Understood(Box::new(cli)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Reading::Help { text: error.to_string(), words },
            _ => {
                let text = error.to_string();
                let failure = Failure::usage("usage", json!({ "detail": text.trim() }));
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
        Command::Found(_) | Command::Id | Command::Join(_) | Command::Kit(KitCommand::Restore(_))
    );
    if let Command::Wipe(wipe) = &cli.command {
        return withdraw::wipe(&home, words, wipe);
    }
    if let Command::Recover = &cli.command {
        return upkeep::recover(&home, words);
    }
    let phone = Phone::open(&home, if begins { Home::Make } else { Home::MustBe }, words, command_id)?;
    match cli.command {
        Command::Found(found) => people::found(&phone, found),
        Command::Id => people::id(&phone),
        Command::Admit(admit) => people::admit(&phone, admit),
        Command::Welcome => people::welcome(&phone),
        Command::Invite(invite) => net::invite(&phone, invite, screen),
        Command::Join(join) => people::join(&phone, &join, screen),
        Command::Kit(command) => kit::run(&phone, command),
        Command::Grant(grant) => people::grant(&phone, &grant),
        Command::Ungrant(grant) => withdraw::ungrant(&phone, &grant),
        Command::Revoke(revoke) => withdraw::revoke(&phone, &revoke),
        Command::Cut(recut) => withdraw::recut(&phone, &recut),
        Command::Leave(leave) => withdraw::leave(&phone, &leave),
        // Done above, for nobody may have the home open.
        Command::Wipe(wipe) => withdraw::wipe(&home, words, &wipe),
        Command::Members => people::members(&phone),
        Command::Sync(sync) => people::sync(&phone, &sync),
        Command::Listen(live) => net::listen(&phone, &live, screen),
        Command::Watch(live) => net::watch(&phone, &live, screen),
        Command::Peers => peers::peers(&phone),
        Command::Relay(command) => relay::run(&phone, command),
        Command::Bundle(command) => bundle::run(&phone, command),
        Command::Board(board) => look::board(&phone, board),
        Command::Order(command) => order::run(&phone, command),
        Command::Round(round) => look::round(&phone, &round),
        Command::Conflicts(conflicts) => look::conflicts(&phone, &conflicts),
        Command::Choose(choose) => order::choose(&phone, choose),
        Command::Resolve(resolve) => order::resolve(&phone, &resolve),
        Command::Search(search) => look::search(&phone, &search),
        Command::Box(command) => boxes::run(&phone, command),
        Command::Boxes => boxes::all(&phone),
        Command::Product(command) => product::run(&phone, command),
        Command::Recall(command) => recall::run(&phone, command),
        Command::Alert(command) => alert::run(&phone, command),
        Command::Household(command) => household::run(&phone, command),
        Command::Building(command) => place::building(&phone, command),
        Command::Settings(command) => place::settings(&phone, command),
        Command::Log(log) => look::log(&phone, &log),
        Command::About(about) => about::about(&phone, &about),
        Command::Tend => about::tend(&phone),
        Command::Verify => upkeep::verify(&phone),
        Command::Rebuild => upkeep::rebuild(&phone),
        Command::Recover => upkeep::recover(&home, words),
        Command::Salvage => upkeep::salvage(&phone),
        Command::Export(export) => upkeep::export(&phone, &export),
    }
}
