//! Medicine boxes: what goes in and out, counts, parcels, limits, and what is offered.

mod args;

use linli_core::{
    aggregate::medicine_box::{Correction, MedicineBox, Parcel, Part, Portion, Room, Unfit, What, Wish},
    id::Reference,
    replica::NewerWhat,
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    newer, show,
};
pub(crate) use args::BoxCommand;
use args::{
    Close, Correct, Discard, Donate, Edit, Find, Limit, LotWhy, Low, OfferOf, Open, Package, Receive, Restock, Return,
    Send, Show, Split, Take,
};

/// What a warning asks for, where the wish can say it.
const HAPPENED: Option<&str> = Some("--already-happened");

/// What is in a box may be recalled by what cannot be read here.
fn recalls_above(phone: &Phone, mut answer: Answer) -> Outcome<Answer> {
    newer::above(phone, &mut answer, |what| what == NewerWhat::Recall)?;
    Ok(answer)
}

pub(crate) fn run(phone: &Phone, command: BoxCommand) -> Outcome<Answer> {
    match command {
        BoxCommand::Open(Open { place, building, note }) => {
            let building = building.map(|text| phone.building_label(&text)).transpose()?;
            write(phone, None, Wish::Open { building, place, note }, None)
        }
        BoxCommand::Edit(Edit { r#box, place, note }) => on(phone, &r#box, Wish::Edit { place, note }, None),
        BoxCommand::Donate(donate) => self::donate(phone, donate),
        BoxCommand::Take(take) => self::take(phone, &take),
        BoxCommand::Return(returned) => self::give_back(phone, &returned),
        BoxCommand::Split(split) => {
            let lot = phone.lot(&split.lot)?;
            let Split { r#box, qty, into_unit, into_qty, happened, .. } = split;
            let when = happened.when(phone)?;
            on(phone, &r#box, Wish::Split { lot, qty, into_qty, into_unit, when }, HAPPENED)
        }
        BoxCommand::Count(count) => {
            let (parts, when) = (portions(phone, &count.counted)?, count.happened.when(phone)?);
            on(phone, &count.r#box, Wish::Count { parts, blind: count.blind, when }, HAPPENED)
        }
        BoxCommand::Found(find) => self::find(phone, find),
        BoxCommand::Discard(Discard { r#box, lot, qty, why, happened }) => {
            let wish = Wish::Discard { lot: phone.lot(&lot)?, qty, why, when: happened.when(phone)? };
            on(phone, &r#box, wish, HAPPENED)
        }
        BoxCommand::Send(Send { r#box, lot, qty, to, happened }) => {
            let (to, lot) = (phone.reference("box", &to)?, phone.lot(&lot)?);
            on(phone, &r#box, Wish::Send { to, lot, qty, when: happened.when(phone)? }, HAPPENED)
        }
        BoxCommand::Receive(receive) => self::receive(phone, receive),
        BoxCommand::Quarantine(LotWhy { r#box, lot, why }) => {
            on(phone, &r#box, Wish::Quarantine { lot: phone.lot(&lot)?, why }, None)
        }
        BoxCommand::Lift(LotWhy { r#box, lot, why }) => {
            on(phone, &r#box, Wish::LiftQuarantine { lot: phone.lot(&lot)?, why }, None)
        }
        BoxCommand::Restock(Restock { r#box, product, qty, unit, note }) => {
            let product = phone.product(&product)?;
            on(phone, &r#box, Wish::AskRestock { product, qty, unit, note }, None)
        }
        BoxCommand::Low(Low { r#box, product, unit, below }) => {
            let product = phone.product(&product)?;
            on(phone, &r#box, Wish::SetRestock { product, unit, below }, None)
        }
        BoxCommand::Limit(Limit { r#box, qty, days, product }) => {
            let product = product.map(|text| phone.product(&text)).transpose()?;
            on(phone, &r#box, Wish::SetLimit { product, qty, days }, None)
        }
        BoxCommand::Close(close) => self::close(phone, close),
        BoxCommand::Correct(correct) => self::correct(phone, correct),
        BoxCommand::Show(Show { r#box, lot }) => {
            recalls_above(phone, show::medicine_box(phone, &r#box, lot.as_deref())?)
        }
        BoxCommand::Offer(OfferOf { r#box, product, qty, unit }) => {
            recalls_above(phone, show::offer(phone, &r#box, &product, qty, unit.as_deref())?)
        }
    }
}

pub(crate) fn all(phone: &Phone) -> Outcome<Answer> {
    show::boxes(phone)
}

fn on(phone: &Phone, text: &str, wish: Wish, flag: Option<&'static str>) -> Outcome<Answer> {
    write(phone, Some(phone.reference("box", text)?), wish, flag)
}

fn write(phone: &Phone, target: Option<Reference>, wish: Wish, flag: Option<&'static str>) -> Outcome<Answer> {
    let receipt = phone.submit_with::<MedicineBox>(target, wish, flag)?;
    show::written_box(phone, &receipt)
}

fn room(phone: &Phone, text: &str) -> Outcome<Room> {
    let address = phone.address(text)?;
    let room = address.room().ok_or_else(|| Failure::new("room_needed", json!({ "address": text })))?;
    let unit = address.unit().unwrap_or_default();
    Ok(Room { building: address.building().to_owned(), unit: unit.to_owned(), room: room.to_owned() })
}

fn portions(phone: &Phone, texts: &[String]) -> Outcome<Vec<Portion>> {
    texts.iter().map(|text| portion(phone, text)).collect()
}

fn portion(phone: &Phone, text: &str) -> Outcome<Portion> {
    let (lot, qty) =
        text.split_once('=').ok_or_else(|| Failure::usage("not_an_assignment", json!({ "text": text })))?;
    let qty = qty.trim().parse().map_err(|_| Failure::new("not_a_number", json!({ "text": qty })))?;
    Ok(Portion { lot: phone.lot(lot)?, qty })
}

fn donate(phone: &Phone, donate: Donate) -> Outcome<Answer> {
    let wish = Wish::Donate {
        goods: donate.package.goods(phone)?,
        qty: donate.package.qty,
        origin: donate.origin,
        opened: donate.opened,
        blister_intact: donate.blister_intact,
        when: donate.happened.when(phone)?,
    };
    on(phone, &donate.r#box, wish, HAPPENED)
}

fn take(phone: &Phone, take: &Take) -> Outcome<Answer> {
    let what = match (&take.lot, &take.product) {
        (Some(lot), _) => What::Lots(vec![Portion { lot: phone.lot(lot)?, qty: take.qty }]),
        (None, Some(product)) => {
            What::Product { product: phone.product(product)?, qty: take.qty, unit: take.unit.clone() }
        }
        // The command line asks for one of both.
        (None, None) => return Err(Failure::usage("usage", json!({ "detail": "PRODUCT | --lot" }))),
    };
    let wish = Wish::Take {
        what,
        room: take.room.as_deref().map(|text| room(phone, text)).transpose()?,
        order: take.order.as_deref().map(|text| phone.reference("order", text)).transpose()?,
        override_reason: take.r#override.clone(),
        when: take.happened.when(phone)?,
    };
    on(phone, &take.r#box, wish, HAPPENED)
}

fn give_back(phone: &Phone, returned: &Return) -> Outcome<Answer> {
    let wish = Wish::Return {
        parts: vec![Portion { lot: phone.lot(&returned.lot)?, qty: returned.qty }],
        room: returned.room.as_deref().map(|text| room(phone, text)).transpose()?,
        when: returned.happened.when(phone)?,
    };
    on(phone, &returned.r#box, wish, HAPPENED)
}

fn find(phone: &Phone, find: Find) -> Outcome<Answer> {
    let unfit = match &find.lot {
        Some(lot) => Unfit::Lot(phone.lot(lot)?),
        None => Unfit::Goods(find.package.goods(phone)?),
    };
    let wish = Wish::Find { unfit, qty: find.package.qty, why: find.why, when: find.happened.when(phone)? };
    on(phone, &find.r#box, wish, HAPPENED)
}

fn receive(phone: &Phone, receive: Receive) -> Outcome<Answer> {
    let to = phone.reference("box", &receive.r#box)?;
    let parcel = match (&receive.from, &receive.product, receive.sent_qty, &receive.unit) {
        (Some(from), Some(product), Some(qty), Some(unit)) => {
            let package = Package {
                product: product.clone(),
                qty,
                unit: unit.clone(),
                batch: receive.batch.clone(),
                expiry: receive.expiry.clone(),
            };
            Some(Parcel { from: phone.any(from)?, to, lot: None, goods: package.goods(phone)?, qty })
        }
        _ => None,
    };
    let when = receive.happened.when(phone)?;
    let wish = Wish::Receive { sent: phone.parcel(&receive.sent)?, qty: receive.qty, parcel, when };
    write(phone, Some(to), wish, HAPPENED)
}

fn close(phone: &Phone, close: Close) -> Outcome<Answer> {
    let Close { r#box, why, anyway, into, counted } = close;
    match into {
        Some(into) => {
            let (into, counted) = (phone.reference("box", &into)?, portions(phone, &counted)?);
            on(phone, &r#box, Wish::CarryOver { into, counted, why }, None)
        }
        None => on(phone, &r#box, Wish::Close { why, anyway }, Some("--anyway")),
    }
}

fn correct(phone: &Phone, correct: Correct) -> Outcome<Answer> {
    let parts = correct.parts.iter().map(|text| {
        let Portion { lot, qty } = portion(phone, text)?;
        let qty = u32::try_from(qty).map_err(|_| Failure::new("not_a_number", json!({ "text": qty.to_string() })))?;
        Ok(Part { lot, qty })
    });
    let parts: Vec<Part> = parts.collect::<Outcome<_>>()?;
    let value = Correction {
        undone: correct.undone,
        qty: correct.qty,
        parts: Some(parts).filter(|parts| !parts.is_empty()),
        goods: None,
        into_qty: correct.into_qty,
    };
    let target = phone.reference("box", &correct.r#box)?;
    let event = phone.event(target, &correct.event)?;
    write(phone, Some(target), Wish::Correct { event, value, why: correct.why }, None)
}
