//! Errors of meeting others: invitations, connections, bundles, the kit.

use linli_core::{
    net::{ConversationError, NetError, NodeError},
    replica::{ExportError, ImportError, InviteError, KitError, LinkError},
    roster::invite::InvitationError,
    sync::{BundleError, SessionError},
    vocabulary::Coded,
};

use super::LinliError;

impl From<InvitationError> for LinliError {
    fn from(error: InvitationError) -> Self {
        match error {
            InvitationError::Newer { .. } => Self::NewerVersion { detail: error.to_string() },
            InvitationError::NotOne | InvitationError::Damaged => Self::input("invitation", error),
        }
    }
}

impl From<InviteError> for LinliError {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::NobodyAsks => Self::WrongDigits,
            InviteError::Ended(ended) => Self::InvitationOver { code: ended.code().to_owned() },
            InviteError::Members(error) => error.into(),
        }
    }
}

impl From<KitError> for LinliError {
    fn from(error: KitError) -> Self {
        match error {
            KitError::NotHeard => Self::NotHeard,
            KitError::OtherKit => Self::OtherCommunity,
            KitError::Members(error) => error.into(),
            KitError::Open(error) => error.into(),
            KitError::Link(error) => error.into(),
            KitError::Io(kind) => Self::file(&kind.into()),
        }
    }
}

impl From<NodeError> for LinliError {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Listen { address, kind } => {
                Self::CannotListen { address: address.to_string(), detail: kind.to_string() }
            }
            NodeError::Setup(error) => error.into(),
        }
    }
}

/// The code of a connection's end.
pub(crate) fn net_code(error: &NetError) -> &'static str {
    match error {
        NetError::Stranger => "stranger",
        NetError::Refused => "refused",
        NetError::Ourselves => "ourselves",
        NetError::Tls(_) => "tls",
        NetError::Silent => "silent",
        NetError::Broken(_) => "broken",
        NetError::Crowded => "crowded",
        NetError::Twice => "twice",
        NetError::Closed => "closed",
        NetError::Stopped => "stopped",
        NetError::Conversation(error) => match error {
            ConversationError::Withdrawn => "withdrawn",
            ConversationError::Impostor { .. } => "impostor",
            ConversationError::NotInvited => "not_invited",
            ConversationError::TurnedAway(_) => "turned_away",
            ConversationError::Session(_) | ConversationError::Frame(_) => "protocol",
            ConversationError::Ours(_) => "ours",
        },
    }
}

impl From<NetError> for LinliError {
    fn from(error: NetError) -> Self {
        let reason = error.to_string();
        match error {
            NetError::Stranger
            | NetError::Conversation(ConversationError::Withdrawn | ConversationError::Impostor { .. }) => {
                Self::PeerNotWelcome { reason }
            }
            NetError::Refused
            | NetError::Conversation(ConversationError::NotInvited | ConversationError::TurnedAway(_)) => {
                Self::NotWelcome { reason }
            }
            NetError::Conversation(ConversationError::Session(error)) => error.into(),
            // Why this side cannot go on is known by its type alone where it is one of these.
            NetError::Conversation(ConversationError::Ours(ours)) => match ours.downcast_ref::<LinkError>() {
                Some(error) => error.clone().into(),
                None => Self::Internal { detail: ours.to_string() },
            },
            other => Self::Connection { code: net_code(&other).to_owned(), reason },
        }
    }
}

impl From<SessionError> for LinliError {
    fn from(error: SessionError) -> Self {
        let reason = error.to_string();
        match error {
            SessionError::Version { .. } => Self::NewerVersion { detail: reason },
            SessionError::Community => Self::OtherCommunity,
            SessionError::Ourselves => Self::Connection { code: "ourselves".to_owned(), reason },
            SessionError::Frame(_)
            | SessionError::OutOfTurn { .. }
            | SessionError::TooMany { .. }
            | SessionError::Window { .. }
            | SessionError::Invalid { .. }
            | SessionError::Misuse { .. }
            | SessionError::Over => Self::Connection { code: "protocol".to_owned(), reason },
        }
    }
}

impl From<LinkError> for LinliError {
    fn from(error: LinkError) -> Self {
        let reason = error.to_string();
        match error {
            LinkError::Session(error) => error.into(),
            LinkError::Frame(_) => Self::Connection { code: "protocol".to_owned(), reason },
            LinkError::Impostor { .. } | LinkError::Withdrawn => Self::PeerNotWelcome { reason },
            LinkError::LeftAlone => Self::Connection { code: "left_alone".to_owned(), reason },
            LinkError::NotAMember => Self::NotAMember,
            LinkError::Store(error) => error.into(),
        }
    }
}

impl From<BundleError> for LinliError {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Community => Self::OtherCommunity,
            BundleError::Version { .. } => Self::NewerVersion { detail: error.to_string() },
            BundleError::Empty
            | BundleError::NotABundle
            | BundleError::Truncated
            | BundleError::Damaged(_)
            | BundleError::Digest
            | BundleError::Trailing { .. } => Self::NotABundle { detail: error.to_string() },
        }
    }
}

impl From<ExportError> for LinliError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NotAMember => Self::NotAMember,
            ExportError::UnknownDevice { device } => {
                Self::NotFound { kind: "device".to_owned(), name: device.to_string() }
            }
            ExportError::Write(kind) => Self::file(&kind.into()),
            ExportError::Store(error) => error.into(),
        }
    }
}

impl From<ImportError> for LinliError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotAMember => Self::NotAMember,
            ImportError::Bundle(error) => error.into(),
            ImportError::Read(kind) => Self::file(&kind.into()),
            ImportError::Store(error) => error.into(),
        }
    }
}
