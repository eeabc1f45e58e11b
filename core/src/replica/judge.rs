//! The judge that folds ask: what is in storage, and what the roster says of it.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use super::community::Community;
use crate::{
    aggregate::{Filed, Held, Judge},
    count::{self, Work},
    id::{DeviceId, EventId, MemberId, Reference},
    keep::Branches,
    roster::{About, Standing},
    store::{BranchId, Chain, StoreError, View},
};

/// Storage and roster as one judge. A store that fails answers as if it held nothing, and [`Bench::done`] tells.
pub(super) struct Bench<'a> {
    view: &'a View,
    community: &'a Community,
    chains: Branches<'a>,
    fault: Cell<Option<StoreError>>,
    /// The chain that was asked about last: of one event many questions are asked.
    chain: RefCell<Option<(EventId, Option<Chain>)>>,
    /// On which branch events stand of which that is known: two of one branch stand in the order of their places.
    branches: BTreeMap<EventId, BranchId>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(view: &'a View, community: &'a Community) -> Self {
        let chains = community.chains(view);
        Self { view, community, chains, fault: Cell::new(None), chain: RefCell::default(), branches: BTreeMap::new() }
    }

    /// The same, where it is known of some events on which branch they stand.
    pub(super) fn with(self, branches: BTreeMap<EventId, BranchId>) -> Self {
        Self { branches, ..self }
    }

    /// Whether every question was answered.
    ///
    /// # Errors
    /// The first failure of the store; whatever was folded is then to be dropped.
    pub(super) fn done(self) -> Result<(), StoreError> {
        self.fault.into_inner().map_or(Ok(()), Err)
    }

    fn ask<T: Default>(&self, answer: Result<T, StoreError>) -> T {
        answer.unwrap_or_else(|fault| {
            self.fault.set(Some(fault));
            T::default()
        })
    }
}

impl Judge for Bench<'_> {
    fn against(&self, filed: &Filed) -> Option<Held> {
        self.community.against_by(&filed.log, filed.reference.seq, filed.id, &self.chains)
    }

    fn standing(&self, filed: &Filed, about: &About<'_>) -> Standing {
        self.community.roster.standing(&filed.log, filed.reference.seq, filed.id, about, &self.chains)
    }

    fn rooms(&self, device: DeviceId) -> u64 {
        self.community.roster.rooms_of(device)
    }

    fn member(&self, device: DeviceId) -> Option<MemberId> {
        self.community.roster.member_of(device)
    }

    fn author(&self, reference: Reference) -> Option<MemberId> {
        self.member(self.ask(self.view.log(reference.log))?.device)
    }

    fn stored(&self, reference: Reference) -> bool {
        self.ask(self.view.has(reference))
    }

    fn comes_later(&self, reference: Reference, aggregate: Reference) -> bool {
        self.ask(self.view.is_to_be_judged(reference, aggregate))
    }

    fn void(&self, reference: Reference) -> bool {
        // What an erasure names is not waited for (R5).
        if self.community.erasures.named_ends().names(reference.log, reference.seq, reference.seq) {
            return true;
        }
        // A log that is not known may yet turn out to be a member's. Of a known one the verdict on the place tells;
        // the id is not held, so no chain ends there.
        let Some(log) = self.ask(self.view.log(reference.log)) else { return false };
        self.community.against_by(&log, reference.seq, EventId::ZERO, &self.chains).is_some()
    }

    fn precedes(&self, (first, id): (Reference, EventId), later: &Filed) -> bool {
        let second = later.reference;
        if first.log != second.log || first.seq >= second.seq {
            return false;
        }
        count::note(Work::Asked, 1);
        let on_branch = |id| self.branches.get(&id);
        if on_branch(id).is_some_and(|branch| on_branch(later.id) == Some(branch)) {
            return true;
        }
        let mut asked = self.chain.borrow_mut();
        if asked.as_ref().is_none_or(|(end, _)| *end != later.id) {
            *asked = Some((later.id, self.ask(self.view.chain(second.log, second.seq, later.id))));
        }
        // An event about to be written is not held yet: it follows on all of its own log.
        let Some(chain) = asked.as_ref().and_then(|(_, chain)| chain.as_ref()) else { return true };
        self.ask(self.view.stands_in(chain, first.seq, id))
    }
}
