//! Alerts, with their age and how loud they are now.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{Community, QueryError, Replica, peers::holders};
use crate::{
    aggregate::{
        Aggregate, Review, Select, Told,
        alert::{ALERT_CARD, Alert, AlertCard, AlertView, Escalation, escalation, next_escalation},
    },
    id::{MemberId, Reference},
    store::{Reader, StoreError},
    time::WallMs,
};

/// An alert in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertLine {
    /// What stands in it, the contact masked.
    pub card: AlertCard,
    /// Milliseconds since it was left without an answer: the greater of what the clocks say and of the time for which
    /// this replica has held that raising while it was running.
    pub age_ms: u64,
    /// Other people's devices that are known to have it.
    pub on_other_devices: usize,
    /// Whether a relay has it.
    pub on_a_relay: bool,
    /// How loud it is now.
    pub escalation: Escalation,
    /// Milliseconds until time alone makes it louder, if it will.
    pub louder_in_ms: Option<u64>,
}

/// An alert in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertDetail {
    /// What lists show of it.
    pub line: AlertLine,
    /// All that was said.
    pub view: AlertView,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members, where they have one and the key that seals it is held.
    pub names: BTreeMap<MemberId, String>,
}

impl Replica {
    /// Alerts that are not over, the loudest first, the oldest first among those; or those that are over, the last
    /// raised first, at most a page of them.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn alerts(&self, open: bool) -> Result<Vec<AlertLine>, QueryError> {
        let community = self.joined()?;
        let select = Select::from(ALERT_CARD.name).is("open", open).descending("since");
        let now = self.inner.clock.wall();
        let mut lines = self.read(|reader| {
            let mut lines = Vec::new();
            for card in reader.select(&select)?.iter().filter_map(AlertCard::from_row) {
                lines.push(self.alert_line(reader, &community, card, now)?);
            }
            Ok(lines)
        })?;
        if open {
            lines.sort_by_key(|line| (Reverse(line.escalation.level()), Reverse(line.age_ms), line.card.alert));
            if !lines.is_empty() {
                self.keep_running_time();
            }
        }
        Ok(lines)
    }

    /// When to look at [`alerts`](Self::alerts) again although nothing arrives: time makes one of them louder then.
    ///
    /// # Errors
    /// As [`alerts`](Self::alerts).
    pub fn next_escalation(&self) -> Result<Option<Duration>, QueryError> {
        let soonest = self.alerts(true)?.iter().filter_map(|line| line.louder_in_ms).min();
        Ok(soonest.map(Duration::from_millis))
    }

    /// An alert in full.
    ///
    /// # Errors
    /// [`QueryError::Unknown`], [`QueryError::NotAMember`], or when the store fails.
    pub fn alert(&self, alert: Reference) -> Result<AlertDetail, QueryError> {
        let community = self.joined()?;
        let (folded, standing) = self.stand_before(Alert::NAME, alert)?;
        let unknown = QueryError::Unknown { kind: Alert::NAME, reference: alert };
        let view = AlertView::of(&folded.subject::<Alert>().ok_or(unknown)?);
        let now = self.inner.clock.wall();
        let line = self.read(|reader| self.alert_line(reader, &community, view.card.clone(), now))?;
        let history = self.told(&folded, standing);
        let mut names = self.names();
        names.retain(|member, _| history.iter().any(|told| told.by == Some(*member)));
        Ok(AlertDetail { line, view, history, review: folded.review(), names })
    }

    fn alert_line(
        &self,
        reader: &Reader,
        community: &Community,
        card: AlertCard,
        now: WallMs,
    ) -> Result<AlertLine, StoreError> {
        let raising = card.since_event.unwrap_or(card.alert);
        let known = holders(reader, community, raising)?.unwrap_or_default();
        let age_ms = card.since.age(now, self.held_for(raising));
        let others = known.devices.len();
        Ok(AlertLine {
            age_ms,
            on_other_devices: others,
            on_a_relay: known.relay,
            escalation: escalation(age_ms, card.status, others),
            louder_in_ms: next_escalation(age_ms, card.status, others),
            card,
        })
    }
}
