//! Two phones as two processes on loopback: one listens, the other comes.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use super::hand::{Homes, program, short};

#[test]
fn two_phones_meet_over_the_network() {
    let homes = Homes::community(&["Wu"]);
    homes.did("Wu", "order post 3-2-1804 --kind medicine --item 布洛芬+2+盒");
    homes.did("lan", "order post 5-1-302 --kind grocery --item 大米+1+袋");
    let mut listening = Live::begin(&homes, "lan", ["listen", "--at", "127.0.0.1:0", "--for", "60"]);
    let at = listening.address();

    let met = homes.did("Wu", &format!("sync --with 127.0.0.1:1,{at}"));

    assert_eq!((&met["met"][0]["sent"]["events"], &met["met"][0]["received"]["events"]), (&1.into(), &1.into()));
    assert_eq!(homes.did("Wu", "board")["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(homes.json("lan", "board").error(), "in_use", "it listens");
    let text = homes.type_in("Wu", ["sync", "--with", &at]).out;
    assert!(text.contains("in step with Lan"), "{text}");
    drop(listening);
    assert_eq!(homes.did("lan", "verify")["state_hash"], homes.did("Wu", "verify")["state_hash"]);
}

#[test]
fn a_watched_board_shows_what_another_phone_does() {
    let homes = Homes::community(&["Wu"]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 药+1+盒"));
    let mut watching = Live::begin(&homes, "lan", ["watch", "--at", "127.0.0.1:0", "--for", "60"]);
    let at = watching.address();
    assert_eq!(watching.until("order")["card"]["status"], "open");

    homes.did("Wu", &format!("sync --with {at}"));
    homes.did("Wu", &format!("order claim {order}"));
    homes.did("Wu", &format!("sync --with {at}"));
    assert_eq!(watching.until("order")["card"]["status"], "claimed");
    homes.did("Wu", &format!("order deliver {order}"));
    homes.did("Wu", &format!("order confirm {order}"));
    homes.did("Wu", &format!("sync --with {at}"));

    assert!(watching.until("left").is_string(), "it was confirmed, and is no longer open");
}

#[test]
fn a_watch_ends_when_it_was_told_to() {
    let homes = Homes::community(&[]);

    let said = homes.type_in("lan", ["watch", "--at", "127.0.0.1:0", "--for", "1"]);

    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("listening at 127.0.0.1:"), "{}", said.out);
    assert!(said.out.ends_with("met others 0 times\n"), "{}", said.out);
}

#[test]
fn who_is_not_welcome_is_told_so() {
    let homes = Homes::community(&["Wu"]);
    homes.did("other", "found");
    homes.did("new", "id");
    let welcome = homes.did("lan", "welcome")["welcome"].as_str().expect("a welcome").to_owned();
    homes.type_in("new", ["--json", "join", &welcome]).json();
    let mut listening = Live::begin(&homes, "lan", ["listen", "--at", "127.0.0.1:0", "--for", "60"]);
    let at = listening.address();

    let stranger = homes.json("other", &format!("sync --with {at}")).error();
    assert!(["peer_is_stranger", "peer_refuses"].contains(&stranger.as_str()), "{stranger}");
    assert_eq!(homes.json("new", &format!("sync --with {at}")).error(), "knows_nobody");
    assert_eq!(homes.json("Wu", "sync --with 127.0.0.1:1 --patience 4").error(), "nobody_there");
    for lang in ["en", "zh"] {
        let said = homes.type_in("Wu", ["--lang", lang, "sync", "--with", "127.0.0.1:1", "--patience", "1"]);
        assert!(said.err.contains("127.0.0.1:1"), "{}", said.err);
    }
}

/// A phone that listens or watches, as a process.
pub(crate) struct Live {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Live {
    pub(crate) fn begin<I: AsRef<OsStr>>(homes: &Homes, home: &str, words: impl IntoIterator<Item = I>) -> Self {
        let mut command = Command::new(program());
        command.env_remove("LINLI_HOME").env("LANG", "C").arg("--home").arg(homes.path(home)).arg("--json").args(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, lines }
    }

    /// The next document in which this stands.
    pub(crate) fn until(&mut self, what: &str) -> Value {
        let documents =
            self.lines.by_ref().map(|line| serde_json::from_str(&line.expect("UTF-8")).expect("a document"));
        let found = documents.map(|document: Value| document[what].clone()).find(|found| !found.is_null());
        found.unwrap_or_else(|| panic!("it ended before `{what}`"))
    }

    /// Types a line into it.
    pub(crate) fn type_line(&mut self, line: &str) {
        let to = self.child.stdin.as_mut().expect("a pipe");
        to.write_all(format!("{line}\n").as_bytes()).expect("it listens");
    }

    fn address(&mut self) -> String {
        format!("127.0.0.1:{}", self.until("listening")["port"])
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
