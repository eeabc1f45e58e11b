//! The log as people look at it: the newest events of everything, and those that do not count.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::Serialize;

use super::{Community, Page, QueryError, Replica};
use crate::{
    aggregate::{Cell, Held, Position},
    event::{Content, Topic, open},
    id::{DeviceId, MemberId, Reference},
    keep::fact,
    limits,
    roster::{Erased, RosterSpec},
    store::{Pos, Reader, Stats, StoreError, Stored, View},
    time::WallMs,
};

/// One event of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LogLine {
    /// The event of this line.
    pub event: Reference,
    /// Where it is synced; `None` for a topic unknown here.
    pub topic: Option<Topic>,
    /// The aggregate it belongs to, as far as it can be read.
    pub aggregate: Option<Reference>,
    /// The aggregate's type; `roster` for members and keys.
    pub kind: Option<&'static str>,
    /// A stable code, such as `claimed`; `None` where it cannot be read or is not known.
    pub code: Option<&'static str>,
    /// Who acted; none if the device is not admitted.
    pub by: Option<MemberId>,
    /// On which device.
    pub device: DeviceId,
    /// When, by the author's clock; `None` where it cannot be read.
    pub wall: Option<WallMs>,
    /// Why it does not count, if it does not.
    pub held: Option<Held>,
}

/// An event that is held.
pub type HeldLine = LogLine;

impl Replica {
    /// A page of all events, those that arrived here last first.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, [`QueryError::Position`], or when the store fails.
    pub fn log(&self, after: Option<&Position>, limit: usize) -> Result<Page<LogLine>, QueryError> {
        let community = self.joined()?;
        let (before, limit) = (self.place(after)?, size(limit));
        Ok(self.read(|reader| {
            let places = reader.events_before(before, limit)?;
            let mut stored = Vec::with_capacity(places.len());
            for place in places {
                stored.extend(reader.event_at(place)?);
            }
            self.page(reader, &community, &stored, limit)
        })?)
    }

    /// A page of the events that do not count, for one reason or any, in the order in which they arrived here.
    ///
    /// # Errors
    /// As [`log`](Self::log).
    pub fn held_events(
        &self,
        reason: Option<Held>,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Page<HeldLine>, QueryError> {
        let community = self.joined()?;
        let (after, limit) = (self.place(after)?.unwrap_or_default(), size(limit));
        Ok(self.read(|reader| {
            let reasons = reason.map_or(Held::ALL.to_vec(), |reason| vec![reason]);
            let mut stored = reader.held(&reasons, after, limit)?;
            stored.extend(held_in_roster(reader, &community, reason, after, limit)?);
            stored.sort_by_key(|event| event.pos);
            stored.truncate(limit);
            self.page(reader, &community, &stored, limit)
        })?)
    }

    /// How much is stored here. Looks at every event, so not for every screen.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stats(&self) -> Result<Stats, QueryError> {
        Ok(self.read(|reader| reader.stats())?)
    }

    /// The place of the event that a page ended with.
    fn place(&self, position: Option<&Position>) -> Result<Option<Pos>, QueryError> {
        let Some(position) = position else { return Ok(None) };
        let [Cell::Int(pos)] = position.keys.as_slice() else { return Err(QueryError::Position) };
        let there = self.read(|reader| reader.reference(Pos(*pos)))?;
        if there == Some(position.aggregate) { Ok(Some(Pos(*pos))) } else { Err(QueryError::Position) }
    }

    fn page(
        &self,
        reader: &Reader,
        community: &Community,
        stored: &[Stored],
        limit: usize,
    ) -> Result<Page<LogLine>, StoreError> {
        let mut items = Vec::with_capacity(stored.len());
        for event in stored {
            items.push(self.log_line(reader, community, event)?);
        }
        let next = stored.last().filter(|_| stored.len() >= limit).map(|last| Position {
            keys: vec![Cell::Int(last.pos.0)],
            aggregate: last.reference(),
            nth: 0,
        });
        Ok(Page { items, next })
    }

    pub(super) fn log_line(
        &self,
        reader: &Reader,
        community: &Community,
        stored: &Stored,
    ) -> Result<LogLine, StoreError> {
        let topic = community.topic(stored.log.topic);
        let hidden = topic == Some(Topic::Care) && !self.reads_care();
        let key = topic.and_then(Topic::compartment).filter(|_| !hidden);
        let key = key.and_then(|compartment| community.key(compartment, stored.epoch));
        let clear = topic.is_some_and(|topic| topic.compartment().is_none());
        let body = match &stored.content {
            Content::Here(bytes) if clear || key.is_some() => open(&stored.header(), bytes, key).ok(),
            _ => None,
        };
        let (kind, code) = match (&body, topic) {
            (Some(body), Some(Topic::Roster)) => (Some("roster"), RosterSpec::of(body.kind).map(|spec| spec.code)),
            (Some(body), Some(Topic::Erasure)) => {
                (Some("erasure"), (body.kind == Erased::KIND).then_some(Erased::CODE))
            }
            (Some(body), _) => {
                (self.registry().owner(body.kind), self.registry().kind(body.kind).map(|spec| spec.code))
            }
            (None, _) => (None, None),
        };
        let aggregate = match stored.aggregate {
            Some(id) => reader.reference(Pos(id.0))?,
            None => body.as_ref().and_then(|body| body.aggregate),
        };
        Ok(LogLine {
            event: stored.reference(),
            topic,
            aggregate,
            kind,
            code,
            by: community.roster.member_of(stored.log.device),
            device: stored.log.device,
            wall: body.map(|body| body.wall),
            held: match topic {
                Some(Topic::Roster) => roster_held(reader, community, stored),
                _ => stored.judged.reason(),
            },
        })
    }
}

/// Why a roster event has no effect, if it has none. The roster is folded as a whole, so nothing of it is judged one by one
/// in the store.
fn roster_held(view: &View, community: &Community, stored: &Stored) -> Option<Held> {
    if matches!(stored.content, Content::Erased(_)) {
        return Some(Held::Missing);
    }
    let against = community.against(&stored.log, stored.seq, stored.id, view);
    against.or_else(|| match fact(stored, community.reads()) {
        Ok(_) => community.roster.idle(stored.reference()),
        Err(_) => Some(Held::Malformed),
    })
}

/// Roster events without effect, for one reason or any, in the order in which they arrived here.
fn held_in_roster(
    reader: &Reader,
    community: &Community,
    reason: Option<Held>,
    mut after: Pos,
    limit: usize,
) -> Result<Vec<Stored>, StoreError> {
    let mut found = Vec::new();
    while found.len() < limit {
        let page = reader.events_of_topic(community.tag(Topic::Roster), after, limits::PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.pos;
        let held =
            |event: &Stored| roster_held(reader, community, event).filter(|held| reason.is_none_or(|it| it == *held));
        found.extend(page.into_iter().filter(|event| held(event).is_some()));
    }
    Ok(found)
}

fn size(limit: usize) -> usize {
    if limit == 0 { limits::PAGE } else { limit.min(limits::PAGE) }
}
