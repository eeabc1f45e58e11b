//! Households, and members who are to be invited.

use super::{
    Around, Beside, Field, Household, Member, Role, Stop, ask,
    cell::{Cells, bare},
    refuse, sure,
};
use crate::written::{
    About, Because, Refusal,
    door::{Around as Known, Field as Part, Register, door, label},
    phone::Phone,
};

/// Words for what a member is to be, in small letters without white space.
const ROLES: [(Role, &[&str]); 4] = [
    (Role::Volunteer, &["志愿者", "志愿", "义工", "团员", "跑腿", "配送员", "代购", "volunteer", "helper"]),
    (
        Role::Leader,
        &[
            "楼长",
            "楼栋长",
            "楼组长",
            "栋长",
            "单元长",
            "门栋长",
            "组长",
            "楼道长",
            "leader",
            "buildingleader",
            "teamleader",
        ],
    ),
    (
        Role::Keeper,
        &[
            "药箱管理员",
            "药品管理员",
            "药箱保管员",
            "保管员",
            "药箱员",
            "药管员",
            "库管",
            "仓管",
            "keeper",
            "boxkeeper",
            "medicineboxkeeper",
        ],
    ),
    (
        Role::Coordinator,
        &[
            "网格员",
            "协调员",
            "协调人",
            "统筹",
            "总协调",
            "总负责",
            "社区协调员",
            "居委会",
            "居委",
            "coordinator",
            "coordinators",
        ],
    ),
];

/// Reads a row of households.
pub(super) fn household(cells: &Cells, around: Around<'_>) -> Result<Household, Stop> {
    let name = cells.person(Field::Name)?;
    let phones = cells.phones(around.area)?;
    let address = cells.address(around.register)?;
    let Some(name) = name else { return ask(About::Name, Because::Missing) };
    Ok(Household { address, name, phones, note: cells.text(Field::Note) })
}

/// Reads a row of members.
pub(super) fn member(cells: &Cells, around: Around<'_>) -> Result<Member, Stop> {
    let name = cells.person(Field::Name)?;
    let Some(name) = name else { return refuse(Refusal::NoName) };
    let role = match cells.get(Field::Role) {
        Some(text) => role(text)?,
        None => return ask(About::Role, Because::Missing),
    };
    let leads = match cells.get(Field::Leads) {
        // Which boxes there are, a list does not know.
        Some(_) if role == Role::Keeper => return ask(About::Box, Because::Unknown),
        None if role == Role::Keeper && cells.has(Field::Leads) => return ask(About::Box, Because::Missing),
        Some(text) => led(text, around.register)?,
        None if role == Role::Leader => return ask(About::Leads, Because::Missing),
        None => Vec::new(),
    };
    let phones = cells.phones(around.area)?;
    Ok(Member { name, role, leads, phones })
}

/// What a word makes of a member; several words are asked about, and so is one that is none of these.
fn role(text: &str) -> Result<Role, Stop> {
    let said = bare(text);
    let known = |word: &str| ROLES.iter().find(|(_, words)| words.contains(&word)).map(|(role, _)| *role);
    if let Some(role) = known(&said) {
        return Ok(role);
    }
    let parts: Vec<Option<Role>> =
        said.split([',', '、', '/', ';', '+', '和', '兼']).filter(|part| !part.is_empty()).map(known).collect();
    let several = parts.len() > 1 && parts.iter().all(Option::is_some);
    ask(About::Role, if several { Because::Several } else { Because::Unknown })
}

/// The buildings of a list such as `3、5` or `3号楼和5号楼`, each as the register has it.
fn led(text: &str, register: Option<&Register>) -> Result<Vec<String>, Stop> {
    let mut found: Vec<String> = Vec::new();
    for part in
        text.split([',', '、', '/', ';', '+', '和', '及', '与', '&', '|', ' ']).filter(|part| !part.trim().is_empty())
    {
        let part = part.trim().trim_end_matches(".0");
        // A day of a spreadsheet, or from one building to another.
        if part.contains(['月', '日', '~', '至', '到']) || part.matches('-').count() > 0 {
            return ask(About::Leads, Because::Ambiguous);
        }
        let building = match register {
            Some(_) => sure(door(part, Known { register, field: Some(Part::Building), given: None }))?.building,
            None => label(part),
        };
        if !found.contains(&building) {
            found.push(building);
        }
    }
    Ok(found)
}

/// Whether two rows have a number in common; none where one of them has none.
fn reached(one: &[Phone], other: &[Phone]) -> Option<bool> {
    let common =
        || one.iter().any(|phone| other.iter().any(|other| phone.e164 == other.e164 && phone.ext == other.ext));
    (!one.is_empty() && !other.is_empty()).then(common)
}

/// How two households behind one door stand.
pub(super) fn households(one: &Household, other: &Household) -> Beside {
    match (bare(&one.name) == bare(&other.name), reached(&one.phones, &other.phones)) {
        (true, Some(true)) => Beside::Same,
        (true, None) if one.phones.is_empty() && other.phones.is_empty() => Beside::Same,
        (true, _) => Beside::Ask(About::Phone, Because::Contradiction),
        // Two people behind one door.
        (false, Some(true)) => Beside::Ask(About::Name, Because::Duplicate),
        (false, _) => Beside::Other,
    }
}

/// How two members of one name or number stand.
pub(super) fn members(one: &Member, other: &Member) -> Beside {
    let named = bare(&one.name) == bare(&other.name);
    match (named, reached(&one.phones, &other.phones)) {
        (true, Some(true)) if one.role == other.role && one.leads == other.leads => Beside::Same,
        (true, Some(true)) => Beside::Ask(About::Role, Because::Contradiction),
        (false, Some(true)) => Beside::Ask(About::Phone, Because::Duplicate),
        (true, None) if one == other => Beside::Same,
        // One name with two numbers is two people, or a slip.
        (true, _) => Beside::Ask(About::Name, Because::Duplicate),
        _ => Beside::Other,
    }
}
