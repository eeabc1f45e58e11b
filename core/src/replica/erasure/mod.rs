//! Forgetting (R5): what is erased is absent at once; its bytes go once an erasure was held for long enough.
//!
//! An erasure is obeyed as soon as it counts. Its bytes stay for 72 hours of this replica's own running time, so that
//! a stolen coordinator's phone cannot destroy anything before it is cut: until then an erasure that falls brings all
//! of it back. Afterwards bodies are replaced by their hashes, and neither a link nor a bundle puts them on the disk
//! again.

mod about;
mod closed;
mod command;
mod tend;

use super::community::Community;
use crate::{
    event::{Content, LogHeader, Topic, Verified, VerifiedRun},
    id::{LogId, Reference},
    roster::Naming,
    store::{StoreError, Stored, View, Write},
};

pub use about::{AboutOrder, AboutRoom, ErasedRoom, TakeLine};
pub use command::EraseError;

const TERM: &str = "erasure";

/// Since when this replica holds an erasure that counts, and whether it has forgotten what that names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// Milliseconds of running time at which it was first held.
    since: u64,
    done: bool,
}

impl Term {
    /// What is noted of an erasure, if anything.
    pub(super) fn of(view: &View, erasure: Reference) -> Result<Option<(Reference, Self)>, StoreError> {
        let noted = view.meta(&key(erasure))?;
        let term = noted.as_deref().and_then(|noted| {
            let (since, rest) = noted.split_first_chunk::<8>()?;
            Some(Self { since: u64::from_be_bytes(*since), done: rest == [1] })
        });
        Ok(term.map(|term| (erasure, term)))
    }

    fn keep(self, write: &mut Write<'_>, erasure: Reference) -> Result<(), StoreError> {
        let mut noted = self.since.to_be_bytes().to_vec();
        noted.push(self.done.into());
        write.set_meta(&key(erasure), &noted)
    }
}

fn key(erasure: Reference) -> String {
    format!("{TERM}:{erasure}")
}

/// Whether events of this topic can be erased at all: never members, never erasures.
fn is_erasable(community: &Community, topic: crate::id::TopicTag) -> bool {
    community.topic(topic).and_then(Topic::compartment).is_some()
}

/// Whether an erasure that counts names a stored event. Of one whose body is here the whole chain must be held up to
/// the end that the erasure names; of one whose body is gone nothing may speak against it.
pub(super) fn is_named(view: &View, community: &Community, stored: &Stored) -> Result<bool, StoreError> {
    if community.erasures.is_empty() || !is_erasable(community, stored.log.topic) {
        return Ok(false);
    }
    let gone = matches!(stored.content, Content::Erased(_));
    let log = stored.log.id();
    for naming in community.erasures.at(log, stored.seq).filter(|naming| naming.counts) {
        let in_chain = view.is_in_chain(log, stored.seq, stored.id, naming.span.last, naming.span.check)?;
        if in_chain.unwrap_or(gone) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the bodies that a run lacks may be lacking: an erasure held here names each, whether it counts or not.
pub(super) fn may_lack(community: &Community, run: &VerifiedRun) -> bool {
    let mut lacking = run.events().iter().filter(|event| matches!(event.content, Content::Erased(_))).peekable();
    if lacking.peek().is_none() {
        return true;
    }
    let log = run.header().id();
    is_erasable(community, run.header().topic)
        && lacking.all(|event| {
            let mut namings = community.erasures.at(log, event.seq);
            namings.any(|naming| ends_in(run, naming).unwrap_or(true))
        })
}

/// Whether the end that an erasure names is the one in a run; `None` if the run does not reach it.
fn ends_in(run: &VerifiedRun, naming: &Naming) -> Option<bool> {
    let end = run.events().iter().find(|event| event.seq == naming.span.last)?;
    Some(end.id.short() == naming.span.check)
}

/// Whether an event that comes with its body was forgotten here already.
pub(super) fn is_forgotten(
    view: &View,
    community: &Community,
    run: &VerifiedRun,
    event: &Verified,
) -> Result<bool, StoreError> {
    let header: &LogHeader = run.header();
    if !is_erasable(community, header.topic) {
        return Ok(false);
    }
    let log: LogId = header.id();
    for naming in community.erasures.at(log, event.seq) {
        let done = community.terms.get(&naming.by).is_some_and(|term| term.done);
        let in_chain = || match ends_in(run, naming) {
            Some(fits) => Ok(Some(fits)),
            None => view.is_in_chain(log, event.seq, event.id, naming.span.last, naming.span.check),
        };
        if naming.counts && done && in_chain()? == Some(true) {
            return Ok(true);
        }
    }
    Ok(false)
}
