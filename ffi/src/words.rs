//! Sentences for apps: what [`linli_core::sentence`] makes of a code, and what an error wants of a person.
//!
//! An app hands in its table of words once. Here are people's names, times, and the parameters as they cross.

use std::{collections::HashMap, sync::Arc};

use linli_core::{
    aggregate::medicine_box::{Day, Hidden as LotHidden, UTC_OFFSET_MINUTES},
    id::{MemberId, Reference},
    sentence::{Language, Reading, Table, Words as Spoken},
    text::{clean, isolate},
    time::WallMs,
};
use serde_json::{Value, json};

use crate::{
    LinliError,
    error::{as_param, looks_like_json},
};

/// Digits of an id that stand for it on a screen: a person's, and anything else's.
const OF_A_MEMBER: usize = 8;
const OF_A_THING: usize = 6;
/// What the keys of how an invitation ended begin with.
const INVITATION: &str = "error.invitation_";
const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// Words of one language, out of an app's table: on each line a key, its English and its Chinese, with a tab between.
/// `examples/words/words.tsv` is one, and says at its head how a sentence names its parameters.
#[derive(uniffi::Object)]
pub struct Words {
    table: Arc<Table>,
    language: Language,
    people: People,
}

/// Whom sentences name, and by which clock they tell a time.
struct People {
    /// By their ids.
    names: HashMap<String, String>,
    utc_offset_minutes: i64,
}

impl Reading for People {
    fn text(&self, text: &str) -> String {
        if let Some(name) = self.names.get(text) {
            // What others call themselves may hold anything.
            return isolate(name).into_owned();
        }
        match (text.parse::<MemberId>(), text.parse::<Reference>()) {
            (Ok(member), _) => format!("@{:.*}", OF_A_MEMBER, member.to_string()),
            (_, Ok(reference)) => format!("#{:.*}", OF_A_THING, reference.check.to_string()),
            _ => isolate(text).into_owned(),
        }
    }

    fn time(&self, at: WallMs) -> String {
        let minutes = at.0.div_euclid(60_000).saturating_add(self.utc_offset_minutes).rem_euclid(MINUTES_OF_A_DAY);
        format!("{} {:02}:{:02}", Day::of(at, self.utc_offset_minutes), minutes / 60, minutes % 60)
    }
}

impl Words {
    fn spoken(&self) -> Spoken<'_> {
        Spoken { table: &self.table, language: self.language, reading: &self.people }
    }
}

#[uniffi::export]
impl Words {
    /// The words of a table in the language of a locale such as `zh-Hans-CN`: Chinese where it says so, else English.
    #[uniffi::constructor]
    pub fn new(table: String, locale: String) -> Arc<Self> {
        let people = People { names: HashMap::new(), utc_offset_minutes: UTC_OFFSET_MINUTES };
        Arc::new(Self { table: Arc::new(Table::read(&table)), language: Language::of(&locale), people })
    }

    /// The same words, for sentences that name people and times of a community: its members' names by their ids, and by how many
    /// minutes its clock is ahead of UTC (`settings`).
    #[uniffi::method(default(utc_offset_minutes = 480))]
    pub fn knowing(&self, names: HashMap<String, String>, utc_offset_minutes: i64) -> Arc<Self> {
        let people = People { names, utc_offset_minutes };
        Arc::new(Self { table: self.table.clone(), language: self.language, people })
    }

    /// Whether they are Chinese ones.
    pub fn is_chinese(&self) -> bool {
        self.language == Language::Zh
    }

    /// Whether there is a sentence.
    pub fn has(&self, key: String) -> bool {
        self.spoken().has(&key)
    }

    /// A sentence; of an unknown key the `reason` among the parameters, else the key. Parameters are texts, whatever stands in
    /// them, or numbers in figures; lists and structures are for `tell`.
    #[uniffi::method(default(params))]
    pub fn say(&self, key: String, params: HashMap<String, String>) -> String {
        self.spoken().say(&key, &params.into_iter().map(|(name, text)| (name, figures(text))).collect())
    }

    /// The same, with parameters in JSON, as events, histories and reviews have them; what is no object has none.
    pub fn tell(&self, key: String, params: String) -> String {
        self.spoken().say_with(&key, serde_json::from_str(&params).unwrap_or_default())
    }

    /// The word for a code of a kind, such as `status.order` and `open`, else that of `status`; the code where there is none.
    pub fn word(&self, kind: String, code: String) -> String {
        self.spoken().word(&kind, &code)
    }

    /// Texts one after the other.
    pub fn several(&self, texts: Vec<String>) -> String {
        self.spoken().several(&texts)
    }

    /// What people call whatever has an id: a member by their name, all else by its first digits. A text that is no id is
    /// shown as a screen may draw it.
    pub fn called(&self, id: String) -> String {
        self.people.text(&id)
    }

    /// A moment by the community's clock: `2030-12-31 18:30`.
    pub fn time(&self, at: WallMs) -> String {
        self.people.time(at)
    }

    /// Why a lot is kept back.
    ///
    /// # Errors
    /// `InvalidInput` where an id or a day in it is none.
    pub fn why(&self, hidden: LotHidden) -> Result<String, LinliError> {
        Ok(self.spoken().formed(&serde_json::to_value(hidden).unwrap_or_default(), "hidden"))
    }

    /// What a problem says; the engine's English where the table has no sentence for it.
    pub fn explain(&self, problem: Problem) -> String {
        let Problem { key, params, reason, .. } = problem;
        // Of how an invitation can end a newer engine may know more than an app.
        let over = key.starts_with(INVITATION).then(|| format!("{INVITATION}over"));
        match [key].into_iter().chain(over).find(|key| self.spoken().has(key)) {
            Some(key) => self.spoken().say(&key, &params.into_iter().map(|(name, text)| (name, read(text))).collect()),
            None => clean(&reason).into_owned(),
        }
    }
}

/// A text, or a number in figures.
fn figures(text: String) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => number.into(),
        _ => Value::String(text),
    }
}

/// A parameter of an error, which is a text, or JSON where it [looks like it](looks_like_json).
fn read(text: String) -> Value {
    let value = if looks_like_json(&text) { serde_json::from_str(&text).ok() } else { None };
    value.unwrap_or_else(|| figures(text))
}

/// What an app does about an error, beside saying it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Cure {
    /// Nothing: the sentence is all, and the person decides.
    Tell,
    /// Ask whether it is so all the same, and say so then.
    Insist,
    /// Offer the same again.
    Retry,
    /// Wake the engine and try again, without a word.
    Resume,
    /// Open the home again, without a word.
    Reopen,
    /// Show how to found or to join.
    Join,
    /// Ask for room on the phone, then offer the same again.
    MakeRoom,
    /// Show where to get a newer version.
    Update,
    /// Set the database aside and begin with what can be read of it (`recover_home`), then sync.
    Repair,
    /// Begin anew in an empty home.
    StartOver,
    /// Nothing at all, not even say it: it was wished.
    Ignore,
}

/// An error as an app shows it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Problem {
    /// The key of its sentence: `refusal.order.held_by`, `error.disk_full`.
    pub key: String,
    /// What to do.
    pub cure: Cure,
    /// What the sentence needs.
    #[uniffi(default)]
    pub params: HashMap<String, String>,
    /// The same in English, for who has no sentence yet.
    #[uniffi(default = "")]
    pub reason: String,
}

/// An error as an app shows it; [`Words::explain`] says it.
#[uniffi::export]
pub fn problem_of(error: LinliError) -> Problem {
    use LinliError::{
        Broken, Cancelled, CannotListen, CareHidden, Closed, Connection, ContactHidden, Damaged, DatabaseLost,
        DiskFull, File, ForeignHome, HomeInUse, InvalidInput, InvitationOver, KeyLost, NewerHome, NewerVersion,
        NotAMember, NotAllowed, NotFound, Refused, SecretsUnavailable, Storage, Suspended, Withdrawn, WrongDigits,
    };
    let code: &'static str = (&error).into();
    let (mut key, mut reason) = (format!("error.{code}"), error.to_string());
    let cure = match &error {
        Refused { warning: true, .. } => Cure::Insist,
        NotAMember => Cure::Join,
        HomeInUse | SecretsUnavailable { .. } | Storage { .. } | WrongDigits => Cure::Retry,
        CannotListen { .. } | Connection { .. } | File { .. } => Cure::Retry,
        DiskFull => Cure::MakeRoom,
        Damaged { .. } | DatabaseLost { .. } | KeyLost { .. } => Cure::Repair,
        NewerHome { .. } | NewerVersion { .. } => Cure::Update,
        ForeignHome { .. } | Withdrawn => Cure::StartOver,
        Cancelled => Cure::Ignore,
        Suspended => Cure::Resume,
        Closed | Broken => Cure::Reopen,
        _ => Cure::Tell,
    };
    let params = match error {
        Refused { by, code, params, reason: why, .. } => {
            key = if by == "address" { format!("address.{code}") } else { format!("refusal.{by}.{code}") };
            reason = why;
            params
        }
        NotAllowed { needs, .. } | ContactHidden { needs } | CareHidden { needs } => {
            [("needs".to_owned(), as_param(json!(needs)))].into()
        }
        NotFound { kind, .. } => [("kind".to_owned(), as_param(kind.into()))].into(),
        InvalidInput { field, .. } => [("field".to_owned(), as_param(field.into()))].into(),
        CannotListen { address, .. } => [("address".to_owned(), as_param(address.into()))].into(),
        InvitationOver { code } => {
            key = format!("{INVITATION}{code}");
            HashMap::new()
        }
        _ => HashMap::new(),
    };
    Problem { key, cure, params, reason }
}
