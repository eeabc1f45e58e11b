//! Sightings: which phones that show a mark of the community nearby are dialled, and when.
//!
//! Anybody who hears a mark can repeat it, and any member can make one. So few are dialled, one after the other, each
//! at the addresses that stand under its own mark. One at which nobody answers rests for a while. It refuses to know
//! how marks are seen and how peers are dialled.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use crate::{key::Beacon, limits, time::Mono};

/// How often a mark is tried again at which nobody answered.
const ROUNDS: u32 = 3;

/// All that were seen since the network changed.
#[derive(Debug)]
pub(super) struct Sightings {
    waiting: BTreeMap<Beacon, Waiting>,
    dialled: BTreeMap<Beacon, Waiting>,
    /// How many may be dialled at once, and since when that is so.
    credit: u64,
    since: Mono,
}

#[derive(Clone, Debug)]
struct Waiting {
    /// What it is called where it was seen.
    name: String,
    addresses: Vec<SocketAddr>,
    due: Mono,
    rounds: u32,
}

impl Sightings {
    pub(super) fn new(now: Mono) -> Self {
        let (waiting, dialled) = (BTreeMap::new(), BTreeMap::new());
        Self { waiting, dialled, credit: limits::NEARBY_AT_ONCE, since: now }
    }

    /// A mark was seen.
    pub(super) fn see(&mut self, mark: Beacon, name: &str, addresses: Vec<SocketAddr>, now: Mono) {
        let known = self.waiting.contains_key(&mark) || self.dialled.contains_key(&mark);
        if known || addresses.is_empty() {
            return;
        }
        if self.waiting.len() >= limits::NEARBY_WAITING {
            // Where nobody answered, most often and longest ago, makes room; none that was not tried.
            let tried = self.waiting.iter().filter(|(_, waiting)| waiting.rounds > 0);
            let vain = tried.min_by_key(|(_, waiting)| (ROUNDS.saturating_sub(waiting.rounds), waiting.due));
            let Some(vain) = vain.map(|(mark, _)| *mark) else { return };
            self.waiting.remove(&vain);
        }
        self.waiting.insert(mark, Waiting { name: name.to_owned(), addresses, due: now, rounds: 0 });
    }

    /// What was seen under this name shows itself no more.
    pub(super) fn lose(&mut self, name: &str) {
        self.waiting.retain(|_, waiting| waiting.name != name);
    }

    /// The next to be dialled now.
    pub(super) fn next(&mut self, now: Mono) -> Option<(Beacon, Vec<SocketAddr>)> {
        self.earn(now);
        if self.credit == 0 || self.dialled.len() >= limits::NEARBY_TARGETS {
            return None;
        }
        let first = self.waiting.iter().min_by_key(|(_, waiting)| waiting.due)?;
        let mark = *first.0;
        if first.1.due > now {
            return None;
        }
        let waiting = self.waiting.remove(&mark)?;
        self.credit -= 1;
        let addresses = waiting.addresses.clone();
        self.dialled.insert(mark, waiting);
        Some((mark, addresses))
    }

    /// How long to wait before [`next`](Self::next) may have one, if nothing else happens.
    pub(super) fn wait(&self, now: Mono) -> Option<Duration> {
        if self.dialled.len() >= limits::NEARBY_TARGETS {
            return None;
        }
        let due = self.waiting.values().map(|waiting| waiting.due).min()?;
        let earned = self.since.plus(Duration::from_millis(limits::NEARBY_EVERY_MS));
        let at = if self.credit == 0 { due.max(earned) } else { due };
        Some(Duration::from_millis(at.since(now)))
    }

    /// It is not dialled any more: it rests, or is forgotten once that was in vain often enough.
    pub(super) fn give_up(&mut self, mark: &Beacon, now: Mono) {
        let Some(mut waiting) = self.dialled.remove(mark) else { return };
        waiting.rounds += 1;
        waiting.due = now.plus(Duration::from_millis(limits::NEARBY_REST_MS));
        if waiting.rounds < ROUNDS {
            self.waiting.insert(*mark, waiting);
        }
    }

    fn earn(&mut self, now: Mono) {
        let steps = now.since(self.since) / limits::NEARBY_EVERY_MS;
        if steps == 0 {
            return;
        }
        self.since = self.since.plus(Duration::from_millis(steps.saturating_mul(limits::NEARBY_EVERY_MS)));
        self.credit = self.credit.saturating_add(steps).min(limits::NEARBY_AT_ONCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::TopicKey;

    fn mark(nth: u64) -> Beacon {
        TopicKey::from_bytes([1; 32]).beacon(nth.to_be_bytes(), b"")
    }

    fn address() -> Vec<SocketAddr> {
        vec![SocketAddr::from(([10, 0, 0, 1], 4433))]
    }

    /// All that are dialled until then, each given up at once.
    fn dialled_until(seen: &mut Sightings, end: u64) -> Vec<(u64, Beacon)> {
        let (mut now, mut dialled) = (Mono(0), Vec::new());
        while now.0 <= end {
            if let Some((mark, _)) = seen.next(now) {
                dialled.push((now.0, mark));
                seen.give_up(&mark, now);
            } else {
                let wait = seen.wait(now).unwrap_or(Duration::MAX);
                now = now.plus(wait.max(Duration::from_millis(1)));
            }
        }
        dialled
    }

    #[test]
    fn a_flood_of_marks_has_few_dialled_and_those_one_after_the_other() {
        let mut seen = Sightings::new(Mono(0));

        (0..10_000).for_each(|nth| seen.see(mark(nth), "phone", address(), Mono(0)));
        let dialled = dialled_until(&mut seen, 60_000);

        assert_eq!(dialled.iter().filter(|(at, _)| *at == 0).count() as u64, limits::NEARBY_AT_ONCE);
        assert_eq!(dialled.len() as u64, limits::NEARBY_AT_ONCE + 60_000 / limits::NEARBY_EVERY_MS);
        assert!(seen.waiting.len() <= limits::NEARBY_WAITING);
    }

    #[test]
    fn a_mark_at_which_nobody_answered_makes_room_for_a_new_one() {
        let mut seen = Sightings::new(Mono(0));
        (0..1_000).for_each(|nth| seen.see(mark(nth), "liar", address(), Mono(0)));
        dialled_until(&mut seen, 10_000);
        let tried = seen.waiting.values().filter(|waiting| waiting.rounds > 0).count();

        (1_000..2_000).for_each(|nth| seen.see(mark(nth), "phone", address(), Mono(10_000)));

        let new = seen.waiting.values().filter(|waiting| waiting.name == "phone").count();
        assert!(new == tried && new > 0 && seen.waiting.len() == limits::NEARBY_WAITING, "{new} of {tried}");
    }

    #[test]
    fn where_nobody_answers_it_is_tried_less_and_less_and_then_no_more() {
        let mut seen = Sightings::new(Mono(0));

        seen.see(mark(1), "phone", address(), Mono(0));
        let dialled: Vec<u64> =
            dialled_until(&mut seen, 100 * limits::NEARBY_REST_MS).iter().map(|(at, _)| *at).collect();

        assert_eq!(dialled, [0, limits::NEARBY_REST_MS, 2 * limits::NEARBY_REST_MS]);
    }

    #[test]
    fn no_more_stay_dialled_than_are_of_use_and_one_that_goes_makes_room() {
        let mut seen = Sightings::new(Mono(0));
        (0..100).for_each(|nth| seen.see(mark(nth), &nth.to_string(), address(), Mono(0)));

        let dialled: Vec<Beacon> = (0..1_000).filter_map(|nth| Some(seen.next(Mono(nth * 1_000))?.0)).collect();
        assert_eq!(dialled.len(), limits::NEARBY_TARGETS);
        assert_eq!(seen.wait(Mono(1_000_000)), None);

        seen.give_up(&dialled[0], Mono(1_000_000));
        assert!(seen.next(Mono(1_000_000)).is_some());
    }

    #[test]
    fn what_shows_itself_no_more_is_not_dialled() {
        let mut seen = Sightings::new(Mono(0));
        seen.see(mark(1), "phone", address(), Mono(0));

        seen.lose("phone");

        assert_eq!(seen.next(Mono(0)), None);
    }
}
