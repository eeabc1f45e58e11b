//! The office's relay as a process of its own, on loopback or wherever a test puts it.

use std::{
    ffi::OsStr,
    fs::File,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
    thread::sleep,
    time::{Duration, Instant},
};

use linli_core::{
    event::Topic,
    id::{CommunityId, DeviceId, TopicTag},
    roster::{RelayCard, RelayPass},
};

use crate::{ports::own_port, program::built};

/// How long a relay may take to notice what it was allowed: it looks once a second.
const PATIENCE: Duration = Duration::from_secs(60);
/// What it says then.
const NOTICED: &str = "communities were allowed";

/// The program, built if it is not up to date.
///
/// # Panics
/// When it cannot be built.
pub fn relay_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("linli-relay", false))
}

/// The pass of a community that nobody has seen.
pub fn any_pass(number: u8) -> RelayPass {
    let tags = Topic::ALL.into_iter().zip(1_u8..).map(|(topic, at)| (topic, TopicTag::from_bytes([at; 16])));
    let (community, device) = (CommunityId::from_bytes([number; 32]), DeviceId::from_bytes([2; 32]));
    RelayPass { community, device, tags: tags.collect() }
}

/// A relay, until it is dropped.
pub struct Office {
    child: Option<Child>,
    dir: PathBuf,
    address: SocketAddr,
    /// What stands before the program's name: a network namespace, say.
    before: Vec<String>,
    card: Option<RelayCard>,
}

impl Office {
    /// A relay that keeps its things in `dir/data` and its log in `dir/log`, at a port of this machine that
    /// stays its own while it does not run.
    ///
    /// # Panics
    /// When it does not start.
    pub fn open(dir: &Path) -> Self {
        Self::open_at(dir, own_port(), Vec::new())
    }

    /// The same at an address, with some words before the program's name.
    ///
    /// # Panics
    /// When it does not start.
    pub fn open_at(dir: &Path, address: SocketAddr, before: Vec<String>) -> Self {
        std::fs::create_dir_all(dir).expect("a directory");
        let mut office = Self { child: None, dir: dir.to_owned(), address, before, card: None };
        office.start();
        office
    }

    fn command(&self) -> Command {
        let mut words = self.before.iter().map(OsStr::new).chain([relay_program().as_os_str()]);
        let mut command = Command::new(words.next().expect("at least the program"));
        command.args(words).arg("--json").arg("--data").arg(self.data());
        command
    }

    /// Starts it, again too, where it was before.
    ///
    /// # Panics
    /// When it does not.
    pub fn start(&mut self) {
        let mut command = self.command();
        let at = self.address.to_string();
        command.args(["--listen", &at, "--announce", &at, "--status", "127.0.0.1:0", "--log", "debug", "serve"]);
        let log = File::options().create(true).append(true).open(self.dir.join("log")).expect("a file");
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the relay starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("a pipe");
        let _read = BufReader::new(out).read_line(&mut line);
        let Ok(said) = serde_json::from_str::<serde_json::Value>(&line) else {
            let _reaped = child.wait();
            panic!("it says where it listens: {line}{}", self.log());
        };
        self.card = said["relay"].as_str().and_then(|card| card.parse().ok());
        self.child = Some(child);
    }

    /// Where it keeps its things.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it shows of itself.
    ///
    /// # Panics
    /// If it shows nothing that can be read.
    pub fn card(&self) -> RelayCard {
        self.card.clone().expect("it shows a card")
    }

    /// Its process.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Has it keep a community. One that runs does so when this returns.
    ///
    /// # Panics
    /// If it will not, or was allowed before.
    pub fn allow(&self, pass: &RelayPass) {
        let noticed = || self.log().matches(NOTICED).count();
        let (before, began) = (noticed(), Instant::now());
        let said = self.run(&["allow", &pass.to_string()]);
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        while self.child.is_some() && noticed() == before {
            assert!(began.elapsed() < PATIENCE, "it does not notice what it was allowed: {}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Runs another of its commands on the same data.
    ///
    /// # Panics
    /// When the program does not start.
    pub fn run(&self, words: &[&str]) -> Output {
        self.command().args(words).output().expect("the program runs")
    }

    /// Takes its power away.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().and_then(|()| child.wait()).expect("it is gone");
    }

    /// Asks it to stop, and waits until it has. Whether it ended well.
    ///
    /// # Panics
    /// If it does not run.
    #[cfg(unix)]
    pub fn stop(&mut self) -> bool {
        use nix::{
            sys::signal::{Signal, kill},
            unistd::Pid,
        };
        let mut child = self.child.take().expect("it runs");
        kill(Pid::from_raw(child.id().try_into().expect("a process")), Signal::SIGTERM).expect("it is told");
        child.wait().expect("it ends").success()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ended = child.kill().and_then(|()| child.wait());
        }
    }
}
