//! What was typed wrongly, said in the table's words and not in those of the library that reads the command line.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use serde_json::{Map, Value};

use super::Words;

/// What is wrong with a command line, and how the command is used.
pub(crate) fn misread(error: &Error, words: Words) -> String {
    // What clap says then is the command's help, which is taught already.
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return format!("{}\n\n{}", words.fixed("usage.missing_command"), error.to_string().trim());
    }
    let params = params(error, words);
    let key = match error.kind() {
        ErrorKind::UnknownArgument => "usage.unknown_argument",
        ErrorKind::InvalidSubcommand => "usage.unknown_command",
        ErrorKind::InvalidValue if params.get("value").is_none_or(|value| value == "") => "usage.no_value",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "usage.invalid_value",
        ErrorKind::MissingRequiredArgument => "usage.missing",
        ErrorKind::MissingSubcommand => "usage.missing_command",
        ErrorKind::ArgumentConflict if params.contains_key("other") => "usage.conflict",
        ErrorKind::ArgumentConflict | ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues => "usage.too_many",
        _ => "usage.other",
    };
    let mut lines = vec![words.say(key, &params)];
    lines.extend(params.contains_key("usage").then(|| words.say("usage.see", &params)));
    lines.join("\n")
}

/// What clap knows about the fault, under the names that the sentences use.
fn params(error: &Error, words: Words) -> Map<String, Value> {
    let named = [
        (ContextKind::InvalidArg, "arg"),
        (ContextKind::InvalidArg, "args"),
        (ContextKind::InvalidSubcommand, "arg"),
        (ContextKind::InvalidValue, "value"),
        (ContextKind::PriorArg, "other"),
        (ContextKind::SuggestedArg, "suggested"),
        (ContextKind::SuggestedSubcommand, "suggested"),
        (ContextKind::SuggestedValue, "suggested"),
        (ContextKind::ValidValue, "valid"),
        (ContextKind::ValidSubcommand, "valid"),
        (ContextKind::Usage, "usage"),
    ];
    let mut params = Map::new();
    for (kind, name) in named {
        if let Some(text) = error.get(kind).and_then(|value| text(value, words)) {
            params.insert(name.to_owned(), text.into());
        }
    }
    params
}

fn text(value: &ContextValue, words: Words) -> Option<String> {
    Some(match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(all) => words.several(all),
        ContextValue::StyledStr(text) => text.to_string().trim_start_matches("Usage:").trim().to_owned(),
        ContextValue::StyledStrs(all) => words.several(&all.iter().map(ToString::to_string).collect::<Vec<_>>()),
        ContextValue::Number(number) => number.to_string(),
        _ => return None,
    })
}
