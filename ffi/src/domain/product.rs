//! The catalogue.

use linli_core::{
    aggregate::{
        Position,
        product::{
            Change as ProductChange, Class as ProductClass, Details as ProductDetails, Product, Unit as ProductUnit,
            Wish as ProductWish,
        },
    },
    event::ItemId,
    id::{CommandId, Reference},
    replica::{Page, ProductLine, Receipt},
};

use crate::{LinliError, Phone, domain::plain::rows};

/// A page of the catalogue.
pub(crate) type ProductPage = Page<ProductLine>;

/// A page of the catalogue, and where the next one begins.
#[uniffi::remote(Record)]
pub struct ProductPage {
    /// What is on it, in order.
    pub items: Vec<ProductLine>,
    /// Hand it in as `after` with the same question; none when there is nothing more.
    pub next: Option<Position>,
}

#[uniffi::export]
impl Phone {
    /// Carries out a wish: `on` names the product, and is left out for the wish that makes one. Durable when it
    /// returns. The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same wish said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_product(
        &self,
        id: CommandId,
        wish: ProductWish,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Product>(id, on, wish)).await
    }

    /// A page of the catalogue by name: products in whose names all words of a text are found, or all. A `limit` of 0
    /// is as many as a page holds.
    #[uniffi::method(default(text = None, after = None, limit = 0))]
    pub async fn products(
        &self,
        text: Option<String>,
        after: Option<Position>,
        limit: u64,
    ) -> Result<ProductPage, LinliError> {
        self.call(move |replica| replica.products(text.as_deref(), after.as_ref(), rows(limit))).await
    }
}

/// What may be done with a product.
#[uniffi::remote(Enum)]
pub enum ProductClass {
    /// Sold without prescription.
    OverTheCounter,
    /// Needs a prescription: never donated to a box, never offered from one.
    Prescription,
    /// A device, such as a thermometer.
    Device,
    /// A supply, such as masks.
    Supply,
}

/// One unit of a product: `{ unit: "box", contains: 2, of: "strip" }`; the smallest contains nothing.
#[uniffi::remote(Record)]
pub struct ProductUnit {
    /// Its name.
    pub unit: String,
    /// How many of the smaller unit it contains.
    #[uniffi(default)]
    pub contains: Option<u32>,
    /// The smaller unit.
    #[uniffi(default)]
    pub of: Option<String>,
}

/// What the catalogue says of a product.
#[uniffi::remote(Record)]
pub struct ProductDetails {
    /// The name on the package; needed.
    #[uniffi(default)]
    pub name: String,
    /// The generic name.
    #[uniffi(default)]
    pub generic: String,
    /// The brand.
    #[uniffi(default)]
    pub brand: String,
    /// The strength.
    #[uniffi(default)]
    pub strength: String,
    /// The form.
    #[uniffi(default)]
    pub form: String,
    /// The barcode.
    #[uniffi(default)]
    pub barcode: String,
    /// Other names.
    #[uniffi(default)]
    pub aliases: Vec<String>,
    /// Its units.
    #[uniffi(default)]
    pub units: Vec<ProductUnit>,
}

/// What changes; what is `None` stays, an empty text clears.
#[uniffi::remote(Record)]
pub struct ProductChange {
    /// The name on the package.
    #[uniffi(default)]
    pub name: Option<String>,
    /// The generic name.
    #[uniffi(default)]
    pub generic: Option<String>,
    /// The brand.
    #[uniffi(default)]
    pub brand: Option<String>,
    /// The strength.
    #[uniffi(default)]
    pub strength: Option<String>,
    /// The form.
    #[uniffi(default)]
    pub form: Option<String>,
    /// The barcode.
    #[uniffi(default)]
    pub barcode: Option<String>,
    /// The class.
    #[uniffi(default)]
    pub class: Option<ProductClass>,
    /// Other names to add.
    #[uniffi(default)]
    pub add_aliases: Vec<String>,
    /// Other names to remove.
    #[uniffi(default)]
    pub remove_aliases: Vec<ItemId>,
    /// Units to add.
    #[uniffi(default)]
    pub add_units: Vec<ProductUnit>,
    /// Units to remove.
    #[uniffi(default)]
    pub remove_units: Vec<ItemId>,
}

/// What a person can wish.
#[uniffi::remote(Enum)]
pub enum ProductWish {
    /// Lists a product with its class.
    List {
        /// What the catalogue says of it.
        details: ProductDetails,
        /// What may be done with it.
        class: ProductClass,
    },
    /// Proposes a product; its class waits for a leader.
    Propose {
        /// What the catalogue says of it.
        details: ProductDetails,
    },
    /// Changes what is said of it.
    Edit(Box<ProductChange>),
    /// Takes it out of the catalogue.
    Withdraw {
        /// Why; may be empty.
        #[uniffi(default)]
        why: String,
    },
}

/// A product in a list.
#[uniffi::remote(Record)]
pub struct ProductLine {
    /// The product.
    pub product: Reference,
    /// The name on the package.
    pub name: String,
    /// The generic name.
    pub generic: Option<String>,
    /// The brand.
    pub brand: Option<String>,
    /// The strength.
    pub strength: Option<String>,
    /// The form.
    pub form: Option<String>,
    /// The barcode.
    pub barcode: Option<String>,
    /// What may be done with it; `None` waits for the keeper.
    pub class: Option<ProductClass>,
    /// People gave it different classes; the strictest is shown.
    pub contested: bool,
    /// It is out of the catalogue.
    pub withdrawn: bool,
}
