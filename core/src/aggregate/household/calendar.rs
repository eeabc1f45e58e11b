//! When a household is to be visited: its plans, what of them is settled, and which day comes next.
//!
//! Days are what authors said. What is due or overdue today is asked with the day at hand and is no part of the state
//! (R9): a visit said to have been on a day still to come, by a clock that runs ahead, stands for no other.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{
    collections::BTreeSet,
    iter::{from_fn, successors},
};

use serde::{Deserialize, Serialize};

use crate::{aggregate::medicine_box::Day, id::Reference};

/// Days that one answer lists of one household, and days for which what was not done is still due: a plan that is said to have
/// begun in 1900 does not hide what is due this week.
const LISTED: usize = 366;

/// A plan that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "VisitPlan"))]
pub struct Plan {
    /// The event that made it: what ends it names it.
    pub event: Reference,
    /// The first day.
    pub from: Day,
    /// Days from one visit to the next; none for one visit.
    pub every: Option<u16>,
}

/// Plans, and what of them is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "CareCalendar"))]
pub struct Calendar {
    /// The plans that stand.
    pub plans: Vec<Plan>,
    /// Due days that were visited as such, or skipped.
    pub settled: BTreeSet<Day>,
    /// Days on which somebody was reached: each stands for whatever was due until then.
    pub reached: BTreeSet<Day>,
}

impl Plan {
    /// The first day of the plan after another.
    fn after(&self, day: i64) -> Option<i64> {
        let from = self.from.since_1970();
        match self.every.map(i64::from) {
            _ if day < from => Some(from),
            Some(every) if every > 0 => Some(from + ((day - from) / every + 1) * every),
            _ => None,
        }
    }
}

impl Calendar {
    /// The days still due until and with a day, the oldest first; at most a year of them.
    pub fn due(&self, until: Day, today: Day) -> Vec<Day> {
        self.open(today).take_while(|day| *day <= until).take(LISTED).collect()
    }

    /// The next day that is still due, whether past or to come.
    pub fn next(&self, today: Day) -> Option<Day> {
        self.open(today).next()
    }

    /// Whether a visit is due on a day and nobody has been there.
    pub fn is_due(&self, day: Day, today: Day) -> bool {
        let planned = self.next_after(day.since_1970() - 1) == Some(day.since_1970());
        planned && self.last(today).is_none_or(|last| last < day) && !self.settled.contains(&day)
    }

    /// The last day on which somebody was reached, none that is still to come.
    pub fn last(&self, today: Day) -> Option<Day> {
        self.reached.range(..=today).next_back().copied()
    }

    fn next_after(&self, day: i64) -> Option<i64> {
        self.plans.iter().filter_map(|plan| plan.after(day)).min()
    }

    fn open(&self, today: Day) -> impl Iterator<Item = Day> {
        let year = today.since_1970().saturating_sub(LISTED as i64);
        let before = self.last(today).map_or(year, |last| last.since_1970().max(year));
        let mut days = successors(self.next_after(before), |day| self.next_after(*day));
        from_fn(move || days.by_ref().map_while(Day::from_1970).find(|day| !self.settled.contains(day)))
    }
}
