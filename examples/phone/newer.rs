//! What needs a newer app, above what it may make wrong: who wrote it, about whom, and what that means here.

use linli_core::replica::{NewerLine, NewerWhat};
use serde_json::{Value, json};

use crate::{answer::Answer, failure::Outcome, home::Phone};

/// Puts what is wanted of it above an answer.
pub(crate) fn above(phone: &Phone, answer: &mut Answer, wanted: impl Fn(NewerWhat) -> bool) -> Outcome<()> {
    let newer = phone.replica.needs_newer_app()?;
    let lines = newer.iter().filter(|line| wanted(line.what)).map(|line| sentence(phone, line));
    answer.lines.splice(0..0, lines);
    Ok(())
}

/// The same, and into a document that has room for it.
pub(crate) fn with(phone: &Phone, mut answer: Answer) -> Outcome<Answer> {
    above(phone, &mut answer, |_| true)?;
    answer.json["newer"] = json!(phone.replica.needs_newer_app()?);
    Ok(answer)
}

/// What of it each device wrote or is about, by the device's id in the documents.
pub(crate) fn into(phone: &Phone, documents: &mut [Value]) -> Outcome<()> {
    let newer = phone.replica.needs_newer_app()?;
    for document in documents {
        let of = |line: &&NewerLine| {
            let devices = [Some(line.device), line.about].into_iter().flatten();
            devices.into_iter().any(|device| document["device"] == json!(device))
        };
        let of: Vec<_> = newer.iter().filter(of).collect();
        document["newer"] = json!(of);
    }
    Ok(())
}

fn sentence(phone: &Phone, line: &NewerLine) -> String {
    let about = line.about.map_or_else(|| phone.words.plain("screen.somebody"), |device| phone.device_name(device));
    let params = json!({ "by": phone.device_name(line.device), "about": about, "events": line.events });
    let what = json!(line.what);
    let said = phone.words.say_with(&format!("newer.{}", what.as_str().unwrap_or_default()), params);
    if line.protects { format!("{} {said}", phone.words.plain("screen.update_now")) } else { said }
}
