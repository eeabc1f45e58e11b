//! What a care holder sees of households and visits.

use linli_core::{
    aggregate::{
        Position, Review, Told,
        household::{
            Calendar as CareCalendar, CareContact, Check as CareCheck, Consent as CareConsent, HouseholdCard,
            HouseholdView, Person as CarePerson, Plan as VisitPlan, Posting as VisitPosting, Skip as VisitSkip,
            Visit as CareVisit, VisitOutcome,
        },
        medicine_box::Day,
    },
    event::ItemId,
    id::{MemberId, Reference},
    replica::{DueVisit, HouseholdDetail, HouseholdFilter, HouseholdLine, ProposedVisit},
    time::WallMs,
};

use crate::domain::plain::{Count, Days, Names};

/// A consent that stands.
#[uniffi::remote(Record)]
pub struct CareConsent {
    /// The event.
    pub event: Reference,
    /// What for.
    pub purpose: String,
    /// The last day on which it holds.
    pub until: Option<Day>,
    /// Who wrote it down.
    pub by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
}

/// A due visit that was posted as an order.
#[uniffi::remote(Record)]
pub struct VisitPosting {
    /// The event.
    pub event: Reference,
    /// The day it was due.
    pub due: Day,
    /// The order.
    pub order: Reference,
    /// Who posted it.
    pub by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
}

/// A visit.
#[uniffi::remote(Record)]
pub struct CareVisit {
    /// The event.
    pub event: Reference,
    /// What came of it, as corrected.
    pub outcome: VisitOutcome,
    /// On which day.
    pub day: Day,
    /// The due visit that it was.
    pub due: Option<Day>,
    /// The order whose outcome it is.
    pub order: Option<Reference>,
    /// Who was there.
    pub by: MemberId,
    /// Who wrote it down, or confirmed it.
    pub written_by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
    /// What is to be kept of it.
    pub note: Option<String>,
    /// Whether it counts: of one order one does.
    pub counts: bool,
}

/// A visit that was left out.
#[uniffi::remote(Record)]
pub struct VisitSkip {
    /// The event.
    pub event: Reference,
    /// The day it was due.
    pub due: Day,
    /// Who left it out.
    pub by: MemberId,
    /// Why.
    pub why: String,
}

/// A plan that stands.
#[uniffi::remote(Record)]
pub struct VisitPlan {
    /// The event that made it: what ends it names it.
    pub event: Reference,
    /// The first day.
    pub from: Day,
    /// Days from one visit to the next; none for one visit.
    pub every: Option<u16>,
}

/// Plans, and what of them is settled.
#[uniffi::remote(Record)]
pub struct CareCalendar {
    /// The plans that stand.
    pub plans: Vec<VisitPlan>,
    /// Due days that were visited as such, or skipped.
    pub settled: Days,
    /// Days on which somebody was reached: each stands for whatever was due until then.
    pub reached: Days,
}

/// Somebody who needs attention.
#[uniffi::remote(Record)]
pub struct CarePerson {
    /// The item.
    pub item: ItemId,
    /// The name.
    pub name: String,
    /// Why.
    pub why: Option<String>,
}

/// Whom to call.
#[uniffi::remote(Record)]
pub struct CareContact {
    /// The item.
    pub item: ItemId,
    /// The name.
    pub name: String,
    /// The number.
    pub phone: Option<String>,
}

/// What a visitor looks after.
#[uniffi::remote(Record)]
pub struct CareCheck {
    /// The item.
    pub item: ItemId,
    /// What.
    pub text: String,
}

/// A household in a list.
#[uniffi::remote(Record)]
pub struct HouseholdCard {
    /// The household.
    pub household: Reference,
    /// The building.
    pub building: String,
    /// The unit.
    pub unit: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// The names of who needs attention.
    pub people: Vec<String>,
    /// The consent that stands.
    pub consent: Option<CareConsent>,
    /// Plans and what of them is settled.
    pub calendar: CareCalendar,
    /// Who is paired with it, the newest last.
    pub visitors: Vec<MemberId>,
    /// The outcome of the last visit that counts.
    pub last_outcome: Option<VisitOutcome>,
    /// Orders posted for it.
    pub postings: Vec<VisitPosting>,
    /// Whether it is in use.
    pub open: bool,
}

/// A household in full.
#[uniffi::remote(Record)]
pub struct HouseholdView {
    /// What lists show of it.
    pub card: HouseholdCard,
    /// Who needs attention, and why.
    pub attention: Vec<CarePerson>,
    /// Whom to call, in this order.
    pub contacts: Vec<CareContact>,
    /// What a visitor looks after.
    pub checklist: Vec<CareCheck>,
    /// What else is to be known.
    pub note: Option<String>,
    /// Visits, in the order in which they were written down.
    pub visits: Vec<CareVisit>,
    /// What was left out.
    pub skips: Vec<VisitSkip>,
}

/// What of the register is asked for. The default is all that is in use.
#[uniffi::remote(Record)]
pub struct HouseholdFilter {
    /// Only of this building.
    #[uniffi(default)]
    pub building: Option<String>,
    /// Those that are closed, too.
    #[uniffi(default)]
    pub closed: bool,
    /// Where the last page ended.
    #[uniffi(default)]
    pub after: Option<Position>,
    /// As many as this; at most a page, which 0 means too.
    #[uniffi(default)]
    pub limit: Count,
}

/// A household in a list.
#[uniffi::remote(Record)]
pub struct HouseholdLine {
    /// What stands in it.
    pub card: HouseholdCard,
    /// Whether their consent holds today.
    pub agreed: bool,
    /// The next day on which a visit is due, perhaps past.
    pub next_due: Option<Day>,
    /// How many due visits of days before today nobody made; at most a year of them.
    pub overdue: Count,
}

/// A household in full.
#[uniffi::remote(Record)]
pub struct HouseholdDetail {
    /// What lists show of it, by this device's clock.
    pub line: HouseholdLine,
    /// All that stands in it, and every visit.
    pub view: HouseholdView,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members in it, where they have one and the key that seals it is held.
    pub names: Names,
}

/// A visit that is due.
#[uniffi::remote(Record)]
pub struct DueVisit {
    /// The household.
    pub household: Reference,
    /// The building.
    pub building: String,
    /// The unit.
    pub unit: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// The names of who needs attention.
    pub people: Vec<String>,
    /// The day it is due.
    pub due: Day,
    /// Days since then, by this device's clock; 0 today and before.
    pub days_late: i64,
    /// Whether their consent holds today: else nothing can be posted.
    pub agreed: bool,
    /// Who is paired with the household, the newest last.
    pub visitors: Vec<MemberId>,
    /// Orders posted for it that are not cancelled.
    pub orders: Vec<Reference>,
    /// More than one of them stands: two people posted it, and one is to be cancelled.
    pub double: bool,
}

/// What came of an order that was posted for a visit, and is not in the register yet.
#[uniffi::remote(Record)]
pub struct ProposedVisit {
    /// The household.
    pub household: Reference,
    /// The building.
    pub building: String,
    /// The unit.
    pub unit: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// The names of who needs attention.
    pub people: Vec<String>,
    /// The day it was due.
    pub due: Day,
    /// The order that was posted: what a confirmation names.
    pub order: Reference,
    /// What its outcome comes to.
    pub outcome: VisitOutcome,
    /// Who was there.
    pub by: MemberId,
    /// When, as they said.
    pub when: WallMs,
    /// On which day that is.
    pub day: Day,
    /// What was said on the order, in order.
    pub comments: Vec<String>,
}
