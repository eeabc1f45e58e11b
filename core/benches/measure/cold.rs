//! A cold start: a fresh process opens a home and lists the first 50 open orders of one building.

use std::{path::Path, process::Command, sync::Arc, time::Instant};

use anyhow::{Context, Result, ensure};
use linli_core::{
    replica::{OrderFilter, Replica},
    time::SystemClock,
};
use serde::{Deserialize, Serialize};

use crate::{cpu, home, median, print, round};

/// How many processes are started; the median is printed. What the system keeps of the files in memory is left
/// there: on a phone the app was closed, not the machine.
const TIMES: usize = 5;
const LISTED: usize = 50;

/// What one process saw.
#[derive(Serialize, Deserialize)]
struct Look {
    open_ms: f64,
    query_ms: f64,
    listed: usize,
    rss_mb: f64,
}

#[derive(Serialize)]
struct Cold {
    test: &'static str,
    orders: usize,
    open_ms: f64,
    query_ms: f64,
    ms: f64,
    listed: usize,
    rss_mb: f64,
}

/// Measures a home of so many orders.
pub(crate) fn run(orders: usize) -> Result<()> {
    let home = home::kept(orders)?;
    let looks = (0..TIMES).map(|_| look_from_afar(&home)).collect::<Result<Vec<_>>>()?;
    let each = |read: fn(&Look) -> f64| round(median(looks.iter().map(read).collect()));
    print(&Cold {
        test: "cold",
        orders,
        open_ms: each(|look| look.open_ms),
        query_ms: each(|look| look.query_ms),
        ms: each(|look| look.open_ms + look.query_ms),
        listed: looks.first().map_or(0, |look| look.listed),
        rss_mb: each(|look| look.rss_mb),
    })
}

fn look_from_afar(home: &Path) -> Result<Look> {
    let output = Command::new(std::env::current_exe()?).arg("--look").arg(home).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("the other process said something else")
}

/// What the other process does.
pub(crate) fn look(home: &Path) -> Result<()> {
    let began = Instant::now();
    let replica = home::open(home, Arc::new(SystemClock))?;
    let open_ms = began.elapsed().as_secs_f64() * 1e3;
    let began = Instant::now();
    let listed = first_open(&replica)?;
    let query_ms = began.elapsed().as_secs_f64() * 1e3;
    print(&Look { open_ms, query_ms, listed, rss_mb: cpu::resident_mb()? })
}

fn first_open(replica: &Replica) -> Result<usize> {
    let filter = OrderFilter { buildings: vec!["3".to_owned()], limit: LISTED, ..OrderFilter::default() };
    Ok(replica.board(&filter)?.items.len())
}
