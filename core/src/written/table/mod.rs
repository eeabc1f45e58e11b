//! Files of rows and columns as spreadsheets save them: which encoding, which sign between cells, and the cells of each line.
//!
//! UTF-8 with and without its mark, UTF-16, GB18030; commas, tabs, semicolons and bars; cells in quotes, also over several
//! lines. Bytes that are no text of one encoding are refused, and so is all from a quote on that nobody closes: what is
//! dropped or joined by mistake would be somebody's door or dose.

mod encoding;
mod rows;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub(super) use encoding::is_garbled;

/// Bytes of a file that is read.
pub const FILE: usize = 8 * 1024 * 1024;
/// Lines of it with something in them; what comes behind is not read, and that is said.
pub const RECORDS: usize = 20_000;
/// Records at the beginning among which the headings are: titles may stand above them.
pub(super) const TOP: usize = 10;
/// Cells of a line that are read.
pub const CELLS: usize = 256;

/// How the bytes of a file are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Encoding {
    /// With or without its mark.
    #[serde(rename = "utf-8")]
    #[strum(serialize = "utf-8")]
    Utf8,
    /// What Chinese spreadsheets save; GBK and GB2312 are parts of it.
    Gb18030,
    /// With or without its mark, the smaller byte first.
    #[serde(rename = "utf-16le")]
    #[strum(serialize = "utf-16le")]
    Utf16Le,
    /// The same, the greater byte first.
    #[serde(rename = "utf-16be")]
    #[strum(serialize = "utf-16be")]
    Utf16Be,
}

/// Why a file, or all of it from a line on, cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// Nothing stands in it.
    #[error("nothing stands in the file")]
    Empty,
    /// It is a workbook, a document or an image.
    #[error("the file is no text: save it as CSV")]
    NotText,
    /// It is longer than a file is read.
    #[error("the file is longer than a list may be")]
    TooLong,
    /// A line is text in no encoding, or in another one than those above it.
    #[error("line {line} is text of no encoding that is known")]
    Encoding {
        /// Which line, from 1.
        line: usize,
    },
    /// A quote is opened and never closed, or closed in the middle of a cell.
    #[error("a quote that begins on line {line} is not closed")]
    UnterminatedQuote {
        /// Where the record with it begins, from 1.
        line: usize,
    },
    /// More lines than a list may have.
    #[error("all from line {line} on is more than a list may have")]
    TooMany {
        /// The first that is not read, from 1.
        line: usize,
    },
}

/// One record: a line, or several where quotes hold them together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Where it begins, from 1.
    pub line: usize,
    /// Its cells, as they stand there without their quotes.
    pub cells: Vec<String>,
}

impl Record {
    /// Whether nothing stands in any cell.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| super::plain::plain(cell).is_empty())
    }
}

/// The records of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// How its bytes are text.
    pub encoding: Encoding,
    /// What stands between two cells.
    pub delimiter: char,
    /// What stands in it; blank lines are left out.
    pub records: Vec<Record>,
    /// From which line on nothing was read, and why.
    pub broken: Option<Broken>,
}

/// Reads a file. `heads` says whether a cell is a heading that is known: the sign between cells is the one that makes most of them.
pub fn table(bytes: &[u8], heads: impl Fn(&str) -> bool) -> Result<Table, Broken> {
    if bytes.len() > FILE {
        return Err(Broken::TooLong);
    }
    let (encoding, text) = encoding::text(bytes)?;
    // One kind of line end, so that lines are counted as people see them.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.chars().all(|c| c.is_whitespace() || super::plain::is_unseen(c)) {
        return Err(Broken::Empty);
    }
    let (delimiter, text) = rows::delimiter(&text, heads);
    let (records, broken) = rows::records(&text, delimiter, RECORDS);
    Ok(Table { encoding, delimiter: char::from(delimiter), records, broken })
}
