//! Help that teaches: every command says what it is for and shows an example, in both languages.

use super::hand::Homes;

#[test]
fn every_command_teaches_by_an_example() {
    let homes = Homes::new();

    for lang in ["en", "zh"] {
        let mut seen = 0;
        teach(&homes, &[], lang, &mut seen);
        assert!(seen > 90, "only {seen} commands");
    }
    assert!(!homes.path("nowhere").exists());
}

#[test]
fn the_first_page_tells_a_whole_day() {
    let homes = Homes::new();
    let said = homes.type_in("nowhere", ["--help"]);

    for word in ["found", "admit", "join", "sync", "order post", "order claim", "Exit codes", "--json"] {
        assert!(said.out.contains(word), "{word}");
    }
}

#[test]
fn the_version_is_told() {
    let homes = Homes::new();
    let said = homes.type_in("nowhere", ["--version"]);

    assert_eq!(said.code, 0);
    assert!(said.out.starts_with("phone "));
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let headings = ["\nCommands:\n", "\n命令:\n"];
    let listed = headings.iter().find_map(|heading| help.split(heading).nth(1)).unwrap_or_default();
    let lines = listed.lines().take_while(|line| !line.trim().is_empty());
    // A wrapped line is indented further than a name.
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

fn teach(homes: &Homes, path: &[String], lang: &str, seen: &mut usize) {
    let words = ["--lang".to_owned(), lang.to_owned()].into_iter().chain(path.iter().cloned());
    let said = homes.type_in("nowhere", words.chain(["--help".to_owned()]));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{path:?}");
    *seen += 1;
    if !path.is_empty() {
        let heading = if lang == "zh" { "例如：" } else { "Example:" };
        let example = said.out.split(heading).nth(1).unwrap_or_default();
        assert!(example.contains("phone "), "{path:?} shows no example: {}", said.out);
    }
    if lang == "zh" {
        assert!(!said.out.lines().next().unwrap_or_default().is_ascii(), "{path:?}: {}", said.out);
    }
    for name in commands(&said.out) {
        let path = [path, &[name]].concat();
        teach(homes, &path, lang, seen);
    }
}
