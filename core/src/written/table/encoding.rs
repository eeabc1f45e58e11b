//! Bytes as text, in the one encoding that they are in.

use encoding_rs::{Encoding as Coding, GB18030, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{Broken, Encoding};
use crate::written::plain::is_han;

/// How workbooks, documents, archives and images begin.
const OTHERS: [&[u8]; 7] =
    [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b"];
/// Letters of three bytes that lines have in common with UTF-8 before it is taken for that.
const SURE: usize = 2;
/// One byte in so many is a zero, at the least, where each letter has two: a list has signs and digits.
const SPARSE: usize = 24;

/// The text of a file and its encoding, or from which line on it has none.
pub(super) fn text(bytes: &[u8]) -> Result<(Encoding, String), Broken> {
    if bytes.is_empty() {
        return Err(Broken::Empty);
    }
    if OTHERS.iter().any(|begin| bytes.starts_with(begin)) {
        return Err(Broken::NotText);
    }
    match Coding::for_bom(bytes) {
        Some((coding, mark)) if coding == UTF_16LE => whole(&bytes[mark..], UTF_16LE, Encoding::Utf16Le),
        Some((coding, mark)) if coding == UTF_16BE => whole(&bytes[mark..], UTF_16BE, Encoding::Utf16Be),
        Some((_, mark)) => unmarked(&bytes[mark..], true),
        None => wide(bytes).unwrap_or_else(|| unmarked(bytes, false)),
    }
}

fn whole(bytes: &[u8], coding: &'static Coding, encoding: Encoding) -> Result<(Encoding, String), Broken> {
    let text = coding.decode_without_bom_handling_and_without_replacement(bytes);
    text.map(|text| (encoding, text.into_owned())).ok_or(Broken::Encoding { line: 1 })
}

/// Two bytes for each letter, without a mark: signs of ASCII have their zeros on one side. None where there are no such.
fn wide(bytes: &[u8]) -> Option<Result<(Encoding, String), Broken>> {
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1), bytes.len() % 2) {
        (0, some @ 1.., 0) if some * SPARSE >= bytes.len() => Some(whole(bytes, UTF_16LE, Encoding::Utf16Le)),
        (some @ 1.., 0, 0) if some * SPARSE >= bytes.len() => Some(whole(bytes, UTF_16BE, Encoding::Utf16Be)),
        _ => None,
    }
}

/// UTF-8 where it is, else GB18030 where it is.
fn unmarked(bytes: &[u8], marked: bool) -> Result<(Encoding, String), Broken> {
    let fault = match std::str::from_utf8(bytes) {
        Ok(text) if is_page(text) || text.contains('\0') => return Err(Broken::NotText),
        Ok(text) => return Ok((Encoding::Utf8, text.to_owned())),
        Err(fault) => fault.valid_up_to(),
    };
    let line = 1 + ends(&bytes[..fault]);
    // Lines above that are UTF-8, so that the file is, but for this line.
    let above = std::str::from_utf8(&bytes[..fault]).unwrap_or_default();
    let begun = above.rfind(['\n', '\r']).map_or("", |end| &above[..end]);
    if marked || begun.chars().filter(|c| c.len_utf8() == 3).count() >= SURE {
        return Err(Broken::Encoding { line });
    }
    if bytes.contains(&0) {
        return Err(Broken::NotText);
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok((Encoding::Gb18030, text.into_owned())),
        None => Err(Broken::Encoding { line: unread(bytes).unwrap_or(line) }),
    }
}

/// A page of the web, which some programs save under the name of a spreadsheet.
fn is_page(text: &str) -> bool {
    let start = text.trim_start().chars().take(16).collect::<String>().to_ascii_lowercase();
    ["<html", "<!doctype", "<table", "<?xml"].iter().any(|begin| start.starts_with(begin))
}

/// Line ends: `\n`, `\r\n`, `\r`.
fn ends(bytes: &[u8]) -> usize {
    let end = |(at, byte): (usize, &u8)| *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    bytes.iter().enumerate().filter(|found| end(*found)).count()
}

/// The first line that is no GB18030.
fn unread(bytes: &[u8]) -> Option<usize> {
    let lines = bytes.split(|byte| *byte == b'\n' || *byte == b'\r').enumerate();
    let mut faults =
        lines.filter(|(_, line)| GB18030.decode_without_bom_handling_and_without_replacement(line).is_none());
    let (at, _) = faults.next()?;
    let before: usize = bytes.split(|byte| *byte == b'\n' || *byte == b'\r').take(at).map(|line| line.len() + 1).sum();
    Some(1 + ends(bytes.get(..before)?))
}

/// Whether a text was read in another encoding than it was written in, and saved so: `鐜嬮樋濮�`, `çŽ‹é˜¿å§¨`, `锟斤拷`, `???`.
pub(in crate::written) fn is_garbled(text: &str) -> bool {
    let marks = text.chars().filter(|c| *c == '?').count();
    if text.contains('\u{fffd}') || text.contains("锟斤拷") || text.contains("烫烫") {
        return true;
    }
    if marks > 1 && text.chars().all(|c| c == '?' || c.is_whitespace()) {
        return true;
    }
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    if foreign < 2 {
        return false;
    }
    let latin = text.chars().all(|c| c.is_ascii() || u32::from(c) < 0x2200);
    let (bytes, _, lost) = WINDOWS_1252.encode(text);
    if latin && !lost {
        let chinese = GB18030.decode_without_bom_handling_and_without_replacement(&bytes);
        // Names of Europe have letters of ASCII between such.
        let most = foreign * 3 >= 2 * text.chars().filter(|c| !c.is_whitespace()).count();
        let read = |text: &str| most && text.chars().filter(|c| !c.is_ascii()).all(is_han);
        return is_chinese(&bytes) || chinese.is_some_and(|text| read(&text));
    }
    let (bytes, ..) = GB18030.encode(text);
    is_chinese(&bytes)
}

/// Whether bytes are Chinese in UTF-8, but for a letter that was cut off here and there.
fn is_chinese(bytes: &[u8]) -> bool {
    let (mut han, mut lost, mut rest) = (0_usize, 0_usize, bytes);
    while !rest.is_empty() {
        let (valid, skip) = match std::str::from_utf8(rest) {
            Ok(text) => (text, 0),
            Err(fault) => {
                let text = std::str::from_utf8(&rest[..fault.valid_up_to()]).unwrap_or_default();
                (text, fault.error_len().unwrap_or(rest.len() - text.len()))
            }
        };
        let letters = valid.chars().filter(|c| !c.is_ascii());
        let (own, other): (Vec<char>, Vec<char>) =
            letters.partition(|c| is_han(*c) || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}'));
        han += own.len();
        lost += other.len() + usize::from(skip > 0);
        rest = rest.get(valid.len() + skip..).unwrap_or_default();
    }
    han >= 2 && han >= 2 * lost
}
