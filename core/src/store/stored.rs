//! Stored events and how to find them.

use std::collections::BTreeMap;

use rusqlite::{Params, Row as SqlRow, params};

use super::{AggregateId, Judged, Pos, StoreError, View, bytes, count, int};
use crate::{
    event::{Content, Header, Held, LogHeader, Verified},
    id::{CommunityId, DeviceId, EpochId, EventId, Incarnation, LogId, Reference, ShortId, TopicTag},
    key::Signature,
    sabotage::Rule,
};

/// An event as the store holds it, with what was judged of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// When it was stored.
    pub pos: Pos,
    /// What it shares with its log.
    pub log: LogHeader,
    /// Its place in the log.
    pub seq: u64,
    /// Its id: the chain hash.
    pub id: EventId,
    /// The epoch key that seals the body; zero where bodies stand in the clear.
    pub epoch: EpochId,
    /// The body, or its hash.
    pub content: Content,
    /// The signature over it, if it is one of those kept.
    pub signature: Option<Signature>,
    /// Whether it counts.
    pub judged: Judged,
    /// The aggregate it belongs to, if it was judged to belong to one.
    pub aggregate: Option<AggregateId>,
    /// Its lamport as judged; 0 before.
    pub lamport: u64,
    /// The branch on which it stands, where that was read.
    pub branch: Option<BranchId>,
}

/// A branch of a log, as this store numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchId(pub(super) i64);

impl Stored {
    /// An event as it stands in the store when it has just been appended there.
    pub fn appended(log: LogHeader, event: &Verified, pos: Pos) -> Self {
        Self {
            pos,
            log,
            seq: event.seq,
            id: event.id,
            epoch: event.epoch,
            content: event.content.clone(),
            signature: event.signature,
            judged: Judged::NotYet,
            aggregate: None,
            lamport: 0,
            branch: None,
        }
    }

    /// How other events name it.
    pub fn reference(&self) -> Reference {
        Reference { log: self.log.id(), seq: self.seq, check: self.id.short() }
    }

    /// The whole header.
    pub fn header(&self) -> Header {
        Header { log: self.log, seq: self.seq, epoch: self.epoch }
    }
}

/// The key of the log so named, in a statement with one parameter for the name.
pub(super) const KEY: &str = "(SELECT id FROM log WHERE name = ?)";

/// That an event waits, and that it is noted for what.
const NOTED: &str = "e.held = 1 AND EXISTS (SELECT 1 FROM parked p WHERE p.pos = e.pos)";

const COLUMNS: &str = "SELECT e.pos, s.community, l.topic, l.device, l.incarnation, e.seq, e.id, s.epoch, e.erased,
    e.content, CASE WHEN b.head = e.pos THEN b.signature ELSE e.signature END, e.held, e.aggregate, e.lamport, e.branch
    FROM event e CROSS JOIN branch b ON b.id = e.branch CROSS JOIN log l ON l.id = b.log
    CROSS JOIN seal s ON s.id = e.seal WHERE ";

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Stored> {
    let aggregate: Option<i64> = row.get(12)?;
    Ok(Stored {
        pos: Pos(row.get(0)?),
        log: LogHeader {
            community: bytes(row, 1, CommunityId::from_slice)?,
            topic: bytes(row, 2, TopicTag::from_slice)?,
            device: bytes(row, 3, DeviceId::from_slice)?,
            incarnation: bytes(row, 4, Incarnation::from_slice)?,
        },
        seq: count(row, 5)?,
        id: bytes(row, 6, EventId::from_slice)?,
        epoch: bytes(row, 7, EpochId::from_slice)?,
        content: content(row, 8)?,
        signature: signature(row, 10)?,
        judged: Judged::from_column(row.get(11)?),
        aggregate: aggregate.map(AggregateId),
        lamport: count(row, 13)?,
        branch: Some(BranchId(row.get(14)?)),
    })
}

/// Reads the columns `erased` and `content`, which stand side by side.
pub(super) fn content(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Content> {
    if row.get(at)? {
        bytes(row, at + 1, |hash| hash.try_into().ok()).map(Content::Erased)
    } else {
        bytes(row, at + 1, |body| Some(Content::Here(body.into())))
    }
}

/// Reads a signature that may not be there.
pub(super) fn signature(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Option<Signature>> {
    match row.get_ref(at)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => bytes(row, at, Signature::from_slice).map(Some),
    }
}

/// Where an event stands.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) pos: i64,
    pub(super) branch: i64,
    pub(super) id: EventId,
}

impl View {
    pub(super) fn stored(&self, condition: &str, params: impl Params) -> Result<Vec<Stored>, StoreError> {
        self.all(&format!("{COLUMNS}{condition}"), params, read)
    }

    /// All events at one place of a log: more than one if the log is forked.
    pub(super) fn all_at(&self, log: LogId, seq: u64) -> Result<Vec<At>, StoreError> {
        self.all(
            "SELECT e.pos, e.branch, e.id FROM log l CROSS JOIN branch b ON b.log = l.id
             CROSS JOIN event e ON e.branch = b.id AND e.seq = ? WHERE l.name = ? ORDER BY e.pos",
            params![int(seq), log.as_bytes()],
            |row| Ok(At { pos: row.get(0)?, branch: row.get(1)?, id: bytes(row, 2, EventId::from_slice)? }),
        )
    }

    /// The event of this id, if it is held.
    pub(super) fn locate(&self, log: LogId, seq: u64, id: EventId) -> Result<Option<At>, StoreError> {
        Ok(self.all_at(log, seq)?.into_iter().find(|at| at.id == id))
    }

    /// The event with this beginning of an id, if it is held.
    pub(super) fn locate_short(&self, log: LogId, seq: u64, short: ShortId) -> Result<Option<At>, StoreError> {
        Ok(self.all_at(log, seq)?.into_iter().find(|at| at.id.short() == short || Rule::WholeName.is_left_out()))
    }

    /// The position at which a referenced event is stored; `None` where it is not held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn pos_of(&self, reference: Reference) -> Result<Option<Pos>, StoreError> {
        Ok(self.locate_short(reference.log, reference.seq, reference.check)?.map(|at| Pos(at.pos)))
    }

    /// The event so named.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn event(&self, reference: Reference) -> Result<Option<Stored>, StoreError> {
        self.pos_of(reference)?.map_or(Ok(None), |pos| self.event_at(pos))
    }

    /// Whether the event so named is held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn has(&self, reference: Reference) -> Result<bool, StoreError> {
        Ok(self.pos_of(reference)?.is_some())
    }

    /// The event stored at a position.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn event_at(&self, pos: Pos) -> Result<Option<Stored>, StoreError> {
        Ok(self.stored("e.pos = ?", [pos.0])?.pop())
    }

    /// How other events name the one at a position.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn reference(&self, pos: Pos) -> Result<Option<Reference>, StoreError> {
        self.one(
            "SELECT l.name, e.seq, e.id FROM event e CROSS JOIN branch b ON b.id = e.branch
             CROSS JOIN log l ON l.id = b.log WHERE e.pos = ?",
            [pos.0],
            |row| {
                let check = bytes(row, 2, EventId::from_slice)?.short();
                Ok(Reference { log: bytes(row, 0, LogId::from_slice)?, seq: count(row, 1)?, check })
            },
        )
    }

    /// The events judged to belong to an aggregate, in the order in which they were stored.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn events_of(&self, aggregate: AggregateId) -> Result<Vec<Stored>, StoreError> {
        self.stored("e.aggregate = ? ORDER BY e.pos", [aggregate.0])
    }

    /// The same without those that are held for these reasons, and, where asked for, without those that wait of which it is
    /// noted for what.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn events_to_fold(
        &self,
        aggregate: AggregateId,
        but: &[Held],
        without_noted: bool,
    ) -> Result<Vec<Stored>, StoreError> {
        let but: Vec<String> = but.iter().map(|reason| (*reason as u8).to_string()).collect();
        let noted = if without_noted { format!("AND NOT ({NOTED})") } else { String::new() };
        let held = format!("(e.held IS NULL OR e.held NOT IN ({}))", but.join(", "));
        self.stored(&format!("e.aggregate = ? AND {held} {noted} ORDER BY e.pos"), [aggregate.0])
    }

    /// Those of an aggregate that wait, by name, with their ids: all, or those of which it is noted for what.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn waiting_in_aggregate(
        &self,
        aggregate: AggregateId,
        noted: bool,
    ) -> Result<BTreeMap<Reference, EventId>, StoreError> {
        let waits = if noted { NOTED } else { "e.held = 1" };
        let sql = format!(
            "SELECT l.name, e.seq, e.id FROM event e INDEXED BY event_by_aggregate CROSS JOIN branch b ON b.id = e.branch
             CROSS JOIN log l ON l.id = b.log WHERE e.aggregate = ? AND {waits}"
        );
        let named: Vec<_> = self.all(&sql, [aggregate.0], |row| {
            let id = bytes(row, 2, EventId::from_slice)?;
            let log = bytes(row, 0, LogId::from_slice)?;
            Ok((Reference { log, seq: count(row, 1)?, check: id.short() }, id))
        })?;
        Ok(named.into_iter().collect())
    }

    /// The position of the last of them that counts; `None` if none does.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn newest_of(&self, aggregate: AggregateId) -> Result<Option<Pos>, StoreError> {
        let sql = "SELECT max(pos) FROM event WHERE aggregate = ? AND held = 0";
        Ok(self.one(sql, [aggregate.0], |row| row.get::<_, Option<i64>>(0))?.flatten().map(Pos))
    }

    /// At most `limit` events of a topic stored after a position, in the order in which they were stored.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn events_of_topic(&self, topic: TopicTag, after: Pos, limit: usize) -> Result<Vec<Stored>, StoreError> {
        // The places first, from the index alone: the rows of other topics are never touched.
        self.stored(
            "e.pos IN (SELECT e.pos FROM log l CROSS JOIN branch b ON b.log = l.id
                 CROSS JOIN event e INDEXED BY event_by_place ON e.branch = b.id
                 WHERE l.topic = ? AND e.pos > ? ORDER BY e.pos LIMIT ?)
             ORDER BY e.pos",
            params![topic.as_bytes(), after.0, int(limit)],
        )
    }

    /// Events of a log from one place up to another, all branches, in the order in which they were stored.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn events_between(&self, log: LogId, first: u64, last: u64) -> Result<Vec<Stored>, StoreError> {
        let between =
            format!("e.branch IN (SELECT id FROM branch WHERE log = {KEY}) AND e.seq BETWEEN ? AND ? ORDER BY e.pos");
        self.stored(&between, params![log.as_bytes(), int(first), int(last)])
    }

    /// Those of them that are held for a reason.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held_between(&self, log: LogId, first: u64, last: u64, reason: Held) -> Result<Vec<Stored>, StoreError> {
        let between = format!(
            "e.branch IN (SELECT id FROM branch WHERE log = {KEY}) AND e.seq BETWEEN ? AND ? AND e.held = ? ORDER BY e.pos"
        );
        self.stored(&between, params![log.as_bytes(), int(first), int(last), reason as u8])
    }

    /// Those of them that are not held as erased; of these all, or those whose bodies are gone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unerased_between(&self, log: LogId, first: u64, last: u64, gone: bool) -> Result<Vec<Stored>, StoreError> {
        let between = format!(
            "e.branch IN (SELECT id FROM branch WHERE log = {KEY}) AND e.seq BETWEEN ? AND ?
            AND e.held IS NOT ? AND e.erased >= ? ORDER BY e.pos"
        );
        self.stored(&between, params![log.as_bytes(), int(first), int(last), Held::Erased as u8, gone])
    }

    /// Events of a log from one place up to another whose bodies are here.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn kept_between(&self, log: LogId, first: u64, last: u64) -> Result<Vec<Stored>, StoreError> {
        self.bodies_between(log, first, last, false)
    }

    /// Those whose bodies are gone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn gone_between(&self, log: LogId, first: u64, last: u64) -> Result<Vec<Stored>, StoreError> {
        self.bodies_between(log, first, last, true)
    }

    fn bodies_between(&self, log: LogId, first: u64, last: u64, gone: bool) -> Result<Vec<Stored>, StoreError> {
        let between = format!(
            "e.branch IN (SELECT id FROM branch WHERE log = {KEY}) AND e.seq BETWEEN ? AND ? AND e.erased = ? ORDER BY e.pos"
        );
        self.stored(&between, params![log.as_bytes(), int(first), int(last), gone])
    }

    /// Events held for any of these reasons, stored after a position; at most `limit`, in the order in which they were stored.
    /// Events not yet judged are not among them. It costs as many positions of each reason as it gives, however many are held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held(&self, reasons: &[Held], after: Pos, limit: usize) -> Result<Vec<Stored>, StoreError> {
        // `held > 0` is said again for the index, which holds no other events.
        let of_each = "SELECT * FROM (SELECT pos FROM event INDEXED BY event_by_held
            WHERE held > 0 AND held = CODE AND pos > ?1 ORDER BY pos LIMIT ?2)";
        let of: Vec<_> = reasons.iter().map(|reason| of_each.replace("CODE", &(*reason as u8).to_string())).collect();
        if of.is_empty() {
            return Ok(Vec::new());
        }
        self.stored(&format!("e.pos IN ({}) ORDER BY e.pos LIMIT ?2", of.join(" UNION ALL ")), [after.0, int(limit)])
    }
}
