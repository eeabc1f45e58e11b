//! Copies of everything a relay keeps.

use std::{fs, path::Path};

use anyhow::bail;
use linli_core::store::{Readers, Store, make_dir};
use linli_relay::{Home, Lock, config::Config};
use serde_json::json;

use crate::talk::Talk;

/// Copies everything into one directory, beside a running relay too.
pub(crate) fn backup(config: &Config, to: &Path, talk: Talk) -> anyhow::Result<()> {
    if to.exists() {
        bail!("{} is there already", to.display());
    }
    let home = Home::new(&config.data.value);
    is_elsewhere(to, home.dir())?;
    home.keys()?;
    let copy = Home::new(to);
    copy_files(&home.dir().join("keys"), &to.join("keys"))?;
    let passes = home.passes()?;
    for pass in &passes {
        let from = home.community(pass.community);
        copy.allow(pass)?;
        match Readers::of(&from, &home.secrets(pass.community)?, &[]).and_then(|readers| readers.open()) {
            Ok(reader) => reader.copy_to(&copy.community(pass.community))?,
            Err(error) if Store::is_there(&from) => return Err(error.into()),
            Err(_never_opened) => {}
        }
    }
    let text = format!(
        "{} communities are copied to {}. The copy holds this relay's keys: whoever has it can pose as this relay, and read nothing.",
        passes.len(),
        to.display()
    );
    talk.say(&json!({ "communities": passes.len(), "to": to }), &text)
}

/// Puts a copy in the place of what is kept. What was there is set aside, never deleted.
pub(crate) fn restore(config: &Config, from: &Path, talk: Talk) -> anyhow::Result<()> {
    let (home, copy) = (Home::new(&config.data.value), Home::new(from));
    is_elsewhere(from, home.dir())?;
    let passes = copy.passes()?;
    if !from.join("keys").is_dir() {
        bail!("{} is no copy of a relay", from.display());
    }
    if home.dir().exists() {
        drop(Lock::take(home.dir())?);
    }
    let aside = (1..).map(|number| home.dir().with_extension(format!("aside-{number}"))).find(|aside| !aside.exists());
    if home.dir().exists()
        && let Some(aside) = &aside
    {
        fs::rename(home.dir(), aside)?;
    }
    copy_files(&from.join("keys"), &home.dir().join("keys"))?;
    for pass in &passes {
        home.allow(pass)?;
        let source = copy.community(pass.community);
        if Store::is_there(&source) {
            Readers::of(&source, &copy.secrets(pass.community)?, &[])?
                .open()?
                .copy_to(&home.community(pass.community))?;
        }
    }
    let text = format!("{} communities are restored. Phones give back what the copy lacks.", passes.len());
    talk.say(&json!({ "communities": passes.len() }), &text)
}

/// A copy inside the data would be lost with it, and moved aside by restoring it.
fn is_elsewhere(copy: &Path, data: &Path) -> anyhow::Result<()> {
    let (copy, data) = (std::path::absolute(copy)?, std::path::absolute(data)?);
    if copy.starts_with(&data) {
        bail!("{} is inside {}; keep copies elsewhere", copy.display(), data.display());
    }
    Ok(())
}

/// Copies the files of one directory, readable for the owner alone.
fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    make_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // Copying keeps the permissions of a file.
        fs::copy(entry.path(), to.join(entry.file_name()))?;
        fs::File::open(to.join(entry.file_name()))?.sync_all()?;
    }
    Ok(())
}
