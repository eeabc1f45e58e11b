//! What the tests of the languages need. Never in an app.

#![allow(clippy::panic, reason = "a panic at will is what this is for")]

use std::{sync::mpsc, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{LinliError, Phone, net::pipe::Pipe};

/// The story that all languages play.
#[derive(Deserialize)]
struct Story {
    steps: Vec<Step>,
    errors: Vec<ToldError>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    see: Map<String, Value>,
}

/// An error, and how it comes about where there is a way.
#[derive(Deserialize)]
struct ToldError {
    variant: String,
    how: Option<String>,
}

fn story() -> Result<Story, LinliError> {
    serde_json::from_str(include_str!("../story/expected.json")).map_err(|error| LinliError::input("story", error))
}

/// The steps of the story in their order, up to the last of those that are named; all where none is.
///
/// # Errors
/// `InvalidInput` where one is named that there is not.
#[uniffi::export]
pub fn story_steps(names: Vec<String>) -> Result<Vec<String>, LinliError> {
    let mut steps: Vec<String> = story()?.steps.into_iter().map(|step| step.name).collect();
    if let Some(unknown) = names.iter().find(|name| !steps.contains(name)) {
        return Err(LinliError::input("names", format!("there is no step {unknown}")));
    }
    if let Some(last) = steps.iter().rposition(|step| names.contains(step)) {
        steps.truncate(last + 1);
    }
    Ok(steps)
}

/// What of a step was otherwise than told, in words. `seen` is all that was looked at, as a JSON object.
#[uniffi::export]
pub fn story_differences(step: String, seen: String) -> Result<Vec<String>, LinliError> {
    let seen: Map<String, Value> = serde_json::from_str(&seen).map_err(|error| LinliError::input("seen", error))?;
    let told = story()?.steps.into_iter().find(|one| one.name == step);
    let told = told.ok_or_else(|| LinliError::input("step", "there is none of this name"))?.see;
    let unseen = told.keys().filter(|key| !seen.contains_key(*key));
    let unseen = unseen.map(|key| format!("{step}.{key}: nobody looks at this"));
    let wrong = seen.iter().filter_map(|(key, value)| match told.get(key) {
        None => Some(format!("{step}.{key}: nothing of this name is expected")),
        Some(most) if key.contains("_at_most_") && value.as_i64() <= most.as_i64() && value.is_i64() => None,
        Some(wanted) if wanted == value => None,
        Some(wanted) => Some(format!("{step}.{key}: saw {value}, not {wanted}")),
    });
    Ok(unseen.chain(wrong).collect())
}

/// The errors that the story tells of, by name: those that can be provoked, or the others.
#[uniffi::export]
pub fn story_errors(provoked: bool) -> Result<Vec<String>, LinliError> {
    let told = story()?.errors.into_iter().filter(|error| error.how.is_some() == provoked);
    Ok(told.map(|error| error.variant).collect())
}

#[uniffi::export]
impl Phone {
    /// Panics inside a call, as a fault in the engine would.
    pub async fn provoke_panic(&self) -> Result<(), LinliError> {
        self.call(|_| -> Result<(), LinliError> { std::panic::panic_any("provoked by a test") }).await
    }

    /// Writes a call for help in a way that only a later version reads, as that would on this phone.
    pub async fn provoke_newer(&self) -> Result<(), LinliError> {
        self.call(|replica| {
            replica.write_as_later().map(drop).map_err(|error| LinliError::Internal { detail: error.to_string() })
        })
        .await
    }
}

#[uniffi::export]
impl Pipe {
    /// Takes the pipe for stalled after so many milliseconds, as it would be after many more.
    pub fn provoke_stall(&self, ms: u64) -> Result<(), LinliError> {
        self.stall_after(Duration::from_millis(ms))
    }
}

impl Phone {
    /// A call that says when it is under way, and goes on until it is told to end, or nobody can tell it any more. For
    /// tests in Rust.
    pub async fn dawdle(&self, begun: mpsc::Sender<()>, until: mpsc::Receiver<()>) -> Result<(), LinliError> {
        self.call(move |_| {
            // Nobody may wait for it, or tell it.
            let _unheard = begun.send(());
            let _told = until.recv();
            Ok::<_, LinliError>(())
        })
        .await
    }
}
