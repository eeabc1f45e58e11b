//! Tools that neighbours lend each other: an aggregate that is declared as data, in `tool.json`. `tools.py` is the same
//! program in Python for whoever joins, and their phones sync by files: `tools HOME found`, `… admit RECORD`, `… shelve NAME`,
//! `… lend NAME UNTIL`, `… export FILE`, `… import FILE`, `… list`.

use std::{env, fs, fs::File, path::Path, sync::Arc};

use anyhow::{Context, bail};
use linli_core::aggregate::{Registry, declared::Deed};
use linli_core::id::CommandId;
use linli_core::key::DeviceRecord;
use linli_core::replica::{DeclaredFilter, Options, Replica, What};
use linli_core::roster::Role;
use linli_core::store::{DirSecrets, create_private};
use linli_core::text;
use serde_json::json;

fn main() -> anyhow::Result<()> {
    let said: Vec<String> = env::args().skip(1).collect();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let [home, what, with @ ..] = said.as_slice() else { bail!("tools HOME found|admit|shelve|lend|…") };
    let registry = Registry::default().declare(&include_str!("tool.json").parse()?)?;
    let secrets = Arc::new(DirSecrets::open(&Path::new(home).join("secrets"))?);
    let phone = Replica::open(Options { registry, ..Options::new(*home, secrets) })?;
    let id = CommandId::from_bytes(rand::random()); // an app keeps it until the command is done
    let everything = DeclaredFilter::default();
    match (*what, with) {
        ("found", []) => drop(phone.found(None)?),
        ("admit", [record]) => {
            let record = hex::decode(record.trim_start_matches("linli-device:"))?;
            phone.admit(id, DeviceRecord::from_slice(&record)?, Role::Volunteer, None, None)?;
            println!("{}", phone.welcome()?.to_text());
        }
        ("shelve", [name]) => {
            let deed: Deed = serde_json::from_value(json!({ "kind": "shelved", "fields": { "name": name } }))?;
            phone.submit_declared(id, "tool", None, deed)?;
        }
        ("lend", [name, until]) => {
            let found = phone.declared("tool", &DeclaredFilter { text: Some((*name).into()), ..everything })?;
            let tool = found.items.first().context("there is no such tool")?.aggregate;
            let deed = serde_json::from_value(json!({ "kind": "lent", "says": { "until": until } }))?;
            phone.submit_declared(id, "tool", Some(tool), deed)?;
        }
        ("export", [file]) => {
            let _was_there = fs::remove_file(file);
            phone.export_bundle(What::All, &mut create_private(Path::new(file))?, |_| {})?;
        }
        ("import", [file]) => drop(phone.import_bundle(File::open(file)?, |_| {})?),
        ("list", []) => {
            for line in phone.declared("tool", &everything)?.items {
                println!("{} {}", text::line(line.fields["name"].text().unwrap_or("?")), line.status);
            }
        }
        _ => bail!("see the head of examples/tools/main.rs"),
    }
    Ok(())
}
