//! Lists as spreadsheets save them, row by row as drafts: buildings, households, members, products, lots, orders.
//!
//! The headings say which column is meant, in Chinese and English; columns that are not known are named. A row becomes a
//! draft where all in it is sure, else a question or a refusal with its reason. What a spreadsheet does to cells is undone:
//! numbers for days, text marked as such, widths; what it has destroyed (digits of a bar code, an encoding) is asked about.
//! Rows that say the same are one. This module makes drafts and writes nothing.

mod buildings;
mod cell;
mod column;
mod draft;
mod lots;
mod orders;
mod people;
mod products;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub(super) use column::named;
pub use column::{Column, Field, Kind};
pub use draft::{Building, Class, Draft, Household, Lot, Member, Order, Product, Role};

use super::{
    About, Because, Question, Reading, Refusal,
    calendar::{Date, Local},
    door::Register,
    table::{self, Broken, Encoding, Record, table},
};
use cell::Cells;

/// What is known beside the file.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The register of buildings, where there is one.
    pub register: Option<&'a Register>,
    /// The area code of the compound, with its zero.
    pub area: Option<&'a str>,
    /// What day it is.
    pub today: Date,
    /// What the clock on the wall shows; without it, the end of the day.
    pub now: Option<Local>,
}

/// What a file says, before anything of it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// What the list is of.
    pub kind: Kind,
    /// How the bytes are text; none where they are none.
    pub encoding: Option<Encoding>,
    /// What stands between two cells.
    pub delimiter: Option<char>,
    /// The line with the headings, from 1.
    pub header_line: Option<usize>,
    /// The columns that are read.
    pub columns: Vec<Column>,
    /// Headings of columns that are not read.
    pub unknown_columns: Vec<String>,
    /// Every row in which something stands, in the order of the file.
    pub rows: Vec<Row>,
    /// Why nothing is read, or nothing from a line on.
    pub fault: Option<Fault>,
}

/// Why a list is not read, or from which line on it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The file is broken.
    #[error(transparent)]
    Broken(Broken),
    /// No line has a heading that is known: somebody must say what the columns are.
    #[error("no line says what the columns are")]
    NoHeader,
    /// A column without which nothing can be made of a row.
    #[error("the list has no column for {}", <&str>::from(field))]
    MissingColumn {
        /// What it would say.
        field: Field,
    },
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Where it begins, from 1.
    pub line: usize,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What it says.
    Read(Draft),
    /// A person must be asked first.
    Ask(Box<Question<Draft>>),
    /// Nothing can be made of it, and why.
    Refuse(Refusal),
    /// The row on that line says the same.
    SameAs(usize),
}

impl From<Reading<Draft>> for Outcome {
    fn from(reading: Reading<Draft>) -> Self {
        match reading {
            Reading::Read(draft) => Self::Read(draft),
            Reading::Ask(question) => Self::Ask(question),
            Reading::Refuse(refusal) => Self::Refuse(refusal),
        }
    }
}

/// Why a row is no draft.
type Stop = Box<Outcome>;

fn ask<T>(about: About, because: Because) -> Result<T, Stop> {
    Err(Box::new(Reading::ask(about, because).into()))
}

fn refuse<T>(refusal: Refusal) -> Result<T, Stop> {
    Err(Box::new(Outcome::Refuse(refusal)))
}

/// The value, or the same question about a part of a row. What is worth offering stays with the reader of that part.
fn sure<T>(reading: Reading<T>) -> Result<T, Stop> {
    match reading {
        Reading::Read(value) => Ok(value),
        Reading::Ask(question) => ask(question.about, question.because),
        Reading::Refuse(refusal) => refuse(refusal),
    }
}

/// Reads a file as a list of that kind.
pub fn preview(bytes: &[u8], kind: Kind, around: Around<'_>) -> Preview {
    let mut preview = Preview {
        kind,
        encoding: None,
        delimiter: None,
        header_line: None,
        columns: Vec::new(),
        unknown_columns: Vec::new(),
        rows: Vec::new(),
        fault: None,
    };
    let read = match table(bytes, |cell| column::named(kind, cell).is_some()) {
        Ok(read) => read,
        Err(broken) => return Preview { fault: Some(Fault::Broken(broken)), ..preview },
    };
    preview.encoding = Some(read.encoding);
    preview.delimiter = Some(read.delimiter);
    let Some(columns) = column::columns(kind, &read.records) else {
        return Preview { fault: Some(Fault::NoHeader), ..preview };
    };
    preview.header_line = Some(columns.line);
    preview.unknown_columns.clone_from(&columns.unknown);
    preview.fault = missing(kind, &columns.known).or(read.broken.map(Fault::Broken));
    if !matches!(preview.fault, Some(Fault::MissingColumn { .. })) {
        let mut rows = Rows::new(kind, around);
        let below = read.records.iter().filter(|record| record.line > columns.line && record.cells != columns.cells);
        preview.rows = below.filter_map(|record| rows.row(record, &columns)).collect();
    }
    preview.columns = columns.known;
    preview
}

/// The first column without which nothing can be made of any row.
fn missing(kind: Kind, known: &[Column]) -> Option<Fault> {
    let needed: &[&[Field]] = match kind {
        Kind::Buildings => &[&[Field::Building]],
        Kind::Households => &[&[Field::Address, Field::Building], &[Field::Name]],
        Kind::Members => &[&[Field::Name], &[Field::Role]],
        Kind::Products => &[&[Field::Name]],
        Kind::Lots => &[&[Field::Name], &[Field::Expiry, Field::Fails], &[Field::Qty]],
        Kind::Orders => &[&[Field::Address, Field::Building], &[Field::Items]],
    };
    let there = |fields: &&&[Field]| known.iter().any(|column| fields.contains(&column.field));
    let lacks = needed.iter().find(|fields| !there(fields))?;
    lacks.first().map(|field| Fault::MissingColumn { field: *field })
}

/// The rows so far, for what a row says together with those above it.
struct Rows<'a> {
    kind: Kind,
    around: Around<'a>,
    /// Drafts of the rows above, with their lines.
    read: Vec<(usize, Draft)>,
    /// Which of them say something of the same thing.
    about: std::collections::BTreeMap<String, Vec<usize>>,
    /// The building of the last row that said one.
    building: Option<String>,
}

impl<'a> Rows<'a> {
    fn new(kind: Kind, around: Around<'a>) -> Self {
        Self { kind, around, read: Vec::new(), about: std::collections::BTreeMap::new(), building: None }
    }

    /// What came of a row; none where nothing stands in any column that is known.
    fn row(&mut self, record: &Record, columns: &column::Columns) -> Option<Row> {
        let outcome = match self.outcome(record, columns) {
            Ok(None) => return None,
            Ok(Some(draft)) => self.compared(record.line, draft),
            Err(stop) => *stop,
        };
        Some(Row { line: record.line, outcome })
    }

    fn outcome(&mut self, record: &Record, columns: &column::Columns) -> Result<Option<Draft>, Stop> {
        if record.cells.iter().skip(columns.cells.len()).any(|cell| !cell::is_blank(cell)) || is_short(record, columns)
        {
            return ask(About::Row, Because::Columns);
        }
        let cells = Cells::of(record, &columns.known)?;
        if cells.is_blank() {
            return Ok(None);
        }
        if cells.sums_up() {
            return ask(About::Row, Because::Ambiguous);
        }
        let draft = match self.kind {
            Kind::Buildings => buildings::read(&cells, &mut self.building).map(Draft::Building),
            Kind::Households => people::household(&cells, self.around).map(Draft::Household),
            Kind::Members => people::member(&cells, self.around).map(Draft::Member),
            Kind::Products => products::read(&cells).map(Box::new).map(Draft::Product),
            Kind::Lots => lots::read(&cells, self.around).map(Draft::Lot),
            Kind::Orders => orders::read(&cells, self.around).map(Draft::Order),
        };
        draft.map(Some)
    }

    /// The draft, where no row above says the same or speaks against it.
    fn compared(&mut self, line: usize, draft: Draft) -> Outcome {
        let keys = keys(&draft);
        let near: std::collections::BTreeSet<usize> =
            keys.iter().filter_map(|key| self.about.get(key)).flatten().copied().collect();
        let (mut same, mut asked) = (None, None);
        for (above, other) in near.iter().filter_map(|at| self.read.get(*at)) {
            match beside(&draft, other) {
                _ if draft == *other => return Outcome::SameAs(*above),
                Beside::Same => same = same.or(Some(*above)),
                Beside::Ask(about, because) => asked = asked.or(Some((about, because))),
                Beside::Other => {}
            }
        }
        if let Some((about, because)) = asked {
            return Reading::among(about, because, vec![draft]).into();
        }
        if let Some(above) = same {
            return Outcome::SameAs(above);
        }
        for key in keys {
            self.about.entry(key).or_default().push(self.read.len());
        }
        self.read.push((line, draft.clone()));
        Outcome::Read(draft)
    }
}

/// Whether a record ends before columns that more than a note stands in.
fn is_short(record: &Record, columns: &column::Columns) -> bool {
    let beside = |field: Field| matches!(field, Field::Note | Field::Aliases | Field::Ext);
    columns.known.iter().any(|column| column.at >= record.cells.len() && !beside(column.field))
}

/// How a row stands to one above it.
enum Beside {
    /// It says the same.
    Same,
    /// A person must say.
    Ask(About, Because),
    /// It is of something else.
    Other,
}

/// What a row is about: rows that share nothing of it have nothing to do with each other.
fn keys(draft: &Draft) -> Vec<String> {
    match draft {
        Draft::Building(building) => vec![building.building.clone()],
        Draft::Household(household) => vec![door_key(&household.address)],
        Draft::Member(member) => {
            let name = format!("name {}", cell::bare(&member.name));
            member.phones.iter().map(|phone| phone.e164.clone()).chain([name]).collect()
        }
        Draft::Product(product) => super::product::keys(&product.record, &product.aliases),
        Draft::Lot(lot) => vec![format!("{} {}", cell::bare(&lot.name), lot.batch)],
        Draft::Order(order) => vec![door_key(&order.address)],
    }
}

fn door_key(door: &super::door::Door) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    format!("{}\t{}\t{}", door.building, part(&door.unit), part(&door.room))
}

/// How two rows of one kind stand that are about the same.
fn beside(draft: &Draft, other: &Draft) -> Beside {
    match (draft, other) {
        (Draft::Building(one), Draft::Building(other)) => buildings::beside(one, other),
        (Draft::Household(one), Draft::Household(other)) => people::households(one, other),
        (Draft::Member(one), Draft::Member(other)) => people::members(one, other),
        (Draft::Product(one), Draft::Product(other)) => products::beside(one, other),
        (Draft::Lot(one), Draft::Lot(other)) => lots::beside(one, other),
        (Draft::Order(one), Draft::Order(other)) => orders::beside(one, other),
        _ => Beside::Other,
    }
}
