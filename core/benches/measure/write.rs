//! Writing: a phone alone, every action one durable commit, beside raw SQLite that inserts the same bytes.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use linli_core::replica::Replica;
use rusqlite::Connection;
use serde::Serialize;
use tempfile::TempDir;

use crate::{
    cpu, home, print,
    replay::Replay,
    round,
    week::{self, Action},
};

/// Actions between two turns of the floor: so few that a disk that slows down slows both.
const BLOCK: usize = 100;

#[derive(Serialize)]
struct Written {
    test: &'static str,
    synchronous: &'static str,
    actions: usize,
    refused: usize,
    events: usize,
    per_second: f64,
    user_cpu_us: f64,
    /// Raw SQLite: each event's sealed body in a transaction of its own, on the same disk in the same seconds.
    floor_per_second: f64,
    floor_user_cpu_us: f64,
    /// How many times longer an action takes than the floor's insertion.
    ratio: f64,
}

#[derive(Serialize)]
struct Disk {
    test: &'static str,
    events: i64,
    bytes: u64,
    bytes_per_event: f64,
    /// Sealed bodies alone.
    body_bytes_per_event: f64,
}

/// Time spent by one of the two.
#[derive(Default)]
struct Spent {
    done: usize,
    wall: Duration,
    user: Duration,
}

impl Spent {
    fn on(&mut self, count: usize, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let (wall, user) = (Instant::now(), cpu::user()?);
        work()?;
        self.wall += wall.elapsed();
        self.user += cpu::user()?.saturating_sub(user);
        self.done += count;
        Ok(())
    }

    fn per_second(&self) -> f64 {
        self.done as f64 / self.wall.as_secs_f64()
    }

    fn user_us(&self) -> f64 {
        self.user.as_secs_f64() * 1e6 / self.done as f64
    }
}

/// Measures a week of so many orders, or a recorded one.
pub(crate) fn run(trace: Option<&Path>, orders: usize) -> Result<()> {
    let week = trace.map_or_else(|| Ok(week::thrown(orders, 7)), week::recorded)?;
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let clock = home::clock();
    let replica = home::open(dir.path(), Arc::new(clock.clone()))?;
    replica.found(None)?;
    write(&replica, Replay::new(clock), &week, dir.path())?;
    drop(replica);
    disk(dir.path())
}

fn write(replica: &Replica, mut replay: Replay, week: &[Action], dir: &Path) -> Result<()> {
    let mut floor = Floor::beside(dir)?;
    floor.fresh()?;
    let (mut ours, mut raw) = (Spent::default(), Spent::default());
    for block in week.chunks(BLOCK) {
        ours.on(block.len(), || block.iter().try_for_each(|action| replay.play(replica, action)))?;
        let bodies = floor.fresh()?;
        raw.on(bodies.len(), || bodies.iter().try_for_each(|body| floor.insert(body)))?;
    }
    print(&Written {
        test: "write",
        synchronous: "FULL",
        actions: ours.done,
        refused: replay.refused,
        events: raw.done,
        per_second: ours.per_second().round(),
        user_cpu_us: round(ours.user_us()),
        floor_per_second: raw.per_second().round(),
        floor_user_cpu_us: round(raw.user_us()),
        ratio: round(raw.per_second() / ours.per_second()),
    })
}

/// Raw SQLite with one table, in the same directory and as durable.
struct Floor {
    home: Connection,
    raw: Connection,
    seen: i64,
}

impl Floor {
    fn beside(dir: &Path) -> Result<Self> {
        let raw = Connection::open(dir.join("floor.db"))?;
        raw.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        raw.pragma_update(None, "synchronous", "FULL")?;
        raw.execute_batch("CREATE TABLE event (pos INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
        Ok(Self { home: home::database(dir)?, raw, seen: 0 })
    }

    /// The sealed bodies that the replica has stored since the last time.
    fn fresh(&mut self) -> Result<Vec<Vec<u8>>> {
        let mut statement = self.home.prepare_cached("SELECT pos, content FROM event WHERE pos > ? ORDER BY pos")?;
        let rows = statement.query_map([self.seen], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows = rows.collect::<rusqlite::Result<Vec<(i64, Vec<u8>)>>>()?;
        self.seen = rows.last().map_or(self.seen, |(pos, _)| *pos);
        Ok(rows.into_iter().map(|(_, body)| body).collect())
    }

    fn insert(&self, body: &[u8]) -> Result<()> {
        self.raw.prepare_cached("INSERT INTO event (body) VALUES (?)")?.execute([body])?;
        Ok(())
    }
}

/// What a closed home takes on the disk.
fn disk(dir: &Path) -> Result<()> {
    let sql = "SELECT count(*), total(length(content)) FROM event";
    let (events, bodies): (i64, f64) = home::database(dir)?.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let bytes = home::bytes(dir)?;
    print(&Disk {
        test: "disk",
        events,
        bytes,
        bytes_per_event: round(bytes as f64 / events as f64),
        body_bytes_per_event: round(bodies / events as f64),
    })
}
