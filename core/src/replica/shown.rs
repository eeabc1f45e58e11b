//! Showing: an aggregate is folded out of memory or the store, and its rows and search text are brought up to that.
//!
//! It refuses to know what becomes of an event.

use std::collections::BTreeSet;

use super::{
    fate::{Fold, fold},
    place::Placing,
    update::Update,
    warm::{Shown, Warm},
};
use crate::{
    aggregate::{Cell, Folded, REVIEW, ROOM_USED, Row},
    id::{DeviceId, Reference},
    store::{Rows, StoreError},
};

impl Placing<'_> {
    /// The aggregate out of the cache, or folded from the store.
    pub(super) fn take(&mut self, aggregate: Reference) -> Result<Option<Warm>, StoreError> {
        if let Some(warm) = self.cache.warm.pop(&aggregate) {
            return Ok(Some(warm));
        }
        let Some((id, _)) = self.write.aggregate(aggregate)? else { return Ok(None) };
        // What is due waits here too: nothing of it has put out anything else that is not written down.
        let of = (aggregate, id);
        let Some((folded, placed)) = fold(&self.write, self.community, self.registry, of, Fold::AsJudged)? else {
            return Ok(None);
        };
        self.work = self.work.saturating_add(placed.len());
        // Read, not folded: it is as it was written down last, and numbered.
        let tables = self.registry.tables_of(folded.kind());
        let rows = self.write.numbered_rows(id, &tables)?;
        Ok(Some(Warm { id, folded, shown: Some(Shown { rows, search: None }) }))
    }

    /// An aggregate to decide on; `None` if there is none of this name.
    pub(super) fn look(&mut self, aggregate: Reference) -> Result<Option<&Folded>, StoreError> {
        let Some(mut warm) = self.take(aggregate)? else { return Ok(None) };
        warm.folded.settle(self.registry);
        self.cache.warm.put(aggregate, warm);
        Ok(self.cache.warm.peek(&aggregate).map(|warm| &warm.folded))
    }

    /// An aggregate that was looked at.
    pub(super) fn peek(&self, aggregate: Reference) -> Option<&Folded> {
        self.cache.warm.peek(&aggregate).map(|warm| &warm.folded)
    }

    /// Brings rows and search up to what an aggregate is now. What the screen should know comes back.
    pub(super) fn show(
        &mut self,
        aggregate: Reference,
        events: BTreeSet<Reference>,
    ) -> Result<Vec<Update>, StoreError> {
        let Some(mut warm) = self.take(aggregate)? else { return Ok(Vec::new()) };
        warm.folded.settle(self.registry);
        let rows = warm.folded.rows();
        let rows = match &warm.shown {
            Some(shown) => self.write.replace_rows(warm.id, &shown.rows, rows)?,
            None => self.write.put_rows(warm.id, rows)?,
        };
        let now = Shown { rows, search: warm.folded.search() };
        let before = warm.shown.replace(Shown::default()).unwrap_or_default();
        if before.search != now.search {
            self.write.set_search(warm.id, now.search.as_deref())?;
        }
        let kind = warm.folded.kind();
        let of_review = before.rows.rows.iter().filter(|row| row.table == REVIEW.name);
        let known: BTreeSet<&[Cell]> = of_review.map(|row| row.cells.as_slice()).collect();
        let is_new = |row: &&Row| row.table == REVIEW.name && !known.contains(row.cells.as_slice());
        let codes = now.rows.rows.iter().filter(is_new).filter_map(|row| REVIEW.cell_of(&row.cells, "code").text());
        let reviews = codes.map(|code| Update::Review { kind, aggregate, code: code.to_owned() });
        let changed = Update::Changed { kind, aggregate, events: events.into_iter().collect() };
        // Reminders follow from it, as they do from the roster.
        let little = (self.told_of(&before.rows) != self.told_of(&now.rows)).then_some(Update::Roster);
        let news = std::iter::once(changed).chain(reviews).chain(little).collect();
        warm.shown = Some(now);
        self.cache.warm.put(aggregate, warm);
        Ok(news)
    }

    /// The devices that have little room left by the rows of an aggregate.
    fn told_of(&self, rows: &Rows) -> BTreeSet<DeviceId> {
        let used = rows.rows.iter().filter(|row| row.table == ROOM_USED.name);
        let told = used.filter_map(|row| {
            let device = DeviceId::from_slice(ROOM_USED.cell_of(&row.cells, "device").bytes()?)?;
            let parts = ROOM_USED.cell_of(&row.cells, "parts").int()?;
            (parts >= self.community.roster.told_from(device)).then_some(device)
        });
        told.collect()
    }
}
