//! Search: a few characters out of a large home.

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use linli_core::{
    aggregate::{Select, order::ORDER_CARD},
    time::SystemClock,
};
use serde::Serialize;

use crate::{home, median, print, round};

const TIMES: usize = 9;
const LISTED: usize = 50;

#[derive(Serialize)]
struct Searched {
    test: &'static str,
    orders: usize,
    text: &'static str,
    /// Milliseconds of the slowest search.
    ms: f64,
    median_ms: f64,
    listed: usize,
    /// All there are.
    found: u64,
}

/// Measures in a home of so many orders.
pub(crate) fn run(orders: usize) -> Result<()> {
    let replica = home::open(&home::kept(orders)?, Arc::new(SystemClock))?;
    for text in ["布洛", "清瘟", "3号"] {
        let (mut took, mut listed) = (Vec::new(), 0);
        for _ in 0..TIMES {
            let began = Instant::now();
            listed = replica.search(text, None, LISTED)?.items.len();
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let all = Select { text: Some(text.to_owned()), ..Select::from(ORDER_CARD.name) };
        print(&Searched {
            test: "search",
            orders,
            text,
            ms: round(took.iter().copied().fold(0.0, f64::max)),
            median_ms: round(median(took)),
            listed,
            found: replica.count(&all)?,
        })?;
    }
    Ok(())
}
