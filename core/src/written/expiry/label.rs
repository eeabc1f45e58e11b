//! What is printed around a date: what the date is of, and how long something is good.

use super::printed::{Label, Printed, printed};
use crate::written::{
    numeral::{self, Number},
    plain::{spaces, starts},
};

/// A piece of what is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Label(Label),
    Printed(Printed),
    /// In months; none in a unit that has no months, such as days.
    Length(Option<i64>),
    Other,
}

/// The longest that fits is taken.
const LABELS: &[(&str, Label)] = &[
    ("有效期至", Label::Good),
    ("有效期限至", Label::Good),
    ("有效期限", Label::Good),
    ("有效日期", Label::Good),
    ("有效至", Label::Good),
    ("有效期", Label::Good),
    ("使用期限", Label::Good),
    ("使用期限至", Label::Good),
    ("保质期至", Label::Good),
    ("保质期到", Label::Good),
    ("保质期", Label::Good),
    ("到期日", Label::Good),
    ("到期", Label::Good),
    ("效期至", Label::Good),
    ("效期", Label::Good),
    ("exp.date", Label::Good),
    ("exp. date", Label::Good),
    ("exp date", Label::Good),
    ("expiry date", Label::Good),
    ("expiration date", Label::Good),
    ("expiry", Label::Good),
    ("expires", Label::Good),
    ("exp.", Label::Good),
    ("exp", Label::Good),
    ("use by", Label::Good),
    ("use before", Label::Best),
    ("e:", Label::Good),
    ("e ", Label::Good),
    ("best before", Label::Best),
    ("bb", Label::Best),
    ("失效期", Label::Fails),
    ("失效日期", Label::Fails),
    ("失效", Label::Fails),
    ("生产日期", Label::Made),
    ("制造日期", Label::Made),
    ("出厂日期", Label::Made),
    ("生产", Label::Made),
    ("mfg.", Label::Made),
    ("mfg", Label::Made),
    ("mfd", Label::Made),
    ("prod", Label::Made),
    ("m:", Label::Made),
    ("产品批号", Label::Batch),
    ("生产批号", Label::Batch),
    ("批号", Label::Batch),
    ("批次", Label::Batch),
    ("lot no.", Label::Batch),
    ("lot", Label::Batch),
    ("batch no.", Label::Batch),
    ("batch", Label::Batch),
    ("b.n.", Label::Batch),
    ("开封后", Label::Opened),
    ("开启后", Label::Opened),
    ("开瓶后", Label::Opened),
    ("after opening", Label::Opened),
];

/// Signs and words that say nothing by themselves.
const NOTHING: [&str; 12] = ["date", "至", "到", "为", "止", "am", "pm", "有效", "限", "and", "until", "to"];

/// Takes a plain text in small letters into labels, dates and lengths.
pub(super) fn tokens(plain: &str) -> Vec<Token> {
    let text: Vec<char> = plain.chars().collect();
    let (mut at, mut found) = (0, Vec::new());
    while at < text.len() {
        let rest = &text[at..];
        let labelled = match found.last() {
            Some(Token::Label(label)) => Some(*label),
            _ => None,
        };
        if let Some((label, len)) = label(rest) {
            found.push(Token::Label(label));
            at += len;
        } else if labelled == Some(Label::Batch) && rest[0].is_ascii_alphanumeric() {
            found.push(Token::Other);
            at += rest.iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.')).count();
        } else if let Some((months, len)) = length(rest) {
            found.push(Token::Length(months));
            at += len;
        } else if let Some((printed, len)) = printed(rest, labelled) {
            found.push(Token::Printed(printed));
            at += len;
        } else if let Some(word) = NOTHING.iter().find(|word| starts(rest, word)) {
            at += word.chars().count();
        } else {
            if rest[0].is_alphanumeric() && found.last() != Some(&Token::Other) {
                found.push(Token::Other);
            }
            at += 1;
        }
    }
    found
}

fn label(text: &[char]) -> Option<(Label, usize)> {
    let fits = LABELS.iter().filter(|(word, _)| starts(text, word));
    fits.map(|(word, label)| (*label, word.chars().count())).max_by_key(|(_, len)| *len)
}

/// `24个月`, `2年`, `36月`, `28天`; `2027年` and `5月31日` are none.
fn length(text: &[char]) -> Option<(Option<i64>, usize)> {
    let run = numeral::digits(text);
    let run =
        if run > 0 { run } else { text.iter().take_while(|c| numeral::digit(**c).is_some() || **c == '十').count() };
    let found = numeral::number(text.get(..run)?)?;
    let Number::Exact(value) = found.number else { return None };
    let value = value / numeral::EACH;
    let near = run + spaces(&text[run..]);
    let rest = &text[near..];
    let unit = |words: &[&str]| words.iter().find(|word| starts(rest, word)).map(|word| near + word.chars().count());
    if let Some(end) = unit(&["个月", "months", "month"]) {
        return Some((Some(value), end));
    }
    if let Some(end) = unit(&["月"]) {
        let day = text
            .get(end)
            .is_some_and(|c| c.is_ascii_digit() || numeral::digit(*c).is_some() || *c == '十' || *c == '底');
        return (!day).then_some((Some(value), end));
    }
    if let Some(end) = unit(&["年", "years", "year"]) {
        let date = value > 99
            || text
                .get(end)
                .is_some_and(|c| c.is_ascii_digit() || numeral::digit(*c).is_some() || *c == '十' || *c == '底');
        return (!date).then_some((Some(value.saturating_mul(12)), end));
    }
    unit(&["天", "日", "周", "小时", "days", "day", "weeks"]).map(|end| (None, end))
}
