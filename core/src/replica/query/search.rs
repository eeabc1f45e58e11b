//! Search over everything at once.

use serde::Serialize;

use super::{QueryError, Replica};
use crate::{
    aggregate::{Found, Registry, Select},
    event::Topic,
    id::Reference,
    store::{StoreError, View},
};

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The aggregate.
    pub aggregate: Reference,
    /// Its type, such as `order`.
    pub kind: String,
    /// What it is, in a few words of the people who wrote it, without contacts.
    pub line: String,
}

impl Replica {
    /// Aggregates of all types in whose text all words of a pattern are found, those made last first. Any part of a
    /// word will do, in any script; width and case make no difference.
    ///
    /// # Errors
    /// When the store fails.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<Hit>, QueryError> {
        let care = self.reads_care();
        Ok(self.read(|reader| {
            let mut hits = Vec::new();
            for aggregate in reader.find(text, limit)? {
                let Some((_, kind)) = reader.aggregate(aggregate)? else { continue };
                if !care && self.registry().topic(&kind) == Some(Topic::Care) {
                    continue;
                }
                let line = short(reader, self.registry(), aggregate, &kind)?;
                hits.push(Hit { aggregate, kind, line });
            }
            Ok(hits)
        })?)
    }
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
