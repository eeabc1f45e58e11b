//! The plan of a replay: every step that will be tried, drawn from a recording and a seed before anything happens.
//!
//! Pure: it knows no replica. What becomes of a step is decided by the phones; which phones it touches stands here
//! already, so that steps of different phones can be taken at the same time and nothing depends on which is faster.

mod added;

use std::collections::BTreeMap;

use linli_core::time::WallMs;
use linli_tests::trace::{Action, Donate, Item, Op, Post, Trace};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// One thing that is tried. Touches `phone` and, if there is one, `other`.
pub(crate) struct Step {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Whose phone does it, by number.
    pub phone: usize,
    /// Whom it meets, or may ask.
    pub other: Option<usize>,
    /// What decides whatever is left to chance in it.
    pub seed: u64,
    /// What is tried.
    pub what: What,
}

/// What is tried.
pub(crate) enum What {
    /// The two meet and their phones sync.
    Meet {
        /// The pipe breaks after so many bytes.
        cut: Option<usize>,
    },
    /// Two who cannot meet: one of their buildings is cut off.
    KeptApart,
    /// Somebody does something.
    Act {
        /// What they do.
        act: Act,
        /// Whether they talk to the other first.
        ask: Ask,
    },
}

/// When somebody talks to the other before acting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// In any case.
    First,
    /// Only if they have not heard of what they act on.
    IfUnknown,
}

/// What somebody does. Orders, boxes, lots and parcels are numbered as the recording names them.
pub(crate) enum Act {
    /// Writes an order down.
    Post(usize, Box<Post>),
    /// Does something with an order.
    Order(usize, Deed),
    /// Gives goods to a box.
    Donate(usize, usize, Box<Donate>),
    /// Does something with a lot of a box.
    Box(usize, usize, Handling),
}

/// What is done with an order.
pub(crate) enum Deed {
    Claim,
    Release,
    /// Several believe to hold it: whoever holds it now shall.
    Resolve,
    Purchase(i64),
    Deliver,
    Confirm,
    Cancel,
    Note(String),
    Items(Vec<Item>),
    /// Of several notes this one shall stand.
    Choose(String),
}

/// What is done with a lot.
pub(crate) enum Handling {
    Take {
        qty: i64,
        order: Option<usize>,
    },
    Count(i64),
    Discard(i64, String),
    /// Some of it goes to another box: parcel, box, how much.
    Send(usize, usize, i64),
    /// A parcel is received, counted. The box is the one it is for.
    Receive(usize, i64),
}

/// A whole replay.
pub(crate) struct Plan {
    /// How many phones there are.
    pub phones: usize,
    /// The labels of the buildings.
    pub buildings: Vec<String>,
    /// In which building each phone lives.
    pub lives: Vec<usize>,
    /// Which phone leads each building.
    pub leaders: Vec<usize>,
    /// The building of each box, by the box's number.
    pub boxes: Vec<usize>,
    /// How many orders there can be.
    pub orders: usize,
    /// How many lots.
    pub lots: usize,
    /// How many parcels.
    pub parcels: usize,
    /// When it begins.
    pub begins: WallMs,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Actions of the recording that name an order, a box or a lot that never was.
    pub pointless: u64,
}

/// What a replay is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub phones: usize,
    pub seed: u64,
    /// Meetings of each phone a day, about.
    pub meetings: f64,
}

/// Draws the plan. `lasting` says which medicines boxes take at all.
pub(crate) fn draw(trace: &Trace, wanted: Wanted, lasting: &dyn Fn(&str) -> bool) -> Plan {
    let mut drawer = Drawer::new(trace, wanted);
    for action in &trace.actions {
        drawer.recorded(action);
    }
    drawer.rivals();
    drawer.conflicting_edits();
    drawer.goods(lasting);
    drawer.chance_meetings(wanted.meetings);
    drawer.finish()
}

/// What the recording says of an order.
struct Known {
    poster: usize,
    posted: i64,
    building: usize,
    claims: Vec<(i64, usize)>,
    /// Who delivered it last.
    carrier: Option<usize>,
}

struct Lot {
    donor: usize,
    donated: i64,
    medicine_box: usize,
    medicine: String,
    qty: i64,
    lasts: bool,
}

struct Drawer {
    dice: ChaCha20Rng,
    plan: Plan,
    ends: i64,
    /// When each building is cut off.
    cut_off: Vec<Vec<(i64, i64)>>,
    order_names: BTreeMap<String, usize>,
    orders: Vec<Known>,
    lot_names: BTreeMap<String, usize>,
    lots: Vec<Lot>,
    box_names: BTreeMap<String, usize>,
}

impl Drawer {
    fn new(trace: &Trace, wanted: Wanted) -> Self {
        let (mut labels, mut posts) = (BTreeMap::new(), vec![BTreeMap::<String, usize>::new(); wanted.phones]);
        let mut box_names = BTreeMap::new();
        for action in &trace.actions {
            match &action.op {
                Op::Post(post) => {
                    let next = labels.len();
                    labels.entry(post.building.clone()).or_insert(next);
                    *posts[action.device % wanted.phones].entry(post.building.clone()).or_default() += 1;
                }
                Op::Donate(donate) => {
                    let next = box_names.len();
                    box_names.entry(donate.medicine_box.clone()).or_insert(next);
                }
                _ => {}
            }
        }
        if labels.is_empty() {
            labels.insert("1".to_owned(), 0);
        }
        let mut buildings = vec![String::new(); labels.len()];
        labels.iter().for_each(|(label, at)| buildings[*at].clone_from(label));
        let most = |phone: usize| posts[phone].iter().max_by_key(|(_, count)| **count).map(|(label, _)| labels[label]);
        let lives: Vec<usize> = (0..wanted.phones).map(|phone| most(phone).unwrap_or(phone % labels.len())).collect();
        let leaders = (0..labels.len())
            .map(|building| lives.iter().position(|lives| *lives == building).unwrap_or(building % wanted.phones))
            .collect();
        let begins = trace.actions.first().map_or(trace.header.start_ms, |first| first.t.min(trace.header.start_ms));
        let ends = trace.actions.last().map_or(begins, |last| last.t);
        let mut dice = ChaCha20Rng::seed_from_u64(wanted.seed);
        let cut_off = (0..labels.len()).map(|_| cut_off(&mut dice, begins, ends)).collect();
        let plan = Plan {
            phones: wanted.phones,
            boxes: (0..box_names.len()).map(|at| at % buildings.len()).collect(),
            buildings,
            lives,
            leaders,
            orders: 0,
            lots: 0,
            parcels: 0,
            begins: WallMs(begins),
            steps: Vec::new(),
            pointless: 0,
        };
        Self {
            dice,
            plan,
            ends,
            cut_off,
            order_names: BTreeMap::new(),
            orders: Vec::new(),
            lot_names: BTreeMap::new(),
            lots: Vec::new(),
            box_names,
        }
    }

    fn apart(&self, one: usize, other: usize, at: i64) -> bool {
        let (one, other) = (self.plan.lives[one], self.plan.lives[other]);
        let alone = |building: usize| self.cut_off[building].iter().any(|(from, to)| (*from..*to).contains(&at));
        one != other && (alone(one) || alone(other))
    }

    fn step(&mut self, at: i64, phone: usize, other: Option<usize>, what: What) {
        let seed = self.dice.random();
        let other = other.filter(|other| *other != phone);
        self.plan.steps.push(Step { at, phone, other, seed, what });
    }

    fn meet(&mut self, at: i64, one: usize, other: usize) {
        if one == other {
            return;
        }
        let what = if self.apart(one, other, at) { What::KeptApart } else { What::Meet { cut: None } };
        self.step(at, one, Some(other), what);
    }

    fn act(&mut self, at: i64, phone: usize, other: Option<usize>, ask: Ask, act: Act) {
        let other = other.filter(|other| !self.apart(phone, *other, at));
        self.step(at, phone, other, What::Act { act, ask });
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.dice.random_range(0..100) < percent
    }

    fn phone(&mut self) -> usize {
        self.dice.random_range(0..self.plan.phones)
    }

    /// A time after `from`, by so much, but not after the end.
    fn later(&mut self, from: i64, least: i64, most: i64) -> i64 {
        (from + self.dice.random_range(least..most)).min(self.ends)
    }

    /// An action of the recording, on its device's phone.
    fn recorded(&mut self, action: &Action) {
        let (at, phone) = (action.t, action.device % self.plan.phones);
        match &action.op {
            Op::Post(post) => {
                let order = self.orders.len();
                self.order_names.insert(post.order.clone(), order);
                let building = self.plan.buildings.iter().position(|label| *label == post.building).unwrap_or(0);
                let claims = Vec::new();
                self.orders.push(Known { poster: phone, posted: at, building, claims, carrier: None });
                self.act(at, phone, None, Ask::IfUnknown, Act::Post(order, post.clone()));
            }
            Op::Donate(donate) => {
                let lot = self.lots.len();
                self.lot_names.insert(donate.lot.clone(), lot);
                let medicine_box = self.box_names.get(&donate.medicine_box).copied().unwrap_or(0);
                self.lots.push(Lot {
                    donor: phone,
                    donated: at,
                    medicine_box,
                    medicine: donate.medicine.clone(),
                    qty: donate.qty,
                    lasts: self.lasts(&donate.expires),
                });
                self.act(at, phone, None, Ask::IfUnknown, Act::Donate(medicine_box, lot, donate.clone()));
            }
            Op::Take { lot, qty, for_order, .. } => {
                let order = for_order.as_ref().and_then(|order| self.order_names.get(order)).copied();
                self.handled(at, phone, lot, Handling::Take { qty: *qty, order });
            }
            Op::Count { lot, qty, .. } => self.handled(at, phone, lot, Handling::Count(*qty)),
            Op::Discard { lot, qty, reason, .. } => {
                self.handled(at, phone, lot, Handling::Discard(*qty, reason.clone()));
            }
            Op::Claim { order } => self.dealt(at, phone, order, Deed::Claim),
            Op::Release { order } => self.dealt(at, phone, order, Deed::Release),
            Op::Purchase { order, cost_cents } => self.dealt(at, phone, order, Deed::Purchase(*cost_cents)),
            Op::Deliver { order } => self.dealt(at, phone, order, Deed::Deliver),
            Op::Confirm { order } => self.dealt(at, phone, order, Deed::Confirm),
            Op::Cancel { order } => self.dealt(at, phone, order, Deed::Cancel),
            Op::Edit { order, note, items } => {
                if let Some(note) = note {
                    self.dealt(at, phone, order, Deed::Note(note.clone()));
                }
                if let Some(items) = items {
                    self.dealt(at, phone, order, Deed::Items(items.clone()));
                }
            }
        }
    }

    /// Whether a package is good beyond the end of the recording.
    fn lasts(&self, expires: &str) -> bool {
        use linli_core::aggregate::medicine_box::{Day, UTC_OFFSET_MINUTES};
        expires.parse().is_ok_and(|day: Day| day > Day::of(WallMs(self.ends), UTC_OFFSET_MINUTES))
    }

    fn dealt(&mut self, at: i64, phone: usize, order: &str, deed: Deed) {
        let Some(&order) = self.order_names.get(order) else {
            self.plan.pointless += 1;
            return;
        };
        let known = &mut self.orders[order];
        let (poster, carrier) = (known.poster, known.carrier);
        let (whom, ask) = match deed {
            // The resident calls: whoever asks whether it came, asks the one who brought it.
            Deed::Confirm => (carrier, Ask::First),
            _ => (Some(poster), Ask::IfUnknown),
        };
        match deed {
            Deed::Claim => known.claims.push((at, phone)),
            Deed::Deliver => known.carrier = Some(phone),
            _ => {}
        }
        let asks = self.chance(90);
        self.act(at, phone, whom.filter(|_| asks), ask, Act::Order(order, deed));
    }

    fn handled(&mut self, at: i64, phone: usize, lot: &str, handling: Handling) {
        let Some(&lot) = self.lot_names.get(lot) else {
            self.plan.pointless += 1;
            return;
        };
        let Lot { donor, medicine_box, .. } = self.lots[lot];
        let asks = self.chance(90);
        self.act(at, phone, Some(donor).filter(|_| asks), Ask::IfUnknown, Act::Box(medicine_box, lot, handling));
    }

    fn finish(mut self) -> Plan {
        self.plan.steps.sort_by_key(|step| step.at);
        self.plan.orders = self.orders.len();
        self.plan.lots = self.lots.len();
        self.plan
    }
}

/// Some hours every few days.
fn cut_off(dice: &mut ChaCha20Rng, begins: i64, ends: i64) -> Vec<(i64, i64)> {
    let (mut windows, mut at) = (Vec::new(), begins);
    loop {
        at += dice.random_range(DAY..5 * DAY);
        if at >= ends {
            return windows;
        }
        let until = at + dice.random_range(3 * HOUR..14 * HOUR);
        windows.push((at, until));
        at = until;
    }
}
