//! The log: every event, what is held and why, forks, histories, what is to be looked at.

use linli_core::{
    aggregate::{Held, Position, Review, Told},
    event::{Edit, Topic},
    id::{DeviceId, Incarnation, LogId, MemberId, Reference},
    replica::{ForkLine, LogLine, NewerLine, NewerWhat, Page, ReviewFilter, ReviewItem},
    store::Stats as StoreStats,
    time::WallMs,
};

use crate::{
    LinliError, Phone,
    domain::plain::{Code, Count, Json, rows},
};

/// A page of the log.
pub(crate) type LogPage = Page<LogLine>;

/// A page of the log, and where the next one begins.
#[uniffi::remote(Record)]
pub struct LogPage {
    /// What is on it, in order.
    pub items: Vec<LogLine>,
    /// Hand it in as `after` with the same question; none when there is nothing more.
    pub next: Option<Position>,
}

/// A page of the review queue.
pub(crate) type ReviewPage = Page<ReviewItem>;

/// A page of the review queue, and where the next one begins.
#[uniffi::remote(Record)]
pub struct ReviewPage {
    /// What is on it, in order.
    pub items: Vec<ReviewItem>,
    /// Hand it in as `after` with the same filter; none when there is nothing more.
    pub next: Option<Position>,
}

#[uniffi::export]
impl Phone {
    /// What was done with an aggregate, in order, in codes and parameters; then what is held, with the reason.
    pub async fn history(&self, aggregate: Reference) -> Result<Vec<Told>, LinliError> {
        self.call(move |replica| replica.history(aggregate)).await
    }

    /// A page of what a person should look at: contested, delivered twice, conflicting edits.
    pub async fn review_queue(&self, filter: ReviewFilter) -> Result<ReviewPage, LinliError> {
        self.call(move |replica| replica.review_queue(&filter)).await
    }

    /// A page of all events, those that arrived here last first. A `limit` of 0 is as many as a page holds.
    #[uniffi::method(default(after = None, limit = 0))]
    pub async fn log(&self, after: Option<Position>, limit: u64) -> Result<LogPage, LinliError> {
        self.call(move |replica| replica.log(after.as_ref(), rows(limit))).await
    }

    /// A page of the events that do not count, for one reason or any, in the order in which they arrived here.
    #[uniffi::method(default(reason = None, after = None, limit = 0))]
    pub async fn held_events(
        &self,
        reason: Option<Held>,
        after: Option<Position>,
        limit: u64,
    ) -> Result<LogPage, LinliError> {
        self.call(move |replica| replica.held_events(reason, after.as_ref(), rows(limit))).await
    }

    /// What is held here because only a newer app reads it whole, what protects people first: who wrote it, and about
    /// whom. Empty on a phone that is up to date; else say aloud that the app must be brought up to date.
    pub async fn needs_newer_app(&self) -> Result<Vec<NewerLine>, LinliError> {
        self.call(move |replica| replica.needs_newer_app()).await
    }

    /// Events beyond a cut, of strangers and in silenced logs, for coordinators: a cut may have been too low.
    pub async fn beyond_cuts(&self) -> Result<Vec<LogLine>, LinliError> {
        self.call(move |replica| replica.beyond_cuts()).await
    }

    /// Every fork that is held here.
    pub async fn forks(&self) -> Result<Vec<ForkLine>, LinliError> {
        self.call(move |replica| replica.forks()).await
    }

    /// How much is stored here. Looks at every event, so not for every screen.
    pub async fn stats(&self) -> Result<StoreStats, LinliError> {
        self.call(move |replica| replica.stats()).await
    }
}

/// Why an event is kept but does not count.
#[uniffi::remote(Enum)]
pub enum Held {
    /// Something it builds on is not in storage.
    Parked,
    /// No key yet opens it.
    Sealed,
    /// Its kind or version is not known to this build.
    Newer,
    /// It is not what its kind says.
    Malformed,
    /// Its author lacked the right.
    Unentitled,
    /// Its device is not admitted.
    Stranger,
    /// It lies beyond a cut.
    Cut,
    /// It has been erased.
    Erased,
    /// Its body is gone under an erasure that no longer counts.
    Missing,
    /// Its log has too many branches, and no cut says which of them count.
    Silenced,
    /// Its device has said more in this aggregate than there is room for.
    Crowded,
}

/// One event of an aggregate's history, for a screen.
#[uniffi::remote(Record)]
pub struct Told {
    /// The event.
    pub event: Reference,
    /// A stable code, such as `claimed`.
    pub code: Code,
    /// What its sentence needs.
    pub params: Json,
    /// What it did to the document.
    pub edits: Vec<Edit>,
    /// Who acted; none if the device is not admitted.
    pub by: Option<MemberId>,
    /// On which device.
    pub device: DeviceId,
    /// When, by the author's clock.
    pub wall: WallMs,
    /// Why it does not count, if it does not.
    pub held: Option<Held>,
}

/// Something of an aggregate that a person should look at. Apps translate the code and fill in the parameters.
#[uniffi::remote(Record)]
pub struct Review {
    /// A stable code, such as `delivered_twice`.
    pub code: Code,
    /// What the sentence needs.
    pub params: Json,
}

/// One event of the log.
#[uniffi::remote(Record)]
pub struct LogLine {
    /// The event.
    pub event: Reference,
    /// Where it is synced; `None` for a topic unknown here.
    pub topic: Option<Topic>,
    /// The aggregate it belongs to, as far as it can be read.
    pub aggregate: Option<Reference>,
    /// The aggregate's type; `roster` for members and keys.
    pub kind: Option<Code>,
    /// A stable code, such as `claimed`; `None` where it cannot be read or is not known.
    pub code: Option<Code>,
    /// Who acted; none if the device is not admitted.
    pub by: Option<MemberId>,
    /// On which device.
    pub device: DeviceId,
    /// When, by the author's clock; `None` where it cannot be read.
    pub wall: Option<WallMs>,
    /// Why it does not count, if it does not.
    pub held: Option<Held>,
}

/// What something that cannot be read whole is about.
#[uniffi::remote(Enum)]
pub enum NewerWhat {
    /// A device is withdrawn: it is not let in any more and gets no keys, but what it wrote behind that counts here.
    Withdrawal,
    /// A device has lost a right, and has it here; but no keys of `care` are given to it.
    Removal,
    /// Some other change of who belongs and who may do what.
    Roster,
    /// Something is to be forgotten. What of it can be read is obeyed.
    Erasure,
    /// A medicine is recalled, or a recall changed, and this app does not say of which.
    Recall,
    /// Somebody calls for help, or answers.
    Alert,
    /// A device is admitted in a role that is not known here: what it does is kept and passed on.
    Admission,
    /// Anything else.
    Other,
}

/// Something that needs a newer app, by one device and about one.
#[uniffi::remote(Record)]
pub struct NewerLine {
    /// What it is about.
    pub what: NewerWhat,
    /// Whether others are protected by it.
    pub protects: bool,
    /// Who wrote it.
    pub by: Option<MemberId>,
    /// On which device.
    pub device: DeviceId,
    /// About which device, as far as that can be read.
    pub about: Option<DeviceId>,
    /// How many events; of those that are no part of the roster at most 1,000 are counted.
    pub events: u64,
    /// One of them.
    pub event: Reference,
    /// When that was, by its author's clock, as far as that can be read.
    pub wall: Option<WallMs>,
}

/// A log in which two events claim one place: proof that its device's keys ran twice. Every branch counts.
#[uniffi::remote(Record)]
pub struct ForkLine {
    /// The log.
    pub log: LogId,
    /// Its topic; `None` for one unknown here.
    pub topic: Option<Topic>,
    /// Whose log it is.
    pub device: DeviceId,
    /// Which life of its database.
    pub incarnation: Incarnation,
    /// Whose device it is.
    pub member: Option<MemberId>,
    /// The first place at which there is more than one event.
    pub since: u64,
    /// The last event of each branch.
    pub heads: Vec<Reference>,
}

/// Sizes, for a status page.
#[uniffi::remote(Record)]
pub struct StoreStats {
    /// Events held, whether they count or not.
    pub events: u64,
    /// Bytes of their bodies.
    pub body_bytes: u64,
    /// Logs.
    pub logs: u64,
    /// Aggregates.
    pub aggregates: u64,
    /// Bytes of the main file.
    pub file_bytes: u64,
}

/// What of the queue is asked for. The default is all of it.
#[uniffi::remote(Record)]
pub struct ReviewFilter {
    /// Only of this building.
    #[uniffi(default)]
    pub building: Option<String>,
    /// Only of this type of aggregate, such as `order`.
    #[uniffi(default)]
    pub kind: Option<String>,
    /// Only this code, such as `contested`; `conflicting_edit` is the conflict list.
    #[uniffi(default)]
    pub code: Option<String>,
    /// Only of this aggregate.
    #[uniffi(default)]
    pub aggregate: Option<Reference>,
    /// Where the last page ended.
    #[uniffi(default)]
    pub after: Option<Position>,
    /// As many as this; at most a page, which 0 means too.
    #[uniffi(default)]
    pub limit: Count,
}

/// Something to look at.
#[uniffi::remote(Record)]
pub struct ReviewItem {
    /// The aggregate.
    pub aggregate: Reference,
    /// Its type.
    pub kind: String,
    /// Its building, if it belongs to one.
    pub building: Option<String>,
    /// A stable code, such as `delivered_twice`.
    pub code: String,
    /// What the sentence needs. Contacts are masked.
    pub params: Json,
}
