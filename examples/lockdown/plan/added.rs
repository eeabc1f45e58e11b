//! What a plan adds to the recording: chance meetings, and what the recording lacks to prove anything.

use rand::RngExt;

use super::{Act, Ask, DAY, Deed, Drawer, HOUR, Handling, Known, Lot, MINUTE, What};

impl Drawer {
    /// Two claim what both saw on the board: those of the recording within a minute of each other, and as many more
    /// as make a tenth of the orders. Some are sorted out by one of the two, some by a leader, some by themselves.
    pub(super) fn rivals(&mut self) {
        let mut wanted = self.orders.len().div_ceil(10);
        let of = |claims: &[(i64, usize)]| match *claims {
            [(at, one), (then, other), ..] if one != other && then - at < MINUTE => Some((at, one, then, other)),
            _ => None,
        };
        let natural: Vec<_> = self.orders.iter().enumerate().filter_map(|(o, k)| Some((o, of(&k.claims)?))).collect();
        for (order, (at, one, then, other)) in natural {
            wanted = wanted.saturating_sub(1);
            self.saw_it_before(at, other, order);
            self.sort_out(order, one, other, then);
        }
        let mut single: Vec<usize> = (0..self.orders.len()).filter(|o| self.orders[*o].claims.len() == 1).collect();
        while wanted > 0 && !single.is_empty() && self.plan.phones > 2 {
            let order = single.swap_remove(self.dice.random_range(0..single.len()));
            let ((at, one), other) = (self.orders[order].claims[0], self.phone());
            let poster = self.orders[order].poster;
            if other == one
                || other == poster
                || self.apart(other, poster, at - 1)
                || at - 1 <= self.orders[order].posted
            {
                continue;
            }
            let then = self.later(at, 1, MINUTE);
            self.saw_it_before(at, other, order);
            self.act(then, other, None, Ask::IfUnknown, Act::Order(order, Deed::Claim));
            self.sort_out(order, one, other, then);
            wanted -= 1;
        }
    }

    fn saw_it_before(&mut self, at: i64, phone: usize, order: usize) {
        let poster = self.orders[order].poster;
        self.meet(at - 1, phone, poster);
    }

    fn sort_out(&mut self, order: usize, one: usize, other: usize, from: i64) {
        let at = self.later(from, MINUTE, 40 * MINUTE);
        let how = self.dice.random_range(0..10);
        self.meet(at, other, one);
        let leader = self.plan.leaders[self.orders[order].building];
        match how {
            0..4 => self.act(at + 1, other, Some(one), Ask::IfUnknown, Act::Order(order, Deed::Release)),
            4..7 => self.act(at + 1, leader, Some(other), Ask::First, Act::Order(order, Deed::Resolve)),
            _ => {}
        }
    }

    /// Two who have not met change the same note; most of these are chosen between later, by one who heard of both.
    pub(super) fn conflicting_edits(&mut self) {
        if self.plan.phones < 2 {
            return;
        }
        let mut left = 2 * self.orders.len();
        let mut wanted = self.orders.len().div_ceil(20);
        while wanted > 0 && left > 0 {
            left -= 1;
            let order = self.dice.random_range(0..self.orders.len());
            let Known { poster, posted, .. } = self.orders[order];
            let (one, other, at) = (self.phone(), self.phone(), self.later(posted, HOUR, 4 * HOUR));
            if one == other || self.apart(one, poster, at) || self.apart(other, poster, at) {
                continue;
            }
            wanted -= 1;
            self.meet(at, one, poster);
            self.meet(at, other, poster);
            let (first, second) = (format!("请放{}楼门口", left % 9 + 1), format!("请打电话, {} 号门", left % 4 + 1));
            self.act(at + 1, one, None, Ask::IfUnknown, Act::Order(order, Deed::Note(first.clone())));
            self.act(at + 1, other, None, Ask::IfUnknown, Act::Order(order, Deed::Note(second)));
            let (then, chosen) = (self.later(at + 2, HOUR, DAY), self.chance(70));
            if chosen {
                self.act(then, other, Some(one), Ask::First, Act::Order(order, Deed::Choose(first)));
            }
        }
    }

    /// Two count the same lot without knowing of each other; some lots travel to another box.
    pub(super) fn goods(&mut self, lasting: &dyn Fn(&str) -> bool) {
        let good: Vec<usize> =
            (0..self.lots.len()).filter(|lot| self.lots[*lot].lasts && lasting(&self.lots[*lot].medicine)).collect();
        if good.is_empty() || self.plan.phones < 2 {
            return;
        }
        let counted_twice = good.len().div_ceil(6).max(12);
        for _ in 0..counted_twice {
            let lot = good[self.dice.random_range(0..good.len())];
            let Lot { donor, donated, medicine_box, qty, .. } = self.lots[lot];
            let (one, other, at) = (self.phone(), self.phone(), self.later(donated, HOUR, 2 * DAY));
            self.meet(at, one, donor);
            self.meet(at, other, donor);
            self.act(at + 1, one, None, Ask::IfUnknown, Act::Box(medicine_box, lot, Handling::Count(qty)));
            self.act(
                at + 1,
                other,
                None,
                Ask::IfUnknown,
                Act::Box(medicine_box, lot, Handling::Count((qty - 1).max(0))),
            );
            let (then, again) = (self.later(at + 2, HOUR, DAY), self.chance(40));
            self.meet(then, other, one);
            if again {
                self.act(then + 1, other, Some(one), Ask::IfUnknown, Act::Box(medicine_box, lot, Handling::Count(qty)));
            }
        }
        for _ in 0..good.len().div_ceil(5) {
            let lot = good[self.dice.random_range(0..good.len())];
            self.parcel(lot);
        }
    }

    fn parcel(&mut self, lot: usize) {
        let Lot { donor, donated, medicine_box, qty, .. } = self.lots[lot];
        let (to, parcel, some) = (self.dice.random_range(0..self.plan.boxes.len()), self.plan.parcels, qty / 3);
        if to == medicine_box || some == 0 {
            return;
        }
        self.plan.parcels += 1;
        let at = self.later(donated, HOUR, DAY);
        self.act(at, donor, None, Ask::IfUnknown, Act::Box(medicine_box, lot, Handling::Send(parcel, to, some)));
        if self.chance(75) {
            let (then, who) = (self.later(at + 1, HOUR, DAY), self.phone());
            let arrived = if self.chance(20) { some - 1 } else { some };
            self.act(then, who, Some(donor), Ask::First, Act::Box(to, lot, Handling::Receive(parcel, arrived)));
        }
    }

    /// People meet, more often in their own building. Some walk away before their phones are done.
    pub(super) fn chance_meetings(&mut self, a_day: f64) {
        let days = (self.ends - self.plan.begins.0) as f64 / DAY as f64;
        let count = (days * a_day * self.plan.phones as f64 / 2.0).ceil() as usize;
        for _ in 0..count {
            let at = self.dice.random_range(self.plan.begins.0..=self.ends);
            let one = self.phone();
            let neighbours: Vec<usize> =
                (0..self.plan.phones).filter(|p| *p != one && self.plan.lives[*p] == self.plan.lives[one]).collect();
            let next_door = !neighbours.is_empty() && self.chance(50);
            let other = if next_door { neighbours[self.dice.random_range(0..neighbours.len())] } else { self.phone() };
            if other == one {
                continue;
            }
            if self.apart(one, other, at) {
                self.step(at, one, Some(other), What::KeptApart);
                continue;
            }
            // Small breaks are as likely as large ones: at a hundred bytes, at a thousand, at ten thousand.
            let cut = self.chance(35).then(|| 10_f64.powf(self.dice.random_range(1.5..4.5)) as usize);
            self.step(at, one, Some(other), What::Meet { cut });
        }
    }
}
