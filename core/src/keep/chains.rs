//! Chains as the store keeps them: whether an event stands before a head that the roster names.
//!
//! This is asked by the thousand. So the heads that acts name of a log are laid out once, for each act and for all
//! together, as the last place in each branch that leads to a head. From then on an event costs a look at its own
//! branch, however many acts and heads there are.
//!
//! An answer stays true and is remembered, up to a bound. A head that was not held is looked up when it comes. It
//! refuses to know what a head is named for.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use parking_lot::Mutex;

use super::marked::Marked;
use crate::{
    count::{self, Work},
    id::{EventId, LogId},
    limits,
    roster::{ActName, Chains, CutHead, Ends, Together},
    sabotage::Rule,
    store::{BranchKey, Pos, Reach, StoreError, View},
};

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

/// Acts, by one name, the log of which something is asked, and the last place of those of their heads that matter.
type Name = (ActName, LogId, u64);

#[derive(Default)]
struct Found {
    /// Events that are held.
    places: BTreeMap<CutHead, BranchKey>,
    /// What of a log is named.
    marked: BTreeMap<LogId, Arc<Mutex<Marked>>>,
    /// How many heads that are, and how often that was too much.
    heads: usize,
    times: u64,
    /// What was laid out for whoever looks at what is newest.
    now: Known,
    /// The same for views of an earlier state of the store than others looked at, each up to what had come last. It holds for
    /// that state alone.
    earlier: VecDeque<(Pos, Known)>,
}

/// What was laid out.
#[derive(Default)]
struct Known {
    /// What leads to a head of one act, or of any of several.
    some: BTreeMap<Name, Arc<LaidOut>>,
    /// What leads to a head of each of several.
    all: BTreeMap<Name, Arc<Common>>,
    /// How much of both there is.
    size: usize,
}

/// Something that is laid out, and kept in mind until more of its log comes.
trait Laid {
    fn kept(known: &mut Known) -> &mut BTreeMap<Name, Arc<Self>>;

    fn size(&self) -> usize;

    /// Whether there is a head that was not held.
    fn is_open(&self) -> bool;

    /// How many had come of those that were not held.
    fn came(&self) -> u64;
}

/// What leads to heads of one log.
#[derive(Debug, Default)]
struct LaidOut {
    /// To those that are held.
    reach: Reach,
    /// The place of the last that was not held.
    open: Option<u64>,
    /// How many had come of those that were not held.
    came: u64,
}

impl Laid for LaidOut {
    fn kept(known: &mut Known) -> &mut BTreeMap<Name, Arc<Self>> {
        &mut known.some
    }

    fn size(&self) -> usize {
        self.reach.len().saturating_add(1)
    }

    fn is_open(&self) -> bool {
        self.open.is_some()
    }

    fn came(&self) -> u64 {
        self.came
    }
}

/// What leads to a head of each of several acts.
#[derive(Debug, Default)]
struct Common {
    /// The last place in each branch that does.
    sure: BTreeMap<BranchKey, u64>,
    /// The last place in each branch that may, where that is otherwise than in a branch that leads to no head.
    may: BTreeMap<BranchKey, u64>,
    /// The last place that may in all others.
    elsewhere: Option<u64>,
    /// Whether there is a head that was not held.
    open: bool,
    /// How many had come of those that were not held.
    came: u64,
}

impl Common {
    /// Of acts each of which is laid out.
    fn of(acts: &[LaidOut], came: u64) -> Self {
        let open = acts.iter().any(|act| act.open.is_some());
        let (mut sure, mut reached) = (BTreeMap::new(), BTreeMap::<BranchKey, Vec<usize>>::new());
        let mut by_open: Vec<usize> = (0..acts.len()).collect();
        by_open.sort_unstable_by_key(|nth| acts.get(*nth).map(|act| act.open));
        for (nth, act) in acts.iter().enumerate() {
            count::note(Work::Asked, act.reach.len().saturating_add(1) as u64);
            act.reach.iter().for_each(|(branch, _)| reached.entry(branch).or_default().push(nth));
        }
        let elsewhere = by_open.first().and_then(|nth| acts.get(*nth)?.open);
        let mut may = BTreeMap::new();
        for (branch, by) in reached {
            let of = |nth: &usize| acts.get(*nth).map(|act| (act.reach.last_in(branch), act.open));
            if by.len() == acts.len() {
                sure.extend(by.iter().filter_map(of).filter_map(|(last, _)| last).min().map(|last| (branch, last)));
            }
            // Those that reach the branch, and of the others the one that may reach least far: both are sorted.
            let reach = by.iter().filter_map(of).map(|(last, open)| last.max(open)).min();
            let other = by_open.iter().find(|nth| by.binary_search(nth).is_err()).and_then(|nth| acts.get(*nth));
            let least = match (reach, other) {
                (Some(reach), Some(other)) => reach.min(other.open),
                (reach, _) => reach.unwrap_or_default(),
            };
            may.extend(least.filter(|_| least != elsewhere).map(|least| (branch, least)));
        }
        Self { sure, may, elsewhere, open, came }
    }

    /// Whether an event at this place does.
    fn covers(&self, branch: Option<BranchKey>, seq: u64) -> Option<bool> {
        let last = |places: &BTreeMap<BranchKey, u64>| branch.and_then(|branch| places.get(&branch).copied());
        if last(&self.sure).is_some_and(|last| seq <= last) {
            return Some(true);
        }
        let may = last(&self.may).or(self.elsewhere).is_some_and(|last| seq <= last);
        if may { None } else { Some(false) }
    }
}

impl Laid for Common {
    fn kept(known: &mut Known) -> &mut BTreeMap<Name, Arc<Self>> {
        &mut known.all
    }

    fn size(&self) -> usize {
        self.sure.len().saturating_add(self.may.len()).saturating_add(1)
    }

    fn is_open(&self) -> bool {
        self.open
    }

    fn came(&self) -> u64 {
        self.came
    }
}

impl Found {
    fn keep_place(&mut self, event: CutHead, branch: BranchKey) {
        if self.places.len() >= limits::CHAIN_PLACES {
            self.places.clear();
        }
        self.places.insert(event, branch);
    }

    /// What of a log is named. Where there is too much of other logs, that is looked for anew.
    fn marked(&mut self, log: LogId) -> Arc<Mutex<Marked>> {
        if let Some(known) = self.marked.get(&log) {
            return known.clone();
        }
        if self.heads.saturating_add(self.marked.len()) >= limits::HEADS_MARKED {
            (self.heads, self.times) = (0, self.times.saturating_add(1));
            self.marked.clear();
            self.forget_laid_out();
        }
        let marked = Arc::new(Mutex::new(Marked::new(self.times)));
        self.marked.insert(log, marked.clone());
        marked
    }

    fn forget_laid_out(&mut self) {
        self.now = Known::default();
        self.earlier.clear();
    }

    /// What was laid out for a state of the store behind which others looked.
    fn earlier(&mut self, newest: Pos) -> Option<&mut Known> {
        self.earlier.iter_mut().find_map(|(of, known)| (*of == newest).then_some(known))
    }

    /// Keeps in mind what was laid out, for everybody or for one such state alone.
    fn keep<T: Laid>(&mut self, earlier: Option<Pos>, name: Name, laid_out: &Arc<T>) {
        let sizes = self.earlier.iter().map(|(_, known)| known.size);
        if sizes.fold(self.now.size, usize::saturating_add) >= limits::CHAINS_LAID_OUT {
            self.forget_laid_out();
        }
        if let Some(newest) = earlier
            && self.earlier(newest).is_none()
        {
            if self.earlier.len() >= limits::CHAINS_EARLIER {
                self.earlier.pop_front();
            }
            self.earlier.push_back((newest, Known::default()));
        }
        let known = match earlier {
            Some(newest) => self.earlier(newest),
            None => Some(&mut self.now),
        };
        if let Some(known) = known {
            known.size = known.size.saturating_add(laid_out.size());
            if let Some(before) = T::kept(known).insert(name, laid_out.clone()) {
                known.size = known.size.saturating_sub(before.size());
            }
        }
    }
}

/// What of a log leads to the heads that some acts name.
pub(super) struct Led(Vec<Arc<LaidOut>>);

impl Led {
    /// The last place up to which everything may lead to one: that of a head which is not held.
    pub(super) fn open(&self) -> Option<u64> {
        self.0.iter().filter_map(|laid_out| laid_out.open).max()
    }

    /// The last place in a branch that leads to one which is held.
    pub(super) fn last_in(&self, branch: BranchKey) -> Option<u64> {
        count::note(Work::Asked, self.0.len() as u64);
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
    last: Cell<Option<(CutHead, Option<BranchKey>)>>,
    /// What came last.
    newest: OnceCell<Pos>,
    /// Whether more branches of a log than anybody honest has may lead to heads of some acts that are not held.
    doubtful: RefCell<BTreeMap<(LogId, Vec<ActName>), bool>>,
}

impl<'a> Branches<'a> {
    /// Of single events.
    pub(super) fn of(view: &'a View, followed: &'a Followed) -> Self {
        let (last, newest, doubtful) = (Cell::new(None), OnceCell::new(), RefCell::default());
        Self { view, followed, whole: false, last, newest, doubtful }
    }

    /// Of all that was ever said in the roster, each time something is added.
    pub(super) fn whole(view: &'a View, followed: &'a Followed) -> Self {
        Self { whole: true, ..Self::of(view, followed) }
    }

    fn branch(&self, log: LogId, at: CutHead) -> Result<Option<BranchKey>, StoreError> {
        if let Some((_, branch)) = self.last.get().filter(|(last, _)| *last == at) {
            return Ok(branch);
        }
        count::note(Work::Asked, 1);
        let known = self.followed.0.lock().places.get(&at).copied();
        let branch = match known {
            None if self.whole => self.look_around(log, at)?,
            None => self.view.branch_at(log, at.seq, at.id)?,
            known => known,
        };
        self.last.set(Some((at, branch)));
        Ok(branch)
    }

    /// Keeps in mind where all events near this one stand.
    fn look_around(&self, log: LogId, at: CutHead) -> Result<Option<BranchKey>, StoreError> {
        let first = at.seq - at.seq % BLOCK;
        let near = self.view.branches_between(log, first, first.saturating_add(BLOCK - 1))?;
        let (mut found, mut this) = (self.followed.0.lock(), None);
        for (seq, id, branch) in near {
            let event = CutHead { seq, id };
            found.keep_place(event, branch);
            this = this.or((event == at).then_some(branch));
        }
        Ok(this)
    }

    /// Asks what of a log is named, as it is now; and whether the answer holds for whoever asks next, which it does not where
    /// somebody asks who looks at an earlier state of the store.
    fn of_marked<T>(
        &self,
        log: LogId,
        ask: impl FnOnce(&mut Marked) -> Result<T, StoreError>,
    ) -> Result<(T, bool), StoreError> {
        let marked = self.followed.0.lock().marked(log);
        let mut marked = marked.lock();
        let (before, newest) = (marked.len(), self.newest()?);
        marked.refresh(self.view, log, newest)?;
        let answer = (ask(&mut marked)?, marked.is_at(newest));
        let more = marked.len().saturating_sub(before);
        drop(marked);
        if more > 0 {
            let mut found = self.followed.0.lock();
            found.heads = found.heads.saturating_add(more);
        }
        Ok(answer)
    }

    /// Whether no head that was not held has come: though all up to the last of them may lead there, what leads to one before
    /// it counts where the log is doubtful too.
    fn is_as_it_was(&self, log: LogId, open: bool, came: u64) -> Result<bool, StoreError> {
        Ok(!open || self.of_marked(log, |marked| Ok(marked.came() == came))?.0)
    }

    /// What leads to one of these heads, of which the last come first.
    fn laid_out(&self, name: Name, heads: impl Iterator<Item = CutHead> + Clone) -> Result<Arc<LaidOut>, StoreError> {
        self.once(name, heads.clone(), |marked| lay_out(marked, heads))
    }

    /// What leads to a head of each of these acts.
    fn common(&self, acts: &Together) -> Result<Arc<Common>, StoreError> {
        self.once((acts.name(), acts.log(), u64::MAX), acts.last_first(), |marked| {
            let each: Vec<LaidOut> = acts.acts().map(|heads| lay_out(marked, heads.iter().copied())).collect();
            Common::of(&each, marked.came())
        })
    }

    /// What is laid out of a log where these heads were looked for, unless that is known.
    fn once<T: Laid>(
        &self,
        name: Name,
        heads: impl Iterator<Item = CutHead> + Clone,
        lay_out: impl FnOnce(&Marked) -> T,
    ) -> Result<Arc<T>, StoreError> {
        let known = T::kept(&mut self.followed.0.lock().now).get(&name).cloned();
        if let Some(known) = known
            && self.is_as_it_was(name.1, known.is_open(), known.came())?
        {
            return Ok(known);
        }
        let newest = self.newest()?;
        let earlier = |found: &mut Found| T::kept(found.earlier(newest)?).get(&name).cloned();
        if let Some(known) = earlier(&mut self.followed.0.lock()) {
            return Ok(known);
        }
        let (laid_out, holds) = self.of_marked(name.1, |marked| {
            marked.look_for((self.view, newest), name.1, heads)?;
            Ok(lay_out(marked))
        })?;
        let laid_out = Arc::new(laid_out);
        self.followed.0.lock().keep((!holds).then_some(newest), name, &laid_out);
        Ok(laid_out)
    }

    fn newest(&self) -> Result<Pos, StoreError> {
        if let Some(newest) = self.newest.get() {
            return Ok(*newest);
        }
        let newest = self.view.newest()?;
        Ok(*self.newest.get_or_init(|| newest))
    }

    /// What of a log leads to these heads.
    pub(super) fn led(&self, acts: &[Arc<Together>]) -> Result<Led, StoreError> {
        let laid_out = |acts: &Arc<Together>| self.laid_out_together(acts, u64::MAX);
        Ok(Led(acts.iter().map(laid_out).collect::<Result<_, _>>()?))
    }

    /// What of a log that ends at this place leads to those of these heads that are held. Of heads behind it, which nobody here
    /// holds, there may be any number: they are not looked at.
    pub(super) fn held(&self, acts: &[Arc<Together>], last: u64) -> Result<Reach, StoreError> {
        // A log that grows is seldom laid out anew.
        let last = last.checked_next_power_of_two().unwrap_or(u64::MAX);
        let mut all = Reach::default();
        for acts in acts {
            all.join(&self.laid_out_together(acts, last)?.reach);
        }
        Ok(all)
    }

    /// The last place of one of these heads that is not held.
    pub(super) fn open(&self, acts: &[Arc<Together>]) -> Result<Option<u64>, StoreError> {
        let open = |acts: &Arc<Together>| -> Result<Option<u64>, StoreError> {
            for head in acts.last_first().take(limits::HEADS_TRIED) {
                count::note(Work::Asked, 1);
                if self.view.branch_at(acts.log(), head.seq, head.id)?.is_none() {
                    return Ok(Some(head.seq));
                }
            }
            Ok(self.laid_out_together(acts, u64::MAX)?.open)
        };
        acts.iter().map(open).try_fold(None, |most, open| Ok(most.max(open?)))
    }

    /// What leads to one of their heads that stand no later than `last`.
    fn laid_out_together(&self, acts: &Together, last: u64) -> Result<Arc<LaidOut>, StoreError> {
        self.laid_out((acts.name(), acts.log(), last), acts.last_first_up_to(last))
    }

    /// Whether too many branches may lead to heads of these acts that are not held. Of so many each phone keeps those that came
    /// first, and what it has seen to lead there: so nothing counts by any such head until it is here. Counted as they are
    /// let in, whichever act an event leads to by: whoever keeps no more of them knows that they are too many.
    pub(super) fn doubts(&self, log: LogId, acts: &[Arc<Together>]) -> Result<bool, StoreError> {
        let name = (log, acts.iter().map(|acts| acts.name()).collect());
        if let Some(known) = self.doubtful.borrow().get(&name) {
            return Ok(*known);
        }
        let leading = Leading::of(self.view, log, &self.led(acts)?)?;
        let doubtful = leading.is_some_and(|leading| leading.branches.len() > limits::BRANCHES);
        self.doubtful.borrow_mut().insert(name, doubtful);
        Ok(doubtful)
    }
}

/// Of heads that were looked for.
fn lay_out(marked: &Marked, heads: impl Iterator<Item = CutHead>) -> LaidOut {
    let mut laid_out = LaidOut { came: marked.came(), ..LaidOut::default() };
    for head in heads {
        match marked.branch_of(head) {
            Some(branch) => marked.follow(&mut laid_out.reach, branch, head.seq),
            None => laid_out.open = laid_out.open.max(Some(head.seq)),
        }
    }
    laid_out
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

    /// Whether a branch is among those that are taken for it, or one more would be. What leads there is taken beside them
    /// ([`Tracks`](super::Tracks)).
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
        let Ok(laid_out) = self.laid_out((ends.act, ends.log, u64::MAX), ends.last_first()) else { return Some(true) };
        let Ok(branch) = self.branch(ends.log, at) else { return Some(true) };
        if branch.is_some_and(|branch| laid_out.reach.covers(branch, at.seq)) {
            return Some(true);
        }
        let may = laid_out.open.is_some_and(|open| at.seq <= open);
        if may { None } else { Some(false) }
    }

    fn is_within_all(&self, at: CutHead, acts: &Together) -> Option<bool> {
        count::note(Work::Asked, 1);
        if acts.is_empty() {
            return Some(true);
        }
        let (Ok(common), Ok(branch)) = (self.common(acts), self.branch(acts.log(), at)) else { return Some(true) };
        common.covers(branch, at.seq)
    }

    fn is_doubtful(&self, log: LogId, acts: &[Arc<Together>]) -> bool {
        // And here.
        !Rule::Doubt.is_left_out() && self.doubts(log, acts).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::*;
    use crate::{
        event::{Body, Head, LogHeader, Writer},
        id::{CommunityId, Incarnation, TopicTag},
        key::{DeviceKeys, MemorySecrets},
        store::Store,
        time::WallMs,
    };

    /// One event more of a log.
    fn append(store: &mut Store, mut writer: Writer<'_>) -> Head {
        let (deps, edits, payload) = (Vec::new(), Vec::new(), vec![0xa0]);
        let body = Body { aggregate: None, deps, wall: WallMs(0), kind: 1, version: 1, payload, edits, salt: None };
        let head = writer.append(&body, None).expect("a small body");
        let mut write = store.write().expect("begin");
        write.append(&writer.finish().expect("something was written")).expect("follows");
        write.commit().expect("commit");
        head
    }

    /// T4: somebody looked behind what came meanwhile, and whoever looks at an earlier state asks about event after event.
    #[test]
    fn of_an_earlier_state_all_is_laid_out_once_t4() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut store = Store::open(dir.path(), &MemorySecrets::default(), &[]).expect("a new home");
        let keys = DeviceKeys::generate(&mut ChaCha20Rng::seed_from_u64(1));
        let (community, topic) = (CommunityId::from_bytes([9; 32]), TopicTag::from_bytes([1; 16]));
        let header =
            LogHeader { community, topic, device: keys.device(), incarnation: Incarnation::from_bytes([7; 8]) };
        let first = append(&mut store, Writer::new(&keys, header, None));
        let reader = store.readers().open().expect("open");
        let (followed, name) = (Followed::default(), (ActName::default(), header.id(), u64::MAX));
        let heads = [CutHead { seq: 5, id: EventId::from_bytes([3; 32]) }];
        let lay_out = |view: &View| Branches::of(view, &followed).laid_out(name, heads.iter().copied());

        let seen = reader.at_once(|earlier| {
            earlier.newest()?;
            append(&mut store, Writer::new(&keys, header, Some(first)));
            Branches::of(&store, &followed).of_marked(header.id(), |_| Ok(()))?;
            Ok([lay_out(earlier)?, lay_out(earlier)?, lay_out(&store)?, lay_out(earlier)?, lay_out(&store)?])
        });

        let [one, other, now, earlier, again] = seen.expect("the store answers");
        assert!(Arc::ptr_eq(&one, &other), "it was laid out for each event");
        assert!(Arc::ptr_eq(&now, &earlier) && Arc::ptr_eq(&now, &again) && !Arc::ptr_eq(&one, &now));
    }
}
