//! Sentences in two languages, out of the table that all apps share: `examples/words/words.tsv`.
//!
//! The engine speaks in codes and parameters. How a sentence names its parameters stands at the head of the table; here
//! they are filled in. No sentence stands in this program's source.

pub(crate) mod help;
mod misread;

use std::{collections::BTreeMap, sync::OnceLock};

use clap::ValueEnum;
use linli_core::id::{DeviceId, Reference};
use serde_json::{Map, Value};

pub(crate) use misread::misread;

/// The table, one sentence on each line.
const TABLE: &str = include_str!("../../words/words.tsv");

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

/// English and Chinese by their key.
fn table() -> &'static BTreeMap<&'static str, [String; 2]> {
    static TABLE_READ: OnceLock<BTreeMap<&'static str, [String; 2]>> = OnceLock::new();
    TABLE_READ
        .get_or_init(|| rows().map(|(key, en, zh)| (key, [en, zh].map(|text| text.replace("\\n", "\n")))).collect())
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut parts = line.split('\t');
        Some((parts.next()?, parts.next()?, parts.next()?))
    })
}

impl Words {
    /// The text of a key, its parameters not filled in.
    fn template(self, key: &str) -> Option<&'static str> {
        let [en, zh] = table().get(key)?;
        Some(if self.0 == Lang::Zh { zh } else { en })
    }

    /// Whether there is a sentence.
    pub(crate) fn has(self, key: &str) -> bool {
        self.template(key).is_some()
    }

    /// The text of a key of this program's own.
    pub(crate) fn fixed(self, key: &'static str) -> &'static str {
        self.template(key).unwrap_or(key)
    }

    /// What stands in an argument's place in a usage line.
    pub(crate) fn value_name(self, name: &str) -> &'static str {
        self.template(&format!("value.{name}")).unwrap_or("?")
    }

    /// A sentence without parameters.
    pub(crate) fn plain(self, key: &str) -> String {
        self.template(key).unwrap_or(key).to_owned()
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
        match self.template(key) {
            Some(template) => self.fill(template, params),
            None => params.get("reason").and_then(Value::as_str).unwrap_or(key).to_owned(),
        }
    }

    /// The word for a code of some kind, else the code itself. Of `status.order` that for `status` does where it has none.
    pub(crate) fn word(self, kind: &str, code: &str) -> String {
        let mut family = Some(kind);
        while let Some(name) = family {
            if let Some(word) = self.template(&format!("{name}.{code}")) {
                return word.to_owned();
            }
            family = name.rsplit_once('.').map(|(wider, _)| wider);
        }
        code.to_owned()
    }

    /// A parameter as people read it, where nothing says what it is a code of.
    pub(crate) fn value(self, value: &Value) -> String {
        match value {
            Value::Null => self.plain("screen.unknown"),
            Value::Bool(yes) => self.plain(if *yes { "screen.yes" } else { "screen.no" }),
            Value::Number(number) => number.to_string(),
            Value::String(text) => shown(text),
            Value::Array(all) => self.list(all, |one| self.value(one)),
            Value::Object(all) => self.loose(all),
        }
    }

    fn fill(self, template: &str, params: &Map<String, Value>) -> String {
        let (mut text, mut rest) = (String::new(), template);
        while let Some((before, inside, after, close)) = part(rest) {
            text += before;
            let said = match close {
                '}' => self.hole(inside, params),
                _ if !inside.contains('{') => format!("[{inside}]"),
                _ if names(inside).all(|name| params.get(name).is_some_and(|value| !is_nothing(value))) => {
                    self.fill(inside, params)
                }
                _ => String::new(),
            };
            rest = add(&mut text, &said, after);
        }
        text + rest
    }

    /// Texts one after the other.
    pub(crate) fn several(self, texts: &[String]) -> String {
        texts.join(self.apart())
    }

    fn apart(self) -> &'static str {
        if self.0 == Lang::Zh { "、" } else { ", " }
    }

    fn hole(self, hole: &str, params: &Map<String, Value>) -> String {
        let name = name(hole);
        let value = params.get(name).unwrap_or(&Value::Null);
        match hole.get(name.len()..).unwrap_or_default() {
            "?" => return String::new(),
            ":yuan" => return yuan(value),
            ":th" => return self.nth(value),
            _ => {}
        }
        let better = ["name", "local"].into_iter().find_map(|kind| params.get(&format!("{name}_{kind}")));
        if let Some(better) = better {
            return self.value(better);
        }
        if !params.contains_key(name) {
            return "?".to_owned();
        }
        let text_of = |name: &str| params.get(name).and_then(Value::as_str).unwrap_or_default();
        match hole.split_once([':', '|']) {
            Some((_, "field")) => self.formed(value, &format!("field.{}", text_of("list"))),
            Some((_, form)) if hole.contains(':') => match form.strip_prefix('@') {
                Some(other) => self.formed(value, text_of(other)),
                None => self.formed(value, form),
            },
            Some((_, nouns)) => {
                let (one, many) = nouns.split_once('|').unwrap_or((nouns, nouns));
                let text = self.value(value);
                let noun = if text == "1" { one } else { many };
                format!("{text} {noun}")
            }
            None => self.value(value),
        }
    }

    /// A value that is a code of a family, or a structure that the family has a sentence for.
    fn formed(self, value: &Value, family: &str) -> String {
        match value {
            Value::String(text) => match self.word(family, text) {
                word if word == *text => shown(text),
                word => word,
            },
            Value::Array(all) => self.list(all, |one| self.formed(one, family)),
            Value::Object(all) => self.structure(all, family),
            other => self.value(other),
        }
    }

    fn structure(self, all: &Map<String, Value>, family: &str) -> String {
        // What keeps a lot back has a code, what is wrong with an address a reason.
        let tag = ["code", "reason"].into_iter().find_map(|tag| all.get(tag)?.as_str());
        if let Some(template) = tag.and_then(|code| self.template(&format!("{family}.{code}"))) {
            return self.fill(template, all);
        }
        if let (1, Some((code, inside))) = (all.len(), all.iter().next())
            && let Some(template) = self.template(&format!("{family}.{code}"))
        {
            return self.fill(template, inside.as_object().unwrap_or(all));
        }
        match self.template(family) {
            Some(template) => self.fill(template, all),
            None => self.loose(all),
        }
    }

    /// A structure that no sentence is for.
    fn loose(self, all: &Map<String, Value>) -> String {
        match all.get("value") {
            Some(value) => self.value(value),
            None => all.values().map(|value| self.value(value)).collect::<Vec<_>>().join(" "),
        }
    }

    /// Values one after the other; a list inside of a list says what belongs together.
    fn list(self, all: &[Value], show: impl Fn(&Value) -> String) -> String {
        let colon = if self.0 == Lang::Zh { "：" } else { ": " };
        let shown = all.iter().map(|one| match one.as_array() {
            Some(pair) => pair.iter().map(&show).collect::<Vec<_>>().join(colon),
            None => show(one),
        });
        self.several(&shown.collect::<Vec<_>>())
    }

    fn nth(self, value: &Value) -> String {
        let number = value.as_u64().unwrap_or_default();
        let ending = match (number % 10, number % 100) {
            (1, tens) if tens != 11 => "st",
            (2, tens) if tens != 12 => "nd",
            (3, tens) if tens != 13 => "rd",
            _ => "th",
        };
        if self.0 == Lang::Zh { format!("第 {number} ") } else { format!("{number}{ending}") }
    }
}

/// Adds what a hole says, and gives what is left of the template. A space falls away where Chinese stands on both sides.
fn add<'a>(text: &mut String, said: &str, rest: &'a str) -> &'a str {
    let chinese = |c: Option<char>| c.is_some_and(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if chinese(said.chars().next()) && text.strip_suffix(' ').is_some_and(|text| chinese(text.chars().next_back())) {
        text.pop();
    }
    text.push_str(said);
    let behind = rest.strip_prefix(' ').filter(|behind| chinese(behind.chars().next()));
    behind.filter(|_| chinese(said.chars().next_back())).unwrap_or(rest)
}

/// The first hole or bracket of a template: what stands before it, inside of it and behind it, and what closes it.
fn part(template: &str) -> Option<(&str, &str, &str, char)> {
    let at = template.find(['{', '['])?;
    let (before, from) = template.split_at(at);
    let close = if from.starts_with('{') { '}' } else { ']' };
    let (inside, after) = from.get(1..)?.split_once(close)?;
    Some((before, inside, after, close))
}

/// The parameters that a template names.
fn names(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| Some(name(rest.split_once('}')?.0)))
}

fn name(hole: &str) -> &str {
    hole.split([':', '|', '?']).next().unwrap_or_default()
}

/// Cents as yuan; what is no number of cents as it is.
fn yuan(value: &Value) -> String {
    let cents = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let shown = |cents: i64| {
        let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    };
    cents.map_or_else(|| value.to_string(), shown)
}

/// A text as people read it: what is an id in short.
fn shown(text: &str) -> String {
    if let Ok(reference) = text.parse::<Reference>() {
        return crate::ids::short(reference);
    }
    match text.parse::<DeviceId>() {
        Ok(_) => format!("@{}", text.get(..8).unwrap_or(text)),
        Err(_) => text.to_owned(),
    }
}

/// What an event or a sentence does not say.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
