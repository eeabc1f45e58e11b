//! Alerts, with their age and how loud they are now.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{Community, QueryError, Replica, peers::holders};
use crate::{
    aggregate::{
        Aggregate, Cell, Match, Review, Select, Told,
        alert::{ALERT_CARD, Alert, AlertCard, AlertView, Escalation, Status, Waits, escalation, next_escalation},
    },
    id::{MemberId, Reference},
    limits,
    replica::held::HeldFor,
    store::{Reader, StoreError},
    time::WallMs,
};

/// An alert in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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
    /// Milliseconds since the answer that keeps it quiet, or did so for longest; told as the age is.
    pub answered_ms: Option<u64>,
    /// How many more alerts of whoever raised it, as open or as over as this one, are in no line of the list.
    pub more: u64,
}

/// An alert that stands above every screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AlertOnTop {
    /// What lists show of it; `more` of whoever raised it are open and in no line here.
    pub line: AlertLine,
    /// What is the matter, in words; a long text its beginning.
    pub text: Option<String>,
    /// The number that helps from outside, as the community's settings have it.
    pub emergency_number: String,
}

/// An alert in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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
    /// raised first. Of each raiser at most [`ALERTS_OF_ONE`](crate::limits::ALERTS_OF_ONE), of those that are over fewer
    /// where a page would not hold as many of each: whatever somebody heaps up and however they date it, nobody else's is left out.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn alerts(&self, open: bool) -> Result<Vec<AlertLine>, QueryError> {
        let community = self.joined()?;
        let hour = self.hour();
        let mut lines = self.read(|reader| {
            let mut lines = Vec::new();
            for (cards, more) in by_raiser(reader, open)? {
                for card in cards {
                    lines.push(AlertLine { more, ..self.alert_line(reader, &community, card, &hour)? });
                }
            }
            Ok(lines)
        })?;
        if !open {
            lines.sort_by_key(|line| Reverse((line.card.since, line.card.alert)));
        } else {
            lines.sort_by_key(|line| (Reverse(line.escalation.level()), Reverse(line.age_ms), line.card.alert));
            if !lines.is_empty() {
                self.keep_running_time();
            }
        }
        Ok(lines)
    }

    /// What stands above every screen until somebody acknowledges it: alerts that nobody has answered, and those whose answers
    /// led to nothing in their time. The loudest first, the oldest first among those; of each raiser at most
    /// [`ALERTS_ON_TOP`](crate::limits::ALERTS_ON_TOP).
    ///
    /// # Errors
    /// As [`alerts`](Self::alerts).
    pub fn alerts_on_top(&self) -> Result<Vec<AlertOnTop>, QueryError> {
        let mut of_raiser: BTreeMap<MemberId, u64> = BTreeMap::new();
        let mut lines = self.alerts(true)?;
        lines.retain(|line| line.escalation != Escalation::Answered);
        lines.retain(|line| {
            let shown = of_raiser.entry(line.card.raised_by).or_default();
            *shown += 1;
            usize::try_from(*shown).is_ok_and(|shown| shown <= limits::ALERTS_ON_TOP)
        });
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let emergency_number = self.settings()?.emergency_number;
        let on_top = |reader: &Reader, mut line: AlertLine| {
            let there = of_raiser.get(&line.card.raised_by).copied().unwrap_or_default();
            line.more += there.saturating_sub(limits::ALERTS_ON_TOP as u64);
            let row = reader.select(&Select::from(ALERT_CARD.name).of(line.card.alert).limit(1))?.pop();
            let text = row.and_then(|row| ALERT_CARD.cell(&row, "words").text().map(str::to_owned));
            Ok(AlertOnTop { line, text, emergency_number: emergency_number.clone() })
        };
        Ok(self.read(|reader| lines.into_iter().map(|line| on_top(reader, line)).collect())?)
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
        let hour = self.hour();
        let line = self.read(|reader| self.alert_line(reader, &community, view.card.clone(), &hour))?;
        let history = self.told(&folded, standing);
        let mut names = self.names();
        names.retain(|member, _| history.iter().any(|told| told.by == Some(*member)));
        Ok(AlertDetail { line, view, history, review: folded.review(), names })
    }

    fn hour(&self) -> Hour {
        Hour { now: self.inner.clock.wall(), held: self.holding() }
    }

    fn alert_line(
        &self,
        reader: &Reader,
        community: &Community,
        card: AlertCard,
        hour: &Hour,
    ) -> Result<AlertLine, StoreError> {
        let raising = card.since_event.unwrap_or(card.alert);
        let known = holders(reader, community, raising)?.unwrap_or_default();
        let age_ms = card.since.age(hour.now, self.held_for(reader, raising)?);
        let others = known.devices.len();
        let waits = hour.waits(reader, &card, age_ms)?;
        let answered_ms = if let Waits::ForHelp { for_ms, .. } = waits { Some(for_ms) } else { None };
        Ok(AlertLine {
            age_ms,
            on_other_devices: others,
            on_a_relay: known.relay,
            escalation: escalation(waits, others),
            louder_in_ms: next_escalation(waits, others),
            answered_ms,
            more: 0,
            card,
        })
    }
}

/// What ages count from: what the wall clock says, and for how long everything is held.
struct Hour {
    now: WallMs,
    held: HeldFor,
}

impl Hour {
    /// What an alert waits for. Answers age by marks: a moment less than they are, so that it is not called for too soon.
    fn waits(&self, reader: &Reader, card: &AlertCard, age_ms: u64) -> Result<Waits, StoreError> {
        let mut answers = Vec::new();
        if matches!(card.status, Status::Acknowledged | Status::Responding) {
            for (saying, quiet_ms) in card.answers() {
                let held = self.held.since(reader.pos_of(saying.event)?);
                answers.push((saying.wall.age(self.now, held), quiet_ms));
            }
        }
        Ok(Waits::of(card.status, age_ms, answers))
    }
}

/// The alerts that lists show of each raiser, and how many more of theirs there are. Of open ones those that nobody has
/// answered come first, as they came here; of those that are over the last raised.
pub(in crate::replica) fn by_raiser(reader: &Reader, open: bool) -> Result<Vec<(Vec<AlertCard>, u64)>, StoreError> {
    let raisers = raisers(reader, open)?;
    let share = limits::PAGE.checked_div(raisers.len()).unwrap_or_default();
    let most = if open { limits::ALERTS_OF_ONE } else { share.clamp(1, limits::ALERTS_OF_ONE) };
    let mut all = Vec::with_capacity(raisers.len());
    for raiser in raisers {
        let of_raiser = || Select::from(ALERT_CARD.name).is("open", open).is("raised_by", raiser.clone());
        let rows = if open {
            let mut rows = reader.select(&of_raiser().is("status", Status::Raised.code()).limit(most))?;
            let answered = of_raiser().and("status", Match::IsNot(Status::Raised.code().into())).ascending("status");
            rows.extend(reader.select(&answered.limit(most.saturating_sub(rows.len())))?);
            rows
        } else {
            reader.select(&of_raiser().descending("since").limit(most))?
        };
        let shown = rows.len() as u64;
        let there = if rows.len() < most { shown } else { reader.count(&of_raiser())? };
        all.push((rows.iter().filter_map(AlertCard::from_row).collect(), there.saturating_sub(shown)));
    }
    Ok(all)
}

/// Who raised those that are open, or over, each once, however many are theirs.
fn raisers(reader: &Reader, open: bool) -> Result<Vec<Cell>, StoreError> {
    let (mut raisers, mut from) = (Vec::new(), Vec::new());
    loop {
        let next = Select::from(ALERT_CARD.name).is("open", open).and("raised_by", Match::AtLeast(Cell::Bytes(from)));
        let found = reader.select(&next.ascending("raised_by").ascending("status").limit(1))?;
        let Some(raiser) = found.first().map(|row| ALERT_CARD.cell(row, "raised_by").clone()) else {
            return Ok(raisers);
        };
        from = [raiser.bytes().unwrap_or_default(), &[0]].concat();
        raisers.push(raiser);
    }
}
