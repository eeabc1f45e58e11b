//! Search over everything at once.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::Serialize;

use super::{Page, QueryError, Replica};
use crate::{
    aggregate::{Found, Position, Registry, Select},
    event::Topic,
    id::Reference,
    limits,
    store::{StoreError, View},
};

/// Something that search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "SearchHit"))]
pub struct Hit {
    /// The aggregate, by its creating event.
    pub aggregate: Reference,
    /// Its type, such as `order`.
    pub kind: String,
    /// What it is, in a few words of the people who wrote it, without contacts.
    pub line: String,
}

impl Replica {
    /// A page of the aggregates of all types in whose text all words of a pattern are found, those that came here last
    /// first. Any part of a word will do, in any script; width and case make no difference. A `limit` of 0 is as many as a
    /// page holds. Whatever somebody writes full of a word, all that others wrote stands on the pages behind.
    ///
    /// # Errors
    /// [`QueryError::Position`], or when the store fails.
    pub fn search(&self, text: &str, after: Option<&Position>, limit: usize) -> Result<Page<Hit>, QueryError> {
        let care = self.reads_care();
        let limit = if limit == 0 { limits::PAGE } else { limit.min(limits::PAGE) };
        let mut before = self.found_before(after)?;
        Ok(self.read(|reader| {
            let mut items = Vec::new();
            // One more than is shown tells whether there is more.
            loop {
                let found = reader.find(text, before, limits::PAGE.min(limit.saturating_add(1)))?;
                for aggregate in &found {
                    let Some((_, kind)) = reader.aggregate(*aggregate)? else { continue };
                    if !care && self.registry().topic(&kind) == Some(Topic::Care) {
                        continue;
                    }
                    if items.len() >= limit {
                        return Ok(Page { next: items.last().map(behind), items });
                    }
                    let line = short(reader, self.registry(), *aggregate, &kind)?;
                    items.push(Hit { aggregate: *aggregate, kind, line });
                }
                before = found.last().copied();
                if before.is_none() {
                    return Ok(Page { items, next: None });
                }
            }
        })?)
    }

    /// The aggregate that a page of a search ended with.
    fn found_before(&self, after: Option<&Position>) -> Result<Option<Reference>, QueryError> {
        let Some(Position { keys, aggregate, .. }) = after else { return Ok(None) };
        let stored = self.read(|reader| reader.event(*aggregate))?.ok_or(QueryError::Position)?;
        let creates = stored.aggregate.is_none_or(|aggregate| aggregate.0 == stored.pos.0);
        if keys.is_empty() && creates { Ok(Some(*aggregate)) } else { Err(QueryError::Position) }
    }
}

/// Where a search goes on behind this.
fn behind(hit: &Hit) -> Position {
    Position { keys: Vec::new(), aggregate: hit.aggregate, nth: 0 }
}

/// An aggregate in a few words.
pub(in crate::replica) fn short(
    view: &View,
    registry: &Registry,
    aggregate: Reference,
    kind: &str,
) -> Result<String, StoreError> {
    Ok(card(view, registry, aggregate, kind)?.map(|card| registry.line(kind, &card)).unwrap_or_default())
}

/// The card of an aggregate, where it stands.
pub(in crate::replica) fn card(
    view: &View,
    registry: &Registry,
    aggregate: Reference,
    kind: &str,
) -> Result<Option<Found>, StoreError> {
    let Some(table) = registry.card(kind) else { return Ok(None) };
    Ok(view.select(&Select::from(table).of(aggregate).limit(1))?.pop())
}
