//! The order of a device's lives: its logs in one topic, each behind the one that it goes on from.
//!
//! It knows nothing of what stands in a log, and looks at each once, however many there are.

use crate::id::LogId;

/// Orders logs, sorted by name, each with the one that it goes on from, if it says so: each right behind that one, with
/// all that go on from it, before the next; beside each other they stand by name. A log that goes on from none of these
/// begins a line of its own. Those that go on from each other in a ring, and what goes on from these, come last by name.
///
/// What goes on from the last comes behind all that is in no ring. Returns where each stands among those given.
pub(crate) fn in_order(lives: &[(LogId, Option<LogId>)]) -> Vec<usize> {
    let place = |log: LogId| lives.binary_search_by_key(&log, |(name, _)| *name).ok();
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for (life, (name, before)) in lives.iter().enumerate() {
        match before.filter(|before| before != name).and_then(place) {
            Some(before) => later.push((before, life)),
            None => first.push(life),
        }
    }
    later.sort_unstable();
    let mut order = Vec::with_capacity(lives.len());
    let mut read = vec![false; lives.len()];
    let mut open = first;
    open.reverse();
    while let Some(life) = open.pop() {
        order.push(life);
        if let Some(read) = read.get_mut(life) {
            *read = true;
        }
        let begin = later.partition_point(|(before, _)| *before < life);
        let behind = later.get(begin..).unwrap_or_default().iter().take_while(|(before, _)| *before == life);
        let known = open.len();
        open.extend(behind.map(|(_, life)| *life));
        if let Some(behind) = open.get_mut(known..) {
            behind.reverse();
        }
    }
    order.extend(read.iter().enumerate().filter(|(_, read)| !**read).map(|(life, _)| life));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logs of these names, each with the one it goes on from; 0 is none.
    fn order(lives: &[(u8, u8)]) -> Vec<u8> {
        let log = |name: u8| LogId::from_bytes([name; LogId::LEN]);
        let named: Vec<_> =
            lives.iter().map(|(name, before)| (log(*name), (*before > 0).then(|| log(*before)))).collect();
        in_order(&named).into_iter().map(|at| lives[at].0).collect()
    }

    #[test]
    fn each_life_comes_right_behind_the_one_it_goes_on_from() {
        assert_eq!(order(&[(1, 0), (2, 0), (3, 0)]), [1, 2, 3], "whoever names none comes by name");
        assert_eq!(order(&[(1, 2), (2, 3), (3, 0)]), [3, 2, 1], "a line");
        assert_eq!(order(&[(1, 0), (2, 1), (3, 0), (4, 3)]), [1, 2, 3, 4], "two lines");
        assert_eq!(order(&[(1, 9), (2, 9), (3, 1), (9, 0)]), [9, 1, 3, 2], "a tree");
        assert_eq!(order(&[(1, 7), (2, 2), (3, 1)]), [1, 3, 2], "one that goes on from nothing known, one from itself");
        assert_eq!(order(&[(1, 2), (2, 1), (3, 2), (4, 0)]), [4, 1, 2, 3], "a ring, and what goes on from it");
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn a_line_of_thousands_of_lives_is_read_from_its_beginning_to_its_end() {
        let name = |nth: u32| {
            let mut bytes = *blake3::hash(&nth.to_be_bytes()).as_bytes();
            bytes[0] = 0;
            LogId::from_slice(&bytes[..LogId::LEN]).expect("long enough")
        };
        let mut lives: Vec<_> = (0..5_000).map(|nth: u32| (name(nth), nth.checked_sub(1).map(name))).collect();
        lives.sort_unstable();

        let read: Vec<LogId> = in_order(&lives).into_iter().map(|at| lives[at].0).collect();

        assert_eq!(read, (0..5_000).map(name).collect::<Vec<_>>());
    }
}
