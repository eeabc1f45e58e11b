//! Where in a line a door is said, and which.

use super::{Around, reach::digits};
use crate::written::{
    About, Reading, Refusal,
    door::{self, Door},
    numeral,
    plain::{is_han, plain, spaces, starts},
    unit,
};

/// Places of a line at which a door is looked for.
const TRIES: usize = 12;
/// Numbers that are taken together as one door.
const PIECES: usize = 7;
/// Characters of a label behind an English word.
const LABEL: usize = 5;

/// A door, or what looks like one, in a line.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its first character.
    pub(super) from: usize,
    /// Behind its last.
    pub(super) to: usize,
    pub(super) reading: Reading<Door>,
    /// How many numbers and names it is made of.
    pub(super) pieces: usize,
}

impl Place {
    /// Whether it is a room of the register.
    pub(super) fn is_door(&self) -> bool {
        self.reading.value().is_some_and(|door| door.room.is_some())
    }

    /// The building or unit that it names, where it names no room.
    pub(super) fn above_rooms(&self) -> Option<&Door> {
        self.reading.value().filter(|door| door.room.is_none())
    }
}

/// A number with its word, or a name, as a part of an address.
#[derive(Clone, Copy, Debug)]
struct Piece {
    end: usize,
    /// Whether a space or a comma stands before it.
    loose: bool,
    /// Whether a word makes it a part of an address.
    word: bool,
    digits: usize,
    /// Whether a name of goods may begin with it: `84消毒液`.
    doubtful: bool,
    /// Whether its word is one for a room, behind which something else may begin at once.
    room: bool,
}

impl Piece {
    fn of(end: usize, gap: Gap) -> Self {
        Self { end, loose: gap == Gap::Loose, word: false, digits: 0, doubtful: false, room: false }
    }
}

/// Words behind a number of an address; the longer stand before those that they begin with.
const BEHIND: [&str; 30] = [
    "号楼", "號樓", "#楼", "单元", "單元", "号院", "号门", "栋", "棟", "幢", "座", "门", "門", "楼", "樓", "层", "層",
    "/F", "室", "房", "户", "弄", "院", "号", "號", "#", "组", "村", "队", "区",
];
/// Words in front of one.
const BEFORE: [&str; 13] = [
    "building",
    "bldg",
    "block",
    "tower",
    "unit",
    "room",
    "rm",
    "flat",
    "apartment",
    "apt",
    "floor",
    "staircase",
    "no",
];
/// What makes a number something else: a time, a sum, an age, a share.
const OTHERS: [&str; 17] =
    ["年", "月", "日", "点", "元", "块", "岁", "天", "次", "%", "℃", "度", "折", "分钟", "小时", "周", "人"];

/// Looks for doors in the lines of one list.
pub(super) struct Finder<'a> {
    pub(super) around: Around<'a>,
    /// Names of the register with which an address may begin.
    names: Vec<Vec<char>>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(around: Around<'a>) -> Self {
        Self { around, names: names(around) }
    }

    /// The first door of a line, else what looks most like one. `given` is what a heading said.
    pub(super) fn find(&self, text: &[char], given: &Door) -> Option<Place> {
        let (mut at, mut tries, mut best) = (0, 0, None);
        while at < text.len() && tries < TRIES {
            let begun = begins(text, at, &self.names);
            let pieces = if begun { pieces(text, at, &self.names) } else { Vec::new() };
            let Some(last) = pieces.last() else {
                at += 1;
                continue;
            };
            tries += 1;
            let place = read(text, region(text, at), &pieces, self.around, given);
            if place.is_door() {
                return Some(place);
            }
            let end = last.end;
            if best.is_none() && looks(text, at, &pieces) {
                best = Some(place);
            }
            at = end.max(at + 1);
        }
        best
    }
}

/// Names of the compound and of its buildings, of two characters and more.
fn names(around: Around<'_>) -> Vec<Vec<char>> {
    let Some(register) = around.register else { return Vec::new() };
    let buildings = register.buildings.iter().flat_map(|building| building.name.iter().chain([&building.label]));
    let named = register.names.iter().chain(&register.addresses).chain(buildings);
    let worded = |name: &Vec<char>| name.len() > 1 && name.iter().any(|c| is_han(*c));
    let mut names: Vec<Vec<char>> = named.map(|name| plain(name).chars().collect()).filter(worded).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}

/// Whether an address may begin here: not within a word or a number.
fn begins(text: &[char], at: usize, names: &[Vec<char>]) -> bool {
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    let inside = before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '*' | '×'));
    let named = names.iter().any(|name| text[at..].starts_with(name));
    named || (!inside && !text[at].is_whitespace())
}

/// Where a name of another part, or of another compound, begins that touches an address: `南区3号楼`, `下溪村3组`.
fn region(text: &[char], at: usize) -> usize {
    const ENDS: &str = "区期村苑园院里弄路街城府庭坊屯庄寓厦湾邸巷组队社东西南北老新";
    let part = |c: &&char| is_han(**c) || c.is_ascii_digit();
    let run = text[..at].iter().rev().take_while(part).count();
    let ends = at.checked_sub(1).is_some_and(|last| ENDS.contains(text[last]));
    if ends { at - run } else { at }
}

fn pieces(text: &[char], from: usize, names: &[Vec<char>]) -> Vec<Piece> {
    let (mut at, mut found, mut stroked) = (from, Vec::<Piece>::new(), false);
    while found.len() < PIECES {
        let gap =
            text[at..].iter().take_while(|c| matches!(c, ' ' | '-' | ',' | '/' | '.' | '·' | '_' | '~' | '第')).count();
        if found.is_empty() && gap > usize::from(text[at] == '第') {
            break;
        }
        let loose = text[at..at + gap].iter().any(|c| matches!(c, ' ' | ','));
        // `3/2/1804` is one door, and `2-1804/1805` are two.
        let stroke = text[at..at + gap].contains(&'/');
        stroked |= stroke && matches!(found[..], [Piece { digits: 1..=2, .. }]);
        if stroke && !stroked {
            break;
        }
        let next = at + gap;
        let Some(rest) = text.get(next..).filter(|rest| !rest.is_empty()) else { break };
        if let Some(name) = names.iter().find(|name| rest.starts_with(name)) {
            at = next + name.len();
            // `东区` of a building that is called by it, and its word.
            at += behind(&text[at..]).unwrap_or(0);
            let gap = if loose { Gap::Loose } else { Gap::Worded };
            found.push(Piece { word: true, ..Piece::of(at, gap) });
            continue;
        }
        let gap = match (found.last(), gap) {
            (None, _) => Gap::First,
            (Some(_), 1..) if loose => Gap::Loose,
            (Some(_), 1..) => Gap::Dash,
            (Some(last), 0) if last.word => Gap::Worded,
            (Some(_), 0) => break,
        };
        let Some(piece) = numbered(text, next, gap) else { break };
        at = piece.end;
        found.push(piece);
    }
    found
}

/// How a number hangs on the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    First,
    /// A space or a comma.
    Loose,
    /// A dash or another sign of addresses.
    Dash,
    /// Nothing, behind a word of an address.
    Worded,
}

/// A number, letter or numeral with its word.
fn numbered(text: &[char], from: usize, gap: Gap) -> Option<Piece> {
    if let Some(at) = announced(text, from) {
        let run = text[at..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        let end = at + run;
        let fits = (1..=LABEL).contains(&run);
        return fits.then(|| Piece { word: true, digits: digits(&text[at..end]), ..Piece::of(end, gap) });
    }
    let run = label(&text[from..]);
    if run > 0 {
        return labelled(text, from, from + run, gap);
    }
    // `甲3号楼` is another building than 3.
    let stem = matches!(text[from], '甲' | '乙' | '丙' | '丁');
    let run = if stem { label(&text[from + 1..]) } else { 0 };
    if run > 0 {
        return labelled(text, from + 1, from + 1 + run, gap);
    }
    let numerals = |c: &char| numeral::digit(*c).is_some() || matches!(c, '十' | '百' | '甲' | '乙' | '丙' | '丁');
    let run = text[from..].iter().take_while(|c| numerals(c)).count();
    let end = from + run;
    if run == 0 {
        return None;
    }
    if let Some((end, room)) = word_at(text, end) {
        return Some(Piece { word: true, room, ..Piece::of(beside(text, end), gap) });
    }
    let joined = text.get(end) == Some(&'-') && text.get(end + 1).is_some_and(|c| c.is_ascii_digit() || numerals(c));
    let hangs = matches!(gap, Gap::Dash | Gap::Worded) && !counts(text, end);
    (joined || hangs).then(|| Piece::of(end, gap))
}

/// The same for one in digits and letters.
fn labelled(text: &[char], from: usize, end: usize, gap: Gap) -> Option<Piece> {
    let run = &text[from..end];
    let count = digits(run);
    let (letters, number) = (run.iter().any(|c| c.is_alphabetic()), count == run.len());
    let hangs = matches!(gap, Gap::Dash | Gap::Worded);
    if number && count >= 7 {
        return None;
    }
    if let Some((end, room)) = word_at(text, end) {
        return Some(Piece { word: true, digits: count, room, ..Piece::of(beside(text, end), gap) });
    }
    let clock = number && text.get(end) == Some(&':') && text.get(end + 1).is_some_and(char::is_ascii_digit);
    let other = OTHERS.iter().any(|word| starts(&text[end..], word));
    let unit = || text[from..].iter().position(|c| c.is_alphabetic()).is_some_and(|at| unit_at(text, from + at));
    let measured = letters && !hangs && unit();
    let counted = counts(text, end) && !(hangs && count >= 3);
    if clock || other || measured || counted || count == 0 {
        return None;
    }
    let side = text.get(end).is_some_and(|c| matches!(c, '东' | '西' | '南' | '北' | '中'))
        && matches!(text.get(end + 1), None | Some(' ' | '户' | '室' | ','));
    let end = if side { end + 1 } else { doubt(text, end) };
    let doubtful = !hangs && count <= 3 && text.get(end).is_some_and(|c| is_han(*c));
    Some(Piece { digits: count, doubtful, ..Piece::of(end, gap) })
}

/// Signs of doubt behind a number belong to it.
fn doubt(text: &[char], end: usize) -> usize {
    let signs = text[end..].iter().take_while(|c| matches!(c, '?' | '*')).count();
    let masked = signs > 1 || text.get(end) == Some(&'?');
    if !masked {
        return end;
    }
    end + signs + text[end + signs..].iter().take_while(|c| c.is_ascii_digit()).count()
}

/// The end of an annex behind a number, as in `12号附1`; where there is none, the end that was given.
fn beside(text: &[char], end: usize) -> usize {
    if text.get(end) != Some(&'附') {
        return end;
    }
    end + 1 + text[end + 1..].iter().take_while(|c| c.is_ascii_digit() || numeral::digit(**c).is_some()).count()
}

/// An English word in front of a number, and where that begins.
fn announced(text: &[char], from: usize) -> Option<usize> {
    let letters = text[from..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let word: String = text[from..from + letters].iter().map(char::to_ascii_lowercase).collect();
    let sign = |c: &&char| matches!(c, ' ' | '.' | '#' | ':');
    let at = from + letters + text[from + letters..].iter().take_while(sign).count();
    BEFORE.contains(&word.as_str()).then_some(at)
}

/// Characters of a number with its letters, a look-alike of another script among digits included.
fn label(text: &[char]) -> usize {
    let alike = |c: &char| c.is_ascii_alphanumeric() || (c.is_alphabetic() && !is_han(*c) && !c.is_ascii());
    let run = text.iter().take_while(|c| alike(c)).count();
    let number = text[..run].iter().any(char::is_ascii_digit);
    // A letter by itself is a building where its word says so.
    let lettered = (1..=2).contains(&run) && behind(&text[run..]).is_some();
    if run <= 8 && (number || lettered) { run } else { 0 }
}

/// Characters of a word of an address that stands here.
fn behind(text: &[char]) -> Option<usize> {
    let word = BEHIND.iter().find(|word| starts(text, word))?;
    let len = word.chars().count();
    // 门口, 楼下 and 区间 are no parts of a door.
    let more: &[char] = match *word {
        "门" | "門" => &['口', '外', '卫', '岗', '诊', '铃', '把'],
        "楼" | "樓" => &['上', '下', '道', '梯', '栋', '长'],
        "户" => &['外', '口', '型', '主'],
        "房" => &['门', '间', '东', '客'],
        "村" | "区" | "队" => &['里', '别', '长', '友'],
        _ => &[],
    };
    (!text.get(len).is_some_and(|c| more.contains(c))).then_some(len)
}

/// Where the word of an address behind a number ends, and whether it is one for a room.
fn word_at(text: &[char], end: usize) -> Option<(usize, bool)> {
    let near = end + spaces(&text[end..]);
    let len = behind(text.get(near..)?)?;
    Some((near + len, matches!(text[near], '室' | '房' | '户')))
}

fn unit_at(text: &[char], at: usize) -> bool {
    let Some(rest) = text.get(at..) else { return false };
    let strength = ["mg", "mcg", "ug", "μg", "cm", "mm"].iter().any(|word| starts(rest, word));
    strength || unit::longest(rest).is_some()
}

/// Whether what follows makes the number before an amount: a unit, a sign of multiplication.
fn counts(text: &[char], end: usize) -> bool {
    let near = end + spaces(&text[end..]);
    let Some(rest) = text.get(near..).filter(|rest| !rest.is_empty()) else { return false };
    let times = matches!(rest[0], '*' | '×' | 'x') && rest.get(1).is_some_and(char::is_ascii_digit);
    // `904两箱`: two of them.
    let two = rest[0] == '两' && unit_at(text, near + 1);
    times || (unit_at(text, near) && !two)
}

/// Whether this is meant as a door, though it may be none.
fn looks(text: &[char], from: usize, pieces: &[Piece]) -> bool {
    let [first, rest @ ..] = pieces else { return false };
    let front = from == 0 || !text[..from].iter().any(|c| c.is_alphanumeric());
    let lone = rest.is_empty() && !first.word;
    match rest {
        _ if pieces.iter().any(|piece| piece.word && piece.digits > 0) => true,
        [next, ..] if !next.loose => true,
        [next, ..] if !next.doubtful && front => true,
        _ if lone => first.digits >= 3 && !first.doubtful,
        _ => first.word || (front && first.digits >= 3),
    }
}

/// What the pieces say: as many as make a door together, from all of them down.
fn read(text: &[char], from: usize, pieces: &[Piece], around: Around<'_>, given: &Door) -> Place {
    let beside = door::Around { register: around.register, given: Some(given), field: None };
    let said = |count: usize| {
        let to = pieces[count - 1].end;
        let words: String = text[from..to].iter().collect();
        Place { from, to, reading: door::door(&words, beside), pieces: count }
    };
    // What a dash joins is one.
    let ends = |count: &usize| pieces[count - 1].room || pieces.get(*count).is_none_or(|next| next.loose);
    let cuts: Vec<usize> = (1..=pieces.len()).filter(ends).collect();
    let places = || cuts.iter().rev().map(|count| said(*count));
    if let Some(place) = places().find(Place::is_door) {
        return place;
    }
    let roomed = |count: &&usize| pieces[**count - 1].digits >= 3 || **count > 2;
    let mut count = cuts.iter().find(roomed).or(cuts.last()).copied().unwrap_or(pieces.len());
    // `Apt 1804, Bldg 3`: what has a word belongs to what has one.
    while pieces[count - 1].word && pieces.get(count).is_some_and(|next| next.word) {
        count += 1;
    }
    let place = said(count);
    // Behind a building that is sure stands something else.
    match cuts.first().map(|first| said(*first)) {
        Some(first) if matches!(place.reading, Reading::Refuse(Refusal::NotAnAddress)) => first,
        Some(first) if first.above_rooms().is_some() && about(&place.reading) == Some(About::Address) => first,
        _ => place,
    }
}

fn about(reading: &Reading<Door>) -> Option<About> {
    match reading {
        Reading::Ask(question) => Some(question.about),
        Reading::Read(_) | Reading::Refuse(_) => None,
    }
}
