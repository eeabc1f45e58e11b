//! Numbers as people write them: Arabic, Chinese, formal, English; whole ones, decimals, fractions, halves.

/// How many of a whole: thousandths.
pub(super) const EACH: i64 = 1000;

/// A number that begins a text, or why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Its value in thousandths.
    Exact(i64),
    /// It has a value that thousandths do not reach.
    TooFine,
    /// `一百五`: written 105, spoken 150.
    Ambiguous,
    /// `两三`: one or the other.
    Range,
    /// `几`, `十来`, `数十`: some.
    Vague,
    /// Two points, or no digit behind one.
    Unreadable,
}

/// A number at the beginning, how many characters it takes, and whether it is written in Arabic digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) number: Number,
    pub(super) len: usize,
    pub(super) arabic: bool,
}

/// Reads the longest number at the beginning.
pub(super) fn number(text: &[char]) -> Option<Found> {
    let first = arabic(text).or_else(|| chinese(text))?;
    Some(mixed(text, first).unwrap_or(first))
}

/// `一又二分之一`: a whole number and a part of one.
fn mixed(text: &[char], first: Found) -> Option<Found> {
    let rest = text.get(first.len..)?.strip_prefix(&['又'])?;
    let part = arabic(rest).or_else(|| chinese(rest))?;
    let (Number::Exact(whole), Number::Exact(less)) = (first.number, part.number) else { return None };
    let number = Number::Exact(whole.checked_add(less)?);
    (less < EACH && whole % EACH == 0).then_some(Found { number, len: first.len + 1 + part.len, ..first })
}

/// Digits, a point or a stop between digits, a fraction, thousands parted by commas.
pub(super) fn arabic(text: &[char]) -> Option<Found> {
    let run = digits(text);
    if run == 0 {
        return None;
    }
    let found = |number, len| Some(Found { number, len, arabic: true });
    if let Some((whole, len)) = grouped(text) {
        return found(whole, len);
    }
    let mut len = run;
    let mut points = 0;
    while matches!(text.get(len), Some('.' | '。' | '·'))
        && text.get(len + 1).is_some_and(|c| is_digit(*c) || *c == '.')
    {
        points += 1;
        len += 1;
        len += digits(&text[len..]);
    }
    let whole = &text[..run];
    match points {
        0 => match over(text, run) {
            Some((number, len)) => found(number, len),
            None => found(decimal(whole, &[]), run),
        },
        1 if digits(&text[run + 1..]) > 0 => found(decimal(whole, &text[run + 1..len]), len),
        _ => found(Number::Unreadable, len),
    }
}

/// `1,500`: thousands, so that they are not two things.
fn grouped(text: &[char]) -> Option<(Number, usize)> {
    let first = digits(text);
    let mut len = first;
    while (1..=3).contains(&first) && text.get(len) == Some(&',') && digits(text.get(len + 1..)?) == 3 {
        len += 4;
    }
    let all: Vec<char> = text[..len].iter().copied().filter(|c| *c != ',').collect();
    (len > first).then(|| (decimal(&all, &[]), len))
}

/// `1/2` and `1 1/2`.
fn over(text: &[char], run: usize) -> Option<(Number, usize)> {
    let value = |digits: &[char]| digits.iter().collect::<String>().parse::<i64>().ok();
    let behind = |at: usize| (text.get(at) == Some(&'/')).then(|| digits(&text[at + 1..])).filter(|len| *len > 0);
    if let Some(len) = behind(run) {
        return Some((fraction(value(&text[..run])?, value(&text[run + 1..run + 1 + len])?), run + 1 + len));
    }
    let numerator = if text.get(run) == Some(&' ') { digits(&text[run + 1..]) } else { 0 };
    let slash = run + 1 + numerator;
    let len = if numerator > 0 { behind(slash)? } else { return None };
    let part = fraction(value(&text[run + 1..slash])?, value(&text[slash + 1..slash + 1 + len])?);
    let whole = value(&text[..run])?.checked_mul(EACH)?;
    let sum = match part {
        Number::Exact(part) if part < EACH => Number::Exact(whole.checked_add(part)?),
        other => other,
    };
    Some((sum, slash + 1 + len))
}

fn fraction(over: i64, under: i64) -> Number {
    match over.checked_mul(EACH) {
        Some(_) if under == 0 => Number::Unreadable,
        Some(all) if all % under == 0 => Number::Exact(all / under),
        Some(_) => Number::TooFine,
        None => Number::Unreadable,
    }
}

fn decimal(whole: &[char], part: &[char]) -> Number {
    let part: String = part.iter().collect();
    let part = part.trim_end_matches('0');
    if part.len() > 3 {
        return Number::TooFine;
    }
    let all: String = whole.iter().copied().chain(format!("{part:0<3}").chars()).collect();
    all.parse().map_or(Number::Unreadable, Number::Exact)
}

pub(super) fn digits(text: &[char]) -> usize {
    text.iter().take_while(|c| is_digit(**c)).count()
}

pub(super) fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The value of a Chinese digit, formal ones and traditional ones too.
pub(super) fn digit(c: char) -> Option<i64> {
    Some(match c {
        '零' | '〇' | '○' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '两' | '贰' | '貳' | '兩' | '俩' => 2,
        '三' | '叁' | '參' | '仨' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn scale(c: char) -> Option<i64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        '万' | '萬' => 10_000,
        _ => return None,
    })
}

fn is_numeral(c: char) -> bool {
    digit(c).is_some() || scale(c).is_some()
}

/// Chinese numerals, `半`, `点`, `分之`, and words for some.
pub(super) fn chinese(text: &[char]) -> Option<Found> {
    let found = |number, len| Some(Found { number, len, arabic: false });
    if text.first() == Some(&'半') {
        return found(Number::Exact(EACH / 2), 1);
    }
    if let Some(len) = vague(text) {
        return found(Number::Vague, len);
    }
    let run = text.iter().take_while(|c| is_numeral(**c)).count();
    if run == 0 || matches!(text[0], '百' | '千' | '万' | '佰' | '仟' | '萬') {
        return None;
    }
    if text[run..].starts_with(&['分', '之']) {
        let over = &text[run + 2..];
        let len = over.iter().take_while(|c| is_numeral(**c)).count();
        return match (whole(&text[..run]), whole(over.get(..len)?)) {
            (Number::Exact(under), Number::Exact(over)) if len > 0 => found(fraction(over, under), run + 2 + len),
            _ => found(Number::Unreadable, run + 2 + len),
        };
    }
    if matches!(text.get(run), Some('点' | '點')) {
        let behind: String = text[run + 1..].iter().map_while(|c| digit(*c)).map(|d| d.to_string()).collect();
        if !behind.is_empty() {
            let len = run + 1 + behind.len();
            return match whole(&text[..run]) {
                Number::Exact(value) => {
                    let value: Vec<char> = (value / EACH).to_string().chars().collect();
                    found(decimal(&value, &behind.chars().collect::<Vec<_>>()), len)
                }
                other => found(other, len),
            };
        }
    }
    found(whole(&text[..run]), run)
}

/// `几`, `十几`, `好几`, `十来`, `三十多`: how many characters it takes.
fn vague(text: &[char]) -> Option<usize> {
    let at = text.iter().take_while(|c| is_numeral(**c) || is_digit(**c)).count();
    let behind = &text[at..];
    if let Some('几' | '幾' | '数' | '來' | '来' | '多' | '余') = behind.first() {
        let some = matches!(behind[0], '几' | '幾');
        let tens = at > 0 && matches!(text[at - 1], '十' | '百' | '千' | '万' | '拾' | '0');
        if some || tens {
            return Some(at + 1 + behind[1..].iter().take_while(|c| scale(**c).is_some()).count());
        }
    }
    let rest =
        ["好几", "若干", "数十", "数百"].into_iter().find(|word| text.iter().copied().take(2).eq(word.chars()))?;
    Some(rest.chars().count())
}

/// A whole number: by places, or digit by digit.
fn whole(text: &[char]) -> Number {
    if text.iter().all(|c| digit(*c).is_some()) {
        return one_by_one(text);
    }
    let (mut total, mut section, mut last, mut lowest, mut gap) = (0_i64, 0_i64, None, i64::MAX, false);
    for (at, c) in text.iter().enumerate() {
        match (digit(*c), scale(*c)) {
            (Some(0), _) => gap = true,
            (Some(value), _) => {
                if last.is_some() {
                    return if at + 1 == text.len() || scale(text[at + 1]).is_some() {
                        Number::Range
                    } else {
                        Number::Unreadable
                    };
                }
                last = Some(value);
            }
            (None, Some(10_000)) => {
                let sum = total.checked_add(section + last.take().unwrap_or(0));
                let Some(times) = sum.and_then(|sum| sum.checked_mul(10_000)) else { return Number::Unreadable };
                total = times;
                (section, lowest, gap) = (0, 10_000, false);
            }
            (None, Some(scale)) => {
                if scale >= lowest && lowest != 10_000 {
                    return Number::Unreadable;
                }
                section += last.take().unwrap_or(1) * scale;
                (lowest, gap) = (scale, false);
            }
            (None, None) => return Number::Unreadable,
        }
    }
    if last.is_some() && lowest >= 100 && !gap && text.len() > 1 {
        return Number::Ambiguous;
    }
    let sum = total.checked_add(section).and_then(|sum| sum.checked_add(last.unwrap_or(0)));
    sum.and_then(|sum| sum.checked_mul(EACH)).map_or(Number::Unreadable, Number::Exact)
}

/// `二〇二七`; two digits that follow each other are one or the other.
fn one_by_one(text: &[char]) -> Number {
    let values: Vec<i64> = text.iter().filter_map(|c| digit(*c)).collect();
    if let [one, other] = values[..]
        && one != 0
        && other != 0
    {
        return Number::Range;
    }
    let text: String = values.iter().map(i64::to_string).collect();
    text.parse::<i64>().ok().and_then(|value| value.checked_mul(EACH)).map_or(Number::Unreadable, Number::Exact)
}

/// English words for numbers.
pub(super) fn english(word: &str) -> Option<i64> {
    const WORDS: [&str; 13] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "a" | "an" => Some(EACH),
        "half" => Some(EACH / 2),
        "fifteen" => Some(15 * EACH),
        "twenty" => Some(20 * EACH),
        "thirty" => Some(30 * EACH),
        _ => WORDS.iter().position(|known| *known == word).and_then(|at| i64::try_from(at).ok()).map(|at| at * EACH),
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Number, number};

    fn read(text: &str) -> (Number, usize) {
        let chars: Vec<char> = text.chars().collect();
        let Found { number, len, .. } = number(&chars).unwrap();
        (number, len)
    }

    #[test]
    fn numbers_are_read_in_every_kind_of_numeral() {
        for (text, value) in [
            ("7", 7000),
            ("07", 7000),
            ("2.50", 2500),
            ("3。5", 3500),
            ("3/4", 750),
            ("2 1/2", 2500),
            ("1,200", 1_200_000),
            ("十", 10_000),
            ("二十", 20_000),
            ("二十三", 23_000),
            ("三百零六", 306_000),
            ("三百二十", 320_000),
            ("一万二千", 12_000_000),
            ("伍拾", 50_000),
            ("二点二五", 2250),
            ("半", 500),
            ("五分之二", 400),
            ("二又四分之一", 2250),
            ("二〇二八", 2_028_000),
        ] {
            assert_eq!(read(text), (Number::Exact(value), text.chars().count()), "{text}");
        }
    }

    #[test]
    fn what_has_no_one_value_says_why() {
        for (text, why) in [
            ("2/3", Number::TooFine),
            ("0.0005", Number::TooFine),
            ("二百三", Number::Ambiguous),
            ("四五", Number::Range),
            ("三四十", Number::Range),
            ("二十来", Number::Vague),
            ("几", Number::Vague),
            ("十几", Number::Vague),
            ("3..1", Number::Unreadable),
            ("3.1.2", Number::Unreadable),
        ] {
            assert_eq!(read(text).0, why, "{text}");
        }
        assert_eq!(number(&"百合".chars().collect::<Vec<_>>()), None);
    }
}
