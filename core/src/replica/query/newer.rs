//! What needs a newer app: who wrote what this build cannot read whole, and what of it others are protected by (T6).
//!
//! A withdrawal, a recall, an erasure or an alert that is not understood here must not pass in silence. It is told by its
//! author, so that nobody hides it behind what they heap up themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Community, QueryError, Replica};
use crate::{
    aggregate::{Held, recall},
    event::Topic,
    id::{DeviceId, MemberId, Reference},
    limits,
    replica::fate::opened,
    roster::Touch,
    store::{Pos, Reader, StoreError, Stored},
    time::WallMs,
};

/// What something that cannot be read whole is about. Those before [`Admission`](Self::Admission) protect people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NewerWhat {
    /// A device is withdrawn: it is not let in any more and gets no keys, but what it wrote behind that counts here.
    Withdrawal,
    /// A device has lost a right, and has it here.
    Removal,
    /// Some other change of who belongs and who may do what.
    Roster,
    /// Something is to be forgotten. What of it can be read is obeyed.
    Erasure,
    /// A medicine is recalled, or a recall changed, and this app does not say of which.
    Recall,
    /// Somebody calls for help, or answers.
    Alert,
    /// A device is admitted in a role that is not known here: what it does is kept and passed on.
    Admission,
    /// Anything else.
    Other,
}

impl NewerWhat {
    /// All of them.
    pub const ALL: [NewerWhat; 8] = [
        NewerWhat::Withdrawal,
        NewerWhat::Removal,
        NewerWhat::Roster,
        NewerWhat::Erasure,
        NewerWhat::Recall,
        NewerWhat::Alert,
        NewerWhat::Admission,
        NewerWhat::Other,
    ];

    /// Whether others are protected by it, so that this app must be brought up to date at once.
    pub fn protects(self) -> bool {
        self < NewerWhat::Admission
    }
}

/// Something that needs a newer app, by one device and about one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewerLine {
    /// What it is about.
    pub what: NewerWhat,
    /// Whether others are protected by it.
    pub protects: bool,
    /// Who wrote it.
    pub by: Option<MemberId>,
    /// On which device.
    pub device: DeviceId,
    /// About which device, as far as that can be read.
    pub about: Option<DeviceId>,
    /// How many events.
    pub events: u64,
    /// One of them.
    pub event: Reference,
    /// When that was, by its author's clock, as far as that can be read.
    pub wall: Option<WallMs>,
}

/// What is told together.
type Group = (NewerWhat, DeviceId, Option<DeviceId>);

#[derive(Default)]
struct Lines(BTreeMap<Group, (u64, Reference, Option<WallMs>)>);

impl Lines {
    fn add(&mut self, group: Group, more: u64, event: Reference, wall: Option<WallMs>) {
        let (events, ..) = self.0.entry(group).or_insert((0, event, wall));
        *events = events.saturating_add(more);
    }
}

impl Replica {
    /// What is held here because only a newer app reads it whole, what protects people first. Empty on a phone that is
    /// up to date.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn needs_newer_app(&self) -> Result<Vec<NewerLine>, QueryError> {
        let community = self.joined()?;
        let mut lines = Lines::default();
        for unread in community.roster.unread() {
            let what = match unread.touch {
                _ if !unread.entitled => NewerWhat::Other,
                Touch::Withdrawal => NewerWhat::Withdrawal,
                Touch::Removal => NewerWhat::Removal,
                Touch::Admission => NewerWhat::Admission,
                Touch::Unknown => NewerWhat::Roster,
            };
            lines.add((what, unread.by, unread.about), 1, unread.event, Some(unread.wall));
        }
        self.read(|reader| Self::add_held(reader, &community, &mut lines))?;
        let line = |((what, device, about), (events, event, wall)): (Group, _)| NewerLine {
            what,
            protects: what.protects(),
            by: community.roster.member_of(device),
            device,
            about,
            events,
            event,
            wall,
        };
        Ok(lines.0.into_iter().map(line).collect())
    }

    /// Of each log the first that are held: how many there are is told of all.
    fn add_held(reader: &Reader, community: &Community, lines: &mut Lines) -> Result<(), StoreError> {
        for (log, events) in reader.logs_with_held(Held::Newer)? {
            let first = reader.held_in_log(log, Held::Newer, Pos::default(), limits::PAGE)?;
            for stored in &first {
                let (what, wall) = what(community, stored);
                lines.add((what, stored.log.device, None), 1, stored.reference(), wall);
            }
            let rest = events.saturating_sub(first.len() as u64);
            if let (Some(last), 1..) = (first.last(), rest) {
                lines.add((NewerWhat::Other, last.log.device, None), rest, last.reference(), None);
            }
        }
        Ok(())
    }
}

fn what(community: &Community, stored: &Stored) -> (NewerWhat, Option<WallMs>) {
    let body = opened(stored, community).ok().map(|filed| filed.body);
    let wall = body.as_ref().map(|body| body.wall);
    let what = match community.topic(stored.log.topic) {
        Some(Topic::Erasure) => NewerWhat::Erasure,
        Some(Topic::Urgent) => NewerWhat::Alert,
        _ if body.is_some_and(|body| recall::NUMBERS.contains(&body.kind)) => NewerWhat::Recall,
        _ => NewerWhat::Other,
    };
    (what, wall)
}
