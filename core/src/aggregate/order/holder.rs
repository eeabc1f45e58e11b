//! Who holds an order: places that people take, leave and pass on.
//!
//! A claim or an assignment makes a place. A take-over or an accepted hand-over puts somebody else at the place of the
//! act that it names. Where two name the same act, the first takes the place, and the other is a claim of its own. A
//! release or a reopening ends the places that its author knew of.
//!
//! Causality decides, never a clock (R9). Nobody stands at more than a few places at once, so that a crowd of claims
//! does not make later events dear.

use std::{
    cell::LazyCell,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use serde::Serialize;

use crate::{
    aggregate::{History, knowledge::Known},
    id::MemberId,
    limits,
};

use super::{fact::Fact, state::State};

/// Somebody who holds the order, or believes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// The member who holds it, or believes to.
    pub member: MemberId,
    /// The claim or assignment at whose place they stand: its place in the history.
    #[serde(skip)]
    pub origin: usize,
    /// The act that put them there: its place in the history.
    #[serde(skip)]
    pub since: usize,
    /// The place was made by a leader's decision.
    pub assigned: bool,
}

/// A hand-over that can still be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOffer {
    /// Its place in the history.
    pub at: usize,
    /// The holder who offers it.
    pub from: MemberId,
    /// Who may accept it.
    pub to: MemberId,
}

/// Somebody bought, went there or delivered: what makes a claim more than a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// Its place in the history.
    pub at: usize,
    /// The member who made the progress.
    pub by: MemberId,
}

/// Of each person's progress the last: all that is asked who ranks before whom.
pub(super) fn latest(progress: &[Progress]) -> Vec<Progress> {
    let mut of: BTreeMap<MemberId, usize> = BTreeMap::new();
    let mut latest: Vec<Progress> = progress.iter().rev().copied().collect();
    latest.retain(|one| {
        let count = of.entry(one.by).or_default();
        *count += 1;
        *count <= limits::PLACES
    });
    latest.reverse();
    latest
}

#[derive(Clone, Copy, Debug)]
struct Place {
    hold: Hold,
    /// The act that ended it.
    ended: Option<usize>,
    /// A newer assignment stands instead; nobody can stand here again.
    superseded: bool,
}

#[derive(Clone, Copy, Debug)]
struct Offer {
    open: OpenOffer,
    /// The act that put the offerer where they stand.
    of: Option<usize>,
}

/// All places ever taken, as the last event leaves them.
pub(super) struct Places<'a> {
    history: &'a History,
    places: Vec<Place>,
    /// The place at which an act put somebody, until another does.
    put: BTreeMap<usize, usize>,
    /// Places that have not ended.
    open: BTreeSet<usize>,
    /// The same, by who stands there.
    of: BTreeMap<MemberId, BTreeSet<usize>>,
    /// Places that assignments made and no newer one superseded.
    assigned: Vec<usize>,
    /// By the act that offers.
    offers: BTreeMap<usize, Offer>,
    /// Concurrent assignments to different people.
    pub assigned_differently: Option<(usize, usize)>,
}

impl<'a> Places<'a> {
    /// Goes through all that was said, in order. `reopened` is what authors of reopenings knew.
    pub(super) fn of(state: &State, history: &'a History, reopened: Option<&Known>) -> Self {
        let mut places = Places {
            history,
            places: Vec::new(),
            put: BTreeMap::new(),
            open: BTreeSet::new(),
            of: BTreeMap::new(),
            assigned: Vec::new(),
            offers: BTreeMap::new(),
            assigned_differently: None,
        };
        for entry in &state.entries {
            let (at, by) = (entry.at, history.act(entry.at).by);
            match &entry.stands {
                Some(Fact::Claimed(_)) => places.take(at, by, false),
                Some(Fact::Assigned(assigned)) => places.assign(at, assigned.member),
                Some(Fact::Resolved(resolved)) => {
                    let others = places.open.iter().copied().filter(|nth| places.member(*nth) != Some(resolved.to));
                    places.end(at, others.collect());
                    places.assign(at, resolved.to);
                }
                Some(Fact::Released(_)) => places.end_of(at, by),
                Some(Fact::TakenOver(_)) => places.replace(at, by, entry.names),
                Some(Fact::HandOverOffered(offered)) => places.offer(at, by, offered.to),
                Some(Fact::HandOverAccepted(_)) => places.accept(at, by, entry.names),
                Some(Fact::Reopened(_)) => places.reopen(at, reopened),
                _ => {}
            }
        }
        places
    }

    /// Who holds it: the newest assignment until it ends, else the first unreleased claim, a claim that did not
    /// know of another's progress ranking after it.
    pub(super) fn holder(&self, progress: &[Progress]) -> Option<Hold> {
        let assigned = self.standing().filter(|hold| hold.assigned).max_by_key(|hold| hold.origin);
        assigned.or_else(|| self.first(progress))
    }

    /// Who ranks first. Nobody ranks before their claim, so that most claims of a crowd need no look.
    fn first(&self, progress: &[Progress]) -> Option<Hold> {
        let mut standing: Vec<Hold> = self.standing().collect();
        standing.sort_by_key(|hold| hold.origin);
        let mut first: Option<((usize, usize), Hold)> = None;
        for hold in standing {
            if first.is_some_and(|((place, _), _)| place < hold.origin) {
                break;
            }
            let rank = self.rank(&hold, progress);
            if first.is_none_or(|(other, _)| rank < other) {
                first = Some((rank, hold));
            }
        }
        first.map(|(_, hold)| hold)
    }

    /// Who else believes to hold it, neither having known of the other. One entry for each, in order.
    pub(super) fn contenders(&self, holder: &Hold) -> Vec<Hold> {
        let apart = |one, other| self.history.concurrent(one, other);
        let mut known = BTreeSet::new();
        let others = self.standing().filter(|hold| hold.member != holder.member);
        let apart = others.filter(|hold| apart(hold.since, holder.since) || apart(hold.origin, holder.origin));
        apart.filter(|hold| known.insert(hold.member)).collect()
    }

    /// Everybody who stands anywhere.
    pub(super) fn standing(&self) -> impl Iterator<Item = Hold> {
        self.open.iter().filter_map(|nth| self.places.get(*nth)).map(|place| place.hold)
    }

    /// Offers whose author still stands where they stood.
    pub(super) fn offers(&self) -> Vec<OpenOffer> {
        let since: BTreeSet<usize> = self.standing().map(|hold| hold.since).collect();
        let stands = |offer: &&Offer| offer.of.is_some_and(|of| since.contains(&of));
        self.offers.values().filter(stands).map(|offer| offer.open).collect()
    }

    fn member(&self, nth: usize) -> Option<MemberId> {
        self.places.get(nth).map(|place| place.hold.member)
    }

    /// Whether somebody stands at as many places as anybody may.
    fn stands_enough(&self, member: MemberId) -> bool {
        self.of.get(&member).is_some_and(|places| places.len() >= limits::PLACES)
    }

    fn take(&mut self, at: usize, member: MemberId, assigned: bool) {
        if self.stands_enough(member) && !assigned {
            return;
        }
        let nth = self.places.len();
        let hold = Hold { member, origin: at, since: at, assigned };
        self.places.push(Place { hold, ended: None, superseded: false });
        self.put.insert(at, nth);
        self.enter(nth, member);
        if assigned {
            self.assigned.push(nth);
        }
    }

    fn enter(&mut self, nth: usize, member: MemberId) {
        self.open.insert(nth);
        self.of.entry(member).or_default().insert(nth);
    }

    fn leave(&mut self, nth: usize) {
        self.open.remove(&nth);
        if let Some(places) = self.member(nth).and_then(|member| self.of.get_mut(&member)) {
            places.remove(&nth);
        }
    }

    /// The newest assignment ends the older ones. Who took one of them over unseen keeps a claim of their own.
    fn assign(&mut self, at: usize, member: MemberId) {
        for nth in std::mem::take(&mut self.assigned) {
            let Some(place) = self.places.get_mut(nth) else { continue };
            let Hold { origin, since, .. } = place.hold;
            let unseen = place.ended.is_none() && !self.history.knew(at, since);
            if unseen && since != origin {
                place.hold = Hold { origin: since, assigned: false, ..place.hold };
                continue;
            }
            if unseen && place.hold.member != member {
                self.assigned_differently = Some((since, at));
            }
            place.superseded = true;
            place.ended = Some(at);
            self.leave(nth);
        }
        self.take(at, member, true);
    }

    /// Ends those of some places that the act knew of.
    fn end(&mut self, at: usize, places: Vec<usize>) {
        for nth in places {
            let Some(place) = self.places.get_mut(nth) else { continue };
            if self.history.knew(at, place.hold.since) {
                place.ended = Some(at);
                self.leave(nth);
            }
        }
    }

    /// Ends the places of one person that the act knew of.
    fn end_of(&mut self, at: usize, member: MemberId) {
        let places = self.of.get(&member).map(|places| places.iter().copied().collect()).unwrap_or_default();
        self.end(at, places);
    }

    /// Puts somebody at the place of the named act, unless another came first or they knew that it had ended.
    fn replace(&mut self, at: usize, by: MemberId, named: Option<usize>) {
        let history = self.history;
        let open = |place: &&mut Place| !place.superseded && place.ended.is_none_or(|ended| !history.knew(at, ended));
        let nth = named.and_then(|named| self.put.get(&named).copied());
        if nth.and_then(|nth| self.places.get_mut(nth)).filter(open).is_none() {
            return self.take(at, by, false);
        }
        if self.stands_enough(by) {
            return;
        }
        let Some((nth, left)) = nth.and_then(|nth| Some((nth, self.member(nth)?))) else { return };
        self.leave(nth);
        if let Some(place) = self.places.get_mut(nth) {
            self.put.remove(&place.hold.since);
            place.hold = Hold { member: by, since: at, ..place.hold };
            place.ended = None;
        }
        self.put.insert(at, nth);
        self.enter(nth, by);
        // Who is replaced at one place does not come back at another.
        if left != by {
            self.end_of(at, left);
        }
    }

    fn offer(&mut self, at: usize, from: MemberId, to: MemberId) {
        let places = self.of.get(&from).into_iter().flatten().filter_map(|nth| self.places.get(*nth));
        let mine = places.map(|place| place.hold).filter(|hold| self.history.knew(at, hold.since));
        let of = mine.min_by_key(|hold| (Reverse(hold.assigned), hold.origin)).map(|hold| hold.since);
        if from != to {
            self.offers.insert(at, Offer { open: OpenOffer { at, from, to }, of });
        }
    }

    fn accept(&mut self, at: usize, by: MemberId, named: Option<usize>) {
        let offer = named.and_then(|named| self.offers.get(&named)).filter(|offer| offer.open.to == by);
        if let Some(offer) = offer.copied() {
            self.replace(at, by, offer.of);
        }
    }

    fn reopen(&mut self, at: usize, reopened: Option<&Known>) {
        // What is known is that of all reopenings together; the place ends at the one that knew of it.
        let known = |hold: &Hold| reopened.is_some_and(|known| self.history.is_in(known, hold.since));
        let open = self.open.iter().copied();
        let flagged = open.filter(|nth| self.places.get(*nth).is_some_and(|place| known(&place.hold)));
        let flagged = flagged.collect();
        self.end(at, flagged);
    }

    /// Where a place ranks: at its claim, or after the last progress by another that its claim did not know of.
    /// Where both sides made progress unknown to each other, the claims alone decide.
    fn rank(&self, hold: &Hold, progress: &[Progress]) -> (usize, usize) {
        let own = |by: MemberId| by == hold.member || by == self.history.act(hold.origin).by;
        let mine = || progress.iter().filter(|mine| own(mine.by) && self.history.knew(mine.at, hold.origin));
        let mine = LazyCell::new(|| mine().map(|mine| mine.at).collect::<Vec<_>>());
        let answered = |theirs: usize| mine.iter().any(|mine| self.history.concurrent(*mine, theirs));
        // They stand in order, and only the last counts, if it comes after the claim.
        let later = progress.iter().rev().take_while(|theirs| theirs.at > hold.origin);
        let mut after = later.filter(|theirs| {
            !own(theirs.by) && self.history.concurrent(theirs.at, hold.origin) && !answered(theirs.at)
        });
        (after.next().map_or(hold.origin, |theirs| theirs.at), hold.origin)
    }
}
