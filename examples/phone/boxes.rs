//! Medicine boxes: what goes in and out, counts, parcels, limits, and what is offered.

use clap::{Args, Subcommand};
use linli_core::{
    aggregate::medicine_box::{
        Correction, Day, Goods, MedicineBox, Parcel, Part, Portion, Room, Unfit, What, When, Wish,
    },
    id::Reference,
};
use serde_json::json;

use crate::{
    answer::Answer,
    desk::Phone,
    failure::{Failure, Outcome},
    show,
};

#[derive(Subcommand)]
pub(crate) enum BoxCommand {
    /// Set up a box
    Open(Open),
    /// Say where it hangs, or a word about it
    Edit(Edit),
    /// Give goods
    Donate(Donate),
    /// Take goods: of a product, first to expire first, or from a lot
    Take(Take),
    /// Bring goods back into their lot
    Return(Return),
    /// Split part of a lot into a smaller unit
    Split(Split),
    /// Count lots
    Count(Count),
    /// Write down unfit goods: set aside at once
    Found(Find),
    /// Throw goods away
    Discard(Discard),
    /// Send goods to another box
    Send(Send),
    /// Receive a parcel, counted
    Receive(Receive),
    /// Set a lot aside
    Quarantine(LotWhy),
    /// Let a lot go again (keepers)
    Lift(LotWhy),
    /// Ask for more of a product
    Restock(Restock),
    /// Say below which stock a product is low
    Low(Low),
    /// Say how much a household may take
    Limit(Limit),
    /// Close the box, or carry what is left over into another
    Close(Close),
    /// Say what an event should have said: undo a slip
    Correct(Correct),
    /// The box: lots, balance, ledger, what is hidden and why
    Show(Show),
    /// What the box would hand out of a product, and what it keeps back and why
    Offer(OfferOf),
}

/// What is said to have happened.
#[derive(Args)]
struct Happened {
    /// It happened, whatever speaks against it
    #[arg(long)]
    already_happened: bool,
    /// When, if it stood on paper first: `09:30`, `2022-04-01 09:30`
    #[arg(long, value_name = "TIME")]
    happened_at: Option<String>,
}

impl Happened {
    fn when(&self, phone: &Phone) -> Outcome<When> {
        let happened_at = self.happened_at.as_deref().map(|text| phone.time(text)).transpose()?;
        Ok(When { already_happened: self.already_happened, happened_at })
    }
}

#[derive(Args)]
pub(crate) struct Open {
    /// Where it hangs
    #[arg(long, default_value = "")]
    place: String,
    /// The building it belongs to
    #[arg(long)]
    building: Option<String>,
    /// A word about it
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// The box
    r#box: String,
    /// Where it hangs
    #[arg(long)]
    place: Option<String>,
    /// A word about it
    #[arg(long)]
    note: Option<String>,
}

/// What stands on a package.
#[derive(Args)]
struct Package {
    /// The product: its name, another name, barcode, or id
    product: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// Of what: box, strip, tablet, 盒, 板, 片
    unit: String,
    /// The batch as printed; without it, unknown
    #[arg(long)]
    batch: Option<String>,
    /// The last day it is good: `2024-05-31`, or `2024-05`; without it, unknown
    #[arg(long, value_name = "DAY")]
    expiry: Option<String>,
}

impl Package {
    fn goods(&self, phone: &Phone) -> Outcome<Goods> {
        let day = |text: &String| text.parse::<Day>().map_err(|_| Failure::new("not_a_day", json!({ "text": text })));
        Ok(Goods {
            product: phone.product(&self.product)?,
            batch: self.batch.clone(),
            expiry: self.expiry.as_ref().map(day).transpose()?,
            unit: self.unit.clone(),
        })
    }
}

#[derive(Args)]
pub(crate) struct Donate {
    /// The box
    r#box: String,
    #[command(flatten)]
    package: Package,
    /// Where it comes from
    #[arg(long)]
    origin: Option<String>,
    /// The package was opened
    #[arg(long)]
    opened: bool,
    /// Its blister is intact
    #[arg(long)]
    blister_intact: bool,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Take {
    /// The box
    r#box: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// Of which product, first to expire first
    #[arg(required_unless_present = "lot", conflicts_with = "lot")]
    product: Option<String>,
    /// From which lot
    #[arg(long)]
    lot: Option<String>,
    /// In which unit
    #[arg(long)]
    unit: Option<String>,
    /// For which room: 3-2-1804; never a name
    #[arg(long = "for", value_name = "ADDRESS")]
    room: Option<String>,
    /// For which order
    #[arg(long)]
    order: Option<String>,
    /// A keeper's reason to pass over a limit or a missing class
    #[arg(long, value_name = "REASON")]
    r#override: Option<String>,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Return {
    /// The box
    r#box: String,
    /// The lot
    lot: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// From which room
    #[arg(long = "for", value_name = "ADDRESS")]
    room: Option<String>,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Split {
    /// The box
    r#box: String,
    /// The lot
    lot: String,
    /// How much of it
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// Into which unit
    into_unit: String,
    /// How much that is; without it the product's units say
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    into_qty: Option<i64>,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Count {
    /// The box
    r#box: String,
    /// Lots and what was there: `a1b2=12`; 0 is a count too
    #[arg(required = true, value_name = "LOT=QTY")]
    counted: Vec<String>,
    /// The counter was not shown what should be there
    #[arg(long)]
    blind: bool,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Find {
    /// The box
    r#box: String,
    #[command(flatten)]
    package: Package,
    /// They are part of this lot; the product is then only named to be sure
    #[arg(long)]
    lot: Option<String>,
    /// What is wrong with them
    #[arg(long, default_value = "")]
    why: String,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Discard {
    /// The box
    r#box: String,
    /// The lot
    lot: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// Why
    #[arg(long, default_value = "")]
    why: String,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Send {
    /// The box
    r#box: String,
    /// The lot
    lot: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// To which box
    #[arg(long, value_name = "BOX")]
    to: String,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct Receive {
    /// The box
    r#box: String,
    /// The parcel: the event that sent it
    sent: String,
    /// How much was counted
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// Not known here yet: from which box, as the parcel says
    #[arg(long, value_name = "BOX", requires_all = ["product", "sent_qty", "unit"])]
    from: Option<String>,
    /// The product on the parcel
    #[arg(long)]
    product: Option<String>,
    /// How much the parcel says
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    sent_qty: Option<i64>,
    /// The unit on the parcel
    #[arg(long)]
    unit: Option<String>,
    /// The batch on the parcel
    #[arg(long)]
    batch: Option<String>,
    /// The expiry on the parcel
    #[arg(long, value_name = "DAY")]
    expiry: Option<String>,
    #[command(flatten)]
    happened: Happened,
}

#[derive(Args)]
pub(crate) struct LotWhy {
    /// The box
    r#box: String,
    /// The lot
    lot: String,
    /// Why
    #[arg(long)]
    why: String,
}

#[derive(Args)]
pub(crate) struct Restock {
    /// The box
    r#box: String,
    /// Of which product
    product: String,
    /// How much
    #[arg(allow_negative_numbers = true)]
    qty: i64,
    /// Of what
    unit: String,
    /// A word on why
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(Args)]
pub(crate) struct Low {
    /// The box
    r#box: String,
    /// Which product
    product: String,
    /// In which unit
    unit: String,
    /// Less than this is low; without it, no more said
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    below: Option<i64>,
}

#[derive(Args)]
pub(crate) struct Limit {
    /// The box
    r#box: String,
    /// How much a household may take in so many days; without it, no limit
    #[arg(long, value_name = "QTY", allow_negative_numbers = true)]
    qty: Option<i64>,
    /// The period
    #[arg(long, default_value = "7")]
    days: u16,
    /// Of which product; without it, of each that has no limit of its own
    #[arg(long)]
    product: Option<String>,
}

#[derive(Args)]
pub(crate) struct Close {
    /// The box
    r#box: String,
    /// Why
    #[arg(long, default_value = "")]
    why: String,
    /// Although something is left in it
    #[arg(long, conflicts_with = "into")]
    anyway: bool,
    /// Carry what is left over into this box
    #[arg(long, value_name = "BOX")]
    into: Option<String>,
    /// Carried over: lots and what was there, `a1b2=12`
    #[arg(value_name = "LOT=QTY", requires = "into")]
    counted: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Correct {
    /// The box
    r#box: String,
    /// The event, as the ledger shows it
    event: String,
    /// Why
    #[arg(long)]
    why: String,
    /// It did not happen
    #[arg(long)]
    undone: bool,
    /// The quantity
    #[arg(long)]
    qty: Option<u32>,
    /// The lots and their quantities: `a1b2=12`, again for more
    #[arg(long = "part", value_name = "LOT=QTY")]
    parts: Vec<String>,
    /// A split's quantity in the new unit
    #[arg(long, value_name = "QTY")]
    into_qty: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The box
    r#box: String,
    /// Only this lot
    #[arg(long)]
    lot: Option<String>,
}

#[derive(Args)]
pub(crate) struct OfferOf {
    /// The box
    r#box: String,
    /// The product
    product: String,
    /// How much is wanted
    #[arg(default_value = "1", allow_negative_numbers = true)]
    qty: i64,
    /// In which unit
    #[arg(long)]
    unit: Option<String>,
}

/// What a warning asks for, where the wish can say it.
const HAPPENED: Option<&str> = Some("--already-happened");

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
        BoxCommand::Show(Show { r#box, lot }) => show::medicine_box(phone, &r#box, lot.as_deref()),
        BoxCommand::Offer(OfferOf { r#box, product, qty, unit }) => {
            show::offer(phone, &r#box, &product, qty, unit.as_deref())
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
