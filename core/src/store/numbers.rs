//! Numbers: in which order the rows of an aggregate stand in a table.
//!
//! Numbers only rise, and leave gaps. So a row that comes between others, as that of a late event does, moves none of
//! them. Without gaps one row would cost as much as all behind it. It knows nothing of what rows say.

use std::collections::BTreeMap;

use crate::row::{Cell, Row};

/// Numbers between two rows that were written together.
const GAP: i64 = 1 << 24;
/// Rows that are looked through for one that goes on.
const AHEAD: usize = 32;

/// The rows of one aggregate as they stand in its tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows, those of one table in their order.
    pub rows: Vec<Row>,
    /// The number of each.
    pub(super) numbers: Vec<i64>,
}

/// What is to be done to a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change<'a> {
    /// The row of this number goes.
    Remove(i64),
    /// The row of this number says something else: what it said, and what it says.
    Update(i64, &'a [Cell], &'a [Cell]),
    /// A row comes.
    Insert(i64, &'a [Cell]),
}

/// How rows come to be others: what is to be done, table by table, and the numbers of the new ones.
pub(super) fn changes<'a>(old: &'a Rows, new: &'a [Row]) -> (Vec<(&'static str, Change<'a>)>, Vec<i64>) {
    let mut tables: BTreeMap<&'static str, Table<'a>> = BTreeMap::new();
    for (row, number) in old.rows.iter().zip(&old.numbers) {
        tables.entry(row.table).or_default().old.push((*number, &row.cells));
    }
    for (at, row) in new.iter().enumerate() {
        tables.entry(row.table).or_default().new.push((at, &row.cells));
    }
    let (mut changes, mut numbers) = (Vec::new(), vec![0; new.len()]);
    for (name, table) in tables {
        for ((at, _), number) in table.new.iter().zip(table.change(|change| changes.push((name, change)))) {
            if let Some(place) = numbers.get_mut(*at) {
                *place = number;
            }
        }
    }
    (changes, numbers)
}

/// One table's rows: with their numbers, and with their places among all new ones.
#[derive(Default)]
struct Table<'a> {
    old: Vec<(i64, &'a [Cell])>,
    new: Vec<(usize, &'a [Cell])>,
}

impl<'a> Table<'a> {
    /// Tells what changes, removals first. The numbers of the new rows.
    fn change(&self, mut tell: impl FnMut(Change<'a>)) -> Vec<i64> {
        let kept = self.kept();
        let numbers = numbered(&kept.iter().map(|at| at.and_then(|at| Some(self.old.get(at)?.0))).collect::<Vec<_>>());
        // Where there was no room left between two rows, all are written anew.
        let anew = numbers.is_none();
        let numbers = numbers.unwrap_or_else(|| (1..).take(self.new.len()).map(|nth: i64| nth * GAP).collect());
        let mut stays = vec![false; self.old.len()];
        for at in kept.iter().flatten().filter(|_| !anew) {
            if let Some(stays) = stays.get_mut(*at) {
                *stays = true;
            }
        }
        let gone = self.old.iter().zip(&stays).filter(|(_, stays)| !**stays);
        gone.for_each(|((number, _), _)| tell(Change::Remove(*number)));
        for (((_, cells), number), kept) in self.new.iter().zip(&numbers).zip(&kept) {
            match kept.and_then(|at| self.old.get(at)).filter(|_| !anew) {
                Some((_, before)) if before == cells => {}
                Some((_, before)) => tell(Change::Update(*number, before, cells)),
                None => tell(Change::Insert(*number, cells)),
            }
        }
        numbers
    }

    /// For each new row the old one in whose place it stands, if it stands in one's; in order.
    fn kept(&self) -> Vec<Option<usize>> {
        let (mut old, mut kept) = (0, Vec::with_capacity(self.new.len()));
        let ahead = |rows: &mut dyn Iterator<Item = &'a [Cell]>, cells: &[Cell]| {
            rows.take(AHEAD).position(|other| other == cells)
        };
        for (nth, (_, cells)) in self.new.iter().enumerate() {
            let Some((_, before)) = self.old.get(old) else {
                kept.push(None);
                continue;
            };
            if before == cells {
                kept.push(Some(old));
                old += 1;
                continue;
            }
            let gone = ahead(&mut self.old.iter().skip(old).map(|(_, cells)| *cells), cells);
            let come = ahead(&mut self.new.iter().skip(nth).map(|(_, cells)| *cells), before);
            match (gone, come) {
                // Some old rows went.
                (Some(gone), _) => {
                    kept.push(Some(old + gone));
                    old += gone + 1;
                }
                // This one came before the old one.
                (None, Some(_)) => kept.push(None),
                // It says something else now.
                (None, None) => {
                    kept.push(Some(old));
                    old += 1;
                }
            }
        }
        kept
    }
}

/// Numbers for rows of which some have theirs; `None` if there is no room between two.
fn numbered(known: &[Option<i64>]) -> Option<Vec<i64>> {
    let (mut numbers, mut last, mut waiting) = (Vec::with_capacity(known.len()), 0_i64, 0_i64);
    let end = |last: i64, waiting: i64| last.checked_add(GAP.checked_mul(waiting.checked_add(1)?)?);
    for known in known.iter().copied().map(Some).chain([None]) {
        let next = match known {
            Some(None) => {
                waiting += 1;
                continue;
            }
            Some(Some(next)) => next,
            None => end(last, waiting)?,
        };
        let step = next.checked_sub(last)? / (waiting + 1);
        if step < 1 {
            return None;
        }
        numbers.extend((1..=waiting).map(|nth| last + nth * step));
        if known.is_some() {
            numbers.push(next);
        }
        (last, waiting) = (next, 0);
    }
    Some(numbers)
}
