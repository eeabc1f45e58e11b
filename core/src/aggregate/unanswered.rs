//! The refusal of an aggregate that refuses nothing of its own.
//!
//! A decision may ask the store, and the store may fail. This refusal says so, and nothing else.

use std::{fmt, marker::PhantomData};

use serde::Serialize;

use super::{Aggregate, Coded, Refuse, Says, Terms, WorldError};

/// The store could not answer while something was decided: all that stands against a command where the aggregate refuses
/// nothing itself. It names this as its [`Refusal`](Aggregate::Refusal).
#[derive(Serialize, thiserror::Error)]
#[serde(tag = "code", rename = "store")]
#[error("the store could not answer")]
pub struct Unanswered<A: Aggregate> {
    #[serde(skip)]
    of: PhantomData<fn() -> A>,
}

impl<A: Aggregate> fmt::Debug for Unanswered<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unanswered({})", A::NAME)
    }
}

impl<A: Aggregate> From<WorldError> for Unanswered<A> {
    fn from(_: WorldError) -> Self {
        Self { of: PhantomData }
    }
}

impl<A: Aggregate> Coded for Unanswered<A> {
    const CODES: &'static [&'static str] = &["store"];

    fn code(&self) -> &'static str {
        "store"
    }
}

impl<A: Aggregate> Says for Unanswered<A> {
    const SAYS: &'static [Terms] = &[];
}

impl<A: Aggregate> Refuse for Unanswered<A> {
    const BY: &'static str = A::NAME;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::recall::Recall;

    #[test]
    fn it_says_as_a_code_what_other_refusals_say_of_the_store() {
        let refusal = Unanswered::<Recall>::from(WorldError("locked".into()));

        assert_eq!(serde_json::to_value(&refusal).unwrap(), serde_json::json!({ "code": refusal.code() }));
        assert_eq!((Unanswered::<Recall>::BY, Unanswered::<Recall>::CODES), ("recall", &["store"][..]));
        assert!(!refusal.is_warning());
    }
}
