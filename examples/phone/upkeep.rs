//! Upkeep: proving the data whole, making caches again, setting aside what does not open, handing documents out.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use linli_core::{
    replica::{Fault, Options, Replica},
    store::{DirSecrets, create_private},
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::{Phone, must_be},
    words::Words,
    wrong::Wrong,
};

#[derive(Args)]
pub(crate) struct Export {
    id: String,
    file: PathBuf,
}

pub(crate) fn verify(phone: &Phone) -> Outcome<Answer> {
    let verified = phone.replica.verify()?;
    let ledger = phone.replica.ledger_totals()?;
    let well = verified.faults.is_empty() && ledger.holds();
    let counts = json!({ "logs": verified.logs, "events": verified.events, "aggregates": verified.aggregates });
    let mut lines = vec![phone.words.say_with("screen.verified", counts)];
    lines.extend(verified.faults.iter().map(|fault| match fault {
        Fault::Log { .. } => phone.words.plain("fault.log"),
        Fault::Judgement { event } => phone.words.say_with("fault.judgement", json!({ "event": event })),
        Fault::Shown { aggregate } => phone.words.say_with("fault.shown", json!({ "aggregate": aggregate })),
    }));
    let balance = if ledger.holds() { "screen.balance_holds" } else { "screen.balance_broken" };
    lines.push(phone.words.plain(balance));
    lines.extend(well.then(|| phone.words.plain("screen.no_faults")));
    let hash = phone.replica.state_hash()?;
    let document = json!({ "well": well, "verified": verified, "ledger": ledger, "state_hash": hash });
    Ok(Answer { well, ..Answer::new(document, lines) })
}

pub(crate) fn rebuild(phone: &Phone) -> Outcome<Answer> {
    phone.replica.rebuild()?;
    Ok(Answer::new(json!({ "rebuilt": true }), [phone.words.plain("done.rebuilt")]))
}

/// Sets a database aside that does not open, and begins another with what can be read of it. Nobody may have the home
/// open.
pub(crate) fn recover(home: &Path, words: Words) -> Outcome<Answer> {
    must_be(home)?;
    let secrets = DirSecrets::open(&home.join("secrets"))?;
    let (replica, recovered) = Replica::recover(Options::new(home, Arc::new(secrets)))?;
    let aside = recovered.set_aside.map(|file| file.display().to_string());
    let mut lines = vec![words.say_with("done.recovered", json!({ "events": recovered.events }))];
    lines.extend(aside.as_ref().map(|file| words.say_with("done.set_aside", json!({ "file": file }))));
    let next = match (recovered.new_device, replica.community()) {
        (true, _) => "done.recovered_as_new",
        (false, Some(_)) => "done.recovered_sync",
        (false, None) => "done.recovered_join",
    };
    lines.push(words.plain(next));
    let document = json!({ "set_aside": aside, "events": recovered.events, "new_device": recovered.new_device });
    Ok(Answer::new(document, lines))
}

/// Reads once more what was set aside.
pub(crate) fn salvage(phone: &Phone) -> Outcome<Answer> {
    let events = phone.replica.salvage()?;
    let text = phone.words.say_with("done.salvaged", json!({ "events": events }));
    Ok(Answer::new(json!({ "events": events }), [text]))
}

/// Writes a file that must not be there yet, for its owner alone. Half a file is removed again.
pub(crate) fn write_new(file: &Path, bytes: &[u8]) -> Outcome<()> {
    let mut to = create_private(file).map_err(|error| Failure::unwritable(file, error.kind()))?;
    let written = to.write_all(bytes).and_then(|()| to.sync_all());
    if written.is_err() {
        let _stays = std::fs::remove_file(file);
    }
    written.map_err(|error| Failure::unwritable(file, error.kind()))
}

pub(crate) fn export(phone: &Phone, export: &Export) -> Outcome<Answer> {
    let id = phone.any(&export.id)?;
    let unknown = || Failure::new(Wrong::Unknown, json!({ "of": "thing", "text": export.id }));
    let bytes = phone.replica.export(id)?.ok_or_else(unknown)?;
    let file = export.file.display().to_string();
    write_new(&export.file, &bytes)?;
    let document = json!({ "file": file, "bytes": bytes.len() });
    let text = phone.words.say_with("done.exported", document.clone());
    Ok(Answer::new(document, [text]))
}
