//! What becomes of a command: one event, or a refusal.

use super::{
    CODE, NAME, SETTINGS, Settings, SettingsChange, SettingsCommand, SettingsRefusal, Term,
    fact::EmptyPayload,
    field, kind,
    rows::{NUMBERS, terms},
};
use crate::{
    aggregate::{Content, DecisionContext, Draft, Select, Subject, Value},
    event::{Edit, ItemId, Scalar},
    limits,
};

pub(super) fn decide(
    subject: Option<&Subject<'_, ()>>,
    command: SettingsCommand,
    context: &DecisionContext<'_>,
) -> Result<Vec<Draft>, SettingsRefusal> {
    let draft = match (subject, command) {
        (None, SettingsCommand::Create { changes }) => create(changes, context)?,
        (None, SettingsCommand::Edit { .. }) => return Err(SettingsRefusal::NotMade),
        (Some(settings), SettingsCommand::Create { .. }) => {
            return Err(SettingsRefusal::AlreadyMade { settings: settings.birth.aggregate });
        }
        (Some(settings), SettingsCommand::Edit { changes }) => {
            let mut edits = Vec::new();
            change_all(settings.content, changes, &mut edits)?;
            if edits.is_empty() {
                return Err(SettingsRefusal::NothingChanged);
            }
            Draft::on::<Settings>(settings.birth.aggregate, kind::EDITED, &EmptyPayload {}).edits(edits)
        }
    };
    Ok(vec![draft])
}

/// The default terms go into the document, so that they can be edited; numbers are left to the defaults.
fn create(changes: Vec<SettingsChange>, context: &DecisionContext<'_>) -> Result<Draft, SettingsRefusal> {
    if let Some(found) = context.world.select(&Select::from(SETTINGS.name).limit(1))?.first() {
        return Err(SettingsRefusal::AlreadyMade { settings: found.aggregate });
    }
    let defaults = Settings::defaults();
    let tables = [(field::ORDER_KINDS, defaults.order_kinds), (field::CATEGORIES, defaults.categories)];
    let added = |(list, terms): (u16, Vec<Term>)| {
        terms.into_iter().map(move |term| add(list, term.code.into(), term.zh.into(), term.en.into()))
    };
    let mut edits: Vec<Edit> = tables.into_iter().flat_map(added).collect();
    change_all(&Content::default(), changes, &mut edits)?;
    Ok(Draft::new::<Settings>(kind::CREATED, &EmptyPayload {}).edits(edits))
}

/// Adds the edits that the changes come to; only what differs from the document is written.
fn change_all(content: &Content, changes: Vec<SettingsChange>, edits: &mut Vec<Edit>) -> Result<(), SettingsRefusal> {
    for change in changes {
        change_one(content, change, edits)?;
    }
    match edits.len() {
        got if got > limits::EDITS => Err(SettingsRefusal::TooMany { got, limit: limits::EDITS }),
        _ => Ok(()),
    }
}

fn change_one(content: &Content, change: SettingsChange, edits: &mut Vec<Edit>) -> Result<(), SettingsRefusal> {
    let (field, value) = match change {
        SettingsChange::EmergencyNumber(text) => (field::EMERGENCY_NUMBER, name("emergency_number", &text)?),
        SettingsChange::TimeZone(text) => (field::TIME_ZONE, name("time_zone", &text)?),
        SettingsChange::UtcOffsetMinutes(value) => number(field::UTC_OFFSET_MINUTES, value)?,
        SettingsChange::LeaseUrgentMinutes(value) => number(field::LEASE_URGENT_MINUTES, value)?,
        SettingsChange::LeaseNormalMinutes(value) => number(field::LEASE_NORMAL_MINUTES, value)?,
        SettingsChange::TakeLimit(value) => number(field::TAKE_LIMIT, value)?,
        SettingsChange::EraseAfterDays(value) => number(field::ERASE_AFTER_DAYS, value)?,
        SettingsChange::AddTerm { table, code, zh, en } => {
            edits.push(add_term(content, table.list(), code, &zh, &en, edits)?);
            return Ok(());
        }
        SettingsChange::EditTerm { table, item, zh, en, active } => {
            let values = [
                (field::ZH, required("zh", &zh)?),
                (field::EN, required("en", &en)?),
                (field::ACTIVE, Scalar::Bool(active)),
            ];
            edits.extend(edit_term(content, table.list(), item, values)?);
            return Ok(());
        }
    };
    if differs(content.fields.get(&field), &value) {
        edits.push(Edit::Put { field, value });
    }
    Ok(())
}

fn add_term(
    content: &Content,
    list: u16,
    code: String,
    zh: &str,
    en: &str,
    so_far: &[Edit],
) -> Result<Edit, SettingsRefusal> {
    let is_code = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if code.is_empty() || code.len() > CODE || !code.bytes().all(is_code) {
        return Err(SettingsRefusal::NotACode { term: code, limit: CODE });
    }
    let bears = (field::CODE, Scalar::from(code.as_str()));
    let adds =
        |edit: &Edit| matches!(edit, Edit::Add { list: other, fields } if *other == list && fields.contains(&bears));
    if terms(content, list).iter().any(|term| term.code == code) || so_far.iter().any(adds) {
        return Err(SettingsRefusal::AlreadyThere { term: code });
    }
    Ok(add(list, code.into(), required("zh", zh)?, required("en", en)?))
}

fn add(list: u16, code: Scalar, zh: Scalar, en: Scalar) -> Edit {
    let fields = vec![(field::CODE, code), (field::ZH, zh), (field::EN, en), (field::ACTIVE, true.into())];
    Edit::Add { list, fields }
}

fn edit_term(
    content: &Content,
    list: u16,
    item: ItemId,
    values: [(u16, Scalar); 3],
) -> Result<Vec<Edit>, SettingsRefusal> {
    let found = content.lists.get(&list).and_then(|items| items.get(&item));
    let term = found.ok_or(SettingsRefusal::NoSuchTerm { item })?;
    let differ = values.into_iter().filter(|(field, value)| differs(term.fields.get(field), value));
    Ok(differ.map(|(field, value)| Edit::PutItem { list, item, field, value }).collect())
}

/// Whether writing the value changes anything: what is shown, or a conflict that it settles.
fn differs(values: Option<&Vec<Value>>, value: &Scalar) -> bool {
    match values.map(Vec::as_slice) {
        None | Some([]) => *value != Scalar::Null,
        Some([only]) => only.value != *value,
        Some(_) => true,
    }
}

fn name(field: &'static str, text: &str) -> Result<Scalar, SettingsRefusal> {
    match text.trim() {
        "" => Ok(Scalar::Null),
        text if text.len() > NAME => Err(SettingsRefusal::TooLong { field, limit: NAME }),
        text => Ok(text.into()),
    }
}

fn required(field: &'static str, text: &str) -> Result<Scalar, SettingsRefusal> {
    match name(field, text)? {
        Scalar::Null => Err(SettingsRefusal::Empty { field }),
        name => Ok(name),
    }
}

fn number(field: u16, value: Option<i64>) -> Result<(u16, Scalar), SettingsRefusal> {
    let range = NUMBERS.iter().find(|(_, number, ..)| *number == field);
    match (range, value) {
        (Some(&(field, _, least, most)), Some(value)) if !(least..=most).contains(&value) => {
            Err(SettingsRefusal::OutOfRange { field, least, most })
        }
        _ => Ok((field, value.into())),
    }
}
