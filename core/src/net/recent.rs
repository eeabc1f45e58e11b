//! What came last, of what peers can make any number of: the oldest is forgotten, not the smallest.
//!
//! It refuses to know what it remembers.

use std::collections::BTreeMap;

/// As many entries as fit, the last that were touched.
#[derive(Clone, Debug)]
pub(super) struct Recent<K, V> {
    most: usize,
    next: u64,
    held: BTreeMap<K, (u64, V)>,
    /// In the order in which they were touched.
    order: BTreeMap<u64, K>,
}

impl<K: Copy + Ord, V> Recent<K, V> {
    /// Room for so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, next: 0, held: BTreeMap::new(), order: BTreeMap::new() }
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.held.contains_key(key)
    }

    /// Touches one; what is there under this name, or is now.
    pub(super) fn touch(&mut self, key: K, new: impl FnOnce() -> V) -> &mut V {
        let now = self.next;
        self.next = now.wrapping_add(1);
        let before = self.held.get(&key).map(|(at, _)| *at);
        match before {
            Some(at) => drop(self.order.remove(&at)),
            None if self.held.len() >= self.most => {
                if let Some((_, oldest)) = self.order.pop_first() {
                    self.held.remove(&oldest);
                }
            }
            None => {}
        }
        self.order.insert(now, key);
        let (at, held) = self.held.entry(key).or_insert_with(|| (now, new()));
        *at = now;
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_touched_for_longest_is_forgotten_whatever_its_name() {
        let mut recent = Recent::new(3);
        for key in [5, 1, 9] {
            recent.touch(key, || key * 10);
        }

        assert_eq!(*recent.touch(5, || 0), 50, "it stays what it was");
        recent.touch(0, || 0);

        let held = [0, 1, 5, 9].map(|key| recent.contains(&key));
        assert_eq!(held, [true, false, true, true]);
        assert_eq!((recent.held.len(), recent.order.len()), (3, 3));
    }
}
