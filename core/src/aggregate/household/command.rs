//! What a care holder can do with a household.
//!
//! A command is refused; what is said to have happened is at most questioned: the refusal is a warning
//! ([`Refuse::is_warning`]), and the same command with `already_happened` goes through.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::fact::VisitOutcome;
use crate::{
    aggregate::medicine_box::Day,
    event::ItemId,
    id::{MemberId, Reference},
};

/// Somebody who needs attention.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewPerson {
    /// The name; needed.
    pub name: String,
    /// Why they need attention.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub why: Option<String>,
}

/// Whom to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewContact {
    /// The name; needed.
    pub name: String,
    /// The number to call, if there is one.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub phone: Option<String>,
}

/// A consent to write down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewConsent {
    /// What they agree to, such as visits; never empty.
    pub purpose: String,
    /// The last day on which it holds.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub until: Option<Day>,
}

/// A household to put into the register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewHousehold {
    /// The building; needed, fixed for life.
    pub building: String,
    /// The unit (单元), if the building has any.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub unit: Option<String>,
    /// The room, if it is known.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub room: Option<String>,
    /// Who needs attention; at least one.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub people: Vec<NewPerson>,
    /// Whom to call, in this order; at most three.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub contacts: Vec<NewContact>,
    /// What a visitor looks after.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub checklist: Vec<String>,
    /// What else is to be known.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub note: Option<String>,
    /// Their consent, if they gave it. Nothing is planned or posted without.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub consent: Option<NewConsent>,
}

/// One change. An empty text clears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum HouseholdChange {
    /// Another unit (单元).
    Unit(String),
    /// Another room of the same building.
    Room(String),
    /// What else is to be known.
    Note(String),
    /// Somebody more who needs attention.
    AddPerson(NewPerson),
    /// Who it is, and why.
    EditPerson {
        /// The person on the card.
        item: ItemId,
        /// The name and the reason, both anew.
        person: NewPerson,
    },
    /// Nobody who needs attention any more.
    RemovePerson(ItemId),
    /// Somebody more to call, after those who are there.
    AddContact(NewContact),
    /// Whom to call.
    EditContact {
        /// The contact on the card.
        item: ItemId,
        /// The name and the number, both anew.
        contact: NewContact,
    },
    /// Nobody to call.
    RemoveContact(ItemId),
    /// In which order to call: each once.
    OrderContacts(Vec<ItemId>),
    /// One thing more to look after.
    AddCheck(String),
    /// Nothing to look after any more.
    RemoveCheck(ItemId),
}

/// What of a household an order may carry to a visitor. The building is in every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "CarriedField"))]
pub enum Carried {
    /// Unit and room.
    Room,
    /// The names of who needs attention.
    People,
    /// Why they need it, with their names.
    Why,
    /// The first of the contacts.
    Contact,
    /// The checklist, as items.
    Checklist,
    /// What else is to be known.
    Note,
}

/// What a care holder can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum HouseholdCommand {
    /// Puts a household into the register.
    Register(Box<NewHousehold>),
    /// Changes what stands of it.
    Edit {
        /// The changes, made together.
        changes: Vec<HouseholdChange>,
    },
    /// Writes down that they agree.
    Consent(NewConsent),
    /// Writes down that they agree no longer.
    WithdrawConsent {
        /// The reason, in words, if one is given.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: Option<String>,
    },
    /// Plans visits, one or one every so many days.
    Plan {
        /// The first day.
        from: Day,
        /// Days from one to the next, from 1 to 366; none for one visit.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        every: Option<u16>,
    },
    /// Ends a plan.
    EndPlan {
        /// The event that planned the visits.
        plan: Reference,
    },
    /// Posts a due visit as an order, and gives that to whoever is paired with the household. Posted again while the
    /// order stands, it writes nothing.
    Post {
        /// The day it is due.
        due: Day,
        /// What the order carries.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        carried: Vec<Carried>,
        /// A word to the visitor.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        note: Option<String>,
    },
    /// Says that somebody was there.
    Visit {
        /// What came of it.
        outcome: VisitOutcome,
        /// On which day; none for today.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        day: Option<Day>,
        /// The due visit that it was; of an order the one it was posted for.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        due: Option<Day>,
        /// The order whose outcome it is.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        order: Option<Reference>,
        /// Who was there, if not the author.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        by: Option<MemberId>,
        /// What is to be kept of it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        note: Option<String>,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
    },
    /// Leaves a due visit out.
    Skip {
        /// The day it is due.
        due: Day,
        /// Why nobody goes; never empty.
        why: String,
    },
    /// Pairs a visitor with the household: the next order goes to them.
    Pair {
        /// The visitor to be paired.
        member: MemberId,
    },
    /// Ends a pairing.
    Unpair {
        /// The visitor whose pairing ends.
        member: MemberId,
    },
    /// Closes the household for good.
    Close {
        /// The reason, in words, if one is given.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: Option<String>,
    },
    /// Says what an event should have said.
    Correct {
        /// The event that says something wrong.
        event: Reference,
        /// Why the event was wrong; never empty.
        why: String,
        /// What came of the visit after all; none where the event should not have been.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        outcome: Option<VisitOutcome>,
    },
}
