//! Copies of everything a relay keeps, on the command line.

use std::path::Path;

use linli_relay::{Home, config::Config, copies};
use serde_json::json;

use crate::output::Output;

/// Copies everything into one directory, beside a running relay too.
pub(crate) fn backup(config: &Config, to: &Path, output: Output) -> anyhow::Result<()> {
    let communities = copies::backup(&Home::new(&config.data.value), to)?;
    let text = format!(
        "{communities} communities are copied to {}. The copy holds this relay's keys: whoever has it can pose as this relay, and read nothing.",
        to.display()
    );
    output.say(&json!({ "communities": communities, "to": to }), &text)
}

/// Puts a copy in the place of what is kept. What was there is set aside, never deleted.
pub(crate) fn restore(config: &Config, from: &Path, output: Output) -> anyhow::Result<()> {
    let communities = copies::restore(&Home::new(&config.data.value), from)?;
    let text = format!("{communities} communities are restored. Phones give back what the copy lacks.");
    output.say(&json!({ "communities": communities }), &text)
}
