//! What withdrawing one of many costs: a new key for everybody else.

use std::{sync::Arc, time::Instant};

use anyhow::{Context, Result};
use linli_core::{
    event::Compartment,
    id::CommandId,
    key::DeviceKeys,
    roster::{Revocation, Role, Who},
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde::Serialize;

use crate::{cpu, home, print, round};

#[derive(Serialize)]
struct Figure {
    test: &'static str,
    devices: usize,
    ms: f64,
    cpu_ms: f64,
    /// Bytes that the roster grew by, as stored: bodies alone.
    bytes: u64,
    /// How many events carry the key.
    events: u64,
}

/// Admits so many devices and revokes one of them.
pub(crate) fn run(devices: usize) -> Result<()> {
    let mut dice = ChaCha20Rng::seed_from_u64(1);
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
    let replica = home::open(dir.path(), Arc::new(home::clock()))?;
    replica.found(None)?;
    let mut last = None;
    for nth in 0..devices {
        let record = DeviceKeys::generate(&mut dice).record();
        let id = CommandId::from_bytes(u128::try_from(nth)?.to_be_bytes());
        replica.admit(id, record, Role::Volunteer, None, None)?;
        last = Some(record.device);
    }
    let before = replica.stats()?;
    let (began, used) = (Instant::now(), cpu::user()?);
    let who = Who::Device(last.context("somebody to revoke")?);
    replica.revoke(CommandId::from_bytes([0xff; CommandId::LEN]), Revocation::of(who))?;
    let (ms, cpu) = (began.elapsed().as_secs_f64() * 1000.0, cpu::user()?.saturating_sub(used));
    let after = replica.stats()?;
    let roster = replica.roster();
    let open = roster.epochs(Compartment::Community).map(|epoch| roster.withdrawn_recipients(epoch)).min();
    anyhow::ensure!(open == Some(0), "the new key is for those who stay");
    anyhow::ensure!(after.body_bytes - before.body_bytes < 64 * 1024, "at most 64 KiB");
    print(&Figure {
        test: "rotate",
        devices,
        ms: round(ms),
        cpu_ms: round(cpu.as_secs_f64() * 1000.0),
        bytes: after.body_bytes - before.body_bytes,
        events: after.events - before.events,
    })
}
