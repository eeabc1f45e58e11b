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
mod recall;
mod relay;
mod rooms;
mod show;
mod upkeep;
mod withdraw;
mod words;

use std::process::ExitCode;

use answer::Answer;
use args::Reading;
use failure::{Failure, Outcome};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    match args::read(arguments) {
        Reading::Understood(cli) => {
            let (json, words) = (cli.globals.json, cli.globals.words());
            match args::run(*cli).and_then(|answer| done(&answer, json)) {
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
