//! A hand that types commands into the real program.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use serde_json::Value;
use tempfile::TempDir;

use linli_tests::program::built;

/// The terminal's program, built for this test.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("phone", true))
}

/// What a command answered.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code().expect("no signal ended it"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// The answer as a document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        serde_json::from_str(&self.out).expect("one JSON document")
    }

    /// The code of the error.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        assert_ne!(self.code, 0, "{}", self.out);
        assert_eq!(self.out, "");
        let document: Value = serde_json::from_str(&self.err).expect("one JSON document");
        assert!(!document["error"]["message"].as_str().expect("a sentence").is_empty());
        document["error"]["code"].as_str().expect("a code").to_owned()
    }
}

/// Homes of several phones.
pub(crate) struct Homes(TempDir);

impl Homes {
    pub(crate) fn new() -> Self {
        program();
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    pub(crate) fn path(&self, home: &str) -> PathBuf {
        self.0.path().join(home)
    }

    /// Types a command as a person.
    pub(crate) fn type_in<I: AsRef<OsStr>>(&self, home: &str, words: impl IntoIterator<Item = I>) -> Said {
        let mut command = Command::new(program());
        command.env_remove("LINLI_HOME").env("LANG", "C").env_remove("LC_ALL").env_remove("LC_MESSAGES");
        command.current_dir(self.0.path()).arg("--home").arg(self.path(home)).args(words);
        Said::of(command.output().expect("the program runs"))
    }

    /// Types a command as a script. Words are separated by spaces; `+` in a word stands for one.
    pub(crate) fn json(&self, home: &str, line: &str) -> Said {
        let words = line.split_whitespace().map(|word| word.replace('+', " "));
        self.type_in(home, ["--json".to_owned()].into_iter().chain(words))
    }

    /// The same, and it must succeed.
    #[track_caller]
    pub(crate) fn did(&self, home: &str, line: &str) -> Value {
        let said = self.json(home, line);
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        said.json()
    }

    /// Two phones meet.
    #[track_caller]
    pub(crate) fn meet(&self, one: &str, other: &str) {
        let other = self.path(other);
        let words = [OsStr::new("sync"), OsStr::new("--with-home"), other.as_os_str()];
        let said = self.type_in(one, words);
        assert_eq!(said.code, 0, "{}", said.err);
    }

    /// A community of Lan, who founds it, and others, all in step.
    pub(crate) fn community(others: &[&str]) -> Self {
        let homes = Self::new();
        homes.did("lan", "found --name Lan");
        for other in others {
            homes.join(other);
        }
        homes
    }

    /// Somebody is admitted by Lan.
    #[track_caller]
    pub(crate) fn join(&self, who: &str) {
        let record = self.did(who, "id")["record"].as_str().expect("a record").to_owned();
        let welcome = self.type_in("lan", ["--json", "admit", &record, "--name", who]).json();
        let welcome = welcome["welcome"].as_str().expect("a welcome").to_owned();
        self.type_in(who, ["--json", "join", &welcome]).json();
        self.meet(who, "lan");
    }
}

/// The short name of what a command wrote.
#[track_caller]
pub(crate) fn short(document: &Value) -> String {
    document["short"].as_str().expect("a short name").trim_start_matches('#').to_owned()
}
