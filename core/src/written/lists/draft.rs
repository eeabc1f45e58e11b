//! What a row of a list becomes, once somebody looked.

use serde::Serialize;

use crate::{
    qty::Qty,
    written::{calendar::Date, door::Door, phone::Phone, product::Record, quantity::Item, unit::Unit, when::When},
};

/// A row as what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Draft {
    /// A building, or a unit of one.
    Building(Building),
    /// A household that needs care.
    Household(Household),
    /// Somebody to be invited.
    Member(Member),
    /// A product of the catalogue.
    Product(Box<Product>),
    /// A lot of a medicine box.
    Lot(Lot),
    /// An order for the board.
    Order(Order),
}

/// A building, or one unit of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Building {
    /// Its label. Empty only in what is worth offering.
    pub building: String,
    /// The label of the unit; none where the building has none.
    pub unit: Option<String>,
    /// Floors, from 1.
    pub floors: u32,
    /// Doors on each.
    pub rooms_per_floor: u32,
    /// How the building is called besides.
    pub name: Option<String>,
}

/// A household that needs care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Household {
    /// Where it lives.
    pub address: Door,
    /// Who lives there.
    pub name: String,
    /// How they are reached, the first first.
    pub phones: Vec<Phone>,
    /// What else is said.
    pub note: Option<String>,
}

/// What a member is to be.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Goes shopping and carries.
    Volunteer,
    /// Leads a building.
    Leader,
    /// Keeps a medicine box.
    Keeper,
    /// Coordinates the community.
    Coordinator,
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// What they are called.
    pub name: String,
    /// What they are to be.
    pub role: Role,
    /// The buildings that they lead, by their labels.
    pub leads: Vec<String>,
    /// How they are reached.
    pub phones: Vec<Phone>,
}

/// Who may be given a product.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Class {
    /// Anybody may take it.
    OverTheCounter,
    /// Whoever a doctor wrote it for.
    Prescription,
    /// Nothing that is taken.
    Supply,
}

/// A product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Product {
    /// What the catalogue is to say of it, its bar code as a GTIN of 14 digits.
    #[serde(flatten)]
    pub record: Record,
    /// Who may be given it, where that is said.
    pub class: Option<Class>,
    /// Other names for it.
    pub aliases: Vec<String>,
}

/// A lot of a medicine box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lot {
    /// What it is of.
    pub name: String,
    /// How much is in one.
    pub strength: Option<String>,
    /// The form, such as a tablet.
    pub form: Option<String>,
    /// The batch, as batches are compared.
    pub batch: String,
    /// The last good day.
    pub expiry: Date,
    /// How much there is.
    pub qty: Qty,
    /// Of which unit.
    pub unit: Unit,
}

/// An order for the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// When it was asked for, where that is said.
    pub asked_at: Option<When>,
    /// Where it is for.
    pub address: Door,
    /// Who wants it.
    pub who: Option<String>,
    /// How they are reached.
    pub phones: Vec<Phone>,
    /// What is wanted.
    pub items: Vec<Item>,
    /// What else is said.
    pub note: Option<String>,
}
