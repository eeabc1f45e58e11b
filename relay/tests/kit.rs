//! The program as a process, and phones that come to it.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::Arc,
    thread::{JoinHandle, sleep, spawn},
    time::{Duration, Instant},
};

use linli_core::{
    aggregate::order::{self, NewOrder, Order},
    event::Topic,
    id::{DeviceId, Reference},
    net::{Expected, Node, NodeOptions},
    roster::{RelayCard, RelayPass, Role, RosterCommand},
    time::SystemClock,
};
use linli_tests::{World, people::LAN};
use serde_json::Value;

/// What everything that should happen soon may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program with its environment swept.
pub(crate) fn program(data: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_linli-relay"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LINLI_")) {
        program.env_remove(name);
    }
    program.env("LINLI_RELAY_DATA", data).stdin(Stdio::null());
    program
}

pub(crate) fn run(data: &Path, args: &[&str]) -> Output {
    program(data).args(args).output().expect("the program starts")
}

/// Runs a command that has to work; what it said.
pub(crate) fn ok(data: &Path, args: &[&str]) -> String {
    let done = run(data, args);
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

pub(crate) fn json(data: &Path, args: &[&str]) -> Value {
    let said = ok(data, &[args, &["--json"]].concat());
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{args:?}: {error}: {said}"))
}

/// Runs a command that has to fail with this code; what it said of it.
pub(crate) fn fails(data: &Path, args: &[&str], code: i32) -> String {
    let done = run(data, args);
    let said = String::from_utf8(done.stderr).expect("text");
    assert_eq!(done.status.code(), Some(code), "{args:?}: {said}");
    said
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < PATIENCE, "not in time: {what}");
        sleep(Duration::from_millis(50));
    }
}

/// A relay that runs.
pub(crate) struct Running {
    child: Child,
    said: Value,
    log: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts it on free ports and waits until it serves.
    pub(crate) fn start(data: &Path, args: &[&str]) -> Self {
        let mut program = program(data);
        program.args(["serve", "--json", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0"]).args(args);
        let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut log = child.stderr.take().expect("piped");
        let log = spawn(move || {
            let mut text = String::new();
            let _broken = log.read_to_string(&mut text);
            text
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says something");
        let said = serde_json::from_str(&line).unwrap_or_else(|_| {
            let _ended = child.kill();
            panic!("it does not serve: {line}")
        });
        Self { child, said, log: Some(log) }
    }

    pub(crate) fn card(&self) -> RelayCard {
        self.said["relay"].as_str().expect("a card").parse().expect("a card")
    }

    pub(crate) fn device(&self) -> DeviceId {
        self.card().record.device
    }

    pub(crate) fn port(&self) -> u16 {
        self.said["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port")
    }

    /// Where its status page is.
    pub(crate) fn page(&self) -> String {
        self.said["status"].as_str().expect("an address").to_owned()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Status code, head and body of a page.
    pub(crate) fn get(&self, path: &str, headers: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.page()).expect("the page listens");
        let host = if headers.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.page()) };
        write!(stream, "GET {path} HTTP/1.0\r\n{host}{headers}\r\n").expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status code");
        (code, head.to_owned(), body.to_owned())
    }

    /// What it says of itself.
    pub(crate) fn report(&self) -> Value {
        let (code, _, body) = self.get("/status.json", "");
        assert_eq!(code, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Asks it to stop; how it ended, and its log.
    pub(crate) fn stop(mut self) -> (ExitStatus, String) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there").success());
        let mut ended = None;
        until("the relay stops", || {
            ended = self.child.try_wait().expect("it is ours");
            ended.is_some()
        });
        let log = self.log.take().expect("once").join().expect("read");
        (ended.expect("waited for"), log)
    }

    /// Ends it as a power cut does; its log.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
        self.log.take().expect("once").join().expect("read")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A founder and so many volunteers, each admitted, with the relay that shows this card in their roster.
pub(crate) fn street(volunteers: usize, card: &RelayCard) -> World {
    let mut world = World::seeded(50);
    let phones: Vec<usize> = (0..=volunteers).map(|_| world.phone_with_clock(Arc::new(SystemClock))).collect();
    world.at(LAN).found(None).expect("a community begins");
    for phone in phones.into_iter().skip(1) {
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(LAN).admit(id, record, Role::Volunteer, None, None).expect("a founder admits");
        world.at(phone).join(&world.at(LAN).welcome().expect("a founder welcomes")).expect("a new phone joins");
    }
    let id = world.command();
    let command = RosterCommand::AdmitRelay { record: card.record, addresses: card.addresses.clone(), name: None };
    world.at(LAN).change_roster(id, command).expect("a founder admits");
    world.settle();
    world
}

/// What the founder shows a relay.
pub(crate) fn pass(world: &World) -> RelayPass {
    let (founder, tags) = (world.at(LAN), Topic::ALL.map(|topic| (topic, world.tag(LAN, topic))));
    let record = founder.record();
    let community = founder.community().expect("it belongs somewhere");
    RelayPass { community, device: record.device, tags: tags.into() }
}

pub(crate) fn post(world: &mut World, phone: usize, note: &str) -> Reference {
    let order =
        NewOrder { building: "3".into(), kind: "grocery".into(), note: Some(note.into()), ..NewOrder::default() };
    let id = world.command();
    world.at(phone).submit::<Order>(id, None, order::Command::Post(Box::new(order))).expect("anybody posts").aggregate
}

/// Connects a phone to a relay, until the node is dropped.
pub(crate) fn connect(world: &World, phone: usize, relay: &Running) -> Node {
    let options = NodeOptions {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        nearby: false,
        ..NodeOptions::default()
    };
    let node = world.at(phone).start_node(options).expect("a port is free");
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, relay.port()));
    node.dial(&[at], Expected::Device(relay.device())).expect("it may be dialled");
    node
}
