//! Products: the community's catalogue of medicines and supplies.
//!
//! A product is proposed by any member, without a class, so that unknown goods can be donated at once; a leader or
//! coordinator gives it its class. Names, units and aliases are edited together; the class is a decision, because
//! it says what may be handed out. Of concurrent classes the strictest stands. It knows no box and no stock.

mod command;
mod decide;
mod fact;
mod import;
mod query;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::{
    aggregate::{
        Aggregate, Birth, Coded, DecisionContext, Draft, Family, FieldSpec, Found, History, KindSpec, ListSpec,
        Malformed, Review, Row, Schema, Subject, Table, knowledge::Unanswered,
    },
    event::Topic,
    roster::Need,
};

pub use command::{Change, Command, Details, Refusal, Unit};
pub(crate) use fact::bounded;
pub use fact::{Class, Edited, Fact, Listed, Proposed, Withdrawn};
pub use import::{Import, Problem, Record, import};
pub(crate) use query::every;
pub use query::{find_by_name, units_within};
pub use rows::{PRODUCT, PRODUCT_KEY, PRODUCT_UNIT, search_key};

/// A product with its class enters the catalogue.
pub const LISTED: u16 = 0x0200;
/// A product enters the catalogue without class, proposed by a member.
pub const PROPOSED: u16 = 0x0201;
/// Texts, units or the class change.
pub const EDITED: u16 = 0x0202;
/// The product is no longer to be donated.
pub const WITHDRAWN: u16 = 0x0203;

/// The name on the package, as neighbours say it.
pub const NAME: u16 = 0;
/// The generic name.
pub const GENERIC: u16 = 1;
/// The brand.
pub const BRAND: u16 = 2;
/// The strength, such as `0.5 g`.
pub const STRENGTH: u16 = 3;
/// The form, such as `tablet`.
pub const FORM: u16 = 4;
/// The barcode.
pub const BARCODE: u16 = 5;
/// The list of other names.
pub const ALIASES: u16 = 0;
/// The list of units: box → strip → tablet.
pub const UNITS: u16 = 1;
/// In [`ALIASES`]: the name.
pub const ALIAS: u16 = 0;
/// In [`UNITS`]: the unit's name.
pub const UNIT: u16 = 0;
/// In [`UNITS`]: how many of the smaller unit it contains.
pub const CONTAINS: u16 = 1;
/// In [`UNITS`]: the smaller unit's name; nothing for the smallest.
pub const OF: u16 = 2;

/// Concurrent classes differ.
const CLASS_CONTESTED: &str = "class_contested";

const CATALOGUER: Need = Need::ANY_LEADER.or(Need::COORDINATOR);

/// A product of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Product;

/// Classes that are told one by one where they differ: more are no worse.
const NAMED: usize = 64;

/// What the events of a product fold into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Classes that no later one knew of: (index in the history, class).
    classes: BTreeMap<usize, Class>,
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

    fn classify(&mut self, class: Class, at: usize, history: &History) {
        for known in history.answer(&mut self.standing, at) {
            self.classes.remove(&known);
        }
        history.leave_open(&mut self.standing, at);
        self.classes.insert(at, class);
    }
}

impl Aggregate for Product {
    const NAME: &'static str = "product";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[
        KindSpec { kind: LISTED, version: 1, code: "listed", need: CATALOGUER, creates: true },
        KindSpec { kind: PROPOSED, version: 1, code: "proposed", need: Need::MEMBER, creates: true },
        KindSpec { kind: EDITED, version: 1, code: "edited", need: CATALOGUER, creates: false },
        KindSpec { kind: WITHDRAWN, version: 1, code: "withdrawn", need: CATALOGUER, creates: false },
    ];
    const CONTENT: Schema = Schema {
        fields: &[
            FieldSpec { field: NAME, name: "name" },
            FieldSpec { field: GENERIC, name: "generic" },
            FieldSpec { field: BRAND, name: "brand" },
            FieldSpec { field: STRENGTH, name: "strength" },
            FieldSpec { field: FORM, name: "form" },
            FieldSpec { field: BARCODE, name: "barcode" },
        ],
        lists: &[
            ListSpec { list: ALIASES, name: "aliases", fields: &[FieldSpec { field: ALIAS, name: "name" }] },
            ListSpec {
                list: UNITS,
                name: "units",
                fields: &[
                    FieldSpec { field: UNIT, name: "unit" },
                    FieldSpec { field: CONTAINS, name: "contains" },
                    FieldSpec { field: OF, name: "of" },
                ],
            },
        ],
    };
    const TABLES: &'static [Table] = &[PRODUCT, PRODUCT_KEY, PRODUCT_UNIT];

    const REVIEWS: &'static [&'static str] = &[CLASS_CONTESTED];
    const FAMILIES: &'static [Family] = &[Family::of::<Class>("class")];

    type Fact = Fact;
    type State = State;
    type Command = Command;
    type Refusal = Refusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn apply(state: &mut State, fact: &Fact, at: usize, history: &History, _: &Birth) {
        match fact {
            Fact::Listed(listed) => state.classify(listed.class, at, history),
            Fact::Proposed(_) => {}
            Fact::Edited(edited) => {
                if let Some(class) = edited.class {
                    state.classify(class, at, history);
                }
            }
            Fact::Withdrawn(withdrawn) => state.withdrawn = Some(withdrawn.why.clone()),
        }
    }

    fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn review(subject: &Subject<'_, State>) -> Vec<Review> {
        if !subject.state.contested() {
            return Vec::new();
        }
        let classes: Vec<&str> = subject.state.classes.values().take(NAMED).map(|class| class.code()).collect();
        vec![Review::of(CLASS_CONTESTED, serde_json::json!({ "classes": classes }))]
    }

    fn search(subject: &Subject<'_, State>) -> Option<String> {
        Some(rows::names(subject.content).join(" "))
    }

    fn line(card: &Found) -> Vec<String> {
        PRODUCT.texts(card, &["name", "strength", "form"])
    }

    fn erasable(_: Option<&Found>) -> bool {
        false
    }

    fn decide(
        subject: Option<&Subject<'_, State>>,
        command: Command,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, Refusal> {
        decide::decide(subject, command, context)
    }
}
