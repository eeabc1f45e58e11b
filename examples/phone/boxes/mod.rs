//! Medicine boxes: what goes in and out, counts, parcels, limits, and what is offered.

mod args;

use linli_core::{
    aggregate::medicine_box::{Command, Correction, MedicineBox, Parcel, Part, Portion, Room, Unfit, What},
    id::Reference,
    replica::NewerWhat,
    written::door::Door,
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    newer, quantity, show,
    wrong::Wrong,
};
pub(crate) use args::BoxSubcommand;
use args::{Correct, Donate, Find, Package, Receive, Return, Take};

/// What a warning asks for, where the command can say it.
const HAPPENED: Option<&str> = Some("--already-happened");

/// What is in a box may be recalled by what cannot be read here.
fn recalls_above(phone: &Phone, mut answer: Answer) -> Outcome<Answer> {
    newer::above(phone, &mut answer, |what| what == NewerWhat::Recall)?;
    Ok(answer)
}

pub(crate) fn run(phone: &Phone, command: BoxSubcommand) -> Outcome<Answer> {
    match command {
        BoxSubcommand::Open { place, building, note } => {
            let building = building.map(|text| phone.building_label(&text)).transpose()?;
            write(phone, None, Command::Open { building, place, note }, None)
        }
        BoxSubcommand::Edit { r#box, place, note } => on(phone, &r#box, Command::Edit { place, note }, None),
        BoxSubcommand::Donate(donate) => self::donate(phone, donate),
        BoxSubcommand::Take(take) => self::take(phone, &take),
        BoxSubcommand::Return(returned) => self::give_back(phone, &returned),
        BoxSubcommand::Split { r#box, lot, qty, into_unit, into_qty, happened } => {
            let (lot, when) = (phone.lot(&lot)?, happened.when(phone)?);
            on(phone, &r#box, Command::Split { lot, qty, into_qty, into_unit, when }, HAPPENED)
        }
        BoxSubcommand::Count { r#box, counted, blind, happened } => {
            let (parts, when) = (portions(phone, &counted)?, happened.when(phone)?);
            on(phone, &r#box, Command::Count { parts, blind, when }, HAPPENED)
        }
        BoxSubcommand::Found(find) => self::find(phone, find),
        BoxSubcommand::Discard { r#box, lot, qty, why, happened } => {
            let command = Command::Discard { lot: phone.lot(&lot)?, qty, why, when: happened.when(phone)? };
            on(phone, &r#box, command, HAPPENED)
        }
        BoxSubcommand::Send { r#box, lot, qty, to, happened } => {
            let (to, lot) = (phone.reference("box", &to)?, phone.lot(&lot)?);
            on(phone, &r#box, Command::Send { to, lot, qty, when: happened.when(phone)? }, HAPPENED)
        }
        BoxSubcommand::Receive(receive) => self::receive(phone, receive),
        BoxSubcommand::Quarantine { r#box, lot, why } => {
            on(phone, &r#box, Command::Quarantine { lot: phone.lot(&lot)?, why }, None)
        }
        BoxSubcommand::Lift { r#box, lot, why } => {
            on(phone, &r#box, Command::LiftQuarantine { lot: phone.lot(&lot)?, why }, None)
        }
        BoxSubcommand::Restock { r#box, product, qty, unit, note } => {
            let product = phone.product(&product)?;
            on(phone, &r#box, Command::AskRestock { product, qty, unit, note }, None)
        }
        BoxSubcommand::Low { r#box, product, unit, below } => {
            let product = phone.product(&product)?;
            on(phone, &r#box, Command::SetRestock { product, unit, below }, None)
        }
        BoxSubcommand::Limit { r#box, qty, days, product } => {
            let product = product.map(|text| phone.product(&text)).transpose()?;
            on(phone, &r#box, Command::SetLimit { product, qty, days }, None)
        }
        BoxSubcommand::Close { r#box, why, into: Some(into), counted, .. } => {
            let (into, counted) = (phone.reference("box", &into)?, portions(phone, &counted)?);
            on(phone, &r#box, Command::CarryOver { into, counted, why }, None)
        }
        BoxSubcommand::Close { r#box, why, anyway, .. } => {
            on(phone, &r#box, Command::Close { why, anyway }, Some("--anyway"))
        }
        BoxSubcommand::Correct(correct) => self::correct(phone, correct),
        BoxSubcommand::Show { r#box, lot } => recalls_above(phone, show::medicine_box(phone, &r#box, lot.as_deref())?),
        BoxSubcommand::Offer { r#box, product, qty, unit } => {
            recalls_above(phone, show::offer(phone, &r#box, &product, qty, unit.as_deref())?)
        }
    }
}

pub(crate) fn all(phone: &Phone) -> Outcome<Answer> {
    show::boxes(phone)
}

fn on(phone: &Phone, text: &str, command: Command, flag: Option<&'static str>) -> Outcome<Answer> {
    write(phone, Some(phone.reference("box", text)?), command, flag)
}

fn write(phone: &Phone, target: Option<Reference>, command: Command, flag: Option<&'static str>) -> Outcome<Answer> {
    let receipt = phone.submit_with::<MedicineBox>(target, command, flag)?;
    show::written_box(phone, &receipt)
}

fn room(phone: &Phone, text: &str) -> Outcome<Room> {
    // What has happened is written down whatever the register has; all else the box holds against it.
    let Door { building, unit, room } = phone.door_sought(text)?;
    let room = room.ok_or_else(|| Failure::new(Wrong::RoomNeeded, json!({ "address": text })))?;
    Ok(Room { building, unit: unit.unwrap_or_default(), room })
}

fn portions(phone: &Phone, texts: &[String]) -> Outcome<Vec<Portion>> {
    texts.iter().map(|text| portion(phone, text)).collect()
}

fn portion(phone: &Phone, text: &str) -> Outcome<Portion> {
    let (lot, qty) =
        text.split_once('=').ok_or_else(|| Failure::usage(Wrong::NotAnAssignment, json!({ "text": text })))?;
    let qty = quantity::typed(qty)?;
    Ok(Portion { lot: phone.lot(lot)?, qty })
}

fn donate(phone: &Phone, donate: Donate) -> Outcome<Answer> {
    let command = Command::Donate {
        goods: donate.package.goods(phone)?,
        qty: donate.package.qty,
        origin: donate.origin,
        opened: donate.opened,
        blister_intact: donate.blister_intact,
        when: donate.happened.when(phone)?,
    };
    on(phone, &donate.r#box, command, HAPPENED)
}

fn take(phone: &Phone, take: &Take) -> Outcome<Answer> {
    let what = match (&take.lot, &take.product) {
        (Some(lot), _) => What::Lots(vec![Portion { lot: phone.lot(lot)?, qty: take.qty }]),
        (None, Some(product)) => {
            What::Product { product: phone.product(product)?, qty: take.qty, unit: take.unit.clone() }
        }
        // The command line asks for one of both.
        (None, None) => return Err(Failure::usage(Wrong::Usage, json!({ "detail": "PRODUCT | --lot" }))),
    };
    let command = Command::Take {
        what,
        room: take.room.as_deref().map(|text| room(phone, text)).transpose()?,
        order: take.order.as_deref().map(|text| phone.reference("order", text)).transpose()?,
        override_reason: take.r#override.clone(),
        when: take.happened.when(phone)?,
    };
    on(phone, &take.r#box, command, HAPPENED)
}

fn give_back(phone: &Phone, returned: &Return) -> Outcome<Answer> {
    let command = Command::Return {
        parts: vec![Portion { lot: phone.lot(&returned.lot)?, qty: returned.qty }],
        room: returned.room.as_deref().map(|text| room(phone, text)).transpose()?,
        when: returned.happened.when(phone)?,
    };
    on(phone, &returned.r#box, command, HAPPENED)
}

fn find(phone: &Phone, find: Find) -> Outcome<Answer> {
    let unfit = match &find.lot {
        Some(lot) => Unfit::Lot(phone.lot(lot)?),
        None => Unfit::Goods(find.package.goods(phone)?),
    };
    let command = Command::Find { unfit, qty: find.package.qty, why: find.why, when: find.happened.when(phone)? };
    on(phone, &find.r#box, command, HAPPENED)
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
    let command = Command::Receive { sent: phone.parcel(&receive.sent)?, qty: receive.qty, parcel, when };
    write(phone, Some(to), command, HAPPENED)
}

fn correct(phone: &Phone, correct: Correct) -> Outcome<Answer> {
    let parts = correct.parts.iter().map(|text| {
        let Portion { lot, qty } = portion(phone, text)?;
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
    write(phone, Some(target), Command::Correct { event, value, why: correct.why }, None)
}
