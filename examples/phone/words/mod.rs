//! Sentences in two languages, out of the table that all apps share: `examples/words/words.tsv`.
//!
//! The engine speaks in codes and parameters. How a sentence names its parameters stands at the head of the table; core
//! fills them in. No sentence stands in this program's source.

pub(crate) mod help;
mod misread;

use std::{ops::Deref, sync::LazyLock};

use clap::ValueEnum;
use linli_core::{
    id::{DeviceId, Reference},
    sentence::{self, Language, Reading, Table},
    time::WallMs,
};

pub(crate) use misread::misread;

/// The table, one sentence on each line.
const TABLE: &str = include_str!("../../words/words.tsv");
/// Digits that lists show: among ten thousand orders hardly ever two alike.
const SHOWN: usize = 6;

/// The short form of an id that lists and sentences show.
pub(crate) fn short(reference: Reference) -> String {
    let check = reference.check.to_string();
    format!("#{}", &check[..SHOWN])
}

/// The language of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Chinese, in simplified characters.
    Zh,
    /// English, for all others.
    En,
}

impl Lang {
    /// That of the environment: Chinese where `LC_ALL`, `LC_MESSAGES` or `LANG` says so.
    pub(crate) fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
        let first = set.map(|value| value.to_string_lossy().into_owned()).find(|value| !value.is_empty());
        if first.is_some_and(|value| Language::of(&value) == Language::Zh) { Self::Zh } else { Self::En }
    }

    /// The language with this code.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        Self::from_str(code, true).ok()
    }
}

/// The words of one language.
#[derive(Clone, Copy)]
pub(crate) struct Words(pub(crate) Lang);

impl Deref for Words {
    type Target = sentence::Words<'static>;

    fn deref(&self) -> &Self::Target {
        static READ: LazyLock<Table> = LazyLock::new(|| Table::read(TABLE));
        static EN: LazyLock<sentence::Words<'static>> = LazyLock::new(|| spoken(Language::En));
        static ZH: LazyLock<sentence::Words<'static>> = LazyLock::new(|| spoken(Language::Zh));
        fn spoken(language: Language) -> sentence::Words<'static> {
            sentence::Words { table: &READ, language, reading: &Typed }
        }
        if self.0 == Lang::Zh { &ZH } else { &EN }
    }
}

/// What the terminal makes of a parameter: names and local times are looked up beforehand, and each line is cleaned
/// where it is written.
struct Typed;

impl Reading for Typed {
    fn text(&self, text: &str) -> String {
        if let Ok(reference) = text.parse::<Reference>() {
            return short(reference);
        }
        match text.parse::<DeviceId>() {
            Ok(_) => format!("@{}", text.get(..8).unwrap_or(text)),
            Err(_) => text.to_owned(),
        }
    }

    fn time(&self, at: WallMs) -> String {
        at.0.to_string()
    }
}

#[cfg(test)]
mod tests;
