//! How stories are told: each test stands above what helps it, and a phone is named by whose it is.

use crate::source::Source;

/// What begins a test, at the margin.
const TESTS: [&str; 2] = ["#[test]", "#[tokio::test"];
/// What a test is helped by, where it is no name, no number and no macro.
const HELPS: [&str; 6] = ["fn ", "struct ", "enum ", "impl", "trait ", "type "];
/// What a world is told or asked about a phone, the phone first.
const OF_A_PHONE: [&str; 22] = [
    "at",
    "catch_up",
    "home",
    "secrets",
    "tag",
    "options",
    "put",
    "member",
    "device",
    "close",
    "open",
    "downgrade",
    "declare",
    "update",
    "meet",
    "join",
    "admit_relay",
    "own_runs",
    "runs",
    "held",
    "assert_one_truth",
    "heaped",
];

/// What is told or asked of a world with a number that counts something.
const COUNTING: [&str; 4] = ["reminders", "tend_after", "erased", "cuts"];

/// The first line at which something that helps stands above all tests.
pub(crate) fn helps_above(file: &Source) -> Option<usize> {
    let lines = || file.text.lines().zip(1..);
    let (_, first) = lines().find(|(line, _)| TESTS.iter().any(|test| line.starts_with(test)))?;
    lines().take_while(|(_, at)| *at < first).find(|(line, _)| helps(line)).map(|(_, at)| at)
}

fn helps(line: &str) -> bool {
    let line = line.strip_prefix("pub").map_or(line, |rest| rest.split_once(' ').map_or(rest, |(_, rest)| rest));
    let line = line.strip_prefix("async ").or_else(|| line.strip_prefix("const fn ").map(|_| "fn ")).unwrap_or(line);
    HELPS.iter().any(|help| line.starts_with(help))
}

/// Each place at which a story means a phone by its bare number.
pub(crate) fn bare_numbers(code: &str) -> Vec<usize> {
    let told = |at: &usize| {
        let method = code[*at..].trim_start().strip_prefix('.');
        let (name, rest) = method.and_then(|rest| rest.split_once('(')).unwrap_or_default();
        OF_A_PHONE.contains(&name) && is_number(rest)
    };
    let ends = |word: &'static str| code.match_indices(word).map(|(at, found)| at + found.len());
    let worlds = ends("world").filter(told);
    let counts = |at: &usize| {
        let called = code[..*at].rsplit_once('(').map_or("", |(called, _)| called);
        COUNTING.iter().any(|name| called.ends_with(name))
    };
    let given =
        ["(&mut world, ", "(&world, ", "(world, ", ".world, "].into_iter().flat_map(ends).filter(|at| !counts(at));
    let turns = ends("for phone in [").chain(given);
    worlds.chain(turns.filter(|at| is_number(&code[*at..]))).collect()
}

/// Whether a list of arguments begins with a number by itself.
fn is_number(rest: &str) -> bool {
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    behind.len() < rest.len() && behind.starts_with([',', ')', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_above_a_test_is_seen() {
        let above = |text: &str| helps_above(&Source { path: "tests/stories/x.rs".to_owned(), text: text.to_owned() });

        assert_eq!(above("use a::b;\n\npub(crate) async fn help() {}\n\n#[test]\nfn story() {}\n"), Some(3));
        assert_eq!(above("impl Scene {\n}\n\n#[tokio::test(flavor = \"x\")]\nasync fn story() {}\n"), Some(1));
        assert_eq!(above("const A: u8 = 1;\n\n#[test]\nfn story() {}\n\nfn help() {}\n"), None);
        assert_eq!(above("fn help() {}\n"), None, "a file of helpers alone");
    }

    #[test]
    fn a_bare_number_is_seen() {
        let numbers = |code: &str| bare_numbers(code).len();

        assert_eq!(numbers("scene.world.at(0).order(order); post(&mut world, 1); for phone in [2, 3] {}"), 3);
        assert_eq!(numbers("world\n        .at(12)\n"), 1);
        assert_eq!(numbers("Feeder::with(&heap.world, 0, device)"), 1);
        assert_eq!(numbers("world.at(WU); world.pass(3); post(&mut world, MEI); world.device(1 - phone)"), 0);
        assert_eq!(numbers("reminders(&world, 4)"), 0, "of so many phones");
    }
}
