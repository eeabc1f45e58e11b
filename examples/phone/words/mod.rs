//! Sentences in two languages: every code of the engine has both.
//!
//! The engine speaks in codes and parameters; this table is what an app would have in its resources. A template's
//! `{name}` is filled with the parameter of that name: members by their names, references by their short form,
//! codes by their words.

mod arguments;
mod codes;
mod errors;
pub(crate) mod help;
mod newer;
mod refusals;
mod screen;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use clap::ValueEnum;
use linli_core::id::{DeviceId, Reference};
use serde_json::{Map, Value};

/// Key, English, Chinese.
pub(crate) type Entry = (&'static str, &'static str, &'static str);

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// That of the environment: Chinese where `LC_ALL`, `LC_MESSAGES` or `LANG` says so.
    pub(crate) fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
        let first = set.map(|value| value.to_string_lossy().to_lowercase()).find(|value| !value.is_empty());
        if first.is_some_and(|value| value.starts_with("zh")) { Self::Zh } else { Self::En }
    }

    /// The language with this code.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        Self::from_str(code, true).ok()
    }
}

/// The words of one language.
#[derive(Clone, Copy)]
pub(crate) struct Words(pub(crate) Lang);

fn table() -> &'static BTreeMap<&'static str, (&'static str, &'static str)> {
    static TABLE: OnceLock<BTreeMap<&'static str, (&'static str, &'static str)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let all = [codes::EVENTS, codes::CODES, refusals::REFUSALS, screen::SCREEN, errors::ERRORS, newer::NEWER];
        all.into_iter().flatten().map(|(key, en, zh)| (*key, (*en, *zh))).collect()
    })
}

impl Words {
    fn template(self, key: &str) -> Option<&'static str> {
        let (en, zh) = table().get(key)?;
        Some(if self.0 == Lang::Zh { zh } else { en })
    }

    /// A sentence without parameters.
    pub(crate) fn plain(self, key: &str) -> String {
        self.say(key, &Map::new())
    }

    /// A sentence with parameters given as a JSON object.
    pub(crate) fn say_with(self, key: &str, params: Value) -> String {
        match params {
            Value::Object(params) => self.say(key, &params),
            _ => self.plain(key),
        }
    }

    /// A sentence. Of an unknown key, the key: it is a code that says more than nothing.
    pub(crate) fn say(self, key: &str, params: &Map<String, Value>) -> String {
        let Some(mut rest) = self.template(key) else {
            return match params.get("reason").and_then(Value::as_str) {
                Some(reason) => reason.to_owned(),
                None => key.to_owned(),
            };
        };
        let mut text = String::new();
        while let Some((before, behind)) = rest.split_once('{') {
            let Some((name, after)) = behind.split_once('}') else { break };
            text.push_str(before);
            text.push_str(&self.param(params, name));
            rest = after;
        }
        text + rest
    }

    fn param(self, params: &Map<String, Value>, name: &str) -> String {
        if let ("field", Some(field)) = (name, params.get("field").and_then(Value::as_str)) {
            return self.word("field", field);
        }
        let better = ["name", "local"].into_iter().find_map(|kind| params.get(&format!("{name}_{kind}")));
        better.or_else(|| params.get(name)).map(|value| self.value(value)).unwrap_or_else(|| "?".to_owned())
    }

    /// A parameter as people read it.
    pub(crate) fn value(self, value: &Value) -> String {
        match value {
            Value::Null => self.plain("screen.unknown"),
            Value::Bool(yes) => self.plain(if *yes { "screen.yes" } else { "screen.no" }),
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.text(text),
            Value::Array(all) => all.iter().map(|one| self.value(one)).collect::<Vec<_>>().join(", "),
            Value::Object(all) => {
                // What keeps a lot back has a code, what is wrong with an address a reason.
                let tagged = [("code", "hidden"), ("reason", "refusal.address")].into_iter();
                let mut keys = tagged.filter_map(|(tag, kind)| Some(format!("{kind}.{}", all.get(tag)?.as_str()?)));
                keys.next().map_or_else(|| value.to_string(), |key| self.say(&key, all))
            }
        }
    }

    fn text(self, text: &str) -> String {
        if let Ok(reference) = text.parse::<Reference>() {
            return crate::ids::short(reference);
        }
        if text.parse::<DeviceId>().is_ok() {
            return format!("@{}", &text[..8]);
        }
        if text.starts_with("event.") {
            return self.template(text).map_or_else(|| text.to_owned(), str::to_owned);
        }
        self.word("word", text)
    }

    /// The word for a code of some kind, else the code itself.
    pub(crate) fn word(self, kind: &str, code: &str) -> String {
        self.template(&format!("{kind}.{code}")).map_or_else(|| code.to_owned(), str::to_owned)
    }
}

/// Whether both languages have a sentence.
#[cfg(test)]
pub(crate) fn has(key: &str) -> bool {
    table().get(key).is_some_and(|(en, zh)| !en.is_empty() && !zh.is_empty())
}

#[cfg(test)]
mod tests;
