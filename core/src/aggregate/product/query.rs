//! Questions about the catalogue, asked of the read model.

use std::collections::BTreeSet;

use super::{PRODUCT_KEY, PRODUCT_UNIT, search_key};
use crate::{
    aggregate::{Found, Position, Select, World, WorldError},
    id::Reference,
    limits,
};

/// Products with exactly this name, generic name, brand, alias or barcode, in the order of their references.
///
/// # Errors
/// When the store cannot answer.
pub fn find_by_name(world: &dyn World, name: &str) -> Result<Vec<Reference>, WorldError> {
    let found = every(world, Select::from(PRODUCT_KEY.name).is("search_key", search_key(name)))?;
    let products: BTreeSet<Reference> = found.iter().map(|row| row.aggregate).collect();
    Ok(products.into_iter().collect())
}

/// How many `small` one `large` of a product contains, by its units; `None` if they do not say.
///
/// # Errors
/// When the store cannot answer.
pub fn units_within(
    world: &dyn World,
    product: Reference,
    large: &str,
    small: &str,
) -> Result<Option<u32>, WorldError> {
    let units = every(world, Select::from(PRODUCT_UNIT.name).of(product))?;
    let (mut at, mut count) = (large.trim().to_owned(), 1_u32);
    // A foreign tree may be a circle: no more steps than there are units.
    for _ in 0..=units.len() {
        if at == small.trim() {
            return Ok(Some(count));
        }
        let text = |row, column| PRODUCT_UNIT.cell(row, column).text().map(str::to_owned);
        let Some(row) = units.iter().find(|row| text(row, "unit").as_deref() == Some(at.as_str())) else { break };
        let contains = PRODUCT_UNIT.cell(row, "contains").int().and_then(|n| u32::try_from(n).ok());
        let more = contains.and_then(|contains| count.checked_mul(contains)).filter(|count| *count > 0);
        let (Some(more), Some(of)) = (more, text(row, "of_unit")) else { break };
        (count, at) = (more, of);
    }
    Ok(None)
}

/// All rows that answer a question without an order of its own, page by page.
pub(crate) fn every(world: &dyn World, mut select: Select) -> Result<Vec<Found>, WorldError> {
    let mut all = Vec::new();
    select.limit = limits::PAGE;
    loop {
        let page = world.select(&select)?;
        let full = page.len() >= limits::PAGE;
        select.after = page.last().map(|row| Position { keys: Vec::new(), aggregate: row.aggregate, nth: row.nth });
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
}
