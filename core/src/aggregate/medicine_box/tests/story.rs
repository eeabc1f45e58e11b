//! Phones that write events, meet, and fold what they know: just enough of a replica to tell stories with.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use crate::{
    aggregate::{
        Act, Aggregate, Birth, Cell, Content, DecisionContext, Draft, Found, History, Item, Match, Payload, Select,
        Subject, Table, Value, World, WorldError,
        product::{Class, PRODUCT, Product},
        recall::{RECALL, batch_key},
    },
    event::{Edit, ItemId},
    id::{DeviceId, EventId, LogId, MemberId, Reference},
    roster::{Need, Standing},
    time::WallMs,
};

/// Lan, whose phone is the first.
pub(crate) const LAN: usize = 0;
/// Wu, whose phone is the second.
pub(crate) const WU: usize = 1;

/// 1 April 2022, 8 o'clock in Shanghai.
pub(crate) const MORNING: WallMs = WallMs(1_648_771_200_000);

pub(crate) fn minute(minute: i64) -> WallMs {
    MORNING.plus(minute * 60_000)
}

/// May do everything.
pub(crate) const ALL: Standing = Standing::NONE
    .with(Need::MEMBER)
    .with(Need::AUTHOR)
    .with(Need::ANY_LEADER)
    .with(Need::LEADER)
    .with(Need::KEEPER)
    .with(Need::COORDINATOR);

struct Event {
    aggregate: Reference,
    reference: Reference,
    id: EventId,
    lamport: u64,
    wall: WallMs,
    by: u8,
    past: BTreeSet<usize>,
    deps: Vec<usize>,
    kind: u16,
    payload: Vec<u8>,
    edits: Vec<Edit>,
}

/// Several aggregates of one type on several phones, and a world around them.
pub(crate) struct Story<A: Aggregate> {
    events: Vec<Event>,
    knows: Vec<BTreeSet<usize>>,
    salt: u64,
    pub(crate) around: Rows,
    _type: std::marker::PhantomData<A>,
}

/// What a phone makes of one aggregate.
pub(crate) struct Folded<A: Aggregate> {
    pub(crate) birth: Birth,
    pub(crate) state: A::State,
    pub(crate) content: Content,
    pub(crate) history: History,
}

impl<A: Aggregate> Folded<A> {
    pub(crate) fn subject(&self) -> Subject<'_, A::State> {
        Subject { birth: &self.birth, state: &self.state, content: &self.content, history: &self.history }
    }

    pub(crate) fn reviews(&self) -> Vec<&'static str> {
        A::review(&self.subject()).into_iter().map(|review| review.code).collect()
    }
}

impl<A: Aggregate> Story<A> {
    pub(crate) fn phones(count: usize) -> Self {
        Self::salted(count, 0)
    }

    /// Another salt gives other ids, and so another order of what is concurrent.
    pub(crate) fn salted(count: usize, salt: u64) -> Self {
        let knows = vec![BTreeSet::new(); count];
        Self { events: Vec::new(), knows, salt, around: Rows::default(), _type: std::marker::PhantomData }
    }

    /// A phone writes an event, whatever anybody thinks of it.
    pub(crate) fn write(
        &mut self,
        phone: usize,
        at: i64,
        aggregate: Option<Reference>,
        kind: u16,
        payload: &impl minicbor::Encode<()>,
    ) -> Reference {
        self.append(phone, minute(at), aggregate, kind, crate::aggregate::encode(payload), Vec::new())
    }

    /// The same of a payload that is encoded already.
    pub(crate) fn write_bytes(
        &mut self,
        phone: usize,
        at: i64,
        aggregate: Reference,
        (kind, payload): (u16, Vec<u8>),
    ) -> Reference {
        self.append(phone, minute(at), Some(aggregate), kind, payload, Vec::new())
    }

    /// How the event will be named that is written after so many others, if that phone writes it.
    pub(crate) fn to_come(&self, phone: usize, after: usize) -> Reference {
        let nth = self.events.len() + after;
        Reference { log: log(phone), seq: nth as u64, check: self.id(nth).short() }
    }

    fn id(&self, nth: usize) -> EventId {
        EventId::from_bytes(*blake3::hash(format!("{} {nth}", self.salt).as_bytes()).as_bytes())
    }

    fn append(
        &mut self,
        phone: usize,
        wall: WallMs,
        aggregate: Option<Reference>,
        kind: u16,
        payload: Vec<u8>,
        edits: Vec<Edit>,
    ) -> Reference {
        let nth = self.events.len();
        let (id, reference) = (self.id(nth), self.to_come(phone, 0));
        let aggregate = aggregate.unwrap_or(reference);
        A::read(kind, 1, &payload).expect("a story writes what can be read");
        let past: BTreeSet<usize> =
            self.knows[phone].iter().copied().filter(|at| self.events[*at].aggregate == aggregate).collect();
        let covered: BTreeSet<usize> = past.iter().flat_map(|at| self.events[*at].past.iter().copied()).collect();
        let deps = past.difference(&covered).copied().collect();
        let lamport = 1 + past.iter().map(|at| self.events[*at].lamport).max().unwrap_or(0);
        let by = phone as u8;
        self.events.push(Event { aggregate, reference, id, lamport, wall, by, past, deps, kind, payload, edits });
        self.knows[phone].insert(nth);
        reference
    }

    /// A phone commands something, and writes what the decision says.
    pub(crate) fn command(
        &mut self,
        phone: usize,
        at: i64,
        aggregate: Option<Reference>,
        command: A::Command,
    ) -> Result<Vec<Reference>, A::Refusal> {
        let world = self.world(phone);
        let folded = aggregate.map(|aggregate| self.fold(phone, aggregate));
        let (by, device) = (MemberId::from_bytes([phone as u8; 32]), DeviceId::from_bytes([phone as u8; 32]));
        let context = DecisionContext { by, device, standing: ALL, now: minute(at), world: &world };
        let drafts = A::decide(folded.as_ref().map(Folded::subject).as_ref(), command, &context)?;
        Ok(drafts.into_iter().map(|draft| self.draft(phone, at, draft)).collect())
    }

    fn draft(&mut self, phone: usize, at: i64, draft: Draft) -> Reference {
        let Payload::Ready(payload) = draft.payload else { panic!("no payload here waits") };
        self.append(phone, minute(at), draft.target, draft.kind, payload, draft.edits)
    }

    pub(crate) fn meet(&mut self, one: usize, other: usize) {
        let both: BTreeSet<usize> = self.knows[one].union(&self.knows[other]).copied().collect();
        self.knows[one] = both.clone();
        self.knows[other] = both;
    }

    pub(crate) fn settle(&mut self) {
        let all: BTreeSet<usize> = (0..self.events.len()).collect();
        self.knows.iter_mut().for_each(|knows| *knows = all.clone());
    }

    /// Folds an aggregate as a phone knows it, whole.
    pub(crate) fn fold(&self, phone: usize, aggregate: Reference) -> Folded<A> {
        let mut known: Vec<usize> =
            self.knows[phone].iter().copied().filter(|at| self.events[*at].aggregate == aggregate).collect();
        known.sort_by_key(|at| (self.events[*at].lamport, self.events[*at].id));
        let places: BTreeMap<usize, usize> = known.iter().enumerate().map(|(place, at)| (*at, place)).collect();
        let birth = Birth { aggregate, author: MemberId::from_bytes([0; 32]), building: None };
        let (state, content, history) = Default::default();
        let mut folded = Folded { birth, state, content, history };
        for at in known {
            let event = &self.events[at];
            let fact = A::read(event.kind, 1, &event.payload).expect("written above");
            if let Some(building) = A::building(&fact) {
                folded.birth.building = Some(building);
            }
            let deps: Vec<usize> = event.deps.iter().map(|dep| places[dep]).collect();
            let act = Act {
                reference: event.reference,
                id: event.id,
                lamport: event.lamport,
                by: MemberId::from_bytes([event.by; 32]),
                device: DeviceId::from_bytes([event.by; 32]),
                standing: ALL,
                wall: event.wall,
            };
            let place = folded.history.push(act, &deps);
            A::apply(&mut folded.state, &fact, place, &folded.history, &folded.birth);
            edit(&mut folded.content, event);
        }
        A::settle(&mut folded.state, &folded.history);
        folded
    }

    pub(crate) fn aggregates(&self, phone: usize) -> BTreeSet<Reference> {
        self.knows[phone].iter().map(|at| self.events[*at].aggregate).collect()
    }

    /// The rows of every aggregate a phone knows, and of what is around.
    pub(crate) fn world(&self, phone: usize) -> Rows {
        let mut world = self.around.clone();
        for aggregate in self.aggregates(phone) {
            world.exist.insert((A::NAME, aggregate));
            world.add(aggregate, A::TABLES, A::rows(&self.fold(phone, aggregate).subject()));
        }
        world
    }

    /// A product in the catalogue around.
    pub(crate) fn product(&mut self, nth: u8, class: Option<Class>) -> Reference {
        let product = name(0xa0, nth);
        let mut cells = vec![Cell::Null; PRODUCT.columns.len()];
        let column = |name| PRODUCT.columns.iter().position(|column| *column == name).expect("a column");
        cells[column("class")] = class.map(Class::code).into();
        cells[column("withdrawn")] = false.into();
        self.around.exist.insert((Product::NAME, product));
        self.around.add(product, &[PRODUCT], vec![crate::aggregate::Row { table: PRODUCT.name, cells }]);
        product
    }

    /// A recall around: of a batch, or of all.
    pub(crate) fn recall(&mut self, nth: u8, product: Reference, batch: Option<&str>, at: i64) -> Reference {
        let recall = name(0xb0, nth);
        let cells = vec![
            product.into(),
            batch.into(),
            batch.map(batch_key).into(),
            batch.is_none().into(),
            Cell::Null,
            Cell::Null,
            true.into(),
            minute(at).0.into(),
        ];
        self.around.add(recall, &[RECALL], vec![crate::aggregate::Row { table: RECALL.name, cells }]);
        recall
    }
}

fn log(phone: usize) -> LogId {
    LogId::from_bytes([phone as u8 + 1; LogId::LEN])
}

/// A reference to something that is not in the story.
pub(crate) fn name(log: u8, nth: u8) -> Reference {
    Reference { log: LogId::from_bytes([log; 16]), seq: nth.into(), check: crate::id::ShortId::from_bytes([nth; 16]) }
}

/// Applies edits one after another; stories about concurrent edits are told elsewhere.
fn edit(content: &mut Content, event: &Event) {
    let mut by = [0; 16];
    by.copy_from_slice(&event.id.as_bytes()[..16]);
    for (nth, edit) in event.edits.iter().enumerate() {
        let value = |value: &crate::event::Scalar| vec![Value { value: value.clone(), by }];
        match edit {
            Edit::Put { field, value: scalar } => {
                content.fields.insert(*field, value(scalar));
            }
            Edit::Add { list, fields } => {
                let fields = fields.iter().map(|(field, scalar)| (*field, value(scalar))).collect();
                let item = Item { fields, removal_contested: false };
                content.lists.entry(*list).or_default().insert(ItemId::new(event.id, nth as u16), item);
            }
            Edit::Remove { list, item } => {
                content.lists.entry(*list).or_default().remove(item);
            }
            Edit::PutItem { .. } => panic!("no story puts items"),
        }
    }
}

/// A read model in memory.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) exist: BTreeSet<(&'static str, Reference)>,
    tables: BTreeMap<&'static str, (Table, Vec<Found>)>,
}

impl Rows {
    pub(crate) fn add(&mut self, aggregate: Reference, tables: &[Table], rows: Vec<crate::aggregate::Row>) {
        for (nth, row) in rows.into_iter().enumerate() {
            let table = tables.iter().find(|table| table.name == row.table).expect("a declared table");
            assert_eq!(row.cells.len(), table.columns.len(), "a cell per column of {}", table.name);
            let found = Found { aggregate, nth: nth as i64, cells: row.cells };
            self.tables.entry(table.name).or_insert_with(|| (*table, Vec::new())).1.push(found);
        }
    }
}

impl World for Rows {
    fn select(&self, select: &Select) -> Result<Vec<Found>, WorldError> {
        let Some((table, rows)) = self.tables.get(select.table) else { return Ok(Vec::new()) };
        let fits = |row: &&Found| {
            select.aggregate.is_none_or(|aggregate| aggregate == row.aggregate)
                && select.filter.iter().all(|(column, must)| {
                    let at = table.columns.iter().position(|name| name == column).expect("a column of the table");
                    let cell = &row.cells[at];
                    match must {
                        Match::Is(value) => cell == value,
                        Match::IsNot(value) => cell != value,
                        Match::Below(value) => cell < value,
                        Match::AtLeast(value) => cell >= value,
                        Match::Outside(low, high) => cell < low || cell >= high,
                        Match::Among(values) => values.contains(cell),
                    }
                })
        };
        assert!(select.order.is_empty() && select.text.is_none(), "no story sorts or searches");
        let rows: BTreeMap<(Reference, i64), &Found> =
            rows.iter().filter(fits).map(|row| ((row.aggregate, row.nth), row)).collect();
        let after = select.after.as_ref().map_or(Bound::Unbounded, |at| Bound::Excluded((at.aggregate, at.nth)));
        Ok(rows.range((after, Bound::Unbounded)).take(select.limit).map(|(_, row)| (*row).clone()).collect())
    }

    fn exists(&self, aggregate: &'static str, reference: Reference) -> Result<bool, WorldError> {
        Ok(self.exist.contains(&(aggregate, reference)))
    }
}
