//! Search over everything at once.

use serde::Serialize;

use super::{QueryError, Replica, cell};
use crate::{
    aggregate::{
        Aggregate, Found, Select,
        alert::{ALERT_CARD, Alert, AlertCard},
        building::{BUILDING, Building},
        household::{HOUSEHOLD, Household, HouseholdCard},
        medicine_box::{BOX, MedicineBox},
        order::{Order, OrderCard},
        product::{PRODUCT, Product},
        recall::{RECALL, Recall},
    },
    event::Topic,
    id::Reference,
    store::{Reader, StoreError},
};

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The aggregate.
    pub aggregate: Reference,
    /// Its type, such as `order`.
    pub kind: String,
    /// What it is, in a few words of the people who wrote it, without contacts; empty for integrators' types.
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
                let line = short(reader, aggregate, &kind)?;
                hits.push(Hit { aggregate, kind, line });
            }
            Ok(hits)
        })?)
    }
}

/// An aggregate in a few words.
pub(super) fn short(reader: &Reader, aggregate: Reference, kind: &str) -> Result<String, StoreError> {
    let row = |table| reader.select(&Select::from(table).of(aggregate).limit(1)).map(|mut rows| rows.pop());
    let words: Option<Vec<Option<String>>> = match kind {
        Order::NAME => row("order_card")?.and_then(|row| order(&row)),
        Alert::NAME => row(ALERT_CARD.name)?.and_then(|row| AlertCard::from_row(&row)).map(|card| {
            let AlertCard { building, unit, room, what, .. } = card;
            vec![place([building, unit, room]), Some(what)]
        }),
        Household::NAME => row(HOUSEHOLD.name)?.and_then(|row| HouseholdCard::from_row(&row)).map(|card| {
            let HouseholdCard { building, unit, room, people, .. } = card;
            vec![place([Some(building), unit, room]), Some(people.join(", "))]
        }),
        Building::NAME => row(BUILDING.name)?.map(|row| columns(&BUILDING, &row, &["label", "name"])),
        Product::NAME => row(PRODUCT.name)?.map(|row| columns(&PRODUCT, &row, &["name", "strength", "form"])),
        MedicineBox::NAME => row(BOX.name)?.map(|row| columns(&BOX, &row, &["building", "place"])),
        Recall::NAME => row(RECALL.name)?.map(|row| columns(&RECALL, &row, &["batch", "reason", "issuer"])),
        _ => None,
    };
    let words = words.unwrap_or_default().into_iter().flatten().filter(|word| !word.is_empty());
    Ok(words.collect::<Vec<_>>().join(" "))
}

fn order(row: &Found) -> Option<Vec<Option<String>>> {
    let card: OrderCard = serde_json::from_str(row.cells.last()?.text()?).ok()?;
    let what = if card.items.is_empty() { card.kind } else { card.items.join(", ") };
    Some(vec![place([Some(card.building), card.unit, card.room]), Some(what)])
}

/// An address in short: `3-2-1804`.
fn place(parts: [Option<String>; 3]) -> Option<String> {
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("-"))
}

fn columns(table: &crate::aggregate::Table, row: &Found, names: &[&str]) -> Vec<Option<String>> {
    names.iter().map(|name| cell(table, row, name).text().map(str::to_owned)).collect()
}
