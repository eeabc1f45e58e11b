//! Actions: what somebody vaguely does next, drawn by dice and made exact by what their phone shows.

use linli_core::{
    aggregate::{
        Select,
        alert::AlertCommand,
        medicine_box::{self, BOX, BOX_LOT, Day, Goods, Portion, What, When},
        order::{self, AttemptOutcome, Change, How, NewItem, NewOrder, ORDER_CARD, Urgency},
        product::{self, Class, Details, PRODUCT},
    },
    event::{Compartment, Head, LogHeader, Scalar},
    id::{MemberId, Reference},
    qty::Qty,
    roster::{Cut, CutHead, Grant, Right, Role, RosterCommand},
    time::WallMs,
};
use linli_tests::people::{LAN, WU};
use rand::{RngExt, seq::IndexedRandom};

use super::{
    invariant::known,
    step::{Command, Step},
    town::Town,
};

/// What somebody vaguely does.
#[derive(Clone, Copy, Debug)]
enum Action {
    Post,
    Order,
    Alert,
    Box,
    Repeat,
    Roster,
    Join,
    Meet,
    Restart,
    Rebuild,
    Clock,
    Pass,
}

const ODDS: [(Action, u32); 12] = [
    (Action::Post, 12),
    (Action::Order, 38),
    (Action::Alert, 6),
    (Action::Box, 14),
    (Action::Repeat, 4),
    (Action::Roster, 8),
    (Action::Join, 6),
    (Action::Meet, 26),
    (Action::Restart, 3),
    (Action::Rebuild, 1),
    (Action::Clock, 3),
    (Action::Pass, 6),
];

const BUILDINGS: [&str; 3] = ["1", "2", "17"];

impl Town {
    /// The next step.
    pub(crate) fn draw(&mut self) -> Step {
        let mut left = self.world.dice.random_range(0..ODDS.iter().map(|(_, odds)| odds).sum::<u32>());
        let drawn = ODDS.iter().find(|(_, odds)| {
            let here = left < *odds;
            left = left.saturating_sub(*odds);
            here
        });
        let action = drawn.map_or(Action::Pass, |(action, _)| *action);
        // Where an action finds nothing to act on, people meet.
        self.exactly(action).unwrap_or_else(|| self.meet())
    }

    fn exactly(&mut self, action: Action) -> Option<Step> {
        let phone = self.anybody();
        Some(match action {
            Action::Post => {
                let command = self.post();
                self.commands(phone, command)
            }
            Action::Order => {
                let order = self.one_of(phone, ORDER_CARD.name)?;
                let command = self.on_order();
                self.commands(phone, Command::Order(Some(order), command))
            }
            Action::Alert => {
                let command = self.on_alert(phone);
                self.commands(phone, command)
            }
            Action::Box => {
                let command = self.on_box(phone)?;
                self.commands(phone, command)
            }
            Action::Repeat => Step::Again { nth: self.index(self.answered.len())? },
            Action::Roster => {
                let command = self.on_roster(phone)?;
                Step::Roster { phone, id: self.world.command(), command }
            }
            Action::Join => {
                let strangers: Vec<usize> = (0..self.world.len())
                    .filter(|at| !self.joined.contains(at) && self.siege.relay != Some(*at))
                    .collect();
                Step::Join { phone: *strangers.choose(&mut self.world.dice)?, by: phone }
            }
            Action::Meet => return None,
            Action::Restart => Step::Restart { phone },
            Action::Rebuild => Step::Rebuild { phone },
            Action::Clock => {
                let walls = [0, 4_070_908_800_000, 1_648_771_200_000, -1, i64::MAX, i64::MIN];
                Step::Clock { phone, wall: WallMs(*walls.choose(&mut self.world.dice)?) }
            }
            Action::Pass => Step::Pass { minutes: self.world.dice.random_range(1..600) },
        })
    }

    fn meet(&mut self) -> Step {
        let (one, other) = (self.anybody(), self.anybody());
        match (one == other, self.joined.len()) {
            // The founder is alone.
            (_, 1) => Step::Join { phone: WU, by: LAN },
            (true, _) => Step::Pass { minutes: 5 },
            (false, _) => Step::Meet { one, other, end: self.some_break() },
        }
    }

    fn commands(&mut self, phone: usize, command: Command) -> Step {
        Step::Command { phone, id: self.world.command(), command }
    }

    fn index(&mut self, len: usize) -> Option<usize> {
        (len > 0).then(|| self.world.dice.random_range(0..len))
    }

    /// A phone that belongs to the community.
    fn anybody(&mut self) -> usize {
        let joined: Vec<usize> = self.joined.iter().copied().collect();
        joined.choose(&mut self.world.dice).copied().unwrap_or(LAN)
    }

    fn member(&mut self) -> MemberId {
        let phone = self.world.dice.random_range(0..self.world.len());
        MemberId::first_device(self.world.device(phone))
    }

    /// One of the aggregates that a phone shows.
    fn one_of(&mut self, phone: usize, table: &'static str) -> Option<Reference> {
        known(self.world.at(phone), table).choose(&mut self.world.dice).copied()
    }

    fn building(&mut self) -> String {
        BUILDINGS.choose(&mut self.world.dice).copied().unwrap_or("1").to_owned()
    }

    fn post(&mut self) -> Command {
        let urgency = [Urgency::Normal, Urgency::Urgent, Urgency::Emergency];
        let qty = Qty::whole(self.world.dice.random_range(0..12));
        let order = NewOrder {
            building: self.building(),
            room: Some(format!("{}", self.world.dice.random_range(101..120))),
            kind: "medicine".to_owned(),
            urgency: urgency.choose(&mut self.world.dice).copied().unwrap_or_default(),
            items: vec![NewItem { name: "insulin".to_owned(), qty: Some(qty), ..NewItem::default() }],
            ..NewOrder::default()
        };
        Command::Order(None, order::Command::Post(Box::new(order)))
    }

    fn on_order(&mut self) -> order::Command {
        use order::Command as W;
        let (already_happened, happened_at) = (self.world.dice.random_bool(0.5), None);
        let number = self.world.dice.random_range(0..5_i64);
        match self.world.dice.random_range(0..24) {
            0..=4 => W::Claim,
            5 | 6 => W::Release { why: None },
            7 | 8 => W::TakeOver { anyway: already_happened },
            9 => W::Assign { member: self.member() },
            10 => W::OfferHandOver { to: self.member() },
            11 => W::AcceptHandOver { offer: None },
            12 => W::Purchase { cost_cents: Some(number * 100), got: Vec::new(), already_happened, happened_at },
            13 => W::Attempt { outcome: AttemptOutcome::Nobody, already_happened, happened_at },
            14 | 15 => W::Deliver { how: How::LeftAtDoor, already_happened, happened_at },
            16 => W::Cancel { why: None },
            17 => W::Reopen { why: Some("still wanted".to_owned()) },
            18 => W::Confirm,
            19 => W::Move { building: self.building(), unit: None, room: None },
            20 => W::Resolve { to: self.member() },
            21 => W::Choose { field: "note".to_owned(), item: None, value: Scalar::Text(format!("note {number}")) },
            _ => {
                let put = Change::Put { field: "note".to_owned(), value: Scalar::Text(format!("note {number}")) };
                let add = Change::AddItem(NewItem { name: format!("item {number}"), ..NewItem::default() });
                W::Edit { changes: vec![put, add] }
            }
        }
    }

    fn on_alert(&mut self, phone: usize) -> Command {
        let known = self.one_of(phone, "alert_card").filter(|_| self.world.dice.random_bool(0.7));
        if known.is_none() {
            let (building, what) = (Some(self.building()), "fall".to_owned());
            let raise = AlertCommand::Raise { what, building, unit: None, room: None, text: None, contact: None };
            return Command::Alert(None, raise);
        }
        let already_happened = self.world.dice.random_bool(0.3);
        let command = match self.world.dice.random_range(0..5) {
            0 => AlertCommand::Acknowledge,
            1 => AlertCommand::Respond { eta_minutes: Some(5) },
            2 => AlertCommand::Resolve { how: "helped".to_owned(), note: None, already_happened },
            3 => AlertCommand::RaiseAgain { why: None },
            _ => AlertCommand::StandDown { why: "cannot come".to_owned() },
        };
        Command::Alert(known, command)
    }

    fn on_box(&mut self, phone: usize) -> Option<Command> {
        let Some(product) = self.one_of(phone, PRODUCT.name).filter(|_| !self.world.dice.random_bool(0.05)) else {
            let class = [Class::OverTheCounter, Class::Prescription];
            let class = *class.choose(&mut self.world.dice)?;
            let details = Details { name: format!("{class:?}"), ..Details::default() };
            return Some(Command::Product(None, product::Command::List { details, class }));
        };
        let Some(medicine_box) = self.one_of(phone, BOX.name).filter(|_| !self.world.dice.random_bool(0.05)) else {
            let building = Some(self.building());
            let open = medicine_box::Command::Open { building, place: "gate".to_owned(), note: String::new() };
            return Some(Command::Box(None, open));
        };
        let command = self.in_box(phone, medicine_box, product)?;
        Some(Command::Box(Some(medicine_box), command))
    }

    fn in_box(&mut self, phone: usize, medicine_box: Reference, product: Reference) -> Option<medicine_box::Command> {
        use medicine_box::Command as W;
        let when = When { already_happened: self.world.dice.random_bool(0.4), happened_at: None };
        let qty = Qty::whole(self.world.dice.random_range(0..20));
        let lots = Select::from(BOX_LOT.name).of(medicine_box);
        let lots = self.world.at(phone).look(|reader| reader.select(&lots)).expect("the store answers");
        let place = BOX_LOT.columns.iter().position(|column| *column == "lot")?;
        let lots: Vec<Reference> = lots.iter().filter_map(|row| row.cells.get(place)?.reference()).collect();
        let Some(&lot) = lots.choose(&mut self.world.dice).filter(|_| self.world.dice.random_bool(0.8)) else {
            let expiry = Day::new(self.world.dice.random_range(2021..2029), 6, None);
            let goods = Goods { product, batch: Some("B1".to_owned()), expiry, unit: "box".to_owned() };
            return Some(W::Donate { goods, qty, origin: None, opened: false, blister_intact: true, when });
        };
        let to = self.one_of(phone, BOX.name)?;
        let part = Portion { lot, qty };
        Some(match self.world.dice.random_range(0..9) {
            0 | 1 => {
                let what = What::Product { product, qty, unit: None };
                W::Take { what, room: None, order: None, override_reason: None, when }
            }
            2 => W::Take { what: What::Lots(vec![part]), room: None, order: None, override_reason: None, when },
            3 => W::Count { parts: vec![part], blind: false, when },
            4 => W::Send { to, lot, qty, when },
            5 => {
                let sent = Select::from("box_move").is("kind", "sent");
                let sent = self.world.at(phone).look(|reader| reader.select(&sent)).expect("the store answers");
                let place = medicine_box::BOX_MOVE.columns.iter().position(|column| *column == "event")?;
                let sent = sent.choose(&mut self.world.dice)?.cells.get(place)?.reference()?;
                W::Receive { sent, qty, parcel: None, when }
            }
            6 => W::Return { parts: vec![part], room: None, when },
            7 => W::Discard { lot, qty, why: "broken".to_owned(), when },
            _ => W::Split { lot, qty, into_qty: Some(qty.saturating_mul(10)), into_unit: "tablet".to_owned(), when },
        })
    }

    fn on_roster(&mut self, phone: usize) -> Option<RosterCommand> {
        let other = self.world.dice.random_range(0..self.world.len());
        let device = self.world.device(other);
        let leader = Grant::Leader { buildings: vec![self.building()] };
        let grant = if self.world.dice.random_bool(0.8) { leader } else { Grant::Care };
        Some(match self.world.dice.random_range(0..8) {
            0..=2 => {
                let role = if self.world.dice.random_bool(0.3) { Role::Coordinator } else { Role::Volunteer };
                let record = self.world.at(other).record();
                RosterCommand::Admit { record, role, member: None, name: Some(format!("member {other}")) }
            }
            3 | 4 => RosterCommand::Grant { device, grant },
            5 => self.remove_grant(phone, other)?,
            6 => RosterCommand::Rotate { compartment: Compartment::Community },
            _ => RosterCommand::WrapLacking,
        })
    }

    /// Takes a right, up to where this phone has heard of its holder.
    fn remove_grant(&mut self, phone: usize, other: usize) -> Option<RosterCommand> {
        let (replica, device) = (self.world.at(phone), self.world.device(other));
        let roster = replica.roster();
        let grant = roster.rights_of(device).find_map(|right| match right {
            Right::Leader { building } => Some(Grant::Leader { buildings: vec![building.clone()] }),
            Right::Keeper { .. } | Right::Care => None,
        })?;
        let logs = replica.look(|reader| {
            let logs = reader.logs()?.into_iter().filter(|log| log.device == device);
            logs.map(|log| Ok((log, reader.heads(log.id())?))).collect::<Result<Vec<_>, _>>()
        });
        let logs = logs.expect("the store answers");
        let mut incarnations: Vec<_> = logs.iter().map(|(log, _)| log.incarnation).collect();
        incarnations.dedup();
        let heads = cuts(&logs);
        Some(RosterCommand::RemoveGrant { device, grant, heads, incarnations })
    }
}

fn cuts(logs: &[(LogHeader, Vec<Head>)]) -> Vec<Cut> {
    let cut = |(log, heads): &(LogHeader, Vec<Head>)| Cut {
        log: log.id(),
        heads: heads.iter().map(|head| CutHead { seq: head.seq, id: head.id }).collect(),
    };
    logs.iter().map(cut).collect()
}
