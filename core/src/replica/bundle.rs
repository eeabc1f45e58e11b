//! Bundles: what this replica holds, or what a peer lacks of it, as a file; and such files taken in.
//!
//! A file is a peer that cannot answer: the same runs, taken in by the same code as over a link. So it may come in any
//! order and any number of times, and be cut short or damaged. What is whole counts; what is not is told.
//!
//! A file makes nothing count that a link would not. What lies beyond a cut is stored as such (R8), and what was erased
//! stays erased (R5).

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{ErrorKind, Read, Write},
    mem,
    sync::Arc,
};

use serde::Serialize;

use super::{Replica, community::Community};
use crate::{
    event::{Content, Entry, Run, Topic},
    id::{DeviceId, LogId, TopicTag},
    keep::{Answer, Holder, Tracks, silence},
    limits,
    store::{Pos, Span, StoreError, lacks_any},
    sync::{BundleError, BundleReader, BundleWriter, Refusal},
};

/// What goes into a bundle. The whole roster always does, first, so that whoever takes it in knows whose the rest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "BundleContent"))]
pub enum What {
    /// All that this replica holds.
    All,
    /// What a device is not known to have, by what it said of itself when it was last met.
    LackedBy {
        /// The device that is to have it.
        device: DeviceId,
    },
    /// Alerts, and what must be forgotten: small enough for any chat.
    Urgent,
}

impl What {
    fn takes(self, topic: Topic) -> bool {
        match self {
            What::All | What::LackedBy { .. } => true,
            What::Urgent => matches!(topic, Topic::Roster | Topic::Urgent | Topic::Erasure),
        }
    }
}

/// What was written into a bundle, so far or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BundleReport {
    /// Events written, with a body or without.
    pub events: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Runs written: consecutive events of one log under one signature.
    pub runs: u64,
}

/// Why no bundle was written, or only a part of one: throw it away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// This device belongs to no community yet.
    #[error("this device belongs to no community yet")]
    NotAMember,
    /// No such device is in the roster.
    #[error("no device {device} is in the roster")]
    UnknownDevice {
        /// Which was asked for.
        device: DeviceId,
    },
    /// The file took no more.
    #[error("the bundle cannot be written: {0}")]
    Write(ErrorKind),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How the reading of a bundle ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Ending {
    /// It was read to its end, and no byte of it was changed.
    #[default]
    Whole,
    /// It ends too early: a copy that was broken off.
    Truncated,
    /// Some byte of it was changed; what could be proved before and behind that counts.
    Damaged,
    /// The file could not be read any further.
    Unreadable,
}

/// Events of a bundle that were not stored. None is lost to this replica: another bundle or a link may bring it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RefusedEvents {
    /// What they follow on is not held: take in the bundle that has it, and this one again.
    pub gap: u64,
    /// Their device is not in the roster as held here.
    pub stranger: u64,
    /// They lie too far beyond a cut, or in a silenced log.
    pub beyond: u64,
    /// Their device has no room left here, or none for what they follow on.
    pub full: u64,
    /// A body is gone that no erasure held here names: another bundle, or a link, may have it.
    pub unnamed: u64,
    /// Chain or signature do not hold: damage, or a forgery.
    pub invalid: u64,
    /// Whose the first of these say to be.
    pub invalid_of: Option<DeviceId>,
    /// Their topic is none of this community's.
    pub topic: u64,
}

/// What became of a bundle, so far or in all. Numbers are of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ImportReport {
    /// Stored now. Those that another link or process brought at the same moment may be among them.
    #[cfg_attr(feature = "uniffi", uniffi(name = "fresh"))]
    pub new: u64,
    /// Events that were held before.
    pub known: u64,
    /// Events that were not stored, and why.
    pub refused: RefusedEvents,
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// How the reading ended.
    pub ending: Ending,
}

/// Why nothing more of a bundle was taken in. What was stored before stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// This device belongs to no community yet.
    #[error("this device belongs to no community yet")]
    NotAMember,
    /// It is no bundle of this community that this version can read. Nothing was taken in.
    #[error(transparent)]
    Bundle(BundleError),
    /// The file could not be read from its beginning.
    #[error("the bundle cannot be read: {0}")]
    Read(ErrorKind),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Replica {
    /// Writes a bundle and tells after each piece how far it is. The work grows with what is written. Commands go on
    /// meanwhile; what they write may or may not be in it.
    ///
    /// Write into a temporary file and give it its name when this returns: a part of a bundle is none.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use linli_core::{id::CommandId, key::MemorySecrets, roster::Role};
    /// # use linli_core::replica::{Ending, Options, Replica, What};
    /// # let homes = [tempfile::tempdir()?, tempfile::tempdir()?];
    /// # let open = |nth: usize| Replica::open(Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())));
    /// # let (lan, wu) = (open(0)?, open(1)?);
    /// # lan.found(Some("Lan".into()))?;
    /// # lan.admit(CommandId::from_bytes([1; 16]), wu.record(), Role::Volunteer, None, Some("Wu".into()))?;
    /// # wu.join(&lan.welcome()?)?;
    /// let mut file = Vec::new(); // an app writes into a file, and hands that over
    /// let written = lan.export_bundle(What::All, &mut file, |_| {})?;
    /// let read = wu.import_bundle(file.as_slice(), |_| {})?;
    /// assert_eq!((read.new, read.ending), (written.events, Ending::Whole));
    /// assert_eq!(wu.import_bundle(file.as_slice(), |_| {})?.new, 0); // taken in again, it changes nothing
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn export_bundle(
        &self,
        what: What,
        mut to: impl Write,
        mut progress: impl FnMut(BundleReport),
    ) -> Result<BundleReport, ExportError> {
        let community = self.snapshot().ok_or(ExportError::NotAMember)?;
        let have = self.believed_held(what, &community)?;
        let (mut out, mut report) = (Vec::new(), BundleReport::default());
        let mut writer = BundleWriter::new(community.id, &mut out);
        let mut topics: Vec<_> = community.wanted().into_iter().filter(|(topic, _)| what.takes(*topic)).collect();
        topics.sort_by_key(|(topic, _)| turn(*topic));
        for (topic, tag) in topics {
            let have = if topic == Topic::Roster { &[][..] } else { &have };
            let spans = self.read(|reader| silence::missing(reader, &community, tag, have))?;
            let mut left = spans.as_slice();
            while !left.is_empty() {
                for run in self.load_some(&mut left)? {
                    report.events += run.links.len() as u64;
                    report.runs += 1;
                    writer.run(tag, &run, &mut out);
                }
                write_out(&mut to, &mut out, &mut report)?;
                progress(report);
            }
        }
        writer.finish(&mut out);
        write_out(&mut to, &mut out, &mut report)?;
        to.flush().map_err(|error| ExportError::Write(error.kind()))?;
        Ok(report)
    }

    fn believed_held(&self, what: What, community: &Community) -> Result<Vec<Entry>, ExportError> {
        let What::LackedBy { device } = what else { return Ok(Vec::new()) };
        if community.roster.device(device).is_none() {
            return Err(ExportError::UnknownDevice { device });
        }
        let believed = self.read(|reader| {
            let lacks = reader.peer_lacks(device)?;
            // Whoever may lack any body is given all.
            let has = if lacks.contains(&lacks_any()) { BTreeSet::new() } else { reader.peer_has(device)? };
            Ok(has.into_iter().chain(lacks).collect())
        });
        Ok(believed?)
    }

    /// The next runs, up to about [`limits::BUNDLE_BATCH`] bytes, read in one go.
    fn load_some(&self, spans: &mut &[Span]) -> Result<Vec<Run>, StoreError> {
        self.read(|reader| {
            let (mut runs, mut bytes) = (Vec::new(), 0);
            while let Some((span, later)) = spans.split_first()
                && bytes < limits::BUNDLE_BATCH
            {
                let run = reader.load(span)?;
                bytes += weight(&run);
                runs.push(run);
                *spans = later;
            }
            Ok(runs)
        })
    }

    /// Takes a bundle in and tells after each piece how far it is. Whatever of it is whole and true is stored, whatever
    /// the rest is; doing it again changes nothing.
    ///
    /// # Errors
    /// [`ImportError`]. A file that is cut short or damaged behind its beginning is no error: see
    /// [`ImportReport::ending`].
    pub fn import_bundle(
        &self,
        mut from: impl Read,
        mut progress: impl FnMut(ImportReport),
    ) -> Result<ImportReport, ImportError> {
        let community = self.snapshot().ok_or(ImportError::NotAMember)?;
        let (batch, report) = (Batch::default(), ImportReport::default());
        let tracks = self.inner.shared.tracked.take(self.device());
        let mut import = Import { replica: self, batch, report, full: BTreeSet::new(), tracks };
        let mut reader = BundleReader::new(community.id);
        let mut buffer = vec![0; limits::CHUNK];
        let ending = loop {
            let count = match from.read(&mut buffer) {
                Ok(0) => {
                    reader.close();
                    let unread = import.take_all(&mut reader, &community)?.err();
                    break unread.or(reader.finish().err());
                }
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if !reader.is_ours() => return Err(ImportError::Read(error.kind())),
                Err(_) => {
                    import.report.ending = Ending::Unreadable;
                    break None;
                }
            };
            import.report.bytes += count as u64;
            reader.push(buffer.get(..count).unwrap_or_default());
            if let Err(error) = import.take_all(&mut reader, &community)? {
                break Some(error);
            }
            progress(import.report);
        };
        import.settle()?;
        match ending {
            None => {}
            Some(error) if !is_behind_head(error) => return Err(ImportError::Bundle(error)),
            Some(BundleError::Truncated) => import.report.ending = Ending::Truncated,
            Some(_) => import.report.ending = Ending::Damaged,
        }
        progress(import.report);
        Ok(import.report)
    }
}

/// Whether a file with this fault is one of ours.
fn is_behind_head(error: BundleError) -> bool {
    match error {
        BundleError::Empty | BundleError::NotABundle | BundleError::Version { .. } | BundleError::Community => false,
        BundleError::Truncated | BundleError::Damaged(_) | BundleError::Digest | BundleError::Trailing { .. } => true,
    }
}

fn write_out(to: &mut impl Write, out: &mut Vec<u8>, report: &mut BundleReport) -> Result<(), ExportError> {
    to.write_all(out).map_err(|error| ExportError::Write(error.kind()))?;
    report.bytes += out.len() as u64;
    out.clear();
    Ok(())
}

/// What a run's bodies weigh.
fn weight(run: &Run) -> usize {
    let body = |content: &Content| if let Content::Here(bytes) = content { bytes.len() } else { 0 };
    run.links.iter().map(|link| 32 + body(&link.content)).sum()
}

/// A topic's turn in a file: as in sync, but erasures before all that they name, so that it is taken whole at once.
fn turn(topic: Topic) -> (bool, bool, Topic) {
    (topic != Topic::Roster, topic != Topic::Erasure, topic)
}

/// Runs that are taken in together, by the turn of their topics: so however the topics of a file take turns, it costs as
/// many transactions as its size asks for.
#[derive(Default)]
struct Batch {
    topics: BTreeMap<(bool, bool, Topic), (TopicTag, Vec<Run>)>,
    bytes: usize,
}

struct Import<'a> {
    replica: &'a Replica,
    batch: Batch,
    report: ImportReport,
    /// Logs of which something found no room: what follows on it lacks no earlier file.
    full: BTreeSet<LogId>,
    /// What of it was turned away and is followed, from one file to the next.
    tracks: Tracks,
}

impl Drop for Import<'_> {
    fn drop(&mut self) {
        // Under the name of whoever takes it in: a file is no peer.
        self.replica.inner.shared.tracked.keep(self.replica.device(), mem::take(&mut self.tracks));
    }
}

impl Import<'_> {
    /// Takes in the runs that the reader has for now; what is wrong with the file, if it is.
    fn take_all(
        &mut self,
        reader: &mut BundleReader,
        community: &Community,
    ) -> Result<Result<(), BundleError>, StoreError> {
        loop {
            let (tag, run) = match reader.next_run() {
                Ok(Some(found)) => found,
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            };
            let Some(topic) = community.topic(tag) else {
                self.report.refused.topic += run.links.len() as u64;
                continue;
            };
            if self.batch.bytes >= limits::BUNDLE_BATCH {
                self.settle()?;
            }
            self.batch.bytes += weight(&run);
            self.batch.topics.entry(turn(topic)).or_insert_with(|| (tag, Vec::new())).1.push(run);
        }
    }

    /// Stores what was gathered.
    fn settle(&mut self) -> Result<(), StoreError> {
        for (tag, runs) in mem::take(&mut self.batch).topics.into_values() {
            let firsts: Vec<(u64, u64)> = runs.iter().map(|run| (run.first, run.links.len() as u64)).collect();
            let before = self.replica.read(|reader| reader.newest())?;
            // No link brought this: all of them hear of it.
            let answers = self.replica.ingest_following(tag, runs, &mut self.tracks, &Arc::default())?;
            for ((first, events), answer) in firsts.into_iter().zip(answers) {
                self.count(first, events, &answer, before)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, first: u64, events: u64, answer: &Answer, before: Pos) -> Result<(), StoreError> {
        let refused = &mut self.report.refused;
        match answer {
            Answer::Committed { last, .. } => {
                let new = self.replica.read(|reader| reader.stored_since(*last, first, before))?.min(events);
                self.report.new += new;
                self.report.known += events - new;
            }
            Answer::Refused { why: Refusal::Gap, log } if self.full.contains(log) => refused.full += events,
            Answer::Refused { why: Refusal::Gap, .. } => refused.gap += events,
            Answer::Refused { why: Refusal::Stranger, .. } => refused.stranger += events,
            Answer::Refused { why: Refusal::Beyond | Refusal::Silenced, .. } => refused.beyond += events,
            Answer::Refused { why: Refusal::Full, log } => {
                refused.full += events;
                self.full.insert(*log);
            }
            Answer::Refused { why: Refusal::Unnamed, .. } => refused.unnamed += events,
            Answer::Refused { why: Refusal::Invalid { author }, .. } => {
                refused.invalid += events;
                refused.invalid_of = refused.invalid_of.or(*author);
            }
            Answer::Refused { why: Refusal::Unknown, .. } => refused.invalid += events,
        }
        Ok(())
    }
}
