//! What a product leaves for screens and for other decisions.

use std::collections::BTreeSet;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::{ALIAS, ALIASES, BARCODE, BRAND, CONTAINS, Class, FORM, GENERIC, NAME, OF, STRENGTH, State, UNIT, UNITS};
use crate::{
    aggregate::{Cell, Content, Review, Row, Subject, Table},
    vocabulary::Says,
};

/// One row per product.
pub const PRODUCT: Table = Table {
    name: "product",
    columns: &["name", "generic", "brand", "strength", "form", "class", "barcode", "withdrawn", "contested"],
    indexes: &[&["name"], &["barcode"], &["class"]],
};

/// One row per name or barcode under which a product is found exactly, as [`search_key`] writes it.
pub const PRODUCT_KEY: Table = Table { name: "product_key", columns: &["search_key"], indexes: &[&["search_key"]] };

/// One row per unit of a product that contains smaller ones.
pub const PRODUCT_UNIT: Table =
    Table { name: "product_unit", columns: &["unit", "contains", "of_unit"], indexes: &[&["unit"]] };

/// A name as it is compared: full-width and half-width are one, case and spaces do not matter.
pub fn search_key(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect()
}

/// Every name, barcode last; the shown name first.
pub(super) fn names(content: &Content) -> Vec<&str> {
    let fields = [NAME, GENERIC, BRAND].into_iter().filter_map(|field| content.text(field));
    let aliases = content.items(ALIASES).filter_map(|(_, item)| item.text(ALIAS));
    fields.chain(aliases).chain(content.text(BARCODE)).filter(|text| !text.is_empty()).collect()
}

pub(super) fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
    let (state, content) = (subject.state, subject.content);
    let text = |field| Cell::from(content.text(field));
    let product = Row {
        table: PRODUCT.name,
        cells: vec![
            text(NAME),
            text(GENERIC),
            text(BRAND),
            text(STRENGTH),
            text(FORM),
            state.class().map(Class::code).into(),
            text(BARCODE),
            state.withdrawn().is_some().into(),
            state.contested().into(),
        ],
    };
    // Every concurrent name finds the product, not the shown one alone.
    let fields = [NAME, GENERIC, BRAND, BARCODE].into_iter().filter_map(|field| content.fields.get(&field));
    let shown = fields.flatten().filter_map(|value| value.value.text());
    let keys: BTreeSet<String> = shown.chain(names(content)).map(search_key).filter(|key| !key.is_empty()).collect();
    let keys = keys.into_iter().map(|key| Row { table: PRODUCT_KEY.name, cells: vec![key.into()] });
    let units = content.items(UNITS).filter_map(|(_, item)| {
        let (unit, contains, of) = (item.text(UNIT)?, item.int(CONTAINS)?, item.text(OF)?);
        Some(Row { table: PRODUCT_UNIT.name, cells: vec![unit.into(), contains.into(), of.into()] })
    });
    std::iter::once(product).chain(keys).chain(units).collect()
}

/// What of a product a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(super) enum Finding {
    /// It was put into several classes at the same time.
    ClassContested { classes: Vec<Class> },
}

/// Classes that are told one by one where they differ: more are no worse.
const NAMED: usize = 64;

pub(super) fn review(subject: &Subject<'_, State>) -> Vec<Review> {
    if !subject.state.contested() {
        return Vec::new();
    }
    let classes = subject.state.classes.values().take(NAMED).copied().collect();
    vec![Review::found(&Finding::ClassContested { classes })]
}
