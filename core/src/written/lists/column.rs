//! Which column is meant by a heading, in Chinese and English.

use std::sync::OnceLock;

use serde::Serialize;

use crate::written::{
    About,
    plain::plain,
    table::{Record, TOP},
    unit::Unit,
};

/// The table that apps may show: one line per field of a kind.
const TABLE: &str = include_str!("headings.tsv");
/// Words around a heading of a questionnaire.
const AROUND: [&str; 14] = [
    "请填写",
    "请输入",
    "请选择",
    "请问",
    "您的",
    "你的",
    "您家的",
    "填写",
    "必填",
    "选填",
    "(",
    ")",
    "pleaseenter",
    "your",
];

/// What a list is of.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Buildings, their units and rooms.
    Buildings,
    /// Households, with where they live.
    Households,
    /// Members, who are to be invited.
    Members,
    /// Products of the catalogue.
    Products,
    /// Lots of a medicine box.
    Lots,
    /// Orders, with what is asked for.
    Orders,
}

/// What a column says.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// A whole door.
    Address,
    /// Other names of a product.
    Aliases,
    /// The number of its licence.
    Approval,
    /// When something was asked for.
    AskedAt,
    /// The number under its bar code.
    Barcode,
    /// The batch of a lot.
    Batch,
    /// Who makes a product.
    Brand,
    /// The building of an address.
    Building,
    /// Whether a product needs a prescription, or is none that is taken.
    Class,
    /// The last good day.
    Expiry,
    /// The extension of a telephone number.
    Ext,
    /// The first day that is no longer good.
    Fails,
    /// How many floors there are.
    Floors,
    /// The form of a product.
    Form,
    /// The name of its substance.
    Generic,
    /// What is wanted.
    Items,
    /// The buildings that a member leads.
    Leads,
    /// The unit of an amount that is ordered.
    Measure,
    /// What somebody or something is called.
    Name,
    /// What else is said.
    Note,
    /// How a product is packed.
    Pack,
    /// A telephone number.
    Phone,
    /// Whether a product needs a prescription, as yes or no.
    Prescription,
    /// How much of an item is wanted or there.
    Qty,
    /// What a member is.
    Role,
    /// The room of an address.
    Room,
    /// How many doors a floor has.
    RoomsPerFloor,
    /// How much is in one.
    Strength,
    /// A unit of a building, or of an amount.
    Unit,
    /// Who wants it.
    Who,
}

impl Field {
    /// What a question about its cell is about.
    pub(super) fn about(self) -> About {
        match self {
            Self::Address => About::Address,
            Self::Barcode => About::Barcode,
            Self::Batch => About::Batch,
            Self::Building => About::Building,
            Self::Expiry | Self::Fails => About::Expiry,
            Self::Floors => About::Floors,
            Self::Leads => About::Leads,
            Self::Name | Self::Who | Self::Items => About::Name,
            Self::Phone | Self::Ext => About::Phone,
            Self::Qty => About::Qty,
            Self::Role => About::Role,
            Self::Room => About::Room,
            Self::RoomsPerFloor => About::RoomsPerFloor,
            Self::Strength => About::Strength,
            Self::Unit | Self::Measure => About::Unit,
            Self::AskedAt => About::Time,
            Self::Aliases
            | Self::Approval
            | Self::Brand
            | Self::Class
            | Self::Form
            | Self::Generic
            | Self::Pack
            | Self::Prescription => About::Product,
            Self::Note => About::Row,
        }
    }
}

/// A column of a list that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its heading, as it stands in the file.
    pub heading: String,
    /// What it says.
    pub field: Field,
    /// The unit that the heading says of all its amounts: `数量(盒)`.
    pub unit: Option<Unit>,
    /// Its place in a record, from 0.
    #[serde(skip)]
    pub(super) at: usize,
}

/// The columns of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// Where the headings stand, from 1.
    pub(super) line: usize,
    pub(super) known: Vec<Column>,
    pub(super) unknown: Vec<String>,
    /// Cells of the line with the headings.
    pub(super) cells: Vec<String>,
}

struct Heading {
    kind: &'static str,
    field: Field,
    words: Vec<&'static str>,
}

fn table() -> &'static [Heading] {
    static READ: OnceLock<Vec<Heading>> = OnceLock::new();
    let heading = |line: &'static str| {
        let mut cells = line.split('\t');
        let (kind, field) = (cells.next()?, cells.next()?.parse().ok()?);
        Some(Heading { kind, field, words: cells.next()?.split(' ').collect() })
    };
    READ.get_or_init(|| TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(heading).collect())
}

/// A heading as it is compared: without number, request, signs, space and case.
fn bare(heading: &str) -> String {
    let small = plain(heading).to_lowercase();
    // `1、您的姓名`: the number of a question.
    let numbered = small.trim_start_matches(|c: char| c.is_ascii_digit());
    let asked = numbered.len() < small.len() && numbered.starts_with(['.', '、', ')']);
    let small = if asked { numbered } else { &small };
    let said: String = small.chars().filter(|c| !c.is_whitespace() && !"_-:*#.?!\"'、".contains(*c)).collect();
    AROUND.iter().fold(said, |said, word| said.replace(word, ""))
}

/// The field that a heading names for a kind of list, and the unit that it says.
pub(in crate::written) fn named(kind: Kind, heading: &str) -> Option<(Field, Option<Unit>)> {
    let code: &str = kind.into();
    let known = |word: &str| {
        let fits = |heading: &&Heading| heading.kind == code && heading.words.contains(&word);
        table().iter().find(fits).map(|heading| heading.field)
    };
    if let Some(field) = known(&bare(heading)) {
        return Some((field, None));
    }
    // `数量(盒)`, `有效期(年月日)`: what stands in brackets says more.
    let whole = plain(heading);
    let (front, inner) = whole.split_once('(')?;
    let unit = Unit::of_word(inner.trim_end_matches(')'));
    known(&bare(front)).map(|field| (field, unit))
}

/// The line with the headings, and its columns; none where no line of the first has any.
pub(super) fn columns(kind: Kind, records: &[Record]) -> Option<Columns> {
    let known = |record: &&Record| record.cells.iter().filter(|cell| named(kind, cell).is_some()).count();
    let most = records.iter().take(TOP).map(|record| known(&record)).max().filter(|most| *most > 0)?;
    let record = records.iter().take(TOP).find(|record| known(record) == most)?;
    let mut found = Columns { line: record.line, cells: record.cells.clone(), ..Columns::default() };
    for (at, heading) in record.cells.iter().enumerate() {
        let said = plain(heading);
        let named = named(kind, heading);
        let again =
            named.is_some_and(|(field, _)| !joins(field) && found.known.iter().any(|column| column.field == field));
        match named.filter(|_| !again) {
            Some((field, unit)) => found.known.push(Column { heading: said, field, unit, at }),
            None if !said.is_empty() => found.unknown.push(said),
            None => {}
        }
    }
    settle(&mut found.known);
    Some(found)
}

/// Whether two columns may say parts of one thing.
fn joins(field: Field) -> bool {
    matches!(field, Field::Items | Field::Note | Field::Phone | Field::Aliases)
}

/// A room by itself is a whole door; a trade name beside a name of the substance is the name.
fn settle(known: &mut [Column]) {
    let has = |known: &[Column], field: Field| known.iter().any(|column| column.field == field);
    let doorless = !has(known, Field::Building) && !has(known, Field::Address);
    let nameless = !has(known, Field::Name);
    let traded = nameless && !has(known, Field::Generic);
    for column in known {
        match column.field {
            Field::Room if doorless => column.field = Field::Address,
            Field::Generic if nameless => column.field = Field::Name,
            Field::Brand if traded && column.heading.contains("商品名") => column.field = Field::Name,
            _ => {}
        }
    }
}
