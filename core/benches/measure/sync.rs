//! Sync: a full copy, a small difference, none, and one live action.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::{Context, Result};
use linli_core::{id::CommandId, replica::Replica, roster::Role, time::ManualClock};
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
    actions: usize,
    /// Actions that the receiver lacked.
    fresh: usize,
    /// Both ways together.
    bytes: usize,
    round_trips: f64,
    ms: f64,
    user_cpu_ms: f64,
    /// Actions sent, verified, committed and folded in a second, both ends on one core.
    per_second: Option<f64>,
}

/// Phones in one temporary directory, on one clock.
struct World {
    phones: Vec<Replica>,
    clock: ManualClock,
    dir: TempDir,
}

impl World {
    fn new() -> Result<Self> {
        let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let mut world = Self { phones: Vec::new(), clock: home::clock(), dir };
        let founder = world.phone()?;
        founder.found(None)?;
        world.phones.push(founder);
        for _ in 1..PHONES {
            let phone = world.join()?;
            world.phones.push(phone);
        }
        Ok(world)
    }

    fn phone(&self) -> Result<Replica> {
        let dir = TempDir::new_in(self.dir.path())?.keep();
        home::open(&dir, Arc::new(self.clock.clone()))
    }

    fn founder(&self) -> Result<&Replica> {
        self.phones.first().context("nobody founded")
    }

    /// A new phone, admitted but still empty.
    fn admit(&self) -> Result<Replica> {
        let phone = self.phone()?;
        let id = CommandId::from_bytes(rand::random());
        self.founder()?.admit(id, phone.record(), Role::Volunteer, None, None)?;
        phone.join(&self.founder()?.welcome()?)?;
        Ok(phone)
    }

    fn join(&self) -> Result<Replica> {
        let phone = self.admit()?;
        Meeting::of(self.founder()?, &phone)?;
        Ok(phone)
    }

    /// The phones write by turns, each meeting the founder's before and after, who then knows everything.
    fn write(&self, week: &[Action], replay: &mut Replay) -> Result<()> {
        for (turn, actions) in week.chunks(TURN).enumerate() {
            let phone = self.phones.get(turn % PHONES).context("no phones")?;
            let hub = (turn % PHONES > 0).then_some(self.founder()?);
            let mut meeting = hub.map(|hub| Meeting::of(hub, phone)).transpose()?;
            actions.iter().try_for_each(|action| replay.play(phone, action))?;
            meeting.as_mut().map_or(Ok(()), Meeting::talk)?;
        }
        Ok(())
    }
}

/// Measures with a week of so many orders, or a recorded one.
pub(crate) fn run(trace: Option<&Path>, orders: usize) -> Result<()> {
    let week = trace.map_or_else(|| Ok(week::thrown(orders, 7)), week::recorded)?;
    let fresh = (week.len() / 200).max(1);
    let (most, rest) = week.split_at(week.len() - fresh - TIMES);
    let (delta, live) = rest.split_at(fresh);
    let world = World::new()?;
    let mut replay = Replay::new(world.clock.clone());
    world.write(most, &mut replay)?;

    let newcomer = world.admit()?;
    let founder = world.founder()?;
    measure("fullsync", most.len(), most.len(), || Meeting::of(founder, &newcomer))?;
    world.write(delta, &mut replay)?;
    let all = most.len() + delta.len();
    measure("delta", all, delta.len(), || Meeting::of(founder, &newcomer))?;
    measure("noop", all, 0, || Meeting::of(founder, &newcomer))?;
    one(founder, &newcomer, live, all, &mut replay)
}

fn measure(test: &'static str, actions: usize, fresh: usize, meet: impl FnOnce() -> Result<Meeting>) -> Result<()> {
    let (wall, user) = (Instant::now(), cpu::user()?);
    let meeting = meet()?;
    let wall = wall.elapsed().as_secs_f64();
    print(&Synced {
        test,
        phones: PHONES,
        actions,
        fresh,
        bytes: meeting.bytes,
        round_trips: meeting.turns as f64 / 2.0,
        ms: round(wall * 1e3),
        user_cpu_ms: round(cpu::user()?.saturating_sub(user).as_secs_f64() * 1e3),
        per_second: (fresh > 0).then(|| (fresh as f64 / wall).round()),
    })
}

/// One action over an open link: from the tap to durable on the other phone, the tap's own commit included.
fn one(founder: &Replica, other: &Replica, actions: &[Action], held: usize, replay: &mut Replay) -> Result<()> {
    let mut meeting = Meeting::of(founder, other)?;
    let mut took = Vec::new();
    for action in actions {
        let (bytes, turns, wall, user) = (meeting.bytes, meeting.turns, Instant::now(), cpu::user()?);
        replay.play(founder, action)?;
        meeting.talk()?;
        let wall = wall.elapsed().as_secs_f64() * 1e3;
        took.push((wall, meeting.bytes - bytes, meeting.turns - turns, cpu::user()?.saturating_sub(user)));
    }
    took.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ms, bytes, turns, user) = *took.get(took.len() / 2).context("no actions")?;
    print(&Synced {
        test: "one",
        phones: PHONES,
        actions: held,
        fresh: 1,
        bytes,
        round_trips: turns as f64 / 2.0,
        ms: round(ms),
        user_cpu_ms: round(user.as_secs_f64() * 1e3),
        per_second: None,
    })
}
