//! Recalls: a product, or batches of it, that must not be handed out.
//!
//! A recall knows the product and batches it names and whether it stands; reason and issuer are edited together.
//! It knows no box: what it touches is a query ([`touched`](super::medicine_box::touched)). Where people disagree the careful answer holds:
//! concurrent scopes add up, and a withdrawal ends only what its author knew of.

mod decide;
mod fact;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    aggregate::{
        Aggregate, Birth, Cell, Desk, Draft, FieldSpec, Found, History, KindSpec, Malformed, Review, Row, Schema,
        Subject, Table, knowledge::Unanswered,
    },
    event::Topic,
    id::Reference,
    roster::Need,
    time::WallMs,
};

pub use decide::{Refusal, Wish};
pub use fact::{BATCHES, Edited, Fact, Raised, Scope, Withdrawn, batch_key};

/// The numbers kept for kinds of recalls, those of later builds among them.
pub const NUMBERS: std::ops::RangeInclusive<u16> = 0x0400..=0x04ff;
/// A recall begins.
pub const RAISED: u16 = 0x0400;
/// Its batches, reason or issuer change.
pub const EDITED: u16 = 0x0401;
/// It no longer stands.
pub const WITHDRAWN: u16 = 0x0402;

/// Why the goods are recalled.
pub const REASON: u16 = 0;
/// Who recalled them: an authority or maker, not a neighbour.
pub const ISSUER: u16 = 1;

/// One row per recalled batch, or one with `all_batches` set. `batch_key` is as [`batch_key`] writes it.
pub const RECALL: Table = Table {
    name: "recall",
    columns: &["product", "batch", "batch_key", "all_batches", "reason", "issuer", "stands", "raised_wall"],
    indexes: &[&["product", "stands"]],
};

/// It was withdrawn and raised at the same time.
const WITHDRAWAL_CONTESTED: &str = "withdrawal_contested";

const RECALLER: Need = Need::ANY_LEADER.or(Need::COORDINATOR);

/// A recall of a product or of batches of it.
#[derive(Clone, Copy, Debug)]
pub struct Recall;

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

impl Aggregate for Recall {
    const NAME: &'static str = "recall";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[
        KindSpec { kind: RAISED, version: 1, code: "raised", need: RECALLER, creates: true },
        KindSpec { kind: EDITED, version: 1, code: "edited", need: RECALLER, creates: false },
        KindSpec { kind: WITHDRAWN, version: 1, code: "withdrawn", need: RECALLER, creates: false },
    ];
    const CONTENT: Schema = Schema {
        fields: &[FieldSpec { field: REASON, name: "reason" }, FieldSpec { field: ISSUER, name: "issuer" }],
        lists: &[],
    };
    const TABLES: &'static [Table] = &[RECALL];

    const REVIEWS: &'static [&'static str] = &[WITHDRAWAL_CONTESTED];

    type Fact = Fact;
    type State = State;
    type Wish = Wish;
    type Refusal = Refusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn apply(state: &mut State, fact: &Fact, at: usize, history: &History, _: &Birth) {
        match fact {
            Fact::Raised(raised) => {
                state.product = Some(raised.product);
                state.raised = history.act(at).wall;
                state.set(&raised.scope, at, history);
            }
            Fact::Edited(edited) => {
                if let Some(scope) = &edited.scope {
                    state.set(scope, at, history);
                }
            }
            Fact::Withdrawn(withdrawn) => {
                state.end(at, history);
                state.withdrawn = Some(withdrawn.why.clone());
            }
        }
    }

    fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
        let (state, content) = (subject.state, subject.content);
        let row = |batch: Option<&str>| Row {
            table: RECALL.name,
            cells: vec![
                state.product.into(),
                batch.into(),
                batch.map(batch_key).into(),
                batch.is_none().into(),
                content.text(REASON).into(),
                content.text(ISSUER).into(),
                state.stands().into(),
                Cell::Int(state.raised.0),
            ],
        };
        match state.scope() {
            Scope::All => vec![row(None)],
            Scope::Batches(batches) => batches.iter().map(|batch| row(Some(batch))).collect(),
        }
    }

    fn review(subject: &Subject<'_, State>) -> Vec<Review> {
        let state = subject.state;
        match &state.withdrawn {
            Some(why) if state.stands() => {
                vec![Review::of(WITHDRAWAL_CONTESTED, serde_json::json!({ "why": why }))]
            }
            _ => Vec::new(),
        }
    }

    fn search(subject: &Subject<'_, State>) -> Option<String> {
        let mut words: Vec<String> =
            [REASON, ISSUER].into_iter().filter_map(|field| subject.content.text(field)).map(str::to_owned).collect();
        if let Scope::Batches(batches) = subject.state.scope() {
            words.extend(batches);
        }
        Some(words.join(" "))
    }

    fn line(card: &Found) -> Vec<String> {
        RECALL.texts(card, &["batch", "reason", "issuer"])
    }

    fn erasable(_: Option<&Found>) -> bool {
        false
    }

    fn decide(subject: Option<&Subject<'_, State>>, wish: Wish, desk: &Desk<'_>) -> Result<Vec<Draft>, Refusal> {
        decide::decide(subject, wish, desk)
    }
}
