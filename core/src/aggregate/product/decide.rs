//! From a command for the catalogue to its events.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ALIAS, ALIASES, BARCODE, BRAND, CONTAINS, Change, Command, Details, EDITED, Edited, FORM, GENERIC, LISTED, Listed,
    NAME, OF, PROPOSED, Product, Proposed, Refusal, STRENGTH, State, UNIT, UNITS, Unit, WITHDRAWN, Withdrawn,
};
use crate::{
    aggregate::{Content, DecisionContext, Draft, Subject},
    event::{Edit, Scalar},
    limits,
};

/// Aliases and units of one command: with the fields they stay within [`limits::EDITS`].
const ITEMS: usize = 64;
const LONGEST_BARCODE: usize = 32;
const CONTAINS_MOST: u32 = 1_000_000;

pub(super) fn decide(
    subject: Option<&Subject<'_, State>>,
    command: Command,
    _: &DecisionContext<'_>,
) -> Result<Vec<Draft>, Refusal> {
    match (subject, command) {
        (None, Command::List { details, class }) => {
            Ok(vec![Draft::new::<Product>(LISTED, &Listed { class }).edits(first(&details)?)])
        }
        (None, Command::Propose { details }) => {
            Ok(vec![Draft::new::<Product>(PROPOSED, &Proposed {}).edits(first(&details)?)])
        }
        (Some(subject), Command::Edit(change)) => edit(subject, &change),
        (Some(subject), Command::Withdraw { why }) => {
            standing(subject.state)?;
            short("why", &why)?;
            Ok(vec![Draft::on::<Product>(subject.birth.aggregate, WITHDRAWN, &Withdrawn { why })])
        }
        (None, Command::Edit(_) | Command::Withdraw { .. })
        | (Some(_), Command::List { .. } | Command::Propose { .. }) => Err(Refusal::Target),
    }
}

fn first(details: &Details) -> Result<Vec<Edit>, Refusal> {
    if details.name.trim().is_empty() {
        return Err(Refusal::NoName);
    }
    let texts = [
        ("name", NAME, &details.name),
        ("generic", GENERIC, &details.generic),
        ("brand", BRAND, &details.brand),
        ("strength", STRENGTH, &details.strength),
        ("form", FORM, &details.form),
        ("barcode", BARCODE, &details.barcode),
    ];
    let mut edits = Vec::new();
    for (name, field, text) in texts {
        if let Some(text) = checked(name, text)? {
            edits.push(Edit::put(field, text));
        }
    }
    edits.extend(aliases(&details.aliases)?);
    edits.extend(units(&details.units, &[])?);
    Ok(edits)
}

fn edit(subject: &Subject<'_, State>, change: &Change) -> Result<Vec<Draft>, Refusal> {
    standing(subject.state)?;
    if change.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Refusal::NoName);
    }
    let texts = [
        ("name", NAME, &change.name),
        ("generic", GENERIC, &change.generic),
        ("brand", BRAND, &change.brand),
        ("strength", STRENGTH, &change.strength),
        ("form", FORM, &change.form),
        ("barcode", BARCODE, &change.barcode),
    ];
    let mut edits = Vec::new();
    for (name, field, text) in texts {
        let Some(text) = text else { continue };
        edits.push(Edit::put(field, checked(name, text)?));
    }
    at_most("removals", change.remove_aliases.len().saturating_add(change.remove_units.len()))?;
    edits.extend(change.remove_aliases.iter().map(|item| Edit::Remove { list: ALIASES, item: *item }));
    edits.extend(change.remove_units.iter().map(|item| Edit::Remove { list: UNITS, item: *item }));
    edits.extend(aliases(&change.add_aliases)?);
    edits.extend(units(&change.add_units, &kept_units(subject.content, change))?);
    // Of contested classes, saying one again settles it.
    let news = |class| subject.state.contested() || subject.state.class() != Some(class);
    if edits.is_empty() && !change.class.is_some_and(news) {
        return Err(Refusal::Nothing);
    }
    Ok(vec![Draft::on::<Product>(subject.birth.aggregate, EDITED, &Edited { class: change.class }).edits(edits)])
}

fn kept_units(content: &Content, change: &Change) -> Vec<Unit> {
    let kept = content.items(UNITS).filter(|(id, _)| !change.remove_units.contains(id));
    kept.map(|(_, item)| Unit {
        unit: item.text(UNIT).unwrap_or_default().to_owned(),
        contains: item.int(CONTAINS).and_then(|count| u32::try_from(count).ok()),
        of: item.text(OF).map(str::to_owned),
    })
    .collect()
}

fn standing(state: &State) -> Result<(), Refusal> {
    if state.withdrawn().is_some() { Err(Refusal::Withdrawn) } else { Ok(()) }
}

/// The trimmed text; `None` if nothing is left of it.
fn checked(field: &'static str, text: &str) -> Result<Option<String>, Refusal> {
    short(field, text)?;
    let text = text.trim();
    if field == "barcode" && (text.len() > LONGEST_BARCODE || !text.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Err(Refusal::Barcode);
    }
    Ok(if text.is_empty() { None } else { Some(text.to_owned()) })
}

fn short(field: &'static str, text: &str) -> Result<(), Refusal> {
    if text.len() > limits::FIELD { Err(Refusal::TooLong { field, limit: limits::FIELD }) } else { Ok(()) }
}

fn at_most(what: &'static str, got: usize) -> Result<(), Refusal> {
    if got > ITEMS { Err(Refusal::TooMany { what, got, limit: ITEMS }) } else { Ok(()) }
}

fn aliases(names: &[String]) -> Result<Vec<Edit>, Refusal> {
    at_most("aliases", names.len())?;
    let mut edits = Vec::new();
    for name in names {
        if let Some(name) = checked("alias", name)? {
            edits.push(Edit::Add { list: ALIASES, fields: vec![(ALIAS, name.into())] });
        }
    }
    Ok(edits)
}

/// Checks new units beside those there are: the whole must be a forest that ends in smallest units.
fn units(new: &[Unit], kept: &[Unit]) -> Result<Vec<Edit>, Refusal> {
    at_most("units", new.len())?;
    let mut tree: BTreeMap<&str, Option<&str>> =
        kept.iter().map(|unit| (unit.unit.trim(), unit.of.as_deref().map(str::trim))).collect();
    for unit in new {
        short("unit", &unit.unit)?;
        let fits = match (unit.contains, &unit.of) {
            (None, None) => true,
            (Some(count), Some(of)) => (1..=CONTAINS_MOST).contains(&count) && of.trim() != unit.unit.trim(),
            (Some(_), None) | (None, Some(_)) => false,
        };
        let name = unit.unit.trim();
        if name.is_empty() || !fits || tree.insert(name, unit.of.as_deref().map(str::trim)).is_some() {
            return Err(Refusal::Unit { unit: unit.unit.clone() });
        }
    }
    for unit in new {
        ends(unit, &tree)?;
    }
    Ok(new.iter().map(add_unit).collect())
}

fn ends(unit: &Unit, tree: &BTreeMap<&str, Option<&str>>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let mut at = unit.unit.trim();
    while seen.insert(at) {
        match tree.get(at) {
            Some(Some(of)) => at = of,
            Some(None) => return Ok(()),
            None => break,
        }
    }
    Err(Refusal::Unit { unit: unit.unit.clone() })
}

fn add_unit(unit: &Unit) -> Edit {
    let mut fields = vec![(UNIT, Scalar::from(unit.unit.trim()))];
    if let (Some(count), Some(of)) = (unit.contains, &unit.of) {
        fields.push((CONTAINS, i64::from(count).into()));
        fields.push((OF, of.trim().into()));
    }
    Edit::Add { list: UNITS, fields }
}
