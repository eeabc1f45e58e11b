//! Honest events pass while others lie: what one honest phone writes counts on another that it meets twice, directly or
//! over a phone with a relay's role. This is done by copies: the town goes on as if nothing had happened.

use linli_core::{
    aggregate::{
        Held,
        order::{Command, NewOrder, Order},
    },
    id::{CommandId, Reference},
    replica::{LinkError, Replica},
    roster::{Role, RosterCommand},
    store::Judged,
};
use linli_tests::{Break, Ended, meet};
use rand::{RngExt, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;

use super::{cut::Copy, town::Town};

/// Meetings within which an event passes.
const MEETINGS: usize = 2;

impl Town {
    /// Somebody honest writes, and somebody else honest hears of it while the liars are still there.
    ///
    /// # Panics
    /// If it does not pass, and no liar has what `core/LIAR.md` says it takes to keep it away.
    pub(crate) fn honest_events_pass(&self) {
        let mut dice = self.world.dice.clone();
        // Who has a copy of somebody's keys may have silenced them, and shows as a fork. Who was not let in yet reads nothing.
        let is_in = |phone: &usize| self.world.at(*phone).roster().device(self.world.device(*phone)).is_some();
        let honest: Vec<usize> = self.honest().filter(|phone| is_in(phone) && !self.is_copied(*phone)).collect();
        let both: Vec<usize> = honest.sample(&mut dice, 2).copied().collect();
        let &[author, other] = both.as_slice() else { return };
        let copies = [author, other].map(|phone| Copy::of(&self.world, phone));
        let [here, there] = [&copies[0], &copies[1]].map(|copy| copy.open(&mut dice));
        let Some(event) = try_to_post(&here, &mut dice) else { return };

        let relay = self.siege.relay.filter(|_| dice.random_bool(0.5)).map(|relay| Copy::of(&self.world, relay));
        let relay = relay.as_ref().map(|copy| copy.open(&mut dice));
        for _ in 0..MEETINGS {
            let way = [&here].into_iter().chain(&relay).chain([&there]).collect::<Vec<_>>();
            for pair in way.windows(2) {
                if !self.meets_in_step(pair[0], pair[1], &mut dice) {
                    return;
                }
            }
        }

        let way = if relay.is_some() { "over the relay" } else { "directly" };
        if judged(&there, event) == Some(Judged::Held(Held::Sealed)) && !self.is_given_keys(&here, &there, &mut dice) {
            return;
        }
        let judged = judged(&there, event);
        let passes = judged == Some(Judged::Counts) || self.may_be_kept_away(&here, &there, judged);
        assert!(passes, "what phone {author} wrote reaches {other} {way}: {judged:?}");
    }

    /// Who lacks a key, because whoever made it had not heard of them, is given it by a coordinator: by whichever honest one
    /// meets both. Whether there is one.
    fn is_given_keys(&self, here: &Replica, there: &Replica, dice: &mut ChaCha20Rng) -> bool {
        let is_coordinator = |phone: &usize| {
            let own = self.world.at(*phone).roster().device(self.world.device(*phone)).map(|device| device.role);
            own == Some(Role::Coordinator) && !self.is_copied(*phone)
        };
        let Some(giver) = self.honest().find(is_coordinator) else { return false };
        let device = self.world.device(giver);
        let copy = (here.device() != device && there.device() != device).then(|| Copy::of(&self.world, giver));
        let opened = copy.as_ref().map(|copy| copy.open(dice));
        let giver = opened.as_ref().unwrap_or(if here.device() == device { here } else { there });
        for _ in 0..MEETINGS {
            for one in [here, there].into_iter().filter(|one| one.device() != giver.device()) {
                if !self.meets_in_step(giver, one, dice) {
                    return false;
                }
            }
            let given = giver.change_roster(CommandId::from_bytes(dice.random()), RosterCommand::WrapLacking);
            assert!(given.is_ok() || self.somebody_withdraws(), "{given:?}");
        }
        self.meets_in_step(here, there, dice)
    }

    /// Two meet, and do what that leaves to be done. Whether both could speak; if not, somebody lies who may withdraw one of
    /// them.
    fn meets_in_step(&self, one: &Replica, other: &Replica, dice: &mut ChaCha20Rng) -> bool {
        let meeting = meet(one, other, dice, Break::Never);
        let is_out = meeting.ended == Ended::Failed(LinkError::Withdrawn);
        assert!(meeting.ended == Ended::InStep || (is_out && self.somebody_withdraws()), "{:?}", meeting.ended);
        for phone in [one, other] {
            while phone.go_on().expect("the store answers") {}
        }
        !is_out
    }

    /// Whether a coordinator who lies can do that to an honest phone: withdraw it, or make a key that opens for some alone.
    fn may_be_kept_away(&self, here: &Replica, there: &Replica, judged: Option<Judged>) -> bool {
        let is_out = !there.roster().may_connect(here.device());
        self.somebody_withdraws() && (is_out || judged == Some(Judged::Held(Held::Sealed)))
    }
}

/// An order that a phone posts, if it may.
fn try_to_post(phone: &Replica, dice: &mut ChaCha20Rng) -> Option<Reference> {
    let new =
        NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("tea".into()), ..NewOrder::default() };
    let id = CommandId::from_bytes(dice.random());
    phone.submit::<Order>(id, None, Command::Post(Box::new(new))).ok().map(|receipt| receipt.events[0])
}

/// How an event stands on a phone, if it is held there.
fn judged(phone: &Replica, event: Reference) -> Option<Judged> {
    phone.look(|reader| reader.event(event)).expect("the store answers").map(|stored| stored.judged)
}
