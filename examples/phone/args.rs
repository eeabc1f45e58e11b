//! The command line: how it is read, and what goes with every command. What each command and argument means stands in the
//! table of words, which the help is made from.

use std::{ffi::OsString, path::PathBuf};

use clap::{
    Args, CommandFactory, FromArgMatches,
    builder::{PossibleValuesParser, TypedValueParser},
    error::ErrorKind,
};
use linli_core::{aggregate::medicine_box::When, id::CommandId, time::WallMs, vocabulary::Coded};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{
    Cli,
    failure::{Failure, Outcome},
    home::Phone,
    words::{Lang, Words, help, misread},
    wrong::Wrong,
};

#[derive(Args)]
pub(crate) struct Globals {
    #[arg(long, global = true, env = "LINLI_HOME", value_name = "DIR", default_value = "phone-home")]
    pub(crate) home: PathBuf,
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    #[arg(long, global = true, value_name = "HEX")]
    pub(crate) command_id: Option<CommandId>,
}

impl Globals {
    /// The words of the chosen language.
    pub(crate) fn words(&self) -> Words {
        Words(self.lang.unwrap_or_else(Lang::of_environment))
    }
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

/// A word that stands for one of these, by its code.
pub(crate) fn one_of<T, const N: usize>(all: [T; N]) -> impl TypedValueParser<Value = T>
where
    T: Coded + Clone + Send + Sync + 'static,
{
    let codes: Vec<&'static str> = all.iter().map(Coded::code).collect();
    PossibleValuesParser::new(codes)
        .try_map(move |word| all.iter().find(|one| one.code() == word).cloned().ok_or("it is none of them"))
}

/// What reading the command line came to.
pub(crate) enum Reading {
    /// A command to be run.
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
                let failure = Failure::usage(Wrong::Usage, json!({ "detail": text }));
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
