//! An aggregate of one's own: the slate at the gate, on which whoever wrote last is read. The engine signs, seals, carries
//! and folds it as it does its own; `Registry` shows one that refuses commands, and one text that people edit together.

use std::sync::Arc;

use linli_core::aggregate::{DecisionContext as Context, *};
use linli_core::replica::{Options, Replica, What};
use linli_core::{event::Topic, id::CommandId, key::MemorySecrets, roster::Need, roster::Role};

struct Slate;

const HUNG: u16 = 0x8000; // kinds from here on are an integrator's
const WRITTEN: u16 = 0x8001;

impl Aggregate for Slate {
    const NAME: &'static str = "slate";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[
        KindSpec { kind: HUNG, version: 1, code: "hung", need: Need::COORDINATOR, creates: true },
        KindSpec { kind: WRITTEN, version: 1, code: "written", need: Need::MEMBER, creates: false },
    ];
    const CONTENT: Schema = Schema { fields: &[], lists: &[] };
    const TABLES: &'static [Table] = &[Table { name: "slate", columns: &["text"], indexes: &[] }];
    type Fact = String;
    type State = String;
    type Command = String;
    type Refusal = Unanswered<Self>; // it refuses nothing itself

    fn read(_kind: u16, _version: u16, payload: &[u8]) -> Result<String, Malformed> {
        decode(payload)
    }
    fn apply(text: &mut String, fact: &String, _at: usize, _history: &History, _birth: &Birth) {
        text.clone_from(fact);
    }
    fn rows(slate: &Subject<'_, String>) -> Vec<Row> {
        vec![Row { table: "slate", cells: vec![slate.state.as_str().into()] }]
    }
    fn decide(on: Option<&Subject<'_, String>>, said: String, _: &Context<'_>) -> Result<Vec<Draft>, Self::Refusal> {
        let draft = on.map(|slate| Draft::on::<Self>(slate.birth.aggregate, WRITTEN, &said));
        Ok(vec![draft.unwrap_or_else(|| Draft::new::<Self>(HUNG, &said))])
    }
}

fn main() -> anyhow::Result<()> {
    let (homes, command) = ([tempfile::tempdir()?, tempfile::tempdir()?], || CommandId::from_bytes(rand::random()));
    let open = |nth: usize| -> anyhow::Result<Replica> {
        let registry = Registry::default().with::<Slate>()?;
        Ok(Replica::open(Options { registry, ..Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())) })?)
    };
    let (lan, wu, mut card) = (open(0)?, open(1)?, Vec::new());
    lan.found(Some("Lan".into()))?;
    lan.admit(command(), wu.record(), Role::Volunteer, None, Some("Wu".into()))?;
    let slate = lan.submit::<Slate>(command(), None, "no water today".into())?.aggregate;
    lan.submit::<Slate>(command(), Some(slate), "the water is back".into())?;
    lan.export_bundle(What::All, &mut card, |_| {})?; // into a file, which is carried over
    wu.join(&lan.welcome()?)?;
    wu.import_bundle(card.as_slice(), |_| {})?;
    println!("Wu reads: {:?}", wu.select(&Select::from("slate"))?.items[0].cells);
    Ok(())
}
