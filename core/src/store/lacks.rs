//! Which bodies peers said to lack (R5), so that no peer is taken to have an event without its body.
//!
//! A bounded number of stretches is kept, of each peer and of all together. Where a peer lacks more, it is noted that
//! it lacks some. It may then be said to lack what it has, and never to have what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use super::{StoreError, View, Write, bytes, count, int};
use crate::{
    event::{Entry, Hole},
    id::{DeviceId, LogId, Reference},
    limits,
};

/// What is kept of a peer that lacks more than is kept: any body of any log may be among that.
pub fn lacks_any() -> Entry {
    Entry::hole(LogId::ZERO, Hole { first: 0, last: None, tip: [0; Hole::TIP] })
}

/// What is kept of what bodies a peer says to lack, which are holes: of each log the first stretches, as many of each, and from
/// where on there are more; of more logs than stretches are kept [`lacks_any`] alone.
pub fn few_lacks(said: BTreeSet<Entry>) -> BTreeSet<Entry> {
    if said.len() <= limits::LACKED {
        return said;
    }
    let mut logs = BTreeMap::<LogId, Vec<Entry>>::new();
    said.into_iter().for_each(|hole| logs.entry(hole.log).or_default().push(hole));
    let each = limits::LACKED / logs.len().max(1);
    if each == 0 {
        return [lacks_any()].into();
    }
    let few = |(log, mut holes): (LogId, Vec<Entry>)| {
        if holes.len() > each {
            let open = holes.get(each.saturating_sub(1)).and_then(Entry::as_hole);
            holes.truncate(each.saturating_sub(1));
            holes.extend(open.map(|open| Entry::hole(log, Hole { last: None, ..open })));
        }
        holes
    };
    logs.into_iter().flat_map(few).collect()
}

impl Write<'_> {
    /// Notes what bodies a peer says to lack, in place of what it said before: [few](few_lacks) holes. Where too many are kept
    /// of all peers, of whoever lacks most is kept that it lacks some.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_peer_lacks(&mut self, device: DeviceId, lacks: &BTreeSet<Entry>) -> Result<(), StoreError> {
        let (peer, known) = (self.peer(device)?, self.peer_lacks(device)?);
        for hole in known.difference(lacks) {
            self.set_lack(peer, hole, false)?;
        }
        let mut more = false;
        for hole in lacks.difference(&known) {
            self.set_lack(peer, hole, true)?;
            more = true;
        }
        if more { self.bound_lacks() } else { Ok(()) }
    }

    fn set_lack(&mut self, peer: i64, entry: &Entry, lacks: bool) -> Result<(), StoreError> {
        let Some(hole) = entry.as_hole() else { return Ok(()) };
        let sql = if lacks {
            "INSERT OR IGNORE INTO peer_lacks (log, peer, first, last, tip) VALUES (?, ?, ?, ?, ?)"
        } else {
            "DELETE FROM peer_lacks WHERE log = ? AND peer = ? AND first = ? AND last = ? AND tip = ?"
        };
        let last = hole.last.map_or(i64::MAX, int);
        self.run(sql, params![entry.log.as_bytes(), peer, int(hole.first), last, hole.tip])?;
        Ok(())
    }

    fn bound_lacks(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT peer, count(*) FROM peer_lacks INDEXED BY peer_lacks_of GROUP BY peer ORDER BY 2 DESC, 1";
        let of: Vec<(i64, u64)> = self.all(sql, [], |row| Ok((row.get(0)?, count(row, 1)?)))?;
        let mut all = of.iter().map(|(_, of)| *of).sum::<u64>();
        for (peer, of) in of {
            if all <= limits::LACKED_IN_ALL as u64 || of <= 1 {
                break;
            }
            self.run("DELETE FROM peer_lacks WHERE peer = ?", [peer])?;
            self.set_lack(peer, &lacks_any(), true)?;
            all = all.saturating_sub(of).saturating_add(1);
        }
        Ok(())
    }
}

impl View {
    /// The peers that said they lack the body of an event, or so much that it may be among that.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn who_lacks(&self, event: Reference) -> Result<BTreeSet<DeviceId>, StoreError> {
        let Reference { log, seq, check } = event;
        let said: Vec<(DeviceId, Hole)> = self.all(
            "SELECT p.device, h.first, h.last, h.tip FROM peer_lacks h CROSS JOIN peer p ON p.id = h.peer
             WHERE h.log IN (?, ?) AND ? BETWEEN h.first AND h.last",
            params![log.as_bytes(), LogId::ZERO.as_bytes(), int(seq)],
            |row| Ok((bytes(row, 0, DeviceId::from_slice)?, hole(row, 1)?)),
        )?;
        let mut lacking = BTreeSet::new();
        for (device, hole) in said {
            let ends = hole.last.map_or(Ok(Vec::new()), |last| self.all_at(log, last))?;
            let end = ends.into_iter().find(|at| Hole::tip_of(at.id.as_bytes()) == hole.tip);
            // What of it lies on a branch that is not held here is not known.
            if end.map_or(Ok(true), |end| self.has_ancestor(end, seq, check))? {
                lacking.insert(device);
            }
        }
        Ok(lacking)
    }

    /// What is kept of what bodies a peer said to lack, as entries that are holes.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn peer_lacks(&self, device: DeviceId) -> Result<BTreeSet<Entry>, StoreError> {
        self.all(
            "SELECT h.log, h.first, h.last, h.tip FROM peer p CROSS JOIN peer_lacks h ON h.peer = p.id WHERE p.device = ?",
            [device.as_bytes()],
            |row| Ok(Entry::hole(bytes(row, 0, LogId::from_slice)?, hole(row, 1)?)),
        )
    }
}

/// A stretch that a peer lacks, from its first place on.
fn hole(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Hole> {
    let (first, last) = (count(row, at)?, count(row, at.saturating_add(1))?);
    let tip = bytes(row, at.saturating_add(2), |bytes| bytes.try_into().ok())?;
    Ok(Hole { first, last: (last != i64::MAX as u64).then_some(last), tip })
}
