//! A story: who said what, knowing what. Folded in (lamport, id) as a replica folds, whoever heard it in what order.

use std::collections::BTreeSet;

use crate::{
    aggregate::{
        Act, Aggregate, Birth, Content, DecisionContext, Draft, Found, History, Item, Payload, Review, Select, Subject,
        Value, World, WorldError,
        order::{
            Command, Confirmation, Delivered, Fact, How, NewItem, NewOrder, Order, Outcome, Posted, Purchased, Reason,
            Refusal, State, TakenOver, Way, outcome,
        },
    },
    event::{Edit, ItemId},
    id::{DeviceId, EventId, LogId, MemberId, Reference},
    roster::{Need, Standing},
    time::WallMs,
};

pub(super) const HOUR: i64 = 60 * 60 * 1000;

/// A member, by a letter.
pub(super) fn member(letter: char) -> MemberId {
    MemberId::from_bytes([letter as u8; 32])
}

/// One told act, named by the order of telling.
struct Told {
    by: char,
    knows: Vec<usize>,
    fact: Fact,
    edits: Vec<Edit>,
    wall: i64,
}

/// Everything told of one order. Act 0 is its posting, by `p`.
pub(super) struct Story {
    told: Vec<Told>,
    dice: u8,
    pub(super) now: i64,
}

/// A story as one who knows some of it has it.
#[derive(Clone)]
pub(super) struct Folded {
    pub(super) birth: Birth,
    pub(super) state: State,
    pub(super) content: Content,
    pub(super) history: History,
}

impl Folded {
    pub(super) fn subject(&self) -> Subject<'_, State> {
        Subject { birth: &self.birth, state: &self.state, content: &self.content, history: &self.history }
    }

    pub(super) fn outcome(&self) -> Outcome {
        outcome(&self.state, &self.history)
    }

    pub(super) fn holder(&self) -> Option<MemberId> {
        self.outcome().holder.map(|hold| hold.member)
    }

    pub(super) fn contenders(&self) -> Vec<MemberId> {
        self.outcome().contenders.iter().map(|hold| hold.member).collect()
    }

    pub(super) fn reviews(&self) -> Vec<&'static str> {
        Order::review(&self.subject()).iter().map(|review: &Review| review.code).collect()
    }
}

/// Other orders exist, nothing else is known of them.
struct Elsewhere;

impl World for Elsewhere {
    fn select(&self, _select: &Select) -> Result<Vec<Found>, WorldError> {
        Ok(Vec::new())
    }

    fn exists(&self, _aggregate: &'static str, reference: Reference) -> Result<bool, WorldError> {
        Ok(reference.seq == 99)
    }
}

impl Story {
    pub(super) fn new() -> Self {
        Self::with_dice(0)
    }

    /// With ids that other dice throw, so that ties fall otherwise.
    pub(super) fn with_dice(dice: u8) -> Self {
        let order = NewOrder {
            building: "3".into(),
            unit: Some("2".into()),
            room: Some("1804".into()),
            kind: "medicine".into(),
            contact: Some("王 13800000078".into()),
            note: Some("ring twice".into()),
            items: vec![NewItem { name: "insulin".into(), qty: Some(2.into()), ..NewItem::default() }],
            ..NewOrder::default()
        };
        let mut story = Story { told: Vec::new(), dice, now: 1_000 };
        story.hear('p', &[], Command::Post(Box::new(order))).expect("a fine order");
        story
    }

    /// Tells a fact said by somebody who knew of some acts and all that these build on.
    pub(super) fn say(&mut self, by: char, knows: &[usize], fact: Fact) -> usize {
        self.tell(by, knows, fact, Vec::new())
    }

    fn tell(&mut self, by: char, knows: &[usize], fact: Fact, edits: Vec<Edit>) -> usize {
        self.told.push(Told { by, knows: knows.to_vec(), fact, edits, wall: self.now });
        self.told.len() - 1
    }

    /// Somebody who knows of some acts commands something of the order. Returns the last act it makes.
    pub(super) fn hear(&mut self, by: char, knows: &[usize], command: Command) -> Result<usize, Refusal> {
        let mut last = knows.last().copied().unwrap_or_default();
        for draft in self.decide(by, knows, command)?.into_iter().filter(|draft| draft.kind != 0x0115) {
            let Payload::Ready(payload) = draft.payload else { continue };
            let fact = Order::read(draft.kind, 1, &payload).expect("a decision writes what can be read");
            last = self.tell(by, if self.told.is_empty() { &[] } else { knows }, fact, draft.edits);
        }
        Ok(last)
    }

    pub(super) fn decide(&self, by: char, knows: &[usize], command: Command) -> Result<Vec<Draft>, Refusal> {
        let folded = (!self.told.is_empty()).then(|| self.known(knows));
        decide_at(self.now, folded.as_ref(), by, command)
    }

    /// A command of somebody who has this before them.
    pub(super) fn decide_on(folded: &Folded, by: char, command: Command) -> Result<Vec<Draft>, Refusal> {
        decide_at(1_000, Some(folded), by, command)
    }

    /// A command that makes an order.
    pub(super) fn decide_new(command: Command) -> Result<Vec<Draft>, Refusal> {
        decide_at(1_000, None, 'p', command)
    }

    pub(super) fn reference(&self, act: usize) -> Reference {
        let id = self.id(act);
        Reference { log: LogId::from_bytes([1; 16]), seq: act as u64, check: id.short() }
    }

    /// Ids rise in the order of telling, unless dice scramble them.
    fn id(&self, act: usize) -> EventId {
        let mut bytes = *blake3::hash(&[self.dice, act as u8, (act >> 8) as u8]).as_bytes();
        if self.dice == 0 {
            bytes[..8].copy_from_slice(&(act as u64).to_be_bytes());
        }
        EventId::from_bytes(bytes)
    }

    /// All of it, folded.
    pub(super) fn all(&self) -> Folded {
        self.fold(&(0..self.told.len()).collect())
    }

    /// What somebody has who knows of some acts and all that these build on.
    pub(super) fn known(&self, knows: &[usize]) -> Folded {
        let mut known = BTreeSet::from([0]);
        let mut open = knows.to_vec();
        while let Some(act) = open.pop() {
            if known.insert(act) {
                open.extend(&self.told[act].knows);
            }
        }
        self.fold(&known)
    }

    /// The first so many acts in their one order, folded anew.
    pub(super) fn first(&self, count: usize) -> Folded {
        let order = self.order(&(0..self.told.len()).collect());
        self.fold(&order.into_iter().take(count).collect())
    }

    /// How it stands after each act in their one order, folded on.
    pub(super) fn stages(&self) -> Vec<Folded> {
        let mut folded = self.unfolded();
        let order = self.order(&(0..self.told.len()).collect());
        let fold_on = |at: usize| {
            self.apply(&mut folded, &order, at);
            folded.clone()
        };
        (0..order.len()).map(fold_on).collect()
    }

    fn fold(&self, acts: &BTreeSet<usize>) -> Folded {
        let (mut folded, order) = (self.unfolded(), self.order(acts));
        for at in 0..order.len() {
            self.apply(&mut folded, &order, at);
        }
        folded
    }

    fn lamport(&self, act: usize) -> u64 {
        let mut lamports = Vec::with_capacity(act + 1);
        for told in &self.told[..=act] {
            let deps = told.knows.iter().map(|&dep| lamports[dep]).max();
            lamports.push(1 + deps.unwrap_or(u64::from(!lamports.is_empty())));
        }
        lamports[act]
    }

    /// Acts in (lamport, id).
    fn order(&self, acts: &BTreeSet<usize>) -> Vec<usize> {
        let mut order: Vec<usize> = acts.iter().copied().collect();
        order.sort_by_cached_key(|&act| (self.lamport(act), self.id(act)));
        order
    }

    fn unfolded(&self) -> Folded {
        let building = self.told.first().and_then(|told| Order::building(&told.fact));
        let birth = Birth { aggregate: self.reference(0), author: member('p'), building };
        Folded { birth, state: State::default(), content: Content::default(), history: History::default() }
    }

    fn apply(&self, folded: &mut Folded, order: &[usize], at: usize) {
        let (act, told) = (order[at], &self.told[order[at]]);
        let before = |dep: &usize| order.iter().position(|other| other == dep).expect("told before");
        let deps: Vec<usize> = told.knows.iter().map(before).chain((act > 0).then_some(0)).collect();
        let pushed = Act {
            reference: self.reference(act),
            id: self.id(act),
            lamport: self.lamport(act),
            by: member(told.by),
            device: DeviceId::from_bytes([told.by as u8; 32]),
            standing: Standing::NONE.with(Need::MEMBER),
            wall: WallMs(told.wall),
        };
        let pushed = folded.history.push(pushed, &deps);
        Order::apply(&mut folded.state, &told.fact, pushed, &folded.history, &folded.birth);
        write(&mut folded.content, &told.edits, self.id(act));
    }
}

fn decide_at(now: i64, folded: Option<&Folded>, by: char, command: Command) -> Result<Vec<Draft>, Refusal> {
    let context = DecisionContext {
        by: member(by),
        device: DeviceId::from_bytes([by as u8; 32]),
        standing: Standing::NONE.with(Need::MEMBER),
        now: WallMs(now),
        world: &Elsewhere,
    };
    Order::decide(folded.map(Folded::subject).as_ref(), command, &context)
}

/// Edits as they come, the last one winning: stories that need conflicts make them by hand.
fn write(content: &mut Content, edits: &[Edit], id: EventId) {
    let value = |value: &crate::event::Scalar| vec![Value { value: value.clone(), by: [0; 16] }];
    for (nth, edit) in edits.iter().enumerate() {
        match edit {
            Edit::Put { field, value: put } => {
                content.fields.insert(*field, value(put));
            }
            Edit::Add { list, fields } => {
                let fields = fields.iter().map(|(field, put)| (*field, value(put))).collect();
                let item = Item { fields, removal_contested: false };
                content.lists.entry(*list).or_default().insert(ItemId::new(id, nth as u16), item);
            }
            Edit::PutItem { list, item, field, value: put } => {
                if let Some(item) = content.lists.entry(*list).or_default().get_mut(item) {
                    item.fields.insert(*field, value(put));
                }
            }
            Edit::Remove { list, item } => {
                content.lists.entry(*list).or_default().remove(item);
            }
        }
    }
}

pub(super) fn claimed() -> Fact {
    Fact::Claimed(Confirmation {})
}

pub(super) fn released() -> Fact {
    Fact::Released(Reason::default())
}

pub(super) fn cancelled() -> Fact {
    Fact::Cancelled(Reason::default())
}

pub(super) fn reopened() -> Fact {
    Fact::Reopened(Reason::default())
}

pub(super) fn taken_over(claim: Reference) -> Fact {
    Fact::TakenOver(TakenOver { claim })
}

pub(super) fn purchased(cents: i64) -> Fact {
    Fact::Purchased(Purchased { cost_cents: Some(cents), got: Vec::new(), happened_at: None, already_happened: false })
}

pub(super) fn delivered(already_happened: bool) -> Fact {
    Fact::Delivered(Delivered { how: How::HandedOver, happened_at: None, already_happened })
}

pub(super) fn deliver(already_happened: bool) -> Command {
    Command::Deliver { how: How::LeftAtDoor, already_happened, happened_at: None }
}

pub(super) fn purchase(cost_cents: i64, already_happened: bool) -> Command {
    Command::Purchase { cost_cents: Some(cost_cents), got: Vec::new(), already_happened, happened_at: None }
}

pub(super) fn posted() -> Posted {
    Posted { building: "3".into(), asked_by: None, way: Way::Phone, happened_at: None, moved_from: None }
}
