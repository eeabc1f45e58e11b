//! Recordings of what the volunteers of a community tried to do, read from JSON lines, gzipped or not.
//!
//! Knows the file format and that a recording is in order; whether an action makes sense is for a replay to find out.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flate2::bufread::GzDecoder;
use serde::Deserialize;

/// The first line: the community.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// What the recording is called.
    pub community: String,
    /// How many buildings there are.
    pub buildings: usize,
    /// How many devices act.
    pub devices: usize,
    /// How many medicine boxes there are.
    pub boxes: usize,
    /// How many orders are posted.
    pub orders: usize,
    /// When it begins, in milliseconds since 1970.
    pub start_ms: i64,
}

/// What somebody tried to do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Action {
    /// When, in milliseconds since 1970.
    pub t: i64,
    /// On which device, from 0.
    pub device: usize,
    /// What is done.
    #[serde(flatten)]
    pub op: Op,
}

/// An item of an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// How many of them.
    pub qty: i64,
    /// The unit it is counted in.
    pub unit: String,
}

/// What can be tried. Orders, boxes and lots have names of the recording's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named as people say them")]
pub enum Op {
    /// An order is written down.
    Post(Box<Post>),
    /// An order is taken on.
    Claim { order: String },
    /// It is given up.
    Release { order: String },
    /// Something was bought for it.
    Purchase { order: String, cost_cents: i64 },
    /// It is there.
    Deliver { order: String },
    /// Somebody asked, and it is there.
    Confirm { order: String },
    /// It is not wanted any more.
    Cancel { order: String },
    /// What it says changes.
    Edit {
        order: String,
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        items: Option<Vec<Item>>,
    },
    /// Goods come into a box.
    Donate(Box<Donate>),
    /// Goods leave it.
    Take {
        #[serde(rename = "box")]
        medicine_box: String,
        lot: String,
        qty: i64,
        #[serde(default)]
        for_order: Option<String>,
    },
    /// A lot is counted.
    Count {
        #[serde(rename = "box")]
        medicine_box: String,
        lot: String,
        qty: i64,
    },
    /// Goods are thrown away.
    Discard {
        #[serde(rename = "box")]
        medicine_box: String,
        lot: String,
        qty: i64,
        reason: String,
    },
}

/// An order as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the fields are named as people say them")]
pub struct Post {
    pub order: String,
    pub building: String,
    pub unit: String,
    pub room: String,
    pub kind: String,
    pub urgency: String,
    pub contact: String,
    #[serde(default)]
    pub items: Vec<Item>,
    #[serde(default)]
    pub note: String,
}

/// Goods that are given to a box.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the fields are named as people say them")]
pub struct Donate {
    #[serde(rename = "box")]
    pub medicine_box: String,
    pub lot: String,
    pub medicine: String,
    pub qty: i64,
    pub unit: String,
    pub expires: String,
}

/// A whole recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What the recording says of the community.
    pub header: Header,
    /// What was tried, in the order of time.
    pub actions: Vec<Action>,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file cannot be read, or is gzipped and damaged.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// There is no first line.
    #[error("the recording is empty")]
    Empty,
    /// A line is not what it must be.
    #[error("line {line}: {why}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl Trace {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or which line is wrong.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        Self::read(File::open(path)?)
    }

    /// Reads from anywhere; gzip is recognized by its first bytes.
    ///
    /// # Errors
    /// When it cannot be read, or which line is wrong.
    pub fn read(source: impl Read) -> Result<Self, TraceError> {
        let mut source = BufReader::new(source);
        if source.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            Self::lines(BufReader::new(GzDecoder::new(source)))
        } else {
            Self::lines(source)
        }
    }

    fn lines(source: impl BufRead) -> Result<Self, TraceError> {
        let mut lines = source.lines().enumerate();
        let (_, first) = lines.next().ok_or(TraceError::Empty)?;
        let header: Header = parse(1, &first?)?;
        if header.devices == 0 {
            return Err(TraceError::Line { line: 1, why: "a community without devices".to_owned() });
        }
        let mut actions: Vec<Action> = Vec::new();
        for (at, line) in lines {
            let (number, line) = (at + 1, line?);
            if line.trim().is_empty() {
                continue;
            }
            let action: Action = parse(number, &line)?;
            let wrong = |why: String| Err(TraceError::Line { line: number, why });
            if action.device >= header.devices {
                return wrong(format!("device {} of {}", action.device, header.devices));
            }
            if actions.last().is_some_and(|last| last.t > action.t) {
                return wrong("earlier than the line before".to_owned());
            }
            actions.push(action);
        }
        Ok(Self { header, actions })
    }
}

fn parse<'a, T: Deserialize<'a>>(line: usize, text: &'a str) -> Result<T, TraceError> {
    serde_json::from_str(text).map_err(|error| TraceError::Line { line, why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const HEADER: &str = r#"{"community":"c","buildings":1,"devices":2,"boxes":0,"orders":1,"seed":1,"days":1,"start_ms":5,"actions":1}"#;

    fn read(lines: &[&str]) -> Result<Trace, String> {
        Trace::read(lines.join("\n").as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_recording_reads_the_same_gzipped_or_not() {
        let text = format!("{HEADER}\n{}", r#"{"t":7,"device":1,"op":"claim","order":"o1"}"#);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();

        let plain = Trace::read(text.as_bytes()).unwrap();

        assert_eq!(plain.actions, [Action { t: 7, device: 1, op: Op::Claim { order: "o1".into() } }]);
        assert_eq!(Trace::read(&gzip.finish().unwrap()[..]).unwrap(), plain);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let said = |line| read(&[HEADER, r#"{"t":7,"device":0,"op":"release","order":"o1"}"#, line]).unwrap_err();

        assert_eq!(said("nonsense"), "line 3: expected ident at line 1 column 2");
        assert!(said(r#"{"t":7,"device":0,"op":"claim"}"#).starts_with("line 3: missing field `order`"));
        assert_eq!(said(r#"{"t":7,"device":2,"op":"claim","order":"o1"}"#), "line 3: device 2 of 2");
        assert_eq!(said(r#"{"t":6,"device":0,"op":"claim","order":"o1"}"#), "line 3: earlier than the line before");
    }

    #[test]
    fn an_empty_file_is_no_recording() {
        assert_eq!(read(&[]).unwrap_err(), "the recording is empty");
    }
}
