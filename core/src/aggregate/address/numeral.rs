//! Chinese numerals in addresses.

use super::{AddressError, leading, shortened};

/// Replaces Chinese numerals by digits. One that touches a digit cannot be read: 3十 is neither 30 nor 310.
pub(super) fn in_digits(text: &str) -> Result<String, AddressError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let numeral = leading(rest, |c| numeral(c).is_some());
        if numeral.is_empty() {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        rest = &rest[numeral.len()..];
        let touches = out.ends_with(|c: char| c.is_ascii_digit()) || rest.starts_with(|c: char| c.is_ascii_digit());
        match number(numeral) {
            Some(number) if !touches => out.push_str(&number),
            _ => return Err(AddressError::Unreadable { text: shortened(numeral) }),
        }
    }
    Ok(out)
}

/// What a numeral character says: a digit below 10, or a power of ten.
fn numeral(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        _ => return None,
    })
}

/// 一八零四 is 1804 digit by digit; 一百零三 is 103, powers descending, at most one digit before each.
fn number(text: &str) -> Option<String> {
    let values: Vec<u32> = text.chars().filter_map(numeral).collect();
    if values.iter().all(|value| *value < 10) {
        return Some(values.iter().map(u32::to_string).collect());
    }
    let (mut sum, mut digit, mut power) = (0, None, 10_000);
    for value in values {
        match (value, digit) {
            (0, None) => {}
            (1..=9, None) => digit = Some(value),
            (10.., _) if value < power => {
                sum += digit.take().unwrap_or(1) * value;
                power = value;
            }
            _ => return None,
        }
    }
    Some((sum + digit.unwrap_or(0)).to_string())
}
