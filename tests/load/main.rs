//! Load on a relay, on this machine alone: prints a line of JSON for each measurement.
//!
//! The relay is a process of its own; phones are [`puppet`]s, which speak the real protocol and keep nothing.
#![allow(clippy::expect_used, reason = "a measurement that cannot be made ends here")]

mod puppet;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use linli_core::{
    event::{Entry, Topic},
    id::{CommandId, TopicTag},
    key::{DeviceKeys, MemorySecrets},
    limits,
    net::{Expected, Node, NodeOptions},
    replica::{Options, Replica},
    roster::{RelayCard, RelayPass, Role},
};
use puppet::Puppet;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use tempfile::TempDir;

/// Measures a relay on loopback. Build it first: cargo build --release --workspace --bins
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Phones that are connected and say nothing: memory and processor time of the relay for each
    Idle {
        #[arg(long, default_value_t = 2_000)]
        phones: usize,
        #[arg(long, default_value_t = 20)]
        communities: usize,
        /// Seconds of silence that are measured
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
    /// Phones that write: milliseconds from a write to the relay's receipt
    Put {
        #[arg(long, default_value_t = 500)]
        phones: usize,
        #[arg(long, default_value_t = 20)]
        communities: usize,
        /// Events a second, all phones together
        #[arg(long, default_value_t = 200)]
        rate: u64,
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Strangers who connect again and again meanwhile, for half of the time
        #[arg(long, default_value_t = 0)]
        strangers: usize,
    },
    /// Phones that bring much at once: events a second that are durable, beside raw SQLite
    Ingest {
        #[arg(long, default_value_t = 4)]
        phones: usize,
        /// Of as many communities: phones of one are each sent what the others bring
        #[arg(long, default_value_t = 4)]
        communities: usize,
        /// Events of each phone
        #[arg(long, default_value_t = 10_000)]
        events: usize,
    },
}

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match Cli::parse().what {
            What::Idle { phones, communities, seconds } => idle(phones, communities, seconds).await,
            What::Put { phones, communities, rate, seconds, strangers } => {
                put(phones, communities, rate, seconds, strangers).await
            }
            What::Ingest { phones, communities, events } => ingest(phones, communities, events).await,
        }
    })
}

/// A relay in a process of its own, with a directory that goes with it.
struct Office {
    child: Child,
    card: RelayCard,
    at: SocketAddr,
    _dir: TempDir,
}

impl Office {
    fn open(passes: &[RelayPass]) -> Result<Self> {
        let program = program()?;
        let dir = tempfile::tempdir()?;
        let run = |args: &[&str]| {
            let mut command = Command::new(&program);
            command.args(["--json", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0", "--log", "error"]);
            command.args(["--per-address", "100000", "--connections", "100000", "--events-at-once", "10000000"]);
            command.arg("--data").arg(dir.path()).args(args);
            command
        };
        for pass in passes {
            let allowed = run(&["allow", &pass.to_string()]).stdout(Stdio::null()).status()?;
            anyhow::ensure!(allowed.success(), "the relay does not allow a community");
        }
        let mut child = run(&["serve"]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("it speaks")?).read_line(&mut line)?;
        let said: serde_json::Value = serde_json::from_str(&line).with_context(|| format!("it said: {line}"))?;
        let card = said["relay"].as_str().context("it shows its card")?.parse::<RelayCard>()?;
        let port = u16::try_from(said["port"].as_u64().context("it says its port")?)?;
        Ok(Self { child, card, at: SocketAddr::from(([127, 0, 0, 1], port)), _dir: dir })
    }

    fn expected(&self) -> Expected {
        Expected::Unlisted(self.card.record.device)
    }

    /// Kilobytes of memory it holds.
    fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
    }

    /// Seconds of processor time, in hundredths (proc_pid_stat(5)).
    fn cpu(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let behind = stat.rsplit_once(')').context("no name")?.1;
        let ticks: Vec<u64> = behind.split_whitespace().skip(11).take(2).map_while(|text| text.parse().ok()).collect();
        Ok(ticks.iter().sum::<u64>() as f64 / 100.0)
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// The relay's program, beside this one.
fn program() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("linli-relay");
    anyhow::ensure!(program.exists(), "build the relay first: cargo build --release --workspace --bins");
    Ok(program)
}

/// A community whose founder is a real phone, and its puppets.
struct Community {
    founder: Replica,
    pass: RelayPass,
    puppets: Vec<Puppet>,
    _dir: TempDir,
}

fn found(number: u64, phones: usize) -> Result<Community> {
    let dir = tempfile::tempdir()?;
    let founder = Replica::open(Options::new(dir.path(), Arc::new(MemorySecrets::default())))?;
    founder.found(None)?;
    let mut dice = ChaCha20Rng::seed_from_u64(number);
    let keys: Vec<DeviceKeys> = (0..phones).map(|_| DeviceKeys::generate(&mut dice)).collect();
    for (nth, keys) in keys.iter().enumerate() {
        let id = CommandId::from_bytes(u128::try_from(nth)?.to_be_bytes());
        founder.admit(id, keys.record(), Role::Volunteer, None, None)?;
    }
    let pass = founder.relay_pass()?;
    let topics: Vec<TopicTag> = Topic::ALL.iter().map(|topic| pass.tags[topic]).collect();
    let held: BTreeMap<TopicTag, Vec<Entry>> = topics
        .iter()
        .map(|topic| Ok((*topic, founder.look(|reader| reader.entries(*topic))?)))
        .collect::<Result<_>>()?;
    let puppets = keys.into_iter().map(|keys| Puppet::new(keys, pass.community, topics.clone(), &held)).collect();
    Ok(Community { founder, pass, puppets, _dir: dir })
}

/// A node that dials the relay alone.
fn node_of(host: Arc<dyn linli_core::net::Host>, office: &Office) -> Result<Node> {
    let node = Node::start(host, NodeOptions { listen: None, nearby: false, ..NodeOptions::default() })?;
    node.dial(&[office.at], office.expected())?;
    Ok(node)
}

async fn until_in_step(node: &Node) -> Result<()> {
    let mut changes = node.changes();
    let end = Instant::now() + Duration::from_secs(120);
    while !node.connected().iter().any(|one| one.in_step) {
        anyhow::ensure!(Instant::now() < end, "not in step after two minutes");
        let _changed = tokio::time::timeout(Duration::from_millis(200), changes.changed()).await;
    }
    Ok(())
}

/// Communities whose rosters the relay holds.
async fn town(phones: usize, communities: usize) -> Result<(Vec<Community>, Office)> {
    let each = phones / communities.max(1);
    let mut town = Vec::new();
    for number in 0..communities {
        town.push(found(u64::try_from(number)?, each)?);
        eprint!("\r{} of {communities} communities are founded ", number + 1);
    }
    eprintln!();
    let passes: Vec<RelayPass> = town.iter().map(|community| community.pass.clone()).collect();
    let office = Office::open(&passes)?;
    for community in &town {
        let node =
            community.founder.start_node(NodeOptions { listen: None, nearby: false, ..NodeOptions::default() })?;
        node.dial(&[office.at], office.expected())?;
        until_in_step(&node).await?;
        node.shutdown().await;
    }
    Ok((town, office))
}

/// All puppets, connected and in step.
async fn connect(town: &[Community], office: &Office) -> Result<Vec<Node>> {
    let mut nodes = Vec::new();
    for puppet in town.iter().flat_map(|community| &community.puppets) {
        nodes.push(node_of(Arc::new(puppet.clone()), office)?);
        // A burst would measure back-off.
        if nodes.len() % 32 == 0 {
            for node in nodes.iter().rev().take(32) {
                until_in_step(node).await?;
            }
            eprint!("\r{} phones are connected ", nodes.len());
        }
    }
    for node in &nodes {
        until_in_step(node).await?;
    }
    eprintln!();
    Ok(nodes)
}

async fn idle(phones: usize, communities: usize, seconds: u64) -> Result<()> {
    let (town, office) = town(phones, communities).await?;
    let before = office.memory()?;
    let nodes = connect(&town, &office).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (memory, cpu) = (office.memory()?, office.cpu()?);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let spent = office.cpu()? - cpu;
    let connected = nodes.len();
    let line = json!({
        "test": "idle",
        "phones": connected,
        "communities": communities,
        "kb_before": before,
        "kb": memory,
        "kb_per_phone": memory.saturating_sub(before) as f64 / connected.max(1) as f64,
        "seconds": seconds,
        "cpu_seconds": spent,
        "cpu_percent": 100.0 * spent / seconds as f64,
    });
    println!("{line}");
    Ok(())
}

async fn put(phones: usize, communities: usize, rate: u64, seconds: u64, strangers: usize) -> Result<()> {
    let (town, office) = town(phones, communities).await?;
    let _nodes = connect(&town, &office).await?;
    let puppets: Vec<Puppet> = town.iter().flat_map(|community| community.puppets.clone()).collect();
    let flood = tokio::spawn(flood(strangers, office.at, office.expected(), seconds / 2));
    let (memory, cpu, began) = (office.memory()?, office.cpu()?, Instant::now());
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / rate.max(1)));
    let total = rate * seconds;
    for nth in 0..total {
        ticks.tick().await;
        // Neighbouring numbers are of different communities.
        let at = usize::try_from(nth)?.wrapping_mul(7) % puppets.len();
        puppets[at].write(1, 300);
    }
    let spent = began.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(5)).await;
    flood.abort();
    let mut receipts: Vec<f64> = puppets.iter().flat_map(Puppet::receipts).collect();
    receipts.sort_by(f64::total_cmp);
    let at = |share: f64| receipts.get((receipts.len() as f64 * share) as usize).copied();
    let line = json!({
        "test": if strangers > 0 { "flood" } else { "put" },
        "phones": puppets.len(),
        "communities": communities,
        "strangers": strangers,
        "events": total,
        "per_second": total as f64 / spent,
        "receipts": receipts.len(),
        "without_receipt": puppets.iter().map(Puppet::awaited).sum::<usize>(),
        "delivered": puppets.iter().map(Puppet::heard).sum::<u64>(),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "max_ms": receipts.last(),
        "cpu_percent": 100.0 * (office.cpu()? - cpu) / (spent + 5.0),
        "kb_before": memory,
        "kb": office.memory()?,
    });
    println!("{line}");
    Ok(())
}

async fn ingest(phones: usize, communities: usize, events: usize) -> Result<()> {
    let (town, office) = town(phones, communities).await?;
    let _nodes = connect(&town, &office).await?;
    let puppets: Vec<Puppet> = town.iter().flat_map(|community| community.puppets.clone()).collect();
    for puppet in &puppets {
        for _ in 0..events.div_ceil(ONE_WRITE) {
            puppet.prepare(ONE_WRITE, BYTES);
        }
    }
    let (began, cpu) = (Instant::now(), office.cpu()?);
    puppets.iter().for_each(Puppet::push);
    let end = Instant::now() + Duration::from_secs(300);
    while puppets.iter().any(|puppet| puppet.awaited() > 0) {
        anyhow::ensure!(Instant::now() < end, "no receipts after five minutes");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (spent, cpu) = (began.elapsed().as_secs_f64(), office.cpu()? - cpu);
    let all = puppets.len() * events.div_ceil(ONE_WRITE) * ONE_WRITE;
    let floor = raw(all)?;
    let line = json!({
        "test": "ingest",
        "phones": puppets.len(),
        "communities": communities,
        "events": all,
        "per_second": all as f64 / spent,
        "cpu_seconds": cpu,
        "raw_per_second": all as f64 / floor,
        "share_of_raw": floor / spent,
    });
    println!("{line}");
    Ok(())
}

/// Events of one write, and bytes of each.
const ONE_WRITE: usize = 320;
const BYTES: usize = 300;

/// Seconds that raw SQLite takes for as many bodies, as durable, as many in a transaction as the relay takes at once.
fn raw(count: usize) -> Result<f64> {
    let dir = tempfile::tempdir()?;
    let mut db = rusqlite::Connection::open(dir.path().join("floor.db"))?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch("CREATE TABLE event (pos INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
    let (body, began) = (vec![5_u8; BYTES], Instant::now());
    for first in (0..count).step_by(limits::BATCH_EVENTS) {
        let write = db.transaction()?;
        for _ in first..count.min(first + limits::BATCH_EVENTS) {
            write.prepare_cached("INSERT INTO event (body) VALUES (?)")?.execute([&body])?;
        }
        write.commit()?;
    }
    Ok(began.elapsed().as_secs_f64())
}

/// Devices that nobody admitted, each dialling again as fast as it is turned away.
async fn flood(strangers: usize, at: SocketAddr, expected: Expected, seconds: u64) {
    let mut dice = ChaCha20Rng::seed_from_u64(0xf100d);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..strangers {
        let keys = DeviceKeys::generate(&mut dice);
        tasks.spawn(async move {
            let community = linli_core::id::CommunityId::from_bytes([0; 32]);
            let topics = (0..5).map(|byte| TopicTag::from_bytes([byte; 16])).collect();
            let puppet: Arc<dyn linli_core::net::Host> =
                Arc::new(Puppet::new(keys, community, topics, &BTreeMap::new()));
            while Instant::now() < end {
                let options = NodeOptions { listen: None, nearby: false, ..NodeOptions::default() };
                let Ok(node) = Node::start(puppet.clone(), options) else { return };
                let _dialled = node.dial(&[at], expected);
                tokio::time::sleep(Duration::from_millis(200)).await;
                node.shutdown().await;
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}
