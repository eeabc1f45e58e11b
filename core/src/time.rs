//! Time as an argument.
//!
//! Folds, roster and sync never ask what time it is: they are told. [`Clock`] is the one way in which the
//! outer parts (store, net, replica) learn it; [`SystemClock`] is the only place that reads the machine's.

use crate::sabotage::Rule;
use std::{sync::Arc, sync::OnceLock, time::Duration};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 in UTC, as somebody's clock claims. A claim is shown, never trusted to order anything (R9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallMs(pub i64);

impl WallMs {
    /// Milliseconds from `earlier` to this, 0 if it is not later.
    pub fn since(self, earlier: WallMs) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// How old this is at `now`, in milliseconds: the greater of what the wall clocks say and of the running time for which
    /// this replica has held it; never below 0. The one measure of age for screens, warnings and upkeep (R9): a clock
    /// in the future, whose ever it is, makes nothing young for ever. One that was set forward here makes
    /// everything old, which is shown and undoes nothing.
    pub fn age(self, now: WallMs, held_for_ms: u64) -> u64 {
        let held_for_ms = if Rule::Age.is_left_out() { 0 } else { held_for_ms };
        u64::try_from(now.since(self)).unwrap_or(0).max(held_for_ms)
    }

    /// This much later.
    pub fn plus(self, ms: i64) -> WallMs {
        WallMs(self.0.saturating_add(ms))
    }
}

impl<C> minicbor::Encode<C> for WallMs {
    fn encode<W: minicbor::encode::Write>(
        &self,
        out: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        out.i64(self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for WallMs {
    fn decode(from: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        from.i64().map(WallMs)
    }
}

/// Milliseconds on a clock that never goes back while this process runs. Its zero means nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    /// This much later.
    pub fn plus(self, by: Duration) -> Mono {
        Mono(self.0.saturating_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Milliseconds from `earlier` to this, 0 if it is not later.
    pub fn since(self, earlier: Mono) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// What a replica asks for the time.
pub trait Clock: Send + Sync {
    /// What the wall clock claims.
    fn wall(&self) -> WallMs;
    /// Milliseconds that only grow.
    fn mono(&self) -> Mono;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn wall(&self) -> WallMs {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        WallMs(now.ok().and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0))
    }

    fn mono(&self) -> Mono {
        static START: OnceLock<std::time::Instant> = OnceLock::new();
        Mono::default().plus(START.get_or_init(std::time::Instant::now).elapsed())
    }
}

/// A clock that moves only when told: for simulations, replays and tests.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<Mutex<(WallMs, Mono)>>);

impl ManualClock {
    /// Starts at `wall`, with the monotonic clock at zero.
    pub fn at(wall: WallMs) -> Self {
        Self(Arc::new(Mutex::new((wall, Mono(0)))))
    }

    /// Lets both clocks run on.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock();
        now.1 = now.1.plus(by);
        now.0 = now.0.plus(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Lets both clocks run to `wall`; a wall time already past changes nothing.
    pub fn advance_to(&self, wall: WallMs) {
        let ahead = wall.since(self.wall());
        self.advance(Duration::from_millis(u64::try_from(ahead).unwrap_or(0)));
    }

    /// Sets the wall clock alone, as a user or a dead battery does.
    pub fn set_wall(&self, wall: WallMs) {
        self.0.lock().0 = wall;
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> WallMs {
        self.0.lock().0
    }

    fn mono(&self) -> Mono {
        self.0.lock().1
    }
}
