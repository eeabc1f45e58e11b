//! Who asks for a sentence: what the apps have in quotes, in three languages, and what the engine does.

use std::collections::BTreeSet;

use crate::{
    source::Source,
    table::{codes, rows, ungiven},
};

/// Where sentences are asked for: by the apps, by the engine's codes, and by other sentences.
pub(crate) struct Askers {
    codes: BTreeSet<String>,
    /// What each file of the apps has in quotes.
    apps: Vec<BTreeSet<String>>,
    /// What the engine has in quotes, and the apps too.
    quoted: BTreeSet<String>,
    /// Names in all of them.
    words: BTreeSet<String>,
    /// Codes that people type, as the help of arguments names them.
    typed: BTreeSet<String>,
    /// Families that sentences form parameters with.
    formed: BTreeSet<&'static str>,
}

/// What `screen.money` is given as a whole, by the engine.
const OF_A_STRUCT: [&str; 3] = ["cost", "reimbursed", "owed"];

impl Askers {
    pub(crate) fn read(tree: &[Source]) -> Self {
        let apps = sources(tree, &APPS).filter(|file| !is_test(file));
        let report = tree.iter().filter(|file| file.path == "examples/report.py");
        let apps: Vec<&str> = apps.chain(report).map(|file| file.text.as_str()).collect();
        let engine = sources(tree, &["core/src/", "ffi/src/"]).map(|file| file.text.as_str());
        let all: Vec<&str> = engine.chain(apps.iter().copied()).collect();
        let names = |text: &str| {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let help = rows().filter(|(key, ..)| key.starts_with("argument."));
        let forms = rows().flat_map(|(_, en, _)| en.split('{').skip(1)).filter_map(|rest| rest.split('}').next());
        Self {
            codes: codes(),
            apps: apps.iter().map(|text| strings(text).map(str::to_owned).collect()).collect(),
            quoted: all.iter().flat_map(|text| strings(text)).map(str::to_owned).collect(),
            words: all.iter().flat_map(|text| names(text)).collect(),
            typed: help.flat_map(|(_, en, _)| names(en)).collect(),
            formed: forms.filter_map(|hole| Some(hole.split_once(':')?.1)).collect(),
        }
    }

    /// The files of the apps that ask for a sentence by its whole key.
    fn say(&self, key: &str) -> Vec<&BTreeSet<String>> {
        self.apps.iter().filter(|file| file.contains(key)).collect()
    }

    /// Whether a sentence is asked for: whole, as a code, or as one of a family whose codes somebody gives.
    pub(crate) fn ask_for(&self, key: &str) -> bool {
        if !self.say(key).is_empty() || self.codes.contains(key) || self.formed.contains(key) {
            return true;
        }
        let (family, code) = key.rsplit_once('.').expect("a key has a family");
        let wider = family.split('.').next().unwrap_or_default();
        // Fields and sums are names in structures. Kotlin shouts its variants.
        let is_given = |code: &str| {
            let named = ["field", "flow"].contains(&wider) && self.words.contains(code);
            let variant = [camel(code), code.to_uppercase()].iter().any(|name| self.words.contains(name));
            named || variant || self.quoted.contains(code) || self.typed.contains(code)
        };
        let opened = |opening: &str| {
            let holes = ["{", "$", "\\("].map(|hole| format!("{opening}{hole}"));
            self.apps.iter().flatten().any(|text| holes.iter().any(|hole| text.starts_with(hole.as_str())))
        };
        let formed = [family, wider].iter().any(|family| self.formed.contains(family));
        let asked = || formed || opened(&format!("{family}.")) || self.apps.iter().any(|file| file.contains(family));
        // `"error.ask_$code"` asks for a family of its own.
        let (kind, rest) = code.split_once('_').unwrap_or(("", code));
        (is_given(code) && asked()) || (is_given(rest) && opened(&format!("{family}.{kind}_")))
    }

    /// The parameters that a sentence of a screen names, and that no file which asks for it gives.
    pub(crate) fn ungiven(&self, key: &str, sentence: &str) -> Vec<String> {
        let said = self.say(key);
        let mut given: BTreeSet<String> = said.iter().flat_map(|file| file.iter().cloned()).collect();
        given.extend(OF_A_STRUCT.map(str::to_owned));
        // Of the engine's sentences the engine says what is given.
        if said.is_empty() || self.codes.contains(key) { Vec::new() } else { ungiven(key, sentence, &given) }
    }
}

/// Keys that apps ask for word for word: `say("screen.board"`.
pub(crate) fn said_by_key(tree: &[Source]) -> BTreeSet<String> {
    let whole = |text: &str| {
        let key = text.split_once('"').map(|(key, _)| key)?;
        let is_key = key.contains('.') && key.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '.');
        (is_key && !key.ends_with('.')).then(|| key.to_owned())
    };
    let calls = ["say(\"", "say_with(\"", "plain(\""];
    let said =
        |text: &str| calls.iter().flat_map(|call| text.split(call).skip(1).filter_map(whole)).collect::<Vec<_>>();
    sources(tree, &APPS).filter(|file| !is_test(file)).flat_map(|file| said(&file.text)).collect()
}

/// Where the apps stand.
const APPS: [&str; 3] = ["examples/phone/", "examples/android/", "examples/ios/"];

/// The files of source below some folders.
fn sources<'t>(tree: &'t [Source], folders: &[&str]) -> impl Iterator<Item = &'t Source> {
    let below = move |file: &&Source| folders.iter().any(|folder| file.path.starts_with(folder));
    tree.iter().filter(below).filter(|file| [".rs", ".kt", ".swift"].iter().any(|ending| file.is(ending)))
}

fn is_test(file: &Source) -> bool {
    file.path.contains("ests") || file.path.contains("/test/")
}

/// What stands in quotes on each line.
fn strings(source: &str) -> impl Iterator<Item = &str> {
    source.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

fn camel(code: &str) -> String {
    let mut words = code.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.by_ref().collect()
}
