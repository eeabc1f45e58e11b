use super::{fact::ListedPayload, *};
use crate::{
    aggregate::{Content, Item, Match, Payload, Select, Value, World, WorldError, address::Part, encode},
    event::{Edit, ItemId, Scalar},
    id::{DeviceId, EventId, LogId, MemberId, Reference, ShortId},
    roster::{Need, Standing},
    time::WallMs,
};

const REFERENCE: Reference = Reference { log: LogId::ZERO, seq: 4, check: ShortId::ZERO };

#[test]
fn a_building_is_listed_under_its_normal_label_once() {
    let mut register = Register::default();
    let changes = vec![BuildingChange::WalkOrder(Some(2)), BuildingChange::Unit(unit("１单元", 18))];
    let draft = list(&register, "３号楼", changes).expect("not refused").remove(0);

    let Payload::Ready(payload) = &draft.payload else { panic!("known now") };
    let fact = Building::read(draft.kind, 1, payload).expect("what is drafted can be read");
    assert_eq!(fact, BuildingFact::Listed { label: "3".to_owned() });
    assert_eq!(Building::building(&fact).as_deref(), Some("3"));
    let fields = vec![(field::LABEL, "1".into()), (field::FLOORS, 18.into())];
    assert_eq!(draft.edits, [Edit::put(field::WALK_ORDER, 2), Edit::Add { list: field::UNITS, fields }]);

    register.0.push(Story::of("3").found());
    let again = list(&register, "3栋", vec![]).err();
    assert_eq!(again, Some(BuildingRefusal::AlreadyListed { label: "3".to_owned(), building: REFERENCE }));
    let room = list(&register, "3栋1804", vec![]).err();
    assert!(matches!(room, Some(BuildingRefusal::Label { part: Part::Building, .. })));
}

#[test]
fn a_retired_building_is_closed_and_its_label_is_free() {
    let mut story = Story::of("3");
    assert!(story.commands(BuildingCommand::Retire).is_ok());
    story.says(&BuildingFact::Retired);

    assert_eq!(story.commands(BuildingCommand::Retire).err(), Some(BuildingRefusal::Retired));
    assert_eq!(BuildingView::from_row(&story.found()).map(|view| view.open), Some(false));
    assert!(list(&Register(vec![story.found()]), "3", vec![]).is_ok());
}

#[test]
fn a_row_shows_what_the_fold_shows() {
    let mut story = Story::of("3");
    story.has_unit(0, "10", 6);
    story.has_unit(1, "2", 18);

    let view = BuildingView::of(&story.subject());
    assert_eq!(BuildingView::from_row(&story.found()), Some(view.clone()));
    assert_eq!(view.walk_order, None);
    assert_eq!(view.units.iter().map(|unit| unit.label.as_str()).collect::<Vec<_>>(), ["2", "10"]);
    assert_eq!(Building::search(&story.subject()).as_deref(), Some("3 3号楼"));
}

#[test]
fn only_what_differs_is_written() {
    let mut story = Story::of("3");
    let item = story.has_unit(0, "2", 18);
    let changed = |floors| BuildingChange::Unit(Unit { item: Some(item), ..unit("2单元", floors) });

    assert_eq!(story.edits(vec![changed(18)]).err(), Some(BuildingRefusal::NothingChanged));
    let put = Edit::PutItem { list: field::UNITS, item, field: field::FLOORS, value: 17.into() };
    assert_eq!(story.edits(vec![changed(17)]), Ok(vec![put]));
    let removed = story.edits(vec![BuildingChange::RemoveUnit(item)]);
    assert_eq!(removed, Ok(vec![Edit::Remove { list: field::UNITS, item }]));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut story = Story::of("3");
    story.has_unit(0, "2", 18);
    let stranger = ItemId::new(EventId::ZERO, 9);
    let there = |label: &str| Some(BuildingRefusal::AlreadyThere { label: label.to_owned() });
    let shop = || BuildingChange::AddOutsideRoom("小卖部".to_owned());

    assert_eq!(story.edits(vec![BuildingChange::Unit(unit("二单元", 6))]).err(), there("2"));
    assert_eq!(story.edits(vec![shop(), shop()]).err(), there("小卖部"));
    let gone = story.edits(vec![BuildingChange::RemoveUnit(stranger)]).err();
    assert_eq!(gone, Some(BuildingRefusal::NoSuchItem { item: stranger }));
    let tall = story.edits(vec![BuildingChange::Unit(unit("3", i64::MAX))]).err();
    assert_eq!(tall, Some(BuildingRefusal::OutOfRange { field: "floors", least: 1, most: 1_000 }));
    let many = (1..400).map(|nth| BuildingChange::AddOutsideRoom(nth.to_string())).collect();
    assert_eq!(story.edits(many).err(), Some(BuildingRefusal::TooMany { got: 399, limit: 256 }));
}

#[test]
fn payloads_out_of_bounds_are_malformed() {
    let listed = |label: &str| encode(&ListedPayload { label: label.to_owned() });

    assert!(Building::read(kind::LISTED, 1, &listed("幼儿园")).is_ok());
    for label in ["", "3\n", &"3".repeat(33)] {
        assert!(Building::read(kind::LISTED, 1, &listed(label)).is_err(), "{label}");
    }
    assert!(Building::read(kind::LISTED, 2, &listed("3")).is_err());
    assert!(Building::read(kind::RETIRED, 1, &[0xa0, 0]).is_err());
    assert!(Building::read(0x0603, 1, &[0xa0]).is_err());
}

/// The register as the store would show it.
#[derive(Default)]
struct Register(Vec<Found>);

impl World for Register {
    fn select(&self, select: &Select) -> Result<Vec<Found>, WorldError> {
        let fits = |found: &&Found| {
            select.filter.iter().all(|(column, must)| {
                let at = BUILDING.columns.iter().position(|name| name == column).expect("a column of the table");
                matches!(must, Match::Is(cell) if *cell == found.cells[at])
            })
        };
        Ok(self.0.iter().filter(fits).cloned().collect())
    }

    fn exists(&self, _: &'static str, _: Reference) -> Result<bool, WorldError> {
        Ok(false)
    }
}

/// One building as one replica has it.
struct Story {
    state: BuildingState,
    history: History,
    birth: Birth,
    content: Content,
}

impl Story {
    fn of(label: &str) -> Self {
        Self {
            state: BuildingState::default(),
            history: History::default(),
            birth: Birth { aggregate: REFERENCE, author: MemberId::ZERO, building: Some(label.to_owned()) },
            content: Content::default(),
        }
    }

    fn subject(&self) -> Subject<'_, BuildingState> {
        Subject { birth: &self.birth, state: &self.state, content: &self.content, history: &self.history }
    }

    fn found(&self) -> Found {
        let row = Building::rows(&self.subject()).remove(0);
        assert_eq!(row.cells.len(), BUILDING.columns.len());
        Found { aggregate: REFERENCE, nth: 0, cells: row.cells }
    }

    fn says(&mut self, fact: &BuildingFact) {
        Building::apply(&mut self.state, fact, 0, &self.history, &self.birth);
    }

    fn commands(&self, command: BuildingCommand) -> Result<Vec<Draft>, BuildingRefusal> {
        Building::decide(Some(&self.subject()), command, &context(&Register::default()))
    }

    fn edits(&self, changes: Vec<BuildingChange>) -> Result<Vec<Edit>, BuildingRefusal> {
        self.commands(BuildingCommand::Edit { changes }).map(|mut drafts| drafts.remove(0).edits)
    }

    fn has_unit(&mut self, nth: u16, label: &str, floors: i64) -> ItemId {
        let value = |value: Scalar| vec![Value { value, by: [0; 16] }];
        let item = ItemId::new(EventId::ZERO, nth);
        let mut fields = Item::default();
        fields.fields.insert(field::LABEL, value(label.into()));
        fields.fields.insert(field::FLOORS, value(floors.into()));
        self.content.lists.entry(field::UNITS).or_default().insert(item, fields);
        item
    }
}

fn context(world: &Register) -> DecisionContext<'_> {
    let standing = Standing::NONE.with(Need::COORDINATOR);
    DecisionContext { by: MemberId::ZERO, device: DeviceId::ZERO, standing, now: WallMs(0), world }
}

fn list(register: &Register, label: &str, changes: Vec<BuildingChange>) -> Result<Vec<Draft>, BuildingRefusal> {
    Building::decide(None, BuildingCommand::List { label: label.to_owned(), changes }, &context(register))
}

fn unit(label: &str, floors: i64) -> Unit {
    Unit { item: None, label: label.to_owned(), floors: Some(floors), rooms_per_floor: None }
}
