//! Boxes, products and recalls: what is there, how it came to be so, what is kept back and why.

use linli_core::{
    aggregate::{
        medicine_box::{Ask, Hidden, LedgerEntry, LedgerLine},
        product::Product,
        recall::Scope,
    },
    qty::Qty,
    replica::{BoxLine, LotDetail, ProductLine, RecallDetail, Receipt},
};
use serde_json::{Value, json};

use super::{building, history, join, reviews, shorts, texts};
use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    words::short,
    wrong::Wrong,
};

fn box_line(phone: &Phone, line: &BoxLine) -> String {
    let count = |key: &str, count: i64| {
        if count == 0 { String::new() } else { phone.words.say_with(key, json!({ "count": count })) }
    };
    let flag = |yes: bool, key: &str| if yes { phone.words.plain(key) } else { String::new() };
    join([
        short(line.medicine_box),
        line.building.as_deref().map(|label| building(phone, label)).unwrap_or_default(),
        line.place.clone().unwrap_or_default(),
        line.note.clone().unwrap_or_default(),
        flag(!line.open, "screen.closed"),
        phone.words.say_with("screen.box_lots", json!({ "lots": line.lots })),
        flag(line.uncertain > 0, "screen.uncertain"),
        flag(line.shortfall > 0, "screen.shortfall"),
        count("screen.box_asked", line.asked),
        count("screen.box_low", line.low),
    ])
}

pub(crate) fn boxes(phone: &Phone) -> Outcome<Answer> {
    let boxes = phone.replica.boxes(None)?;
    let lines: Vec<String> = boxes.iter().map(|line| box_line(phone, line)).collect();
    Ok(Answer::new(&boxes, lines))
}

pub(crate) fn written_box(phone: &Phone, receipt: &Receipt) -> Outcome<Answer> {
    let detail = phone.replica.box_detail(receipt.aggregate)?;
    let mut lines = vec![box_line(phone, &detail.line)];
    // A lot is named by the event that made it: show what was written, so that it can be typed.
    let lots = detail.lots.iter().filter(|lot| receipt.events.contains(&lot.lot));
    lines.extend(lots.map(|lot| lot_line(phone, lot)));
    if receipt.events.iter().any(|event| detail.lots.iter().all(|lot| lot.lot != *event)) {
        lines.push(format!("  {}", shorts(&receipt.events)));
    }
    let now = json!({ "line": detail.line, "lots": detail.lots, "balance": detail.balance });
    Ok(super::receipt("box", receipt, now, lines))
}

pub(crate) fn medicine_box(phone: &Phone, text: &str, lot: Option<&str>) -> Outcome<Answer> {
    let mut detail = phone.replica.box_detail(phone.reference("box", text)?)?;
    let only = lot.map(|text| phone.lot(text)).transpose()?;
    if only.is_some_and(|only| detail.lots.iter().all(|lot| lot.lot != only)) {
        return Err(Failure::new(Wrong::Unknown, json!({ "of": "lot", "text": lot })));
    }
    detail.lots.retain(|lot| only.is_none_or(|only| only == lot.lot));
    let mut lines = vec![box_line(phone, &detail.line)];
    for lot in &detail.lots {
        lines.push(lot_line(phone, lot));
        lines.extend(lot.ledger.iter().map(|line| ledger_line(phone, line)));
    }
    lines.push(balance(phone, &json!(detail.balance), detail.balance.holds()));
    lines.extend(reviews(phone, &detail.review));
    lines.extend(history(phone, "box", &detail.history));
    Ok(Answer::new(&detail, lines))
}

fn lot_line(phone: &Phone, lot: &LotDetail) -> String {
    let unknown = || phone.words.plain("screen.unknown");
    let goods = lot.goods.as_ref();
    let params = texts([
        ("lot", short(lot.lot)),
        ("product", lot.product.clone().unwrap_or_else(unknown)),
        ("qty", lot.qty.to_string()),
        ("unit", goods.map(|goods| goods.unit.clone()).unwrap_or_default()),
        ("batch", goods.and_then(|goods| goods.batch.clone()).unwrap_or_else(unknown)),
        ("expiry", goods.and_then(|goods| goods.expiry).map_or_else(unknown, |day| day.to_string())),
    ]);
    let flag = |yes: bool, key: &str| if yes { phone.words.plain(key) } else { String::new() };
    join([
        phone.words.say("screen.lot", &params),
        flag(lot.uncertain, "screen.uncertain"),
        flag(lot.qty < Qty::ZERO, "screen.shortfall"),
        lot.hidden.as_ref().map(|hidden| hidden_text(phone, hidden)).unwrap_or_default(),
    ])
}

/// Why a lot is not offered.
fn hidden_text(phone: &Phone, hidden: &Hidden) -> String {
    phone.words.say_with("screen.hidden", json!({ "why": hidden }))
}

fn ledger_line(phone: &Phone, line: &LedgerLine) -> String {
    let (what, contained) = match line.entry {
        LedgerEntry::Move { flow, containment } => (flow.code(), containment.contained),
        LedgerEntry::Count { .. } => ("counted", false),
    };
    join([
        format!("    {}", short(line.event)),
        phone.words.word("flow", what),
        format!("{:+}", line.effect),
        format!("= {}", line.running),
        if contained { phone.words.plain("screen.contained") } else { String::new() },
    ])
}

/// The sums that are not nothing.
fn balance(phone: &Phone, sums: &Value, holds: bool) -> String {
    let shown = sums.as_object().into_iter().flatten().filter(|(_, sum)| sum.as_i64() != Some(0));
    let sums = shown.map(|(flow, sum)| format!("{} {sum}", phone.words.word("flow", flow)));
    let verdict = if holds { "screen.balance_holds" } else { "screen.balance_broken" };
    join([phone.words.plain("screen.balance"), sums.collect::<Vec<_>>().join("  "), phone.words.plain(verdict)])
}

pub(crate) fn offer(phone: &Phone, text: &str, product: &str, qty: Qty, unit: Option<&str>) -> Outcome<Answer> {
    let (medicine_box, product) = (phone.reference("box", text)?, phone.product(product)?);
    let offer = phone.replica.offer(medicine_box, &Ask { product, qty, unit, overridden: false })?;
    let picks = offer
        .picks
        .iter()
        .map(|pick| phone.words.say("screen.pick", &texts([("lot", short(pick.lot)), ("qty", pick.qty.to_string())])));
    let hidden = offer.hidden.iter().map(|hidden| join([short(hidden.lot), hidden_text(phone, &hidden.why)]));
    let mut lines: Vec<String> = picks.chain(hidden).collect();
    if offer.missing > Qty::ZERO {
        lines.push(phone.words.say("screen.missing", &texts([("qty", offer.missing.to_string())])));
    }
    Ok(Answer::new(&offer, lines))
}

fn product_line(phone: &Phone, line: &ProductLine) -> String {
    let class = line.class.map(|class| phone.words.word("class", class.code()));
    let flag = |yes: bool, key: &str| if yes { phone.words.plain(key) } else { String::new() };
    join([
        short(line.product),
        line.name.clone(),
        line.generic.clone().unwrap_or_default(),
        line.brand.clone().unwrap_or_default(),
        line.strength.clone().unwrap_or_default(),
        line.form.clone().unwrap_or_default(),
        class.unwrap_or_else(|| phone.words.plain("screen.no_class")),
        line.barcode.clone().unwrap_or_default(),
        flag(line.contested, "screen.contested"),
        flag(line.withdrawn, "screen.withdrawn"),
    ])
}

/// The catalogue, all pages of it.
pub(crate) fn products(phone: &Phone, text: Option<&str>) -> Outcome<Answer> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = phone.replica.products(text, after.as_ref(), 0)?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let lines: Vec<String> = all.iter().map(|line| product_line(phone, line)).collect();
    Ok(Answer::new(&all, lines))
}

pub(crate) fn product(phone: &Phone, text: &str) -> Outcome<Answer> {
    let product = phone.product(text)?;
    let told = phone.replica.history(product)?;
    // Of another type it is no product.
    phone.replica.view::<Product, ()>(product, |_| ())?;
    let line = phone.replica.product_line(product)?;
    let mut lines: Vec<String> = line.iter().map(|line| product_line(phone, line)).collect();
    lines.extend(history(phone, "product", &told));
    Ok(Answer::new(json!({ "line": line, "history": told }), lines))
}

pub(crate) fn written_product(phone: &Phone, receipt: &Receipt) -> Outcome<Answer> {
    let line = phone.replica.product_line(receipt.aggregate)?;
    let text = line.as_ref().map(|line| product_line(phone, line)).unwrap_or_default();
    Ok(super::receipt("product", receipt, &line, vec![text]))
}

fn recall_line(phone: &Phone, recall: &RecallDetail) -> String {
    let scope = match &recall.scope {
        Scope::All => phone.words.plain("screen.all_batches"),
        Scope::Batches(batches) => batches.join(", "),
    };
    let unknown = || recall.product.map(short).unwrap_or_default();
    join([
        short(recall.recall),
        recall.product_name.clone().unwrap_or_else(unknown),
        scope,
        recall.reason.clone().unwrap_or_default(),
        recall.issuer.clone().unwrap_or_default(),
        phone.words.plain(if recall.stands { "screen.stands" } else { "screen.recall_ended" }),
        phone.local.show(recall.raised),
    ])
}

pub(crate) fn recalls(phone: &Phone) -> Outcome<Answer> {
    let recalls = phone.replica.recalls()?;
    let lines: Vec<String> = recalls.iter().map(|recall| recall_line(phone, recall)).collect();
    Ok(Answer::new(&recalls, lines))
}

pub(crate) fn recall(phone: &Phone, text: &str) -> Outcome<Answer> {
    let recall = phone.replica.recall_detail(phone.reference("recall", text)?)?;
    let touched = &recall.touched;
    let counts = json!({
        "boxes": touched.boxes.len(), "lots": touched.lots.len(), "takes": touched.takes.len(),
        "transfers": touched.transfers.len(), "orders": touched.orders.len(),
    });
    let mut lines = vec![recall_line(phone, &recall), phone.words.say_with("screen.touched", counts)];
    for lot in &touched.lots {
        let batch = lot.batch.clone().unwrap_or_else(|| phone.words.plain("screen.unknown"));
        let unit = lot.unit.clone().unwrap_or_default();
        lines.push(join([
            format!("  {}", short(lot.medicine_box)),
            short(lot.lot),
            batch,
            format!("{} {unit}", lot.qty),
        ]));
    }
    for take in &touched.takes {
        let room = take.room.as_ref();
        let room = room.map(|at| super::place_of([Some(&at.building), Some(&at.unit), Some(&at.room)]));
        let params = texts([
            ("lot", short(take.lot)),
            ("qty", take.qty.to_string()),
            ("room", room.unwrap_or_else(|| phone.words.plain("screen.unknown"))),
        ]);
        lines.push(phone.words.say("screen.touched_take", &params));
    }
    lines.extend(history(phone, "recall", &recall.history));
    Ok(Answer::new(&recall, lines))
}

pub(crate) fn written_recall(phone: &Phone, receipt: &Receipt) -> Outcome<Answer> {
    let recall = phone.replica.recall_detail(receipt.aggregate)?;
    Ok(super::receipt("recall", receipt, &recall, vec![recall_line(phone, &recall)]))
}
