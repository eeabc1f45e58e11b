//! What devices said in the clear, in the order in which it is read: by device and log, and in each log by place.
//!
//! Events that give keys are also found in the order in which they came. Somebody who has a device's keys can write
//! something that is read before all that the device had said, but nothing that was here before it.
//!
//! It knows neither what is said nor what of it counts. A copy shares everything, and one fact more copies a page. So
//! the next fact costs what the first did, however much was heaped up, and whoever reads the beginning of what a device
//! said does not touch the rest.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    event::LogHeader,
    id::{DeviceId, EventId, LogId, Reference},
    limits,
};

/// Facts of a page that is whole; one of twice as many is parted.
const PAGE: usize = 64;

/// One event in the clear that can be read.
pub trait ClearFact {
    /// Its log, as its own header says.
    fn log(&self) -> &LogHeader;
    /// Its place in the log.
    fn seq(&self) -> u64;
    /// Its id: the chain hash.
    fn id(&self) -> EventId;
    /// Bytes of its body as it is stored.
    fn size(&self) -> u64;

    /// Whether by it somebody may hold a key, or may come to give one.
    fn gives(&self) -> bool {
        false
    }

    /// What it is looked for by itself, ahead of all else that its device says.
    fn ahead(&self) -> Option<Ahead> {
        None
    }

    /// The room that it takes of its device's.
    fn weight(&self) -> u64 {
        limits::EVENT_ROOM.saturating_add(self.size())
    }
}

/// What is read ahead of all else that a device says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// Room that it gives itself.
    Room,
    /// A cut of itself.
    Cut,
}

/// All facts, each once.
#[derive(Debug)]
pub struct Said<T> {
    devices: BTreeMap<DeviceId, Arc<BTreeMap<LogId, LogFacts<T>>>>,
    giving: BTreeMap<DeviceId, Arc<Came<T>>>,
}

/// Facts of a device and their logs, in the order in which they came, by pages.
type Came<T> = Vec<Arc<Vec<(LogId, Arc<T>)>>>;

/// The facts of one log, by place and id.
#[derive(Debug)]
pub struct LogFacts<T> {
    header: LogHeader,
    all: Pages<T>,
    rooms: Pages<T>,
    cuts: Pages<T>,
}

/// Facts by place and id, so many together that one more copies few.
#[derive(Debug)]
struct Pages<T>(Vec<Arc<Vec<Arc<T>>>>);

impl<T> Clone for Said<T> {
    fn clone(&self) -> Self {
        Self { devices: self.devices.clone(), giving: self.giving.clone() }
    }
}

impl<T> Default for Said<T> {
    fn default() -> Self {
        Self { devices: BTreeMap::new(), giving: BTreeMap::new() }
    }
}

impl<T> Clone for LogFacts<T> {
    fn clone(&self) -> Self {
        let Self { header, all, rooms, cuts } = self;
        Self { header: *header, all: all.clone(), rooms: rooms.clone(), cuts: cuts.clone() }
    }
}

impl<T> Clone for Pages<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ClearFact> Said<T> {
    /// Takes in one more. Whether it is new.
    pub fn add(&mut self, fact: Arc<T>) -> bool {
        let (header, name) = (*fact.log(), fact.log().id());
        let logs = Arc::make_mut(self.devices.entry(header.device).or_default());
        let facts = logs.entry(name).or_insert_with(|| LogFacts::empty(header));
        let gives = fact.gives().then(|| fact.clone());
        let is_new = facts.add(fact);
        if let Some(fact) = gives.filter(|_| is_new) {
            let pages = Arc::make_mut(self.giving.entry(header.device).or_default());
            match pages.last_mut().filter(|page| page.len() < PAGE) {
                Some(page) => Arc::make_mut(page).push((name, fact)),
                None => pages.push(Arc::new(vec![(name, fact)])),
            }
        }
        is_new
    }

    /// What gives keys of what a device said, with its log, in the order in which it came.
    pub fn giving(&self, device: DeviceId) -> impl Iterator<Item = (LogId, &T)> {
        let pages = self.giving.get(&device).into_iter().flat_map(|pages| pages.iter());
        pages.flat_map(|page| page.iter()).map(|(log, fact)| (*log, &**fact))
    }

    /// Everybody who said something.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.devices.keys().copied()
    }

    /// The logs of a device, by name.
    pub fn logs_of(&self, device: DeviceId) -> impl Iterator<Item = (LogId, &LogFacts<T>)> {
        self.devices.get(&device).into_iter().flat_map(|logs| logs.iter()).map(|(log, facts)| (*log, facts))
    }

    /// All facts, by device, log, place and id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.devices.values().flat_map(|logs| logs.values()).flat_map(LogFacts::iter)
    }

    /// The fact of this name.
    pub fn find(&self, event: Reference) -> Option<&Arc<T>> {
        let at = self.devices.values().find_map(|logs| logs.get(&event.log))?.from(event.seq);
        at.take_while(|fact| fact.seq() == event.seq).find(|fact| fact.id().short() == event.check)
    }
}

impl<T: ClearFact> LogFacts<T> {
    fn empty(header: LogHeader) -> Self {
        Self { header, all: Pages(Vec::new()), rooms: Pages(Vec::new()), cuts: Pages(Vec::new()) }
    }

    /// The log's header, as one of its events has it: the founding event, alone, is without a community.
    pub fn header(&self) -> &LogHeader {
        &self.header
    }

    /// Its facts, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.all.iter()
    }

    /// Its facts from a place on.
    pub fn from(&self, seq: u64) -> impl Iterator<Item = &Arc<T>> {
        self.all.from(seq)
    }

    /// Of its facts those that are looked for by themselves.
    pub(super) fn ahead(&self, what: Ahead) -> impl Iterator<Item = &Arc<T>> {
        match what {
            Ahead::Room => self.rooms.iter(),
            Ahead::Cut => self.cuts.iter(),
        }
    }

    fn add(&mut self, fact: Arc<T>) -> bool {
        match fact.ahead() {
            Some(Ahead::Room) => _ = self.rooms.add(fact.clone()),
            Some(Ahead::Cut) => _ = self.cuts.add(fact.clone()),
            None => {}
        }
        self.all.add(fact)
    }
}

impl<T: ClearFact> Pages<T> {
    fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.0.iter().flat_map(|page| page.iter())
    }

    fn from(&self, seq: u64) -> impl Iterator<Item = &Arc<T>> {
        let first = self.0.partition_point(|page| page.last().is_some_and(|last| last.seq() < seq));
        let pages = self.0.get(first..).unwrap_or_default();
        pages.iter().flat_map(|page| page.iter()).skip_while(move |fact| fact.seq() < seq)
    }

    /// Takes in one more. Whether it is new.
    fn add(&mut self, fact: Arc<T>) -> bool {
        let key = (fact.seq(), fact.id());
        let of = |fact: &Arc<T>| (fact.seq(), fact.id());
        let page = self.0.partition_point(|page| page.last().is_some_and(|last| of(last) < key));
        // What comes behind all others goes into the last page.
        let page = page.min(self.0.len().saturating_sub(1));
        let Some(facts) = self.0.get_mut(page).map(Arc::make_mut) else {
            self.0.push(Arc::new(vec![fact]));
            return true;
        };
        let Err(at) = facts.binary_search_by_key(&key, of) else { return false };
        facts.insert(at, fact);
        if facts.len() >= 2 * PAGE {
            let rest = facts.split_off(PAGE);
            self.0.insert(page.saturating_add(1), Arc::new(rest));
        }
        true
    }
}

/// From where on there is no room for what a device says: in each of its logs that is touched, the first place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Crowded(BTreeMap<LogId, (u64, EventId)>);

impl Crowded {
    /// There is no room for what stands here, nor for what stands behind it in this log.
    pub(super) fn from(&mut self, log: LogId, seq: u64, id: EventId) {
        self.0.entry(log).or_insert((seq, id));
    }

    /// Whether there is no room for an event that nothing else speaks against.
    pub(super) fn holds(&self, event: Reference) -> bool {
        let from = self.0.get(&event.log);
        from.is_some_and(|(seq, id)| (*seq, id.short()) <= (event.seq, event.check))
    }
}

/// The room of one device while what it says is read in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    room: u64,
    used: u64,
    full: bool,
}

impl Budget {
    pub(super) fn of(room: u64) -> Self {
        Self { room, used: 0, full: false }
    }

    /// Whether there is room for the next. Behind one for which there is none there is none for any.
    pub(super) fn take(&mut self, weight: u64) -> bool {
        let used = self.used.saturating_add(weight);
        self.full |= used > self.room;
        if !self.full {
            self.used = used;
        }
        !self.full
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// What is taken of it: all, once there was no room for something.
    pub(super) fn used(&self) -> u64 {
        if self.full { self.room } else { self.used }
    }
}
