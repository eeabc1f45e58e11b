//! What the events of a recall fold into: which scopes stand, and whether it was withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fact, Scope};
use crate::{
    aggregate::{History, knowledge::Unanswered},
    id::Reference,
    time::WallMs,
};

/// What the events of a recall fold into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    product: Option<Reference>,
    raised: WallMs,
    /// Scopes that nothing later knew of: (index in the history, scope).
    scopes: BTreeMap<usize, Scope>,
    standing: Unanswered,
    /// The last scope, kept to be shown once withdrawn.
    last: Option<Scope>,
    withdrawn: Option<String>,
}

impl State {
    /// The recalled product.
    pub fn product(&self) -> Option<Reference> {
        self.product
    }

    /// Whether it stands.
    pub fn stands(&self) -> bool {
        !self.scopes.is_empty()
    }

    /// When it was raised, by its author's clock.
    pub fn raised(&self) -> WallMs {
        self.raised
    }

    /// Why it was withdrawn, if somebody did.
    pub fn withdrawn(&self) -> Option<&str> {
        self.withdrawn.as_deref()
    }

    /// What is recalled: concurrent scopes added up; once withdrawn, what was.
    pub fn scope(&self) -> Scope {
        let scopes = self.scopes.values();
        let mut batches = BTreeSet::new();
        for scope in scopes.chain(self.last.iter().filter(|_| !self.stands())) {
            match scope {
                Scope::All => return Scope::All,
                Scope::Batches(some) => batches.extend(some.iter().cloned()),
            }
        }
        Scope::Batches(batches.into_iter().collect())
    }

    /// Folds one more event.
    pub(super) fn apply(&mut self, fact: &Fact, at: usize, history: &History) {
        match fact {
            Fact::Raised(raised) => {
                self.product = Some(raised.product);
                self.raised = history.act(at).wall;
                self.set(&raised.scope, at, history);
            }
            Fact::Edited(edited) => {
                if let Some(scope) = &edited.scope {
                    self.set(scope, at, history);
                }
            }
            Fact::Withdrawn(withdrawn) => {
                self.end(at, history);
                self.withdrawn = Some(withdrawn.why.clone());
            }
        }
    }

    fn set(&mut self, scope: &Scope, at: usize, history: &History) {
        self.end(at, history);
        history.leave_open(&mut self.standing, at);
        self.scopes.insert(at, scope.clone());
        self.last = Some(scope.clone());
    }

    fn end(&mut self, at: usize, history: &History) {
        for known in history.answer(&mut self.standing, at) {
            self.scopes.remove(&known);
        }
    }
}
