//! Why a command did nothing: a stable code with its parameters, and the sentence for it.

use std::{io::ErrorKind, path::Path};

use linli_core::{
    aggregate::address::AddressError,
    event::EventError,
    key::SecretError,
    replica::{LinkError, MembersError, OpenError, QueryError, SubmitError},
    roster::RosterRefusal,
    sentence,
    store::{StoreError, is_no_room},
    vocabulary::Refuse,
};
use serde_json::{Map, Value, json};

use crate::words::Words;

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
    /// For people.
    pub(crate) lines: Vec<String>,
    /// For scripts.
    pub(crate) alerts: Value,
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// Refused or failed.
    pub(crate) const FAILED: u8 = 1;
    /// Not understood.
    pub(crate) const USAGE: u8 = 2;
    /// The code of what needs no words: whoever reads has gone.
    pub(crate) const NOBODY_READS: &'static str = "nobody_reads";

    /// A failure of this program's own, with its parameters.
    pub(crate) fn new(code: &str, params: Value) -> Self {
        let Value::Object(params) = params else { return Self::new(code, json!({})) };
        Self { key: format!("error.{code}"), params, flag: None, exit: Self::FAILED, above: None }
    }

    /// The same, for what cannot be understood at all.
    pub(crate) fn usage(code: &str, params: Value) -> Self {
        Self { exit: Self::USAGE, ..Self::new(code, params) }
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
        Self::of_file("unwritable_file", file, kind)
    }

    /// What the system said of a file.
    pub(crate) fn of_file(code: &str, file: &Path, kind: ErrorKind) -> Self {
        let file = file.display().to_string();
        Self::new(code, json!({ "file": file, "why": io(kind), "detail": kind.to_string() }))
    }

    /// What the system said of anything else.
    pub(crate) fn of_system(code: &str, kind: ErrorKind) -> Self {
        Self::new(code, json!({ "why": io(kind), "detail": kind.to_string() }))
    }

    /// A text that is no address or label.
    pub(crate) fn address(error: &AddressError, text: &str) -> Self {
        let mut params = sentence::params(error);
        let reason = params.remove("reason").and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        params.insert("address".to_owned(), text.into());
        Self { key: format!("address.{reason}"), params, flag: None, exit: Self::FAILED, above: None }
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
        let code = if *error == EventError::Crowded { "no_room" } else { "limit" };
        Self::new(code, json!({ "detail": error.to_string() }))
    }

    /// What submitting a command came to. `flag` is what a warning asks for.
    pub(crate) fn submit<R: Refuse>(error: &SubmitError<R>, flag: Option<&'static str>) -> Self {
        match error {
            SubmitError::Refused(refusal) => Self::refused(refusal, flag.filter(|_| refusal.is_warning())),
            SubmitError::NotEntitled { code, need } => {
                let needs: Vec<&str> = need.names().collect();
                Self::new("not_entitled", json!({ "event": format!("event.{}.{code}", R::BY), "needs": needs }))
            }
            SubmitError::Unknown { kind } => Self::new("unknown", json!({ "of": kind })),
            SubmitError::Undeclared => Self::new("undeclared", json!({})),
            SubmitError::Reused => Self::new("command_id_reused", json!({})),
            SubmitError::Limit(error) => Self::limit(error),
            SubmitError::NotAMember => Self::new("not_a_member", json!({})),
            SubmitError::Withdrawn => Self::new("withdrawn", json!({})),
            SubmitError::Faulty { kind, what } => Self::new("faulty", json!({ "of": kind, "detail": what })),
            SubmitError::Store(error) => error.into(),
        }
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let code = match error {
            StoreError::InUse => "in_use",
            StoreError::Foreign => "foreign",
            StoreError::Damaged { .. } => "damaged",
            StoreError::Newer { .. } => "newer",
            StoreError::Full => "disk_full",
            StoreError::Gone => "home_gone",
            StoreError::Encrypted => "encrypted",
            StoreError::Plain => "not_encrypted",
            StoreError::KeyLost | StoreError::KeyWrong => "keys_lost",
            StoreError::Busy => "busy",
            StoreError::Io(kind) => return Self::of_system("io", *kind),
            _ => "store",
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
            SecretError::Unavailable(detail) => Self::new("secrets", json!({ "detail": detail })),
            SecretError::Lost(detail) => Self::new("keys_damaged", json!({ "detail": detail })),
            SecretError::Full => StoreError::Full.into(),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Secret(error) => error.into(),
            OpenError::Keys(error) => Self::new("keys_damaged", json!({ "detail": error.to_string() })),
            OpenError::DatabaseLost => Self::new("database_lost", json!({})),
            OpenError::DatabaseEarlier => Self::new("database_earlier", json!({})),
            OpenError::KeysLost => Self::new("keys_lost", json!({})),
            OpenError::OtherDevice => Self::new("other_device", json!({})),
            OpenError::NoRandomness => Self::new("no_randomness", json!({})),
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
            MembersError::AlreadyAMember => Self::new("already_a_member", json!({})),
            MembersError::NotAMember => Self::new("not_a_member", json!({})),
            MembersError::NotAWelcome => Self::new("not_a_welcome", json!({})),
            MembersError::Reused => Self::new("command_id_reused", json!({})),
            MembersError::Limit(error) => Self::limit(&error),
            MembersError::Secret(error) => error.into(),
            MembersError::Keys(error) => Self::new("keys_damaged", json!({ "detail": error.to_string() })),
            MembersError::Store(error) => error.into(),
        }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotAMember => Self::new("not_a_member", json!({})),
            LinkError::Store(error) => error.into(),
            LinkError::Withdrawn => Self::new("peer_withdrawn", json!({})),
            other => Self::new("link", json!({ "why": "strange", "detail": other.to_string() })),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::NotAMember => Self::new("not_a_member", json!({})),
            QueryError::Unknown { kind, reference } => {
                Self::new("unknown", json!({ "of": kind, "text": reference.to_string() }))
            }
            QueryError::ContactHidden { need } => {
                Self::new("contact_hidden", json!({ "needs": need.names().collect::<Vec<_>>() }))
            }
            QueryError::CareHidden { need } => {
                Self::new("care_hidden", json!({ "needs": need.names().collect::<Vec<_>>() }))
            }
            QueryError::Undeclared => Self::new("undeclared", json!({})),
            QueryError::Position => Self::usage("not_a_position", json!({ "text": "" })),
            QueryError::Store(error) => error.into(),
        }
    }
}
