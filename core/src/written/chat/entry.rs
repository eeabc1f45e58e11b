//! One entry of a list as a draft, or why it is none.

use super::{
    Draft, ENTRY, Reason,
    form::labelled,
    goods,
    line::Entry,
    person,
    place::Finder,
    reach::{CUT, dialled},
    words,
};
use crate::written::{
    About, Because, Reading, Refusal,
    door::{Door, RELATIONS, SEVERAL},
    numeral,
};

/// Why there is no draft, and the door where that is sure.
type Stop = (Reason, Option<Door>);

/// Reads an entry.
pub(super) fn read(entry: &Entry, finder: &Finder<'_>) -> Result<Draft, Stop> {
    let around = finder.around;
    if entry.text.len() > ENTRY {
        return Err((Reason::TooLong, None));
    }
    if words::is_emergency(&entry.text) {
        return Err((Reason::Emergency, None));
    }
    if entry.crossed {
        return Err((Reason::Change, None));
    }
    if entry.hidden {
        return Err((Reason::HiddenCharacters, None));
    }
    let said = labelled(&entry.text);
    let (text, found) = dialled(&said.text, around.area);
    let chars: Vec<char> = text.chars().collect();
    let place = finder.find(&chars, &entry.given);
    let (rest, door) = match &place {
        Some(place) => {
            let (front, behind) = (&chars[..place.from], &chars[place.to..]);
            beside(front, behind).map_or(Ok(()), |reason| Err((reason, None)))?;
            let front: String = front.iter().collect();
            let front: Vec<char> = words::without_way(&front).chars().collect();
            let rest: Vec<char> = front.iter().chain(&[CUT]).chain(behind).copied().collect();
            (rest, sure(&place.reading))
        }
        None => (chars.clone(), Err(Reason::NoAddress)),
    };
    let (rest, called) = mentioned(&rest);
    let (who, wanted) = match said.who {
        Some(who) => (Some(who), spaced(&rest)),
        None => person_of(&rest, around.goods.is_some()),
    };
    let known = door.as_ref().ok().cloned();
    let doubt = [
        (words::is_cancelled(&text), Reason::Cancelled),
        (words::is_changed(&text, &wanted), Reason::Change),
        (words::refers(&wanted), Reason::Refers),
    ];
    if let Some((_, reason)) = doubt.iter().find(|(holds, _)| *holds) {
        return Err((*reason, known));
    }
    let address = door.map_err(|reason| (reason, None))?;
    if another(&wanted, finder, &address) {
        return Err((Reason::SeveralAddresses, known));
    }
    let (items, note) = goods::items(&wanted, around.goods).map_err(|reason| (reason, known))?;
    let note = joined([said.note, note, called]);
    Ok(Draft { lines: entry.lines.clone(), address, items, who, phones: found, note })
}

/// Takes `@小陈` out of a text: somebody is spoken to, who wants nothing.
fn mentioned(rest: &[char]) -> (Vec<char>, Option<String>) {
    let Some(at) = rest.iter().position(|c| *c == '@') else { return (rest.to_vec(), None) };
    let len = rest[at..].iter().take_while(|c| !c.is_whitespace() && **c != CUT).count();
    let left = rest[..at].iter().chain(&rest[at + len..]).copied().collect();
    (left, Some(rest[at..at + len].iter().collect()))
}

fn joined(notes: [Option<String>; 3]) -> Option<String> {
    let notes: Vec<String> = notes.into_iter().flatten().filter(|note| !note.is_empty()).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// The door, where it is a room of the register.
fn sure(reading: &Reading<Door>) -> Result<Door, Reason> {
    match reading {
        Reading::Read(door) if door.room.is_some() => Ok(door.clone()),
        Reading::Read(_) => Err(Reason::NoAddress),
        Reading::Refuse(refusal) => Err(match refusal {
            Refusal::NoSuchBuilding => Reason::NoSuchBuilding,
            Refusal::NoSuchUnit => Reason::NoSuchUnit,
            Refusal::NoSuchRoom => Reason::NoSuchRoom,
            Refusal::OtherCompound => Reason::OtherCompound,
            Refusal::HiddenCharacters => Reason::HiddenCharacters,
            _ => Reason::NoAddress,
        }),
        Reading::Ask(question) => Err(match (question.about, question.because) {
            (_, Because::Relation) => Reason::Relation,
            (_, Because::Several) => Reason::SeveralAddresses,
            (About::Building, Because::Missing) => Reason::BuildingMissing,
            (About::Building, _) => Reason::BuildingAmbiguous,
            (About::Unit, _) => Reason::UnitMissing,
            // A part or a phase that the register does not know.
            (About::Compound, _) => Reason::NoSuchBuilding,
            _ => Reason::Unreadable,
        }),
    }
}

/// What stands right beside a door and makes it another one, or two.
fn beside(front: &[char], behind: &[char]) -> Option<Reason> {
    let (before, after): (String, String) = (front.iter().collect(), behind.iter().take(12).collect());
    let after = after.trim_start_matches([' ', '的', '(']);
    let related = RELATIONS.iter().any(|word| after.starts_with(word) || before.trim_end().ends_with(word));
    if related {
        return Some(Reason::Relation);
    }
    let between = SEVERAL.iter().chain(&["/", "、", "及", "到", "至", "~"]).find_map(|word| after.strip_prefix(word));
    let rest: Vec<char> = between?.trim_start_matches([' ', '到', '为', '成', '在']).chars().collect();
    let digits = numeral::digits(&rest);
    let dashed = rest.get(digits) == Some(&'-') && rest.get(digits + 1).is_some_and(char::is_ascii_digit);
    (digits >= 3 || (digits > 0 && dashed)).then_some(Reason::SeveralAddresses)
}

/// Whether another door stands among what is wanted.
fn another(wanted: &str, finder: &Finder<'_>, address: &Door) -> bool {
    let chars: Vec<char> = wanted.chars().collect();
    let found = finder.find(&chars, &Door::default());
    found.is_some_and(|found| found.is_door() && found.pieces > 1 && found.reading.value() != Some(address))
}

/// A text without marks of what was cut out of it.
fn spaced(rest: &[char]) -> String {
    let text: String = rest.iter().map(|c| if *c == CUT { ' ' } else { *c }).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").replace("( )", " ").replace("()", " ");
    text.trim_matches([' ', ',', ':', ';', '、', '-', '。'])
        .trim_start_matches(')')
        .trim_end_matches('(')
        .trim()
        .to_owned()
}

/// Who it is, and what is left.
fn person_of(rest: &[char], shared: bool) -> (Option<String>, String) {
    let tokens = tokens(rest);
    let word = |(from, to): (usize, usize)| rest[from..to].iter().collect::<String>();
    if let Some(found) = tokens.iter().copied().find(|token| person::is_titled(&word(*token))) {
        return (Some(word(found)), without(rest, found));
    }
    for (from, _) in &tokens {
        let len = person::in_english(&rest[*from..]).or_else(|| person::in_front(&rest[*from..]));
        if let Some(len) = len {
            return (Some(word((*from, from + len))), without(rest, (*from, from + len)));
        }
    }
    let cut = |at: usize| rest[..at].iter().rev().find(|c| !is_sign(**c) || **c == CUT).is_none_or(|c| *c == CUT);
    let ends = |at: usize| rest[at..].iter().find(|c| !is_sign(**c) || **c == CUT).is_none_or(|c| *c == CUT);
    for token in tokens {
        let (behind_cut, before_cut) = (cut(token.0), ends(token.1));
        let said = word(token);
        let left = without(rest, token);
        let alone = behind_cut && before_cut && !said.chars().any(|c| c.is_ascii_digit());
        let placed = (behind_cut || before_cut) && (person::is_name(&said) || is_called(rest, token));
        // What is left must still say what is wanted.
        let named = shared || goods::items(&left, None).err() != Some(Reason::NoItem);
        let between = alone && rest[token.1..].contains(&CUT);
        let placed = placed
            || ((behind_cut || before_cut) && is_apart(rest, token) && !said.chars().any(|c| c.is_ascii_digit()));
        // Where nothing is left, nothing is wanted.
        let only = !left.chars().any(char::is_alphanumeric) && alone && (between || person::is_name(&said));
        if only || ((placed || between) && named && left.chars().any(char::is_alphanumeric)) {
            return (Some(said), left);
        }
    }
    (None, spaced(rest))
}

fn is_sign(c: char) -> bool {
    c == CUT || c.is_whitespace() || ",:;、。()|/!".contains(c)
}

/// Whether a word stands by itself between commas and what was cut out, and a telephone number is next to it.
fn is_apart(rest: &[char], (from, to): (usize, usize)) -> bool {
    let signs = |c: &&char| **c == CUT || !is_sign(**c);
    let (before, after) = (rest[..from].iter().rev().find(signs), rest[to..].iter().find(signs));
    let comma = |c: Option<&char>| c.is_none_or(|c| matches!(*c, ',' | ';' | '、' | CUT));
    let near = comma(rest[..from].iter().rev().find(|c| **c != ' ')) && comma(rest[to..].iter().find(|c| **c != ' '));
    near && (before == Some(&CUT) || after == Some(&CUT)) && rest.iter().filter(|c| **c == CUT).count() > 1
}

/// A name in letters, with a comma or colon behind it and goods in letters behind that: `Anna, milk 2 bottles`.
fn is_called(rest: &[char], (from, to): (usize, usize)) -> bool {
    let letters = rest[from..to].iter().all(char::is_ascii_alphabetic) && rest[from].is_ascii_uppercase();
    let sign = matches!(rest.get(to), Some(',' | ':'));
    let next = rest[to..].iter().find(|c| !is_sign(**c));
    letters && sign && next.is_some_and(|c| c.is_alphabetic())
}

/// Words, as where they begin and end.
fn tokens(rest: &[char]) -> Vec<(usize, usize)> {
    let (mut found, mut from) = (Vec::new(), 0);
    for at in 0..=rest.len() {
        if rest.get(at).is_none_or(|c| is_sign(*c)) {
            if from < at {
                found.push((from, at));
            }
            from = at + 1;
        }
    }
    found
}

/// What is left without one stretch.
fn without(rest: &[char], (from, to): (usize, usize)) -> String {
    let left: Vec<char> = rest[..from].iter().chain(&[' ']).chain(&rest[to..]).copied().collect();
    spaced(&left)
}
