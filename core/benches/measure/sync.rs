//! Sync: a full copy beside its floor, half a percent that differs each way, nothing that differs, one live action.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use linli_core::{
    event::{Content, Head, Run},
    id::{CommandId, LogId, TopicTag},
    limits,
    replica::Replica,
    roster::Role,
    time::ManualClock,
};
use rusqlite::Connection;
use serde::Serialize;
use tempfile::TempDir;

use crate::{
    cpu, home,
    meeting::Meeting,
    print,
    replay::Replay,
    round,
    week::{self, Action},
};

/// Phones that write the week together, by turns.
const PHONES: usize = 8;
/// Actions of one turn.
const TURN: usize = 16;
/// How many times a small measurement is made; the median is printed.
const TIMES: usize = 5;

#[derive(Serialize)]
struct Synced {
    test: &'static str,
    phones: usize,
    /// Events held when both are in step.
    events: i64,
    /// Events that either lacked.
    fresh: i64,
    /// Their bodies, and one signature for each log touched.
    own_bytes: i64,
    /// Both ways together.
    bytes: usize,
    round_trips: f64,
    /// Before the first events flow.
    round_trips_before_events: Option<f64>,
    ms: f64,
    user_cpu_ms: f64,
    /// Events sent, verified, committed and folded in a second, both ends on one core.
    per_second: Option<f64>,
}

/// Taking in a full copy, beside the least that it must cost.
#[derive(Serialize)]
struct Ingest {
    test: &'static str,
    events: usize,
    runs: usize,
    /// The receiving end alone.
    ms: f64,
    user_cpu_ms: f64,
    /// One signature for each run and two hashes for each event.
    floor_verify_user_cpu_ms: f64,
    /// The same bodies into one table of raw SQLite, 256 in a transaction, as durable, on the same disk.
    floor_insert_ms: f64,
    floor_insert_user_cpu_ms: f64,
    /// How many times the floor's processor time the receiving end takes.
    ratio: f64,
}

/// Phones on one clock. Those that only write live in memory where the system has a place for that, because a durable
/// commit costs nothing there; the two that are measured live on the disk.
struct World {
    /// The first founded the community and knows everything.
    phones: Vec<Replica>,
    homes: Vec<PathBuf>,
    clock: ManualClock,
    disk: TempDir,
    memory: TempDir,
}

impl World {
    fn new() -> Result<Self> {
        let disk = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let memory = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new_in(env!("CARGO_TARGET_TMPDIR")))?;
        let mut world = Self { phones: Vec::new(), homes: Vec::new(), clock: home::clock(), disk, memory };
        world.phone(false)?.found(None)?;
        for _ in 1..PHONES {
            let phone = world.admit(true)?;
            Meeting::of(world.at(0)?, world.at(phone)?)?;
        }
        Ok(world)
    }

    fn phone(&mut self, in_memory: bool) -> Result<&Replica> {
        let dir = if in_memory { &self.memory } else { &self.disk };
        let home = TempDir::new_in(dir.path())?.keep();
        self.phones.push(home::open(&home, Arc::new(self.clock.clone()))?);
        self.homes.push(home);
        self.phones.last().context("just opened")
    }

    fn at(&self, phone: usize) -> Result<&Replica> {
        self.phones.get(phone).context("no such phone")
    }

    /// A new phone, admitted but still empty.
    fn admit(&mut self, in_memory: bool) -> Result<usize> {
        let record = self.phone(in_memory)?.record();
        let (phone, founder) = (self.phones.len() - 1, self.at(0)?);
        founder.admit(CommandId::from_bytes(rand::random()), record, Role::Volunteer, None, None)?;
        self.at(phone)?.join(&founder.welcome()?)?;
        Ok(phone)
    }

    /// Phones write by turns, each meeting the hub before and after, who then knows everything.
    fn write(&self, hub: usize, phones: &[usize], week: &[Action], replay: &mut Replay) -> Result<()> {
        for (turn, actions) in week.chunks(TURN).enumerate() {
            let writer = *phones.get(turn % phones.len()).context("no phones")?;
            let (phone, hub) = (self.at(writer)?, (writer != hub).then_some(self.at(hub)?));
            let mut meeting = hub.map(|hub| Meeting::of(hub, phone)).transpose()?;
            actions.iter().try_for_each(|action| replay.play(phone, action))?;
            meeting.as_mut().map_or(Ok(()), Meeting::talk)?;
        }
        Ok(())
    }

    /// What a phone holds: events, bytes of their bodies, and the head of every log.
    fn held(&self, phone: usize) -> Result<HomeTotals> {
        let home = home::database(self.homes.get(phone).context("no such phone")?)?;
        let sql = "SELECT count(*), coalesce(sum(length(content)), 0) FROM event";
        let (events, bytes) = home.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut logs = home.prepare(
            "SELECT name, max(seq) FROM log JOIN branch ON branch.log = log.id JOIN event ON pos = head GROUP BY name",
        )?;
        let logs = logs.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        Ok(HomeTotals { events, bytes, logs })
    }
}

/// What a phone holds.
struct HomeTotals {
    events: i64,
    bytes: i64,
    logs: BTreeMap<Vec<u8>, i64>,
}

impl HomeTotals {
    /// Events that another lacked, and their own bytes.
    fn beyond(&self, before: &Self) -> (i64, i64) {
        let touched = self.logs.iter().filter(|(log, head)| before.logs.get(*log) != Some(*head)).count();
        (self.events - before.events, self.bytes - before.bytes + 64 * touched as i64)
    }
}

/// Measures with a week of so many orders, or a recorded one.
pub(crate) fn run(trace: Option<&Path>, orders: usize) -> Result<()> {
    let week = trace.map_or_else(|| Ok(week::thrown(orders, 7)), week::recorded)?;
    // Half a percent each way.
    let fresh = (week.len() / 100).max(2);
    let (most, rest) = week.split_at(week.len() - fresh - TIMES);
    let (delta, live) = rest.split_at(fresh);
    let mut world = World::new()?;
    let mut replay = Replay::new(world.clock.clone());
    world.write(0, &(0..PHONES).collect::<Vec<_>>(), most, &mut replay)?;

    let newcomer = world.admit(false)?;
    let full = world.measure("fullsync", newcomer)?;
    world.ingest(&full)?;
    // Apart: half of the phones meet the one, half the other. All that is done to an order is done on one side.
    let side = |action: &&Action| action.order.bytes().map(usize::from).sum::<usize>() % 2 == 0;
    let (here, there): (Vec<&Action>, Vec<&Action>) = delta.iter().partition(side);
    let (here, there): (Vec<_>, Vec<_>) = (here.into_iter().cloned().collect(), there.into_iter().cloned().collect());
    world.write(0, &[0, 1, 2, 3], &here, &mut replay)?;
    world.write(newcomer, &[newcomer, 4, 5, 6, 7], &there, &mut replay)?;
    world.measure("delta", newcomer)?;
    world.measure("noop", newcomer)?;
    world.one(newcomer, live, &mut replay)
}

impl World {
    /// Lets the first phone and another sync, and prints what it took.
    fn measure(&self, test: &'static str, other: usize) -> Result<Meeting> {
        let before = [self.held(0)?, self.held(other)?];
        let (wall, user) = (Instant::now(), cpu::user()?);
        let meeting = Meeting::of(self.at(0)?, self.at(other)?)?;
        let (wall, user) = (wall.elapsed().as_secs_f64(), cpu::user()?.saturating_sub(user));
        let after = [self.held(0)?, self.held(other)?];
        let [one, two] = [after[0].beyond(&before[0]), after[1].beyond(&before[1])];
        let fresh = one.0 + two.0;
        print(&Synced {
            test,
            phones: PHONES,
            events: after[0].events,
            fresh,
            own_bytes: one.1 + two.1,
            bytes: meeting.bytes,
            round_trips: meeting.turns as f64 / 2.0,
            round_trips_before_events: meeting.turns_before_runs.map(|turns| turns as f64 / 2.0),
            ms: round(wall * 1e3),
            user_cpu_ms: round(user.as_secs_f64() * 1e3),
            per_second: (fresh > 0).then(|| (fresh as f64 / wall).round()),
        })?;
        Ok(meeting)
    }

    /// What the second of two phones took to take in all that the first holds, beside its floor.
    fn ingest(&self, full: &Meeting) -> Result<()> {
        let runs = self.runs()?;
        let user = cpu::user()?;
        let mut heads = BTreeMap::<LogId, Head>::new();
        let mut bodies: Vec<Arc<[u8]>> = Vec::new();
        let count = runs.len();
        for run in runs {
            let (log, header) = (run.log, run.header.context("a run from the store has its header")?);
            let run = run.verify(header, heads.get(&log).copied())?;
            let last = run.events().last().context("a run has events")?;
            heads.insert(log, Head { seq: last.seq, id: last.id });
            bodies.extend(run.events().iter().filter_map(|event| match &event.content {
                Content::Here(body) => Some(body.clone()),
                Content::Erased(_) => None,
            }));
        }
        let verify = cpu::user()?.saturating_sub(user);
        let (wall, user) = (Instant::now(), cpu::user()?);
        insert(&self.disk.path().join("floor.db"), &bodies)?;
        let (wall, insert) = (wall.elapsed(), cpu::user()?.saturating_sub(user));
        let spent = full.spent_hearing;
        print(&Ingest {
            test: "ingest",
            events: bodies.len(),
            runs: count,
            ms: round(spent.0.as_secs_f64() * 1e3),
            user_cpu_ms: round(spent.1.as_secs_f64() * 1e3),
            floor_verify_user_cpu_ms: round(verify.as_secs_f64() * 1e3),
            floor_insert_ms: round(wall.as_secs_f64() * 1e3),
            floor_insert_user_cpu_ms: round(insert.as_secs_f64() * 1e3),
            ratio: round(spent.1.as_secs_f64() / (verify + insert).as_secs_f64()),
        })
    }

    /// All runs that the first phone holds, as it would send them.
    fn runs(&self) -> Result<Vec<Run>> {
        let replica = self.at(0)?;
        let topics: BTreeSet<TopicTag> =
            replica.look(|reader| reader.logs())?.into_iter().map(|header| header.topic).collect();
        let mut runs = Vec::new();
        for topic in topics {
            let spans = replica.look(|reader| reader.missing(topic, &[]))?;
            for span in spans {
                runs.push(replica.look(|reader| reader.load(&span))?);
            }
        }
        Ok(runs)
    }

    /// One action over an open link: from the tap to durable on the other phone, the tap's own commit included.
    fn one(&self, other: usize, actions: &[Action], replay: &mut Replay) -> Result<()> {
        let (founder, before) = (self.at(0)?, self.held(0)?);
        let mut meeting = Meeting::of(founder, self.at(other)?)?;
        let mut took = Vec::new();
        for action in actions {
            let (bytes, turns, wall, user) = (meeting.bytes, meeting.turns, Instant::now(), cpu::user()?);
            replay.play(founder, action)?;
            meeting.talk()?;
            let wall = wall.elapsed().as_secs_f64() * 1e3;
            took.push((wall, meeting.bytes - bytes, meeting.turns - turns, cpu::user()?.saturating_sub(user)));
        }
        let after = self.held(0)?;
        took.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (ms, bytes, turns, user) = *took.get(took.len() / 2).context("no actions")?;
        let times = i64::try_from(actions.len().max(1))?;
        print(&Synced {
            test: "one",
            phones: PHONES,
            events: after.events,
            fresh: 1,
            own_bytes: (after.bytes - before.bytes) / times + 64,
            bytes,
            round_trips: turns as f64 / 2.0,
            round_trips_before_events: Some(0.0),
            ms: round(ms),
            user_cpu_ms: round(user.as_secs_f64() * 1e3),
            per_second: None,
        })
    }
}

/// Bodies into one table of raw SQLite, as durable as the replica, as many in a transaction as it takes from a peer.
fn insert(file: &Path, bodies: &[Arc<[u8]>]) -> Result<()> {
    let mut raw = Connection::open(file)?;
    raw.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    raw.pragma_update(None, "synchronous", "FULL")?;
    raw.execute_batch("CREATE TABLE event (pos INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
    for batch in bodies.chunks(limits::BATCH_EVENTS) {
        let write = raw.transaction()?;
        for body in batch {
            write.prepare_cached("INSERT INTO event (body) VALUES (?)")?.execute([&**body])?;
        }
        write.commit()?;
    }
    Ok(())
}
