//! An aggregate of one's own: tools that neighbours lend each other, as `tools/tool.json` declares them without Rust. The engine
//! signs, seals, carries and folds it as its own. Nothing is refused here, nor told out of turn; `Registry` shows one that refuses.

use std::sync::Arc;

use linli_core::aggregate::{DecisionContext as Context, *};
use linli_core::event::{Edit, Topic};
use linli_core::replica::{Options, Replica, What};
use linli_core::{id::CommandId, key::MemorySecrets, roster::Need, roster::Role};

pub(crate) struct Tool;
const STATUS: [&str; 2] = ["here", "away"];
const SHELVED: KindSpec = KindSpec::new(0x8000, "shelved", Need::MEMBER).creating();
const LENT: KindSpec = KindSpec::new(0x8001, "lent", Need::MEMBER);
const RETURNED: KindSpec = KindSpec::new(0x8002, "returned", Need::MEMBER); // 0x8000 and above are an integrator's

impl Aggregate for Tool {
    const NAME: &'static str = "tool";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[SHELVED, LENT, RETURNED];
    const CONTENT: Schema = Schema { fields: &[FieldSpec { field: 0, name: "name" }], lists: &[] };
    const TABLES: &'static [Table] = &[Table { name: "tool", columns: &["name", "status"], indexes: &[] }];
    const FAMILIES: &'static [Family] = &[Family::plain("status.tool", &STATUS)];
    type Fact = (u16, String); // what happened, and until when it is lent
    type State = bool; // whether it is away
    type Command = (u16, String); // what to do, and the name of what is shelved, or until when it is lent
    type Refusal = Unanswered<Self>; // it refuses nothing itself

    fn read(kind: u16, _version: u16, payload: &[u8]) -> Result<Self::Fact, Malformed> {
        Ok((kind, decode(payload)?))
    }
    fn apply(away: &mut bool, (kind, _): &Self::Fact, _at: usize, _history: &History, _birth: &Birth) {
        *away = *kind == LENT.kind;
    }
    fn rows(tool: &Subject<bool>) -> Vec<Row> {
        vec![Row { table: "tool", cells: vec![tool.content.text(0).into(), STATUS[usize::from(*tool.state)].into()] }]
    }
    fn decide(on: Option<&Subject<bool>>, said: (u16, String), _: &Context<'_>) -> Result<Vec<Draft>, Self::Refusal> {
        let draft = on.map(|tool| Draft::on::<Self>(tool.birth.aggregate, said.0, &said.1));
        Ok(vec![draft.unwrap_or_else(|| Draft::new::<Self>(SHELVED.kind, &"").edits(vec![Edit::put(0, said.1)]))])
    }
}

fn main() -> anyhow::Result<()> {
    let (homes, command) = ([tempfile::tempdir()?, tempfile::tempdir()?], || CommandId::from_bytes(rand::random()));
    let open = |nth: usize| -> anyhow::Result<Replica> {
        let registry = Registry::default().with::<Tool>()?;
        Ok(Replica::open(Options { registry, ..Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())) })?)
    };
    let (lan, wu, mut card) = (open(0)?, open(1)?, Vec::new());
    lan.found(Some("Lan".into()))?;
    lan.admit(command(), wu.record(), Role::Volunteer, None, Some("Wu".into()))?;
    let drill = lan.submit::<Tool>(command(), None, (SHELVED.kind, "drill".into()))?.aggregate;
    lan.submit::<Tool>(command(), Some(drill), (LENT.kind, "Friday".into()))?;
    lan.export_bundle(What::All, &mut card, |_| {})?; // into a file, which is carried over
    wu.join(&lan.welcome()?)?;
    wu.import_bundle(card.as_slice(), |_| {})?;
    println!("Wu sees: {:?}", wu.select(&Select::from("tool"))?.items[0].cells);
    Ok(())
}
