//! The community's settings: kinds of orders, categories of reports, limits, the emergency number, local time.
//!
//! One document for all, edited by coordinators. Two made at the same time are no harm: all replicas take the one
//! with the smaller reference. This folder knows the document and what stands where it says nothing
//! ([`Settings::defaults`]); what is done with a setting is for who asks.

mod command;
mod content;
mod decide;
mod defaults;
mod fact;
pub mod kind;
mod refusal;
mod rows;
#[cfg(test)]
mod tests;

use super::{
    Aggregate, Birth, DecisionContext, Draft, Found, History, KindSpec, Malformed, Row, Says, Schema, Subject, Table,
    Terms,
};
use crate::event::Topic;

pub use command::{SettingsChange, SettingsCommand, Vocabulary};
pub use content::field;
pub(in crate::aggregate) use defaults::is_ordinary_kind;
pub use fact::SettingsFact;
pub use refusal::SettingsRefusal;
pub use rows::{SETTINGS, SettingsView, Term};

/// Bytes of a code.
pub const CODE: usize = 32;
/// Bytes of a name, an emergency number, a time zone.
pub const NAME: usize = 64;

/// The settings aggregate.
pub struct Settings;

impl Settings {
    /// What holds while nobody has set anything.
    pub fn defaults() -> SettingsView {
        defaults::view()
    }
}

impl Aggregate for Settings {
    const NAME: &'static str = "settings";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[SETTINGS];
    const SAYS: &'static [Terms] = SettingsFact::SAYS;

    type Fact = SettingsFact;
    type State = ();
    type Command = SettingsCommand;
    type Refusal = SettingsRefusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<SettingsFact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn apply(_: &mut (), _: &SettingsFact, _: usize, _: &History, _: &Birth) {}

    fn rows(subject: &Subject<'_, ()>) -> Vec<Row> {
        rows::rows(subject)
    }

    fn erasable(_: Option<&Found>) -> bool {
        false
    }

    fn decide(
        subject: Option<&Subject<'_, ()>>,
        command: SettingsCommand,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, SettingsRefusal> {
        decide::decide(subject, command, context)
    }
}
