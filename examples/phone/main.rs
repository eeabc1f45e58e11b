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
mod boxes;
mod bundle;
mod desk;
mod failure;
mod household;
mod ids;
mod kit;
mod local;
mod look;
mod net;
mod order;
mod peers;
mod people;
mod place;
mod product;
mod recall;
mod relay;
mod show;
mod upkeep;
mod withdraw;
mod words;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use answer::Answer;
use args::Reading;
use failure::Failure;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    match args::read(arguments) {
        Reading::Understood(cli) => {
            let (json, words) = (cli.globals.json, cli.globals.words());
            match args::run(*cli) {
                Ok(answer) => done(&answer, json),
                Err(failure) => failed(&failure, json, words),
            }
        }
        Reading::Help(text) => {
            print(io::stdout(), &text);
            ExitCode::SUCCESS
        }
        Reading::NotUnderstood { failure, text, json, words } => {
            if json {
                return failed(&failure, true, words);
            }
            print(io::stderr(), &text);
            ExitCode::from(Failure::USAGE)
        }
    }
}

fn done(answer: &Answer, json: bool) -> ExitCode {
    let text = if json { format!("{}\n", answer.json) } else { answer.text.clone() };
    print(io::stdout(), &text);
    if answer.well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn failed(failure: &Failure, json: bool, words: words::Words) -> ExitCode {
    let text = if json { format!("{}\n", failure.json(words)) } else { failure.text(words) };
    print(io::stderr(), &text);
    ExitCode::from(failure.exit)
}

/// Whoever reads may have gone away (`phone board | head`): that is no fault.
fn print(mut to: impl Write, text: &str) {
    let _gone = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
