//! Orders: writing them down, working on them, settling what people disagree about.

mod args;

use linli_core::{
    aggregate::order::{Change, Command, Correction, Got, How, NewItem, Order},
    event::Scalar,
    id::Reference,
    qty::Qty,
    time::WallMs,
    written::door::Door,
};
use serde_json::json;

use crate::{
    answer::Answer,
    args::Happened,
    failure::{Failure, Outcome},
    home::Phone,
    quantity, show,
    wrong::Wrong,
};
use args::{Carried, Correct, Edit};
pub(crate) use args::{Choose, OrderSubcommand, Resolve, urgency};

pub(crate) fn run(phone: &Phone, command: OrderSubcommand) -> Outcome<Answer> {
    let (order, command) = match command {
        OrderSubcommand::Post(post) => return write(phone, None, Command::Post(Box::new(post.order(phone)?))),
        OrderSubcommand::Show { order } => return show::order(phone, &order),
        OrderSubcommand::Edit(edit) => return self::edit(phone, &edit),
        OrderSubcommand::Claim { order } => (order, Command::Claim),
        OrderSubcommand::Release { order, why } => (order, Command::Release { why }),
        OrderSubcommand::TakeOver { order, anyway } => (order, Command::TakeOver { anyway }),
        OrderSubcommand::Assign { order, member } => (order, Command::Assign { member: phone.member(&member)? }),
        OrderSubcommand::HandOver { order, member } => (order, Command::OfferHandOver { to: phone.member(&member)? }),
        OrderSubcommand::Accept { order, offer } => {
            let of = phone.reference("order", &order)?;
            let offer = offer.map(|text| phone.event(of, &text)).transpose()?;
            (order, Command::AcceptHandOver { offer })
        }
        OrderSubcommand::Purchase { order, cost, got, happened } => {
            return self::purchase(phone, &order, cost.as_deref(), &got, &happened);
        }
        OrderSubcommand::Entrust { carried, to } => {
            let (amount_cents, happened_at) = carried.read(phone)?;
            let to = to.map(|text| phone.member(&text)).transpose()?;
            let Carried { order, thing, label, .. } = carried;
            (order, Command::Entrust { thing, label, amount_cents, to, happened_at })
        }
        OrderSubcommand::PassOn { carried, to, from, already_happened } => {
            let (amount_cents, happened_at) = carried.read(phone)?;
            let (to, from) = (phone.member(&to)?, from.map(|text| phone.member(&text)).transpose()?);
            let Carried { order, thing, label, .. } = carried;
            (order, Command::PassOn { thing, label, amount_cents, from, to, already_happened, happened_at })
        }
        OrderSubcommand::Return { carried, from, already_happened } => {
            let (amount_cents, happened_at) = carried.read(phone)?;
            let from = from.map(|text| phone.member(&text)).transpose()?;
            let Carried { order, thing, label, .. } = carried;
            (order, Command::Return { thing, label, amount_cents, from, already_happened, happened_at })
        }
        OrderSubcommand::Attempt { order, outcome, happened } => {
            let (happened_at, already_happened) = (happened.at(phone)?, happened.already_happened);
            (order, Command::Attempt { outcome, already_happened, happened_at })
        }
        OrderSubcommand::Deliver { order, at_door, happened } => {
            let how = if at_door { How::LeftAtDoor } else { How::HandedOver };
            let (happened_at, already_happened) = (happened.at(phone)?, happened.already_happened);
            (order, Command::Deliver { how, already_happened, happened_at })
        }
        OrderSubcommand::Confirm { order } => (order, Command::Confirm),
        OrderSubcommand::Reimburse { order, amount, already_happened } => {
            (order, Command::Reimburse { cents: cents(&amount)?, already_happened })
        }
        OrderSubcommand::Cancel { order, why } => (order, Command::Cancel { why }),
        OrderSubcommand::Reopen { order, why } => (order, Command::Reopen { why }),
        OrderSubcommand::StillNeeded { order } => (order, Command::StillNeeded),
        OrderSubcommand::Duplicate { order, of } => {
            (order, Command::DuplicateOf { order: phone.reference("order", &of)? })
        }
        OrderSubcommand::Comment { order, text } => (order, Command::Comment { text }),
        OrderSubcommand::Move { order, address } => {
            let Door { building, unit, room } = phone.door(&address)?;
            (order, Command::Move { building, unit, room })
        }
        OrderSubcommand::Correct(correct) => return self::correct(phone, &correct),
    };
    let order = phone.reference("order", &order)?;
    write(phone, Some(order), command)
}

pub(crate) fn resolve(phone: &Phone, resolve: &Resolve) -> Outcome<Answer> {
    let order = phone.reference("order", &resolve.order)?;
    write(phone, Some(order), Command::Resolve { to: phone.member(&resolve.to)? })
}

/// Writes and shows what became of the order.
fn write(phone: &Phone, order: Option<Reference>, command: Command) -> Outcome<Answer> {
    let flag = if matches!(command, Command::TakeOver { .. }) { "--anyway" } else { "--already-happened" };
    let receipt = phone.submit::<Order>(order, command, flag)?;
    show::written_order(phone, &receipt)
}

/// Of what half a unit is a strength, and no quantity.
const STRENGTHS: [&str; 6] = ["g", "mg", "ug", "ml", "iu", "克"];

/// Reads `布洛芬 2 盒`, `布洛芬*2盒`, `milk 1.5 bags`, `rice`: the last word that begins with a number is the quantity.
pub(crate) fn item(text: &str) -> NewItem {
    let spaced = text.replace(['*', '×', '='], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let split = |at: usize, word: &str| {
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (number, unit) = word.split_at(digits);
        let number: Qty = number.parse().ok()?;
        let of = if unit.is_empty() { words.get(at + 1).copied().unwrap_or_default() } else { unit };
        let strength = !number.is_whole() && STRENGTHS.contains(&of.to_lowercase().as_str());
        if strength || unit.starts_with(['%', '-', '/']) { None } else { Some((number, unit.to_owned())) }
    };
    let counted = words.iter().enumerate().skip(1).rev().find_map(|(at, word)| Some((at, split(at, word)?)));
    let Some((at, (qty, joined))) = counted else {
        return NewItem { name: text.trim().to_owned(), ..NewItem::default() };
    };
    let behind = words.get(at + 1..).unwrap_or_default().join(" ");
    let unit = [joined, behind].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    NewItem {
        name: words.get(..at).unwrap_or_default().join(" "),
        qty: Some(qty),
        unit: Some(unit).filter(|unit| !unit.is_empty()),
        product: None,
    }
}

/// Reads yuan and fen into fen: `25.80` is 2580. Signs are left to the engine to refuse.
pub(crate) fn cents(text: &str) -> Outcome<i64> {
    let wrong = || Failure::new(Wrong::NotAnAmount, json!({ "text": text }));
    let plain = text.trim().trim_start_matches(['¥', '￥']);
    let (minus, plain) = plain.strip_prefix('-').map_or((1, plain), |rest| (-1, rest));
    let (yuan, fen) = plain.split_once('.').unwrap_or((plain, ""));
    if fen.len() > 2 || !(yuan.to_owned() + fen).bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let yuan: i64 = yuan.parse().map_err(|_| wrong())?;
    let fen: i64 = format!("{fen:0<2}").parse().map_err(|_| wrong())?;
    yuan.checked_mul(100).and_then(|cents| cents.checked_add(fen)).map(|cents| minus * cents).ok_or_else(wrong)
}

fn edit(phone: &Phone, edit: &Edit) -> Outcome<Answer> {
    let order = phone.reference("order", &edit.order)?;
    let mut changes = Vec::new();
    for text in &edit.set {
        let (field, value) = assignment(text)?;
        changes.push(Change::Put { field: field.to_owned(), value: scalar(phone, field, value)? });
    }
    changes.extend(edit.add_item.iter().map(|text| Change::AddItem(item(text))));
    for text in &edit.set_item {
        let (path, value) = assignment(text)?;
        let (nth, field) =
            path.split_once('.').ok_or_else(|| Failure::usage(Wrong::NotAnAssignment, json!({ "text": text })))?;
        let item = show::item(phone, order, nth)?;
        changes.push(Change::PutItem { item, field: field.to_owned(), value: scalar(phone, field, value)? });
    }
    for nth in &edit.remove_item {
        changes.push(Change::RemoveItem { item: show::item(phone, order, nth)? });
    }
    write(phone, Some(order), Command::Edit { changes })
}

fn assignment(text: &str) -> Outcome<(&str, &str)> {
    text.split_once('=').ok_or_else(|| Failure::usage(Wrong::NotAnAssignment, json!({ "text": text })))
}

/// A field's value as people write it; an empty text clears.
fn scalar(phone: &Phone, field: &str, text: &str) -> Outcome<Scalar> {
    Ok(match field {
        _ if text.is_empty() => Scalar::Null,
        "qty" => quantity::typed(text)?.into(),
        "needed_by" | "appointment" => Scalar::Int(phone.time(text)?.0),
        "kind" => phone.order_kind(text)?.into(),
        _ => text.into(),
    })
}

pub(crate) fn choose(phone: &Phone, choose: Choose) -> Outcome<Answer> {
    let order = phone.reference("order", &choose.order)?;
    let (item, field) = match choose.field.split_once('.') {
        Some((nth, field)) => (Some(show::item(phone, order, nth)?), field.to_owned()),
        None if choose.field.starts_with(|c: char| c.is_ascii_digit()) => {
            let item = show::item(phone, order, &choose.field)?;
            let keep = match choose.value.as_str() {
                "keep" => true,
                "remove" => false,
                other => return Err(Failure::usage(Wrong::KeepOrRemove, json!({ "text": other }))),
            };
            return write(phone, Some(order), Command::ChooseItem { item, keep });
        }
        None => (None, choose.field),
    };
    let value = match choose.value.strip_prefix('@').map(str::parse::<usize>) {
        Some(Ok(nth)) => show::nth_value(phone, order, item, &field, nth)?,
        _ => scalar(phone, &field, &choose.value)?,
    };
    write(phone, Some(order), Command::Choose { field, item, value })
}

fn purchase(phone: &Phone, order: &str, cost: Option<&str>, items: &[String], happened: &Happened) -> Outcome<Answer> {
    let order = phone.reference("order", order)?;
    let mut got = Vec::new();
    for text in items {
        let (nth, qty) = assignment(text)?;
        got.push(Got { item: show::item(phone, order, nth)?, qty: quantity::typed(qty)? });
    }
    let command = Command::Purchase {
        cost_cents: cost.map(cents).transpose()?,
        got,
        already_happened: happened.already_happened,
        happened_at: happened.at(phone)?,
    };
    write(phone, Some(order), command)
}

impl Carried {
    /// The amount, and when, as they are meant.
    fn read(&self, phone: &Phone) -> Outcome<(Option<i64>, Option<WallMs>)> {
        let at = phone.time_if(self.happened_at.as_deref())?;
        Ok((self.amount.as_deref().map(cents).transpose()?, at))
    }
}

fn correct(phone: &Phone, correct: &Correct) -> Outcome<Answer> {
    let order = phone.reference("order", &correct.order)?;
    let event = phone.event(order, &correct.event)?;
    let cents = |text: &Option<String>| text.as_deref().map(cents).transpose();
    let said = [
        correct.withdrawn.then_some(Correction::Withdrawn),
        correct.as_written.then_some(Correction::AsWritten),
        cents(&correct.cost)?.map(|cost| Correction::Purchased { cost_cents: Some(cost), got: Vec::new() }),
        correct.how.map(|how| Correction::Delivered { how }),
        correct.outcome.map(|outcome| Correction::Attempted { outcome }),
        cents(&correct.reimbursed)?.map(|cents| Correction::Reimbursed { cents }),
        cents(&correct.amount)?.map(|amount_cents| Correction::Carried { amount_cents }),
    ];
    let said: Vec<Correction> = said.into_iter().flatten().collect();
    let [value] = said.as_slice() else {
        return Err(Failure::usage(Wrong::OneCorrection, json!({ "got": said.len() })));
    };
    write(phone, Some(order), Command::Correct { event, value: value.clone(), why: correct.why.clone() })
}
