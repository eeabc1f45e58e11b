//! Texts of others on their way to a screen, and whom a typed name means.

use linli_core::{
    id::{DeviceId, MemberId},
    replica::{Duty, WhoError},
    text,
};

use crate::{LinliError, Phone};

/// A text as one line of a screen: whatever would break the line, drive a terminal or stand there unseen is shown as a sign
/// of itself, and letters that run from right to left are laid out by themselves. Names, notes and labels come from
/// other phones: draw none without. What is kept and passed on stays as it was written.
#[uniffi::export]
pub fn clean_line(text: String) -> String {
    text::isolate(&text).into_owned()
}

/// The same for a field that may have several lines, such as a note: line feeds stay.
#[uniffi::export]
pub fn clean_text(text: String) -> String {
    text::clean_lines(&text).lines().map(text::isolate).collect::<Vec<_>>().join("\n")
}

#[uniffi::export]
impl Phone {
    /// The device that a typed text means: the beginning of an id, at least four digits, or the name of whoever has one
    /// device here. An id wins over a name; a name that could mean two, or somebody who was withdrawn, is
    /// `InvalidInput`, and its reason says between whom.
    pub async fn find_device(&self, text: String) -> Result<DeviceId, LinliError> {
        self.call(move |replica| replica.people().device(&text, Duty::Active).map_err(|error| nobody("device", &error)))
            .await
    }

    /// The person whom a typed text means, by the same rules: the beginning of their id or of one of their devices', or
    /// their name.
    pub async fn find_member(&self, text: String) -> Result<MemberId, LinliError> {
        self.call(move |replica| replica.people().member(&text).map_err(|error| nobody("member", &error))).await
    }
}

fn nobody(field: &str, error: &WhoError) -> LinliError {
    LinliError::InvalidInput { field: field.to_owned(), reason: error.to_string() }
}
