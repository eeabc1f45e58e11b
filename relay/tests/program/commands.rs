//! Commands of a relay that does not run.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
};

use linli_tests::{office, ports::own_port};
use tempfile::{TempDir, tempdir};

use crate::kit::{Running, fails, json, ok, program};

#[test]
fn every_command_explains_itself() {
    let (_dir, data) = fresh();
    let commands =
        ["serve", "config", "card", "allow", "communities", "status", "doctor", "compact", "backup", "restore"];

    let all = ok(&data, &["--help"]);

    assert!(all.contains("Exit codes") && all.contains("启动"), "{all}");
    for command in commands {
        assert!(all.contains(&format!("  {command}")), "{command} is missing in {all}");
        let help = ok(&data, &[command, "--help"]);
        assert!(help.contains(&format!("linli-relay {command}")) && help.len() > 200, "{help}");
    }
    assert!(!data.exists(), "asking for help leaves nothing behind");
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_is_wrong() {
    let (_dir, data) = fresh();
    let wrong: [(&[&str], &str); 7] = [
        (&[], "Usage"),
        (&["srve"], "serve"),
        (&["serve", "--port", "1"], "--port"),
        (&["serve", "--listen", "here"], "--listen"),
        (&["allow"], "CODE"),
        (&["config", "--device-mb", "much"], "--device-mb"),
        (&["restore"], "FROM"),
    ];

    for (args, word) in wrong {
        let said = fails(&data, args, 2);
        assert!(said.contains(word), "{args:?}: {said}");
    }
}

#[test]
fn what_cannot_be_done_ends_with_1_and_a_reason() {
    let (dir, data) = fresh();
    let there = dir.path().join("there");
    fs::create_dir(&there).expect("a directory");
    let unread = dir.path().join("relay.toml");
    fs::write(&unread, "community-mb = \"lots\"\n").expect("a file");
    let (there, unread) = (there.to_str().expect("text"), unread.to_str().expect("text"));
    let card = ok(&data, &["card"]).lines().last().expect("a card").to_owned();
    let inside = data.join("copy");
    let inside = inside.to_str().expect("text");
    let wrong: [(&[&str], &str); 13] = [
        (&["allow", "garbage"], "not the code"),
        (&["allow", &card], "not the code"),
        (&["allow", ""], "not the code"),
        (&["config", "--config", "nowhere.toml"], "nowhere.toml"),
        (&["config", "--config", unread], "community-mb"),
        (&["backup", there], "there already"),
        (&["backup", inside], "elsewhere"),
        (&["restore", inside], "elsewhere"),
        (&["restore", there], "no copy of a relay"),
        (&["restore", "nowhere"], "no copy of a relay"),
        (&["serve", "--status", "0.0.0.0:0"], "--status-token"),
        (&["serve", "--status-token", "plum"], "12 letters"),
        (&["serve", "--log", "[=loud"], "log"),
    ];

    for (args, word) in wrong {
        let said = fails(&data, args, 1);
        assert!(said.starts_with("linli-relay: ") && said.contains(word), "{args:?}: {said}");
        let said = fails(&data, &[args, &["--json"]].concat(), 1);
        assert!(said.starts_with("{\"error\":"), "{args:?}: {said}");
    }
}

#[test]
fn settings_say_where_they_come_from() {
    let (dir, data) = fresh();
    let file = dir.path().join("relay.toml");
    fs::write(&file, "device-mb = 7\nconnections = 9\nstatus-token = \"plum-blossom-7\"\n").expect("a file");
    let mut shown = program(&data);
    shown.env("LINLI_RELAY_CONNECTIONS", "11").args(["config", "--listen", "127.0.0.1:7", "--config"]).arg(&file);

    let text = String::from_utf8(shown.output().expect("it starts").stdout).expect("text");

    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    assert!(line("listen").contains("127.0.0.1:7") && line("listen").contains("flag"), "{text}");
    assert!(line("connections").contains("11") && line("connections").contains("environment"), "{text}");
    assert!(line("device-mb").contains('7') && line("device-mb").contains("file"), "{text}");
    assert!(line("community-mb").contains("default"), "{text}");
    assert!(!text.contains("plum"), "the word is shown nowhere");
}

#[test]
fn a_relay_keeps_its_keys_and_shows_one_card() {
    let (_dir, data) = fresh();

    let first = json(&data, &["card"]);

    assert!(first["relay"].as_str().expect("a card").starts_with("LINLI-RELAY:"));
    assert_eq!(json(&data, &["card", "--announce", "a.example:1"]).as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(json(&data, &["card"]), first);
}

#[test]
fn a_community_is_allowed_once_and_listed() {
    let (_dir, data) = fresh();
    assert!(ok(&data, &["communities"]).contains("no community is allowed yet"));

    assert_eq!(json(&data, &["allow", &any_pass(1)])["new"], true);
    assert_eq!(json(&data, &["allow", &any_pass(1)])["new"], false);
    assert!(ok(&data, &["allow", &any_pass(2)]).contains("allowed"));

    assert_eq!(json(&data, &["communities"]).as_array().map(Vec::len), Some(2));
    assert!(ok(&data, &["communities"]).contains(&"01".repeat(32)));
}

#[test]
fn the_doctor_looks_at_everything_and_fails_where_phones_would() {
    let (dir, data) = fresh();

    let said = ok(&data, &["doctor", "--listen", "127.0.0.1:0", "--announce", "relay.example:4433"]);
    for what in ["udp", "tcp", "address", "clock", "disk"] {
        assert!(said.contains(&format!("✓ {what}")) || said.contains(&format!("! {what}")), "{what}: {said}");
    }

    let file = dir.path().join("file");
    fs::write(&file, "").expect("a file");
    assert!(fails(&file, &["doctor", "--listen", "127.0.0.1:0"], 1).contains("could not use"));
    assert!(fails(&data, &["doctor", "--listen", "192.0.2.1:4433"], 1).contains("could not use"));
}

#[test]
fn a_copy_is_made_and_put_back_and_nothing_is_deleted() {
    let (dir, data) = fresh();
    ok(&data, &["allow", &any_pass(1)]);
    let (card, copy) = (json(&data, &["card"]), dir.path().join("copy"));
    let copy = copy.to_str().expect("text");

    assert!(ok(&data, &["backup", copy]).contains("1 communities"));
    ok(&data, &["allow", &any_pass(2)]);
    ok(&data, &["compact"]);
    assert!(ok(&data, &["restore", copy]).contains("1 communities"));

    assert_eq!(json(&data, &["communities"]).as_array().map(Vec::len), Some(1));
    assert_eq!(json(&data, &["card"]), card, "it is the same relay");
    assert!(Path::new(&data.with_extension("aside-1")).join("communities").join("02".repeat(32)).is_dir());
    let other = dir.path().join("other");
    ok(&other, &["restore", copy]);
    assert_eq!(json(&other, &["card"]), card, "on another machine too");
}

#[cfg(unix)]
#[test]
fn what_a_relay_keeps_is_its_owners_alone_and_a_home_that_was_open_is_closed() {
    use std::os::unix::fs::PermissionsExt as _;
    fn all(dir: &Path, found: &mut Vec<PathBuf>) {
        found.push(dir.to_owned());
        for entry in fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { all(&path, found) } else { found.push(path) }
        }
    }
    let (_dir, data) = fresh();
    ok(&data, &["card"]);
    ok(&data, &["allow", &any_pass(1)]);
    drop(Running::start(&data, &[]));
    let mut found = Vec::new();
    all(&data, &mut found);
    assert!(found.len() > 8, "{found:?}");
    let modes = || -> Vec<(&PathBuf, u32)> {
        let mode = |path: &PathBuf| fs::metadata(path).map_or(0, |about| about.permissions().mode());
        found.iter().map(|path| (path, mode(path) & 0o077)).filter(|(_, others)| *others != 0).collect()
    };
    assert_eq!(modes(), []);
    for path in &found {
        let wide = if path.is_dir() { 0o777 } else { 0o666 };
        fs::set_permissions(path, fs::Permissions::from_mode(wide)).expect("its owner");
    }

    drop(Running::start(&data, &[]));

    assert_eq!(modes(), []);
}

#[test]
fn status_says_when_nothing_runs_or_something_else_does() {
    let (_dir, data) = fresh();
    let other = TcpListener::bind(own_port()).expect("a port");
    let at = other.local_addr().expect("an address").to_string();
    let answers = std::thread::spawn(move || {
        use std::io::Write;
        let (mut stream, _) = other.accept().expect("somebody comes");
        stream.write_all(b"SSH-2.0-nothing\r\n").expect("it listens");
    });

    assert!(fails(&data, &["status", "--status", &at], 1).contains("no relay"));
    answers.join().expect("it was asked");
    // A program that another thread is just beginning holds the socket too, for a moment.
    while TcpStream::connect(&at).is_ok() {
        std::thread::yield_now();
    }
    assert!(fails(&data, &["status", "--status", &at], 1).contains("linli-relay serve"));
}

fn fresh() -> (TempDir, PathBuf) {
    let dir = tempdir().expect("a directory");
    let data = dir.path().join("data");
    (dir, data)
}

/// The pass of a community that nobody has seen.
fn any_pass(number: u8) -> String {
    office::any_pass(number).to_string()
}
