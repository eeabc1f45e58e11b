//! Sentences out of an app's table of words: a code and its parameters in, what a person reads out.
//!
//! Apps in every language say the same of the same code, because this fills in what they say. The sentences are the app's
//! own: a [`Table`] has a key, its English and its Chinese on each line. In a sentence stand
//!
//! | there | says |
//! |---|---|
//! | `{name}` | a parameter; members, references and what people wrote as the app's [`Reading`] has them |
//! | `{name:yuan}` | cents as yuan, `25.80` |
//! | `{name:th}` | `1st`, `第 1` |
//! | `{name:time}` | a moment, as the app's [`Reading`] has it |
//! | `{name:family}` | the word for a code of that family; of a list each; of a structure the sentence of its code, or of the family; of a number the sentence of the family, where it has one for `{value}` |
//! | `{name:@other}` | the same, where another parameter names the family |
//! | `{name\|one\|many}` | a number with its noun |
//! | `{name?}` | nothing: it only counts as a parameter of the part in brackets around it |
//! | `{name!}` | nothing: the part in brackets around it is said where the parameter is missing, empty or false |
//! | `[...]` | what is left out where a parameter inside is missing, empty or false |
//!
//! A space beside a parameter falls away where Chinese stands on both sides of it. This module has no sentence of its own.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{text::clean, time::WallMs};

/// The parameters of a sentence, by name.
pub type Params = Map<String, Value>;

/// What of a value is said with a sentence: the fields of a structure; nothing of all else.
pub fn params(of: &impl Serialize) -> Params {
    match serde_json::to_value(of) {
        Ok(Value::Object(params)) => params,
        _ => Params::new(),
    }
}

/// A language that tables have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, for every locale that is not Chinese.
    En,
    /// Chinese, in simplified characters.
    Zh,
}

impl Language {
    /// That of a locale such as `zh-Hans-CN` or `zh_CN.UTF-8`: Chinese where it says so, else English.
    pub fn of(locale: &str) -> Self {
        if locale.to_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }
}

/// English and Chinese by their key.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<String, [String; 2]>);

impl Table {
    /// Reads a table: on each line key, English and Chinese with a tab between, `\n` for a line feed. A line that begins
    /// with `#` is a remark; one that has less is passed over.
    pub fn read(text: &str) -> Self {
        let read = |text: &str| text.replace("\\n", "\n");
        Self(rows(text).map(|(key, en, zh)| (key.to_owned(), [read(en), read(zh)])).collect())
    }
}

/// The lines of a table as they stand there.
pub fn rows(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut parts = line.split('\t');
        Some((parts.next()?, parts.next()?, parts.next()?))
    })
}

/// What an app makes of a parameter that is no code.
pub trait Reading: Sync {
    /// A text as people read it: an id in short or by a name, what somebody wrote as the app draws it.
    fn text(&self, text: &str) -> String;
    /// A moment, in the time of the place.
    fn time(&self, at: WallMs) -> String;
}

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Words<'t> {
    /// Where the sentences stand.
    pub table: &'t Table,
    /// Which of them.
    pub language: Language,
    /// What the app makes of the rest.
    pub reading: &'t dyn Reading,
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Words").field("language", &self.language).finish_non_exhaustive()
    }
}

impl<'t> Words<'t> {
    /// The text of a key, its parameters not filled in.
    pub fn template(self, key: &str) -> Option<&'t str> {
        let [en, zh] = self.table.0.get(key)?;
        Some(if self.language == Language::Zh { zh } else { en })
    }

    /// Whether there is a sentence.
    pub fn has(self, key: &str) -> bool {
        self.template(key).is_some()
    }

    /// The same, for a key of which it is known that there is one; else the key.
    pub fn fixed(self, key: &'t str) -> &'t str {
        self.template(key).unwrap_or(key)
    }

    /// A sentence without parameters.
    pub fn plain(self, key: &str) -> String {
        self.template(key).unwrap_or(key).to_owned()
    }

    /// A sentence with parameters given as a JSON object.
    pub fn say_with(self, key: &str, params: Value) -> String {
        match params {
            Value::Object(params) => self.say(key, &params),
            _ => self.say(key, &Params::new()),
        }
    }

    /// A sentence. Of an unknown key the reason that is given with it, else the key: a code says more than nothing.
    pub fn say(self, key: &str, params: &Params) -> String {
        match self.template(key) {
            Some(template) => self.fill(template, params),
            None => match params.get("reason").and_then(Value::as_str) {
                Some(reason) => self.reading.text(reason),
                None => clean(key).into_owned(),
            },
        }
    }

    /// The word for a code of some kind, else the code itself. Of `status.order` that for `status` does where it has none.
    pub fn word(self, kind: &str, code: &str) -> String {
        self.known_word(kind, code).map_or_else(|| clean(code).into_owned(), str::to_owned)
    }

    fn known_word(self, kind: &str, code: &str) -> Option<&'t str> {
        let mut family = Some(kind);
        while let Some(name) = family {
            if let Some(word) = self.template(&format!("{name}.{code}")) {
                return Some(word);
            }
            family = name.rsplit_once('.').map(|(wider, _)| wider);
        }
        None
    }

    /// A parameter as people read it, where nothing says what it is a code of.
    pub fn value(self, value: &Value) -> String {
        match value {
            Value::Null => self.plain("screen.unknown"),
            Value::Bool(yes) => self.plain(if *yes { "screen.yes" } else { "screen.no" }),
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.reading.text(text),
            Value::Array(all) => self.list(all, |one| self.value(one)),
            Value::Object(all) => self.loose(all),
        }
    }

    /// A value that is a code of a family, or a structure or number that the family has a sentence for.
    pub fn formed(self, value: &Value, family: &str) -> String {
        match value {
            Value::String(text) => self.known_word(family, text).map_or_else(|| self.reading.text(text), str::to_owned),
            Value::Array(all) => self.list(all, |one| self.formed(one, family)),
            Value::Object(all) => self.structure(all, family),
            Value::Number(_) => match self.template(family) {
                Some(template) => self.fill(template, &Params::from_iter([("value".to_owned(), value.clone())])),
                None => self.value(value),
            },
            other => self.value(other),
        }
    }

    /// Texts one after the other.
    pub fn several(self, texts: &[String]) -> String {
        texts.join(if self.language == Language::Zh { "、" } else { ", " })
    }

    fn fill(self, template: &str, params: &Params) -> String {
        let (mut text, mut rest) = (String::new(), template);
        while let Some((before, inside, after, close)) = part(rest) {
            text += before;
            let said = match close {
                '}' => self.hole(inside, params),
                _ if !inside.contains('{') => format!("[{inside}]"),
                _ if is_said(inside, params) => self.fill(inside, params),
                _ => String::new(),
            };
            rest = add(&mut text, &said, after);
        }
        text + rest
    }

    fn hole(self, hole: &str, params: &Params) -> String {
        let name = name(hole);
        let form = hole.get(name.len()..).unwrap_or_default();
        if ["?", "!"].contains(&form) {
            return String::new();
        }
        // What an app has looked up already says more than an id or a number.
        let better = ["name", "local"].into_iter().find_map(|kind| params.get(&format!("{name}_{kind}")));
        if let Some(better) = better {
            return self.value(better);
        }
        let Some(value) = params.get(name) else { return "?".to_owned() };
        match form.strip_prefix(':') {
            Some(form) => self.shaped(value, form, params),
            None => self.counted(value, form),
        }
    }

    fn shaped(self, value: &Value, form: &str, params: &Params) -> String {
        let number = || value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let text_of = |name: &str| params.get(name).and_then(Value::as_str).unwrap_or_default();
        let said = match form {
            "yuan" => number().map(yuan),
            "th" => number().map(|number| self.nth(number)),
            "time" => number().map(|at| self.reading.time(WallMs(at))),
            "field" => Some(self.formed(value, &format!("field.{}", text_of("list")))),
            _ => Some(self.formed(value, form.strip_prefix('@').map_or(form, text_of))),
        };
        said.unwrap_or_else(|| self.value(value))
    }

    /// A value, with the noun that goes with it where there are two: `|entry|entries`.
    fn counted(self, value: &Value, nouns: &str) -> String {
        let text = self.value(value);
        match nouns.strip_prefix('|').and_then(|nouns| nouns.split_once('|')) {
            Some((one, many)) => format!("{text} {}", if text == "1" { one } else { many }),
            None => text,
        }
    }

    fn structure(self, all: &Params, family: &str) -> String {
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
    fn loose(self, all: &Params) -> String {
        match all.get("value") {
            Some(value) => self.value(value),
            None => all.values().map(|value| self.value(value)).collect::<Vec<_>>().join(" "),
        }
    }

    /// Values one after the other; a list inside of a list says what belongs together.
    fn list(self, all: &[Value], show: impl Fn(&Value) -> String) -> String {
        let colon = if self.language == Language::Zh { "：" } else { ": " };
        let shown = all.iter().map(|one| match one.as_array() {
            Some(pair) => pair.iter().map(&show).collect::<Vec<_>>().join(colon),
            None => show(one),
        });
        self.several(&shown.collect::<Vec<_>>())
    }

    fn nth(self, number: i64) -> String {
        let ending = match (number % 10, number % 100) {
            (1, tens) if tens != 11 => "st",
            (2, tens) if tens != 12 => "nd",
            (3, tens) if tens != 13 => "rd",
            _ => "th",
        };
        if self.language == Language::Zh { format!("第 {number} ") } else { format!("{number}{ending}") }
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

/// Whether the part inside of brackets is said: every parameter says something, but for those behind which `!` stands.
fn is_said(inside: &str, params: &Params) -> bool {
    holes(inside).all(|hole| params.get(name(hole)).is_none_or(is_nothing) == hole.ends_with('!'))
}

/// The parameters that a sentence names.
pub fn names(template: &str) -> impl Iterator<Item = &str> {
    holes(template).map(name)
}

fn holes(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

fn name(hole: &str) -> &str {
    hole.split([':', '|', '?', '!']).next().unwrap_or_default()
}

fn yuan(cents: i64) -> String {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
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
