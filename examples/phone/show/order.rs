//! Orders: a line in lists, the whole with its history.

use linli_core::{
    aggregate::order::{ItemView, OrderView, Thing},
    event::{ItemId, Scalar},
    id::Reference,
    replica::{OrderDetail, OrderLine, Receipt},
};
use serde_json::json;

use super::{history, join, place_of, reviews, scalar, texts};
use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    words::short,
    wrong::Wrong,
};

/// An order in one line: `#a1b2c3  3-2-1804  medicine  open  布洛芬 2 盒`.
pub(crate) fn line(phone: &Phone, line: &OrderLine) -> String {
    let (words, card) = (phone.words, &line.card);
    let code = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let urgency = code(json!(card.urgency));
    let flag = |yes: bool, key: &str| if yes { words.plain(key) } else { String::new() };
    let count = |key: &str, count: usize| {
        if count == 0 { String::new() } else { words.say_with(key, json!({ "count": count })) }
    };
    let names = card.contenders.iter().map(|member| phone.member_name(*member)).collect::<Vec<_>>();
    let holder = card.holder.map(|holder| words.say("screen.held_by", &texts([("holder", phone.member_name(holder))])));
    join([
        short(line.order),
        place_of([Some(&card.building), card.unit.as_deref(), card.room.as_deref()]),
        phone.kind_name(&card.kind),
        if urgency == "normal" { String::new() } else { words.word("urgency", &urgency) },
        words.word("status.order", card.status.code()),
        holder.unwrap_or_default(),
        flag(card.contested, "screen.contested"),
        if card.contested {
            words.say("screen.contenders", &texts([("contenders", words.several(&names))]))
        } else {
            String::new()
        },
        words.several(&card.items),
        card.contact.clone().unwrap_or_default(),
        phone.local.show(card.opened),
        flag(line.overdue, "screen.overdue"),
        flag(line.lapsed, "screen.lapsed"),
        flag(line.stale, "screen.stale"),
        count("screen.conflicts", card.conflicts),
        count("screen.review", card.review),
    ])
}

/// What became of an order that was written to.
pub(crate) fn written_order(phone: &Phone, receipt: &Receipt) -> Outcome<Answer> {
    let detail = phone.replica.order(receipt.aggregate)?;
    Ok(super::receipt("order", receipt, &detail.line, vec![line(phone, &detail.line)]))
}

/// The whole order with its history.
pub(crate) fn order(phone: &Phone, text: &str) -> Outcome<Answer> {
    let order = phone.reference("order", text)?;
    let detail = phone.replica.order(order)?;
    let mut lines = vec![line(phone, &detail.line)];
    lines.extend(facts(phone, &detail));
    lines.extend(fields(phone, order, &detail.view));
    lines.extend(detail.view.items.iter().zip(1..).flat_map(|(item, nth)| item_lines(phone, order, item, nth)));
    lines.extend(money(phone, &detail.view));
    lines.extend(reviews(phone, &detail.review));
    for like in phone.replica.likely_duplicates(order)? {
        lines.push(phone.words.say("screen.likely_duplicate", &texts([("of", short(like.line.order))])));
    }
    lines.extend(history(phone, "order", &detail.history));
    Ok(Answer::new(&detail, lines))
}

fn facts(phone: &Phone, detail: &OrderDetail) -> Vec<String> {
    let (words, view) = (phone.words, &detail.view);
    let written = texts([("who", phone.member_name(view.written_by)), ("when", phone.local.show(view.written))]);
    let mut lines = vec![words.say("screen.written_by", &written)];
    if let Some(who) = &view.asked_by {
        lines.push(words.say_with("screen.asked_by", json!({ "who": who, "way": view.way })));
    }
    lines.extend(view.moved_to.map(|to| words.say("screen.moved_to", &texts([("to", short(to))]))));
    lines.extend(view.duplicate_of.map(|of| words.say("screen.duplicate_of", &texts([("of", short(of))]))));
    for offer in &view.offers {
        let (from, to) = (phone.member_name(offer.from), phone.member_name(offer.to));
        lines.push(words.say("screen.offer", &texts([("from", from), ("to", to), ("event", short(offer.event))])));
    }
    lines
}

fn fields(phone: &Phone, order: Reference, view: &OrderView) -> Vec<String> {
    let mut lines = Vec::new();
    for (field, values) in &view.fields {
        if let [only] = values.as_slice() {
            let value = scalar(phone, field, only);
            if !value.is_empty() {
                lines.push(phone.words.say("screen.field", &texts([("field", (*field).to_owned()), ("value", value)])));
            }
            continue;
        }
        lines.extend(disagreement(phone, order, field, field, values));
    }
    lines
}

/// A field over which people disagree, each value with its number.
fn disagreement(phone: &Phone, order: Reference, path: &str, field: &str, values: &[Scalar]) -> Vec<String> {
    let order = short(order).trim_start_matches('#').to_owned();
    let list = if path == field { "" } else { "items" };
    let said = json!({ "field": field, "list": list, "path": path, "order": order });
    let mut lines = vec![phone.words.say_with("screen.disagree", said)];
    lines.extend(values.iter().zip(1..).map(|(value, nth)| format!("    @{nth} {}", scalar(phone, field, value))));
    lines
}

fn item_lines(phone: &Phone, order: Reference, item: &ItemView, nth: usize) -> Vec<String> {
    let shown = ["name", "qty", "unit"].into_iter().filter_map(|field| {
        let value = item.fields.get(field)?.last()?;
        Some(scalar(phone, field, value)).filter(|text| !text.is_empty())
    });
    let text = shown.collect::<Vec<_>>().join(" ");
    let mut line = phone.words.say("screen.item", &texts([("nth", nth.to_string()), ("item", text)]));
    if item.bought != 0 {
        line += "  ";
        line += &phone.words.say("screen.bought", &texts([("qty", item.bought.to_string())]));
    }
    let (short, mut lines) = (short(order).trim_start_matches('#').to_owned(), vec![line]);
    if item.removal_contested {
        let params = texts([("order", short), ("nth", nth.to_string())]);
        lines.push(format!("  {}", phone.words.say("screen.removal", &params)));
    }
    for (field, values) in item.fields.iter().filter(|(_, values)| values.len() > 1) {
        let more = disagreement(phone, order, &format!("{nth}.{field}"), field, values);
        lines.extend(more.into_iter().map(|line| format!("  {line}")));
    }
    lines
}

fn money(phone: &Phone, view: &OrderView) -> Vec<String> {
    let mut lines = Vec::new();
    if view.money.cost != 0 || view.money.reimbursed != 0 {
        let mut said = json!(view.money);
        if view.money.owed < 0 {
            (said["owed"], said["over"]) = (json!(null), json!(-view.money.owed));
        }
        lines.push(phone.words.say_with("screen.money", said));
    }
    for custody in &view.custody {
        let (cash, who) = (custody.thing == Thing::Cash, phone.member_name(custody.member));
        let mut params = json!({ "who": who, "thing": custody.thing, "label": custody.label });
        if cash || custody.amount != 1 {
            params[if cash { "cents" } else { "count" }] = custody.amount.into();
        }
        lines.push(phone.words.say_with("screen.custody", params));
    }
    lines
}

/// An item of an order by its place in the list, from 1, or by its id.
pub(crate) fn item(phone: &Phone, order: Reference, text: &str) -> Outcome<ItemId> {
    if let Ok(item) = text.parse() {
        return Ok(item);
    }
    let items = phone.replica.order(order)?.view.items;
    let nth = text.trim().parse::<usize>().ok().and_then(|nth| nth.checked_sub(1));
    let found = nth.and_then(|nth| items.get(nth)).map(|item| item.id);
    found.ok_or_else(|| Failure::new(Wrong::NoItem, json!({ "nth": text, "items": items.len() })))
}

/// The Nth of the values that stand in a field, from 1, as the whole order shows them.
pub(crate) fn nth_value(
    phone: &Phone,
    order: Reference,
    item: Option<ItemId>,
    field: &str,
    nth: usize,
) -> Outcome<Scalar> {
    let view = phone.replica.order(order)?.view;
    let values = match item {
        None => view.fields.get(field).cloned(),
        Some(item) => {
            let of = view.items.iter().find(|other| other.id == item);
            of.and_then(|item| item.fields.get(field).cloned())
        }
    };
    let values = values.unwrap_or_default();
    let found = nth.checked_sub(1).and_then(|nth| values.get(nth)).cloned();
    found.ok_or_else(|| Failure::new(Wrong::NoValue, json!({ "nth": nth, "field": field, "values": values.len() })))
}
