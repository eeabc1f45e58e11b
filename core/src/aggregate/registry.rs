//! The registry: which aggregates there are. The one place that names them all.

use std::{
    any::Any,
    collections::{BTreeMap, btree_map::Entry},
    marker::PhantomData,
};

use super::{
    Aggregate, Birth, CodeLine, Content, Family, Found, Held, History, KEPT, KindSpec, Malformed, Review, RoomFields,
    RoomName, Row, Schema, Subject, Table, Terms,
    address::AddressError,
    alert::Alert,
    any::{AnyAggregate, AnyState, ReadFact, RegistryError},
    building::Building,
    content,
    declared::{self, Declaration, DeclarationError, Declared, Shape},
    household::Household,
    medicine_box::MedicineBox,
    order::Order,
    product::Product,
    recall::Recall,
    settings::Settings,
};
use crate::{
    event::{Body, Reads, Topic},
    roster::{Erased, RosterRefusal, TABLE},
};

struct Typed<A>(PhantomData<fn() -> A>);

struct StateOf<A: Aggregate>(A::State);

impl<A: Aggregate> AnyAggregate for Typed<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn topic(&self) -> Topic {
        A::TOPIC
    }

    fn schema(&self) -> &'static Schema {
        &const { A::CONTENT }
    }

    fn tables(&self) -> &'static [Table] {
        A::TABLES
    }

    fn codes(&self) -> Vec<CodeLine> {
        let kinds: Vec<&str> = A::KINDS.iter().map(|spec| spec.code).collect();
        let mut codes = CodeLine::of(&format!("event.{}", A::NAME), &kinds, A::SAYS);
        codes.extend(CodeLine::refusals::<A::Refusal>());
        codes.extend([A::REVIEWS].iter().chain(A::FAMILIES).flat_map(Family::lines));
        codes
    }

    fn says(&self) -> &'static [Terms] {
        A::SAYS
    }

    fn line(&self, card: &Found) -> Vec<String> {
        A::line(card)
    }

    fn rooms(&self) -> Option<Table> {
        A::ROOMS
    }

    fn room_fields(&self) -> Option<RoomFields> {
        A::ROOM_FIELDS
    }

    fn room(&self, row: &Found) -> RoomName {
        A::room(row)
    }

    fn erasable(&self, card: Option<&Found>) -> bool {
        A::erasable(card)
    }

    fn counted_as(&self, card: &Found) -> Vec<String> {
        A::counted_as(card)
    }

    fn read(&self, kind: u16, version: u16, payload: &[u8]) -> Result<ReadFact, Malformed> {
        let fact = A::read(kind, version, payload)?;
        Ok(ReadFact { target: A::target(&fact), building: A::building(&fact) })
    }

    fn params(&self, kind: u16, version: u16, payload: &[u8]) -> serde_json::Value {
        let fact = A::read(kind, version, payload).ok();
        fact.and_then(|fact| serde_json::to_value(&fact).ok()).unwrap_or_default()
    }

    fn fresh(&self) -> Box<dyn AnyState> {
        Box::new(StateOf::<A>(A::State::default()))
    }
}

impl<A: Aggregate> StateOf<A> {
    fn subject<'a>(&'a self, birth: &'a Birth, content: &'a Content, history: &'a History) -> Subject<'a, A::State> {
        Subject { birth, state: &self.0, content, history }
    }
}

impl<A: Aggregate> AnyState for StateOf<A> {
    fn apply(&mut self, (kind, version, payload): (u16, u16, &[u8]), at: usize, history: &History, birth: &Birth) {
        // What does not read was held as malformed and never comes here.
        if let Ok(fact) = A::read(kind, version, payload) {
            A::apply(&mut self.0, &fact, at, history, birth);
        }
    }

    fn settle(&mut self, history: &History) {
        A::settle(&mut self.0, history);
    }

    fn rows(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Row> {
        A::rows(&self.subject(birth, content, history))
    }

    fn review(&self, birth: &Birth, content: &Content, history: &History) -> Vec<Review> {
        A::review(&self.subject(birth, content, history))
    }

    fn search(&self, birth: &Birth, content: &Content, history: &History) -> Option<String> {
        A::search(&self.subject(birth, content, history))
    }

    fn state(&self) -> &dyn Any {
        &self.0
    }
}

/// The aggregates that a replica knows. Events of others are kept and forwarded, and shown as *update needed*.
///
/// An app adds its own from outside, with kinds from 0x8000 on. A library of tools, whole:
///
/// ```
/// use std::sync::Arc;
/// use linli_core::aggregate::*;
/// use linli_core::event::{Edit, Topic};
/// use linli_core::{id::CommandId, key::MemorySecrets, replica::{Options, Replica}, roster::Need};
/// use minicbor::{Decode, Encode};
/// use serde::{Deserialize, Serialize};
///
/// struct Tool;
///
/// const SHELVED: u16 = 0x8000;
/// const LENT: u16 = 0x8001;
/// const RETURNED: u16 = 0x8002;
/// const NAME: u16 = 0; // a field of the document
///
/// #[derive(Encode, Decode)]
/// #[cbor(map)]
/// struct Nothing {} // these events say nothing but that they happened
///
/// #[derive(Serialize)]
/// enum Fact { Shelved, Lent, Returned }
///
/// #[derive(Serialize, Deserialize)]
/// enum Command { Shelve { name: String }, Lend, Return }
///
/// #[derive(Debug, PartialEq, Serialize, Says, thiserror::Error)]
/// #[serde(rename_all = "snake_case", tag = "code")]
/// enum Refusal {
///     #[error("somebody has it")] NotHere,
///     #[error("the store could not answer")] Store,
/// }
///
/// impl Coded for Refusal { // or derive strum's `VariantNames` and `IntoStaticStr`
///     const CODES: &'static [&'static str] = &["not_here", "store"];
///     fn code(&self) -> &'static str { if *self == Refusal::Store { "store" } else { "not_here" } }
/// }
///
/// impl Refuse for Refusal {
///     const BY: &'static str = Tool::NAME;
/// }
///
/// impl From<WorldError> for Refusal {
///     fn from(_: WorldError) -> Self { Refusal::Store }
/// }
///
/// impl Aggregate for Tool {
///     const NAME: &'static str = "tool";
///     const TOPIC: Topic = Topic::Common;
///     const KINDS: &'static [KindSpec] = &[
///         KindSpec::new(SHELVED, "shelved", Need::MEMBER).creating(),
///         KindSpec::new(LENT, "lent", Need::MEMBER),
///         KindSpec::new(RETURNED, "returned", Need::MEMBER),
///     ];
///     const CONTENT: Schema = Schema { fields: &[FieldSpec { field: NAME, name: "name" }], lists: &[] };
///     const TABLES: &'static [Table] = &[Table { name: "tool", columns: &["name", "away"], indexes: &[&["away"]] }];
///     type Fact = Fact;
///     type State = bool; // whether it is away
///     type Command = Command;
///     type Refusal = Refusal;
///
///     fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
///         let _: Nothing = minicbor::decode(payload).map_err(|_| Malformed("no map"))?;
///         match (kind, version) {
///             (SHELVED, 1) => Ok(Fact::Shelved),
///             (LENT, 1) => Ok(Fact::Lent),
///             (RETURNED, 1) => Ok(Fact::Returned),
///             _ => Err(Malformed("no such kind")),
///         }
///     }
///
///     fn apply(away: &mut bool, fact: &Fact, _at: usize, _history: &History, _birth: &Birth) {
///         *away = matches!(fact, Fact::Lent);
///     }
///
///     fn rows(tool: &Subject<'_, bool>) -> Vec<Row> {
///         vec![Row { table: "tool", cells: vec![tool.content.text(NAME).into(), (*tool.state).into()] }]
///     }
///
///     fn decide(tool: Option<&Subject<'_, bool>>, command: Command, _: &DecisionContext<'_>) -> Result<Vec<Draft>, Refusal> {
///         let draft = match (tool, command) {
///             (None, Command::Shelve { name }) => Draft::new::<Tool>(SHELVED, &Nothing {}).edits(vec![Edit::put(NAME, name)]),
///             (Some(tool), Command::Lend) if !*tool.state => Draft::on::<Tool>(tool.birth.aggregate, LENT, &Nothing {}),
///             (Some(tool), Command::Return) => Draft::on::<Tool>(tool.birth.aggregate, RETURNED, &Nothing {}),
///             _ => return Err(Refusal::NotHere),
///         };
///         Ok(vec![draft])
///     }
/// }
///
/// let registry = Registry::default().with::<Tool>()?;
/// # let home = tempfile::tempdir()?;
/// let phone = Replica::open(Options { registry, ..Options::new(home.path(), Arc::new(MemorySecrets::default())) })?;
/// phone.found(None)?;
/// let command = |nth| CommandId::from_bytes([nth; 16]);
/// let drill = phone.submit::<Tool>(command(1), None, Command::Shelve { name: "drill".into() })?.aggregate;
/// phone.submit::<Tool>(command(2), Some(drill), Command::Lend)?;
/// assert!(phone.submit::<Tool>(command(3), Some(drill), Command::Lend).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Registry {
    kinds: BTreeMap<u16, (KindSpec, usize)>,
    types: Vec<Box<dyn AnyAggregate>>,
    reads: Reads,
}

impl Default for Registry {
    /// Linli's own aggregates.
    fn default() -> Self {
        let own = Self::empty()
            .with::<Order>()
            .and_then(Self::with::<Product>)
            .and_then(Self::with::<MedicineBox>)
            .and_then(Self::with::<Recall>)
            .and_then(Self::with::<Alert>)
            .and_then(Self::with::<Building>)
            .and_then(Self::with::<Settings>)
            .and_then(Self::with::<Household>);
        // They do not clash: a test says so.
        own.unwrap_or_else(|_| Self::empty())
    }
}

impl Registry {
    /// No aggregates at all.
    pub fn empty() -> Self {
        Self { kinds: BTreeMap::new(), types: Vec::new(), reads: Reads::default() }
    }

    /// Adds one. An integrator's kinds are 0x8000 and above.
    ///
    /// # Errors
    /// When its name, a kind or a table is taken.
    pub fn with<A: Aggregate>(self) -> Result<Self, RegistryError> {
        self.add(Box::new(Typed::<A>(PhantomData)), A::KINDS)
    }

    /// Adds one that an app says as data.
    ///
    /// # Errors
    /// When the declaration makes no sense, or its name or a kind is taken.
    pub fn declare(self, declaration: &Declaration) -> Result<Self, DeclarationError> {
        let shape = Shape::of(declaration)?;
        Ok(self.add(Box::new(Declared(shape)), shape.kinds())?)
    }

    fn add(mut self, new: Box<dyn AnyAggregate>, kinds: &[KindSpec]) -> Result<Self, RegistryError> {
        if self.types.iter().any(|kept| kept.name() == new.name()) {
            return Err(RegistryError::Name(new.name()));
        }
        for table in new.tables() {
            if is_of_all(table.name) || self.types.iter().any(|kept| kept.tables().iter().any(|t| t.name == table.name))
            {
                return Err(RegistryError::Table(table.name));
            }
        }
        for spec in kinds {
            if spec.kind < FIRST_KIND {
                return Err(RegistryError::Reserved(spec.kind));
            }
            if self.kinds.insert(spec.kind, (*spec, self.types.len())).is_some() {
                return Err(RegistryError::Kind(spec.kind));
            }
        }
        self.types.push(new);
        Ok(self)
    }

    /// The same as an older build has it, which knows this of the format. What it does not know no aggregate has.
    #[must_use]
    pub fn reading(mut self, reads: Reads) -> Self {
        self.kinds.retain(|kind, _| reads.kind(*kind));
        Self { reads, ..self }
    }

    /// What of the format is known.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// A hash over all that decides what this build can read: where it is another, what is stored is to be judged anew.
    pub fn mark(&self) -> [u8; 32] {
        let mut hash = blake3::Hasher::new_derive_key(MARK_CONTEXT);
        let mut add = |number: u16| {
            hash.update(&number.to_be_bytes());
        };
        TABLE.iter().for_each(|spec| [spec.kind, spec.version].into_iter().for_each(&mut add));
        [Erased::KIND, Erased::VERSION].into_iter().for_each(&mut add);
        for (kind, (spec, _)) in &self.kinds {
            [*kind, spec.version].into_iter().for_each(&mut add);
        }
        for kept in &self.types {
            let Schema { fields, lists } = kept.schema();
            let fields = fields.iter().map(|spec| spec.field);
            let lists = lists
                .iter()
                .flat_map(|spec| std::iter::once(spec.list).chain(spec.fields.iter().map(|field| field.field)));
            fields.chain(lists).for_each(&mut add);
        }
        for mark in self.types.iter().filter_map(|kept| kept.mark()) {
            hash.update(&mark);
        }
        hash.update(self.reads.lacks().as_bytes());
        *hash.finalize().as_bytes()
    }

    /// Every kind of event with the aggregate it belongs to: the role × command table.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &KindSpec)> {
        self.kinds.values().map(|(spec, nth)| (self.types[*nth].name(), spec))
    }

    /// What is known of a kind.
    pub fn kind(&self, kind: u16) -> Option<&KindSpec> {
        self.kinds.get(&kind).map(|(spec, _)| spec)
    }

    /// The name of the aggregate that a kind belongs to.
    pub fn owner(&self, kind: u16) -> Option<&'static str> {
        self.kinds.get(&kind).map(|(_, nth)| self.types[*nth].name())
    }

    /// Every code that an app may be given, so that it sees whether it has words for all: those of the aggregates, then
    /// those that the engine says whatever is registered. In order of family and code, each once.
    pub fn codes(&self) -> Vec<CodeLine> {
        let own = self.types.iter().flat_map(|kept| kept.codes());
        let engine = [
            Family::plain("refusal.erasure", &[KEPT]),
            Family::saying::<content::Finding<'_>>("review"),
            Family::saying::<declared::Finding>("review"),
            Family::of::<Held>("held"),
            Family::saying::<AddressError>("address"),
        ];
        let engine = engine.iter().flat_map(Family::lines);
        let roster = CodeLine::refusals::<RosterRefusal>();
        let declared = CodeLine::refusals::<declared::Refusal>();
        let mut all: BTreeMap<(String, String), CodeLine> = BTreeMap::new();
        for line in own.chain(engine).chain(roster).chain(declared) {
            match all.entry((line.family.clone(), line.code.clone())) {
                Entry::Vacant(free) => drop(free.insert(line)),
                // Several aggregates give it: what one of them says with it the sentence may name.
                Entry::Occupied(mut known) => {
                    let params = &mut known.get_mut().params;
                    let new: Vec<String> = line.params.into_iter().filter(|param| !params.contains(param)).collect();
                    params.extend(new);
                }
            }
        }
        all.into_values().collect()
    }

    /// What is said with the codes of events, of all types that say so, each with its type's name.
    pub fn says(&self) -> impl Iterator<Item = (&'static str, &'static Terms)> {
        self.types.iter().flat_map(|kept| kept.says().iter().map(|terms| (kept.name(), terms)))
    }

    /// What people edit together, of each type.
    pub fn schemas(&self) -> impl Iterator<Item = (&'static str, &'static Schema)> {
        self.types.iter().map(|kept| (kept.name(), kept.schema()))
    }

    /// The topic of an aggregate.
    pub fn topic(&self, name: &str) -> Option<Topic> {
        self.named(name).map(AnyAggregate::topic)
    }

    /// Every read-model table, those of all types among them.
    pub fn tables(&self) -> Vec<Table> {
        OF_ALL.into_iter().chain(self.types.iter().flat_map(|kept| kept.tables()).copied()).collect()
    }

    /// The tables in which an aggregate has rows: its type's own and those of all types.
    pub fn tables_of(&self, name: &str) -> Vec<Table> {
        let own = self.named(name).map_or(&[][..], AnyAggregate::tables);
        OF_ALL.into_iter().chain(own.iter().copied()).collect()
    }

    /// The table with the card of each aggregate of a type.
    pub fn card(&self, name: &str) -> Option<&'static str> {
        self.named(name)?.tables().first().map(|table| table.name)
    }

    /// An aggregate in a few words of the people who wrote it, from its card.
    pub fn line(&self, name: &str, card: &Found) -> String {
        let words = self.named(name).map(|kept| kept.line(card)).unwrap_or_default();
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The table of a type whose rows name rooms, if it has one.
    pub fn rooms(&self, name: &str) -> Option<Table> {
        self.named(name)?.rooms()
    }

    /// The fields of a type's document that say for which unit and which room it is, if it has such.
    pub fn room_fields(&self, name: &str) -> Option<RoomFields> {
        self.named(name)?.room_fields()
    }

    /// The room that such a row names.
    pub fn room(&self, name: &str, row: &Found) -> RoomName {
        self.named(name).map(|kept| kept.room(row)).unwrap_or_default()
    }

    /// Whether an aggregate of a type may be erased; one of a type that is not known may not.
    pub fn erasable(&self, name: &str, card: Option<&Found>) -> bool {
        self.named(name).is_some_and(|kept| kept.erasable(card))
    }

    /// What a count of erased ones says of one with this card: its type, and what of it is told apart.
    pub fn counted_as(&self, name: &str, card: Option<&Found>) -> String {
        let apart = card.zip(self.named(name)).map(|(card, kept)| kept.counted_as(card)).unwrap_or_default();
        std::iter::once(name.to_owned()).chain(apart).collect::<Vec<_>>().join(".")
    }

    /// The names of all types, in the order in which they were registered.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.types.iter().map(|kept| kept.name())
    }

    /// The names of all types that live in a topic.
    pub fn names_in(&self, topic: Topic) -> impl Iterator<Item = &'static str> {
        self.types.iter().filter(move |kept| kept.topic() == topic).map(|kept| kept.name())
    }

    /// The topic of the aggregates whose rows a table holds; none of a table of all types, or one that is not declared.
    pub fn topic_of_table(&self, table: &str) -> Option<Topic> {
        self.owner_of_table(table).map(AnyAggregate::topic)
    }

    /// The name of the type whose rows a table holds; none of a table of all types, or one that is not declared.
    pub fn type_of_table(&self, table: &str) -> Option<&'static str> {
        self.owner_of_table(table).map(AnyAggregate::name)
    }

    fn owner_of_table(&self, table: &str) -> Option<&dyn AnyAggregate> {
        let owner = self.types.iter().find(|kept| kept.tables().iter().any(|own| own.name == table));
        owner.map(AsRef::as_ref)
    }

    /// Whether an event creates by another declaration than the one that its kind belongs to here.
    pub(crate) fn is_declared_otherwise(&self, body: &Body) -> bool {
        let kept = self.kinds.get(&body.kind).and_then(|(_, nth)| self.types.get(*nth));
        kept.is_some_and(|kept| kept.is_declared_otherwise(&body.payload))
    }

    /// The shape of an aggregate that was declared.
    pub(crate) fn shape(&self, name: &str) -> Option<&'static Shape> {
        self.named(name)?.shape()?.downcast_ref()
    }

    pub(super) fn named(&self, name: &str) -> Option<&dyn AnyAggregate> {
        self.types.iter().find(|kept| kept.name() == name).map(AsRef::as_ref)
    }
}

const MARK_CONTEXT: &str = "linli 2026 what a build reads v3";

/// Kinds below this are the roster's and the erasures'.
const FIRST_KIND: u16 = 0x0100;

/// What a person should look at, of all aggregates. `compared` is the building's label as it is compared.
pub const REVIEW: Table = Table {
    name: "review",
    columns: &["code", "params", "building", "type", "compared"],
    indexes: &[&["compared", "code"]],
};

/// Which devices have used [`ROOM_TOLD`](crate::limits::ROOM_TOLD) parts of a room or more, of all aggregates. How many rooms
/// they have the roster says, so that what is given or falls there changes no row.
pub const ROOM_USED: Table =
    Table { name: "room_used", columns: &["device", "parts", "type"], indexes: &[&["device", "parts"]] };

/// Tables in which aggregates of all types have rows.
const OF_ALL: [Table; 2] = [REVIEW, ROOM_USED];

/// Whether aggregates of all types have rows in a table, of the care register too.
pub fn is_of_all(table: &str) -> bool {
    OF_ALL.iter().any(|of_all| of_all.name == table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Coded, Refuse};

    #[test]
    fn no_code_warns_that_is_not_said() {
        fn stray<A: Aggregate>() -> Vec<&'static str> {
            let codes = A::Refusal::CODES;
            A::Refusal::WARNINGS.iter().copied().filter(|code| !codes.contains(code)).collect()
        }

        assert!(stray::<Order>().is_empty() && stray::<MedicineBox>().is_empty());
        assert!(stray::<Alert>().is_empty() && stray::<Household>().is_empty());
    }

    #[test]
    fn the_own_aggregates_do_not_clash() {
        assert!(Registry::default().types.len() > 1, "one that clashes leaves none");
    }
}
