//! Chains as the store keeps them, asked about by the thousand: whether an event stands before a head that the roster names.
//!
//! What acts name of a log is laid out once, as the last place in each branch that leads to a head; then an event costs a
//! look at its own branch, however many heads there are. What was found stays true, and is kept up to a bound. What was not
//! held is looked for again. It refuses to know what a head is named for.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use parking_lot::Mutex;

use crate::{
    count::{self, Work},
    id::{EventId, LogId},
    limits,
    roster::{ActName, Chains, CutHead, Ends},
    sabotage::Rule,
    store::{BranchKey, Pos, Reach, StoreError, View},
};

/// Branches of events that are kept in mind. One more, and all are looked up anew.
const PLACES: usize = 1 << 16;
/// Branches and heads that are kept in mind of all that was laid out.
const LAID_OUT: usize = 1 << 17;
/// Places of a log that are looked up at once, where all of it will be asked about.
const BLOCK: u64 = 64;

/// What was found of chains before. A copy finds out for itself: it may look at an earlier state of the same store.
#[derive(Default)]
pub(super) struct Followed(Mutex<Found>);

impl Clone for Followed {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[derive(Default)]
struct Found {
    /// Events that are held.
    places: BTreeMap<EventId, BranchKey>,
    /// What acts name.
    laid_out: BTreeMap<(ActName, LogId), Arc<LaidOut>>,
    /// How much of it there is.
    size: usize,
}

/// The heads that one act names of a log.
#[derive(Debug, Default)]
struct LaidOut {
    /// What leads to those that are held.
    reach: Reach,
    /// Those that were not held, the last first.
    absent: Vec<CutHead>,
    /// What had come last when that was so.
    newest: AtomicI64,
}

impl LaidOut {
    /// The place of the last head that is not held.
    fn open(&self) -> Option<u64> {
        self.absent.first().map(|head| head.seq)
    }
}

impl Found {
    fn keep_place(&mut self, event: EventId, branch: BranchKey) {
        if self.places.len() >= PLACES {
            self.places.clear();
        }
        self.places.insert(event, branch);
    }

    fn keep_laid_out(&mut self, name: (ActName, LogId), laid_out: Arc<LaidOut>) {
        let size = |of: &LaidOut| of.reach.len().saturating_add(of.absent.len()).saturating_add(1);
        if self.size >= LAID_OUT {
            (self.size, self.laid_out) = (0, BTreeMap::new());
        }
        self.size = self.size.saturating_add(size(&laid_out));
        if let Some(before) = self.laid_out.insert(name, laid_out) {
            self.size = self.size.saturating_sub(size(&before));
        }
    }
}

/// What of a log leads to the heads that some acts name.
pub(super) struct Led(Vec<Arc<LaidOut>>);

impl Led {
    /// The last place up to which everything may lead to one: that of a head which is not held.
    pub(super) fn open(&self) -> Option<u64> {
        self.0.iter().filter_map(|laid_out| laid_out.open()).max()
    }

    /// The last place in a branch that leads to one which is held.
    pub(super) fn last_in(&self, branch: BranchKey) -> Option<u64> {
        self.0.iter().filter_map(|laid_out| laid_out.reach.last_in(branch)).max()
    }
}

/// Chains as the store keeps them. While it lives nothing is stored.
pub struct Branches<'a> {
    view: &'a View,
    followed: &'a Followed,
    /// Whether whole logs are asked about, again and again.
    whole: bool,
    /// The event that was asked about last: of one event there are many questions.
    last: Cell<Option<(EventId, Option<BranchKey>)>>,
    /// Heads that are not held.
    absent: RefCell<BTreeSet<EventId>>,
    /// What came last.
    newest: OnceCell<Pos>,
    /// Whether more branches of a log than anybody honest has may lead to heads of some acts that are not held.
    doubtful: RefCell<BTreeMap<(LogId, Vec<ActName>), bool>>,
}

impl<'a> Branches<'a> {
    /// Of single events.
    pub(super) fn of(view: &'a View, followed: &'a Followed) -> Self {
        Self {
            view,
            followed,
            whole: false,
            last: Cell::new(None),
            absent: RefCell::default(),
            newest: OnceCell::new(),
            doubtful: RefCell::default(),
        }
    }

    /// Of all that was ever said in the roster, each time something is added.
    pub(super) fn whole(view: &'a View, followed: &'a Followed) -> Self {
        Self { whole: true, ..Self::of(view, followed) }
    }

    fn branch(&self, log: LogId, at: CutHead) -> Result<Option<BranchKey>, StoreError> {
        if let Some((_, branch)) = self.last.get().filter(|(last, _)| *last == at.id) {
            return Ok(branch);
        }
        count::note(Work::Asked, 1);
        let known = self.followed.0.lock().places.get(&at.id).copied();
        let branch = match known {
            None if self.whole => self.look_around(log, at)?,
            None => self.view.branch_at(log, at.seq, at.id)?,
            known => known,
        };
        self.last.set(Some((at.id, branch)));
        Ok(branch)
    }

    /// Keeps in mind where all events near this one stand.
    fn look_around(&self, log: LogId, at: CutHead) -> Result<Option<BranchKey>, StoreError> {
        let first = at.seq - at.seq % BLOCK;
        let near = self.view.branches_between(log, first, first.saturating_add(BLOCK - 1))?;
        let mut found = self.followed.0.lock();
        for (event, branch) in &near {
            found.keep_place(*event, *branch);
        }
        Ok(near.into_iter().find(|(event, _)| *event == at.id).map(|(_, branch)| branch))
    }

    fn laid_out(&self, ends: Ends<'_>) -> Result<Arc<LaidOut>, StoreError> {
        let name = (ends.act, ends.log);
        let known = self.followed.0.lock().laid_out.get(&name).cloned();
        if let Some(known) = known
            && self.is_as_it_was(ends.log, &known)?
        {
            return Ok(known);
        }
        let mut laid_out = LaidOut::default();
        for head in ends.last_first() {
            count::note(Work::Asked, 1);
            match self.branch(ends.log, head)? {
                Some(branch) => self.view.follow(&mut laid_out.reach, branch, head.seq)?,
                None => laid_out.absent.push(head),
            }
        }
        laid_out.newest = AtomicI64::new(self.newest()?.0);
        let laid_out = Arc::new(laid_out);
        self.followed.0.lock().keep_laid_out(name, laid_out.clone());
        Ok(laid_out)
    }

    /// Whether no head that was not held has come: though all up to the last of them may lead there, what leads to one before
    /// it counts where the log is doubtful too.
    fn is_as_it_was(&self, log: LogId, known: &LaidOut) -> Result<bool, StoreError> {
        if known.absent.is_empty() {
            return Ok(true);
        }
        let newest = self.newest()?.0;
        if known.newest.load(Ordering::Relaxed) == newest {
            return Ok(true);
        }
        for head in &known.absent {
            if !self.is_absent(log, *head)? {
                return Ok(false);
            }
        }
        known.newest.store(newest, Ordering::Relaxed);
        Ok(true)
    }

    fn newest(&self) -> Result<Pos, StoreError> {
        if let Some(newest) = self.newest.get() {
            return Ok(*newest);
        }
        let newest = self.view.newest()?;
        Ok(*self.newest.get_or_init(|| newest))
    }

    /// What of a log leads to these heads.
    pub(super) fn led<'e>(&self, acts: impl IntoIterator<Item = Ends<'e>>) -> Result<Led, StoreError> {
        Ok(Led(acts.into_iter().map(|ends| self.laid_out(ends)).collect::<Result<_, _>>()?))
    }

    fn is_absent(&self, log: LogId, head: CutHead) -> Result<bool, StoreError> {
        if self.absent.borrow().contains(&head.id) {
            return Ok(true);
        }
        let absent = self.view.branch_at(log, head.seq, head.id)?.is_none();
        if absent {
            self.absent.borrow_mut().insert(head.id);
        }
        Ok(absent)
    }

    /// Whether too many branches may lead to heads of these acts that are not held. Of so many each phone keeps those that came
    /// first: so nothing counts by any such head until it is here. Counted as they are let in, whichever act an event leads
    /// to by: whoever keeps no more of them knows that they are too many.
    pub(super) fn doubts(&self, log: LogId, acts: &[Ends<'_>]) -> Result<bool, StoreError> {
        let name = (log, acts.iter().map(|ends| ends.act).collect());
        if let Some(known) = self.doubtful.borrow().get(&name) {
            return Ok(*known);
        }
        let led = self.led(acts.iter().copied())?;
        let leading = Leading::of(self.view, log, &led)?;
        let doubtful = leading.is_some_and(|leading| leading.branches.len() > limits::BRANCHES);
        self.doubtful.borrow_mut().insert(name, doubtful);
        Ok(doubtful)
    }
}

/// The branches of a log that may lead to heads which are not held, in the order in which they came.
pub(super) struct Leading {
    /// The last place of such a head.
    pub(super) open: u64,
    /// Those that begin there or before, outside the chains of heads that are held.
    pub(super) branches: Vec<BranchKey>,
}

impl Leading {
    /// None if all heads are held.
    pub(super) fn of(view: &View, log: LogId, led: &Led) -> Result<Option<Self>, StoreError> {
        let Some(open) = led.open() else { return Ok(None) };
        let loose = view.loose_ends(log, |branch| led.last_in(branch))?;
        let branches = loose.iter().filter(|end| end.first <= open).map(|end| end.branch).collect();
        Ok(Some(Self { open, branches }))
    }

    /// Whether a branch is among those that are taken for it, or one more would be.
    pub(super) fn takes(&self, branch: Option<BranchKey>) -> bool {
        let known = branch.and_then(|branch| self.branches.iter().position(|known| *known == branch));
        known.unwrap_or(self.branches.len()) < limits::LEADING
    }
}

impl Chains for Branches<'_> {
    fn is_ancestor(&self, log: LogId, seq: u64, id: EventId, head_seq: u64, head_id: EventId) -> Option<bool> {
        // A question that is not answered is known to the view: nothing that was judged without it is written or shown.
        self.view.is_ancestor(log, seq, id, head_seq, head_id).ok().flatten()
    }

    fn is_within(&self, at: CutHead, ends: Ends<'_>) -> Option<bool> {
        // The same here: whatever is said then is said to nobody.
        let Ok(laid_out) = self.laid_out(ends) else { return Some(true) };
        let Ok(branch) = self.branch(ends.log, at) else { return Some(true) };
        if branch.is_some_and(|branch| laid_out.reach.covers(branch, at.seq)) {
            return Some(true);
        }
        let may = laid_out.open().is_some_and(|open| at.seq <= open);
        if may { None } else { Some(false) }
    }

    fn is_doubtful(&self, log: LogId, acts: &[Ends<'_>]) -> bool {
        // And here.
        !Rule::Doubt.is_left_out() && self.doubts(log, acts).unwrap_or(false)
    }
}
