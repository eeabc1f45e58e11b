//! Text as records of cells.

use csv::{ReaderBuilder, StringRecord, Terminator};

use super::{Broken, CELLS, Record, TOP};

/// Signs between cells, those first that more files have.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The sign between cells, and the text without a line that says it (`sep=;`).
pub(super) fn delimiter(text: &str, heads: impl Fn(&str) -> bool) -> (u8, String) {
    let end = text.find('\n').unwrap_or(text.len());
    let said = text[..end].trim_matches(['"', ' ']).to_ascii_lowercase();
    if let Some([sign]) =
        said.strip_prefix("sep=").map(str::as_bytes).filter(|sign| sign.first().is_some_and(u8::is_ascii_punctuation))
    {
        return (*sign, text[end..].to_owned());
    }
    let score = |delimiter: u8| {
        let (records, _) = records(text, delimiter, TOP);
        let known = |record: &Record| record.cells.iter().filter(|cell| heads(cell)).count();
        let most = records.iter().map(known).max().unwrap_or(0);
        (most, records.iter().map(|record| record.cells.len()).min().unwrap_or(0))
    };
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| score(*delimiter));
    (best.unwrap_or(b','), text.to_owned())
}

/// The records that something stands in, at most so many, and from which line on there are none.
pub(super) fn records(text: &str, delimiter: u8, most: usize) -> (Vec<Record>, Option<Broken>) {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut found = Vec::new();
    let mut cells = StringRecord::new();
    loop {
        let before = place(reader.position().byte());
        let counted = place(reader.position().line());
        // Bytes in memory that are UTF-8 are read without errors.
        if !reader.read_record(&mut cells).unwrap_or(false) {
            return (found, None);
        }
        let raw = text.get(before..place(reader.position().byte())).unwrap_or_default();
        let blank = raw.bytes().take_while(|byte| *byte == b'\n').count();
        let line = counted + blank;
        if !is_closed(&raw[blank..], delimiter) {
            return (found, Some(Broken::UnterminatedQuote { line }));
        }
        let record = Record { line, cells: cells.iter().take(CELLS).map(str::to_owned).collect() };
        if record.is_blank() {
            continue;
        }
        if found.len() == most {
            return (found, Some(Broken::TooMany { line }));
        }
        found.push(record);
    }
}

fn place(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Whether every quote that begins a cell of a record ends one.
fn is_closed(raw: &str, delimiter: u8) -> bool {
    let mut bytes = raw.bytes().peekable();
    let (mut start, mut quoted) = (true, false);
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.next_if_eq(&b'"').is_some() => {}
            b'"' if quoted => {
                quoted = false;
                // Spaces behind a quote are nobody's cell.
                while bytes.next_if_eq(&b' ').is_some() {}
                if bytes.peek().is_some_and(|next| *next != delimiter && *next != b'\n') {
                    return false;
                }
            }
            b'"' if start => quoted = true,
            _ => {}
        }
        start = !quoted && byte == delimiter;
    }
    !quoted
}
