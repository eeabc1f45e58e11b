//! The names in a body: each is spelled out once, and a number stands wherever it is meant (R2).
//!
//! Numbers follow the order in which names are first met, so that one body has one encoding. The event's own log is log
//! 0 and is never spelled out.

use std::collections::{BTreeMap, BTreeSet};

use super::{BodyError, ItemId};
use crate::{
    id::{LAST_PLACE, LogId, Reference, ShortId},
    varint,
};

/// What an author's names get: numbers in the order in which they are met.
pub(super) struct Numbers {
    logs: Vec<LogId>,
    log_numbers: BTreeMap<LogId, u64>,
    events: Vec<Reference>,
    event_numbers: BTreeMap<Reference, u64>,
    /// Short ids of events: the first so named.
    shorts: BTreeMap<ShortId, u64>,
    adders: Vec<ShortId>,
}

impl Numbers {
    pub(super) fn new(own: LogId) -> Self {
        Self {
            logs: Vec::new(),
            log_numbers: BTreeMap::from([(own, 0)]),
            events: Vec::new(),
            event_numbers: BTreeMap::new(),
            shorts: BTreeMap::new(),
            adders: Vec::new(),
        }
    }

    pub(super) fn log(&mut self, log: LogId) -> u64 {
        let next = self.logs.len() as u64 + 1;
        *self.log_numbers.entry(log).or_insert_with(|| {
            self.logs.push(log);
            next
        })
    }

    pub(super) fn event(&mut self, event: Reference) -> u64 {
        if let Some(number) = self.event_numbers.get(&event) {
            return *number;
        }
        self.log(event.log);
        let number = self.events.len() as u64;
        self.events.push(event);
        self.event_numbers.insert(event, number);
        self.shorts.entry(event.check).or_insert(number);
        number
    }

    /// The number of the event that added an item, and the item's place in it. All events have been met before.
    pub(super) fn item(&mut self, item: ItemId) -> (u64, u16) {
        let (adder, nth) = item.parts();
        let next = (self.events.len() + self.adders.len()) as u64;
        let number = *self.shorts.entry(adder).or_insert_with(|| {
            self.adders.push(adder);
            next
        });
        (number, nth)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.events.is_empty() && self.adders.is_empty()
    }

    /// Writes the table.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        varint::put(out, self.logs.len() as u64);
        for log in &self.logs {
            out.extend_from_slice(log.as_bytes());
        }
        varint::put(out, self.events.len() as u64);
        for event in &self.events {
            varint::put(out, self.log_numbers.get(&event.log).copied().unwrap_or_default());
            varint::put(out, event.seq);
            out.extend_from_slice(event.check.as_bytes());
        }
        varint::put(out, self.adders.len() as u64);
        for adder in &self.adders {
            out.extend_from_slice(adder.as_bytes());
        }
    }
}

/// What a reader makes of numbers: names, each met for the first time in its turn.
pub(super) struct Table {
    logs: Vec<LogId>,
    events: Vec<(usize, Reference)>,
    shorts: BTreeMap<ShortId, usize>,
    adders: Vec<ShortId>,
    /// How many of each were met.
    met: [usize; 3],
}

impl Table {
    /// Reads the table of a body that stands in this log.
    pub(super) fn read(rest: &mut &[u8], own: LogId) -> Result<Self, BodyError> {
        let mut table = Self::empty(own);
        let mut seen = BTreeSet::from([own]);
        for _ in 0..number(rest)? {
            let log = LogId::from_bytes(array(rest)?);
            if !seen.insert(log) {
                return Err(TWICE);
            }
            table.logs.push(log);
        }
        let mut seen = BTreeSet::new();
        for _ in 0..number(rest)? {
            let log = place(number(rest)?);
            let (seq, check) = (number(rest)?, ShortId::from_bytes(array(rest)?));
            if seq > LAST_PLACE {
                return Err(BodyError::Garbled("a place that no log has"));
            }
            let event = Reference { log: *table.logs.get(log).ok_or(NO_NAME)?, seq, check };
            if !seen.insert(event) {
                return Err(TWICE);
            }
            table.shorts.entry(check).or_insert(table.events.len());
            table.events.push((log, event));
        }
        for _ in 0..number(rest)? {
            let adder = ShortId::from_bytes(array(rest)?);
            if table.shorts.insert(adder, table.events.len() + table.adders.len()).is_some() {
                return Err(TWICE);
            }
            table.adders.push(adder);
        }
        if table.logs.len() == 1 && table.events.is_empty() && table.adders.is_empty() {
            return Err(BodyError::Garbled("an empty table"));
        }
        Ok(table)
    }

    /// Of a body that names nothing.
    pub(super) fn empty(own: LogId) -> Self {
        let (events, shorts, adders) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { logs: vec![own], events, shorts, adders, met: [1, 0, 0] }
    }

    pub(super) fn log(&mut self, number: u64) -> Result<LogId, BodyError> {
        let number = place(number);
        let log = *self.logs.get(number).ok_or(NO_NAME)?;
        meet(&mut self.met[0], number)?;
        Ok(log)
    }

    pub(super) fn event(&mut self, number: u64) -> Result<Reference, BodyError> {
        let number = place(number);
        let (log, event) = *self.events.get(number).ok_or(NO_NAME)?;
        if number == self.met[1] {
            meet(&mut self.met[0], log)?;
        }
        meet(&mut self.met[1], number)?;
        Ok(event)
    }

    pub(super) fn item(&mut self, number: u64, nth: u16) -> Result<ItemId, BodyError> {
        let number = place(number);
        let adder = match number.checked_sub(self.events.len()) {
            None => self.events.get(number).map(|(_, event)| event.check),
            Some(adder) => {
                let found = self.adders.get(adder).copied();
                found.map_or(Ok(()), |_| meet(&mut self.met[2], adder))?;
                found
            }
        };
        let adder = adder.ok_or(NO_NAME)?;
        // Of two events so named the first is meant.
        if self.shorts.get(&adder) != Some(&number) {
            return Err(OUT_OF_TURN);
        }
        Ok(ItemId::of(adder, nth))
    }

    /// Whether every name of the table was meant somewhere.
    pub(super) fn close(&self) -> Result<(), BodyError> {
        let all = [self.logs.len(), self.events.len(), self.adders.len()];
        if self.met == all { Ok(()) } else { Err(BodyError::Garbled("a name that nothing means")) }
    }
}

const NO_NAME: BodyError = BodyError::Garbled("a number without a name");
const TWICE: BodyError = BodyError::Garbled("a name twice");
const OUT_OF_TURN: BodyError = BodyError::Garbled("a name out of turn");

/// Names come in the order in which they are met.
fn meet(met: &mut usize, number: usize) -> Result<(), BodyError> {
    match number.cmp(met) {
        std::cmp::Ordering::Less => Ok(()),
        std::cmp::Ordering::Equal => {
            *met += 1;
            Ok(())
        }
        std::cmp::Ordering::Greater => Err(OUT_OF_TURN),
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The next number.
pub(super) fn number(rest: &mut &[u8]) -> Result<u64, BodyError> {
    varint::take(rest).map_err(|_| BodyError::Garbled("a number"))
}

/// The next number, which must be within `u16`.
pub(super) fn small(rest: &mut &[u8]) -> Result<u16, BodyError> {
    number(rest)?.try_into().map_err(|_| BodyError::Garbled("a number is too great"))
}

/// The next so many bytes.
pub(super) fn bytes<'a>(rest: &mut &'a [u8], count: u64) -> Result<&'a [u8], BodyError> {
    let (taken, left) = rest.split_at_checked(place(count)).ok_or(BodyError::Garbled("cut short"))?;
    *rest = left;
    Ok(taken)
}

pub(super) fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], BodyError> {
    bytes(rest, N as u64)?.try_into().map_err(|_| BodyError::Garbled("cut short"))
}
