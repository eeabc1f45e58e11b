//! What the events of a product fold into.

use std::collections::BTreeMap;

use super::{Class, Fact};
use crate::aggregate::{History, knowledge::Unanswered};

/// What the events of a product fold into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Classes that no later one knew of: (index in the history, class).
    pub(super) classes: BTreeMap<usize, Class>,
    standing: Unanswered,
    withdrawn: Option<String>,
}

impl State {
    /// The class that stands: of concurrent ones the strictest. `None` waits for the keeper.
    pub fn class(&self) -> Option<Class> {
        self.classes.values().copied().max_by_key(|class| class.strictness())
    }

    /// Whether concurrent classes differ.
    pub fn contested(&self) -> bool {
        let class = self.class();
        self.classes.values().any(|other| Some(*other) != class)
    }

    /// Why it was withdrawn, if it was.
    pub fn withdrawn(&self) -> Option<&str> {
        self.withdrawn.as_deref()
    }

    pub(super) fn apply(&mut self, fact: &Fact, at: usize, history: &History) {
        match fact {
            Fact::Listed(listed) => self.classify(listed.class, at, history),
            Fact::Proposed(_) => {}
            Fact::Edited(edited) => {
                if let Some(class) = edited.class {
                    self.classify(class, at, history);
                }
            }
            Fact::Withdrawn(withdrawn) => self.withdrawn = Some(withdrawn.why.clone()),
        }
    }

    fn classify(&mut self, class: Class, at: usize, history: &History) {
        for known in history.answer(&mut self.standing, at) {
            self.classes.remove(&known);
        }
        history.leave_open(&mut self.standing, at);
        self.classes.insert(at, class);
    }
}
