//! Upkeep: proving that a replica is whole, making its caches again, and handing out what it holds.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Engine, Replica,
    fate::{Fate, Fold, fate, fold, verdict},
    home::READS,
    judge::Bench,
    place::Placing,
    query::look,
};
use crate::{
    aggregate::{Folded, Held, Row},
    id::{EventId, Reference},
    store::{AggregateId, Damage, Judged, Pos, Reader, StoreError},
};

const PAGE: usize = 512;
const CONTEXT: &str = "linli 2026 state hash v1";

/// A hash over everything a replica has decided: roster, what counts, documents, read model, what is held for its own
/// sake. Not in it is what nobody decides by: events beyond a cut, of strangers, in silenced logs, and those that wait.
/// Equal wherever the same events and keys are.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct StateHash(#[serde(with = "hex::serde")] [u8; 32]);

impl std::fmt::Display for StateHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for StateHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

/// What a verification looked at and what it found wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Verified {
    /// Logs whose chains and signatures were checked.
    pub logs: u64,
    /// Events in them.
    pub events: u64,
    /// Aggregates folded again and compared with the read model.
    pub aggregates: u64,
    /// What is wrong; empty if all is well.
    pub faults: Vec<Fault>,
}

/// Something that does not fit. [`rebuild`](Replica::rebuild) repairs the latter two, a recovery and a sync the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Fault {
    /// A log's chain or a signature is damaged.
    #[error("a log is damaged: {what}")]
    Log {
        /// In which way.
        what: String,
    },
    /// An event was judged otherwise than it would be now.
    #[error("event {event} is judged otherwise than stored")]
    Judgement {
        /// The event that was judged otherwise.
        event: Reference,
    },
    /// The screen shows an aggregate otherwise than its events say.
    #[error("aggregate {aggregate} is shown otherwise than its events say")]
    Shown {
        /// The aggregate that is shown otherwise.
        aggregate: Reference,
    },
}

impl Replica {
    /// The hash of everything decided here, once nothing is due any more. Costs a fold of every aggregate.
    ///
    /// # Errors
    /// When the store fails.
    pub fn state_hash(&self) -> Result<StateHash, StoreError> {
        self.catch_up()?;
        let mut hash = blake3::Hasher::new_derive_key(CONTEXT);
        let Some(community) = self.snapshot() else { return Ok(StateHash(*hash.finalize().as_bytes())) };
        hash.update(&community.roster.digest());
        let mut digests = Vec::new();
        self.each_aggregate(|_, _, folded| {
            digests.push((folded.birth().aggregate, folded.digest()));
            Ok(())
        })?;
        digests.sort_unstable();
        for (aggregate, digest) in digests {
            hash.update(&aggregate.to_bytes()).update(&digest);
        }
        let mut held = self.read(held_events)?;
        held.sort_unstable();
        for (event, reason) in held {
            hash.update(event.as_bytes()).update(&[reason as u8]);
        }
        Ok(StateHash(*hash.finalize().as_bytes()))
    }

    /// Hashes every log again, checks its signatures, judges every event anew, folds every aggregate again and compares,
    /// once nothing is due any more.
    ///
    /// # Errors
    /// When the store fails; what does not fit is no error but a [`Fault`].
    pub fn verify(&self) -> Result<Verified, StoreError> {
        self.catch_up()?;
        let mut verified = Verified { logs: 0, events: 0, aggregates: 0, faults: Vec::new() };
        self.read(|reader| {
            verified.events = reader.stats()?.events;
            for log in reader.logs()? {
                verified.logs += 1;
                match reader.verify_chain(log.id()) {
                    Ok(()) => {}
                    Err(Damage::Unreadable(error)) => return Err(error),
                    Err(damage) => verified.faults.push(Fault::Log { what: damage.to_string() }),
                }
            }
            Ok(())
        })?;
        let mut faults = self.misjudged()?;
        let mut aggregates = 0;
        self.each_aggregate(|reader, id, folded| {
            aggregates += 1;
            let aggregate = folded.birth().aggregate;
            for stored in reader.events_of(id)? {
                let placed = folded.placed(stored.reference());
                if placed.is_some_and(|placed| verdict(placed) != (stored.judged, stored.lamport)) {
                    faults.push(Fault::Judgement { event: stored.reference() });
                }
            }
            if reader.rows_of(id)? != by_table(folded.rows()) {
                faults.push(Fault::Shown { aggregate });
            }
            Ok(())
        })?;
        verified.aggregates = aggregates;
        verified.faults.extend(faults);
        Ok(verified)
    }

    /// Events that are judged otherwise than they would be now, by what is stored of all others. What an aggregate makes
    /// of its own is for its fold to say.
    fn misjudged(&self) -> Result<Vec<Fault>, StoreError> {
        let Some(community) = self.snapshot() else { return Ok(Vec::new()) };
        let registry = &self.inner.registry;
        self.read(|reader| {
            let (mut after, mut faults) = (Pos::default(), Vec::new());
            loop {
                let page = reader.events_after(after, PAGE)?;
                let Some(last) = page.last() else { return Ok(faults) };
                after = *last;
                for pos in page {
                    let Some(stored) = reader.event_at(pos)? else { continue };
                    let fits = match fate(reader, &community, registry, &stored)? {
                        Fate::Counts => stored.judged == Judged::Counts,
                        Fate::Held(reason, _) => stored.judged == Judged::Held(reason),
                        Fate::Creates(filed) => {
                            let bench = Bench::new(reader, &community);
                            let made = Folded::create(registry, filed, &bench).err();
                            bench.done()?;
                            stored.judged == made.into()
                                && (stored.judged == Judged::Counts)
                                    == (stored.aggregate.is_some_and(|id| id.0 == pos.0))
                        }
                        Fate::Belongs(_, aggregate) => {
                            let belongs = reader.aggregate(aggregate)?.map(|(id, _)| id);
                            belongs.is_some() && stored.aggregate == belongs
                        }
                    };
                    if !fits {
                        faults.push(Fault::Judgement { event: stored.reference() });
                    }
                }
            }
        })
    }

    /// Makes judgements, read model and search again from the logs, in one transaction: readers see the old ones
    /// until the new are whole.
    ///
    /// # Errors
    /// When the store fails; everything is as it was then.
    pub fn rebuild(&self) -> Result<(), StoreError> {
        self.with_engine(|engine| {
            let done = engine.rebuild(&self.inner.registry);
            if done.is_err() {
                engine.forget()?;
            }
            self.publish(engine);
            done
        })?;
        let _unheard = self.inner.updates.send(super::Update::Missed);
        Ok(())
    }

    /// The document of an aggregate as a standard Automerge file; `None` if there is no such aggregate here
    /// that this device may look into.
    ///
    /// # Errors
    /// When the store fails.
    pub fn export(&self, aggregate: Reference) -> Result<Option<Vec<u8>>, StoreError> {
        let folded = self.folded(aggregate)?;
        let shown = |folded: &Folded| {
            self.registry().topic(folded.kind()) != Some(crate::event::Topic::Care) || self.reads_care()
        };
        Ok(folded.filter(shown).map(|folded| folded.document().save()))
    }

    /// An aggregate folded from the store, without waiting for a writer.
    pub(super) fn folded(&self, aggregate: Reference) -> Result<Option<Folded>, StoreError> {
        let Some(community) = self.snapshot() else { return Ok(None) };
        self.read(|reader| look(reader, self, &community, aggregate))
    }

    fn each_aggregate(
        &self,
        mut look: impl FnMut(&Reader, AggregateId, &Folded) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some(community) = self.snapshot() else { return Ok(()) };
        self.read(|reader| {
            let mut after = None;
            loop {
                let page = reader.aggregates(None, after, PAGE)?;
                let Some(last) = page.last() else { return Ok(()) };
                after = Some(*last);
                for id in page {
                    let Some(aggregate) = reader.reference(Pos(id.0))? else { continue };
                    if let Some((folded, _)) =
                        fold(reader, &community, &self.inner.registry, (aggregate, id), Fold::Anew)?
                    {
                        look(reader, id, &folded)?;
                    }
                }
            }
        })
    }
}

/// Rows as the store gives them back.
fn by_table(rows: Vec<Row>) -> BTreeMap<&'static str, Vec<Row>> {
    let mut tables = BTreeMap::<_, Vec<Row>>::new();
    for row in rows {
        tables.entry(row.table).or_default().push(row);
    }
    tables
}

/// Whether a held event belongs to what is decided. What lies beyond a cut or in a silenced log does not, nor what waits:
/// of the former each replica keeps a part (R8), and what rests on it may wait here and be known to be void there.
fn is_decided(reason: Held) -> bool {
    !matches!(reason, Held::Cut | Held::Stranger | Held::Silenced | Held::Parked)
}

/// Every event that is held for what it is, with its reason.
fn held_events(reader: &Reader) -> Result<Vec<(EventId, Held)>, StoreError> {
    let decided: Vec<Held> = Held::ALL.into_iter().filter(|reason| is_decided(*reason)).collect();
    let (mut after, mut all) = (Pos::default(), Vec::new());
    loop {
        let page = reader.held(&decided, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.pos;
        all.extend(page.iter().filter_map(|event| Some((event.id, event.judged.reason()?))));
    }
}

impl Engine {
    fn rebuild(&mut self, registry: &crate::aggregate::Registry) -> Result<(), StoreError> {
        self.cache.clear();
        let Some(community) = self.community.as_mut() else {
            let mut write = self.store.write()?;
            write.clear_read_model()?;
            write.finish_read_model()?;
            write.set_meta(READS, &registry.mark())?;
            return write.commit();
        };
        community.reload(&self.store, &self.keys)?;
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?;
        // All at once: readers see the old until the new are whole.
        placing.allowance = usize::MAX;
        placing.write.clear_judgements()?;
        placing.write.clear_read_model()?;
        let mut after = Pos::default();
        loop {
            let page = placing.write.events_after(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = *last;
            placing.place(&page)?;
        }
        placing.write.finish_read_model()?;
        placing.write.set_meta(READS, &registry.mark())?;
        placing.commit().map(drop)
    }
}
