//! A volunteer's phone in a terminal: every command of the engine, for people and, with `--json`, for scripts.
//!
//! Start with `phone --help`. One command opens the home, does one thing and closes it; what it did is durable when
//! it returns. Exit codes: 0 done, 1 refused or failed, 2 not understood. With `--json` the answer is one document on
//! the standard output, an error one document `{"error": {"code": …}}` on the standard error. `listen` and `watch` go on
//! until they are ended, and say what happens meanwhile: one document on each line.

mod about;
mod alert;
mod answer;
mod args;
mod banner;
mod boxes;
mod bundle;
mod failure;
mod home;
mod household;
mod ids;
mod kit;
mod local;
mod look;
mod net;
mod newer;
mod order;
mod out;
mod peers;
mod people;
mod place;
mod product;
mod quantity;
mod recall;
mod relay;
mod rights;
mod rooms;
mod show;
mod upkeep;
mod withdraw;
mod words;
mod wrong;

use std::{path::Path, process::ExitCode};

use clap::{Parser, Subcommand};

use answer::Answer;
use args::{Globals, Reading};
use failure::{Failure, Outcome};
use home::{Home, Phone};
use kit::KitSubcommand;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    match args::read(arguments) {
        Reading::Understood(cli) => {
            let (json, words) = (cli.globals.json, cli.globals.words());
            match run(*cli).and_then(|answer| done(&answer, json)) {
                Ok(code) => code,
                Err(failure) => failed(&failure, json, words),
            }
        }
        Reading::Help { text, words } => match out::help(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failed(&failure, false, words),
        },
        Reading::NotUnderstood { failure, text, json, words } => {
            if json {
                return failed(&failure, true, words);
            }
            out::misunderstood(&text);
            ExitCode::from(Failure::USAGE)
        }
    }
}

/// An answer that could not be said is none: whoever waits for it must not take it for given. But whoever has gone away
/// (`phone board | head`) waits for nothing, unless it was to be had this once alone.
fn done(answer: &Answer, json: bool) -> Outcome<ExitCode> {
    let said = if json { out::document(&answer.json) } else { out::lines(&answer.lines) };
    match said {
        Err(failure) if failure.code() == Failure::NOBODY_READS && !answer.once => {}
        said => said?,
    }
    Ok(if answer.well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn failed(failure: &Failure, json: bool, words: words::Words) -> ExitCode {
    match json {
        _ if failure.code() == Failure::NOBODY_READS => {}
        true => out::fault_document(&failure.json(words)),
        false => out::fault(&failure.lines(words)),
    }
    ExitCode::from(failure.exit)
}

/// The command line. What its commands and arguments are stands in the table of words.
#[derive(Parser)]
#[command(name = "phone", version, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
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
    Grant(rights::Grant),
    Ungrant(rights::Grant),
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
        Command::Grant(grant) => rights::grant(phone, &grant),
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
