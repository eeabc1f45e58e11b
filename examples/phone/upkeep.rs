//! Upkeep: proving the data whole, making caches again, handing documents out.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    answer::Answer,
    desk::Phone,
    failure::{Failure, Outcome},
};

#[derive(Args)]
pub(crate) struct Export {
    /// The order, box, product, recall or alert
    id: String,
    /// The file to write; it must not be there
    file: PathBuf,
}

pub(crate) fn verify(phone: &Phone) -> Outcome<Answer> {
    let verified = phone.replica.verify()?;
    let ledger = phone.replica.ledger_totals()?;
    let well = verified.faults.is_empty() && ledger.holds();
    let counts = json!({ "logs": verified.logs, "events": verified.events, "aggregates": verified.aggregates });
    let mut lines = vec![phone.words.say_with("screen.verified", counts)];
    lines.extend(verified.faults.iter().map(ToString::to_string));
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

pub(crate) fn export(phone: &Phone, export: &Export) -> Outcome<Answer> {
    let id = phone.any(&export.id)?;
    let unknown = || Failure::new("unknown", json!({ "of": "thing", "text": export.id }));
    let bytes = phone.replica.export(id)?.ok_or_else(unknown)?;
    let file = export.file.display().to_string();
    let unwritable = |error: std::io::Error| {
        Failure::new(
            "unwritable_file",
            json!({ "file": export.file.display().to_string(), "detail": error.kind().to_string() }),
        )
    };
    let mut to = std::fs::File::create_new(&export.file).map_err(unwritable)?;
    std::io::Write::write_all(&mut to, &bytes).map_err(unwritable)?;
    let document = json!({ "file": file, "bytes": bytes.len() });
    let text = phone.words.say_with("done.exported", document.clone());
    Ok(Answer::new(document, [text]))
}
