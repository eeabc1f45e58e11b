//! Telephone numbers as people note them: mobiles, landlines with and without area, abroad, services; and whose they are.
//!
//! Numbers of China are read after its numbering plan. A number that is masked, cut off or of something else (a card, a
//! parcel, a date) is none.

use serde::Serialize;

use super::{About, Because, Reading, Refusal, given, numeral, plain::is_han};

/// What a number is dialled for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A mobile of China.
    Mobile,
    /// A landline of China.
    Landline,
    /// A number of another country.
    Abroad,
    /// A service that has no form for other countries: 400 and 800.
    Service,
    /// A short number, dialled as it stands: 120.
    Short,
}

/// A number that can be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phone {
    /// What it is.
    pub kind: Kind,
    /// `+8613800000000`; services and short numbers as they are dialled.
    pub e164: String,
    /// The extension to ask for.
    pub ext: Option<String>,
    /// Whose it is, as was written beside it.
    pub who: Option<String>,
}

/// Whether two fields hold one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Sameness {
    /// One number, written in two ways perhaps.
    Same,
    /// Two numbers that differ.
    Different,
    /// A person must say.
    Ask,
}

/// Words that announce a number and say nothing of whose it is.
const LABELS: [&str; 20] = [
    "联系电话",
    "联系方式",
    "手机号码",
    "手机号",
    "手机",
    "电话号码",
    "电话",
    "座机",
    "固话",
    "固定电话",
    "家里电话",
    "电",
    "telephone",
    "phone",
    "mobile",
    "cell",
    "tel.",
    "tel",
    "call",
    "☎",
];
/// Words in front of an extension.
const EXTENSIONS: [&str; 7] = ["转分机", "分机号", "分机", "转", "extension", "ext.", "ext"];
/// Words that make digits something else than a number to call.
const OTHERS: [&str; 9] = ["取件码", "验证码", "快递", "单号", "身份证", "银行卡", "卡号", "订单", "门牌"];

/// Reads the numbers of a contact field. `area` is the area code of the compound, with its zero, where it is known.
pub fn phones(text: &str, area: Option<&str>) -> Reading<Vec<Phone>> {
    let plain = match given(text) {
        Ok(plain) => plain,
        Err(refusal) => return Reading::Refuse(refusal),
    };
    let plain = digits_of_numerals(plain.trim_start_matches('\'').trim_end_matches(".0"));
    if is_masked(&plain) {
        return Reading::Refuse(Refusal::Masked);
    }
    if OTHERS.iter().any(|word| plain.contains(word)) || is_another(&plain) {
        return Reading::Refuse(Refusal::NoNumber);
    }
    if doubtful(&plain) {
        return Reading::ask(About::Number, Because::Unreadable);
    }
    if let Some(turned) = look_alike(&plain) {
        let meant = phones(&turned, area);
        return Reading::meaning(About::Number, Because::LookAlike, meant);
    }
    let mut found: Vec<Phone> = Vec::new();
    for part in parts(&plain) {
        match numbers(&part, area) {
            Ok(numbers) => found.extend(numbers),
            Err(NoPhone::Nothing) => {
                // Whose it is may stand behind a comma.
                if let (Some(last), Some(who)) = (found.last_mut().filter(|last| last.who.is_none()), named(&part)) {
                    last.who = Some(who);
                }
            }
            Err(NoPhone::Ask(about, because)) => return Reading::ask(about, because),
            Err(NoPhone::Refuse(refusal)) => return Reading::Refuse(refusal),
        }
    }
    found.dedup();
    if found.is_empty() { Reading::Refuse(Refusal::NoNumber) } else { Reading::Read(found) }
}

/// Where one number ends and the next begins: not within brackets.
fn parts(plain: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_usize);
    for c in plain.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if depth > 0 || !matches!(c, ',' | ';' | '、' | '/' | '\n' | '|') => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts
}

/// Why a part holds no number.
enum NoPhone {
    Nothing,
    Ask(About, Because),
    Refuse(Refusal),
}

/// Seven Chinese numerals and more in a row are dictated digits.
fn digits_of_numerals(plain: &str) -> String {
    let chars: Vec<char> = plain.chars().collect();
    let mut out = String::with_capacity(plain.len());
    let mut at = 0;
    while at < chars.len() {
        let run = chars[at..].iter().map_while(|c| numeral::digit(*c)).collect::<Vec<_>>();
        if run.len() >= 7 {
            out.extend(run.iter().map(i64::to_string));
            at += run.len();
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Stars, crosses or dots in place of digits.
fn is_masked(plain: &str) -> bool {
    let chars: Vec<char> = plain.chars().collect();
    let is_mask = |c: char| matches!(c, '*' | 'x' | 'X' | '•' | '●' | '#' | '…' | '□');
    let mask = |at: usize| {
        let run = chars[at..].iter().take_while(|c| is_mask(**c)).count();
        let dots = chars[at..].iter().take_while(|c| **c == '.').count();
        let digit = chars[..at].iter().rev().find(|c| **c != ' ').is_some_and(char::is_ascii_digit);
        digit && (run >= 2 || dots >= 3 || chars[at] == '…')
    };
    (0..chars.len()).any(mask)
}

/// Letters right at the digits, a date, an address, a power of ten.
fn is_another(plain: &str) -> bool {
    let chars: Vec<char> = plain.chars().collect();
    let lettered = |at: usize| {
        let before = chars[..at].iter().rev().take_while(|c| c.is_ascii_alphabetic()).collect::<Vec<_>>();
        let word: String = before.into_iter().rev().collect::<String>().to_lowercase();
        let digits = numeral::digits(&chars[at..]);
        let known = LABELS.contains(&word.as_str())
            || EXTENSIONS.contains(&word.as_str())
            || word.chars().all(|c| "oil".contains(c));
        !word.is_empty() && !known && digits >= 7
    };
    let power = plain.contains("E+") || plain.contains("e+");
    power || (0..chars.len()).any(lettered) || is_date(plain)
}

/// `2026-11-28` and the like: a year, a month, a day.
fn is_date(plain: &str) -> bool {
    let parts: Vec<&str> = plain.split(['-', '.', '年', '月']).map(|part| part.trim_end_matches('日')).collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<u32>().ok()).unwrap_or_default();
    parts.len() == 3
        && parts[0].len() == 4
        && (1900..2200).contains(&number(0))
        && (1..=12).contains(&number(1))
        && (1..=31).contains(&number(2))
}

/// A sign of doubt among or behind digits.
fn doubtful(plain: &str) -> bool {
    let mut before = ' ';
    plain.chars().any(|c| std::mem::replace(&mut before, c).is_ascii_digit() && c == '?')
}

/// The text with digits for letters among them, where there are such.
fn look_alike(plain: &str) -> Option<String> {
    let chars: Vec<char> = plain.chars().collect();
    let alike = |c: char| match c {
        'O' | 'o' => '0',
        'l' | 'I' => '1',
        c => c,
    };
    let part = |c: &char| c.is_ascii_digit() || alike(*c) != *c || matches!(c, ' ' | '-');
    let (mut out, mut at, mut turned) = (String::new(), 0, false);
    while at < chars.len() {
        let run = &chars[at..at + chars[at..].iter().take_while(|c| part(c)).count()];
        let digits = run.iter().filter(|c| c.is_ascii_digit()).count();
        let letters = run.iter().filter(|c| c.is_ascii_alphabetic()).count();
        if run.is_empty() || letters == 0 || digits < 4 || digits + letters < 7 {
            let len = run.len().max(1);
            out.extend(&chars[at..at + len]);
            at += len;
        } else {
            turned = true;
            out.extend(run.iter().map(|c| alike(*c)));
            at += run.len();
        }
    }
    turned.then_some(out)
}

/// A run of digits and the signs in it, or a text between such.
enum Piece {
    Digits(String),
    Text(String),
}

/// Takes a part into runs of digits and texts.
fn pieces(part: &str) -> Vec<Piece> {
    let chars: Vec<char> = part.chars().collect();
    let (mut at, mut found) = (0, Vec::new());
    while at < chars.len() {
        let rest = &chars[at..];
        let dialled = |c: &char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '+' | '*' | '#');
        let digital = rest[0].is_ascii_digit()
            || (matches!(rest[0], '+' | '(')
                && rest.iter().skip(1).find(|c| !matches!(c, ' ' | '+' | '(')).is_some_and(char::is_ascii_digit));
        let len = if digital {
            rest.iter().take_while(|c| dialled(c)).count()
        } else {
            rest.iter().position(char::is_ascii_digit).unwrap_or(rest.len()).max(1)
        };
        let text: String = rest[..len].iter().collect();
        if digital {
            let kept = text.trim_end_matches([' ', '(', '-', '.', '+']).len();
            found.push(Piece::Digits(text[..kept].to_owned()));
            at += text[..kept].chars().count().max(1);
        } else {
            // A plus or bracket that opens the next number belongs to that.
            let kept = text.trim_end_matches(['+', '(']).len();
            let kept = if at + len < chars.len() { kept } else { text.len() };
            if kept == 0 {
                let digits: String = rest.iter().take_while(|c| dialled(c)).collect();
                at += digits.chars().count();
                found.push(Piece::Digits(digits.trim_end_matches([' ', '(', '-', '.']).to_owned()));
            } else {
                found.push(Piece::Text(text[..kept].to_owned()));
                at += text[..kept].chars().count();
            }
        }
    }
    found
}

/// The numbers of one part, each with what stands beside it.
fn numbers(part: &str, area: Option<&str>) -> Result<Vec<Phone>, NoPhone> {
    let pieces = pieces(part);
    let mut found: Vec<Phone> = Vec::new();
    let mut before: Option<String> = None;
    let mut extension = false;
    for piece in &pieces {
        match piece {
            Piece::Text(text) => {
                let small = text.trim().to_lowercase();
                extension = !found.is_empty()
                    && EXTENSIONS.iter().any(|word| small.trim_matches([':', ' ', '(', ')']) == *word);
                if !extension {
                    if let Some(last) = found.last_mut().filter(|last| last.who.is_none() && before.is_none()) {
                        last.who = named(text);
                    } else {
                        before = named(text).or(before);
                    }
                }
            }
            Piece::Digits(digits) if extension => {
                let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
                if let (Some(last), 1..=6) = (found.last_mut(), digits.len()) {
                    last.ext = Some(digits);
                }
                extension = false;
            }
            Piece::Digits(digits) => {
                for mut phone in dialled(digits, area)? {
                    phone.who = before.take();
                    found.push(phone);
                }
                // What stands between two numbers belongs to the second, where the first has its word in front.
                if found.last().is_some_and(|last| last.who.is_some()) {
                    before = None;
                }
            }
        }
    }
    if found.is_empty() { Err(NoPhone::Nothing) } else { Ok(handed_on(found, before)) }
}

/// A word behind the last number is its own, if it has none.
fn handed_on(mut found: Vec<Phone>, word: Option<String>) -> Vec<Phone> {
    if let Some(last) = found.last_mut() {
        last.who = last.who.take().or(word);
    }
    found
}

/// Whose a number is, out of the text beside it.
fn named(text: &str) -> Option<String> {
    let mut rest = text.trim().to_owned();
    loop {
        let bare = rest.trim_matches(|c: char| c.is_whitespace() || ":()-=,。.'\"".contains(c)).to_owned();
        let small = bare.to_lowercase();
        let label = LABELS
            .iter()
            .find(|label| small.starts_with(**label))
            .and_then(|label| bare.get(label.len()..))
            .map(str::to_owned);
        let label = label.or_else(|| {
            LABELS
                .iter()
                .find(|label| small.ends_with(**label) && small.is_char_boundary(small.len() - label.len()))
                .and_then(|label| bare.get(..bare.len().checked_sub(label.len())?))
                .map(str::to_owned)
        });
        match label {
            Some(shorter) if small.len() == bare.len() => rest = shorter,
            _ => return bare.chars().any(|c| is_han(c) || c.is_alphabetic()).then_some(bare),
        }
    }
}

/// One number, or several that spaces part.
fn dialled(text: &str, area: Option<&str>) -> Result<Vec<Phone>, NoPhone> {
    match one(text, area) {
        Ok(phone) => Ok(vec![phone]),
        Err(whole) => {
            let parts: Vec<&str> = text.split_whitespace().collect();
            let apart = parts.iter().map(|part| one(part, area).ok()).collect::<Option<Vec<_>>>();
            apart.filter(|apart| apart.len() > 1).ok_or(whole)
        }
    }
}

fn phone(kind: Kind, e164: String, ext: Option<&str>) -> Phone {
    Phone { kind, e164, ext: ext.map(str::to_owned), who: None }
}

fn one(text: &str, area: Option<&str>) -> Result<Phone, NoPhone> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    if (text.contains(['*', '#']) || groups.len() > 1)
        && let Some(phone) = extended(text, area)
    {
        return Ok(phone);
    }
    let plus = text.trim_start_matches(['(', ' ']).starts_with('+');
    let (national, abroad) =
        match (plus, digits.strip_prefix("86"), digits.strip_prefix("0086"), digits.strip_prefix("00")) {
            (true, Some(rest), ..) | (false, _, Some(rest), _) => (rest.to_owned(), false),
            (true, None, ..) => (digits.clone(), true),
            (false, Some(rest), ..) if is_mobile(rest) => (rest.to_owned(), false),
            (false, _, None, Some(rest)) if rest.len() >= 8 => (rest.to_owned(), true),
            _ => (digits.clone(), false),
        };
    if abroad {
        let fits = (7..=15).contains(&national.len()) && !national.starts_with('0');
        return if fits {
            Ok(phone(Kind::Abroad, format!("+{national}"), None))
        } else {
            Err(NoPhone::Refuse(Refusal::Length))
        };
    }
    let foreign = national.len() < digits.len();
    inland(&national, foreign, &groups, area)
}

/// A number of China, without the country.
fn inland(digits: &str, foreign: bool, groups: &[&str], area: Option<&str>) -> Result<Phone, NoPhone> {
    let trunk = digits.strip_prefix('0');
    if is_mobile(digits) {
        return Ok(phone(Kind::Mobile, format!("+86{digits}"), None));
    }
    if let Some(rest) = trunk.filter(|rest| is_mobile(rest)) {
        return Ok(phone(Kind::Mobile, format!("+86{rest}"), None));
    }
    if let Some(rest) = trunk.or(foreign.then_some(digits)).filter(|rest| is_landline(rest)) {
        return Ok(phone(Kind::Landline, format!("+86{rest}"), None));
    }
    let twice =
        digits.len() == 22 && digits.is_char_boundary(11) && is_mobile(&digits[..11]) && is_mobile(&digits[11..]);
    if twice {
        return Err(NoPhone::Ask(About::Number, Because::Several));
    }
    let first = digits.chars().next().unwrap_or('0');
    match digits.len() {
        3..=6 if is_short(digits) && groups.len() == 1 => Ok(phone(Kind::Short, digits.to_owned(), None)),
        0..=6 => Err(NoPhone::Refuse(Refusal::NoNumber)),
        10 if digits.starts_with("400") || digits.starts_with("800") => {
            Ok(phone(Kind::Service, digits.to_owned(), None))
        }
        7 | 8 if ('2'..='9').contains(&first) && groups.len() <= 2 => {
            let area =
                area.and_then(|area| area.strip_prefix('0')).ok_or(NoPhone::Ask(About::Area, Because::Missing))?;
            let whole = format!("{area}{digits}");
            if is_landline(&whole) {
                Ok(phone(Kind::Landline, format!("+86{whole}"), None))
            } else {
                Err(NoPhone::Refuse(Refusal::Length))
            }
        }
        7 | 8 if groups.len() > 2 => Err(NoPhone::Refuse(Refusal::NoNumber)),
        9 | 10 if first != '1' && first != '0' => Err(NoPhone::Ask(About::Country, Because::Missing)),
        15.. => Err(NoPhone::Refuse(Refusal::NoNumber)),
        _ => Err(NoPhone::Refuse(Refusal::Length)),
    }
}

/// A landline with an extension behind a dash, a star or a number sign.
fn extended(text: &str, area: Option<&str>) -> Option<Phone> {
    let (front, ext) = text.rsplit_once(['-', '*', '#', ' '])?;
    let ext = ext.trim();
    let short = (1..=6).contains(&ext.len()) && ext.bytes().all(|digit| digit.is_ascii_digit());
    let front = front.trim_end_matches(['-', '*', '#', ' ']);
    let house = one(front, area)
        .ok()
        .filter(|phone| matches!(phone.kind, Kind::Landline | Kind::Service) && phone.ext.is_none())?;
    // `0531-8000-0012` is one number with a dash in it.
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let whole = digits.strip_prefix('0').is_some_and(is_landline) || is_mobile(&digits);
    (short && !whole).then(|| Phone { ext: Some(ext.to_owned()), ..house })
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

/// Area and number, without the zero in front: `21` and eight digits, `531` and seven or eight.
fn is_landline(digits: &str) -> bool {
    let number = |area: usize| digits.as_bytes().get(area).is_some_and(|first| (b'2'..=b'8').contains(first));
    match digits.as_bytes().first() {
        Some(b'1') => digits.starts_with("10") && digits.len() == 10 && number(2),
        Some(b'2') => digits.len() == 10 && number(2),
        Some(b'3'..=b'9') => matches!(digits.len(), 10 | 11) && number(3),
        _ => false,
    }
}

fn is_short(digits: &str) -> bool {
    match digits.len() {
        3 => digits.starts_with("11") || digits.starts_with("12"),
        5 => ["95", "96", "10", "11", "12"].iter().any(|front| digits.starts_with(front)),
        6 => ["95", "96", "11", "12", "10"].iter().any(|front| digits.starts_with(front)),
        _ => false,
    }
}

/// Whether two fields hold one number. Whose it is does not matter; the house and one desk of it are asked about.
pub fn same(one: &str, other: &str, area: Option<&str>) -> Sameness {
    let read = |text: &str| phones(text, area);
    match (read(one), read(other)) {
        (Reading::Read(one), Reading::Read(other)) => alike(&one, &other),
        (Reading::Refuse(Refusal::Masked), _) | (_, Reading::Refuse(Refusal::Masked)) => {
            if fits(one, other) {
                Sameness::Ask
            } else {
                Sameness::Different
            }
        }
        (Reading::Ask(_), _) | (_, Reading::Ask(_)) => Sameness::Ask,
        (Reading::Refuse(_), _) | (_, Reading::Refuse(_)) => Sameness::Different,
    }
}

fn alike(one: &[Phone], other: &[Phone]) -> Sameness {
    let pair = |one: &Phone, other: &Phone| match (one.e164 == other.e164, &one.ext, &other.ext) {
        (false, ..) => Sameness::Different,
        (true, one, other) if one == other => Sameness::Same,
        (true, Some(_), Some(_)) => Sameness::Different,
        (true, ..) => Sameness::Ask,
    };
    let best = |one: &Phone, among: &[Phone]| {
        among.iter().map(|other| pair(one, other)).min_by_key(|found| match found {
            Sameness::Same => 0,
            Sameness::Ask => 1,
            Sameness::Different => 2,
        })
    };
    let all: Vec<Sameness> = one.iter().filter_map(|phone| best(phone, other)).collect();
    if all.iter().all(|found| *found == Sameness::Different) {
        Sameness::Different
    } else if one.len() == other.len() && all.iter().all(|found| *found == Sameness::Same) {
        Sameness::Same
    } else {
        Sameness::Ask
    }
}

/// Whether what can be read of two masked numbers does not speak against their being one.
fn fits(one: &str, other: &str) -> bool {
    let shown = |text: &str| -> Vec<char> {
        let plain = super::plain::plain(text);
        let kept: String =
            plain.chars().filter(|c| c.is_ascii_digit() || matches!(c, '*' | 'x' | 'X' | '•' | '●' | '#')).collect();
        kept.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(&kept).chars().collect()
    };
    let (one, other) = (shown(one), shown(other));
    one.len() != other.len()
        || one.iter().zip(&other).all(|(one, other)| one == other || !one.is_ascii_digit() || !other.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Sameness, phones, same};
    use crate::written::Reading;

    fn told(text: &str, area: Option<&str>) -> String {
        match phones(text, area) {
            Reading::Read(phones) => {
                let one = |phone: &super::Phone| {
                    let ext = phone.ext.as_ref().map_or(String::new(), |ext| format!(" ext {ext}"));
                    let who = phone.who.as_ref().map_or(String::new(), |who| format!(" {who}"));
                    format!("{:?} {}{ext}{who}", phone.kind, phone.e164)
                };
                phones.iter().map(one).collect::<Vec<_>>().join("; ")
            }
            Reading::Ask(question) => format!("{:?} {:?}", question.about, question.because),
            Reading::Refuse(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn numbers_are_read_in_every_way_they_are_noted() {
        for (text, right) in [
            ("15900000041", "Mobile +8615900000041"),
            ("＋８６ 159-0000-0041", "Mobile +8615900000041"),
            ("手机号：159 0000 0041", "Mobile +8615900000041"),
            ("李师傅15900000041", "Mobile +8615900000041 李师傅"),
            ("159 0000 0041（儿媳）", "Mobile +8615900000041 儿媳"),
            ("爸爸15900000041、妈妈 18800000017", "Mobile +8615900000041 爸爸; Mobile +8618800000017 妈妈"),
            ("15900000041 18800000017", "Mobile +8615900000041; Mobile +8618800000017"),
            ("0571-80000041", "Landline +8657180000041"),
            ("010 60000041 转 12", "Landline +861060000041 ext 12"),
            ("+44 20 7946 0041", "Abroad +442079460041"),
            ("800-820-0041", "Service 8008200041"),
            ("12345", "Short 12345"),
        ] {
            assert_eq!(told(text, None), right, "{text}");
        }
        assert_eq!(told("8000 0041", Some("0571")), "Landline +8657180000041");
    }

    #[test]
    fn what_nobody_can_call_is_no_number() {
        for (text, right) in [
            ("80000041", "Area Missing"),
            ("3125550041", "Country Missing"),
            ("159****0041", "Masked"),
            ("1590000004", "Length"),
            ("1590000OO41", "Number LookAlike"),
            ("1590000004?", "Number Unreadable"),
            ("1590000004118800000017", "Number Several"),
            ("YT15900000041", "NoNumber"),
            ("2026-03-04", "NoNumber"),
            ("6-1-1203", "NoNumber"),
            ("没有", "NoNumber"),
            ("1.59E+10", "NoNumber"),
            ("", "Empty"),
        ] {
            assert_eq!(told(text, None), right, "{text}");
        }
    }

    #[test]
    fn one_number_is_one_however_it_is_noted() {
        let area = Some("0571");

        assert_eq!(same("80000041", "0571-80000041", area), Sameness::Same);
        assert_eq!(same("0086-15900000041", "15900000041（女婿）", area), Sameness::Same);
        assert_eq!(same("80000041-12", "80000041", area), Sameness::Ask);
        assert_eq!(same("159****0041", "15900000041", area), Sameness::Ask);
        assert_eq!(same("159****0042", "15900000041", area), Sameness::Different);
        assert_eq!(same("15900000041", "15900000014", area), Sameness::Different);
        assert_eq!(same("", "", area), Sameness::Different);
    }
}
