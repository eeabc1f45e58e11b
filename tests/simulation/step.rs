//! Steps: exactly what happens, printable.

use std::fmt;

use linli_core::{
    aggregate::{
        Aggregate,
        alert::{Alert, AlertWish},
        medicine_box::{self, MedicineBox},
        order::{self, Order},
        product::{self, Product},
    },
    id::{CommandId, Reference},
    replica::{MembersError, Receipt, Replica, SubmitError},
    roster::RosterWish,
    time::WallMs,
};
use linli_tests::Break;

use super::heap::Bound;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody wishes something.
    Command { phone: usize, id: CommandId, wish: Wish },
    /// An app repeats a command that was answered, perhaps after a restart.
    Again { nth: usize },
    /// A coordinator changes the roster.
    Roster { phone: usize, id: CommandId, wish: RosterWish },
    /// A new phone is handed a welcome.
    Join { phone: usize, by: usize },
    /// Two phones meet; the pipe may break.
    Meet { one: usize, other: usize, end: Break },
    /// A phone is switched off and on again.
    Restart { phone: usize },
    /// A phone makes its caches again.
    Rebuild { phone: usize },
    /// A phone's clock is set.
    Clock { phone: usize, wall: WallMs },
    /// A member who lies tells a phone whatever they like.
    Lie { liar: usize, to: usize },
    /// A member who lies heaps up one more than a bound allows, and gives all of it to one phone and some to another.
    Heap { liar: usize, bound: Bound, to: usize, some_to: usize },
    /// A member who lies tells a relay whatever they like, made of what a phone holds.
    Mislead { liar: usize, seen_on: usize },
    /// A phone meets the relay.
    Visit { phone: usize },
    /// A household is put into the care register.
    Register { phone: usize, id: CommandId },
    /// Time passes everywhere.
    Pass { minutes: u64 },
}

/// A wish on whichever aggregate.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    Order(Option<Reference>, order::Wish),
    Alert(Option<Reference>, AlertWish),
    Product(Option<Reference>, product::Wish),
    Box(Option<Reference>, medicine_box::Wish),
}

/// What may come of a wish beside a receipt. All else is a fault of ours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum No {
    /// Refused by the aggregate or the roster.
    Refused,
    /// Not a member, no key yet, or withdrawn by somebody who lies.
    NotReady,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Wish {
    /// Carries it out.
    pub(crate) fn submit(&self, replica: &Replica, id: CommandId) -> Result<Receipt, No> {
        match self.clone() {
            Wish::Order(target, wish) => answer::<Order>(replica.submit::<Order>(id, target, wish)),
            Wish::Alert(target, wish) => answer::<Alert>(replica.submit::<Alert>(id, target, wish)),
            Wish::Product(target, wish) => answer::<Product>(replica.submit::<Product>(id, target, wish)),
            Wish::Box(target, wish) => answer::<MedicineBox>(replica.submit::<MedicineBox>(id, target, wish)),
        }
    }
}

/// What came of a wish, if that is no fault of ours.
pub(crate) fn answer<A: Aggregate>(answer: Result<Receipt, SubmitError<A::Refusal>>) -> Result<Receipt, No> {
    answer.map_err(|error| match error {
        SubmitError::Refused(_) | SubmitError::NotEntitled { .. } | SubmitError::Unknown { .. } => No::Refused,
        SubmitError::NotAMember | SubmitError::Withdrawn => No::NotReady,
        fault @ (SubmitError::Undeclared
        | SubmitError::Reused
        | SubmitError::Limit(_)
        | SubmitError::Faulty { .. }
        | SubmitError::Store(_)) => {
            panic!("{fault}")
        }
    })
}

/// Carries out a wish about the roster.
pub(crate) fn change_roster(replica: &Replica, id: CommandId, wish: RosterWish) -> Result<(), No> {
    replica.change_roster(id, wish).map_err(|error| match error {
        MembersError::Refused(_) => No::Refused,
        MembersError::NotAMember => No::NotReady,
        fault => panic!("{fault}"),
    })
}
