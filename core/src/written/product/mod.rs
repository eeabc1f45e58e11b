//! Products: whether two records of a catalogue are one product.
//!
//! Names, strengths, forms and packs are compared by what they mean, bar codes as GTIN-14. Two records are one where
//! they agree in all that matters. Where one of them lacks something, or a bar code contradicts, a person decides. Two
//! that differ in strength, form, salt or brand are two products, however alike the names look.

mod form;
mod name;
mod size;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{TEXT, gs1::gtin, plain::plain};
use name::Name;

/// What a catalogue says of a product. Empty texts say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// How it is called.
    pub name: String,
    /// The name of its substance.
    pub generic: Option<String>,
    /// Who makes it.
    pub brand: Option<String>,
    /// Tablet, capsule, drops.
    pub form: Option<String>,
    /// How much is in one.
    pub strength: Option<String>,
    /// How it is packed.
    pub pack: Option<String>,
    /// The number under its bar code.
    pub barcode: Option<String>,
    /// The number of its licence.
    pub approval: Option<String>,
}

impl Record {
    /// Bytes of its longest text.
    fn longest(&self) -> usize {
        let Self { name, generic, brand, form, strength, pack, barcode, approval } = self;
        let others = [generic, brand, form, strength, pack, barcode, approval];
        let others = others.into_iter().flatten().map(String::len).max().unwrap_or(0);
        name.len().max(others)
    }
}

/// How two products stand to each other.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Likeness {
    /// One product, written in two ways perhaps.
    Same,
    /// A person must say.
    Ask,
    /// Two products that differ.
    Different,
}

/// How one field of two records stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    /// It says the same, or nothing in both.
    Agrees,
    /// It is missing in one, or cannot be compared.
    Open,
    /// It says something else.
    Differs,
}

/// Whether two records are one product. `aliases` are pairs of names that the catalogue knows to be one. Where a text is longer
/// than [`TEXT`] somebody must be asked.
pub fn likeness(one: &Record, other: &Record, aliases: &[(String, String)]) -> Likeness {
    if one.longest() > TEXT || other.longest() > TEXT {
        return Likeness::Ask;
    }
    let (first, second) = (Name::of(one), Name::of(other));
    let called = first.against(&second, aliases);
    let called = called.min(generic(one, other, called));
    let fields = [
        called,
        size::strengths(first.strength.as_deref(), second.strength.as_deref()),
        form::forms(first.form.as_deref(), second.form.as_deref()),
        size::packs(first.pack.as_deref(), second.pack.as_deref()),
        brands(one.brand.as_deref(), other.brand.as_deref()),
        approvals(one.approval.as_deref(), other.approval.as_deref()),
    ];
    let worst = fields.into_iter().max().unwrap_or(Agreement::Open);
    match (worst, barcodes(one.barcode.as_deref(), other.barcode.as_deref())) {
        // One of two medicines with one number is wrong.
        (Agreement::Differs, Some(Agreement::Agrees)) => Likeness::Ask,
        (Agreement::Differs, _) => Likeness::Different,
        (Agreement::Open, _) | (_, Some(Agreement::Open | Agreement::Differs)) => Likeness::Ask,
        (Agreement::Agrees, _) => Likeness::Same,
    }
}

/// What two records share that are not surely two products: whoever compares many looks at those alone.
#[cfg(feature = "lists")]
pub(in crate::written) fn keys(record: &Record, aliases: &[String]) -> Vec<String> {
    let named = [bare(Some(&record.name)), bare(record.generic.as_deref())].into_iter().flatten();
    let names = Name::of(record).keys().into_iter().chain(named);
    let others = aliases.iter().map(|alias| name::called(alias));
    let code = record.barcode.as_deref().and_then(|code| gtin(code).ok());
    let mut keys: Vec<String> = names.chain(others).chain(code).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether a name says a strength: `布洛芬缓释胶囊0.3g`.
#[cfg(feature = "lists")]
pub(in crate::written) fn sized(name: &str) -> bool {
    Name::of(&Record { name: name.to_owned(), ..Record::default() }).strength.is_some()
}

/// A text as it is compared; none where it says nothing.
pub(super) fn bare(text: Option<&str>) -> Option<String> {
    let bare: String = plain(text?).to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let says = bare.chars().any(char::is_alphanumeric) && !matches!(bare.as_str(), "无" | "不详" | "none" | "n/a");
    says.then_some(bare)
}

/// Two trade names of one substance may be one product under another name; nothing makes them the same.
fn generic(one: &Record, other: &Record, called: Agreement) -> Agreement {
    let (first, second) = (bare(one.generic.as_deref()), bare(other.generic.as_deref()));
    let names = |record: &Record, generic: &Option<String>| generic.is_some() && bare(Some(&record.name)) == *generic;
    let related = (first.is_some() && first == second) || names(one, &second) || names(other, &first);
    if called == Agreement::Differs && related { Agreement::Open } else { called }
}

fn brands(one: Option<&str>, other: Option<&str>) -> Agreement {
    match (bare(one), bare(other)) {
        (None, None) => Agreement::Agrees,
        (Some(one), Some(other)) if one == other => Agreement::Agrees,
        (Some(one), Some(other)) if one.contains(&other) || other.contains(&one) => Agreement::Open,
        (Some(_), Some(_)) => Agreement::Differs,
        _ => Agreement::Open,
    }
}

/// Licences: one that is missing says nothing. Where their letter alone differs, one of them is a slip.
fn approvals(one: Option<&str>, other: Option<&str>) -> Agreement {
    let (Some(one), Some(other)) = (bare(one), bare(other)) else { return Agreement::Agrees };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let code = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    if code(&one) == code(&other) {
        Agreement::Agrees
    } else if digits(&one) == digits(&other) || digits(&one).len() != digits(&other).len() {
        Agreement::Open
    } else {
        Agreement::Differs
    }
}

/// Bar codes as GTIN-14; none where one of them is missing.
fn barcodes(one: Option<&str>, other: Option<&str>) -> Option<Agreement> {
    let (one, other) = (bare(one), bare(other));
    let read = |text: &Option<String>| text.as_ref().map(|text| gtin(text));
    match (read(&one), read(&other)) {
        (Some(Ok(one)), Some(Ok(other))) => Some(if one == other { Agreement::Agrees } else { Agreement::Differs }),
        (Some(Err(_)), Some(_)) | (Some(_), Some(Err(_))) => {
            Some(if one == other { Agreement::Agrees } else { Agreement::Open })
        }
        (Some(Err(_)), None) | (None, Some(Err(_))) => Some(Agreement::Open),
        _ => None,
    }
}
