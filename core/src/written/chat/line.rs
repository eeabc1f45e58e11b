//! A list as entries: which lines belong together, which building a heading gives, and what is no order at all.

use super::{
    ENTRY, LINES,
    form::{filled, is_labelled},
    place::{Finder, Place},
    reach::{CUT, dialled},
    words,
};
use crate::written::{
    About, Because, Reading,
    door::Door,
    lists::{Field, Kind, named},
    numeral,
    phone::phones,
    plain::{is_turning, plain, spaces},
    quantity::{item, words::is_note},
    unit,
};

/// Makes a key of the digit before it.
const KEY: char = '\u{20e3}';
/// Columns that make a line one of a table.
const COLUMNS: usize = 3;

/// Lines that are one order, or should be.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Numbers of its lines, from 1.
    pub(super) lines: Vec<usize>,
    /// Its plain text, lines parted by commas.
    pub(super) text: String,
    /// Whether characters stand in it that show something else than they say.
    pub(super) hidden: bool,
    /// Whether a cross stands over it.
    pub(super) crossed: bool,
    /// What a heading said.
    pub(super) given: Door,
    numbered: bool,
    labelled: bool,
    placed: bool,
    wants: bool,
}

/// The lines of a text, by any kind of line end.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // `\r\n` is one end, and leaves no line behind it.
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// One line, and what is seen of it before others are.
struct Line<'a> {
    at: usize,
    raw: &'a str,
    /// Without its number.
    body: String,
    number: Option<u32>,
}

impl Line<'_> {
    /// What may be goods of it: without door and telephone.
    fn goods(&self, finder: &Finder<'_>) -> String {
        let (text, _) = dialled(&self.body, finder.around.area);
        let chars: Vec<char> = text.chars().map(|c| if c == CUT { ' ' } else { c }).collect();
        let place = finder.find(&chars, &Door::default());
        let (from, to) = place.map_or((0, 0), |place| (place.from, place.to));
        chars[..from].iter().chain(&[' ']).chain(&chars[to..]).collect()
    }
}

/// Goes through the lines, and keeps what a line says for those below it.
struct Walk<'a> {
    finder: &'a Finder<'a>,
    given: Door,
    /// The number of the last line that had one.
    last: u32,
    open: Option<Entry>,
    /// What the columns say of rows that were copied out of a spreadsheet, where a line with their headings stood.
    columns: Vec<Option<Field>>,
    done: Vec<Entry>,
    skipped: Vec<usize>,
}

/// The entries of a list. Lines that are none go to `skipped`.
pub(super) fn entries(text: &str, finder: &Finder<'_>, skipped: &mut Vec<usize>) -> Vec<Entry> {
    let mut walk = Walk {
        finder,
        given: Door::default(),
        last: 0,
        open: None,
        columns: Vec::new(),
        done: Vec::new(),
        skipped: std::mem::take(skipped),
    };
    for (at, raw) in lines(text).enumerate() {
        walk.line(at + 1, raw);
    }
    walk.close();
    *skipped = walk.skipped;
    walk.done
}

impl Walk<'_> {
    fn close(&mut self) {
        self.done.extend(self.open.take());
    }

    fn skip(&mut self, at: usize) {
        self.close();
        self.skipped.push(at);
    }

    fn line(&mut self, at: usize, raw: &str) {
        let whole: String = keyed(&plain(raw)).chars().filter(|c| !words::is_picture(*c)).collect();
        let whole = whole.trim();
        if whole.is_empty() {
            let nothing = plain(raw).is_empty();
            return if nothing { self.close() } else { self.skip(at) };
        }
        if let Some(form) = self.row(raw) {
            return self.put_row(at, raw, form);
        }
        let (number, body) = self.unnumbered(whole);
        self.last = number.unwrap_or(self.last);
        let line = Line { at, raw, body, number };
        if line.body.is_empty() || words::is_example(&line.body) {
            return self.skip(at);
        }
        if words::is_emergency(&line.body) {
            self.close();
            self.begin(&line, false);
            return self.close();
        }
        let chars: Vec<char> = line.body.chars().collect();
        let place = self.finder.find(&chars, &self.given);
        if line.number.is_none() {
            if words::is_total(&line.body) {
                return self.skip(at);
            }
            // A building of its own, or a unit of the one above.
            let free = self.finder.find(&chars, &Door::default());
            if let Some(door) = [free, place.clone()].iter().flatten().find_map(|place| heading(&chars, place)) {
                self.given = door;
                return self.skip(at);
            }
        }
        let sure = place.as_ref().is_some_and(Place::is_door);
        if !sure && ((line.number.is_none() && words::is_talk(&line.body)) || is_stamped(&line.body)) {
            return self.skip(at);
        }
        self.put(&line, place.as_ref());
    }

    /// Begins an entry, goes on with the one above, or leaves the line aside.
    fn put(&mut self, line: &Line<'_>, place: Option<&Place>) {
        let room = self.open.as_ref().is_some_and(|open| open.lines.len() < LINES && open.text.len() < ENTRY);
        let goes_on = line.number.is_none() && room;
        let above = self.open.clone().unwrap_or_default();
        let sure = place.is_some_and(Place::is_door);
        if let Some(place) = place {
            let waits = goes_on && !above.placed && (above.numbered || above.labelled || !above.wants);
            let weak = !sure && place.pieces < 2;
            if waits {
                return self.go_on(line, true);
            }
            if !(goes_on && weak && follows(line, &above)) {
                self.close();
                return self.begin(line, true);
            }
        }
        if line.number.is_some() {
            self.close();
            return self.begin(line, false);
        }
        if goes_on && follows(line, &above) {
            return self.go_on(line, false);
        }
        if wants(&line.body) || is_labelled(&line.body) || words::is_cancelled(&line.body) || words::refers(&line.body)
        {
            self.close();
            return self.begin(line, false);
        }
        self.skip(line.at);
    }

    /// A row of a table as one form, filled in: `3号楼2单元1804室, 姓名:…`. Empty for the line with the headings.
    fn row(&mut self, raw: &str) -> Option<String> {
        let cells: Vec<String> = raw.split('\t').map(plain).collect();
        if cells.len() < COLUMNS {
            self.columns.clear();
            return None;
        }
        let heads: Vec<Option<Field>> = cells.iter().map(|cell| Some(named(Kind::Orders, cell)?.0)).collect();
        if heads.iter().flatten().count() >= COLUMNS {
            self.columns = heads;
            return Some(String::new());
        }
        let known = self.columns.iter().zip(&cells).filter_map(|(field, cell)| Some(((*field)?, cell.as_str())));
        let known: Vec<(Field, &str)> = known.filter(|(_, cell)| !cell.is_empty()).collect();
        (!known.is_empty()).then(|| filled(&known))
    }

    /// Puts a row aside, or its form among the entries.
    fn put_row(&mut self, at: usize, raw: &str, form: String) {
        if form.is_empty() {
            return self.skip(at);
        }
        self.close();
        self.begin(&Line { at, raw, body: form, number: None }, true);
        self.close();
    }

    fn begin(&mut self, line: &Line<'_>, placed: bool) {
        self.open = Some(Entry {
            lines: vec![line.at],
            text: line.body.clone(),
            hidden: line.raw.chars().any(is_turning),
            crossed: words::is_crossed(line.raw),
            given: self.given.clone(),
            numbered: line.number.is_some(),
            labelled: is_labelled(&line.body),
            placed,
            wants: wants(&line.goods(self.finder)),
        });
    }

    fn go_on(&mut self, line: &Line<'_>, placed: bool) {
        if let Some(open) = self.open.as_mut() {
            open.lines.push(line.at);
            open.text = format!("{}, {}", open.text, line.body);
            open.hidden |= line.raw.chars().any(is_turning);
            open.crossed |= words::is_crossed(line.raw);
            open.placed |= placed;
            open.wants |= wants(&line.goods(self.finder));
        }
    }

    /// The line without its number in the list.
    fn unnumbered(&self, whole: &str) -> (Option<u32>, String) {
        let text = whole.trim_start_matches(['•', '·', '・', '▪', '●', '◆', '■', '>']).trim_start();
        let text = text.strip_prefix("- ").or_else(|| text.strip_prefix("* ")).unwrap_or(text);
        let chars: Vec<char> = text.chars().collect();
        // `101、` and `9:` of a list that has not come so far are doors and times.
        let counts_on = |number: u32, sign: char| number == self.last + 1 || (number < 100 && sign != ':');
        if let Some((number, len)) = numbered(&chars).filter(|(number, len)| counts_on(*number, chars[len - 1])) {
            let rest: String = chars[len..].iter().collect();
            return (Some(number), rest.trim_start_matches([' ', '.', ')', '、', ':']).to_owned());
        }
        // A number and a space: of the list where it counts on and a whole door stands behind it.
        let digits = numeral::digits(&chars);
        let spoken: Option<u32> = chars[..digits].iter().collect::<String>().parse().ok();
        if let Some(number) =
            spoken.filter(|number| digits <= 3 && chars.get(digits) == Some(&' ') && *number == self.last + 1)
        {
            let rest = &chars[digits + 1..];
            let door = self.finder.find(rest, &self.given);
            if door.is_some_and(|door| door.from == 0 && door.is_door() && door.pieces > 1) {
                return (Some(number), rest.iter().collect());
            }
        }
        (None, text.to_owned())
    }
}

/// The text with `12.` for keys with numbers on them: `1️⃣2️⃣`, `🔟`.
fn keyed(plain: &str) -> String {
    let (mut out, mut before) = (String::with_capacity(plain.len()), false);
    let chars: Vec<char> = plain.replace('🔟', "1\u{20e3}0\u{20e3}").chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let key = c.is_ascii_digit() && chars.get(at + 1) == Some(&KEY);
        if before && !key && *c != KEY {
            out.push('.');
        }
        before = key || (before && *c == KEY);
        if *c != KEY {
            out.push(*c);
        }
    }
    out
}

/// The number of a line in its list, and its characters: `1.`, `2、`, `(3)`, `4)`, `五、`.
fn numbered(text: &[char]) -> Option<(u32, usize)> {
    let open = usize::from(text.first() == Some(&'('));
    let rest = &text[open..];
    let digits = numeral::digits(rest);
    let numerals = || rest.iter().take_while(|c| numeral::digit(**c).is_some() || **c == '十').count();
    let run = if digits > 0 { digits } else { numerals() };
    if run == 0 || run > 3 {
        return None;
    }
    let value = match numeral::number(&rest[..run])?.number {
        numeral::Number::Exact(value) => u32::try_from(value / numeral::EACH).ok()?,
        _ => return None,
    };
    let sign = *rest.get(run)?;
    let next = rest.get(run + 1);
    let digit = next.is_some_and(char::is_ascii_digit);
    let ends = match sign {
        ')' | '、' => true,
        _ if open > 0 => false,
        // `1.5斤` is no first line, and `9:00` none either.
        '.' if digits > 0 => !decimal(rest),
        ':' if digits > 0 => {
            !(digit
                && rest.get(run + 2).is_some_and(char::is_ascii_digit)
                && !rest.get(run + 3).is_some_and(|c| matches!(c, '-' | '号' | '栋' | '幢')))
        }
        ',' if digits > 0 => digit,
        _ => false,
    };
    ends.then_some((value, open + run + 1))
}

/// Whether a number with a point and its unit stand here.
fn decimal(text: &[char]) -> bool {
    numeral::arabic(text).is_some_and(|found| {
        let near = found.len + spaces(&text[found.len..]);
        text[..found.len].contains(&'.') && unit::longest(&text[near..]).is_some()
    })
}

/// The building or unit that a line names and nothing else.
fn heading(text: &[char], place: &Place) -> Option<Door> {
    let sign = |c: &char| !c.is_alphanumeric();
    let alone = text[..place.from].iter().all(sign) && text[place.to..].iter().all(sign);
    place.above_rooms().filter(|_| alone).cloned()
}

/// Whether a line begins with the time at which it was sent.
fn is_stamped(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let run = numeral::digits(&chars);
    let year = run == 4 && text.starts_with("20") && matches!(chars.get(run), Some('-' | '/' | '.' | '年'));
    let clock = (1..=2).contains(&run) && chars.get(run) == Some(&':') && numeral::digits(&chars[run + 1..]) == 2;
    let day = (1..=2).contains(&run) && chars.get(run) == Some(&'月');
    year || day || (clock && chars.get(run + 3).is_none_or(|c| *c != '-'))
}

/// Whether a line says an amount of something, sure or not.
fn wants(body: &str) -> bool {
    match item(body) {
        Reading::Read(_) => true,
        Reading::Ask(question) => {
            let missing = question.about == About::Qty && question.because == Because::Missing;
            !missing || question.known.iter().flatten().any(|item| !item.amounts.is_empty())
        }
        Reading::Refuse(_) => false,
    }
}

/// Whether an unnumbered line without a door goes on with the entry above it.
fn follows(line: &Line<'_>, above: &Entry) -> bool {
    let indented = line.raw.starts_with([' ', '\t', '\u{3000}']);
    let thanks = words::is_talk(&line.body);
    let names = words::WHO.iter().any(|label| line.body.starts_with(label));
    if is_labelled(&line.body) {
        return !(names && above.labelled && words::WHO.iter().any(|label| above.text.contains(label)));
    }
    if thanks && !indented {
        return false;
    }
    let open = above.numbered || above.labelled || indented || !above.wants;
    let sure = matches!(item(&line.body), Reading::Read(_));
    let noted = is_note(&line.body) || line.body.starts_with('(');
    let reached = phones(&line.body, None).value().is_some();
    let unsure = wants(&line.body) && (indented || !above.wants);
    open && (sure || noted || reached || unsure || indented || (above.placed && !above.wants))
}
