//! What devices said in the clear, in the order in which it is read: by device and log, and in each log by place.
//!
//! Events that give keys are also found in the order in which they came. Somebody who has a device's keys can write
//! something that is read before all that the device had said, but nothing that was here before it.
//!
//! It knows neither what is said nor what of it counts. A copy shares everything, and one line more copies a page. So
//! the next line costs what the first did, however much was heaped up, and whoever reads the beginning of what a device
//! said does not touch the rest.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    event::LogHeader,
    id::{DeviceId, EventId, LogId, Reference},
    limits,
};

/// Lines of a page that is whole; one of twice as many is parted.
const PAGE: usize = 64;

/// One event in the clear that can be read.
pub trait Line {
    /// Its log, as its own header says.
    fn log(&self) -> &LogHeader;
    /// Its place in the log.
    fn seq(&self) -> u64;
    /// Its id.
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

/// All lines, each once.
#[derive(Debug)]
pub struct Said<T> {
    devices: BTreeMap<DeviceId, Arc<BTreeMap<LogId, Lines<T>>>>,
    giving: BTreeMap<DeviceId, Arc<Came<T>>>,
}

/// Lines of a device and their logs, in the order in which they came, by pages.
type Came<T> = Vec<Arc<Vec<(LogId, Arc<T>)>>>;

/// The lines of one log, by place and id.
#[derive(Debug)]
pub struct Lines<T> {
    header: LogHeader,
    all: Pages<T>,
    rooms: Pages<T>,
    cuts: Pages<T>,
}

/// Lines by place and id, so many together that one more copies few.
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

impl<T> Clone for Lines<T> {
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

impl<T: Line> Said<T> {
    /// Takes in one more. Whether it is new.
    pub fn add(&mut self, line: Arc<T>) -> bool {
        let (header, name) = (*line.log(), line.log().id());
        let logs = Arc::make_mut(self.devices.entry(header.device).or_default());
        let lines = logs.entry(name).or_insert_with(|| Lines::empty(header));
        let gives = line.gives().then(|| line.clone());
        let is_new = lines.add(line);
        if let Some(line) = gives.filter(|_| is_new) {
            let pages = Arc::make_mut(self.giving.entry(header.device).or_default());
            match pages.last_mut().filter(|page| page.len() < PAGE) {
                Some(page) => Arc::make_mut(page).push((name, line)),
                None => pages.push(Arc::new(vec![(name, line)])),
            }
        }
        is_new
    }

    /// What gives keys of what a device said, with its log, in the order in which it came.
    pub fn giving(&self, device: DeviceId) -> impl Iterator<Item = (LogId, &T)> {
        let pages = self.giving.get(&device).into_iter().flat_map(|pages| pages.iter());
        pages.flat_map(|page| page.iter()).map(|(log, line)| (*log, &**line))
    }

    /// Everybody who said something.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.devices.keys().copied()
    }

    /// The logs of a device, by name.
    pub fn logs_of(&self, device: DeviceId) -> impl Iterator<Item = (LogId, &Lines<T>)> {
        self.devices.get(&device).into_iter().flat_map(|logs| logs.iter()).map(|(log, lines)| (*log, lines))
    }

    /// All lines, by device, log, place and id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.devices.values().flat_map(|logs| logs.values()).flat_map(Lines::iter)
    }

    /// The line of this name.
    pub fn find(&self, event: Reference) -> Option<&Arc<T>> {
        let at = self.devices.values().find_map(|logs| logs.get(&event.log))?.from(event.seq);
        at.take_while(|line| line.seq() == event.seq).find(|line| line.id().short() == event.check)
    }
}

impl<T: Line> Lines<T> {
    fn empty(header: LogHeader) -> Self {
        Self { header, all: Pages(Vec::new()), rooms: Pages(Vec::new()), cuts: Pages(Vec::new()) }
    }

    /// The log's header, as one of its events has it: the founding event, alone, is without a community.
    pub fn header(&self) -> &LogHeader {
        &self.header
    }

    /// Its lines.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.all.iter()
    }

    /// Its lines from a place on.
    pub fn from(&self, seq: u64) -> impl Iterator<Item = &Arc<T>> {
        self.all.from(seq)
    }

    /// Of its lines those that are looked for by themselves.
    pub(super) fn ahead(&self, what: Ahead) -> impl Iterator<Item = &Arc<T>> {
        match what {
            Ahead::Room => self.rooms.iter(),
            Ahead::Cut => self.cuts.iter(),
        }
    }

    fn add(&mut self, line: Arc<T>) -> bool {
        match line.ahead() {
            Some(Ahead::Room) => _ = self.rooms.add(line.clone()),
            Some(Ahead::Cut) => _ = self.cuts.add(line.clone()),
            None => {}
        }
        self.all.add(line)
    }
}

impl<T: Line> Pages<T> {
    fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.0.iter().flat_map(|page| page.iter())
    }

    fn from(&self, seq: u64) -> impl Iterator<Item = &Arc<T>> {
        let first = self.0.partition_point(|page| page.last().is_some_and(|last| last.seq() < seq));
        let pages = self.0.get(first..).unwrap_or_default();
        pages.iter().flat_map(|page| page.iter()).skip_while(move |line| line.seq() < seq)
    }

    /// Takes in one more. Whether it is new.
    fn add(&mut self, line: Arc<T>) -> bool {
        let key = (line.seq(), line.id());
        let of = |line: &Arc<T>| (line.seq(), line.id());
        let page = self.0.partition_point(|page| page.last().is_some_and(|last| of(last) < key));
        // What comes behind all others goes into the last page.
        let page = page.min(self.0.len().saturating_sub(1));
        let Some(lines) = self.0.get_mut(page).map(Arc::make_mut) else {
            self.0.push(Arc::new(vec![line]));
            return true;
        };
        let Err(at) = lines.binary_search_by_key(&key, of) else { return false };
        lines.insert(at, line);
        if lines.len() >= 2 * PAGE {
            let rest = lines.split_off(PAGE);
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
