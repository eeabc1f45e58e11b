//! From a catalogue's records to commands. Reading the file is the caller's.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Class, Command, Details, search_key};

/// One line of a catalogue, as it is written there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "CatalogueRecord"))]
pub struct Record {
    /// The name on the package.
    pub name: String,
    /// The generic name; may be empty.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub generic: String,
    /// The form; may be empty.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub form: String,
    /// A [`Class`] code; empty proposes without class.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub class: String,
    /// Other names, between `;` (or `；` or `、`).
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub aliases: String,
}

/// Why a record is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "CatalogueProblem"))]
pub enum Problem {
    /// It has no name.
    #[error("no name")]
    NoName,
    /// Its class is none of ours.
    #[error("no class is called {class}")]
    Class {
        /// What it says.
        class: String,
    },
}

/// What a catalogue comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// One command per new product, in the order of the records.
    pub commands: Vec<Command>,
    /// Names that are there already, or come twice.
    pub known: Vec<String>,
    /// Records left out, by their place from 0, and why.
    pub problems: Vec<(usize, Problem)>,
}

/// Turns records into commands. `known` are the [`search_key`]s of the names there are; importing again changes
/// nothing.
pub fn import(records: &[Record], known: &BTreeSet<String>) -> Import {
    let mut import = Import::default();
    let mut seen = known.clone();
    for (at, record) in records.iter().enumerate() {
        match command(record) {
            Ok(_) if !seen.insert(search_key(&record.name)) => import.known.push(record.name.trim().to_owned()),
            Ok(command) => import.commands.push(command),
            Err(problem) => import.problems.push((at, problem)),
        }
    }
    import
}

fn command(record: &Record) -> Result<Command, Problem> {
    let trimmed = |text: &str| text.trim().to_owned();
    if record.name.trim().is_empty() {
        return Err(Problem::NoName);
    }
    let aliases = record.aliases.split([';', '；', '、']).map(trimmed).filter(|alias| !alias.is_empty()).collect();
    let details = Details {
        name: trimmed(&record.name),
        generic: trimmed(&record.generic),
        form: trimmed(&record.form),
        aliases,
        ..Details::default()
    };
    match record.class.trim() {
        "" => Ok(Command::Propose { details }),
        code => match Class::from_code(code) {
            Some(class) => Ok(Command::List { details, class }),
            None => Err(Problem::Class { class: code.to_owned() }),
        },
    }
}
