//! What people write, scan and paste, as values: amounts, times, days on packages, codes of scanners, telephone numbers.
//!
//! Every reader gives a [`Reading`]: the value, a question for the person who wrote, or a refusal with its reason. A wrong
//! door or a wrong dose is far worse than a question, so nothing is guessed at, corrected, rounded or dropped. A text
//! comes in as it was written: width, kind of numeral, kind of dash, case and marks that nobody sees say nothing.
//! This module knows no clock (what day it is, is an argument), no store, no order and no box.

pub mod batch;
pub mod calendar;
#[cfg(feature = "lists")]
pub mod chat;
pub mod door;
pub mod expiry;
pub mod gs1;
#[cfg(feature = "lists")]
pub mod lists;
mod numeral;
pub mod phone;
mod plain;
pub mod product;
pub mod quantity;
#[cfg(feature = "lists")]
pub mod table;
pub mod unit;
pub mod when;

use serde::Serialize;

/// What came of reading a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading<T> {
    /// The one value that was meant.
    Read(T),
    /// A person must be asked first.
    Ask(Box<Question<T>>),
    /// Nothing useful can be read, and why.
    Refuse(Refusal),
}

/// What must be asked before a text has a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question<T> {
    /// The part that is open.
    pub about: About,
    /// Why it is.
    pub because: Because,
    /// Values worth offering; none where nothing is likelier than all else.
    pub among: Vec<T>,
    /// What is sure all the same, with the open part left empty.
    pub known: Option<T>,
}

impl<T> Reading<T> {
    /// A question with nothing to offer.
    pub(crate) fn ask(about: About, because: Because) -> Self {
        Self::among(about, because, Vec::new())
    }

    /// A question between values.
    pub(crate) fn among(about: About, because: Because, among: Vec<T>) -> Self {
        Self::Ask(Box::new(Question { about, because, among, known: None }))
    }

    /// A question that offers what would be read if the text were written as it seems to be meant.
    pub(crate) fn meaning(about: About, because: Because, meant: Self) -> Self {
        let among = match meant {
            Self::Read(value) => vec![value],
            Self::Ask(_) | Self::Refuse(_) => Vec::new(),
        };
        Self::among(about, because, among)
    }

    /// A question that says what is sure all the same.
    pub(crate) fn knowing(about: About, because: Because, known: T) -> Self {
        Self::Ask(Box::new(Question { about, because, among: Vec::new(), known: Some(known) }))
    }

    /// The value, if it is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Ask(_) | Self::Refuse(_) => None,
        }
    }

    /// The same with its values turned into others.
    pub fn map<U>(self, mut turn: impl FnMut(T) -> U) -> Reading<U> {
        match self {
            Self::Read(value) => Reading::Read(turn(value)),
            Self::Ask(question) => Reading::Ask(Box::new(Question {
                about: question.about,
                because: question.because,
                among: question.among.into_iter().map(&mut turn).collect(),
                known: question.known.map(turn),
            })),
            Self::Refuse(refusal) => Reading::Refuse(refusal),
        }
    }
}

/// The part of what was written that a question is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum About {
    /// What is wanted.
    Name,
    /// How much of it.
    Qty,
    /// In which unit.
    Unit,
    /// The time that is meant.
    Time,
    /// The last good day.
    Expiry,
    /// The batch of the goods.
    Batch,
    /// The number of the goods under their bar code.
    Gtin,
    /// The number of the single package.
    Serial,
    /// The area code of a telephone number.
    Area,
    /// The country of a telephone number.
    Country,
    /// A door as a whole.
    Address,
    /// The building of a door.
    Building,
    /// Which compound it is in.
    Compound,
    /// The room of a door.
    Room,
    /// A telephone number.
    Number,
    /// The number under a bar code, in a list.
    Barcode,
    /// Which medicine box a member keeps.
    Box,
    /// How many floors a building has.
    Floors,
    /// Which buildings a member leads.
    Leads,
    /// A telephone number, in a list.
    Phone,
    /// Which product it is.
    Product,
    /// What a member is to be.
    Role,
    /// How many doors a floor has.
    RoomsPerFloor,
    /// A row of a list as a whole.
    Row,
    /// How much is in one.
    Strength,
}

/// Why something must be asked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Because {
    /// A limit that begins when the package is opened.
    AfterOpening,
    /// More than one thing may be meant.
    Ambiguous,
    /// A batch stands where something else belongs.
    Batch,
    /// A day until which food is at its best, which is no expiry of a medicine.
    BestBefore,
    /// It depends on something.
    Conditional,
    /// The check digit does not fit the others.
    CheckDigit,
    /// A row has other columns than its list.
    Columns,
    /// A case is named by what is in it.
    Contents,
    /// Two things that are said do not go together.
    Contradiction,
    /// How something is taken, not how much is wanted.
    Dosage,
    /// Another row says some of the same.
    Duplicate,
    /// A formula of a spreadsheet, which may show anything.
    Formula,
    /// It is to come, and should have been.
    Future,
    /// A number that a shop gives for itself.
    InStore,
    /// A length that does not fit.
    Length,
    /// A letter stands where a digit belongs, or looks like another.
    LookAlike,
    /// Another row looks like the same product.
    LooksAlike,
    /// Put together otherwise than its kind is.
    Malformed,
    /// Digits are hidden.
    Masked,
    /// It is not said.
    Missing,
    /// A sum of money.
    Money,
    /// Nothing says how the units go together.
    NoConversion,
    /// There is no such day.
    NoSuchDay,
    /// Words for some, a little, enough.
    NotANumber,
    /// Words that name no time.
    NotATime,
    /// Half of what is not cut.
    NotWhole,
    /// It has been, and should be to come.
    Past,
    /// The day on which it was made.
    ProductionDate,
    /// Between two numbers, or at least one.
    Range,
    /// Beside what is named: next door, upstairs.
    Relation,
    /// What separates two elements is missing or is something else.
    Separator,
    /// More than one stands there.
    Several,
    /// Far more, or far from now, than is usual.
    Strange,
    /// Finer than thousandths.
    TooFine,
    /// The writer says that it is not known.
    Unknown,
    /// It cannot be read.
    Unreadable,
}

/// Why a text is refused.
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
    strum::VariantNames,
    thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// A character that does not belong there.
    #[error("a character does not belong there")]
    Charset,
    /// The check digit does not fit the others.
    #[error("the check digit does not fit")]
    CheckDigit,
    /// One thing is said twice, and differently.
    #[error("one thing is said twice, and differently")]
    Contradiction,
    /// A day that does not exist stands in a code.
    #[error("there is no such day")]
    Date,
    /// Nothing is written.
    #[error("nothing is written")]
    Empty,
    /// An element says nothing.
    #[error("an element says nothing")]
    EmptyValue,
    /// A formula of a spreadsheet stands there.
    #[error("a formula stands there")]
    Formula,
    /// It cannot have happened yet.
    #[error("it cannot have happened yet")]
    Future,
    /// Too few or too many digits.
    #[error("too few or too many digits")]
    Length,
    /// Put together otherwise than its kind is.
    #[error("it is not put together as its kind is")]
    Malformed,
    /// Digits are hidden.
    #[error("digits are hidden")]
    Masked,
    /// Characters that show something else than they say.
    #[error("characters show something else than they say")]
    HiddenCharacters,
    /// Less than nothing.
    #[error("less than nothing")]
    Negative,
    /// No goods are named.
    #[error("no goods are named")]
    NoGtin,
    /// No name is said.
    #[error("no name is said")]
    NoName,
    /// No number is in it.
    #[error("no number is in it")]
    NoNumber,
    /// The register has no such building.
    #[error("there is no such building")]
    NoSuchBuilding,
    /// No such day exists.
    #[error("no such day exists")]
    NoSuchDay,
    /// The register has no such room.
    #[error("there is no such room")]
    NoSuchRoom,
    /// The register has no such unit.
    #[error("there is no such unit")]
    NoSuchUnit,
    /// No such time exists.
    #[error("no such time exists")]
    NoSuchTime,
    /// It names no day.
    #[error("it names no day")]
    NotADate,
    /// It names no time.
    #[error("it names no time")]
    NotATime,
    /// It names no door.
    #[error("it names no door")]
    NotAnAddress,
    /// A code of another scheme.
    #[error("a code of another scheme")]
    NotGs1,
    /// Zeros, which name nothing.
    #[error("zeros name nothing")]
    NullNumber,
    /// Another compound is named.
    #[error("another compound is named")]
    OtherCompound,
    /// Longer than such a text may be.
    #[error("longer than such a text may be")]
    TooLong,
    /// An element that this build does not know.
    #[error("an element is not known")]
    UnknownAi,
    /// Nothing at all is wanted.
    #[error("nothing at all is wanted")]
    Zero,
}

/// Bytes of a text that is read as one value.
pub const TEXT: usize = 1024;

/// The text as readers take it, or why there is nothing to read.
fn given(text: &str) -> Result<String, Refusal> {
    if text.len() > TEXT {
        return Err(Refusal::TooLong);
    }
    let plain = plain::plain(text);
    if plain.is_empty() { Err(Refusal::Empty) } else { Ok(plain) }
}
