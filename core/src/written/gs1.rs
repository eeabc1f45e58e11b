//! GS1 element strings, as scanners give them and as they are printed: which goods, batch, expiry and serial number.
//!
//! After the GS1 General Specifications. Where a missing separator lets a batch swallow what looks like the next element, a
//! person is asked, though the letter of the standard allows it: a wrong batch escapes a recall.

use serde::Serialize;

use super::{About, Because, Reading, Refusal, TEXT, calendar::Date, plain::is_unseen};

/// What ends an element of no fixed length.
const SEPARATOR: char = '\u{1d}';
/// Marks of the kind of code that scanners put in front.
const MARKS: [&str; 9] = ["]d2", "]C1", "]e0", "]Q3", "]J1", "]E0", "]d1", "]C0", "]Q1"];
/// Years that may be past before an expiry was misread, or is a program's never.
const PAST: i64 = 20;
/// Years ahead beyond which it was.
const AHEAD: i64 = 20;

/// What stands in a code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// The number of the goods, with zeros in front 14 digits long.
    pub gtin: String,
    /// The batch, as it stands there.
    pub batch: Option<String>,
    /// The last good day.
    pub expiry: Option<Date>,
    /// The number of the single package.
    pub serial: Option<String>,
    /// The day on which it was made.
    pub produced: Option<Date>,
    /// Other elements, by their identifiers.
    pub other: Vec<(String, String)>,
}

/// How long the value of an element is.
#[derive(Clone, Copy)]
enum Length {
    Fixed(usize),
    UpTo(usize),
}

/// Identifiers that this reader knows: those of goods, and what stands beside them on packages.
fn known(ai: &str) -> Option<Length> {
    if !ai.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals = |ai: &str| ai.len() == 4 && ai.as_bytes().get(3).copied().is_some_and(|last| last.is_ascii_digit());
    Some(match ai {
        "00" => Length::Fixed(18),
        "01" | "02" | "03" => Length::Fixed(14),
        "11" | "12" | "13" | "15" | "16" | "17" => Length::Fixed(6),
        "20" => Length::Fixed(2),
        "10" | "21" | "22" => Length::UpTo(20),
        "235" => Length::UpTo(28),
        "240" | "241" | "250" | "251" | "400" | "401" | "403" => Length::UpTo(30),
        "242" => Length::UpTo(6),
        "243" => Length::UpTo(20),
        "30" | "37" => Length::UpTo(8),
        "410" | "411" | "412" | "413" | "414" | "415" | "416" | "417" => Length::Fixed(13),
        "422" | "424" | "425" | "426" => Length::Fixed(3),
        "710" | "711" | "712" | "713" | "714" | "715" => Length::UpTo(20),
        "7003" => Length::Fixed(10),
        "7004" => Length::UpTo(4),
        "8005" => Length::Fixed(6),
        "8008" => Length::UpTo(12),
        "8200" => Length::UpTo(70),
        "90" => Length::UpTo(30),
        "91" | "92" | "93" | "94" | "95" | "96" | "97" | "98" | "99" => Length::UpTo(90),
        ai if decimals(ai) && matches!(&ai[..2], "31" | "32" | "33" | "34" | "35" | "36") => Length::Fixed(6),
        ai if decimals(ai) && matches!(&ai[..3], "390" | "392") => Length::UpTo(15),
        _ => return None,
    })
}

/// The identifier at the beginning, and what is said of its value.
fn identified(text: &str) -> Option<(&str, Length)> {
    [2, 3, 4].into_iter().filter_map(|len| text.get(..len)).find_map(|ai| Some((ai, known(ai)?)))
}

/// Reads what a scanner gave, or what is printed under a code.
pub fn scan(text: &str, today: Date) -> Reading<Scan> {
    if text.len() > TEXT {
        return Reading::Refuse(Refusal::TooLong);
    }
    let cleaned: String = text.chars().filter(|c| *c == SEPARATOR || !is_unseen(*c)).collect();
    let trimmed = cleaned.trim_matches(|c: char| c.is_whitespace() && c != SEPARATOR);
    let (marked, bare) = match MARKS.iter().find_map(|mark| trimmed.strip_prefix(mark)) {
        Some(bare) => (true, bare),
        None => (trimmed.starts_with(SEPARATOR), trimmed),
    };
    let bare = bare.trim_start_matches(SEPARATOR);
    if bare.is_empty() {
        return Reading::Refuse(Refusal::Empty);
    }
    if let Some(path) = link(bare) {
        return finished(path, today, None);
    }
    let separated = bare.replace(['␝', '\u{241d}'], "\u{1d}").replace("<GS>", "\u{1d}").replace("{GS}", "\u{1d}");
    if separated.starts_with(['(', '（']) {
        return finished(printed(&separated), today, None);
    }
    let digits: String = bare.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let number = digits.chars().all(|c| c.is_ascii_digit());
    let element = bare.starts_with("01") && digits.len() >= 16 || identified(bare).is_some() && digits.len() > 14;
    if number && (8..=14).contains(&digits.len()) {
        return alone(&digits);
    }
    if !element {
        return Reading::Refuse(if number && !bare.is_empty() && digits.len() < 20 {
            Refusal::Length
        } else {
            Refusal::NotGs1
        });
    }
    if number && digits.len() == 20 && !marked && digits.starts_with('8') {
        return Reading::Refuse(Refusal::NotGs1);
    }
    elements(&separated, today)
}

/// A GS1 Digital Link: identifiers and values as parts of a path.
fn link(text: &str) -> Option<Result<Vec<(String, String)>, Refusal>> {
    let (_, rest) =
        text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https" | "HTTP" | "HTTPS"))?;
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let from = parts.iter().position(|part| *part == "01")?;
    let mut found: Vec<(String, String)> = Vec::new();
    for pair in parts[from..].chunks(2) {
        let [ai, value] = pair else { return Some(Err(Refusal::Malformed)) };
        found.push(((*ai).to_owned(), (*value).to_owned()));
    }
    for (ai, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        if known(ai).is_some() {
            found.push((ai.to_owned(), value.to_owned()));
        }
    }
    if found.iter().any(|(_, value)| value.contains('%')) {
        return Some(Err(Refusal::Charset));
    }
    Some(Ok(found))
}

/// A number of goods by itself.
fn alone(digits: &str) -> Reading<Scan> {
    if digits.bytes().all(|digit| digit == b'0') {
        return Reading::Refuse(Refusal::NullNumber);
    }
    match gtin(digits) {
        Ok(gtin) if in_store(&gtin) => {
            Reading::knowing(About::Gtin, Because::InStore, Scan { gtin, ..Scan::default() })
        }
        Ok(gtin) => Reading::Read(Scan { gtin, ..Scan::default() }),
        Err(refusal) => Reading::Refuse(refusal),
    }
}

/// The number of goods with zeros in front, 14 digits long. Numbers of 8, 12, 13 and 14 digits are such, and a spreadsheet may
/// have dropped nothing of them.
///
/// # Errors
/// When it has another length, is not of digits, or its check digit does not fit.
pub fn gtin(text: &str) -> Result<String, Refusal> {
    let digits: String = super::plain::plain(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Refusal::Charset);
    }
    if !matches!(digits.len(), 8 | 12 | 13 | 14) {
        return Err(Refusal::Length);
    }
    let whole = format!("{digits:0>14}");
    if whole.bytes().all(|digit| digit == b'0') {
        return Err(Refusal::NullNumber);
    }
    let weighed =
        whole.bytes().enumerate().map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 3 } else { 1 });
    if weighed.sum::<u32>() % 10 == 0 { Ok(whole) } else { Err(Refusal::CheckDigit) }
}

/// Elements as they are printed, with their identifiers in brackets.
fn printed(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    let plain = super::plain::plain(&text.replace(SEPARATOR, ""));
    let mut found = Vec::new();
    for part in plain.split('(').skip(1) {
        let (ai, value) = part.split_once(')').ok_or(Refusal::Malformed)?;
        let ai = ai.trim();
        if ai.is_empty() || !ai.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Refusal::Malformed);
        }
        found.push((ai.to_owned(), value.trim().to_owned()));
    }
    Ok(found)
}

/// Elements as a scanner gives them.
fn elements(text: &str, today: Date) -> Reading<Scan> {
    if let Some(spaced) = by_hand(text) {
        let meant = finished(Ok(spaced), today, None);
        return Reading::meaning(About::Batch, Because::Malformed, meant);
    }
    let spaced = text.contains(' ').then(|| elements(&text.replace(' ', ""), today));
    if let Some(Reading::Read(scan)) = spaced {
        return Reading::among(About::Batch, Because::Malformed, vec![scan]);
    }
    // What is no character of a value, and stands for a separator that a program wrote out.
    for sign in ["\\x1d", "\\u001d", "\\u001D", "\\x1D", "^]", "~", "|", "{FNC1}", "<FNC1>"] {
        if text.contains(sign) {
            let meant = elements(&text.replace(sign, "\u{1d}"), today);
            return Reading::meaning(About::Batch, Because::Separator, meant);
        }
    }
    let (mut rest, mut found, mut swallowed) = (text, Vec::new(), None);
    while !rest.is_empty() {
        let Some((ai, length)) = identified(rest) else {
            return Reading::Refuse(if rest.is_ascii() { Refusal::UnknownAi } else { Refusal::Charset });
        };
        let behind = &rest[ai.len()..];
        let value = match length {
            Length::Fixed(len) => {
                let value: String = behind.chars().take(len).collect();
                let ended = value.contains(SEPARATOR) || value.chars().count() < len;
                if ended {
                    return Reading::Refuse(if value.is_empty() { Refusal::EmptyValue } else { Refusal::Length });
                }
                value
            }
            Length::UpTo(_) => behind.split(SEPARATOR).next().unwrap_or_default().to_owned(),
        };
        let last = behind.len() == value.len();
        if let (Length::UpTo(_), true, None) = (length, last, &swallowed) {
            swallowed = inside(ai, &value, &found);
        }
        rest = behind[value.len()..].trim_start_matches(SEPARATOR);
        found.push((ai.to_owned(), value));
    }
    finished(Ok(found), today, swallowed)
}

/// `01 0690… 17 270531 10 A12305`: copied from the print by hand, without its brackets.
fn by_hand(text: &str) -> Option<Vec<(String, String)>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let pairs: Vec<(String, String)> =
        words.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
    let all = words.len() >= 2 && words.len().is_multiple_of(2) && pairs.iter().all(|(ai, _)| known(ai).is_some());
    all.then_some(pairs)
}

/// What a batch or serial number at the end may have swallowed, because its separator is missing: the value without it, and
/// the elements that it looks like.
fn inside(ai: &str, value: &str, before: &[(String, String)]) -> Option<(String, Vec<(String, String)>)> {
    if !matches!(ai, "10" | "21" | "240" | "30") {
        return None;
    }
    let there = |ai: &str| before.iter().any(|(known, _)| known == ai);
    let at = (1..value.len()).filter(|at| value.is_char_boundary(*at));
    at.filter_map(|at| {
        let (own, rest) = value.split_at(at);
        Some((own.to_owned(), dated(rest, &there)?))
    })
    .next()
}

/// A run of elements that begins with a day which is not named yet.
fn dated(text: &str, there: &dyn Fn(&str) -> bool) -> Option<Vec<(String, String)>> {
    let (ai, Length::Fixed(6)) = identified(text)? else { return None };
    let value = text.get(2..8)?;
    if there(ai) || !matches!(ai, "11" | "17") || day(value).is_none() || value.ends_with("00") {
        return None;
    }
    let mut found = vec![(ai.to_owned(), value.to_owned())];
    let rest = &text[8..];
    if rest.is_empty() {
        return Some(found);
    }
    let (ai, length) = identified(rest)?;
    match length {
        Length::Fixed(6) => found.extend(dated(rest, there)?),
        Length::UpTo(_) if matches!(ai, "10" | "21") && !there(ai) && rest.len() > 2 => {
            found.push((ai.to_owned(), rest[2..].to_owned()));
        }
        Length::Fixed(_) | Length::UpTo(_) => return None,
    }
    Some(found)
}

/// A day of six digits, its century by the rule of fifty years around this one; day 00 is the last of the month.
fn day(text: &str) -> Option<(i64, i64, i64)> {
    let number = |from: usize| text.get(from..from + 2).and_then(|two| two.parse::<i64>().ok());
    let (year, month, day) = (number(0)?, number(2)?, number(4)?);
    let exists = if day == 0 { Date::last_of(2000 + year, month) } else { Date::new(2000 + year, month, day) };
    exists.map(|_| (year, month, day))
}

fn dated_at(text: &str, today: Date) -> Option<Date> {
    let (year, month, day) = day(text)?;
    let ahead = year - today.year() % 100;
    let century = today.year() / 100 * 100
        + match ahead {
            51.. => -100,
            ..=-50 => 100,
            _ => 0,
        };
    if day == 0 { Date::last_of(century + year, month) } else { Date::new(century + year, month, day) }
}

/// Whether a character may stand in a batch or serial number.
fn is_value(c: char) -> bool {
    matches!(c, '!' | '"' | '%'..='?' | 'A'..='Z' | '_' | 'a'..='z')
}

/// A value held to what its identifier says of it.
fn checked(ai: &str, value: &str) -> Result<(), Refusal> {
    if value.is_empty() {
        return Err(Refusal::EmptyValue);
    }
    if !value.chars().all(is_value) {
        return Err(Refusal::Charset);
    }
    match known(ai) {
        None => Err(Refusal::UnknownAi),
        Some(Length::Fixed(_)) if !value.bytes().all(|digit| digit.is_ascii_digit()) => Err(Refusal::Charset),
        Some(Length::Fixed(len)) if value.len() != len => Err(Refusal::Length),
        Some(Length::UpTo(most)) if value.len() > most => Err(Refusal::Length),
        Some(Length::Fixed(_) | Length::UpTo(_)) => Ok(()),
    }
}

type Elements = Vec<(String, String)>;

/// What all elements say together.
fn finished(found: Result<Elements, Refusal>, today: Date, swallowed: Option<(String, Elements)>) -> Reading<Scan> {
    let found = match found {
        Ok(found) => found,
        Err(refusal) => return Reading::Refuse(refusal),
    };
    if let Some(short) = short(&found) {
        let meant = finished(Ok(short), today, None);
        return Reading::meaning(About::Gtin, Because::Length, meant);
    }
    let contents = found.iter().any(|(ai, _)| ai == "02") && !found.iter().any(|(ai, _)| ai == "01");
    if contents && found.iter().all(|(ai, value)| checked(ai, value).is_ok()) {
        return Reading::ask(About::Gtin, Because::Contents);
    }
    let (scan, best) = match said(&found, today) {
        Ok(said) => said,
        Err(refusal) => return Reading::Refuse(refusal),
    };
    if let Some((own, more)) = swallowed {
        let mut meant = found.clone();
        let last = meant.pop().unwrap_or_default();
        let about = if last.0 == "21" { About::Serial } else { About::Batch };
        meant.push((last.0, own));
        meant.extend(more);
        let among = said(&meant, today).ok().map(|(scan, _)| scan).into_iter().chain([scan]);
        return Reading::among(about, Because::Separator, among.collect());
    }
    if best && scan.expiry.is_none() {
        return Reading::knowing(About::Expiry, Because::BestBefore, scan);
    }
    let odd = |day: Date| day.year() < today.year() - PAST || day.year() > today.year() + AHEAD;
    if scan.expiry.is_some_and(odd) {
        let known = Scan { expiry: None, ..scan };
        return Reading::knowing(About::Expiry, Because::Strange, known);
    }
    if scan.expiry.zip(scan.produced).is_some_and(|(expiry, produced)| expiry < produced) {
        return Reading::knowing(About::Expiry, Because::Contradiction, Scan { expiry: None, ..scan });
    }
    if in_store(&scan.gtin) {
        return Reading::knowing(About::Gtin, Because::InStore, scan);
    }
    Reading::Read(scan)
}

/// Numbers that each shop gives for itself name nothing elsewhere.
fn in_store(gtin: &str) -> bool {
    ["02", "002", "004"].iter().any(|front| gtin.starts_with(front))
}

/// The elements with the zero that a number of 13 digits lacks, where it fits otherwise.
fn short(found: &Elements) -> Option<Elements> {
    let (at, number) = found.iter().enumerate().find(|(_, (ai, _))| ai == "01")?;
    let lacks = number.1.len() < 14 && gtin(&number.1).is_ok();
    lacks.then(|| {
        let mut whole = found.clone();
        whole[at].1 = format!("{:0>14}", number.1);
        whole
    })
}

/// The elements as one, and whether a best-before day is among them.
fn said(found: &Elements, today: Date) -> Result<(Scan, bool), Refusal> {
    let mut scan = Scan::default();
    let mut best = false;
    for (at, (ai, value)) in found.iter().enumerate() {
        checked(ai, value)?;
        if found[..at].iter().any(|(known, other)| known == ai && other != value) {
            return Err(Refusal::Contradiction);
        }
        let date = || dated_at(value, today).ok_or(Refusal::Date);
        match ai.as_str() {
            "01" => scan.gtin = gtin(value)?,
            "10" => scan.batch = Some(value.clone()),
            "21" => scan.serial = Some(value.clone()),
            "17" => scan.expiry = Some(date()?),
            "11" => scan.produced = Some(date()?),
            "7003" => {
                let day = value.get(..6).and_then(|day| dated_at(day, today)).ok_or(Refusal::Date)?;
                scan.expiry.get_or_insert(day);
                scan.other.push((ai.clone(), value.clone()));
            }
            "15" | "16" => {
                date()?;
                best = true;
            }
            _ => scan.other.push((ai.clone(), value.clone())),
        }
    }
    if scan.gtin.is_empty() { Err(Refusal::NoGtin) } else { Ok((scan, best)) }
}

#[cfg(test)]
mod tests {
    use super::{Scan, gtin, scan};
    use crate::written::{Reading, Refusal, calendar::Date};

    fn read(text: &str) -> Reading<Scan> {
        scan(text, Date::new(2026, 3, 4).unwrap())
    }

    fn told(text: &str) -> String {
        match read(text) {
            Reading::Read(scan) => {
                let day = |day: Option<Date>| day.map(|day| day.to_string());
                let parts = [Some(scan.gtin), scan.batch, day(scan.expiry), scan.serial, day(scan.produced)];
                parts.map(Option::unwrap_or_default).join(" ").trim_end().to_owned()
            }
            Reading::Ask(question) => format!("{:?} {:?} {}", question.about, question.because, question.among.len()),
            Reading::Refuse(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn elements_are_read_as_scanned_and_as_printed() {
        for text in [
            "01069012345678921728091910B77\u{1d}2100A",
            "]d201069012345678921728091910B77\u{1d}2100A",
            "(01)06901234567892(17)280919(10)B77(21)00A",
            "（01）06901234567892（10）B77（21）00A（17）280919",
            "10B77\u{1d}2100A\u{1d}17280919010690123456789 2".replace(' ', "").as_str(),
        ] {
            assert_eq!(told(text), "06901234567892 B77 2028-09-19 00A", "{text}");
        }
        assert_eq!(told("010690123456789211260201"), "06901234567892    2026-02-01");
        assert_eq!(told("6901234567892"), "06901234567892");
        assert_eq!(told("https://id.example.org/01/06901234567892/10/B77"), "06901234567892 B77");
    }

    #[test]
    fn what_a_batch_may_have_swallowed_is_asked() {
        assert_eq!(told("010690123456789210B7717280919"), "Batch Separator 2");
        assert_eq!(told("010690123456789210B77~17280919"), "Batch Separator 1");
        assert_eq!(told("01 06901234567892 10 B77"), "Batch Malformed 1");
        assert_eq!(told("(01)6901234567892(10)B77"), "Gtin Length 1");
        assert_eq!(told("010690123456789215280919"), "Expiry BestBefore 0");
    }

    #[test]
    fn what_is_no_code_of_goods_is_refused() {
        for (text, why) in [
            ("", "Empty"),
            ("010690123456789317280919", "CheckDigit"),
            ("010690123456789217281319", "Date"),
            ("0106901234567892172809", "Length"),
            ("(01)06901234567892(10)", "EmptyValue"),
            ("(01)06901234567892(10)批77", "Charset"),
            ("(10)B77(17)280919", "NoGtin"),
            ("https://example.org/p/7", "NotGs1"),
            ("鸡蛋", "NotGs1"),
            ("690123456789", "CheckDigit"),
            ("00000000", "NullNumber"),
        ] {
            assert_eq!(told(text), why, "{text}");
        }
    }

    #[test]
    fn numbers_of_goods_are_one_in_every_length() {
        assert_eq!(gtin("0 36000 29145 2"), gtin("00036000291452"));
        assert_eq!(gtin("36000291452"), Err(Refusal::Length));
    }
}
