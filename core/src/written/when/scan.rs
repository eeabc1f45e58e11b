//! A text as words of times.

use super::word::{Token, fixed};
use crate::written::{
    calendar::{month_named, weekday_named},
    numeral::{self, Number},
    plain::{spaces, starts},
};

/// Characters that are written otherwise in the traditional script.
const PLAIN: [(char, char); 10] = [
    ('點', '点'),
    ('時', '时'),
    ('號', '号'),
    ('週', '周'),
    ('後', '后'),
    ('鐘', '钟'),
    ('個', '个'),
    ('兩', '两'),
    ('裡', '里'),
    ('內', '内'),
];

/// Takes a plain text into words of times.
pub(super) fn tokens(plain: &str) -> Vec<Token> {
    let turned = |c: char| PLAIN.iter().find(|(one, _)| *one == c).map_or(c, |(_, other)| *other);
    let text: Vec<char> = plain.to_lowercase().chars().map(turned).collect();
    let (mut at, mut found) = (0, Vec::new());
    while at < text.len() {
        let rest = &text[at..];
        if let Some((token, len)) = alike(rest, at > 0 && text[at - 1].is_ascii_alphanumeric())
            .or_else(|| spoken_week(rest))
            .or_else(|| counted(rest))
            .or_else(|| english(rest))
        {
            found.push(token);
            at += len;
        } else if let Some((tokens, len)) = fixed(rest) {
            found.extend(tokens);
            at += len;
        } else {
            let len = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count().max(1);
            if found.last() != Some(&Token::Unknown) {
                found.push(Token::Unknown);
            }
            at += len;
        }
    }
    found
}

/// The first of some words that stands here, and its characters.
fn one_of(text: &[char], words: &[&str]) -> Option<usize> {
    words.iter().find(|word| starts(text, word)).map(|word| word.chars().count())
}

/// `l0点`: a letter among the digits of an hour.
fn alike(text: &[char], inside: bool) -> Option<(Token, usize)> {
    let run = text.iter().take_while(|c| c.is_ascii_digit() || matches!(c, 'l' | 'o' | 'i')).count();
    let letters = text[..run].iter().any(char::is_ascii_alphabetic);
    let clock = matches!(text.get(run), Some('点' | ':' | '时' | '号' | '月' | '日'));
    (!inside && run > 0 && letters && clock).then_some((Token::LookAlike, run + 1))
}

/// `下周三`, `星期日`, `礼拜天`.
fn spoken_week(text: &[char]) -> Option<(Token, usize)> {
    let which = [
        ("下下个", 2),
        ("下下", 2),
        ("下个", 1),
        ("下", 1),
        ("上个", -1),
        ("上", -1),
        ("这个", 0),
        ("这", 0),
        ("本", 0),
    ];
    let said = which.iter().find(|(word, _)| starts(text, word));
    let (week, mut at) = said.map_or((None, 0), |(word, week)| (Some(*week), word.chars().count()));
    at += one_of(&text[at..], &["周", "星期", "礼拜"])?;
    let day = match text.get(at)? {
        '日' | '天' | '7' => 6,
        c => {
            let day = numeral::digit(*c).or_else(|| c.to_digit(10).map(i64::from))?;
            if (1..=6).contains(&day) { day - 1 } else { return None }
        }
    };
    Some((Token::Weekday(week, day), at + 1))
}

/// A whole number in digits or numerals, and its characters. No point belongs to it.
fn whole(text: &[char]) -> Option<(i64, usize)> {
    let digits = numeral::digits(text);
    let run = if digits > 0 {
        digits
    } else {
        text.iter().take_while(|c| numeral::digit(**c).is_some() || matches!(c, '十' | '百')).count()
    };
    let found = numeral::number(&text[..run])?;
    match found.number {
        Number::Exact(value) if value % numeral::EACH == 0 && found.len == run => Some((value / numeral::EACH, run)),
        _ => None,
    }
}

/// What a number says by what follows it.
fn counted(text: &[char]) -> Option<(Token, usize)> {
    if let Some(found) = some(text) {
        return Some(found);
    }
    if starts(text, "半") {
        return half(text);
    }
    let (value, len) = whole(text)?;
    let near = len + spaces(&text[len..]);
    let rest = &text[near..];
    let digits = text[0].is_ascii_digit();
    let number = numeral::digits(text);
    dated(text, value, len)
        .or_else(|| clock(rest, value).map(|(token, more)| (token, near + more)))
        .or_else(|| length(rest, value).map(|(token, more)| (token, near + more)))
        .or_else(|| {
            (digits && number == 8).then_some((Token::Date(Some(value / 10_000), value / 100 % 100, value % 100), len))
        })
        .or_else(|| one_of(rest, &["日", "号"]).map(|more| (Token::DayOfMonth(value), near + more)))
        .or_else(|| ordinal(rest, value).map(|(token, more)| (token, near + more)))
        .or_else(|| digits.then_some((Token::Bare(value), len)))
        .or_else(|| {
            (starts(rest, "-") || starts(rest, "到") || starts(rest, "至")).then_some((Token::Bare(value), len))
        })
}

/// `几天`, `过两天`: some.
fn some(text: &[char]) -> Option<(Token, usize)> {
    if starts(text, "过") {
        let mut at = 1;
        at += usize::from(text.get(at) == Some(&'个'));
        let counted = whole(&text[at..]).filter(|(value, _)| (1..=3).contains(value));
        let len = counted.map(|(_, len)| len).or_else(|| one_of(&text[at..], &["几", "些"]))?;
        let unit = one_of(&text[at + len..], &["天", "日", "周"])?;
        let after = one_of(&text[at + len + unit..], &["之后", "以后", "后"]).unwrap_or(0);
        return Some((Token::Some, at + len + unit + after));
    }
    let len = one_of(text, &["好几", "几", "若干"])?;
    let unit = one_of(&text[len..], &["天", "个小时", "小时", "分钟", "周", "个月", "点"])?;
    Some((Token::Some, len + unit))
}

/// Half an hour: `半小时`, `半个钟头`.
fn half(text: &[char]) -> Option<(Token, usize)> {
    let at = 1 + usize::from(text.get(1) == Some(&'个'));
    if let Some(len) = one_of(&text[at..], &["小时", "钟头", "钟"]) {
        return Some((Token::Minutes(30), at + len));
    }
    let len = one_of(&text[at..], &["天", "日", "月"])?;
    Some((Token::Some, at + len))
}

/// `2026-12-04`, `2026年12月4日`, `12月4日`, `12/4`.
fn dated(text: &[char], value: i64, len: usize) -> Option<(Token, usize)> {
    let more = |at: usize| whole(text.get(at..)?).map(|(value, len)| (value, at + len));
    let next = |at: usize| at + spaces(text.get(at..).unwrap_or_default());
    let at = next(len);
    match text.get(at)? {
        '年' => {
            let (month, end) = more(next(at + 1))?;
            let end = next(end) + one_of(&text[next(end)..], &["月份", "月"])?;
            let (day, end) = more(next(end))?;
            let tail = one_of(&text[next(end)..], &["日", "号"]).map_or(end, |len| next(end) + len);
            Some((Token::Date(Some(year(value)), month, day), tail))
        }
        '月' => {
            let (day, end) = more(next(at + 1))?;
            // `12月3点` is no date.
            if matches!(text.get(next(end)), Some('点' | ':' | '时')) {
                return None;
            }
            let tail = one_of(&text[next(end)..], &["日", "号"]).map_or(end, |len| next(end) + len);
            Some((Token::Date(None, value, day), tail))
        }
        sign @ ('-' | '/' | '.') if text[0].is_ascii_digit() && text.get(at + 1).is_some_and(char::is_ascii_digit) => {
            let (second, end) = more(at + 1)?;
            let third = (text.get(end) == Some(sign)).then(|| more(end + 1)).flatten();
            match (len, third) {
                (4, Some((day, end))) => Some((Token::Date(Some(value), second, day), end + stamp(&text[end..]))),
                // Three numbers of which none is a year are no date.
                (_, Some((_, end))) => Some((Token::Unknown, end)),
                (1 | 2, None) if !hour_behind(text, end) => {
                    // Two digits each: `12-04` beside an hour is a date, and `3-2` a door.
                    let sign = if *sign == '-' && len == 2 && end == at + 3 { '/' } else { *sign };
                    Some((Token::Pair(value, second, sign), end))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The `T` between a date and its time.
fn stamp(text: &[char]) -> usize {
    usize::from(text.first() == Some(&'t') && text.get(1).is_some_and(char::is_ascii_digit))
}

/// Whether what stands here makes a number in front of it an hour: `9-11点`.
fn hour_behind(text: &[char], at: usize) -> bool {
    let rest = &text[at + spaces(&text[at..])..];
    one_of(rest, &["点", "时", ":", "am", "pm", "a.m", "p.m", "天", "小时"]).is_some()
}

fn year(value: i64) -> i64 {
    if (0..100).contains(&value) { 2000 + value } else { value }
}

/// What makes a number an hour: `点`, `:`, `pm`.
fn clock(rest: &[char], hour: i64) -> Option<(Token, usize)> {
    if let Some((half, len)) = meridian(rest) {
        return Some((Token::Clock(hour, 0, Some(half)), len));
    }
    if rest.first() == Some(&':') {
        let (minute, len) = whole(rest.get(1..)?)?;
        let mut end = 1 + len;
        if rest.get(end) == Some(&':') {
            end += 1 + numeral::digits(&rest[end + 1..]);
        }
        let near = end + spaces(&rest[end..]);
        let half = meridian(&rest[near..]);
        return Some((Token::Clock(hour, minute, half.map(|(half, _)| half)), half.map_or(end, |(_, len)| near + len)));
    }
    let mut end = one_of(rest, &["点钟", "点整", "点", "时"])?;
    if starts(rest, "时间") {
        return None;
    }
    end += spaces(&rest[end..]);
    if let Some(len) = one_of(&rest[end..], &["半"]) {
        return Some((Token::Clock(hour, 30, None), end + len));
    }
    if let Some(len) = one_of(&rest[end..], &["一刻", "1刻"]) {
        return Some((Token::Clock(hour, 15, None), end + len));
    }
    if let Some(len) = one_of(&rest[end..], &["三刻", "3刻"]) {
        return Some((Token::Clock(hour, 45, None), end + len));
    }
    let minute =
        whole(&rest[end..]).filter(|(_, len)| !hour_behind(rest, end + len) && rest.get(end + len) != Some(&'月'));
    match minute {
        Some((minute, len)) => {
            let minutes = one_of(&rest[end + len..], &["分钟", "分"]).unwrap_or(0);
            Some((Token::Clock(hour, minute, None), end + len + minutes))
        }
        None => Some((Token::Clock(hour, 0, None), end)),
    }
}

/// Whether p.m., and its characters.
fn meridian(text: &[char]) -> Option<(bool, usize)> {
    let len = one_of(text, &["a.m.", "a.m", "am"]);
    let (half, len) =
        len.map(|len| (false, len)).or_else(|| one_of(text, &["p.m.", "p.m", "pm"]).map(|len| (true, len)))?;
    (!text.get(len).is_some_and(char::is_ascii_alphabetic)).then_some((half, len))
}

/// A length of time: `2个半小时`, `90分钟`, `3 days`.
fn length(rest: &[char], value: i64) -> Option<(Token, usize)> {
    let mut at = usize::from(rest.first() == Some(&'个'));
    let half = rest.get(at) == Some(&'半');
    at += usize::from(half);
    let half = i64::from(half);
    let unit = |words: &[&str]| {
        let len = one_of(&rest[at..], words)?;
        let letters = rest[at + len - 1].is_ascii_alphabetic();
        (!letters || !rest.get(at + len).is_some_and(char::is_ascii_alphabetic)).then_some(at + len)
    };
    if let Some(end) = unit(&["小时", "钟头", "hours", "hour", "hrs", "hr", "h"]) {
        return Some((Token::Minutes(value.saturating_mul(60) + half * 30), end));
    }
    if let Some(end) = unit(&["分钟", "minutes", "minute", "mins", "min"]) {
        return (half == 0).then_some((Token::Minutes(value), end));
    }
    if let Some(end) = unit(&["刻钟"]) {
        return Some((Token::Minutes(value.saturating_mul(15)), end));
    }
    if half > 0 {
        return None;
    }
    if let Some(end) = unit(&["天", "days", "day"]) {
        return Some((Token::Days(value), end));
    }
    if let Some(end) = unit(&["周", "星期", "礼拜", "weeks", "week"]) {
        return Some((Token::Days(value.saturating_mul(7)), end));
    }
    let months = if at > 0 { unit(&["月"]) } else { None };
    months.or_else(|| unit(&["months", "month"])).map(|end| (Token::Months(value), end))
}

/// `4th`, `4 Dec 2026`.
fn ordinal(rest: &[char], day: i64) -> Option<(Token, usize)> {
    let mut at = one_of(rest, &["th", "st", "nd", "rd"]).unwrap_or(0);
    at += spaces(&rest[at..]);
    at += one_of(&rest[at..], &["of "]).unwrap_or(0);
    let (month, len) = named_month(&rest[at..])?;
    let (year, more) = year_behind(&rest[at + len..]);
    Some((Token::Date(year, month, day), at + len + more))
}

fn named_month(text: &[char]) -> Option<(i64, usize)> {
    let len = text.iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let word: String = text[..len].iter().collect();
    month_named(&word).map(|month| (month, len + usize::from(text.get(len) == Some(&'.'))))
}

/// A year behind a date: `, 2026`.
fn year_behind(text: &[char]) -> (Option<i64>, usize) {
    let at = text.iter().take_while(|c| matches!(c, ' ' | ',')).count();
    match numeral::digits(&text[at..]) {
        4 if text.get(at + 4) != Some(&':') => (whole(&text[at..]).map(|(year, _)| year), at + 4),
        _ => (None, 0),
    }
}

/// `Dec 4, 2026`, `Monday`, `next Sunday`.
fn english(text: &[char]) -> Option<(Token, usize)> {
    let len = text.iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let word: String = text[..len].iter().collect();
    if let Some(week) = ["next", "this", "last"].iter().position(|known| *known == word) {
        let at = len + spaces(&text[len..]);
        let more = text[at..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let day = weekday_named(&text[at..at + more].iter().collect::<String>())?;
        let token = if week == 1 { Token::Weekday(None, day) } else { Token::Next(day) };
        return Some((token, at + more));
    }
    if let Some(value) =
        numeral::english(&word).filter(|value| !matches!(word.as_str(), "a" | "an") && value % numeral::EACH == 0)
    {
        let near = len + spaces(&text[len..]);
        if let Some((token, more)) = length(&text[near..], value / numeral::EACH) {
            return Some((token, near + more));
        }
    }
    if let Some(day) = weekday_named(&word) {
        return Some((Token::Weekday(None, day), len + usize::from(text.get(len) == Some(&'.'))));
    }
    let (month, len) = named_month(text)?;
    let at = len + spaces(&text[len..]);
    let (day, more) = whole(&text[at..])?;
    let end = at + more + one_of(&text[at + more..], &["th", "st", "nd", "rd"]).unwrap_or(0);
    let (year, more) = year_behind(&text[end..]);
    Some((Token::Date(year, month, day), end + more))
}
