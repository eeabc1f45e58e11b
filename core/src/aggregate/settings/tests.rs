use super::*;
use crate::{
    aggregate::{Content, Item, Select, Value, World, WorldError},
    event::{Edit, ItemId, Scalar},
    id::{DeviceId, EventId, LogId, MemberId, Reference, ShortId},
    roster::{Need, Standing},
    time::WallMs,
};

#[test]
fn defaults_hold_while_nobody_has_set_anything() {
    let view = SettingsView::from_rows(&[]);

    assert_eq!(view, Settings::defaults());
    assert_eq!((view.emergency_number.as_str(), view.utc_offset_minutes), ("120", 480));
    assert_eq!((view.lease_urgent_minutes, view.lease_normal_minutes, view.erase_after_days), (60, 360, 14));
    assert_eq!(view.order_kinds.len(), 15);
    assert_eq!(view.order_kind("medicine").map(|term| term.zh.as_str()), Some("药品"));
    let says_nothing = Story::empty(3).view();
    assert_eq!(says_nothing, SettingsView { settings: Some(Story::empty(3).birth.aggregate), ..view });
}

#[test]
fn settings_are_made_with_the_defaults_and_edited() {
    let mut story = Story::made(vec![SettingsChange::EmergencyNumber(" 999 ".to_owned())]);
    let codes = |view: &SettingsView| view.order_kinds.iter().map(|term| term.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&story.view()), codes(&Settings::defaults()));
    assert_eq!(story.view().emergency_number, "999");

    story.does(SettingsChange::TakeLimit(Some(6)));
    story.does(SettingsChange::EraseAfterDays(Some(30)));
    story.does(SettingsChange::EmergencyNumber(String::new()));

    let view = story.view();
    assert_eq!((view.take_limit, view.erase_after_days), (Some(6), 30));
    assert_eq!(view.emergency_number, "120", "cleared is the default again");
}

#[test]
fn a_kind_is_added_renamed_and_no_longer_offered_but_never_forgotten() {
    let mut story = Story::made(vec![new_term("haircut")]);
    let item = story.view().order_kind("haircut").and_then(|term| term.item).expect("a term of the document");
    let edited = |zh: &str, active| SettingsChange::EditTerm {
        table: Vocabulary::OrderKinds,
        item,
        zh: zh.to_owned(),
        en: "Haircut".to_owned(),
        active,
    };

    assert_eq!(story.commands(edited("理发", true)).err(), Some(SettingsRefusal::NothingChanged));
    story.does(edited("剪发", false));

    let term = story.view().order_kind("haircut").cloned().expect("still there");
    assert_eq!((term.zh.as_str(), term.active), ("剪发", false));
    let again = story.commands(new_term("haircut")).err();
    assert_eq!(again, Some(SettingsRefusal::AlreadyThere { term: "haircut".to_owned() }));
}

#[test]
fn of_two_settings_made_at_once_the_first_by_reference_holds() {
    let (mut one, mut other) = (Story::empty(1), Story::empty(2));
    one.does(SettingsChange::TakeLimit(Some(1)));
    other.does(SettingsChange::TakeLimit(Some(2)));
    other.does(SettingsChange::EraseAfterDays(Some(2)));

    let found: Vec<Found> = other.found().into_iter().chain(one.found()).collect();
    let view = SettingsView::from_rows(&found);

    assert_eq!(view.settings, Some(one.birth.aggregate));
    assert_eq!((view.take_limit, view.erase_after_days), (Some(1), 14));
    let world = Rows(found);
    let third = Settings::decide(None, SettingsCommand::Create { changes: vec![] }, &context(&world)).err();
    assert!(matches!(third, Some(SettingsRefusal::AlreadyMade { .. })));
}

#[test]
fn what_is_out_of_range_is_refused_and_where_it_stands_ignored() {
    let mut story = Story::made(vec![]);
    let refused = story.commands(SettingsChange::UtcOffsetMinutes(Some(10_000))).err();
    assert_eq!(refused, Some(SettingsRefusal::OutOfRange { field: "utc_offset_minutes", least: -720, most: 840 }));
    let unreadable = story.commands(new_term("Hair cut")).err();
    assert!(matches!(unreadable, Some(SettingsRefusal::NotACode { .. })));
    let long = story.commands(SettingsChange::TimeZone("x".repeat(65))).err();
    assert_eq!(long, Some(SettingsRefusal::TooLong { field: "time_zone", limit: NAME }));

    story.compile(&[Edit::put(field::ERASE_AFTER_DAYS, i64::MIN), Edit::put(field::UTC_OFFSET_MINUTES, "soon")]);
    let view = story.view();
    assert_eq!((view.erase_after_days, view.utc_offset_minutes), (14, 480));
}

#[test]
fn a_decision_sees_the_settings_that_stand_however_many_rows_came_before_them() {
    let row = |seq, nth, days: &str| Found {
        aggregate: Reference { log: LogId::ZERO, seq, check: ShortId::ZERO },
        nth,
        cells: vec!["erase_after_days".into(), days.into()],
    };
    let mut rows: Vec<Found> = (0..600).map(|nth| row(7, nth, "9")).collect();
    rows.push(row(3, 0, "44"));

    let seen = SettingsView::seen_by(&Paged(rows)).expect("the store answers");

    assert_eq!(seen.erase_after_days, 44);
}

#[test]
fn payloads_that_are_not_empty_maps_are_malformed() {
    assert_eq!(Settings::read(kind::CREATED, 1, &[0xa0]), Ok(SettingsFact::Created));
    assert_eq!(Settings::read(kind::EDITED, 1, &[0xa0]), Ok(SettingsFact::Edited));
    for (kind, version, payload) in
        [(kind::EDITED, 1, &[][..]), (kind::EDITED, 2, &[0xa0]), (0x0702, 1, &[0xa0]), (kind::EDITED, 1, &[0xa0, 0])]
    {
        assert!(Settings::read(kind, version, payload).is_err());
    }
}

/// The rows that the store would show.
struct Rows(Vec<Found>);

impl World for Rows {
    fn select(&self, _: &Select) -> Result<Vec<Found>, WorldError> {
        Ok(self.0.clone())
    }

    fn exists(&self, _: &'static str, _: Reference) -> Result<bool, WorldError> {
        Ok(false)
    }
}

/// The same, a page at a time.
struct Paged(Vec<Found>);

impl World for Paged {
    fn select(&self, select: &Select) -> Result<Vec<Found>, WorldError> {
        let is_last = |row: &Found| {
            select.after.as_ref().is_some_and(|after| (after.aggregate, after.nth) == (row.aggregate, row.nth))
        };
        let begins = self.0.iter().position(is_last).map_or(0, |last| last + 1);
        Ok(self.0.iter().skip(begins).take(select.limit).cloned().collect())
    }

    fn exists(&self, _: &'static str, _: Reference) -> Result<bool, WorldError> {
        Ok(false)
    }
}

/// One settings document as one replica has it.
struct Story {
    birth: Birth,
    content: Content,
    history: History,
}

impl Story {
    /// The `seq`-th settings, with nothing in them.
    fn empty(seq: u64) -> Self {
        let aggregate = Reference { log: LogId::ZERO, seq, check: ShortId::ZERO };
        let birth = Birth { aggregate, author: MemberId::ZERO, building: None };
        Self { birth, content: Content::default(), history: History::default() }
    }

    /// As made, with these changes.
    fn made(changes: Vec<SettingsChange>) -> Self {
        let mut story = Self::empty(0);
        let world = Rows(Vec::new());
        let made = Settings::decide(None, SettingsCommand::Create { changes }, &context(&world)).expect("not refused");
        story.compile(&made[0].edits);
        story
    }

    fn subject(&self) -> Subject<'_, ()> {
        Subject { birth: &self.birth, state: &(), content: &self.content, history: &self.history }
    }

    /// What the document framework does with edits that nobody contradicts.
    fn compile(&mut self, edits: &[Edit]) {
        let only = |value: &Scalar| vec![Value { value: value.clone(), by: [0; 16] }];
        for (nth, edit) in (0..).zip(edits) {
            match edit {
                Edit::Put { field, value } => drop(self.content.fields.insert(*field, only(value))),
                Edit::Add { list, fields } => {
                    let mut item = Item::default();
                    item.fields.extend(fields.iter().map(|(field, value)| (*field, only(value))));
                    let id = ItemId::new(EventId::ZERO, nth);
                    self.content.lists.entry(*list).or_default().insert(id, item);
                }
                Edit::PutItem { list, item, field, value } => {
                    let items = self.content.lists.entry(*list).or_default();
                    items.entry(*item).or_default().fields.insert(*field, only(value));
                }
                Edit::Remove { .. } => panic!("terms are never removed"),
            }
        }
    }

    fn found(&self) -> Vec<Found> {
        let found = |(nth, row): (i64, Row)| Found { aggregate: self.birth.aggregate, nth, cells: row.cells };
        (0..).zip(Settings::rows(&self.subject())).map(found).collect()
    }

    fn view(&self) -> SettingsView {
        SettingsView::from_rows(&self.found())
    }

    fn commands(&self, change: SettingsChange) -> Result<Vec<Draft>, SettingsRefusal> {
        let world = Rows(self.found());
        Settings::decide(Some(&self.subject()), SettingsCommand::Edit { changes: vec![change] }, &context(&world))
    }

    fn does(&mut self, change: SettingsChange) {
        let drafts = self.commands(change).expect("not refused");
        self.compile(&drafts[0].edits);
    }
}

fn context(world: &Rows) -> DecisionContext<'_> {
    let standing = Standing::NONE.with(Need::COORDINATOR);
    DecisionContext { by: MemberId::ZERO, device: DeviceId::ZERO, standing, now: WallMs(0), world }
}

fn new_term(code: &str) -> SettingsChange {
    let table = Vocabulary::OrderKinds;
    SettingsChange::AddTerm { table, code: code.to_owned(), zh: "理发".to_owned(), en: "Haircut".to_owned() }
}
