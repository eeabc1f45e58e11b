//! Running time: how long this replica has run, over restarts. In that time it is known since when each alert is held
//! and, by marks, everything else.
//!
//! Monotonic clocks begin anew with every start, and wall clocks lie. So an alert's age is counted in the time that
//! this replica itself was running (R9). Time between the last note and a kill is lost: an alert then looks younger by
//! that, never older.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;

use super::{
    Engine, Replica, forks,
    held::{HeldFor, Marks},
    query::by_raiser,
    update::Update,
};
use crate::{
    aggregate::{
        Aggregate, Select,
        alert::{ALERT_CARD, Alert, AlertCard},
    },
    event::Content,
    id::Reference,
    store::{Heard, Pos, Reader, Store, StoreError, Write},
    time::{Clock, Mono},
};

const RUNNING: &str = "running-ms";
const HELD: &str = "alert-held";
const MARKS: &str = "held-marks";
/// Milliseconds of running time between two notes of it while an alert is open.
const NOTE_EVERY_MS: u64 = 10_000;

/// How long this replica has run.
pub(super) struct Running {
    before: u64,
    began: Mono,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Raisings of alerts, and the running time at which each was first held.
    held: BTreeMap<Reference, u64>,
    /// Those of which that is yet to be noted durably.
    fresh: BTreeSet<Reference>,
    /// The running time that was last noted durably.
    noted: u64,
    /// How far the store reached when.
    marks: Marks,
    /// Whether the marks were noted durably.
    marked: bool,
}

impl Running {
    pub(super) fn begin(store: &Store, clock: &dyn Clock) -> Result<Self, StoreError> {
        let before = number(store.meta(RUNNING)?);
        let marks = Marks::from_bytes(&store.meta(MARKS)?.unwrap_or_default());
        let known = Mutex::new(Known { noted: before, marks, marked: true, ..Known::default() });
        let running = Self { before, began: clock.mono(), known };
        // What came and was not marked before the last end is held since now at the latest.
        running.reach(store.newest()?, clock);
        Ok(running)
    }

    /// Marks how far the store reaches now.
    fn reach(&self, newest: Pos, clock: &dyn Clock) {
        let (now, mut known) = (self.now(clock), self.known.lock());
        if known.marks.reach(now, newest) {
            known.marked = false;
        }
    }

    fn now(&self, clock: &dyn Clock) -> u64 {
        self.before.saturating_add(clock.mono().since(self.began))
    }

    /// Commits a transaction that keeps something dated by the running time, with that and what is yet to be noted by it. What
    /// is not committed is yet to be noted still.
    pub(super) fn commit(&self, mut write: Write<'_>, now: u64) -> Result<(), StoreError> {
        let (marks, fresh, noted) = {
            let known = self.known.lock();
            let since = |raising: &Reference| Some((*raising, *known.held.get(raising)?));
            let fresh: Vec<(Reference, u64)> = known.fresh.iter().filter_map(since).collect();
            ((!known.marked).then(|| known.marks.to_bytes()), fresh, known.noted)
        };
        // A moment that was read before another commit is no step back.
        write.set_meta(RUNNING, &now.max(noted).to_be_bytes())?;
        if let Some(marks) = &marks {
            write.set_meta(MARKS, marks)?;
        }
        for (raising, since) in &fresh {
            write.set_meta(&key(*raising), &since.to_be_bytes())?;
        }
        write.commit()?;
        let mut known = self.known.lock();
        known.noted = known.noted.max(now);
        // More may have been marked meanwhile.
        known.marked |= marks.is_some_and(|marks| marks == known.marks.to_bytes());
        fresh.iter().for_each(|(raising, _)| _ = known.fresh.remove(raising));
        Ok(())
    }

    /// Forgets since when alerts are held whose raisings are forgotten, in the transaction that forgot them.
    pub(super) fn forget(&self, write: &mut Write<'_>) -> Result<(), StoreError> {
        let noted = write.meta_keys(&format!("{HELD}:"), &format!("{HELD};"))?;
        let raising = |key: &String| key.strip_prefix(HELD)?.strip_prefix(':')?.parse::<Reference>().ok();
        let fresh = self.known.lock().fresh.clone();
        for raising in noted.iter().filter_map(raising).chain(fresh) {
            if write.event(raising)?.is_some_and(|stored| matches!(stored.content, Content::Erased(_))) {
                write.remove_meta(&key(raising))?;
                let mut known = self.known.lock();
                known.held.remove(&raising);
                known.fresh.remove(&raising);
            }
        }
        Ok(())
    }

    /// Notes the running time, and that all is written, before everything ends.
    pub(super) fn end(&self, engine: &mut Engine, clock: &dyn Clock) -> Result<(), StoreError> {
        self.reach(engine.store.newest()?, clock);
        let now = self.now(clock);
        let mut write = engine.store.write()?;
        if engine.lacking.is_settled(&write)? {
            forks::close(&mut write)?;
        }
        self.commit(write, now)
    }
}

impl Known {
    /// A raising is held: since when is known or was noted, else since now. What is not noted is yet to be.
    fn learn(&mut self, raising: Reference, noted: Option<Vec<u8>>, now: u64) {
        if noted.is_none() {
            self.fresh.insert(raising);
        }
        self.held.entry(raising).or_insert(noted.map_or(now, |noted| number(Some(noted))));
    }
}

fn number(bytes: Option<Vec<u8>>) -> u64 {
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

fn key(raising: Reference) -> String {
    format!("{HELD}:{raising}")
}

impl Replica {
    /// Milliseconds for which this replica has run in all.
    pub(super) fn running(&self) -> u64 {
        self.inner.running.now(self.inner.clock.as_ref())
    }

    /// This moment, by the wall clock and by how long this replica has run.
    pub(super) fn moment(&self) -> Heard {
        Heard { wall: self.inner.clock.wall(), running: Some(self.running()) }
    }

    /// For how long this replica holds what it holds.
    pub(super) fn holding(&self) -> HeldFor {
        let running = self.running();
        HeldFor { running, marks: self.inner.running.known.lock().marks.clone() }
    }

    /// Marks how far the store reaches, now that something came. What is not marked now is held since the next mark.
    pub(super) fn mark_reached(&self) {
        match self.read(|reader| reader.newest()) {
            Ok(newest) => self.inner.running.reach(newest, self.inner.clock.as_ref()),
            Err(error) => tracing::warn!(%error, "how far the store reaches is not marked"),
        }
    }

    /// Milliseconds of running time for which this replica has held a raising of an alert; one it has no note of, since now.
    pub(super) fn held_for(&self, reader: &Reader, raising: Reference) -> Result<u64, StoreError> {
        let now = self.inner.running.now(self.inner.clock.as_ref());
        if let Some(since) = self.inner.running.known.lock().held.get(&raising) {
            return Ok(now.saturating_sub(*since));
        }
        let since = reader.meta(&key(raising))?.map_or(now, |since| number(Some(since)));
        let mut known = self.inner.running.known.lock();
        Ok(now.saturating_sub(*known.held.entry(raising).or_insert(since)))
    }

    /// Finds out since when the open alerts that lists show are held; those it has no note of, since now.
    pub(super) fn recall_alerts(&self) -> Result<(), StoreError> {
        let now = self.inner.running.now(self.inner.clock.as_ref());
        self.read(|reader| {
            let shown = by_raiser(reader, true)?;
            for raising in shown.into_iter().flat_map(|(cards, _)| cards).filter_map(|card| card.since_event) {
                let noted = reader.meta(&key(raising))?;
                self.inner.running.known.lock().learn(raising, noted, now);
            }
            Ok(())
        })?;
        self.note_held()
    }

    /// Notes since when alerts in the news are held.
    pub(super) fn hold_alerts(&self, news: &[Update]) {
        let alerts = news.iter().filter_map(|update| match update {
            Update::Changed { kind: Alert::NAME, aggregate, .. } => Some(*aggregate),
            _ => None,
        });
        let alerts: Vec<Reference> = alerts.collect();
        if alerts.is_empty() {
            return;
        }
        let now = self.inner.running.now(self.inner.clock.as_ref());
        let noted = self.read(|reader| {
            for alert in alerts {
                let row = reader.select(&Select::from(ALERT_CARD.name).of(alert).limit(1))?.pop();
                let card = row.and_then(|row| AlertCard::from_row(&row));
                let Some(raising) = card.and_then(|card| card.since_event) else { continue };
                let noted = reader.meta(&key(raising))?;
                self.inner.running.known.lock().learn(raising, noted, now);
            }
            Ok(())
        });
        // A store that cannot be written to now is no reason to keep the alert from the screen: it is noted later.
        if let Err(error) = noted.and_then(|()| self.note_held()) {
            tracing::warn!(%error, "since when an alert is held is not noted yet");
        }
    }

    /// Notes since when those alerts are held of which that is not noted.
    fn note_held(&self) -> Result<(), StoreError> {
        if self.inner.running.known.lock().fresh.is_empty() {
            return Ok(());
        }
        let now = self.running();
        self.with_engine_idly(|engine| self.inner.running.commit(engine.store.write()?, now))
    }

    /// Notes the running time once in a while, if nobody writes just then.
    pub(super) fn keep_running_time(&self) {
        let now = self.inner.running.now(self.inner.clock.as_ref());
        if now.saturating_sub(self.inner.running.known.lock().noted) < NOTE_EVERY_MS {
            return;
        }
        if let Some(mut engine) = self.inner.engine.try_lock() {
            // What is not noted now is noted later.
            if let Err(error) = engine.store.write().and_then(|write| self.inner.running.commit(write, now)) {
                tracing::debug!(%error, "the running time is not noted");
            }
        }
    }
}
