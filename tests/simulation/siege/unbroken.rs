//! What must hold in a besieged town after each step, and whenever two have met.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use linli_core::{
    aggregate::Held,
    event::Topic,
    id::DeviceId,
    limits,
    replica::StateHash,
    roster::{Keyring, Revocation, Role, Who},
    store::{Judged, Pos},
};
use linli_tests::{Break, Ended};
use rand::{RngExt, seq::IndexedRandom};

use super::Holding;
use crate::{
    cut, doubt,
    lie::keys_of,
    town::{Mark, Town},
};

/// How often all below somebody are withdrawn in a copy after a step, beside the end of each life.
const CUTS: f64 = 0.01;

/// Erasures that are looked at.
const ERASURES: usize = 200;

impl Town {
    /// What holds in a besieged town after each step, of the phones that the step touched.
    pub(crate) fn assert_unbroken(&mut self, touched: &BTreeSet<usize>) {
        if self.siege.liars.is_empty() {
            return;
        }
        let honest: BTreeSet<usize> = self.honest().collect();
        for phone in touched.intersection(&honest) {
            self.is_told_the_same(*phone, &honest);
            self.can_cut(*phone);
            self.keeps_care(*phone);
            self.forgets_for_none(*phone);
        }
        if self.world.dice.clone().random_bool(CUTS) {
            self.cuts_in_a_copy();
        }
    }

    /// Some coordinator cuts off all below, in a copy of the phone (R8). Not one whose keys somebody else has too, and who
    /// may have no room left: that one is cut by another.
    pub(super) fn cuts_in_a_copy(&self) {
        let mut dice = self.world.dice.clone();
        let may = |phone: &usize| !self.is_copied(*phone) && !cut::below(self.world.at(*phone)).is_empty();
        let coordinators: Vec<usize> = self.honest().filter(may).collect();
        if let Some(phone) = coordinators.choose(&mut dice) {
            cut::every_device_below(&self.world, *phone, &mut dice);
        }
    }

    /// Two honest phones that are in step twice, and turned nothing away, hold the same of whoever belongs to both. Once is
    /// not enough: the end of a fork below the other's end goes over when each knows of both.
    pub(crate) fn assert_in_step(&mut self, one: usize, other: usize) {
        let honest = |phone| self.siege.relay == Some(phone) || !self.lies(phone);
        if self.siege.liars.is_empty() || !(honest(one) && honest(other)) {
            return;
        }
        let again = self.world.meet(one, other, Break::Never);
        if again.ended != Ended::InStep || again.not_taken > 0 {
            return;
        }
        let (mine, theirs) = (self.holds(one), self.holds(other));
        let rosters = [one, other].map(|phone| self.world.at(phone).roster());
        let headers = self.world.at(one).look(|reader| reader.logs()).expect("the store answers");
        // What lies beyond a cut each keeps as it came.
        for log in headers.iter().filter(|log| rosters.iter().all(|roster| roster.may_connect(log.device))) {
            let (mine, theirs) = (mine.logs.get(&log.id()), theirs.logs.get(&log.id()));
            // Of what is silent to both each keeps what came first, and neither asks for more.
            let has_too_many = |heads: &Option<&BTreeSet<_>>| heads.is_some_and(|heads| heads.len() > limits::BRANCHES);
            if [mine, theirs].iter().all(has_too_many) {
                continue;
            }
            assert_eq!(mine, theirs, "phones {one} and {other} are in step over a log of {:?}", log.device);
        }
    }

    /// Of what may lead to heads that nobody holds the same counts on two honest phones that met and know the same roster,
    /// whatever each could not take (R8).
    pub(crate) fn assert_same_doubt(&mut self, one: usize, other: usize) {
        if self.lies(one) || self.lies(other) {
            return;
        }
        let doubted: BTreeSet<_> = self.siege.liars.iter().flat_map(|liar| liar.doubted.clone()).collect();
        if doubted.is_empty() || self.world.meet(one, other, Break::Never).ended != Ended::InStep {
            return;
        }
        let digests = [one, other].map(|phone| self.world.at(phone).roster().digest());
        if digests[0] != digests[1] {
            return;
        }
        let standing = [one, other].map(|phone| doubt::standing(&self.world, phone, &doubted));
        assert_eq!(standing[0], standing[1], "phones {one} and {other} know the same cuts");
    }

    /// Who holds the same events and keys holds the same truth.
    pub(super) fn is_told_the_same(&self, phone: usize, honest: &BTreeSet<usize>) {
        let own = self.holds(phone);
        for other in honest.iter().filter(|other| **other != phone) {
            let theirs = self.holds(*other);
            let same = (&theirs.logs, &theirs.keys) == (&own.logs, &own.keys);
            if same {
                let hashes = (self.hash(phone, &own), self.hash(*other, &theirs));
                assert_eq!(hashes.0, hashes.1, "phones {phone} and {other} hold the same");
            }
        }
    }

    pub(super) fn hash(&self, phone: usize, holding: &Holding) -> StateHash {
        *holding.hash.get_or_init(|| self.world.at(phone).state_hash().expect("the store answers"))
    }

    /// What a phone holds: as it was seen last, if it holds the same still.
    pub(super) fn holds(&self, phone: usize) -> Rc<Holding> {
        let mark = self.mark(phone);
        let seen = self.siege.held.borrow().get(&phone).filter(|seen| seen.mark == mark).cloned();
        seen.unwrap_or_else(|| {
            let now = Rc::new(self.look_at(phone, mark));
            self.siege.held.borrow_mut().insert(phone, now.clone());
            now
        })
    }

    pub(super) fn look_at(&self, phone: usize, mark: Mark) -> Holding {
        let replica = self.world.at(phone);
        let logs = replica.look(|reader| {
            let mut logs = BTreeMap::new();
            for log in reader.logs()? {
                let heads = reader.heads(log.id())?;
                logs.insert(log.id(), heads.iter().map(|head| head.id).collect::<BTreeSet<_>>());
            }
            Ok(logs)
        });
        let ring = Keyring::open(&keys_of(&self.world, phone), &replica.roster());
        let logs = logs.expect("the store answers");
        Holding { mark, logs, keys: ring.held().clone(), hash: OnceCell::new() }
    }

    /// A coordinator who is not withdrawn sees no reason against withdrawing whoever lies below (R8).
    pub(super) fn can_cut(&self, phone: usize) {
        let roster = self.world.at(phone).roster();
        for device in self.below(phone).into_iter().filter(|device| !roster.is_revoked(*device)) {
            let fall = self.world.at(phone).would_fall(&Revocation::of(Who::Device(device)));
            assert!(fall.is_ok(), "phone {phone} cannot withdraw {device:?}: {fall:?}");
        }
    }

    /// Liars' devices that are below a coordinator, as the coordinator sees it.
    pub(super) fn below(&self, phone: usize) -> Vec<DeviceId> {
        let below = cut::below(self.world.at(phone));
        self.devices_of_liars().intersection(&below).copied().collect()
    }

    /// Something is forgotten only where an erasure counts, of a coordinator's (R5).
    pub(super) fn forgets_for_none(&self, phone: usize) {
        let (replica, tag) = (self.world.at(phone), self.world.tag(phone, Topic::Erasure));
        let (erased, erasures) = replica
            .look(|reader| {
                let erased = reader.held(&[Held::Erased], Pos::default(), 1)?;
                Ok((erased, reader.events_of_topic(tag, Pos::default(), ERASURES)?))
            })
            .expect("the store answers");
        let roster = replica.roster();
        let is_coordinator = |device| roster.device(device).is_some_and(|device| device.role == Role::Coordinator);
        let mut counting = erasures.iter().filter(|erasure| erasure.judged == Judged::Counts);
        let said = erasures.len() == ERASURES || counting.any(|erasure| is_coordinator(erasure.log.device));
        assert!(erased.is_empty() || said, "phone {phone} forgets {:?}", erased.first().map(|event| event.reference()));
    }
}
