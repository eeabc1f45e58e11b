//! What a care holder can wish of a household, in the words of the core.

use linli_core::{
    aggregate::{
        household::{
            Carried as CarriedField, HouseholdChange, HouseholdWish, NewConsent, NewContact, NewHousehold, NewPerson,
            VisitOutcome,
        },
        medicine_box::Day,
    },
    event::ItemId,
    id::{MemberId, Reference},
};

/// What came of a visit.
#[uniffi::remote(Enum)]
pub enum VisitOutcome {
    /// They were met, and all is well.
    Well,
    /// They were met, and something is to be done.
    NeedsHelp,
    /// They were reached and want no visit.
    Refused,
    /// Nobody answered.
    Nobody,
    /// They do not live there.
    WrongAddress,
}

/// Somebody who needs attention.
#[uniffi::remote(Record)]
pub struct NewPerson {
    /// The name; needed.
    pub name: String,
    /// Why they need attention.
    #[uniffi(default)]
    pub why: Option<String>,
}

/// Whom to call.
#[uniffi::remote(Record)]
pub struct NewContact {
    /// The name; needed.
    pub name: String,
    /// The number.
    #[uniffi(default)]
    pub phone: Option<String>,
}

/// A consent to write down.
#[uniffi::remote(Record)]
pub struct NewConsent {
    /// What for; needed.
    pub purpose: String,
    /// The last day on which it holds.
    #[uniffi(default)]
    pub until: Option<Day>,
}

/// A household to put into the register.
#[uniffi::remote(Record)]
pub struct NewHousehold {
    /// The building; needed, fixed for life.
    pub building: String,
    /// The unit.
    #[uniffi(default)]
    pub unit: Option<String>,
    /// The room.
    #[uniffi(default)]
    pub room: Option<String>,
    /// Who needs attention; at least one.
    #[uniffi(default)]
    pub people: Vec<NewPerson>,
    /// Whom to call, in this order; at most three.
    #[uniffi(default)]
    pub contacts: Vec<NewContact>,
    /// What a visitor looks after.
    #[uniffi(default)]
    pub checklist: Vec<String>,
    /// What else is to be known.
    #[uniffi(default)]
    pub note: Option<String>,
    /// Their consent, if they gave it. Nothing is planned or posted without.
    #[uniffi(default)]
    pub consent: Option<NewConsent>,
}

/// One change. An empty text clears.
#[uniffi::remote(Enum)]
pub enum HouseholdChange {
    /// The unit.
    Unit(String),
    /// The room.
    Room(String),
    /// What else is to be known.
    Note(String),
    /// Somebody more.
    AddPerson(NewPerson),
    /// Who it is, and why.
    EditPerson {
        /// Which.
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
        /// Which.
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
#[uniffi::remote(Enum)]
pub enum CarriedField {
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

/// What a care holder can wish.
#[uniffi::remote(Enum)]
pub enum HouseholdWish {
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
        /// Why.
        #[uniffi(default)]
        why: Option<String>,
    },
    /// Plans visits.
    Plan {
        /// The first day.
        from: Day,
        /// Days from one to the next, from 1 to 366; none for one visit.
        #[uniffi(default)]
        every: Option<u16>,
    },
    /// Ends a plan.
    EndPlan {
        /// Which.
        plan: Reference,
    },
    /// Posts a due visit as an order, and gives that to whoever is paired with the household. Posted again while the
    /// order stands, it writes nothing.
    Post {
        /// The day it is due.
        due: Day,
        /// What the order carries.
        #[uniffi(default)]
        carried: Vec<CarriedField>,
        /// A word to the visitor.
        #[uniffi(default)]
        note: Option<String>,
    },
    /// Says that somebody was there.
    Visit {
        /// What came of it.
        outcome: VisitOutcome,
        /// On which day; none for today.
        #[uniffi(default)]
        day: Option<Day>,
        /// The due visit that it was; of an order the one it was posted for.
        #[uniffi(default)]
        due: Option<Day>,
        /// The order whose outcome it is.
        #[uniffi(default)]
        order: Option<Reference>,
        /// Who was there, if not the author.
        #[uniffi(default)]
        by: Option<MemberId>,
        /// What is to be kept of it.
        #[uniffi(default)]
        note: Option<String>,
        /// It happened, whatever speaks against it.
        #[uniffi(default)]
        already_happened: bool,
    },
    /// Leaves a due visit out.
    Skip {
        /// The day it is due.
        due: Day,
        /// Why; needed.
        why: String,
    },
    /// Pairs a visitor with the household: the next order goes to them.
    Pair {
        /// Who.
        member: MemberId,
    },
    /// Ends a pairing.
    Unpair {
        /// Who.
        member: MemberId,
    },
    /// Closes the household for good.
    Close {
        /// Why.
        #[uniffi(default)]
        why: Option<String>,
    },
    /// Says what an event should have said.
    Correct {
        /// Which.
        event: Reference,
        /// Why; needed.
        why: String,
        /// What came of the visit after all; none where the event should not have been.
        #[uniffi(default)]
        outcome: Option<VisitOutcome>,
    },
}
