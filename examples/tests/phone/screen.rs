//! Whatever peers write, a screen of the terminal shows and does not obey.

use serde_json::Value;

use super::hand::{Homes, Said, short};

/// Clears the screen, sets the clipboard and the title, rings, begins lines of its own, turns the direction around, hides.
const HOSTILE: &str = "\x1b[2J\x1b]52;c;cm0=\x07\x1b]0;x\x1b\\\u{7}\r\n#ffffff  open\n\u{9b}31m\u{85}\u{2028}\u{2029}\u{202e}\
    \u{2066}\u{202a}\u{200f}\u{61c}\u{feff}\u{200b}\u{ad}\u{e0041}\u{7f}\u{8}שלום";

#[test]
fn what_a_member_writes_can_only_be_read() {
    let homes = Homes::community(&[]);
    let record = homes.did("mal", "id")["record"].as_str().expect("a record").to_owned();
    let name = hostile(0);
    let admit = ["--json", "admit", &record, "--role", "coordinator", "--name", &name];
    let welcome = homes.type_in("lan", admit).json()["welcome"].as_str().expect("a welcome").to_owned();
    homes.type_in("mal", ["--json", "join", &welcome]).json();
    homes.meet("mal", "lan");
    homes.did("lan", "grant @ME care".replace("@ME", &format!("@{}", &device(&homes)[..8])).as_str());
    homes.meet("mal", "lan");

    let mut nth = 0;
    let mut write = |line: &str| wrote(&homes, &mut nth, line);
    let order =
        write("order post 3-2-1804 --kind medicine --item H+1+盒 --contact H --note H --asked-by H --hospital H")
            .expect("an order");
    let medicine_box = write("box open --building 3 --place H --note H").expect("a box");
    let product = write("product add H --generic H --alias H --class supply").expect("a product");
    let alert = write("alert raise fall --at 3-2-1804 --text H --contact H").expect("an alert");
    let household =
        write("household add 5-1-302 --person H=H --call H+1 --check H --note H --consent H").expect("a household");
    write("building list 3 --name H --entrance H");
    write("settings add-term pets --zh K --en K");
    write("settings set emergency_number=K");
    let commands = [
        "order comment ORDER H",
        "order claim ORDER",
        "order entrust ORDER key --label H",
        "order release ORDER --why H",
        "order cancel ORDER --why H",
        "order reopen ORDER --why H",
        "order edit ORDER --set note=H --set unit=H --set room=H --set hospital=H --set department=H --set mobility=H",
        "order edit ORDER --add-item H --set-item 1.unit=H",
        "box edit BOX --place H --note H",
        "box donate BOX #PRODUCT 2 H --batch H --origin H",
        "box restock BOX #PRODUCT 5 H --note H",
        "product edit #PRODUCT --brand H --form H --strength H",
        "recall raise #PRODUCT --batch H --issuer H --reason H",
        "alert comment ALERT H",
        "alert respond ALERT",
        "alert stand-down ALERT --why H",
        "alert hand ALERT --note H",
        "alert resolve ALERT --how helped --note H",
        "alert again ALERT --why H",
        "household edit HOUSEHOLD --note H",
        "household plan HOUSEHOLD --every 1",
        "household skip HOUSEHOLD --why H",
        "household close HOUSEHOLD --why H",
    ];
    let named = |line: &str| {
        line.replace("HOUSEHOLD", &household)
            .replace("ORDER", &order)
            .replace("BOX", &medicine_box)
            .replace("PRODUCT", &product)
            .replace("ALERT", &alert)
    };
    let mut lots = Vec::new();
    for command in commands {
        lots.extend(wrote(&homes, &mut nth, &named(command)));
    }
    homes.meet("lan", "mal");

    let mut seen = String::new();
    for line in [
        "board",
        "board --all",
        "round",
        "conflicts",
        "search x1x",
        "boxes",
        "product list",
        "recall list",
        "alert list",
        "alert list --all",
        "household list",
        "household visits",
        "building all",
        "settings show",
        "log",
        "log --held",
        "members",
        "peers",
        "about 3-2-1804",
        "about 5-1-302",
        "verify",
        "order show ORDER",
        "box show BOX",
        "product show #PRODUCT",
        "alert show ALERT",
        "household show HOUSEHOLD",
        "log ORDER",
        "log BOX",
        "log HOUSEHOLD",
        "box offer BOX #PRODUCT 1",
        "revoke MAL --dry-run",
        "relay list",
        "watch --at 127.0.0.1:0 --for 1",
    ] {
        let line = named(line).replace("MAL", &format!("@{}", &device(&homes)[..8]));
        for home in ["lan", "mal"] {
            seen += &shown(&homes, home, &line.split(' ').collect::<Vec<_>>());
        }
    }
    // What is kept is what was written, and what was shown was hostile: at least so many of the texts came to a screen.
    let texts = (0..=nth).filter(|nth| seen.contains(&format!("x{nth}x"))).count();
    assert!(texts > 40, "only {texts} of {nth} texts were shown");
    let members = homes.did("lan", "members");
    let kept = members.as_array().expect("a list").iter().any(|line| line["name"] == name.as_str());
    assert!(kept, "the name is kept as it was written");
}

fn device(homes: &Homes) -> String {
    homes.did("mal", "id")["device"].as_str().expect("an id").to_owned()
}

#[test]
fn a_box_shows_one_lot_where_one_is_asked_for() {
    let homes = Homes::community(&[]);
    let medicine_box = short(&homes.did("lan", "box open --place lobby"));
    homes.did("lan", "product add 口罩 --class supply");
    for batch in ["a1", "b2"] {
        homes.did("lan", &format!("box donate {medicine_box} 口罩 2 只 --batch {batch}"));
    }
    let all = homes.did("lan", &format!("box show {medicine_box}"));
    let lot = all["lots"][1]["lot"].as_str().expect("a lot").to_owned();
    assert_eq!(all["lots"].as_array().map(Vec::len), Some(2));

    let one = homes.did("lan", &format!("box show {medicine_box} --lot {lot}"));

    assert_eq!(one["lots"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["lots"][0]["lot"], lot.as_str());
}

#[test]
fn nothing_of_the_program_writes_to_the_screen_past_its_one_door() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/phone");
    let mut open = vec![std::path::PathBuf::from(folder)];
    let mut read = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a source file");
        read += 1;
        if path.ends_with("out.rs") {
            continue;
        }
        for word in [
            "println!",
            "print!",
            "eprintln!",
            "eprint!",
            "write!(",
            "writeln!(",
            "set_message",
            "stdout().lock",
            "stderr().lock",
        ] {
            assert!(!source.contains(word), "{}: `{word}`", path.display());
        }
    }
    assert!(read > 30, "{read} files");
}

/// A text that nobody meets twice, hostile from front to back.
fn hostile(nth: usize) -> String {
    format!("{HOSTILE}x{nth}x{HOSTILE}")
}

/// What no line may hold: controls but for its end, marks of direction but for balanced isolates, what nobody sees.
#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    let control = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    let turning =
        |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{2067}');
    let unseen = |c: char| matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    let bad: Vec<char> = text.chars().filter(|c| control(*c) || turning(*c) || unseen(*c)).collect();
    assert!(bad.is_empty(), "{what}: {bad:?} in {text}");
    // What a document holds is for a program to lay out.
    for line in text.lines().filter(|line| !line.starts_with('{') && !line.starts_with('[')) {
        let mut open = 0_i32;
        for c in line.chars() {
            open += i32::from(c == '\u{2068}') - i32::from(c == '\u{2069}');
            assert!((0..=1).contains(&open), "{what}: {line}");
            let left = ('\u{590}'..='\u{8ff}').contains(&c);
            assert!(!left || open == 1, "{what}: not laid out by itself: {line}");
        }
        assert_eq!(open, 0, "{what}: {line}");
        assert!(!line.starts_with("#ffffff  open"), "{what}: a line of its own: {line}");
    }
}

/// Asks as a person in both languages, then as a script.
#[track_caller]
fn shown(homes: &Homes, home: &str, words: &[&str]) -> String {
    let mut all = String::new();
    for lang in [["--lang", "en"], ["--lang", "zh"]] {
        let Said { out, err, .. } = homes.type_in(home, lang.iter().chain(words));
        assert_harmless(&format!("{words:?}"), &out);
        assert_harmless(&format!("{words:?}"), &err);
        all += &out;
    }
    let Said { out, err, .. } = homes.type_in(home, ["--json"].iter().chain(words));
    for document in [out, err].iter().filter(|text| !text.is_empty()) {
        assert_harmless(&format!("--json {words:?}"), document);
        // What goes on says one document on each line.
        let broken = document.lines().find(|line| serde_json::from_str::<Value>(line).is_err());
        assert_eq!(broken, None, "{words:?}");
    }
    all
}

/// Writes as a script, with hostile words where the line says `H`, short ones where it says `K`; what it wrote, in short.
fn wrote(homes: &Homes, nth: &mut usize, line: &str) -> Option<String> {
    let words: Vec<String> = line
        .split(' ')
        .map(|word| {
            *nth += usize::from(word.contains(['H', 'K']));
            word.replace('H', &hostile(*nth)).replace('K', &format!("\x1b[2J\u{202e}\r\nx{nth}x")).replace('+', " ")
        })
        .collect();
    let said = homes.type_in("mal", ["--json".to_owned()].into_iter().chain(words.clone()));
    assert_harmless(line, &said.out);
    assert_harmless(line, &said.err);
    let plain = homes.type_in("mal", ["--command-id".to_owned(), "00".repeat(16)].into_iter().chain(words));
    assert_harmless(line, &plain.out);
    assert_harmless(line, &plain.err);
    if said.code != 0 {
        return None;
    }
    let document: Value = serde_json::from_str(&said.out).expect("a document");
    document["short"].as_str().map(|short| short.trim_start_matches('#').to_owned())
}
