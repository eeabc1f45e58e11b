//! Vocabulary: the stable codes that the engine says, so that an app sees whether it has words for all of them.
//!
//! A code stands once, as the variant that says it. This module knows no sentence, no language and no type by name.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::error::Error;

use serde::Serialize;

pub use linli_derive::Says;

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

/// A type whose values say something by name: a struct, or an enum of codes. Whoever derives [`Says`](macro@Says) has it.
pub trait Says {
    /// What is said with each code, in the order of the variants; of a struct one entry without a code.
    const SAYS: &'static [Terms];
}

/// What is said with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The code it is said with.
    pub code: &'static str,
    /// What its sentence may name.
    pub params: &'static [Param],
}

/// Something that is said with a code, under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// The name that a sentence has for it.
    pub name: &'static str,
    /// Its number on the wire, where the type is what stands there.
    pub number: Option<u32>,
    /// Whether it is what somebody wrote.
    pub text: bool,
}

/// Why somebody's command is refused. Serialized, it is an object of its `code` and of what the sentence needs.
pub trait Refuse: Error + Serialize + Coded + Says + 'static {
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
    /// The codes, in the order in which they are listed.
    pub codes: &'static [&'static str],
    /// What is said with them; nothing of those that are not here.
    pub says: &'static [Terms],
}

impl Family {
    /// Codes with which nothing is said.
    pub const fn plain(name: &'static str, codes: &'static [&'static str]) -> Self {
        Self { name, codes, says: &[] }
    }

    /// The codes of an enum with which nothing is said.
    pub const fn of<T: Coded>(name: &'static str) -> Self {
        Self::plain(name, T::CODES)
    }

    /// The codes of an enum, and what is said with them.
    pub const fn saying<T: Coded + Says>(name: &'static str) -> Self {
        Self { name, codes: T::CODES, says: T::SAYS }
    }

    /// Its codes as an app is given them.
    #[cfg_attr(not(feature = "replica"), allow(dead_code))] // a relay gives none
    pub(crate) fn lines(&self) -> Vec<CodeLine> {
        CodeLine::of(self.name, self.codes, self.says)
    }
}

/// A code that an app may be given, and has words for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CodeLine {
    /// What it is a code of: `event.order`, `refusal.order`, `review`, `hidden`, `status.order`, `held`.
    pub family: String,
    /// The code itself.
    pub code: String,
    /// Of a refusal: whether the same command, said to have happened, goes through.
    pub warning: bool,
    /// What its sentence may name.
    pub params: Vec<String>,
}

impl CodeLine {
    /// Codes of a family, none of which warns, each with what is said with it.
    #[cfg_attr(not(feature = "replica"), allow(dead_code))] // a relay gives none
    pub(crate) fn of(family: &str, codes: &[&str], says: &[Terms]) -> Vec<Self> {
        let of = |code: &&str| {
            let params = says.iter().find(|saying| saying.code == *code).map_or(&[][..], |saying| saying.params);
            let params = params.iter().map(|param| param.name.to_owned()).collect();
            Self { family: family.to_owned(), code: (*code).to_owned(), warning: false, params }
        };
        codes.iter().map(of).collect()
    }

    /// The codes of a refusal.
    #[cfg_attr(not(feature = "replica"), allow(dead_code))] // a relay gives none
    pub(crate) fn refusals<T: Refuse>() -> Vec<Self> {
        let mut lines = Self::of(&format!("refusal.{}", T::BY), T::CODES, T::SAYS);
        lines.iter_mut().for_each(|line| line.warning = T::WARNINGS.contains(&line.code.as_str()));
        lines
    }
}
