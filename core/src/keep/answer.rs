//! Answers to a peer's runs: whether each run holds, and whether it is kept.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    event::{Entry, VerifiedRun},
    id::LogId,
    sync::{Input, Refusal},
};

/// A run that holds, or its log and why that is turned away.
pub type Checked = Result<VerifiedRun, (LogId, Refusal)>;

/// What became of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is durable.
    Committed {
        /// Its last event.
        last: Entry,
        /// All heads of its log now.
        heads: Vec<Entry>,
        /// Whether it brought bodies back that were missing.
        refilled: bool,
    },
    /// Nothing of it is kept.
    Refused {
        /// The log it is of.
        log: LogId,
        /// The reason that its bringer is told.
        why: Refusal,
    },
}

impl Answer {
    /// As the session is told.
    pub fn into_input(self) -> Input<'static> {
        match self {
            Self::Committed { last, heads, .. } => Input::Committed { last, heads },
            Self::Refused { log, why } => Input::Refused { log, why },
        }
    }
}

/// All heads, as they are now, of each log of which something was stored.
pub fn heads_of<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Vec<Entry> {
    let mut logs = BTreeMap::new();
    for answer in answers {
        if let Answer::Committed { last, heads, .. } = answer {
            logs.insert(last.log, heads);
        }
    }
    logs.into_values().flatten().copied().collect()
}

/// The logs of which bodies came back.
pub fn refilled<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> BTreeSet<LogId> {
    let refilled = |answer: &Answer| match answer {
        Answer::Committed { last, refilled: true, .. } => Some(last.log),
        Answer::Committed { .. } | Answer::Refused { .. } => None,
    };
    answers.into_iter().filter_map(refilled).collect()
}
