//! Products of a catalogue.

use super::{
    Beside, Class, Field, Product, Stop, ask,
    cell::{Cells, bare},
    refuse,
};
use crate::written::{
    About, Because, Refusal,
    gs1::gtin,
    product::{Likeness, Record, likeness},
};

/// Words for who may be given it, in small letters without white space.
const CLASSES: [(Class, &[&str]); 3] = [
    (
        Class::OverTheCounter,
        &[
            "otc",
            "非处方药",
            "非处方",
            "甲类otc",
            "乙类otc",
            "甲类非处方药",
            "乙类非处方药",
            "otc甲类",
            "otc乙类",
            "甲类",
            "乙类",
            "over_the_counter",
            "overthecounter",
        ],
    ),
    (Class::Prescription, &["处方药", "处方", "rx", "prescription", "prescriptiononly", "pom"]),
    (
        Class::Supply,
        &[
            "医疗器械",
            "器械",
            "用品",
            "耗材",
            "物资",
            "防护用品",
            "医用耗材",
            "日用品",
            "食品",
            "非药品",
            "消毒用品",
            "supply",
            "supplies",
            "device",
        ],
    ),
];
const YES: [&str; 8] = ["是", "y", "yes", "√", "✓", "true", "1", "需要"];
const NO: [&str; 8] = ["否", "n", "no", "×", "x", "false", "0", "不是"];

/// Reads a row.
pub(super) fn read(cells: &Cells) -> Result<Product, Stop> {
    let Some(name) = cells.text(Field::Name) else { return refuse(Refusal::NoName) };
    if !name.chars().any(char::is_alphabetic) {
        return ask(About::Name, Because::Unreadable);
    }
    let (strength, pack) = sized(cells);
    let record = Record {
        name,
        generic: cells.text(Field::Generic),
        brand: cells.text(Field::Brand),
        form: cells.text(Field::Form),
        strength,
        pack,
        barcode: barcode(cells.get(Field::Barcode))?,
        approval: cells.text(Field::Approval),
    };
    let aliases = cells.get(Field::Aliases).map(listed).unwrap_or_default();
    Ok(Product { record, class: class(cells)?, aliases })
}

/// `0.3g*24粒` in the cell of the strength says the pack too, where no cell does.
fn sized(cells: &Cells) -> (Option<String>, Option<String>) {
    let (strength, pack) = (cells.text(Field::Strength), cells.text(Field::Pack));
    let parts = strength.as_deref().filter(|_| pack.is_none()).and_then(|said| said.split_once(['*', '×']));
    match parts {
        Some((front, behind)) => (Some(front.trim().to_owned()), Some(behind.trim().to_owned())),
        None => (strength, pack),
    }
}

/// The bar code as 14 digits. `6.92E+12` is one of which a spreadsheet has forgotten the digits.
fn barcode(cell: Option<&str>) -> Result<Option<String>, Stop> {
    let Some(text) = cell else { return Ok(None) };
    let code: String = text.trim_end_matches(".0").chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    match gtin(&code) {
        Ok(gtin) => Ok(Some(gtin)),
        Err(Refusal::CheckDigit) => ask(About::Barcode, Because::CheckDigit),
        Err(_) => ask(About::Barcode, Because::Unreadable),
    }
}

fn class(cells: &Cells) -> Result<Option<Class>, Stop> {
    if let Some(text) = cells.get(Field::Class) {
        let said = bare(text);
        let known = CLASSES.iter().find(|(_, words)| words.contains(&said.as_str()));
        return known.map_or_else(|| ask(About::Product, Because::Unknown), |(class, _)| Ok(Some(*class)));
    }
    match cells.get(Field::Prescription).map(bare) {
        None => Ok(None),
        Some(said) if YES.contains(&said.as_str()) => Ok(Some(Class::Prescription)),
        Some(said) if NO.contains(&said.as_str()) => Ok(Some(Class::OverTheCounter)),
        Some(_) => ask(About::Product, Because::Unknown),
    }
}

fn listed(text: &str) -> Vec<String> {
    let names = text.split([',', '、', ';', '/', '|', '\n']).map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// How two products stand, each under its other names too.
pub(super) fn beside(one: &Product, other: &Product) -> Beside {
    let named = |product: &Product| {
        product.aliases.iter().map(|alias| (product.record.name.clone(), alias.clone())).collect::<Vec<_>>()
    };
    let aliases = [named(one), named(other)].concat();
    match likeness(&one.record, &other.record, &aliases) {
        Likeness::Same => Beside::Same,
        Likeness::Different => Beside::Other,
        Likeness::Ask => {
            let uncoded = |product: &Product| Record { barcode: None, ..product.record.clone() };
            // Where all else is sure, the bar codes speak against it.
            match likeness(&uncoded(one), &uncoded(other), &aliases) {
                Likeness::Ask => Beside::Ask(About::Product, Because::LooksAlike),
                Likeness::Same | Likeness::Different => Beside::Ask(About::Barcode, Because::Contradiction),
            }
        }
    }
}
