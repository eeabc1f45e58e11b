//! Unread: what a roster knows of events that only a later build reads whole, and of devices in roles that only one
//! knows.
//!
//! It takes no side where it cannot tell. A device that may have lost `care` by such an event is given no keys by this
//! build, and keeps the right. A key that it holds is not replaced for that alone: a later build may give the new one
//! to it again, without end.

use std::collections::BTreeSet;

use super::{Gist, Later, Right, Role, Roster, RosterEvent, RosterFact, Unread};
use crate::{
    event::Held,
    id::{DeviceId, Reference},
};

impl Roster {
    /// What a grant of `care` names beside [these](Self::removals_of), so that keys are given again: events that only a later
    /// build reads, by which the device has lost something.
    pub(super) fn limits_of(&self, device: DeviceId) -> impl Iterator<Item = Reference> {
        self.limits.get(&device).into_iter().flatten().copied()
    }

    /// Whether a device has lost what may be `care`, by what only a later build reads: who knows better gives it keys.
    pub(super) fn is_limited(&self, device: DeviceId) -> bool {
        self.limited.contains(&device)
    }

    /// Whether a device is in a role that only a later build knows.
    pub(super) fn is_later(&self, device: DeviceId) -> bool {
        self.device(device).is_some_and(|device| device.role == Role::Later)
    }

    /// Why an event has no effect that its author may not write.
    pub(super) fn lack(&self, fact: &RosterFact) -> Held {
        if self.is_later(fact.log.device) || matches!(fact.event, RosterEvent::Later(_)) {
            Held::Newer
        } else {
            Held::Unentitled
        }
    }

    /// What can be made out of an event that only a later build reads whole, or of which only one knows what its author may.
    pub(super) fn gist_of(&self, fact: &RosterFact) -> Option<Later> {
        let by = fact.log.device;
        let unread = matches!(fact.event, RosterEvent::Later(_));
        (unread || self.is_later(by) && !self.may_write(by, &fact.event)).then(|| fact.event.gist())
    }

    /// What is shown of such an event.
    pub(super) fn unread_of(&self, fact: &RosterFact, later: &Later) -> Unread {
        let by = fact.log.device;
        Unread {
            event: fact.reference(),
            kind: later.kind,
            touch: later.gist.touch(),
            by,
            about: later.device().or_else(|| matches!(later.gist, Gist::Withdraws(None)).then_some(by)),
            wall: fact.wall,
            entitled: self.is_later(by) || self.may_write(by, &fact.event),
        }
    }

    /// Roster events of devices that belong that only a later build reads whole, or knows whether they may be written, by
    /// what they do (T6).
    pub fn unread(&self) -> impl Iterator<Item = &Unread> {
        self.unread.iter()
    }

    /// Whether somebody who may change the roster, and still belongs, said something here that only a later build reads
    /// whole. Who should hold keys is for others to say then.
    pub fn is_behind(&self) -> bool {
        self.unread.iter().any(|unread| unread.entitled && self.may_connect(unread.by))
    }

    /// Of the devices that have lost something by what only a later build reads those that had `care`, and to which nobody
    /// gave it behind that.
    pub(super) fn note_limited(&self) -> BTreeSet<DeviceId> {
        let lost = |(device, limits): &(&DeviceId, &BTreeSet<Reference>)| {
            let care = self.tenure(**device, &Right::Care).filter(|tenure| tenure.stands());
            self.may_connect(**device) && care.is_some_and(|tenure| !tenure.stands_after(limits))
        };
        self.limits.iter().filter(lost).map(|(device, _)| *device).collect()
    }
}
