//! Products: the community's catalogue of medicines and supplies.
//!
//! A product is proposed by any member, without a class, so that unknown goods can be donated at once; a leader or
//! coordinator gives it its class. Names, units and aliases are edited together; the class is a decision, because
//! it says what may be handed out. Of concurrent classes the strictest stands. It knows no box and no stock.

mod command;
mod content;
mod decide;
mod fact;
mod import;
mod kind;
mod query;
mod refusal;
mod rows;
mod state;
#[cfg(test)]
mod tests;

use crate::{
    aggregate::{
        Aggregate, Birth, DecisionContext, Draft, Family, Found, History, KindSpec, Malformed, Review, Row, Says,
        Schema, Subject, Table, Terms,
    },
    event::Topic,
};

pub use command::{Change, Command, Details, Unit};
pub use content::{ALIAS, ALIASES, BARCODE, BRAND, CONTAINS, FORM, GENERIC, NAME, OF, STRENGTH, UNIT, UNITS};
pub(crate) use fact::bounded;
pub use fact::{Class, Edited, Fact, Listed, Proposed, Withdrawn};
pub use import::{Import, Problem, Record, import};
pub use kind::{EDITED, LISTED, PROPOSED, WITHDRAWN};
pub(crate) use query::every;
pub use query::{find_by_name, units_within};
pub use refusal::Refusal;
pub use rows::{PRODUCT, PRODUCT_KEY, PRODUCT_UNIT, search_key};
pub use state::State;

/// A product of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Product;

impl Aggregate for Product {
    const NAME: &'static str = "product";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[PRODUCT, PRODUCT_KEY, PRODUCT_UNIT];
    const SAYS: &'static [Terms] = Fact::SAYS;

    const REVIEWS: Family = Family::saying::<rows::Finding>("review");
    const FAMILIES: &'static [Family] = &[Family::of::<Class>("class")];

    type Fact = Fact;
    type State = State;
    type Command = Command;
    type Refusal = Refusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn apply(state: &mut State, fact: &Fact, at: usize, history: &History, _: &Birth) {
        state.apply(fact, at, history);
    }

    fn rows(subject: &Subject<'_, State>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn review(subject: &Subject<'_, State>) -> Vec<Review> {
        rows::review(subject)
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
