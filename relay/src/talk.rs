//! What the program says: lines for people, or JSON.

use std::io::Write;

use serde_json::{Value, json};

/// How to say it.
#[derive(Clone, Copy)]
pub(crate) struct Talk {
    pub(crate) json: bool,
}

impl Talk {
    /// Says something in both ways.
    pub(crate) fn say(self, document: &Value, text: &str) {
        let line = if self.json { document.to_string() } else { text.to_owned() };
        // Whoever reads may have gone away.
        let _gone = writeln!(std::io::stdout(), "{line}");
    }

    /// Says what went wrong.
    pub(crate) fn fail(self, error: &anyhow::Error) {
        let line = if self.json {
            json!({ "error": format!("{error:#}") }).to_string()
        } else {
            format!("linli-relay: {error:#}")
        };
        let _gone = writeln!(std::io::stderr(), "{line}");
    }
}
