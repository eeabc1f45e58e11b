//! Facts of a product that a box asks of other aggregates: the catalogue, recalls and settings. Read-model rows in, plain facts
//! out.

use std::collections::BTreeMap;

use super::{Day, Hidden, goods::UTC_OFFSET_MINUTES};
use crate::{
    aggregate::{
        DecisionContext, Select, World, WorldError,
        product::{Class, PRODUCT, every},
        recall::{RECALL, batch_key},
        settings::SettingsView,
    },
    id::Reference,
};

/// What is known of a product, as far as boxes care.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductFacts {
    /// It is in the catalogue here.
    pub listed: bool,
    /// What may be done with it; `None` waits for the keeper.
    pub class: Option<Class>,
    /// It is out of the catalogue.
    pub withdrawn: bool,
    /// A recall of all of it.
    pub all_recalled: Option<Reference>,
    /// Recalled batches, as [`batch_key`] writes them, and the recall.
    pub batches_recalled: BTreeMap<String, Reference>,
}

impl ProductFacts {
    /// Why goods of this batch are kept back by a recall, if they are.
    pub fn recalled(&self, batch: Option<&str>) -> Option<Hidden> {
        if let Some(recall) = self.all_recalled {
            return Some(Hidden::Recalled { recall });
        }
        match batch {
            Some(batch) => {
                self.batches_recalled.get(&batch_key(batch)).map(|recall| Hidden::Recalled { recall: *recall })
            }
            None => self.batches_recalled.values().min().map(|recall| Hidden::UnknownBatch { recall: *recall }),
        }
    }
}

/// What the catalogue and the recalls say of a product. A recall may have arrived before the product it names.
///
/// # Errors
/// When the store cannot answer.
pub fn product_facts(world: &dyn World, product: Reference) -> Result<ProductFacts, WorldError> {
    let rows = world.select(&Select::from(PRODUCT.name).of(product).limit(1))?;
    let mut facts = ProductFacts::default();
    if let Some(row) = rows.first() {
        facts.listed = true;
        facts.class = PRODUCT.cell(row, "class").text().and_then(Class::from_code);
        facts.withdrawn = PRODUCT.cell(row, "withdrawn").int() == Some(1);
    }
    for row in every(world, Select::from(RECALL.name).is("product", product).is("stands", true))? {
        if RECALL.cell(&row, "all_batches").int() == Some(1) {
            facts.all_recalled.get_or_insert(row.aggregate);
        } else if let Some(batch) = RECALL.cell(&row, "batch_key").text() {
            facts.batches_recalled.entry(batch.to_owned()).or_insert(row.aggregate);
        }
    }
    Ok(facts)
}

/// The local day at the context. The settings' `utc_offset_minutes` decides, else Asia/Shanghai.
pub fn today(context: &DecisionContext<'_>) -> Day {
    Day::of(context.now, utc_offset_minutes(context.world))
}

/// Minutes by which local time is ahead of UTC.
fn utc_offset_minutes(world: &dyn World) -> i64 {
    // Where the store cannot answer the default will do: one that is really broken shows in the next question.
    SettingsView::seen_by(world).map_or(UTC_OFFSET_MINUTES, |settings| settings.utc_offset_minutes)
}
