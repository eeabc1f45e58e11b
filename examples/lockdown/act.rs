//! Taking one step: a meeting, or somebody doing something on their phone.

use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use linli_core::{
    aggregate::{
        Aggregate, Select, Subject,
        medicine_box::{self, Goods, MedicineBox, Portion, When},
        order::{self, Change, How, ITEMS, NewItem, NewOrder, ORDER_CARD, Order, Status, Urgency, Way},
        product::search_key,
    },
    event::{ItemId, Scalar},
    id::{CommandId, MemberId, Reference},
    replica::{Receipt, SubmitError, Update},
    vocabulary::{Coded, Refuse},
};
use linli_tests::{
    Break, Ended, meet,
    trace::{Donate, Item, Post},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::{
    exchange::Exchange,
    plan::{Act, Ask, Deed, Handling, Step, What},
    rows::every,
    tally::Tally,
    town::{Phone, Town},
};

/// Of a hundred facts that contradict what the phone knows, so many are insisted on.
const INSISTED: u32 = 70;

/// Bytes that two who have nothing to tell each other need at most.
const QUIET: usize = 256;

/// Takes a step.
pub(crate) fn take(town: &Town, step: &Step, tally: &mut Tally) -> Result<()> {
    let phone = &town.phones[step.phone];
    phone.at(step.at);
    if let Some(other) = step.other {
        town.phones[other].at(step.at);
    }
    let mut doing = Doing { town, step, phone, attempts: 0, dice: ChaCha20Rng::seed_from_u64(step.seed), tally };
    match &step.what {
        What::KeptApart => doing.tally.kept_apart += 1,
        What::Meet { cut } => doing.meet(cut.map_or(Break::Never, Break::After))?,
        What::Act { act, ask } => doing.act(act, *ask)?,
    }
    for phone in [Some(step.phone), step.other].into_iter().flatten() {
        watch(&town.phones[phone], tally)?;
    }
    Ok(())
}

/// Notes what a phone's screen had to say since the last time.
fn watch(phone: &Phone, tally: &mut Tally) -> Result<()> {
    let mut updates = phone.updates.lock();
    while let Some(update) = updates.take() {
        match update {
            Update::Review { kind: "order", aggregate, code } if code == "contested" => {
                tally.contested.insert(aggregate);
            }
            Update::Review { aggregate, code, .. } if code == "conflicting_edit" => {
                tally.conflicting.insert(aggregate);
            }
            Update::Review { kind: "box", aggregate, code } if code == "uncertain_lot" => {
                let lots = every(&phone.replica, Select::from("box_lot").of(aggregate).is("uncertain", true))?;
                tally.uncertain.extend(lots.found.iter().filter_map(|row| lots.cell(row, "lot").reference()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What came of a command.
enum Answer {
    Done(Receipt),
    /// The phone has not heard of what it is about.
    Unknown,
    Refused {
        code: String,
        warning: bool,
    },
}

struct Doing<'a> {
    town: &'a Town,
    step: &'a Step,
    phone: &'a Phone,
    /// How often it was tried. Command ids come from this and not from the dice, so that the dice fall the same
    /// whether or not somebody elsewhere has written down already what this phone has not heard of.
    attempts: u64,
    dice: ChaCha20Rng,
    tally: &'a mut Tally,
}

impl Doing<'_> {
    fn meet(&mut self, end: Break) -> Result<()> {
        let Some(other) = self.step.other else { return Ok(()) };
        if let Some(exchange) = self.town.between(self.step.phone, other) {
            return self.relay(exchange, other, end);
        }
        let meeting = meet(&self.phone.replica, &self.town.phones[other].replica, &mut self.dice, end);
        self.tally.bytes += meeting.bytes as u64;
        match meeting.ended {
            Ended::InStep => {
                self.tally.meetings += 1;
                self.tally.with_news += u64::from(meeting.bytes > QUIET);
            }
            Ended::Cut { mid_frame } => {
                self.tally.cut += 1;
                self.tally.cut_mid_frame += u64::from(mid_frame);
            }
            Ended::Failed(error) => bail!("phones {} and {other} met and failed: {error}", self.step.phone),
        }
        Ok(())
    }

    /// The same through the relay: one brings its news, the other brings its own and takes them, the one takes those.
    fn relay(&mut self, exchange: &Exchange, other: usize, mut end: Break) -> Result<()> {
        let mut news = 0;
        for phone in [self.step.phone, other, self.step.phone] {
            let synced = exchange.sync(&self.town.phones[phone].replica, std::mem::replace(&mut end, Break::Never));
            let synced = synced.with_context(|| format!("phone {phone} and the relay"))?;
            self.tally.bytes += synced.bytes;
            self.tally.relayed += 1;
            news += synced.news;
            if synced.cut {
                self.tally.cut += 1;
                self.tally.cut_mid_frame += 1;
                return Ok(());
            }
        }
        self.tally.meetings += 1;
        self.tally.with_news += u64::from(news > 0);
        Ok(())
    }

    /// Does something, after asking somebody where that helps.
    fn act(&mut self, act: &Act, ask: Ask) -> Result<()> {
        if ask == Ask::First {
            self.meet(Break::Never)?;
        }
        let mut answer = self.attempt(act, false)?;
        if matches!(answer, Answer::Unknown) && ask == Ask::IfUnknown && self.step.other.is_some() {
            self.meet(Break::Never)?;
            answer = self.attempt(act, false)?;
        }
        if matches!(answer, Answer::Refused { warning: true, .. }) && self.dice.random_range(0..100) < INSISTED {
            self.tally.insisted += 1;
            answer = self.attempt(act, true)?;
        }
        let name = name(act);
        match answer {
            Answer::Done(receipt) => {
                *self.tally.done.entry(name).or_default() += 1;
                self.done(act, &receipt);
            }
            Answer::Unknown => self.refused(name, "not_heard_of_yet".to_owned()),
            Answer::Refused { code, .. } => self.refused(name, code),
        }
        Ok(())
    }

    fn refused(&mut self, name: &'static str, code: String) {
        *self.tally.refused.entry((name, code)).or_default() += 1;
    }

    /// Remembers what the names of the recording now stand for, and who gave up or settled what.
    fn done(&mut self, act: &Act, receipt: &Receipt) {
        let made = |places: &[OnceLock<Reference>], at: usize, reference: Option<&Reference>| {
            if let Some(reference) = reference {
                // Each is written down once: whoever comes second keeps the first.
                let _kept = places[at].set(*reference);
            }
        };
        match act {
            Act::Post(order, _) => made(&self.town.orders, *order, Some(&receipt.aggregate)),
            Act::Donate(_, lot, _) => made(&self.town.lots, *lot, receipt.events.first()),
            Act::Box(_, _, Handling::Send(parcel, _, _)) => {
                made(&self.town.parcels, *parcel, receipt.events.first());
            }
            Act::Order(_, Deed::Resolve) => _ = self.tally.resolved.insert(receipt.aggregate),
            Act::Order(_, Deed::Release) => _ = self.tally.released.insert(receipt.aggregate),
            Act::Order(_, Deed::Choose(_)) => self.tally.chosen += 1,
            Act::Order(..) | Act::Box(..) => {}
        }
    }

    fn attempt(&mut self, act: &Act, happened: bool) -> Result<Answer> {
        self.attempts += 1;
        match act {
            Act::Post(_, post) => self.post(post),
            Act::Order(order, deed) => self.deal(*order, deed, happened),
            Act::Donate(medicine_box, _, donate) => self.donate(*medicine_box, donate),
            Act::Box(medicine_box, lot, handling) => self.handle(*medicine_box, *lot, handling, happened),
        }
    }

    fn post(&mut self, post: &Post) -> Result<Answer> {
        let urgency = Urgency::from_code(&post.urgency).unwrap_or_default();
        let order = NewOrder {
            building: post.building.clone(),
            unit: Some(post.unit.clone()),
            room: Some(post.room.clone()),
            kind: post.kind.clone(),
            urgency,
            contact: Some(post.contact.clone()),
            note: Some(post.note.clone()),
            items: post.items.iter().map(new_item).collect(),
            way: Way::Phone,
            ..NewOrder::default()
        };
        self.order(None, order::Command::Post(Box::new(order)))
    }

    fn deal(&mut self, order: usize, deed: &Deed, already_happened: bool) -> Result<Answer> {
        let Some(&order) = self.town.orders[order].get() else { return Ok(Answer::Unknown) };
        let command = match deed {
            Deed::Claim => order::Command::Claim,
            Deed::Release => order::Command::Release { why: None },
            Deed::Resolve => match self.holder(order)? {
                Some(to) => order::Command::Resolve { to },
                None => return Ok(Answer::Unknown),
            },
            Deed::Purchase(cents) => order::Command::Purchase {
                cost_cents: Some(*cents),
                got: Vec::new(),
                already_happened,
                happened_at: None,
            },
            Deed::Deliver => order::Command::Deliver { how: How::LeftAtDoor, already_happened, happened_at: None },
            Deed::Confirm => order::Command::Confirm,
            Deed::Cancel => order::Command::Cancel { why: None },
            Deed::Note(note) => order::Command::Edit { changes: vec![put_note(note)] },
            Deed::Items(items) => order::Command::Edit { changes: self.instead(order, items) },
            Deed::Choose(note) => {
                order::Command::Choose { field: "note".to_owned(), item: None, value: Scalar::Text(note.clone()) }
            }
        };
        self.order(Some(order), command)
    }

    /// Whoever this phone believes to hold an order.
    fn holder(&self, order: Reference) -> Result<Option<MemberId>> {
        let cards = every(&self.phone.replica, Select::from(ORDER_CARD.name).of(order))?;
        Ok(cards.found.first().and_then(|row| cards.cell(row, "holder").bytes().and_then(MemberId::from_slice)))
    }

    /// New items in place of those that this phone knows.
    fn instead(&self, order: Reference, new: &[Item]) -> Vec<Change> {
        let items = |subject: &Subject<'_, order::State>| subject.content.items(ITEMS).map(|(id, _)| *id).collect();
        // An order this phone has not heard of has no items to replace; the command itself will say so.
        let old: Vec<ItemId> = self.phone.replica.view::<Order, _>(order, items).unwrap_or_default();
        let gone = old.into_iter().map(|item| Change::RemoveItem { item });
        gone.chain(new.iter().map(|item| Change::AddItem(new_item(item)))).collect()
    }

    fn donate(&mut self, medicine_box: usize, donate: &Donate) -> Result<Answer> {
        let Some(&product) = self.town.products.get(&search_key(&donate.medicine)) else {
            return Ok(Answer::Refused { code: "not_in_the_catalogue".to_owned(), warning: false });
        };
        let expiry = donate.expires.parse().ok();
        let command = medicine_box::Command::Donate {
            goods: Goods { product, batch: None, expiry, unit: donate.unit.clone() },
            qty: donate.qty.into(),
            origin: None,
            opened: false,
            blister_intact: true,
            when: When::default(),
        };
        self.medicine_box(medicine_box, command)
    }

    fn handle(&mut self, to: usize, lot: usize, handling: &Handling, already_happened: bool) -> Result<Answer> {
        let when = When { already_happened, happened_at: None };
        if let Handling::Receive(parcel, qty) = handling {
            let Some(&sent) = self.town.parcels[*parcel].get() else { return Ok(Answer::Unknown) };
            return self
                .medicine_box(to, medicine_box::Command::Receive { sent, qty: (*qty).into(), parcel: None, when });
        }
        let Some(&lot) = self.town.lots[lot].get() else { return Ok(Answer::Unknown) };
        if every(&self.phone.replica, Select::from("box_lot").is("lot", lot))?.found.is_empty() {
            return Ok(Answer::Unknown);
        }
        let command = match handling {
            Handling::Take { qty, order } => medicine_box::Command::Take {
                what: medicine_box::What::Lots(vec![Portion { lot, qty: (*qty).into() }]),
                room: None,
                order: self.heard_of(*order)?,
                override_reason: None,
                when,
            },
            Handling::Count(qty) => {
                medicine_box::Command::Count { parts: vec![Portion { lot, qty: (*qty).into() }], blind: false, when }
            }
            Handling::Discard(qty, why) => {
                medicine_box::Command::Discard { lot, qty: (*qty).into(), why: why.clone(), when }
            }
            Handling::Send(_, box_to, qty) => {
                medicine_box::Command::Send { to: self.town.boxes[*box_to], lot, qty: (*qty).into(), when }
            }
            Handling::Receive(..) => bail!("a parcel is no lot"),
        };
        self.medicine_box(to, command)
    }

    /// The order, if this phone has heard of it.
    fn heard_of(&self, order: Option<usize>) -> Result<Option<Reference>> {
        let Some(&order) = order.and_then(|order| self.town.orders[order].get()) else { return Ok(None) };
        let known = !every(&self.phone.replica, Select::from(ORDER_CARD.name).of(order))?.found.is_empty();
        Ok(known.then_some(order))
    }

    fn order(&mut self, target: Option<Reference>, command: order::Command) -> Result<Answer> {
        self.submit::<Order>(target, command)
    }

    fn medicine_box(&mut self, at: usize, command: medicine_box::Command) -> Result<Answer> {
        let target = Some(self.town.boxes[at]);
        self.submit::<MedicineBox>(target, command)
    }

    fn submit<A: Aggregate>(&mut self, target: Option<Reference>, command: A::Command) -> Result<Answer> {
        let mut dice = ChaCha20Rng::seed_from_u64(self.step.seed);
        dice.set_stream(self.attempts);
        let id = CommandId::from_bytes(dice.random());
        match self.phone.replica.submit::<A>(id, target, command) {
            Ok(receipt) => Ok(Answer::Done(receipt)),
            Err(SubmitError::Unknown { .. }) => Ok(Answer::Unknown),
            Err(SubmitError::NotEntitled { .. }) => {
                Ok(Answer::Refused { code: "not_entitled".to_owned(), warning: false })
            }
            Err(SubmitError::Refused(refusal)) => Ok(match refusal.code() {
                "unknown_parcel" => Answer::Unknown,
                code => Answer::Refused { code: code.to_owned(), warning: refusal.is_warning() },
            }),
            Err(error) => bail!("phone {} could not write: {error}", self.step.phone),
        }
    }
}

fn put_note(note: &str) -> Change {
    Change::Put { field: "note".to_owned(), value: Scalar::Text(note.to_owned()) }
}

fn new_item(item: &Item) -> NewItem {
    NewItem {
        name: item.name.clone(),
        qty: Some(item.qty.into()),
        unit: Some(item.unit.clone()).filter(|unit| !unit.is_empty()),
        product: None,
    }
}

/// What an act is called in the report.
pub(crate) fn name(act: &Act) -> &'static str {
    match act {
        Act::Post(..) => "post",
        Act::Donate(..) => "donate",
        Act::Order(_, deed) => match deed {
            Deed::Claim => "claim",
            Deed::Release => "release",
            Deed::Resolve => "resolve",
            Deed::Purchase(_) => "purchase",
            Deed::Deliver => "deliver",
            Deed::Confirm => "confirm",
            Deed::Cancel => "cancel",
            Deed::Note(_) | Deed::Items(_) => "edit",
            Deed::Choose(_) => "choose",
        },
        Act::Box(_, _, handling) => match handling {
            Handling::Take { .. } => "take",
            Handling::Count(_) => "count",
            Handling::Discard(..) => "discard",
            Handling::Send(..) => "send",
            Handling::Receive(..) => "receive",
        },
    }
}

/// How an order that was contested ended.
pub(crate) fn ending(tally: &Tally, order: Reference, status: &str, contested: bool) -> &'static str {
    let is = |wanted: Status| status == wanted.code();
    if tally.resolved.contains(&order) {
        "a leader resolved it"
    } else if tally.released.contains(&order) {
        "one gave it up"
    } else if is(Status::Delivered) || is(Status::Confirmed) {
        "it was delivered"
    } else if is(Status::Cancelled) {
        "it was cancelled"
    } else if contested {
        "it is still contested"
    } else {
        "otherwise"
    }
}
