//! Vocabulary: the stable codes that the engine says, so that an app sees whether it has words for all of them.
//!
//! A code stands once, as the variant that says it. This module knows no sentence, no language and no type by name.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::error::Error;

use serde::Serialize;

/// An enum whose variants are stable codes, in snake case, as its serialized form has them.
///
/// Whoever derives `strum::VariantNames` and `strum::IntoStaticStr` with `serialize_all = "snake_case"` has it.
pub trait Coded {
    /// Every code, in the order of the variants.
    const CODES: &'static [&'static str];

    /// The code of this one.
    fn code(&self) -> &'static str;
}

impl<T: strum::VariantNames> Coded for T
where
    for<'a> &'a T: Into<&'static str>,
{
    const CODES: &'static [&'static str] = T::VARIANTS;

    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Why somebody's command is refused. Serialized, it is an object of its `code` and of what the sentence needs.
pub trait Refuse: Error + Serialize + Coded + 'static {
    /// Who refuses: the name of the aggregate, or `roster`.
    const BY: &'static str;
    /// The codes that only warn: the same command goes through once it says that it happened, or is done anyway.
    const WARNINGS: &'static [&'static str] = &[];

    /// Whether this one only warns.
    fn is_warning(&self) -> bool {
        Self::WARNINGS.contains(&self.code())
    }
}

/// Codes of one kind that an aggregate says beside refusals and what is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// What they are codes of, such as `hidden`. A status says its aggregate too: `status.order`.
    pub name: &'static str,
    /// The codes.
    pub codes: &'static [&'static str],
}

impl Family {
    /// The codes of an enum.
    pub const fn of<T: Coded>(name: &'static str) -> Self {
        Self { name, codes: T::CODES }
    }
}

/// A code that an app may be given, and has words for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CodeLine {
    /// What it is a code of: `event.order`, `refusal.order`, `review`, `hidden`, `status.order`, `held`.
    pub family: String,
    /// The code.
    pub code: String,
    /// Of a refusal: whether the same command, said to have happened, goes through.
    pub warning: bool,
}

impl CodeLine {
    /// Codes of a family, none of which warns.
    pub(crate) fn plain<'a>(family: &str, codes: &'a [&'a str]) -> impl Iterator<Item = Self> + use<'a> {
        let family = family.to_owned();
        codes.iter().map(move |code| Self { family: family.clone(), code: (*code).to_owned(), warning: false })
    }

    /// The codes of a refusal.
    pub(crate) fn refusals<T: Refuse>() -> Vec<Self> {
        let warns = |line: Self| Self { warning: T::WARNINGS.contains(&line.code.as_str()), ..line };
        Self::plain(&format!("refusal.{}", T::BY), T::CODES).map(warns).collect()
    }
}
