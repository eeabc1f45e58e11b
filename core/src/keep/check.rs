//! Checking what a peer sends: whose it is, whether its chain and signature hold, and whether a missing body may be
//! missing.

use std::{cell::OnceCell, collections::BTreeMap};

use super::{Checked, Rules, Tracks, fallen};
use crate::{
    event::{EventError, Head, LogHeader, Run, VerifiedRun},
    id::{CommunityId, DeviceId, LogId, TopicTag},
    limits,
    sabotage::Rule,
    store::{StoreError, View},
    sync::Refusal,
};

/// How many signatures of runs that came together may yet be checked: a run does not name what it follows on, and whoever forks
/// a log makes many places that it may; and one that is signed may lack bodies that nothing names.
pub struct Tries {
    /// Halves of those of one go.
    left: usize,
    /// Whether some were checked in vain in it.
    vain: bool,
    /// In all goes, those beyond as many of each run as a log has branches.
    beyond: usize,
}

impl Default for Tries {
    fn default() -> Self {
        Self { left: 2 * limits::TRIES, vain: false, beyond: limits::TRIES }
    }
}

impl Tries {
    /// A new go begins.
    pub fn go_on(&mut self) {
        *self = Self { beyond: self.beyond, ..Self::default() };
    }

    /// Whether this go is over. The next run is for another: so nothing that comes beside an honest run keeps it away.
    pub fn is_over(&self) -> bool {
        self.vain && self.left == 0
    }

    /// Whether a run is tried in one more way. Where a log has few branches each run is on all.
    fn allow(&self, nth: usize) -> bool {
        nth <= limits::BRANCHES || (self.left > 0 && self.beyond > 0)
    }

    fn was_of_use(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    fn was_in_vain(&mut self, nth: usize) {
        (self.left, self.vain) = (self.left.saturating_sub(2), true);
        self.beyond = self.beyond.saturating_sub(usize::from(nth > limits::BRANCHES));
    }
}

/// Verifies runs of one topic one after the other, each on what is stored or on what was verified before it.
pub struct Checker<'a> {
    view: &'a View,
    rules: &'a Rules,
    topic: TopicTag,
    tries: &'a mut Tries,
    /// What was turned away before: what follows on it is checked as if it were here.
    tracks: &'a Tracks,
    /// Of logs that are new with this batch: the peer gives a header once.
    headers: BTreeMap<LogId, LogHeader>,
    ends: BTreeMap<LogId, Vec<Head>>,
    /// Whether what tells why a body is gone may have been turned away, once it was asked.
    unheard: OnceCell<bool>,
}

impl<'a> Checker<'a> {
    /// Begins. What is stored and what the rules say must not change until it is done.
    pub fn new(view: &'a View, rules: &'a Rules, topic: TopicTag, tries: &'a mut Tries, tracks: &'a Tracks) -> Self {
        let (headers, ends, unheard) = (BTreeMap::new(), BTreeMap::new(), OnceCell::new());
        Self { view, rules, topic, tries, tracks, headers, ends, unheard }
    }

    /// Whether the next run is for another go.
    pub fn is_over(&self) -> bool {
        self.tries.is_over()
    }

    /// Verifies the next run.
    ///
    /// # Errors
    /// When the store fails.
    pub fn check(&mut self, run: Run) -> Result<Checked, StoreError> {
        let log = run.log;
        let header = match self.header(&run)? {
            Ok(header) => header,
            Err(why) => return Ok(Err((log, why))),
        };
        // What begins a log follows on nothing, so that no other branch can make up for a signature. Its header may have
        // been named with the community that the founding event, alone in its log, does not have.
        let (begins, mut why) = (run.first == 0, Refusal::Gap);
        let founding = LogHeader { community: CommunityId::ZERO, ..header };
        let headers = [Some(header), (begins && run.header.is_none()).then_some(founding)];
        let parents = self.parents(log, run.first)?;
        if parents.is_empty() {
            return Ok(Err((log, why)));
        }
        let Ok(bodies) = run.bodies() else {
            return Ok(Err((log, Refusal::Invalid { author: Some(header.device) })));
        };
        let ways = headers.into_iter().flatten().flat_map(|header| parents.iter().map(move |parent| (header, *parent)));
        for (nth, (header, parent)) in ways.enumerate() {
            if !self.tries.allow(nth) {
                break;
            }
            match run.verify_on(&bodies, header, parent) {
                Ok(verified) => {
                    if is_foreign_founding(&verified, self.rules.id) {
                        return Ok(Err((log, Refusal::Invalid { author: Some(header.device) })));
                    }
                    if !self.may_lack(&verified)? && !Rule::NamedBody.is_left_out() {
                        self.tries.was_in_vain(nth);
                        return Ok(Err((log, Refusal::Unnamed)));
                    }
                    self.tries.was_of_use();
                    let last = verified.events().last().map(|last| Head { seq: last.seq, id: last.id });
                    self.headers.insert(log, header);
                    self.ends.entry(log).or_default().extend(last);
                    return Ok(Ok(verified));
                }
                Err(error) => {
                    let forged = matches!(error, EventError::Key(_));
                    if forged {
                        self.tries.was_in_vain(nth);
                    }
                    // On another branch it may yet fit.
                    if begins || !forged {
                        why = Refusal::Invalid { author: Some(header.device) };
                    }
                }
            }
        }
        Ok(Err((log, why)))
    }

    /// Whether the bodies that a run lacks may be lacking: an erasure that is held names each, or one that was turned away may.
    fn may_lack(&self, run: &VerifiedRun) -> Result<bool, StoreError> {
        let named = self.rules.may_lack(run);
        if named || !self.rules.is_erasable(run.header().topic) {
            return Ok(named);
        }
        if let Some(unheard) = self.unheard.get() {
            return Ok(*unheard);
        }
        let unheard = fallen::may_be_unheard(self.view, self.rules)?;
        Ok(*self.unheard.get_or_init(|| unheard))
    }

    /// The run's header, from the peer or from the store, if its device is welcome to write here.
    fn header(&self, run: &Run) -> Result<Result<LogHeader, Refusal>, StoreError> {
        let known = match self.headers.get(&run.log) {
            Some(header) => Some(*header),
            None => self.view.log(run.log)?,
        };
        let Some(mut header) = run.header.or(known) else { return Ok(Err(Refusal::Gap)) };
        let founding = header.community == CommunityId::ZERO && run.first == 0;
        if header.community == CommunityId::ZERO && !founding {
            header.community = self.rules.id;
        }
        if header.topic != self.topic || (!founding && header.community != self.rules.id) {
            return Ok(Err(Refusal::Invalid { author: Some(header.device) }));
        }
        let is_welcome = founding || self.is_admitted(header.device) || self.rules.explains(&header);
        if !is_welcome && !self.tells_whose(run, &header)? {
            return Ok(Err(Refusal::Stranger));
        }
        // Before any signature is checked: a silenced log may have as many places to follow on as its author liked.
        if !founding && self.rules.is_silenced(&header) {
            return Ok(Err(Refusal::Silenced));
        }
        Ok(Ok(header))
    }

    fn is_admitted(&self, device: DeviceId) -> bool {
        self.rules.roster.device(device).is_some() || Rule::Admitted.is_left_out()
    }

    /// Whether a stranger's run is the first event of a log on which somebody built while its device was admitted. Whoever
    /// comes later learns by it whose that log is, and so that nothing of it is to be waited for.
    fn tells_whose(&self, run: &Run, header: &LogHeader) -> Result<bool, StoreError> {
        let tells = run.first == 0 && self.rules.was_admitted(header.device);
        Ok(tells && self.rules.may_be_awaited(header, self.view)?)
    }

    /// What a run may follow on, the newest first: whoever sends a chain sends it in order. Each costs a signature.
    fn parents(&self, log: LogId, first: u64) -> Result<Vec<Option<Head>>, StoreError> {
        let Some(seq) = first.checked_sub(1) else { return Ok(vec![None]) };
        let mut parents = self.view.parents_at(log, seq)?;
        parents.extend(self.ends.get(&log).into_iter().flatten().filter(|head| head.seq == seq));
        parents.dedup();
        for end in self.tracks.ends_at(log, seq) {
            // What is known of it twice is tried once.
            parents.retain(|parent| *parent != end);
            parents.push(end);
        }
        Ok(parents.into_iter().rev().take(limits::TRIES).map(Some).collect())
    }
}

/// A founding event is only ever this community's.
fn is_foreign_founding(run: &VerifiedRun, community: CommunityId) -> bool {
    let first = run.events().first().map(|first| *first.id.as_bytes());
    run.header().community == CommunityId::ZERO && first != Some(*community.as_bytes())
}
