//! People and devices: who belongs, how a screen tells them apart, and whom a typed name or id means.
//!
//! A name is a claim: two people may bear one, and somebody may take a name to be mistaken for another. So a name that is
//! not told apart at a glance is shown with the beginning of an id, and whatever takes a name or the beginning of an
//! id refuses what could mean two.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;

use super::{Community, Replica};
use crate::{
    id::{DeviceId, MemberId},
    roster::{Device, Right, Role},
    sabotage::Rule,
    text::{clean_name, is_like_an_id, likeness},
};

/// The fewest digits that name somebody.
const LEAST: usize = 4;
/// Digits that screens show, and with which an id wins over a name.
const SHOWN: usize = 8;

/// A device of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MemberLine {
    /// The device that was admitted.
    pub device: DeviceId,
    /// Whose it is; none for a relay.
    pub member: Option<MemberId>,
    /// The name as it was written, where there is one and the key that seals it is held.
    /// Do not draw it as it is: `shown` is for that.
    pub name: Option<String>,
    /// The name for a screen: cleaned, with the beginning of the id where it does not tell this device's owner from
    /// everybody else. Without a name, the beginning of the id: `@7c660645`.
    pub shown: String,
    /// The beginning of its id, as short as tells it from all others, eight digits at least: what commands take.
    pub handle: String,
    /// Its role, for good.
    pub role: Role,
    /// What it may do beyond its role.
    pub rights: Vec<Right>,
    /// Whether it is the recovery kit.
    pub kit: bool,
    /// Its place in the order of ranks; 0 is the highest.
    pub rank: u32,
    /// Who admitted it.
    pub admitted_by: Option<DeviceId>,
    /// Whether it was revoked or has left.
    pub withdrawn: bool,
    /// Whether it is this device.
    pub me: bool,
}

/// Why a text names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhoError {
    /// Nobody has this name, and no id begins so.
    #[error("nobody is called or numbered {text:?}")]
    Unknown {
        /// What was typed.
        text: String,
    },
    /// It could mean each of these: more digits of an id tell them apart.
    #[error("{text:?} could mean {}", between.iter().map(|line| line.shown.as_str()).collect::<Vec<_>>().join(", "))]
    Ambiguous {
        /// What was typed.
        text: String,
        /// The devices of whoever it could mean.
        between: Vec<MemberLine>,
    },
    /// Whoever bears the name was withdrawn. Who means them nevertheless gives an id.
    #[error("whoever is called {text:?} was withdrawn")]
    Withdrawn {
        /// What was typed.
        text: String,
        /// The devices of whoever bears it.
        between: Vec<MemberLine>,
    },
}

/// Which of one person's devices a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// One that belongs: for giving and taking rights, for withdrawing.
    Active,
    /// One that was withdrawn, if there is one: for cutting again.
    Withdrawn,
}

/// Everybody at one moment, as screens name them and commands find them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    lines: Vec<MemberLine>,
    /// Line by device.
    devices: BTreeMap<DeviceId, usize>,
    members: BTreeMap<MemberId, String>,
}

/// What a typed name means: somebody's devices stand and fall together where a person is meant.
type Owner = (Option<MemberId>, Option<DeviceId>);

impl MemberLine {
    /// The person, or the device itself where nobody owns it.
    fn owner(&self) -> Owner {
        (self.member, self.member.is_none().then_some(self.device))
    }

    fn is_called(&self, likely: &str) -> bool {
        !likely.is_empty() && self.name.as_ref().is_some_and(|name| likeness(name) == likely)
    }
}

impl People {
    fn of(community: &Community) -> Self {
        let line = |device: &Device| MemberLine {
            device: device.record.device,
            member: device.member,
            name: name(community, device),
            shown: String::new(),
            handle: String::new(),
            role: device.role,
            rights: community.roster.rights_of(device.record.device).cloned().collect(),
            kit: device.kit,
            rank: device.rank,
            admitted_by: device.admitted_by,
            withdrawn: device.withdrawn,
            me: device.record.device == community.me,
        };
        let mut lines: Vec<MemberLine> = community.roster.devices().map(line).collect();
        lines.sort_by_key(|line| (line.rank, line.device));
        let handles = handles(&lines);
        let mut bearers: BTreeMap<String, BTreeSet<Owner>> = BTreeMap::new();
        for line in &lines {
            let likely = line.name.as_deref().map(likeness).into_iter();
            likely.for_each(|likely| {
                bearers.entry(likely).or_default().insert(line.owner());
            });
        }
        let mut members = BTreeMap::new();
        for (line, handle) in lines.iter_mut().zip(handles) {
            let cleaned = line.name.as_deref().map(clean_name).unwrap_or_default();
            let alone = line.name.as_deref().is_some_and(|name| {
                let spaced = name.split_whitespace().collect::<Vec<_>>().join(" ");
                let alone = bearers.get(&likeness(name)).is_none_or(|owners| owners.len() < 2);
                alone && cleaned == spaced && !is_like_an_id(name)
            });
            line.shown = match (cleaned.is_empty(), alone) {
                (true, _) => handle.clone(),
                (false, true) => cleaned,
                (false, false) => format!("{cleaned} {handle}"),
            };
            line.handle = handle;
            if let (Some(member), Some(_)) = (line.member, &line.name) {
                members.entry(member).or_insert_with(|| line.shown.clone());
            }
        }
        let devices = lines.iter().enumerate().map(|(at, line)| (line.device, at)).collect();
        Self { lines, devices, members }
    }

    /// Every device, by rank.
    pub fn lines(&self) -> &[MemberLine] {
        &self.lines
    }

    /// A device as a screen names it; of an unknown one the beginning of its id.
    pub fn shown_device(&self, device: DeviceId) -> String {
        let line = self.devices.get(&device).and_then(|at| self.lines.get(*at));
        line.map_or_else(|| beginning(&device.to_string(), SHOWN), |line| line.shown.clone())
    }

    /// A person as a screen names them: by the name of their device of highest rank that has one, else by the beginning
    /// of their id.
    pub fn shown_member(&self, member: MemberId) -> String {
        self.members.get(&member).cloned().unwrap_or_else(|| {
            // A person is named by their first device.
            self.shown_device(DeviceId::from_bytes(*member.as_bytes()))
        })
    }

    /// The device that a text means: the beginning of an id, at least four digits, or the name of whoever has one device.
    ///
    /// An id wins over a name: what stands behind an `@`, and eight digits or more, is an id, though it has not come here.
    /// A device that was withdrawn is found by its id alone, unless `duty` asks for one.
    ///
    /// # Errors
    /// [`WhoError`]: nobody, or more than one.
    pub fn device(&self, text: &str, duty: Duty) -> Result<DeviceId, WhoError> {
        let (numbered, called) = self.meant(text)?;
        let both: BTreeSet<DeviceId> = numbered.iter().chain(&called).map(|line| line.device).collect();
        if let Some(any) = both.first().filter(|_| Rule::OneMeant.is_left_out()) {
            return Ok(*any);
        }
        match (numbered.as_slice(), called.as_slice()) {
            ([], []) => Err(WhoError::Unknown { text: text.to_owned() }),
            ([only], _) if both.len() == 1 => Ok(only.device),
            ([], called) => self.of_one(text, called, duty),
            _ => Err(self.ambiguous(text, &both)),
        }
    }

    /// The person whom a text means: the beginning of their id or of one of their devices', or their name. The same
    /// rules as for [`device`](Self::device).
    ///
    /// # Errors
    /// [`WhoError`]: nobody, or more than one.
    pub fn member(&self, text: &str) -> Result<MemberId, WhoError> {
        let (numbered, called) = self.meant(text)?;
        let both: BTreeSet<DeviceId> = numbered.iter().chain(&called).map(|line| line.device).collect();
        let members: BTreeSet<MemberId> = numbered.iter().chain(&called).filter_map(|line| line.member).collect();
        let mut one = members.iter();
        match (one.next(), one.next()) {
            (None, _) => Err(WhoError::Unknown { text: text.to_owned() }),
            (Some(_), Some(_)) => Err(self.ambiguous(text, &both)),
            (Some(member), None) => {
                let gone = self.lines.iter().filter(|line| line.member == Some(*member)).all(|line| line.withdrawn);
                match gone && numbered.is_empty() {
                    true => Err(WhoError::Withdrawn { text: text.to_owned(), between: self.named(&both) }),
                    false => Ok(*member),
                }
            }
        }
    }

    /// Whose ids begin so, and who is called so.
    fn meant(&self, text: &str) -> Result<(Vec<&MemberLine>, Vec<&MemberLine>), WhoError> {
        let text = text.trim();
        // As a screen shows a name that is not alone: the id decides, and the name must be its.
        let (name, id) = match text.rsplit_once(" @") {
            Some((name, id)) if is_number(id) => (Some(name), Some(id)),
            _ => (None, text.strip_prefix('@').filter(|id| is_number(id))),
        };
        if let Some(id) = id {
            let mut numbered = self.numbered(id);
            if let Some(name) = name {
                let same = |line: &&MemberLine| {
                    line.is_called(&likeness(name)) || line.name.as_deref().is_some_and(|own| clean_name(own) == name)
                };
                numbered.retain(same);
            }
            return Ok((numbered, Vec::new()));
        }
        let numbered = if is_number(text) { self.numbered(text) } else { Vec::new() };
        let is_id = is_number(text) && text.len() >= SHOWN;
        if is_id && !numbered.is_empty() {
            return Ok((numbered, Vec::new()));
        }
        let likely = likeness(text);
        let called: Vec<&MemberLine> = self.lines.iter().filter(|line| line.is_called(&likely)).collect();
        // The id may be one that has not come here yet: whoever is called so is named, and not chosen.
        if is_id && !called.is_empty() {
            return Err(self.ambiguous(text, &called.iter().map(|line| line.device).collect()));
        }
        Ok((numbered, called))
    }

    fn numbered(&self, digits: &str) -> Vec<&MemberLine> {
        let digits = digits.to_lowercase();
        self.lines.iter().filter(|line| line.device.to_string().starts_with(&digits)).collect()
    }

    /// One person's device, by their name.
    fn of_one(&self, text: &str, called: &[&MemberLine], duty: Duty) -> Result<DeviceId, WhoError> {
        let devices = |lines: &[&MemberLine]| lines.iter().map(|line| line.device).collect::<BTreeSet<_>>();
        let owners: BTreeSet<Owner> = called.iter().map(|line| line.owner()).collect();
        if owners.len() > 1 {
            return Err(self.ambiguous(text, &devices(called)));
        }
        let (gone, here): (Vec<&MemberLine>, Vec<&MemberLine>) = called.iter().partition(|line| line.withdrawn);
        match (duty, gone.as_slice(), here.as_slice()) {
            (Duty::Active, _, [only]) | (Duty::Withdrawn, [only], _) | (Duty::Withdrawn, [], [only]) => Ok(only.device),
            (Duty::Active, _, []) => {
                Err(WhoError::Withdrawn { text: text.to_owned(), between: self.named(&devices(called)) })
            }
            _ => Err(self.ambiguous(text, &devices(called))),
        }
    }

    fn ambiguous(&self, text: &str, between: &BTreeSet<DeviceId>) -> WhoError {
        WhoError::Ambiguous { text: text.to_owned(), between: self.named(between) }
    }

    fn named(&self, devices: &BTreeSet<DeviceId>) -> Vec<MemberLine> {
        self.lines.iter().filter(|line| devices.contains(&line.device)).cloned().collect()
    }
}

/// The handle of each line.
fn handles(lines: &[MemberLine]) -> Vec<String> {
    let mut sorted: Vec<DeviceId> = lines.iter().map(|line| line.device).collect();
    sorted.sort_unstable();
    let long = |line: &MemberLine| {
        let (id, at) = (line.device.to_string(), sorted.partition_point(|other| *other < line.device));
        // What has most in common stands beside it.
        let beside = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten().filter_map(|at| sorted.get(at));
        let most = beside.map(|other| alike(&id, *other)).max().unwrap_or(0);
        beginning(&id, SHOWN.max(most.saturating_add(1)))
    };
    lines.iter().map(long).collect()
}

/// Digits that two ids have in common from their beginning.
fn alike(id: &str, other: DeviceId) -> usize {
    id.bytes().zip(other.to_string().bytes()).take_while(|(one, two)| one == two).count()
}

fn beginning(id: &str, digits: usize) -> String {
    format!("@{}", id.get(..digits).unwrap_or(id))
}

fn is_number(text: &str) -> bool {
    text.len() >= LEAST && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Replica {
    /// Everybody, by rank; withdrawn devices too.
    pub fn members(&self) -> Vec<MemberLine> {
        self.people().lines.clone()
    }

    /// Members' names for a screen, where they have one and the key that seals it is held: cleaned, with the beginning of
    /// the id where two could be taken for each other. Of several devices the highest rank's.
    pub fn names(&self) -> BTreeMap<MemberId, String> {
        self.people().members.clone()
    }

    /// Everybody as they are now, to name and to find them by. Made anew when the roster or a key came.
    pub fn people(&self) -> Arc<People> {
        let Some(community) = self.snapshot() else { return Arc::default() };
        let mut known = self.inner.people.lock();
        if let Some((_, people)) = known.as_ref().filter(|(of, _)| Arc::ptr_eq(of, &community)) {
            return people.clone();
        }
        let people = Arc::new(People::of(&community));
        *known = Some((community, people.clone()));
        people
    }
}

pub(super) fn name(community: &Community, device: &Device) -> Option<String> {
    let label = device.label.as_ref()?;
    label.open(community.keyring.label_key(label.epoch)?, device.record.device).ok()
}
