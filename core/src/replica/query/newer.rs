//! What needs a newer app: events that this build cannot read whole and by which others are protected (T6).
//!
//! A withdrawal, a recall, an erasure or an alert that is not understood here must not pass in silence. It is told with
//! its author, and apart from everything else that the author says. So no heap hides it, not even the author's own.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Community, QueryError, Replica};
use crate::{
    id::{DeviceId, MemberId, Reference},
    limits,
    replica::fate::{Concern, opened},
    roster::Touch,
    store::{Reader, StoreError},
    time::WallMs,
};

/// What something that cannot be read whole is about. Those before [`Admission`](Self::Admission) protect people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum NewerWhat {
    /// A device is withdrawn: it is not let in any more and gets no keys, but what it wrote behind that counts here.
    Withdrawal,
    /// A device has lost a right, and has it here; but no keys of `care` are given to it.
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
    /// Anything else that is new.
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
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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
    /// How many events; of those that are no part of the roster at most 1,000 are counted.
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

    fn add_held(reader: &Reader, community: &Community, lines: &mut Lines) -> Result<(), StoreError> {
        for noted in reader.newer(limits::NEWER_COUNTED)? {
            let what = match Concern::numbered(noted.about) {
                Concern::Erasure => NewerWhat::Erasure,
                Concern::Recall => NewerWhat::Recall,
                Concern::Alert => NewerWhat::Alert,
                Concern::Other => NewerWhat::Other,
            };
            let Some(first) = reader.event_at(noted.first)? else { continue };
            let wall = opened(&first, community).ok().map(|filed| filed.body.wall);
            lines.add((what, noted.device, None), noted.events, first.reference(), wall);
        }
        Ok(())
    }
}
