//! Copies of everything a relay keeps: made beside a running one, and put back in place of what is there.
//!
//! A copy comes into being whole or not at all, whenever it is killed: it lies under another name until nothing is
//! missing. It refuses to delete what it did not make itself, and sets aside what was there before.

use std::{fs, io, path::Path};

use anyhow::bail;
use linli_core::{
    id::CommunityId,
    roster::RelayPass,
    store::{Readers, Store, make_dir, sync_dir, with_suffix},
};

use crate::{
    Home, Lock, NoRoom,
    home::KEYS,
    last_step::{WHOLE, place, settle},
};

/// What a copy is called behind its name while something is missing.
const UNFINISHED: &str = ".unfinished";

/// What is in a copy.
#[derive(Debug, Default)]
pub struct Copied {
    /// How many communities.
    pub communities: usize,
    /// Those that it lacks, and why.
    pub left_out: Vec<(CommunityId, String)>,
}

/// Copies everything of `home` into the directory `to`, which is not there yet; beside a running relay too. A community that
/// is damaged or lost keeps no other from being copied.
///
/// # Errors
/// [`NoRoom`]; when `to` is there, or inside the home; what cannot be written. There is no `to` then, nor half of one.
pub fn backup(home: &Home, to: &Path) -> anyhow::Result<Copied> {
    if to.exists() {
        bail!("{} is there already", to.display());
    }
    is_elsewhere(to, home.dir())?;
    home.keys()?;
    let half = with_suffix(to, UNFINISHED);
    let copied = begun(&half).map_err(Into::into).and_then(|()| copy(home, &Home::new(&half)));
    let copied = copied.and_then(|copied| Ok(place(&half, to).map(|()| copied)?));
    copied.map_err(|error| given_up(&half, error))
}

/// What was copied before it failed takes no room from whatever is done next.
fn given_up(half: &Path, error: anyhow::Error) -> anyhow::Error {
    if let Err(error) = fs::remove_dir_all(half)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "half a copy cannot be taken away");
    }
    NoRoom::or(error)
}

/// Puts a copy in the place of what a home has, which is set aside under the home's name with a number. How many
/// communities there are now.
///
/// # Errors
/// [`NoRoom`]; when `from` is no copy or inside the home, or a relay runs there; what cannot be read or written. The home is
/// as it was then; only a kill at the very end leaves a step to whoever opens it next, who takes it.
pub fn restore(home: &Home, from: &Path) -> anyhow::Result<usize> {
    is_elsewhere(from, home.dir())?;
    if !from.join(KEYS).is_dir() {
        bail!("{} is no copy of a relay", from.display());
    }
    settle(home.dir())?;
    // Until the copy is in its place: what a relay took in meanwhile would be acknowledged, and set aside.
    let held = if home.dir().exists() { Some(Lock::take(home.dir())?) } else { None };
    let half = with_suffix(home.dir(), UNFINISHED);
    let communities = begun(&half).map_err(Into::into).and_then(|()| {
        let Copied { communities, left_out } = copy(&Home::new(from), &Home::new(&half))?;
        match left_out.first() {
            Some((community, why)) => bail!("{} in the copy: {why}", community),
            None => Ok(communities),
        }
    });
    let communities = communities.map_err(|error| given_up(&half, error))?;
    let whole = with_suffix(home.dir(), WHOLE);
    if whole.exists() {
        fs::remove_dir_all(&whole)?;
    }
    place(&half, &whole)?;
    let held = match held {
        None if home.dir().exists() => Some(Lock::take(home.dir())?),
        held => held,
    };
    let aside = (1..).map(|number| home.dir().with_extension(format!("aside-{number}"))).find(|aside| !aside.exists());
    if home.dir().exists()
        && let Some(aside) = &aside
    {
        // Elsewhere no directory gets another name while somebody holds a file in it.
        let held = held.filter(|_| cfg!(unix));
        place(home.dir(), aside)?;
        settle(home.dir())?;
        drop(held);
    }
    settle(home.dir())?;
    Ok(communities)
}

/// Where a copy is put together; what a kill left there is gone.
fn begun(half: &Path) -> io::Result<()> {
    if half.exists() {
        fs::remove_dir_all(half)?;
    }
    make_dir(half)
}

fn copy(from: &Home, to: &Home) -> anyhow::Result<Copied> {
    settle(from.dir())?;
    copy_files(&from.dir().join(KEYS), &to.dir().join(KEYS))?;
    let mut copied = Copied::default();
    for (community, pass) in from.each_pass()? {
        let done = match pass {
            Ok(pass) => copy_community(from, &pass, to),
            Err(why) => Err(why.into()),
        };
        match done {
            Ok(()) => copied.communities += 1,
            // Nor is there room for any other.
            Err(why) if why.is::<NoRoom>() => return Err(why),
            Err(why) => {
                // Half a copy is none.
                let half = to.community(community);
                if half.exists() {
                    fs::remove_dir_all(half)?;
                }
                copied.left_out.push((community, format!("{why:#}")));
            }
        }
    }
    Ok(copied)
}

fn copy_community(from: &Home, pass: &RelayPass, to: &Home) -> anyhow::Result<()> {
    let source = from.community(pass.community);
    to.allow(pass)?;
    match Readers::of(&source, &from.secrets(pass.community)?, &[]).and_then(|readers| readers.open()) {
        Ok(reader) => {
            reader.copy_to(&to.community(pass.community)).map_err(NoRoom::or)?;
            to.note_opened(pass.community).map_err(NoRoom::or)?;
        }
        Err(error) if Store::is_there(&source) => return Err(NoRoom::or(error)),
        Err(_never_opened) => {}
    }
    Ok(())
}

/// Copies the files of one directory, readable for the owner alone.
fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    make_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // Half a secret, which is on its way to another name.
        if entry.path().extension().is_some_and(|ending| ending == "new") {
            continue;
        }
        // Copying keeps the permissions of a file.
        fs::copy(entry.path(), to.join(entry.file_name()))?;
        fs::File::open(to.join(entry.file_name()))?.sync_all()?;
    }
    Ok(sync_dir(to)?)
}

/// A copy inside the data would be lost with it, and moved aside by restoring it.
fn is_elsewhere(copy: &Path, data: &Path) -> anyhow::Result<()> {
    let (copy, data) = (std::path::absolute(copy)?, std::path::absolute(data)?);
    if copy.starts_with(&data) {
        bail!("{} is inside {}; keep copies elsewhere", copy.display(), data.display());
    }
    Ok(())
}
