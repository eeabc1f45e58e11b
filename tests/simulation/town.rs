//! A town: phones with clocks of their own, what was promised to their owners, and what has happened so far.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    sync::Arc,
    time::Duration,
};

use linli_core::{
    id::CommandId,
    replica::{LinkError, Receipt},
    roster::{Role, RosterCommand},
    store::Pos,
    time::{ManualClock, WallMs},
};
use linli_tests::{Break, Ended, MORNING, World, loud, people::LAN};
use rand::RngExt;

use super::{
    heap::Bound,
    invariant,
    siege::Siege,
    step::{Command, No, Step, change_roster},
    work::{self, Bill},
};

/// A command that was answered.
pub(crate) struct Answered {
    pub(crate) phone: usize,
    pub(crate) id: CommandId,
    pub(crate) command: Command,
    pub(crate) receipt: Receipt,
}

/// How much a phone holds: its newest event, and bytes of bodies. What it holds is another where this is.
pub(crate) type Mark = (Pos, u64);

/// Of so many steps, as a power of two, one has a copy of a phone made again.
const COPIED: u32 = 5;

/// A community and all that happened in it.
pub(crate) struct Town {
    pub(crate) world: World,
    clocks: Vec<ManualClock>,
    /// Phones that were handed a welcome; the others belong to nobody.
    pub(crate) joined: BTreeSet<usize>,
    pub(crate) answered: Vec<Answered>,
    pub(crate) steps: Vec<Step>,
    /// Commands that were refused.
    pub(crate) refused: usize,
    /// Whether all is made again after each step, to compare.
    makes_again: bool,
    /// What decides after which steps a copy is made again in the others, beside the dice of the town.
    seed: u64,
    /// What each phone held when it was last looked at.
    looked_at: BTreeMap<usize, Mark>,
    pub(crate) bill: Bill,
    /// Members who lie; none in a community of honest people.
    pub(crate) siege: Siege,
    aloud: bool,
}

impl Town {
    /// Three to seven phones, the first of them the founder's. Some have clocks that are wrong from the start.
    pub(crate) fn founded(seed: u64, aloud: bool) -> Self {
        let town = Self::unfounded(seed, aloud, 3..=7);
        town.world.at(LAN).found(None).expect("nothing stands against founding");
        town
    }

    /// So many phones of people who have yet to found something.
    pub(crate) fn unfounded(seed: u64, aloud: bool, phones: RangeInclusive<usize>) -> Self {
        let mut world = World::seeded(seed);
        let mut clocks = Vec::new();
        for _ in 0..world.dice.random_range(phones) {
            let wall = match world.dice.random_range(0..8) {
                0 => WallMs(0),
                1 => WallMs(4_070_908_800_000),
                _ => MORNING,
            };
            clocks.push(ManualClock::at(wall));
            world.phone_with_clock(Arc::new(clocks[clocks.len() - 1].clone()));
        }
        let (joined, makes_again) = ([LAN].into(), world.dice.random());
        Self {
            world,
            clocks,
            joined,
            answered: Vec::new(),
            steps: Vec::new(),
            refused: 0,
            siege: Siege::default(),
            makes_again,
            seed,
            looked_at: BTreeMap::new(),
            bill: Bill::default(),
            aloud,
        }
    }

    /// Most are there from the beginning; the others come as it happens, if at all.
    pub(crate) fn gather(&mut self) {
        for phone in 1..self.world.len() {
            if self.world.dice.random_bool(0.3) {
                continue;
            }
            let role = if self.world.dice.random_bool(0.3) { Role::Coordinator } else { Role::Volunteer };
            let (record, id) = (self.world.at(phone).record(), self.world.command());
            let command = RosterCommand::Admit { record, role, member: None, name: None };
            self.take(Step::Roster { phone: LAN, id, command });
            self.take(Step::Join { phone, by: LAN });
            self.take(Step::Meet { one: LAN, other: phone, end: Break::Never });
        }
    }

    /// Carries a step out and checks what must hold after it.
    pub(crate) fn take(&mut self, step: Step) {
        if self.aloud {
            println!("{:4}  {step}", self.steps.len());
        }
        self.steps.push(step.clone());
        let touched = self.touched_by(&step);
        let is_input = !matches!(step, Step::Restart { .. } | Step::Rebuild { .. });
        let inputs = match &step {
            // Acts, a log and its branches are told to two, each by itself.
            Step::Heap { bound: Bound::Doubt(_), .. } => 6,
            // A heap is told to two.
            Step::Heap { .. } => 2,
            _ => 1,
        };
        let ((), cost) = work::count(|| self.carry_out(step));
        if is_input && !self.siege.liars.is_empty() {
            self.bill.charge(cost, inputs);
        } else {
            self.bill.note(cost);
        }
        self.go_on(&touched);
        assert_eq!(loud::errors(), [""; 0], "nothing is logged as an error");
        let changed: BTreeSet<usize> = touched.into_iter().filter(|phone| self.is_changed(*phone)).collect();
        for phone in &changed {
            self.judges_alike(*phone);
        }
        self.assert_unbroken(&changed);
        if let Some([one, other]) = self.siege.met.take() {
            self.assert_same_doubt(one, other);
        }
    }

    /// What a step left to be done later is done, each time as an input of its own.
    fn go_on(&mut self, touched: &BTreeSet<usize>) {
        for phone in touched {
            let mut more = true;
            while more {
                let (goes_on, cost) = work::count(|| self.world.at(*phone).go_on().expect("the store answers"));
                more = goes_on;
                if cost.is_work() && !self.siege.liars.is_empty() {
                    self.bill.charge(cost, 1);
                }
            }
        }
    }

    fn carry_out(&mut self, step: Step) {
        match step {
            Step::Command { phone, id, command } => self.command(phone, id, command),
            Step::Again { nth } => {
                let Answered { phone, id, command, receipt } = &self.answered[nth];
                let again = command.submit(self.world.at(*phone), *id);
                assert_eq!(again.as_ref(), Ok(receipt), "the same id is answered the same");
            }
            Step::Roster { phone, id, command } => {
                let before = self.events(phone);
                if change_roster(self.world.at(phone), id, command).is_err() {
                    assert_eq!(self.events(phone), before, "a refusal writes nothing");
                }
            }
            Step::Join { phone, by } => {
                if let Ok(welcome) = self.world.at(by).welcome() {
                    self.world.at(phone).join(&welcome).expect("a phone joins the community it belongs to");
                    self.joined.insert(phone);
                }
            }
            Step::Meet { one, other, end } => {
                let meeting = self.world.meet(one, other, end);
                let withdrawn = matches!(meeting.ended, Ended::Failed(LinkError::Withdrawn));
                let may = [one, other].iter().any(|phone| self.lies(*phone) || self.is_copied(*phone))
                    || self.somebody_withdraws();
                let failed = matches!(meeting.ended, Ended::Failed(_)) && !(withdrawn && may);
                assert!(!failed, "honest phones meet: {:?}", meeting.ended);
                self.siege.met = (meeting.ended == Ended::InStep).then_some([one, other]);
                if meeting.ended == Ended::InStep && meeting.not_taken == 0 {
                    self.assert_in_step(one, other);
                }
            }
            Step::Restart { phone } => {
                let before = self.world.at(phone).state_hash().expect("the store answers");
                self.world.close(phone);
                self.world.open(phone);
                assert_eq!(self.world.at(phone).state_hash().expect("the store answers"), before);
                self.judges_alike(phone);
            }
            Step::Rebuild { phone } => self.world.assert_one_truth(phone),
            Step::Clock { phone, wall } => self.clocks[phone].set_wall(wall),
            Step::Pass { minutes } => self.pass(minutes),
            Step::Heap { liar, bound, to, some_to } => {
                let runs = self.siege.liars[liar].heap_up(&mut self.world, bound, [to, some_to]);
                self.bill.heap(runs);
            }
            Step::Lie { liar, to } => self.siege.liars[liar].tell(&mut self.world, to),
            Step::Register { phone, id } => self.register(phone, id),
            Step::Mislead { liar, seen_on } => self.mislead(liar, seen_on),
            Step::Visit { phone } => self.visits(phone),
        }
    }

    /// How much a phone holds now.
    pub(crate) fn mark(&self, phone: usize) -> Mark {
        let mark = self.world.at(phone).look(|reader| Ok((reader.newest()?, reader.stats()?.body_bytes)));
        mark.expect("the store answers")
    }

    /// Whether a phone holds another than when this was last asked: only then is there something to judge.
    fn is_changed(&mut self, phone: usize) -> bool {
        let mark = self.mark(phone);
        self.looked_at.insert(phone, mark) != Some(mark)
    }

    /// The phones whose state a step may change.
    fn touched_by(&self, step: &Step) -> BTreeSet<usize> {
        match step {
            Step::Command { phone, .. }
            | Step::Roster { phone, .. }
            | Step::Register { phone, .. }
            | Step::Visit { phone }
            | Step::Join { phone, .. } => [*phone].into(),
            Step::Lie { to, .. } => [*to].into(),
            Step::Heap { to: one, some_to: other, .. } | Step::Meet { one, other, .. } => [*one, *other].into(),
            Step::Again { .. }
            | Step::Restart { .. }
            | Step::Rebuild { .. }
            | Step::Clock { .. }
            | Step::Mislead { .. }
            | Step::Pass { .. } => BTreeSet::new(),
        }
    }

    /// What a phone decided bit by bit is what it would decide of everything at once. Half of the towns make all again
    /// to see; in the others everything is judged anew and compared, now and then with a copy that is made again, and what is
    /// folded lives on from step to step.
    fn judges_alike(&self, phone: usize) {
        if self.makes_again {
            self.world.assert_one_truth(phone);
        } else {
            let faults = self.world.at(phone).verify().expect("the store answers").faults;
            if !faults.is_empty() {
                super::lie::describe(&self.world, phone);
            }
            assert_eq!(faults, [], "phone {phone}");
            self.world.heaped(phone);
            let turn = self.seed.wrapping_add(self.steps.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            if turn.leading_zeros() >= COPIED {
                self.world.assert_as_a_copy_made_anew(phone);
            }
        }
    }

    fn command(&mut self, phone: usize, id: CommandId, command: Command) {
        let before = self.events(phone);
        match command.submit(self.world.at(phone), id) {
            Ok(receipt) => {
                assert_eq!(self.events(phone), before + receipt.events.len() as u64);
                self.answered.push(Answered { phone, id, command, receipt });
            }
            Err(No::Refused | No::NotReady) => {
                self.refused += 1;
                assert_eq!(self.events(phone), before, "a refusal writes nothing");
            }
        }
    }

    fn pass(&self, minutes: u64) {
        for clock in &self.clocks {
            clock.advance(Duration::from_secs(60 * minutes));
        }
    }

    fn events(&self, phone: usize) -> u64 {
        self.world.at(phone).look(|reader| reader.stats()).expect("the store answers").events
    }

    /// Everybody is admitted, meets everybody and is given the keys they lack: then all must agree.
    pub(crate) fn settle(&mut self) {
        for phone in 1..self.world.len() {
            let (record, id) = (self.world.at(phone).record(), self.world.command());
            let command = RosterCommand::Admit { record, role: Role::Volunteer, member: None, name: None };
            self.take(Step::Roster { phone: LAN, id, command });
            self.take(Step::Join { phone, by: LAN });
        }
        for _ in 0..2 {
            self.world.settle();
            for phone in 0..self.world.len() {
                let id = self.world.command();
                self.take(Step::Roster { phone, id, command: RosterCommand::WrapLacking });
            }
        }
        self.world.settle();
        self.world.assert_equal();
        invariant::promises(self);
        invariant::orders(self.world.at(LAN));
        invariant::boxes(self.world.at(LAN));
        invariant::no_forks(self.world.at(LAN));
        for phone in 0..self.world.len() {
            self.world.assert_one_truth(phone);
        }
    }

    /// A break somewhere, or none.
    pub(crate) fn some_break(&mut self) -> Break {
        if self.world.dice.random_bool(0.4) {
            Break::After(self.world.dice.random_range(0..20_000))
        } else {
            Break::Never
        }
    }
}
