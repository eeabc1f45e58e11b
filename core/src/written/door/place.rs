//! Which part each number of an address is, and whether the register has it.

use super::{
    Around, Door, Field,
    register::{Building, Register},
    slots::{Kind, Odd, Slot, folded, slots},
};
use crate::written::{About, Because, Reading, Refusal};

/// Parts that are said, by the labels of whoever wrote.
#[derive(Clone, Debug, Default)]
struct Said {
    building: Option<String>,
    unit: Option<String>,
    room: Option<String>,
    floor: Option<String>,
    /// Whether the floor is the last that is said.
    ends: bool,
}

type Stop = Box<Reading<Door>>;

fn ask<T>(about: About, because: Because) -> Result<T, Stop> {
    Err(Box::new(Reading::ask(about, because)))
}

fn among<T>(about: About, because: Because, doors: Vec<Door>) -> Result<T, Stop> {
    Err(Box::new(Reading::among(about, because, doors)))
}

fn refuse<T>(refusal: Refusal) -> Result<T, Stop> {
    Err(Box::new(Reading::Refuse(refusal)))
}

/// Reads a folded text.
pub(super) fn read(text: &str, around: Around<'_>) -> Reading<Door> {
    match placed(text, around) {
        Ok(door) => Reading::Read(door),
        Err(stop) => *stop,
    }
}

fn placed(text: &str, around: Around<'_>) -> Result<Door, Stop> {
    if is_another(text) {
        return refuse(Refusal::NotAnAddress);
    }
    if ['甲', '乙', '丙', '丁'].iter().any(|stem| text.contains(&format!("号{stem}楼"))) {
        return ask(About::Building, Because::Ambiguous);
    }
    let Some(register) = around.register else { return unregistered(text) };
    let (rest, compound) = within(text, register);
    if rest.trim().is_empty() && compound {
        return match &register.buildings[..] {
            [only] => Ok(Door { building: only.label.clone(), ..Door::default() }),
            _ => ask(About::Building, Because::Missing),
        };
    }
    let given = around.given.cloned().unwrap_or_default();
    let (named, rest) = called(&rest, register);
    let found = match slots(&rest) {
        Ok(found) => found,
        Err(Odd::Numeral) => return ask(About::Room, Because::Ambiguous),
        Err(Odd::Word(word)) => return unknown(&word, &rest, named.as_deref(), register),
    };
    let (found, other) = outside(found, register);
    if other {
        return refuse(Refusal::OtherCompound);
    }
    let named = named.or_else(|| in_compound(&found, compound, register));
    let said = parts(found, named, &given, around, register)?;
    checked(said, register)
}

/// A telephone number, a time, a date of this century.
fn is_another(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let date = text.len() == 10 && text.starts_with("20") && text.matches('-').count() == 2 && digits == 8;
    let clock = text.split_once(':').is_some_and(|(hour, minute)| {
        hour.len() <= 2 && minute.len() == 2 && hour.bytes().chain(minute.bytes()).all(|c| c.is_ascii_digit())
    });
    date || clock || (digits == text.len() && digits >= 7)
}

/// The text without the compound in front, and whether that stood there.
fn within(text: &str, register: &Register) -> (String, bool) {
    let mut rest = text.trim().to_owned();
    let mut found = false;
    loop {
        let names = register
            .names
            .iter()
            .chain(&register.addresses)
            .map(|name| without_lane(&numbered(&folded(name)), register));
        let digits = numbered(&rest);
        let fits = |name: &String| !name.is_empty() && digits.starts_with(name.as_str());
        let longest = names.filter(fits).max_by_key(String::len);
        let Some(name) = longest else { return (rest, found) };
        // `12` of `12号` is no compound that is called `1`.
        rest = digits[name.len()..].trim_start_matches([' ', ',', '-', ':']).to_owned();
        found = true;
    }
}

/// The name of a compound without the lane at its end, where buildings are called by that: `96弄7号`.
fn without_lane(name: &str, register: &Register) -> String {
    let lanes =
        register.buildings.iter().filter_map(|building| Some(format!("{}弄", building.label.split_once('弄')?.0)));
    let mut front = lanes.filter_map(|lane| name.strip_suffix(lane.as_str()).map(str::to_owned));
    front.next().unwrap_or_else(|| name.to_owned())
}

/// The text with digits for numerals.
fn numbered(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        let numeral = |c: &char| crate::written::numeral::digit(*c).is_some() || *c == '十';
        let run = chars[at..].iter().take_while(|c| numeral(c)).count();
        let value =
            slots(&chars[at..at + run].iter().collect::<String>()).ok().filter(|found| found.len() == 1 && run > 0);
        match value {
            Some(found) => out.push_str(&found[0].value),
            None => out.extend(&chars[at..at + run.max(1)]),
        }
        at += run.max(1);
    }
    out
}

/// Words that make a number a building.
const BUILDINGS: [&str; 6] = ["号楼", "栋", "幢", "座", "#", "号"];

/// A building that is called by its name, or by a label that is no number; and what stands behind it.
fn called(text: &str, register: &Register) -> (Option<String>, String) {
    let digits = numbered(text).trim().to_owned();
    let fits = |name: &String| {
        let rest = digits.strip_prefix(name.as_str())?;
        let runs_on = name.ends_with(is_plain) && rest.starts_with(is_plain);
        (!runs_on).then_some(name.len())
    };
    let found = register.buildings.iter().filter_map(|building| {
        let len = names(building).iter().filter_map(fits).max()?;
        Some((building, len))
    });
    let Some((building, len)) = found.max_by_key(|(_, len)| *len) else { return (None, text.to_owned()) };
    let rest = digits[len..].trim_start();
    let rest = BUILDINGS.iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest);
    (Some(building.label.clone()), rest.to_owned())
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// What a building may be called, beside a number: its name with any word for a building, its label.
fn names(building: &Building) -> Vec<String> {
    let label = Some(folded(&building.label)).filter(|label| label.chars().any(|c| !c.is_ascii_digit()));
    let named = building.name.iter().flat_map(|name| {
        let name = numbered(&folded(name));
        let stem = BUILDINGS.iter().find_map(|word| name.strip_suffix(word)).map(str::to_owned);
        let others =
            stem.into_iter().flat_map(|stem| BUILDINGS.map(|word| format!("{stem}{word}")).into_iter().chain([stem]));
        others.chain([name.clone()]).collect::<Vec<_>>()
    });
    // `88弄3` for `88弄3号`.
    let short = label.as_ref().and_then(|label| label.strip_suffix('号')).map(str::to_owned);
    named.chain(short).chain(label.clone()).collect()
}

/// A word that is no part of an address: a room outside of the units, another compound, or nothing that can be read.
fn unknown(word: &str, rest: &str, named: Option<&str>, register: &Register) -> Result<Door, Stop> {
    for building in &register.buildings {
        let front =
            if named == Some(building.label.as_str()) { Some(rest) } else { numbered_front(rest, &building.label) };
        let Some(front) = front else { continue };
        let room: String = front.chars().filter(|c| *c != ' ').collect();
        if let [(unit, room)] = &building.with_room(&room)[..] {
            return Ok(Door {
                building: building.label.clone(),
                unit: unit.map(str::to_owned),
                room: Some(room.clone()),
            });
        }
        let near = building.rooms.listed.iter().any(|listed| {
            let stem = listed.trim_end_matches(|c: char| c.is_ascii_digit());
            !stem.is_empty() && stem.len() < listed.len() && room.starts_with(stem)
        });
        if near {
            return refuse(Refusal::NoSuchRoom);
        }
    }
    let groups = rest.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count();
    let behind = register.buildings.iter().find_map(|building| numbered_front(rest, &building.label));
    if let Some(behind) = behind.filter(|behind| !behind.contains(|c: char| c.is_ascii_digit())) {
        return if behind.is_empty() {
            ask(About::Address, Because::Unreadable)
        } else {
            ask(About::Room, Because::Unreadable)
        };
    }
    if word.starts_with(['队', '社']) {
        return ask(About::Building, Because::Unreadable);
    }
    let elsewhere = ["苑", "园", "村", "小区", "公寓", "路", "街", "弄", "新村", "花园", "里"];
    let first = rest.trim_start().starts_with(word);
    if first && elsewhere.iter().any(|end| word.contains(end)) && !word.contains('期') {
        return refuse(Refusal::OtherCompound);
    }
    let asked = word.contains('期') || word.contains('区');
    if !asked && groups <= 1 && named.is_none() {
        return ask(About::Building, Because::Missing);
    }
    ask(if asked { About::Compound } else { About::Address }, Because::Unreadable)
}

/// What stands behind a building of this label, with its word.
fn numbered_front<'a>(rest: &'a str, label: &str) -> Option<&'a str> {
    let behind = rest.trim_start().strip_prefix(label)?.trim_start();
    ["号楼", "栋", "幢", "座", "号", "-", "#"].iter().find_map(|word| behind.strip_prefix(word))
}

/// The numbers without those that name the compound, and whether they name another.
fn outside(found: Vec<Slot>, register: &Register) -> (Vec<Slot>, bool) {
    let known: Vec<String> =
        register.names.iter().chain(&register.addresses).map(|name| numbered(&folded(name))).collect();
    let mut other = false;
    let kept = found.into_iter().filter(|slot| {
        let compound = slot.kind == Some(Kind::Compound);
        if compound {
            let named = |sign: &str| known.iter().any(|name| name.contains(&format!("{}{sign}", slot.value)));
            other |= !named("弄") && !named("号院") && !named("院");
        }
        !compound
    });
    (kept.collect(), other)
}

/// `滨河路88弄12号`: behind the compound a number by itself is the building.
fn in_compound(found: &[Slot], compound: bool, register: &Register) -> Option<String> {
    let [Slot { value, kind: Some(Kind::Number) }] = found else { return None };
    register
        .buildings
        .iter()
        .find(|building| compound && building.label == *value)
        .map(|building| building.label.clone())
}

/// Which part each number is: by its word, else by the order of those that are left.
fn parts(
    found: Vec<Slot>,
    named: Option<String>,
    given: &Door,
    around: Around<'_>,
    register: &Register,
) -> Result<Said, Stop> {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut said = Said { building: named, ..Said::default() };
    let mut left = Vec::new();
    for (at, slot) in found.iter().enumerate() {
        let place = match slot.kind {
            Some(Kind::Building) => &mut said.building,
            Some(Kind::Unit) => &mut said.unit,
            Some(Kind::Room) => &mut said.room,
            Some(Kind::Floor) => &mut said.floor,
            Some(Kind::Storey) if said.building.is_some() || !given.building.is_empty() || at > 0 => &mut said.floor,
            Some(Kind::Storey) => {
                storey(slot, &found[at + 1..], register)?;
                &mut said.building
            }
            Some(Kind::Number)
                if at == 0 && found.len() > 1 && said.building.is_none() && given.building.is_empty() =>
            {
                &mut said.building
            }
            Some(Kind::Number) if at == 0 && found.len() == 1 && said.building.as_ref() == Some(&slot.value) => {
                continue;
            }
            Some(Kind::Number) if at > 0 && at + 1 == found.len() && said.room.is_none() => &mut said.room,
            Some(Kind::Number | Kind::Compound) | None => {
                left.push(slot.value.clone());
                continue;
            }
        };
        if place.as_ref().is_some_and(|before| *before != slot.value) {
            return ask(About::Building, Because::Contradiction);
        }
        *place = Some(slot.value.clone());
    }
    said.ends = matches!(found.last(), Some(Slot { kind: Some(Kind::Floor | Kind::Storey), .. })) && found.len() > 1;
    if let (Some(field), [only]) = (around.field, &left[..]) {
        let place = match field {
            Field::Building => &mut said.building,
            Field::Unit => &mut said.unit,
            Field::Room => &mut said.room,
        };
        place.get_or_insert(only.clone());
        left.clear();
    }
    fill(&mut said, &left, given, register)?;
    for (mine, theirs) in [
        (&mut said.building, filled(&given.building)),
        (&mut said.unit, given.unit.clone()),
        (&mut said.room, given.room.clone()),
    ] {
        match (mine.as_ref(), theirs) {
            (Some(one), Some(other)) if *one != folded(&other) => return ask(About::Building, Because::Contradiction),
            (None, theirs) => *mine = theirs,
            _ => {}
        }
    }
    Ok(said)
}

/// A number with 楼 in front of all others: the building only where that floor cannot hold the room.
fn storey(slot: &Slot, behind: &[Slot], register: &Register) -> Result<(), Stop> {
    let room = behind.iter().rfind(|slot| matches!(slot.kind, None | Some(Kind::Room)));
    let floor = |room: &str| room.len().checked_sub(2).and_then(|end| room.get(..end)) == Some(slot.value.as_str());
    let there = register.buildings.iter().any(|building| building.label == slot.value);
    match room {
        Some(room) if !floor(&room.value) && there => Ok(()),
        _ if there => ask(About::Building, Because::Ambiguous),
        _ => ask(About::Building, Because::Missing),
    }
}

/// Numbers without a word, in the order building, unit, room.
fn fill(said: &mut Said, left: &[String], given: &Door, register: &Register) -> Result<(), Stop> {
    let building = said.building.is_some() || !given.building.is_empty();
    let unit = said.unit.is_some() || given.unit.is_some();
    let (before, room) = (said.building.clone(), said.room.is_some());
    let ends = said.ends && !room;
    let known = before.clone().or_else(|| Some(given.building.clone()));
    let of = |label: Option<&String>| register.buildings.iter().find(|one| Some(&folded(&one.label)) == label);
    let mut set = |b: Option<&String>, u: Option<&String>, r: Option<&String>| {
        for (place, value) in [(&mut said.building, b), (&mut said.unit, u), (&mut said.room, r)] {
            if let Some(value) = value {
                place.get_or_insert(value.clone());
            }
        }
        Ok(())
    };
    let label = |value: &String| register.buildings.iter().any(|building| folded(&building.label) == *value);
    let (only, roomed) = (register.buildings.len() == 1, room);
    match left {
        [] => Ok(()),
        [b, u, r] if building && given.building == **b => set(None, Some(u), Some(r)),
        [_, _, _] if building && !label(&left[0]) => ask(About::Address, Because::Ambiguous),
        [b, u, r] if before.as_ref() == Some(b) => set(None, Some(u), Some(r)),
        [_, _, _] if building => ask(About::Building, Because::Contradiction),
        // Where there are no units, the number between is the floor.
        [b, f, r] if of(Some(b)).is_some_and(|building| building.units.is_empty()) => {
            set(Some(b), None, Some(r))?;
            said.floor.get_or_insert(f.clone());
            Ok(())
        }
        // `2-5-1`: unit, floor and door where nothing is called by the first.
        [u, f, d] if !label(u) && d.len() <= 2 && has_door(register, u, f, d) => ask(About::Building, Because::Missing),
        [b, u, r] => set(Some(b), Some(u), Some(r)),
        [_, _, r, d] if r.len() >= 3 && d.len() >= 3 => ask(About::Address, Because::Several),
        [_, _, r, _] if r.len() >= 3 => ask(About::Room, Because::Ambiguous),
        // A floor, and a door of it.
        [b, u, f, d] if !building && !roomed && label(b) => {
            set(Some(b), Some(u), Some(d))?;
            said.floor.get_or_insert(f.clone());
            Ok(())
        }
        [b, u] if roomed && !building && !unit => set(Some(b), Some(u), None),
        [u] if roomed && building && !unit => set(None, Some(u), None),
        // `5-1-3楼`: a unit and a floor of it, and no door.
        [b, u] if ends && !building && !unit => set(Some(b), Some(u), None),
        [u] if ends && building && !unit => set(None, Some(u), None),
        [b] if roomed && !building && (unit || label(b)) => set(Some(b), None, None),
        [r, more]
            if building && of(known.as_ref()).is_some_and(|one| one.rooms.find(&format!("{r}-{more}")).is_some()) =>
        {
            set(None, None, Some(&format!("{r}-{more}")))
        }
        [u, r] if building && !unit => set(None, Some(u), Some(r)),
        [r] if building => set(None, None, Some(r)),
        [b, r] if only && label(b) => among(About::Unit, Because::Ambiguous, doors(&register.buildings[0], r)),
        [u, r] if only && !unit => set(None, Some(u), Some(r)),
        [r] if only => set(None, None, Some(r)),
        [_, _] if building => ask(About::Address, Because::Several),
        [b, r] if unit => set(Some(b), None, Some(r)),
        [b, r] if r.len() >= 3 || !r.bytes().all(|c| c.is_ascii_digit()) || label(b) => set(Some(b), None, Some(r)),
        // `B1203`: building B, or B1.
        [run] if run.starts_with(char::is_alphabetic) => ask(About::Building, Because::Ambiguous),
        [run] if run.len() >= 5 => ask(About::Address, Because::Ambiguous),
        [_] => ask(About::Building, Because::Missing),
        _ => ask(About::Address, Because::Ambiguous),
    }
}

/// Whether some building has a unit with that door on that floor.
fn has_door(register: &Register, unit: &str, floor: &str, door: &str) -> bool {
    let units = register.buildings.iter().flat_map(|building| &building.units);
    let room = format!("{floor}{door:0>2}");
    units.filter(|known| folded(&known.label) == unit).any(|unit| unit.rooms.find(&room).is_some())
}

/// Every door of a building that has this room.
fn doors(building: &Building, room: &str) -> Vec<Door> {
    let door = |(unit, room): (Option<&str>, String)| Door {
        building: building.label.clone(),
        unit: unit.map(str::to_owned),
        room: Some(room),
    };
    building.with_room(room).into_iter().map(door).collect()
}

/// The parts as the register has them.
fn checked(mut said: Said, register: &Register) -> Result<Door, Stop> {
    let Some(label) = said.building.take() else {
        return match &register.buildings[..] {
            [only] => checked_in(only, &said),
            _ => ask(About::Building, Because::Missing),
        };
    };
    let worded = |building: &&Building| {
        let known = folded(&building.label);
        known == label || known == format!("{label}组")
    };
    let exact = register.buildings.iter().find(|building| folded(&building.label) == label);
    match exact.or_else(|| register.buildings.iter().find(worded)) {
        Some(building) => checked_in(building, &said),
        None => parts_of(&label, &said, register),
    }
}

/// A number that several parts of the compound may have: `3` of `E3` and `W3`.
fn parts_of(label: &str, said: &Said, register: &Register) -> Result<Door, Stop> {
    let tail = |text: &str| text.chars().skip_while(|c| !c.is_ascii_digit()).collect::<String>();
    let named = |building: &&Building| {
        let known = building.name.as_ref().map_or_else(|| folded(&building.label), |name| numbered(&folded(name)));
        let after = known.rsplit(['区', '村', '弄', '老']).next().unwrap_or_default().to_owned();
        let after = tail(&after);
        after.strip_prefix(label).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let found: Vec<&Building> = register.buildings.iter().filter(named).collect();
    match found[..] {
        [] => refuse(Refusal::NoSuchBuilding),
        [only] => among(About::Building, Because::Ambiguous, checked_in(only, said).ok().into_iter().collect()),
        _ => among(
            About::Building,
            Because::Ambiguous,
            found.iter().filter_map(|one| checked_in(one, said).ok()).collect(),
        ),
    }
}

fn checked_in(building: &Building, said: &Said) -> Result<Door, Stop> {
    let door = |unit: Option<&str>, room: Option<String>| Door {
        building: building.label.clone(),
        unit: unit.map(str::to_owned),
        room,
    };
    let unit = match &said.unit {
        Some(unit) => match building.units.iter().find(|known| folded(&known.label) == *unit) {
            Some(known) => Some(known),
            None => return refuse(Refusal::NoSuchUnit),
        },
        None => None,
    };
    let Some(room) = &said.room else {
        return if said.floor.is_some() {
            ask(About::Room, Because::Missing)
        } else {
            Ok(door(unit.map(|unit| unit.label.as_str()), None))
        };
    };
    let floor = said.floor.as_deref();
    // `18层4号`: a door of a floor.
    let whole = match floor {
        Some(floor) if room.len() <= 2 && room.bytes().all(|c| c.is_ascii_digit()) => format!("{floor}{room:0>2}"),
        Some(floor) if room.chars().count() == 1 => format!("{floor}{room}"),
        _ => room.clone(),
    };
    let found: Vec<(Option<&str>, String)> = match unit {
        Some(unit) => unit.rooms.find(&whole).map(|room| (Some(unit.label.as_str()), room)).into_iter().collect(),
        None => building.with_room(&whole),
    };
    if let (Some(floor), Some((_, room))) = (floor, found.first()) {
        let digits: String = room.chars().take_while(char::is_ascii_digit).collect();
        let own = if digits.len() == room.len() { &room[..room.len().saturating_sub(2)] } else { digits.as_str() };
        if own != floor {
            return ask(About::Room, Because::Contradiction);
        }
    }
    match &found[..] {
        [] => refuse(Refusal::NoSuchRoom),
        [(unit, room)] => Ok(door(*unit, Some(room.clone()))),
        _ => among(About::Unit, Because::Ambiguous, doors(building, &whole)),
    }
}

/// Without a register: parts that are named, and three numbers in the usual order.
fn unregistered(text: &str) -> Result<Door, Stop> {
    let found = match slots(text) {
        Ok(found) => found,
        Err(Odd::Numeral) => return ask(About::Room, Because::Ambiguous),
        Err(Odd::Word(_)) => return ask(About::Address, Because::Unreadable),
    };
    let of = |kind: Kind| found.iter().find(|slot| slot.kind == Some(kind)).map(|slot| slot.value.clone());
    let bare: Vec<String> = found.iter().filter(|slot| slot.kind.is_none()).map(|slot| slot.value.clone()).collect();
    let (building, unit, room) = (of(Kind::Building), of(Kind::Unit), of(Kind::Room));
    let number = |value: &String| value.bytes().all(|c| c.is_ascii_digit());
    if found.iter().any(|slot| matches!(slot.kind, Some(Kind::Number | Kind::Compound | Kind::Storey | Kind::Floor))) {
        let about = if building.is_some() { About::Address } else { About::Building };
        return ask(about, if building.is_some() { Because::Ambiguous } else { Because::Missing });
    }
    match (building, &bare[..]) {
        (Some(building), []) => Ok(Door { building, unit, room }),
        (Some(building), [last]) if room.is_none() => Ok(Door { building, unit, room: Some(last.clone()) }),
        (None, [building, unit, room]) if found.len() == 3 && unit.len() <= 2 && (room.len() >= 3 || !number(room)) => {
            Ok(Door { building: building.clone(), unit: Some(unit.clone()), room: Some(room.clone()) })
        }
        (None, [building, room]) if found.len() == 2 && building.len() <= 3 && (room.len() >= 3 && number(room)) => {
            Ok(Door { building: building.clone(), unit: None, room: Some(room.clone()) })
        }
        (None, [_] | []) => ask(About::Building, Because::Missing),
        _ => ask(About::Address, Because::Ambiguous),
    }
}
