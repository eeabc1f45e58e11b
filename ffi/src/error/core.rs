//! Core's errors, sorted by what an app would do.

use linli_core::{
    event::EventError,
    key::{KeyError, SecretError},
    replica::{EraseError, MembersError, OpenError, QueryError, TendError},
    roster::Need,
    store::StoreError,
};

use super::LinliError;

/// Rights by name.
pub(super) fn names(need: Need) -> Vec<String> {
    need.names().map(str::to_owned).collect()
}

impl From<StoreError> for LinliError {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::InUse => Self::HomeInUse,
            StoreError::Foreign | StoreError::Encrypted | StoreError::Plain => Self::ForeignHome { detail },
            StoreError::Damaged { detail } => Self::Damaged { detail },
            StoreError::KeyLost | StoreError::KeyWrong => Self::KeyLost { detail },
            StoreError::Secret(error) => error.into(),
            StoreError::Newer { theirs, ours } => Self::NewerHome { theirs, ours },
            StoreError::Full => Self::DiskFull,
            StoreError::Gone => Self::DatabaseLost { detail },
            StoreError::Failing
            | StoreError::TooManyFiles
            | StoreError::CannotOpen
            | StoreError::Busy
            | StoreError::Io(_)
            | StoreError::Sqlite { .. } => Self::Storage { detail },
            StoreError::NotHeld(reference) => Self::NotFound { kind: "event".to_owned(), name: reference.to_string() },
            StoreError::NoSuchPlace => Self::input("after", detail),
            StoreError::UnknownTable { .. } | StoreError::UnknownColumn { .. } | StoreError::Shape { .. } => {
                Self::input("select", detail)
            }
            StoreError::Gap { .. }
            | StoreError::Community { .. }
            | StoreError::Unsigned { .. }
            | StoreError::Collision { .. }
            | StoreError::RolledBack => Self::Internal { detail },
        }
    }
}

impl From<SecretError> for LinliError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Unavailable(reason) => Self::SecretsUnavailable { reason },
            SecretError::Lost(_) => Self::KeyLost { detail: error.to_string() },
            SecretError::Full => Self::DiskFull,
        }
    }
}

impl From<KeyError> for LinliError {
    fn from(error: KeyError) -> Self {
        Self::KeyLost { detail: error.to_string() }
    }
}

impl From<OpenError> for LinliError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Secret(error) => error.into(),
            OpenError::Keys(error) => error.into(),
            OpenError::DatabaseLost | OpenError::DatabaseEarlier => Self::DatabaseLost { detail: error.to_string() },
            OpenError::KeysLost | OpenError::OtherDevice => Self::KeyLost { detail: error.to_string() },
            OpenError::NoRandomness => Self::Storage { detail: error.to_string() },
        }
    }
}

impl From<EventError> for LinliError {
    fn from(error: EventError) -> Self {
        match error {
            EventError::Crowded => Self::NoRoom { detail: error.to_string() },
            _ => Self::TooLarge { detail: error.to_string() },
        }
    }
}

impl From<MembersError> for LinliError {
    fn from(error: MembersError) -> Self {
        match error {
            MembersError::Refused(refusal) => Self::refused(&refusal),
            MembersError::AlreadyAMember => Self::AlreadyAMember,
            MembersError::NotAMember => Self::NotAMember,
            MembersError::NotAWelcome => Self::input("welcome", error),
            MembersError::Reused => Self::CommandIdReused,
            MembersError::Limit(error) => error.into(),
            MembersError::Secret(error) => error.into(),
            MembersError::Keys(error) => error.into(),
            MembersError::Store(error) => error.into(),
        }
    }
}

impl From<QueryError> for LinliError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::NotAMember => Self::NotAMember,
            QueryError::Unknown { kind, reference } => {
                Self::NotFound { kind: kind.to_owned(), name: reference.to_string() }
            }
            QueryError::ContactHidden { need } => Self::ContactHidden { needs: names(need) },
            QueryError::CareHidden { need } => Self::CareHidden { needs: names(need) },
            QueryError::Undeclared => Self::input("aggregate", error),
            QueryError::Position => Self::input("after", error),
            QueryError::Store(error) => error.into(),
        }
    }
}

impl From<EraseError> for LinliError {
    fn from(error: EraseError) -> Self {
        let reason = error.to_string();
        match error {
            EraseError::NotEntitled { need } => Self::NotAllowed { code: "erased".to_owned(), needs: names(need) },
            EraseError::Unknown(of) => Self::NotFound { kind: "aggregate".to_owned(), name: of.to_string() },
            EraseError::Kept { kind, aggregate } => Self::Refused {
                by: "erasure".to_owned(),
                code: "kept".to_owned(),
                params: [("kind".to_owned(), kind), ("aggregate".to_owned(), aggregate.to_string())].into(),
                warning: false,
                reason,
            },
            EraseError::Reused => Self::CommandIdReused,
            EraseError::NotAMember => Self::NotAMember,
            EraseError::Limit(error) => error.into(),
            EraseError::Store(error) => error.into(),
        }
    }
}

impl From<TendError> for LinliError {
    fn from(error: TendError) -> Self {
        match error {
            TendError::Keys(error) => error.into(),
            TendError::Erasure(error) => error.into(),
            TendError::Store(error) => error.into(),
        }
    }
}
