//! An aggregate that an app brings is what ours are, at every door: lists, search, history, review, codes, a room's page,
//! erasure.

use std::sync::Arc;

use linli_core::{
    aggregate::{
        Aggregate, Birth, Coded, DecisionContext, Draft, Family, FieldSpec, Found, History, KindSpec, Malformed,
        Refuse, Registry, Review, RoomFields, RoomName, Row, Says, Schema, Select, Subject, Table, WorldError,
    },
    event::{Edit, Topic},
    id::{CommandId, Reference},
    key::MemorySecrets,
    replica::{Options, QueryError, Replica, ReviewFilter, SubmitError},
    roster::Need,
    time::ManualClock,
};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

const SHELVED: u16 = 0x8000;
const LENT: u16 = 0x8001;
const BACK: u16 = 0x8002;
const NAME: u16 = 1;
const ROOM: u16 = 2;
const UNIT: u16 = 3;
const CARD: Table = Table { name: "tool_card", columns: &["name", "building", "room", "status"], indexes: &[] };

#[test]
fn an_apps_own_aggregate_is_found_listed_told_and_looked_at() {
    let mut scene = Scene::begin();
    scene.say(Command::Lend { said: false }).unwrap();

    let refused = scene.say(Command::Lend { said: false }).unwrap_err();
    assert!(refused.is_warning(), "said to have happened it goes through");
    scene.say(Command::Lend { said: true }).unwrap();

    let (phone, drill) = (&scene.phone, scene.drill);
    let hits = phone.search("冲击", None, 9).unwrap().items;
    assert_eq!(
        hits.iter().map(|hit| (hit.aggregate, &*hit.kind, &*hit.line)).collect::<Vec<_>>(),
        [(drill, "tool", "3 冲击钻")]
    );
    let rows = phone.select(&Select::from("tool_card").is("status", "away")).unwrap().items;
    assert_eq!(rows.iter().map(|row| row.aggregate).collect::<Vec<_>>(), [drill]);
    let told = phone.history(drill).unwrap();
    assert_eq!(told.iter().map(|told| told.code).collect::<Vec<_>>(), ["shelved", "lent", "lent"]);
    assert_eq!(told[0].params, serde_json::json!({ "shelved": { "building": "3" } }));
    let queue =
        phone.review_queue(&ReviewFilter { building: Some("3".to_owned()), ..ReviewFilter::default() }).unwrap();
    let looked_at = queue.items.iter().map(|item| (item.aggregate, &*item.kind, &*item.code)).collect::<Vec<_>>();
    assert_eq!(looked_at, [(drill, "tool", "lent_twice")]);
}

#[test]
fn an_apps_own_codes_are_told_with_ours() {
    let registry = Registry::default().with::<Tool>().unwrap();
    let ours: Vec<_> = Registry::default().codes();

    let own: Vec<_> = registry.codes().into_iter().filter(|line| !ours.contains(line)).collect();

    let told: Vec<_> = own.iter().map(|line| (&*line.family, &*line.code, line.warning)).collect();
    assert_eq!(
        told,
        [
            ("event.tool", "back", false),
            ("event.tool", "lent", false),
            ("event.tool", "shelved", false),
            ("refusal.tool", "away", true),
            ("refusal.tool", "none", false),
            ("review", "lent_twice", false),
            ("status.tool", "away", false),
            ("status.tool", "home", false),
        ]
    );
}

#[test]
fn what_an_app_holds_about_a_room_is_handed_out_and_erased_with_it_r6() {
    let mut scene = Scene::begin();
    scene.say(Command::Lend { said: false }).unwrap();

    let others = scene.phone.about("3", None, "１８０４").unwrap().others;
    assert_eq!(
        others.iter().map(|other| (other.aggregate, &*other.line)).collect::<Vec<_>>(),
        [(scene.drill, "3 冲击钻")]
    );
    assert_eq!(others[0].told.len(), 2);
    assert!(scene.phone.export_about("3", None, "1804").unwrap().contains("冲击钻"));
    assert!(scene.phone.about("3", None, "1805").unwrap().others.is_empty());

    let command = scene.command();
    let kept = scene.phone.erase_about(command, "3", None, "1804").unwrap();
    assert_eq!((kept.erased, kept.carry_over), (vec![], vec![scene.drill]), "somebody has it");
    scene.say(Command::GiveBack).unwrap();
    let command = scene.command();
    let gone = scene.phone.erase_about(command, "3", None, "1804").unwrap();
    assert_eq!((gone.erased, gone.carry_over), (vec![scene.drill], vec![]));

    assert!(matches!(scene.phone.history(scene.drill), Err(QueryError::Unknown { .. })));
    assert_eq!(scene.phone.search("冲击", None, 9).unwrap().items, []);
    assert_eq!(scene.phone.erased_totals().into_iter().collect::<Vec<_>>(), [("tool.home".to_owned(), 1)]);
}

/// A tool that somebody keeps in a room and lends.
struct Tool;

#[derive(Clone, Debug, Encode, Decode, Serialize)]
#[cbor(map)]
struct Said {
    #[n(0)]
    building: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Fact {
    Shelved(Said),
    Lent,
    Back,
}

#[derive(Serialize, Deserialize)]
enum Command {
    Shelve { name: String, room: String },
    Lend { said: bool },
    GiveBack,
}

#[derive(Debug, PartialEq, Serialize, Says, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
enum Refusal {
    #[error("somebody has it")]
    Away,
    #[error("there is no such tool")]
    None,
}

impl Coded for Refusal {
    const CODES: &'static [&'static str] = &["away", "none"];

    fn code(&self) -> &'static str {
        if *self == Refusal::Away { "away" } else { "none" }
    }
}

impl Refuse for Refusal {
    const BY: &'static str = Tool::NAME;
    const WARNINGS: &'static [&'static str] = &["away"];
}

impl From<WorldError> for Refusal {
    fn from(_: WorldError) -> Self {
        Refusal::None
    }
}

fn status(lent: i64) -> &'static str {
    if lent > 0 { "away" } else { "home" }
}

impl Aggregate for Tool {
    const NAME: &'static str = "tool";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[
        KindSpec::new(SHELVED, "shelved", Need::MEMBER).creating(),
        KindSpec::new(LENT, "lent", Need::MEMBER),
        KindSpec::new(BACK, "back", Need::MEMBER),
    ];
    const CONTENT: Schema = Schema {
        fields: &[
            FieldSpec { field: NAME, name: "name" },
            FieldSpec { field: ROOM, name: "room" },
            FieldSpec { field: UNIT, name: "unit" },
        ],
        lists: &[],
    };
    const TABLES: &'static [Table] = &[CARD];
    const REVIEWS: Family = Family::plain("review", &["lent_twice"]);
    const FAMILIES: &'static [Family] = &[Family::plain("status.tool", &["home", "away"])];
    const ROOMS: Option<Table> = Some(CARD);
    const ROOM_FIELDS: Option<RoomFields> = Some(RoomFields { unit: Some(UNIT), room: ROOM });

    type Fact = Fact;
    type State = i64;
    type Command = Command;
    type Refusal = Refusal;

    fn read(kind: u16, _: u16, payload: &[u8]) -> Result<Fact, Malformed> {
        let said: Said = minicbor::decode(payload).map_err(|_| Malformed("not what the kind says"))?;
        match kind {
            SHELVED => Ok(Fact::Shelved(said)),
            LENT => Ok(Fact::Lent),
            _ => Ok(Fact::Back),
        }
    }

    fn building(fact: &Fact) -> Option<String> {
        if let Fact::Shelved(said) = fact { said.building.clone() } else { None }
    }

    fn apply(lent: &mut i64, fact: &Fact, _: usize, _: &History, _: &Birth) {
        *lent += match fact {
            Fact::Shelved(_) => 0,
            Fact::Lent => 1,
            Fact::Back => -1,
        };
    }

    fn rows(tool: &Subject<'_, i64>) -> Vec<Row> {
        let text = |field| tool.content.text(field);
        let cells =
            vec![text(NAME).into(), tool.birth.building.clone().into(), text(ROOM).into(), status(*tool.state).into()];
        vec![Row { table: CARD.name, cells }]
    }

    fn review(tool: &Subject<'_, i64>) -> Vec<Review> {
        let twice = (*tool.state > 1).then(|| Review::of("lent_twice", serde_json::json!({ "times": tool.state })));
        twice.into_iter().collect()
    }

    fn search(tool: &Subject<'_, i64>) -> Option<String> {
        tool.content.text(NAME).map(str::to_owned)
    }

    fn line(card: &Found) -> Vec<String> {
        CARD.texts(card, &["building", "name"])
    }

    fn room(card: &Found) -> RoomName {
        let text = |column| CARD.cell(card, column).text().map(str::to_owned);
        RoomName { building: text("building"), unit: None, room: text("room") }
    }

    /// What is away is not erased: somebody has it.
    fn erasable(card: Option<&Found>) -> bool {
        card.is_none_or(|card| CARD.cell(card, "status").text() == Some("home"))
    }

    fn counted_as(card: &Found) -> Vec<String> {
        CARD.texts(card, &["status"])
    }

    fn decide(
        tool: Option<&Subject<'_, i64>>,
        command: Command,
        _: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, Refusal> {
        let nothing = Said { building: None };
        let draft = match (tool, command) {
            (None, Command::Shelve { name, room }) => {
                Draft::new::<Tool>(SHELVED, &Said { building: Some("3".to_owned()) })
                    .edits(vec![Edit::put(NAME, name), Edit::put(ROOM, room)])
            }
            (Some(tool), Command::Lend { said }) if *tool.state > 0 && !said => return Err(Refusal::Away),
            (Some(tool), Command::Lend { .. }) => Draft::on::<Tool>(tool.birth.aggregate, LENT, &nothing),
            (Some(tool), Command::GiveBack) => Draft::on::<Tool>(tool.birth.aggregate, BACK, &nothing),
            _ => return Err(Refusal::None),
        };
        Ok(vec![draft])
    }
}

/// A phone whose app knows tools, with a drill of room 3-1804 on it.
struct Scene {
    phone: Replica,
    drill: Reference,
    commands: u8,
    _home: tempfile::TempDir,
}

impl Scene {
    fn begin() -> Self {
        let home = tempfile::tempdir().unwrap();
        let options = Options {
            clock: Arc::new(ManualClock::at(linli_tests::MORNING)),
            registry: Registry::default().with::<Tool>().unwrap(),
            seed: Some(1),
            ..Options::new(home.path(), Arc::new(MemorySecrets::default()))
        };
        let phone = Replica::open(options).unwrap();
        phone.found(None).unwrap();
        let shelve = Command::Shelve { name: "冲击钻".to_owned(), room: "1804室".to_owned() };
        let drill = phone.submit::<Tool>(CommandId::from_bytes([1; 16]), None, shelve).unwrap().aggregate;
        Self { phone, drill, commands: 1, _home: home }
    }

    fn command(&mut self) -> CommandId {
        self.commands += 1;
        CommandId::from_bytes([self.commands; 16])
    }

    fn say(&mut self, command: Command) -> Result<(), Refusal> {
        let id = self.command();
        match self.phone.submit::<Tool>(id, Some(self.drill), command) {
            Ok(_) => Ok(()),
            Err(SubmitError::Refused(refusal)) => Err(refusal),
            Err(error) => panic!("{error}"),
        }
    }
}
