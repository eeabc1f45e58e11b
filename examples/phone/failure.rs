//! Why a command did nothing: a stable code with its parameters, and the sentence for it.

use std::{io::ErrorKind, path::Path};

use linli_core::{
    aggregate::address::AddressError,
    event::EventError,
    key::SecretError,
    replica::{DoorError, LinkError, MembersError, OpenError, QueryError, SubmitError},
    roster::RosterRefusal,
    sentence,
    store::{StoreError, is_no_room},
    vocabulary::{Coded, Refuse},
};
use serde_json::{Map, Value, json};

use crate::{words::Words, wrong::Wrong};

/// A refusal or an error.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Where its sentence stands in the table of words.
    pub(crate) key: String,
    /// What the sentence needs; all of it is in the JSON too.
    pub(crate) params: Map<String, Value>,
    /// The flag with which the same command goes through, where the refusal only warns.
    pub(crate) flag: Option<&'static str>,
    /// The exit code.
    pub(crate) exit: u8,
    /// What stands above every screen, if anything does.
    pub(crate) above: Option<Box<Above>>,
}

/// Who needs help now: it is read where something else failed, too.
#[derive(Debug)]
pub(crate) struct Above {
    /// Lines for people.
    pub(crate) lines: Vec<String>,
    /// The document for scripts.
    pub(crate) alerts: Value,
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// Refused or failed.
    pub(crate) const FAILED: u8 = 1;
    /// Not understood, as it was typed.
    pub(crate) const USAGE: u8 = 2;
    /// The code of what needs no words: whoever reads has gone.
    pub(crate) const NOBODY_READS: &'static str = "nobody_reads";

    /// A failure of this program's own, with its parameters.
    pub(crate) fn new(wrong: Wrong, params: Value) -> Self {
        Self::keyed(format!("error.{}", wrong.code()), params)
    }

    /// One whose sentence stands elsewhere.
    pub(crate) fn keyed(key: String, params: Value) -> Self {
        let params = if let Value::Object(params) = params { params } else { Map::new() };
        Self { key, params, flag: None, exit: Self::FAILED, above: None }
    }

    /// The same, for what cannot be understood at all.
    pub(crate) fn usage(wrong: Wrong, params: Value) -> Self {
        Self { exit: Self::USAGE, ..Self::new(wrong, params) }
    }

    /// A refusal that an aggregate or the roster gives, with a `code` of its own.
    pub(crate) fn refused<R: Refuse>(refusal: &R, flag: Option<&'static str>) -> Self {
        let mut params = sentence::params(refusal);
        params.remove("code");
        params.insert("reason".to_owned(), refusal.to_string().into());
        Self { key: format!("refusal.{}.{}", R::BY, refusal.code()), params, flag, exit: Self::FAILED, above: None }
    }

    /// A file that could not be written.
    pub(crate) fn unwritable(file: &Path, kind: ErrorKind) -> Self {
        if is_no_room(kind) {
            return StoreError::Full.into();
        }
        Self::of_file(Wrong::UnwritableFile, file, kind)
    }

    /// What the system said of a file.
    pub(crate) fn of_file(wrong: Wrong, file: &Path, kind: ErrorKind) -> Self {
        let file = file.display().to_string();
        Self::new(wrong, json!({ "file": file, "why": io(kind), "detail": kind.to_string() }))
    }

    /// What the system said of anything else.
    pub(crate) fn of_system(wrong: Wrong, kind: ErrorKind) -> Self {
        Self::new(wrong, json!({ "why": io(kind), "detail": kind.to_string() }))
    }

    /// A text that is no address or label.
    pub(crate) fn address(error: &AddressError, text: &str) -> Self {
        let mut params = sentence::params(error);
        let reason = params.remove("reason").and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        params.insert("address".to_owned(), text.into());
        Self { key: format!("address.{reason}"), params, flag: None, exit: Self::FAILED, above: None }
    }

    /// A text that names no door.
    pub(crate) fn door(error: DoorError, text: &str) -> Self {
        match error {
            DoorError::Address(error) => Self::address(&error, text),
            DoorError::Query(error) => error.into(),
        }
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &str {
        self.key.rsplit('.').next().unwrap_or_default()
    }

    /// The document of `--json`.
    pub(crate) fn json(&self, words: Words) -> Value {
        let mut error = self.params.clone();
        error.insert("code".to_owned(), self.code().into());
        error.insert("kind".to_owned(), self.key.as_str().into());
        error.insert("message".to_owned(), words.say(&self.key, &self.params).into());
        if let Some(flag) = self.flag {
            error.insert("retry_with".to_owned(), flag.into());
        }
        let mut document = json!({ "error": error });
        if let Some(above) = &self.above {
            document["alerts"] = above.alerts.clone();
        }
        document
    }

    /// The lines for people.
    pub(crate) fn lines(&self, words: Words) -> Vec<String> {
        let asked = |flag: &str| if flag == "--anyway" { "hint.anyway" } else { "hint.flag" };
        let flag = self.flag.map(|flag| words.say_with(asked(flag), json!({ "flag": flag })));
        let hint = format!("hint.{}", self.code());
        let hint = words.has(&hint).then(|| words.say(&hint, &self.params));
        let above = self.above.iter().flat_map(|above| above.lines.iter().cloned());
        above.chain([words.say(&self.key, &self.params)]).chain(hint).chain(flag).collect()
    }
}

/// The code of what the system says: `io.not_found` has its words.
fn io(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "not_found",
        ErrorKind::PermissionDenied => "permission_denied",
        ErrorKind::AlreadyExists => "already_exists",
        ErrorKind::IsADirectory => "is_a_directory",
        ErrorKind::NotADirectory => "not_a_directory",
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => "invalid_data",
        kind if is_no_room(kind) => "no_room",
        ErrorKind::BrokenPipe => "broken_pipe",
        ErrorKind::AddrInUse => "addr_in_use",
        ErrorKind::AddrNotAvailable => "addr_not_available",
        _ => "other",
    }
}

impl Failure {
    /// Something passes a limit; where it is the room of this phone, somebody can do something about it.
    pub(crate) fn limit(error: &EventError) -> Self {
        let code = if *error == EventError::Crowded { Wrong::NoRoom } else { Wrong::Limit };
        Self::new(code, json!({ "detail": error.to_string() }))
    }

    /// What submitting a command came to. `flag` is what a warning asks for.
    pub(crate) fn submit<R: Refuse>(error: &SubmitError<R>, flag: Option<&'static str>) -> Self {
        match error {
            SubmitError::Refused(refusal) => Self::refused(refusal, flag.filter(|_| refusal.is_warning())),
            SubmitError::NotEntitled { code, need } => {
                let needs: Vec<&str> = need.names().collect();
                Self::new(Wrong::NotEntitled, json!({ "event": format!("event.{}.{code}", R::BY), "needs": needs }))
            }
            SubmitError::Unknown { kind } => Self::new(Wrong::Unknown, json!({ "of": kind })),
            SubmitError::Undeclared => Self::new(Wrong::Undeclared, json!({})),
            SubmitError::Reused => Self::new(Wrong::CommandIdReused, json!({})),
            SubmitError::Limit(error) => Self::limit(error),
            SubmitError::NotAMember => Self::new(Wrong::NotAMember, json!({})),
            SubmitError::Withdrawn => Self::new(Wrong::Withdrawn, json!({})),
            SubmitError::Faulty { kind, what } => Self::new(Wrong::Faulty, json!({ "of": kind, "detail": what })),
            SubmitError::Store(error) => error.into(),
        }
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let code = match error {
            StoreError::InUse => Wrong::InUse,
            StoreError::Foreign => Wrong::Foreign,
            StoreError::Damaged { .. } => Wrong::Damaged,
            StoreError::Newer { .. } => Wrong::Newer,
            StoreError::Full => Wrong::DiskFull,
            StoreError::Failing => Wrong::DiskFailing,
            StoreError::TooManyFiles => Wrong::TooManyFiles,
            StoreError::CannotOpen => Wrong::CannotOpen,
            StoreError::Gone => Wrong::HomeGone,
            StoreError::Encrypted => Wrong::Encrypted,
            StoreError::Plain => Wrong::NotEncrypted,
            StoreError::KeyLost | StoreError::KeyWrong => Wrong::KeysLost,
            StoreError::Busy => Wrong::Busy,
            StoreError::Io(kind) => return Self::of_system(Wrong::Io, *kind),
            _ => Wrong::Store,
        };
        Self::new(code, json!({ "detail": error.to_string() }))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        (&error).into()
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Unavailable(detail) => Self::new(Wrong::Secrets, json!({ "detail": detail })),
            SecretError::Lost(detail) => Self::new(Wrong::KeysDamaged, json!({ "detail": detail })),
            SecretError::Full => StoreError::Full.into(),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Secret(error) => error.into(),
            OpenError::Keys(error) => Self::new(Wrong::KeysDamaged, json!({ "detail": error.to_string() })),
            OpenError::DatabaseLost => Self::new(Wrong::DatabaseLost, json!({})),
            OpenError::DatabaseEarlier => Self::new(Wrong::DatabaseEarlier, json!({})),
            OpenError::KeysLost => Self::new(Wrong::KeysLost, json!({})),
            OpenError::OtherDevice => Self::new(Wrong::OtherDevice, json!({})),
            OpenError::NoRandomness => Self::new(Wrong::NoRandomness, json!({})),
        }
    }
}

impl From<MembersError> for Failure {
    fn from(error: MembersError) -> Self {
        match error {
            MembersError::Refused(refusal @ RosterRefusal::LastCoordinator { kit: true }) => {
                Self { flag: Some("--kit-at-hand"), ..Self::refused(&refusal, None) }
            }
            MembersError::Refused(refusal) => Self::refused(&refusal, None),
            MembersError::AlreadyAMember => Self::new(Wrong::AlreadyAMember, json!({})),
            MembersError::NotAMember => Self::new(Wrong::NotAMember, json!({})),
            MembersError::NotAWelcome => Self::new(Wrong::NotAWelcome, json!({})),
            MembersError::Reused => Self::new(Wrong::CommandIdReused, json!({})),
            MembersError::Limit(error) => Self::limit(&error),
            MembersError::Secret(error) => error.into(),
            MembersError::Keys(error) => Self::new(Wrong::KeysDamaged, json!({ "detail": error.to_string() })),
            MembersError::Store(error) => error.into(),
        }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotAMember => Self::new(Wrong::NotAMember, json!({})),
            LinkError::Store(error) => error.into(),
            LinkError::Withdrawn => Self::new(Wrong::PeerWithdrawn, json!({})),
            other => Self::new(Wrong::Link, json!({ "why": "strange", "detail": other.to_string() })),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::NotAMember => Self::new(Wrong::NotAMember, json!({})),
            QueryError::Unknown { kind, reference } => {
                Self::new(Wrong::Unknown, json!({ "of": kind, "text": reference.to_string() }))
            }
            QueryError::ContactHidden { need } => {
                Self::new(Wrong::ContactHidden, json!({ "needs": need.names().collect::<Vec<_>>() }))
            }
            QueryError::CareHidden { need } => {
                Self::new(Wrong::CareHidden, json!({ "needs": need.names().collect::<Vec<_>>() }))
            }
            QueryError::Undeclared => Self::new(Wrong::Undeclared, json!({})),
            QueryError::Position => Self::usage(Wrong::NotAPosition, json!({ "text": "" })),
            QueryError::Store(error) => error.into(),
        }
    }
}
