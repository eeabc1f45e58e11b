//! The arrow between the parts of the engine: who may know whom.

use crate::source::{Parts, Source, is_word, line, words};

const GROUND: [&str; 12] =
    ["id", "time", "limits", "text", "varint", "count", "qty", "label", "memo", "vocabulary", "sabotage", "bindings"];

/// What each part may name, beside itself and the ground. `part::inner` allows that inner module alone.
const ARROW: [(&str, &[&str]); 25] = [
    ("id", &[]),
    ("time", &["sabotage"]),
    ("limits", &[]),
    ("text", &[]),
    ("varint", &[]),
    ("count", &[]),
    ("qty", &[]),
    ("label", &["limits"]),
    ("memo", &[]),
    ("vocabulary", &["bindings"]),
    ("sabotage", &[]),
    ("bindings", &[]),
    ("row", &[]),
    ("sentence", &[]),
    ("written", &[]),
    ("key", &[]),
    ("event", &["key"]),
    ("roster", &["event", "key"]),
    ("aggregate", &["roster", "event", "key", "row", "written"]),
    ("store", &["event", "key", "row"]),
    ("sync", &["event", "key"]),
    ("net", &["sync", "event", "key"]),
    ("keep", &["roster", "store", "net", "sync", "event", "key"]),
    ("replica", &["aggregate", "keep", "roster", "store", "net", "sync", "event", "key", "written"]),
    ("lib", &["aggregate", "keep", "roster", "store", "net", "sync", "event", "key", "replica"]),
];

/// Parts that may touch clock, dice, disk and sockets.
const OUTER: [&str; 5] = ["store", "net", "keep", "replica", "time"];
/// Names that belong to them alone. A length of time (`Duration`) is no clock.
const OUTER_WORDS: [&str; 11] = [
    "SystemTime",
    "Instant",
    "UNIX_EPOCH",
    "OsRng",
    "SysRng",
    "ThreadRng",
    "getrandom",
    "tokio",
    "rusqlite",
    "quinn",
    "mio",
];
/// Addresses are data; what opens a socket is not.
const OUTER_PATHS: [&str; 14] = [
    "std::fs",
    "std::net::*",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::*",
    "rand::rng",
    "rand::random",
    "rand::random_range",
    "rand::make_rng",
];

/// Every place where a file of the engine names what it must not know.
pub(crate) fn broken(file: &Source, parts: &Parts) -> Vec<String> {
    let Some(module) = file.module() else { return Vec::new() };
    let mut found = Vec::new();
    let mut say = |at: usize, what: String| found.push(format!("{}:{}: {what}", file.path, line(&parts.code, at)));
    let Some((_, allowed)) = ARROW.iter().find(|(part, _)| *part == module) else {
        say(0, format!("`{module}` has no place in the arrow"));
        return found;
    };
    for (at, path) in inner(file, &parts.code) {
        let target = path.split("::").next().unwrap_or_default();
        let grounded = GROUND.contains(&target) && !GROUND.contains(&module);
        let within = |allowed: &&str| path == *allowed || path.starts_with(&format!("{allowed}::"));
        let fine = target == module || grounded || allowed.iter().any(within);
        if !fine {
            say(at, format!("`{module}` must not know `{path}`"));
        }
    }
    if !OUTER.contains(&module) {
        for (at, what) in OUTER_WORDS.iter().flat_map(|word| words(&parts.code, word).map(move |at| (at, word))) {
            say(at, format!("`{what}` belongs to {OUTER:?}"));
        }
        for (at, path) in ["std", "rand"].iter().flat_map(|root| paths(&parts.code, root)) {
            let within = |outer: &&&str| path == **outer || path.starts_with(&format!("{outer}::"));
            if let Some(what) = OUTER_PATHS.iter().find(within) {
                say(at, format!("`{what}` belongs to {OUTER:?}"));
            }
        }
    }
    found
}

/// Paths from the engine's root: those that begin with `crate`, and those that climb there by `super`.
fn inner(file: &Source, code: &str) -> Vec<(usize, String)> {
    let mut found = paths(code, "crate");
    for (at, path) in paths(code, "super") {
        let climbs = 1 + path.split("::").skip(1).take_while(|part| *part == "super").count();
        if climbs == file.place().len() {
            let below: Vec<&str> = path.split("::").skip(climbs).collect();
            found.push((at, below.join("::")));
        }
    }
    let rootless = |(at, path): (usize, String)| (at, path.trim_start_matches("crate::").to_owned());
    found.into_iter().map(rootless).collect()
}

/// Every path that begins with `root`, groups in braces taken apart; where it begins and all of it.
pub(crate) fn paths(code: &str, root: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in words(code, root) {
        let (before, after) = (code[..at].trim_end(), code[at + root.len()..].trim_start());
        if before.ends_with("::") && !before.trim_end_matches("::").trim_end().is_empty() && !leads(before) {
            continue; // a later part of another path
        }
        if let Some(after) = after.strip_prefix("::") {
            let mut ends = Vec::new();
            branch(after.trim_start(), root, &mut ends);
            found.extend(ends.into_iter().map(|path| (at, path)));
        }
    }
    found
}

/// Whether a `::` at the end leads a path, as in `use ::std`.
fn leads(before: &str) -> bool {
    let before = before.trim_end_matches("::");
    before.ends_with(char::is_whitespace) || before.ends_with(['(', '<', ',', '&'])
}

/// Follows one path or group; returns what stands behind it.
fn branch<'a>(text: &'a str, so_far: &str, ends: &mut Vec<String>) -> &'a str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if let Some(behind) = rest.strip_prefix('}') {
                return behind;
            }
            let behind = branch(rest, so_far, ends).trim_start();
            let stop = behind.find([',', '}']).unwrap_or(behind.len()); // skips `as name`
            rest = behind[stop..].strip_prefix(',').unwrap_or(&behind[stop..]);
            if rest.is_empty() {
                return rest;
            }
        }
    }
    let star = usize::from(text.starts_with('*'));
    let length = text.find(|c| !is_word(c)).unwrap_or(text.len()).max(star);
    let path = format!("{so_far}::{}", &text[..length]);
    let behind = &text[length..];
    match behind.trim_start().strip_prefix("::") {
        Some(more) if more.trim_start().starts_with(|c| is_word(c) || c == '{' || c == '*') => {
            branch(more.trim_start(), &path, ends)
        }
        _ => {
            ends.push(path);
            behind
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        let file = Source { path: path.to_owned(), text: text.to_owned() };
        broken(&file, &file.parts())
    }

    #[test]
    fn a_broken_arrow_is_caught_however_it_is_written() {
        for (path, text) in [
            ("core/src/event/run.rs", "use crate::roster::Roster;"),
            ("core/src/event/run.rs", "use crate::{\n    id::{EventId, LogId as Log},\n    store::Store,\n};"),
            ("core/src/event/run.rs", "fn f(r: &crate :: roster::Roster) {}"),
            ("core/src/event/run.rs", "use super::super::sync::Session;"),
            ("core/src/event/mod.rs", "use super::{id, aggregate};"),
            ("core/src/event/mod.rs", "use crate::*;"),
            ("core/src/key/mod.rs", "use crate::event::Body;"),
            ("core/src/id.rs", "use crate::limits::FIELD;"),
            ("core/src/sync/mod.rs", "use crate::store::Store;"),
            ("core/src/store/log.rs", "use crate::sync::Session;"),
            ("core/src/store/rows.rs", "use crate::{row::Row, aggregate::order::Order};"),
            ("core/src/row.rs", "use crate::event::Body;"),
            ("core/src/roster/fold.rs", "use crate::replica::Replica;"),
            ("core/src/fresh/mod.rs", "use crate::id::EventId;"),
            ("core/src/sync/session.rs", "use crate::replica::Link;"),
            ("core/src/aggregate/order/mod.rs", "fn f(replica: &crate::replica::Replica) {}"),
            ("core/src/store/rows.rs", "use crate::aggregate::Row;"),
            ("core/src/store/rows.rs", "use crate::roster::Roster;"),
        ] {
            assert_eq!(faults(path, text).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn clock_dice_disk_and_sockets_are_caught_in_the_inner_parts() {
        for text in [
            "use std::time::{Duration, Instant};",
            "use std::{fs, fmt};",
            "fn f() { ::std::net::UdpSocket::bind(0) }",
            "use tokio as t;",
            "use rand::{rng, CryptoRng};",
            "fn f() { rand::rng().random() }",
            "fn f(dice: &mut OsRng) {}",
        ] {
            assert_eq!(faults("core/src/sync/mod.rs", text).len(), 1, "{text}");
            assert_eq!(faults("core/src/store/mod.rs", text).len(), 0, "{text}");
        }
    }

    #[test]
    fn nothing_points_at_the_replica_and_the_store_takes_rows_alone() {
        let names = |part: &str| ARROW.iter().find(|(of, _)| *of == part).map(|(_, allowed)| *allowed);
        let pointing = ARROW.iter().filter(|(_, allowed)| allowed.iter().any(|path| path.starts_with("replica")));

        assert_eq!(pointing.map(|(part, _)| *part).collect::<Vec<_>>(), ["lib"], "the root only lists its parts");
        assert_eq!(names("store"), Some(&["event", "key", "row"][..]));
        assert_eq!(names("sync"), Some(&["event", "key"][..]));
    }

    #[test]
    fn an_arrow_that_holds_is_left_alone() {
        for (path, text) in [
            ("core/src/lib.rs", "pub mod event;\npub use crate::event::Topic;"),
            ("core/src/event/run.rs", "use super::{Body, Header};\nuse crate::{id::EventId, key::EpochKey, limits};"),
            ("core/src/event/run.rs", "// use crate::store::Store;\nconst A: &str = \"crate::store::Store\";"),
            ("core/src/event/run.rs", "/// [`crate::store::Store`]\nfn f<'a>(x: &'a u8) {}"),
            ("core/src/event/run.rs", "#[cfg(test)]\nmod tests {\n    use crate::store::{Store, \n    Log};\n}"),
            ("core/src/event/run.rs", "use std::{sync::Arc, time::Duration};\nlet q = '\"'; let instant = 1;"),
            ("core/src/store/rows.rs", "use crate::row::{Cell, Row};"),
            ("core/src/aggregate/order/mod.rs", "use super::super::roster::Need;\nuse crate::aggregate::Fact;"),
            ("relay/main.rs", "use tokio::net::TcpListener;"),
        ] {
            assert_eq!(faults(path, text), Vec::<String>::new(), "{path}");
        }
    }
}
