//! Steps: exactly what happens, printable.

use std::fmt;

use linli_core::{
    aggregate::{
        Aggregate,
        alert::{Alert, AlertCommand},
        medicine_box::{self, MedicineBox},
        order::{self, Order},
        product::{self, Product},
    },
    id::{CommandId, Reference},
    replica::{MembersError, Receipt, Replica, SubmitError},
    roster::RosterCommand,
    time::WallMs,
};
use linli_tests::Break;

use super::heap::Bound;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody commands something.
    Command { phone: usize, id: CommandId, command: Command },
    /// An app repeats a command that was answered, perhaps after a restart.
    Again { nth: usize },
    /// A coordinator changes the roster.
    Roster { phone: usize, id: CommandId, command: RosterCommand },
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

/// A command on whichever aggregate.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Order(Option<Reference>, order::Command),
    Alert(Option<Reference>, AlertCommand),
    Product(Option<Reference>, product::Command),
    Box(Option<Reference>, medicine_box::Command),
}

/// What may come of a command beside a receipt. All else is a fault of ours.
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

impl Command {
    /// Carries it out.
    pub(crate) fn submit(&self, replica: &Replica, id: CommandId) -> Result<Receipt, No> {
        match self.clone() {
            Command::Order(target, command) => answer::<Order>(replica.submit::<Order>(id, target, command)),
            Command::Alert(target, command) => answer::<Alert>(replica.submit::<Alert>(id, target, command)),
            Command::Product(target, command) => answer::<Product>(replica.submit::<Product>(id, target, command)),
            Command::Box(target, command) => answer::<MedicineBox>(replica.submit::<MedicineBox>(id, target, command)),
        }
    }
}

/// What came of a command, if that is no fault of ours.
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

/// Carries out a command about the roster.
pub(crate) fn change_roster(replica: &Replica, id: CommandId, command: RosterCommand) -> Result<(), No> {
    replica.change_roster(id, command).map_err(|error| match error {
        MembersError::Refused(_) => No::Refused,
        MembersError::NotAMember => No::NotReady,
        fault => panic!("{fault}"),
    })
}
