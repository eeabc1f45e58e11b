//! House rules that a compiler does not know: the arrow, the rules' tests, what must not be said where, who asks for which
//! sentence of the apps' table of words.
//!
//! Reads the source tree as text. Runs nothing of the engine, which is only asked for its codes.

#![expect(clippy::expect_used, reason = "a test that cannot read the source has failed")]

mod arrow;
mod askers;
mod bounds;
mod circles;
mod secrets;
mod sentences;
mod source;
mod stories;
mod supply;
mod table;

use std::collections::BTreeSet;

use source::{ROOTS, Source, is_word, line, rust, top, tree, words};

/// Where the bindings stand.
const BINDINGS: &str = "ffi/src/";
/// Lines a file may have, so that it stays about one thing.
const LINES: usize = 700;
/// Files that may be longer, each with a reason.
const LONGER: [(&str, &str); 1] = [("core/FORMAT.md", "a reference that is looked up by its headings")];

/// What lies at the top beside dotfiles.
const TOP: [&str; 9] = ["core", "ffi", "relay", "tests", "examples", "README.md", "Cargo.toml", "Cargo.lock", "target"];

/// Rules and threats of `core/DESIGN.md` that no test names yet, each with a reason. The list only shrinks.
const UNTESTED: [(&str, &str); 0] = [];

#[test]
fn the_arrow_between_the_parts_holds() {
    let tree = tree();
    let files = rust(&tree);
    let engine = files.iter().filter(|(_, _, test)| !test);

    none(engine.flat_map(|(file, parts, _)| arrow::broken(file, parts)).collect());
}

#[test]
fn what_lies_in_a_folder_lies_in_an_order() {
    let tree = tree();
    let files = rust(&tree);
    let mut faults = Vec::new();

    for root in ROOTS {
        let below = files.iter().filter(|(file, _, test)| file.path.starts_with(root) && !test);
        let found = circles::found(&below.map(|(file, parts, _)| (*file, parts)).collect::<Vec<_>>());
        faults.extend(found.iter().map(|circle| format!("{root}{}", circle.join(" "))));
    }

    none(faults);
}

#[test]
fn the_engine_never_panics_on_purpose() {
    let calls = [".unwrap()", ".expect(", "panic!", "todo!", "unimplemented!", "unreachable!"];
    let tree = tree();
    let mut faults = Vec::new();

    let told = |file: &Source| file.module().is_some() || file.path.starts_with(BINDINGS);
    for (file, parts, _) in rust(&tree).iter().filter(|(file, _, test)| told(file) && !test) {
        for call in calls {
            let found = parts
                .code
                .match_indices(call)
                .filter(|(at, _)| call.starts_with('.') || !parts.code[..*at].ends_with(is_word));
            faults.extend(found.map(|(at, _)| format!("{}:{}: {call}", file.path, line(&parts.code, at))));
        }
    }

    none(faults);
}

#[test]
fn the_bindings_know_the_core_alone() {
    let beyond = ["linli_relay", "linli_tests", "linli_examples", "rusqlite", "quinn", "automerge", "rustls"];
    let tree = tree();
    let mut faults = Vec::new();

    for (file, parts, _) in rust(&tree).iter().filter(|(file, ..)| file.path.starts_with("ffi/")) {
        for name in beyond {
            let found =
                words(&parts.code, name).map(|at| fault(file, at, &format!("the bindings must not know {name}")));
            faults.extend(found);
        }
    }
    for file in tree.iter().filter(|file| file.path == "ffi/Cargo.toml") {
        let names = beyond.map(|name| name.replace('_', "-"));
        let entries = file.text.lines().filter(|entry| names.iter().any(|name| starts_entry(entry, name)));
        faults.extend(entries.map(|entry| format!("{}: `{entry}`", file.path)));
    }
    for (file, parts, _) in rust(&tree).iter().filter(|(file, ..)| file.module().is_some()) {
        let knows = |at| format!("{}:{}: the core must not know its bindings", file.path, line(&parts.code, at));
        faults.extend(bound(file, &parts.code).map(knows));
    }
    for file in tree.iter().filter(|file| file.path == "core/Cargo.toml") {
        let entries = file.text.lines().filter(|entry| entry.starts_with("uniffi") || entry.contains("dep:uniffi"));
        let wanted = ["uniffi = [\"replica\", \"dep:uniffi\"]", "uniffi = { workspace = true, optional = true }"];
        if !entries.eq(wanted) || !file.text.contains("default = [\"replica\"]") {
            faults.push(format!("{}: uniffi comes in for who asks for it, and by one feature", file.path));
        }
    }

    none(faults);
}

/// Where the core names what makes its bindings, beside the one place that is there for it: a type may be derived for other
/// languages where it stands, as it is for serde, and only under the feature; nothing else may.
fn bound<'a>(file: &'a Source, code: &'a str) -> impl Iterator<Item = usize> + 'a {
    let derived = |at: &usize| {
        let Some(from) = code[..*at].rfind("#[cfg_attr(") else { return false };
        // What is text in the code is blank there; the lines are the same.
        let (first, last) = (line(code, from), line(code, *at));
        let mut lines = file.text.lines().skip(first - 1).take(last - first + 1);
        !code[from..*at].contains(']') && lines.any(|line| line.contains("feature = \"uniffi\","))
    };
    let place = ["core/src/bindings.rs", "core/src/replica/bindings.rs"].contains(&file.path.as_str());
    let shown = |word| words(code, word).filter(move |_| !place);
    shown("uniffi").filter(move |at| !derived(at)).chain(shown("linli_ffi"))
}

#[test]
fn whatever_bounds_what_others_can_heap_up_stands_in_one_place() {
    let tree = tree();
    let files = rust(&tree);
    let engine = files.iter().filter(|(_, _, test)| !test);

    none(engine.flat_map(|(file, parts, _)| bounds::astray(file, parts)).collect());
}

#[test]
fn no_type_prints_the_bytes_of_a_secret() {
    let tree = tree();
    let files = rust(&tree);
    let engine = files.iter().filter(|(file, _, test)| file.module().is_some() && !test);

    none(engine.flat_map(|(file, parts, _)| secrets::printed(file, parts)).collect());
}

#[test]
fn what_must_replay_iterates_in_one_order() {
    let tree = tree();
    let mut faults = Vec::new();

    for (file, parts, test) in &rust(&tree) {
        let replayed = matches!(file.module(), Some("event" | "roster" | "aggregate" | "sync" | "key"));
        for word in ["HashMap", "HashSet"].iter().filter(|_| replayed && !test) {
            let found = words(&parts.code, word);
            faults.extend(found.map(|at| format!("{}:{}: {word}", file.path, line(&parts.code, at))));
        }
    }

    none(faults);
}

#[test]
fn sql_is_written_in_the_store_alone() {
    let tree = tree();
    let mut faults: Vec<String> = tree
        .iter()
        .filter(|file| file.is(".sql") && file.module() != Some("store"))
        .map(|file| file.path.clone())
        .collect();

    for (file, parts, test) in &rust(&tree) {
        // Measurements write to SQLite themselves: it is the floor they compare with.
        let floor = file.path.starts_with("core/benches/");
        if *test || floor || file.module() == Some("store") {
            continue;
        }
        let sql = parts.strings.iter().filter(|text| is_sql(text));
        faults.extend(sql.map(|text| format!("{}: \"{text}\"", file.path)));
    }

    none(faults);
}

/// Whether a text reads like a statement.
fn is_sql(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let both = |one: &str, other: &str| text.starts_with(one) && text.contains(other);
    both("select ", " from ")
        || both("update ", " set ")
        || ["insert into ", "insert or ", "delete from ", "create table ", "create index ", "drop table ", "pragma "]
            .iter()
            .any(|start| text.starts_with(start))
}

#[test]
fn no_path_of_a_machine_is_committed() {
    let tree = tree();
    let found = tree.iter().flat_map(|file| machine_paths(&file.text).into_iter().map(move |at| (file, at)));

    none(found.map(|(file, at)| fault(file, at, "a path of a machine")).collect());
}

/// Where an absolute path into somebody's own folders begins.
fn machine_paths(text: &str) -> Vec<usize> {
    let folders = ["work", "home", "root", "tmp", "Users"];
    let absolute = |at: &usize| {
        let before = text[..*at].strip_suffix('/');
        before.is_some_and(|before| !before.ends_with(|c| is_word(c) || "./-:}~".contains(c)))
    };
    folders.iter().flat_map(|folder| words(text, folder)).filter(absolute).collect()
}

#[test]
fn every_dependency_stands_once_with_a_reason() {
    let (mut faults, mut names) = (Vec::new(), BTreeSet::new());
    let tree = tree();
    let root = tree.iter().find(|file| file.path == "Cargo.toml").expect("the workspace has a manifest");
    let (_, section) = root.text.split_once("[workspace.dependencies]\n").expect("it lists dependencies");
    let section = section.split("\n[").next().unwrap_or_default();

    for entry in section.lines().filter(|entry| entry.contains('=') && !entry.starts_with('#')) {
        let name = entry.split('=').next().unwrap_or_default().trim();
        let reason = entry.rsplit_once("# ").map_or("", |(_, reason)| reason);
        if !names.insert(name) {
            faults.push(format!("{name} is listed twice"));
        }
        if !entry.contains("path = ") && reason.split_whitespace().count() < 2 {
            faults.push(format!("{name} says no reason"));
        }
    }
    let members: Vec<&Source> = tree.iter().filter(|file| file.is("/Cargo.toml")).collect();
    for (member, entry) in members.iter().flat_map(|file| file.text.lines().map(move |entry| (file, entry))) {
        if entry.contains("path = \"../") || (entry.starts_with(char::is_alphabetic) && entry.contains("version = \""))
        {
            faults.push(format!("{}: `{entry}` belongs to the workspace's list", member.path));
        }
    }
    let used = |name: &str| members.iter().any(|file| file.text.lines().any(|entry| starts_entry(entry, name)));
    faults.extend(names.iter().filter(|name| !used(name)).map(|name| format!("{name} is used by no member")));

    none(faults);
}

/// Whether a line of a manifest takes this dependency from the workspace.
fn starts_entry(entry: &str, name: &str) -> bool {
    entry.strip_prefix(name).is_some_and(|rest| {
        rest.starts_with(".workspace") || (rest.trim_start().starts_with('=') && rest.contains("workspace = true"))
    })
}

#[test]
fn the_top_shows_where_things_are() {
    let names = std::fs::read_dir(top()).expect("the top can be listed");
    let names = names.map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned());

    none(names.filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str())).collect());
}

#[test]
fn a_file_fits_in_a_head() {
    let mut faults = Vec::new();

    for file in tree() {
        let written = [".rs", ".md", ".toml", ".sql", ".sh"].iter().any(|ending| file.is(ending));
        let longer = LONGER.iter().any(|(path, _)| *path == file.path);
        let lines = file.text.lines().count();
        if written && !longer && lines > LINES {
            faults.push(format!("{}: {lines} lines, at most {LINES}", file.path));
        }
        if longer && lines <= LINES {
            faults.push(format!("{}: needs no exception any more", file.path));
        }
    }

    none(faults);
}

#[test]
fn what_a_quick_look_leaves_out_is_there() {
    let run = std::fs::read_to_string(top().join("tests/run")).expect("the program that runs all tests");
    let list = |name: &str| -> Vec<String> {
        let words = run.split_once(&format!("\n{name}=(")).and_then(|(_, rest)| rest.split_once(')')).expect(name).0;
        words.split_whitespace().map(str::to_owned).collect()
    };
    let (stories, cases, tree) = (list("many_stories"), list("many_cases"), tree());
    let is_there = |path: String| tree.iter().any(|file| file.path == path);
    let engine: Vec<&Source> = tree.iter().filter(|file| file.path.starts_with("core/src/")).collect();
    let is_case = |case: &str| match case.rsplit_once("::") {
        Some((module, "")) => {
            engine.iter().any(|file| file.path.ends_with(&format!("/{}.rs", module.replace("::", "/"))))
        }
        Some((_, name)) => engine.iter().any(|file| file.text.contains(&format!("fn {name}"))),
        None => engine.iter().any(|file| file.text.contains(case)),
    };

    assert!(stories.len() > 10 && cases.len() > 5, "{stories:?} {cases:?}");
    let no_story = stories.into_iter().filter(|name| !is_there(format!("tests/stories/{name}.rs")));
    none(no_story.chain(cases.into_iter().filter(|case| !is_case(case))).collect());
}

#[test]
fn every_aggregate_has_the_same_files() {
    let (tree, kept) = (tree(), "core/src/aggregate/");
    let has = |path: &str| tree.iter().any(|file| file.path == path);
    let named = tree.iter().filter(|file| file.path.starts_with(kept) && file.text.contains("impl Aggregate for "));
    let folders: Vec<&str> = named.filter_map(|file| file.path.strip_suffix("/mod.rs")).collect();

    assert!(folders.len() >= 8, "{folders:?}");
    let files = ["kind", "content", "fact", "command", "refusal", "decide", "state", "rows"];
    let stateless = |folder: &str| {
        tree.iter()
            .any(|file| file.path == format!("{folder}/mod.rs") && file.text.contains("\n    type State = ();\n"))
    };
    let wanted = folders.iter().flat_map(|folder| files.map(|file| (*folder, file)));
    let missing = wanted.filter(|(folder, file)| {
        let is_there = ["", "/mod"].iter().any(|of| has(&format!("{folder}/{file}{of}.rs")));
        !(is_there || *file == "state" && stateless(folder))
    });
    none(missing.map(|(folder, file)| format!("{folder}/{file}.rs is not there")).collect());
}

#[test]
fn a_story_stands_above_what_helps_it() {
    let tree = tree();
    let told = tree.iter().filter(|file| file.is(".rs"));
    let faults = told.filter_map(|file| Some(format!("{}:{}", file.path, stories::helps_above(file)?)));
    none(faults.collect());
}

#[test]
fn a_story_names_its_people() {
    let tree = tree();
    let parts =
        ["tests/stories/", "tests/relay/", "tests/transports/", "tests/budget/", "tests/simulation/", "relay/tests/"];
    let told = |file: &Source| parts.iter().any(|part| file.path.starts_with(part));
    let files = rust(&tree);
    let bare = files.iter().filter(|(file, ..)| told(file)).filter_map(|(file, parts, _)| {
        let at = *stories::bare_numbers(&parts.code).first()?;
        Some(format!("{}:{}: whose phone is that?", file.path, line(&parts.code, at)))
    });

    none(bare.collect());
}

#[test]
fn every_module_says_what_it_is() {
    let tree = tree();
    let files = rust(&tree);
    let headless = files.iter().filter(|(file, _, test)| !test && !file.text.starts_with("//! "));

    none(headless.map(|(file, ..)| file.path.clone()).collect());
}

#[test]
fn a_doc_comment_has_more_than_two_words() {
    let tree = tree();
    let mut faults = Vec::new();

    let told = |file: &Source| ["core/src/", "ffi/src/", "relay/src/"].iter().any(|part| file.path.starts_with(part));
    for (file, parts, _) in rust(&tree).iter().filter(|(file, _, test)| told(file) && !test) {
        let head: String = file.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        for (at, said) in doc_comments(&file.text, &parts.code).into_iter().chain([(1, head)]) {
            if said.split_whitespace().count() < 3 {
                faults.push(format!("{}:{at}: `{}` tells a stranger nothing", file.path, said.trim()));
            }
        }
    }

    none(faults);
}

/// Each doc comment of an item outside tests, and the line it ends on. An item of a test is blank in the code.
fn doc_comments(text: &str, code: &str) -> Vec<(usize, String)> {
    let (mut found, mut comment) = (Vec::new(), String::new());
    for (at, (written, code)) in text.lines().zip(code.lines()).enumerate() {
        if let Some(more) = written.trim_start().strip_prefix("///") {
            comment.push_str(more);
            comment.push(' ');
        } else {
            let said = std::mem::take(&mut comment);
            if !said.is_empty() && !code.trim().is_empty() {
                found.push((at, said));
            }
        }
    }
    found
}

#[test]
fn every_rule_and_threat_is_explained_and_tested() {
    let tree = tree();
    let design = tree.iter().find(|file| file.path == "core/DESIGN.md").expect("the design is written down");
    let rules: BTreeSet<&str> = design.text.lines().filter_map(|row| named(row, "### R", '.')).collect();
    let threats: BTreeSet<&str> = design.text.lines().filter_map(|row| named(row, "| T", ' ')).collect();
    let explained: BTreeSet<&str> = rules.union(&threats).copied().collect();
    let mut faults = Vec::new();

    assert!(rules.len() >= 9 && threats.len() >= 10, "{rules:?} {threats:?}");
    for file in tree.iter().filter(|file| file.module().is_some() && file.is(".rs")) {
        for (at, cited) in citations(&file.text) {
            if !explained.contains(cited) {
                faults.push(fault(file, at, &format!("{cited} is not in core/DESIGN.md")));
            }
        }
    }
    let tests: String = rust(&tree)
        .iter()
        .filter(|(file, ..)| !file.path.starts_with("tests/tidy/"))
        .map(|(file, parts, test)| if *test { file.text.as_str() } else { parts.tests.as_str() })
        .collect();
    for name in &explained {
        let untested = UNTESTED.iter().any(|(listed, _)| listed == name);
        match (is_tested(&tests, name), untested) {
            (false, false) => faults.push(format!("no test names {name}")),
            (true, true) => faults.push(format!("{name} is tested now: take it off the list in tests/tidy/main.rs")),
            _ => {}
        }
    }
    let listed = UNTESTED.iter().filter(|(name, _)| !explained.contains(name));
    faults.extend(listed.map(|(name, _)| format!("{name} is on the list, but not in core/DESIGN.md")));

    none(faults);
}

/// `R4` out of `### R4. …`: a letter and digits between the start and the end.
fn named<'a>(row: &'a str, start: &str, end: char) -> Option<&'a str> {
    let rest = row.strip_prefix(&start[..start.len() - 1])?;
    let name = &rest[..rest.find(end)?];
    (name.len() > 1 && name[1..].chars().all(|c| c.is_ascii_digit()) && start.ends_with(&name[..1])).then_some(name)
}

/// Rules cited in parentheses: `(R4)`, `(R4, R5)`.
fn citations(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("(R") {
        let group = text[at + 1..].split(')').next().unwrap_or_default();
        for part in group.split(", ") {
            let digits = part.strip_prefix('R').unwrap_or_default();
            if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
                found.push((at, part));
            }
        }
    }
    found
}

/// Whether a test says the name (`R4`) or carries it in its own (`…_r4`).
fn is_tested(tests: &str, name: &str) -> bool {
    let suffix = format!("_{}", name.to_ascii_lowercase());
    let carried = tests.match_indices(&suffix).any(|(at, _)| {
        let behind = tests[at + suffix.len()..].chars().next();
        !behind.is_some_and(|c| c.is_alphanumeric())
    });
    carried || words(tests, name).next().is_some()
}

#[test]
fn every_example_of_the_format_is_made_by_a_test() {
    let tree = tree();
    let format = tree.iter().find(|file| file.path == "core/FORMAT.md").expect("the format is written down");
    let tests: String = rust(&tree)
        .iter()
        .map(|(file, parts, test)| if *test { file.text.as_str() } else { parts.tests.as_str() })
        .collect();
    let examples = format.text.lines().filter_map(|fence| fence.strip_prefix("```hex "));

    none(examples.filter(|name| !tests.contains(&format!("\"{name}\""))).map(str::to_owned).collect());
}

#[test]
fn the_readme_shows_the_code_that_the_crate_tests() {
    let tree = tree();
    let text =
        |path: &str| tree.iter().find(|file| file.path == path).map(|file| file.text.as_str()).unwrap_or_default();
    let readme = fenced(text("README.md"), "```rust\n");
    let docs: String = text("core/src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .filter(|line| !line.starts_with(" # "))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();

    assert!(!readme.is_empty());
    assert_eq!(readme, fenced(&docs.replace("```text", "~~~").replacen("```", "~~~", 1), "```\n"));
}

/// What stands in the first block under this fence.
fn fenced<'a>(text: &'a str, fence: &str) -> &'a str {
    let behind = text.split_once(fence).map_or("", |(_, behind)| behind);
    behind.split("```").next().unwrap_or_default()
}

#[test]
fn what_the_docs_point_at_exists() {
    let mut faults = Vec::new();

    for file in tree().iter().filter(|file| file.is(".md")) {
        let folder = top().join(&file.path);
        let folder = folder.parent().expect("a file lies in a folder");
        for (at, _) in file.text.match_indices("](") {
            let target = file.text[at + 2..].split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                faults.push(fault(file, at, &format!("{target} is not there")));
            }
        }
        for path in file.text.split('`').filter(|text| text.starts_with("core/") || text.starts_with("tests/")) {
            if !path.contains(char::is_whitespace) && !top().join(path).exists() {
                faults.push(format!("{}: {path} is not there", file.path));
            }
        }
    }

    none(faults);
}

#[test]
fn these_rules_see_what_they_look_for() {
    assert!(is_sql("SELECT id FROM log") && is_sql("  insert into log values (1)"));
    assert!(!is_sql("one from the list") && !is_sql("updated"));
    let path = ["/", "tmp", "/log"].concat();
    assert!(machine_paths(&format!("open(\"{path}\")")) == [7] && machine_paths(&path) == [1]);
    assert!(machine_paths(&format!("target{path} and work/or/home")).is_empty());
    assert!(is_tested("fn a_cut_holds_r8() {", "R8") && is_tested("/// (R8)", "R8"));
    assert!(!is_tested("fn a_cut_holds_r81() {", "R8") && !is_tested("R81", "R8"));
    assert_eq!(named("### R4. Encrypt", "### R", '.'), Some("R4"));
    assert_eq!(named("| T10 | erased |", "| T", ' '), Some("T10"));
    assert_eq!(named("| Total | 3 |", "| T", ' '), None);
    assert_eq!(citations("(R4, R12) (Rust) (R)").iter().map(|(_, name)| *name).collect::<Vec<_>>(), ["R4", "R12"]);
    let made = "fn a() { b.unwrap() /* .unwrap() */ }\n#[cfg(test)]\nmod tests { fn c() { d.unwrap(); } }\nfn e() {}";
    let parts = Source { path: "core/src/x.rs".to_owned(), text: made.to_owned() }.parts();
    assert_eq!(parts.code.matches(".unwrap()").count(), 1);
    assert!(parts.code.contains("fn e()") && parts.tests.contains("d.unwrap()"));
    let knows = |made: &str| {
        let file = Source { path: "core/src/x.rs".to_owned(), text: made.to_owned() };
        bound(&file, &file.parts().code).count()
    };
    let derived = "#[cfg_attr(feature = \"uniffi\", derive(uniffi::Record))]\npub struct Line(u8);\n";
    assert_eq!((knows(derived), knows(&format!("{derived}uniffi::custom_type!(Line, u8);"))), (0, 1));
    assert_eq!((knows("#[derive(uniffi::Record)]\npub struct Line(u8);"), knows("use linli_ffi::Phone;")), (1, 1));
    let astray = |path: &str, made: &str| {
        let file = Source { path: path.to_owned(), text: made.to_owned() };
        bounds::astray(&file, &file.parts()).count()
    };
    let kept = "/// Of all.\npub(super) const KEPT: usize = 1 << 12;\nconst PAGE: u64 = 9;\nconst AT: &str = \"\";\n";
    let paths = ["core/src/roster/x.rs", "relay/src/x.rs", "core/src/limits.rs", "core/src/event/x.rs"];
    assert_eq!(paths.map(|path| astray(path, kept)), [1, 1, 0, 0]);
    let docs = |made: &str| {
        let file = Source { path: "core/src/x.rs".to_owned(), text: made.to_owned() };
        doc_comments(&file.text, &file.parts().code)
    };
    assert_eq!(docs("struct A {\n    /// Which.\n    #[n(0)]\n    a: u8,\n}\n"), [(2, " Which. ".to_owned())]);
    assert_eq!(docs("#[cfg(test)]\nmod tests {\n    /// T4.\n    fn a() {}\n}\n"), []);
    let prints = |path: &str, made: &str| {
        let file = Source { path: path.to_owned(), text: made.to_owned() };
        secrets::printed(&file, &file.parts()).len()
    };
    let bytes = "#[derive(Clone, Debug)]\npub struct Key([u8; 32]);\n";
    assert_eq!((prints("core/src/key/x.rs", bytes), prints("core/src/event/x.rs", bytes)), (1, 0));
    let wiped = "#[derive(Debug, PartialEq)]\npub enum Said {\n    One { key: Zeroizing<[u8; 32]> },\n}\n";
    assert_eq!(
        (prints("core/src/roster/x.rs", wiped), prints("core/src/roster/x.rs", &wiped.replace("Debug, ", ""))),
        (1, 0)
    );
}

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Says where a file breaks a rule.
fn fault(file: &Source, at: usize, what: &str) -> String {
    format!("{}:{}: {what}", file.path, line(&file.text, at))
}
