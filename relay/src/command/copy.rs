//! Copies of everything a relay keeps, on the command line.

use std::path::Path;

use anyhow::bail;
use linli_core::id::CommunityId;
use linli_relay::{
    Home,
    config::Config,
    copies::{self, Copied},
};
use serde_json::json;

use crate::output::Output;

/// Copies everything into one directory, beside a running relay too.
pub(crate) fn backup(config: &Config, to: &Path, output: Output) -> anyhow::Result<()> {
    let Copied { communities, left_out } = copies::backup(&Home::new(&config.data.value), to)?;
    let text = format!(
        "{communities} communities are copied to {}. The copy holds this relay's keys: whoever has it can pose as this relay, and read nothing.",
        to.display()
    );
    let lacks: Vec<_> = left_out.iter().map(|(community, why)| json!({ "community": community, "why": why })).collect();
    output.say(&json!({ "communities": communities, "to": to, "left_out": lacks }), &text)?;
    none_left_out(&left_out, "not copied")
}

/// Says of which communities something could not be done; all others were seen to.
pub(super) fn none_left_out(left_out: &[(CommunityId, String)], what: &str) -> anyhow::Result<()> {
    if left_out.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = left_out.iter().map(|(community, why)| format!("{community}: {why}")).collect();
    bail!("{what}: {}", each.join("; "))
}

/// Puts a copy in the place of what is kept. What was there is set aside, never deleted.
pub(crate) fn restore(config: &Config, from: &Path, output: Output) -> anyhow::Result<()> {
    let communities = copies::restore(&Home::new(&config.data.value), from)?;
    let text = format!("{communities} communities are restored. Phones give back what the copy lacks.");
    output.say(&json!({ "communities": communities }), &text)
}
