//! Errors: each is told in the table, each comes out of something real, and none of core's is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::ErrorKind,
    path::Path,
};

use linli_core::{
    aggregate::order,
    event::{BodyError, EventError},
    id::{DeviceId, LogId, Reference, ShortId},
    key::{KeyError, SecretError as CoreSecretError},
    net::{ConversationError, NetError, NodeError},
    replica::{
        EraseError, ExportError, ImportError, InviteError, KitError, LinkError, MembersError, OpenError, QueryError,
        SubmitError, TendError,
    },
    roster::{
        Need, RosterRefusal,
        invite::{Ended, InvitationError},
    },
    store::StoreError,
    sync::{BundleError, SessionError},
    vocabulary::Coded,
};
use linli_ffi::{LinliError, SecretError, words::problem_of};
use strum::EnumMessage;

#[test]
fn every_error_is_told_and_can_happen() {
    let samples = samples();

    let happened: BTreeSet<&str> = samples.iter().map(|(error, _)| error.code()).collect();
    assert_eq!(happened, LinliError::CODES.iter().copied().collect(), "each comes of something");
    for (error, _) in &samples {
        let row = row(error);
        assert!(!row.means.is_empty() && !row.act.is_empty() && !row.again.is_empty(), "{error} is not told: {row:?}");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ERRORS.md");
    let made = table(&samples);
    if std::env::var_os("LINLI_WRITE_ERRORS").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let told = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(told, made, "make it again: LINLI_WRITE_ERRORS=1 cargo test --workspace --test apps errors");
}

#[test]
fn the_story_of_all_languages_has_every_error() {
    let story: serde_json::Value = serde_json::from_str(include_str!("../../story/expected.json")).unwrap();
    let told = story["errors"].as_array().unwrap().iter().map(|error| error["variant"].as_str().unwrap().to_owned());

    assert_eq!(told.collect::<BTreeSet<_>>(), samples().iter().map(|(error, _)| name(error)).collect());
}

#[test]
fn every_error_has_a_key_for_its_sentence_and_keeps_what_it_needs() {
    for (error, _) in samples() {
        let problem = problem_of(error.clone());
        match error {
            LinliError::Refused { by, code, params, .. } => {
                assert_eq!((problem.key, problem.params), (format!("refusal.{by}.{code}"), params));
            }
            LinliError::InvitationOver { code } => assert_eq!(problem.key, format!("error.invitation_{code}")),
            other => assert_eq!(problem.key, format!("error.{}", other.code())),
        }
    }
}

#[test]
fn no_error_says_content_or_debris() {
    for (error, _) in samples() {
        let said = error.to_string();
        assert!(!said.is_empty() && !said.contains("Error"), "{said}");
    }
}

#[test]
fn a_refusal_keeps_its_code_its_parameters_and_whether_it_warns() {
    let refused = |refusal: order::Refusal| LinliError::from(SubmitError::Refused(refusal));

    let LinliError::Refused { by, code, params, warning, .. } = refused(order::Refusal::Missing { field: "building" })
    else {
        panic!("a refusal stays one");
    };
    assert_eq!((by.as_str(), code.as_str(), warning), ("order", "missing", false));
    assert_eq!(params.get("field").map(String::as_str), Some("building"));
    let ended = refused(order::Refusal::Ended { status: order::Status::Cancelled });
    assert!(matches!(ended, LinliError::Refused { ref params, .. } if params["status"] == "cancelled"), "{ended:?}");
}

#[test]
fn a_keystore_that_fails_is_told_as_such() {
    let said: SecretError = uniffi::UnexpectedUniFFICallbackError::new("locked").into();
    assert!(matches!(&said, SecretError::Unavailable { reason } if reason.contains("locked")), "{said:?}");
}

/// A row of the table.
#[derive(Debug, Default)]
struct Row {
    means: String,
    act: String,
    again: String,
}

/// What an error says of itself, where it is declared.
fn row(error: &LinliError) -> Row {
    let (mut row, mut part) = (Row::default(), 0);
    for line in error.get_documentation().unwrap_or_default().lines() {
        let (into, text) = match (line.strip_prefix("Do: "), line.strip_prefix("Again: ")) {
            (Some(text), _) => (1, text),
            (_, Some(text)) => (2, text),
            _ => (part, line),
        };
        part = into;
        let field = [&mut row.means, &mut row.act, &mut row.again].into_iter().nth(part).unwrap();
        if !text.is_empty() {
            field.extend([if field.is_empty() { "" } else { " " }, text]);
        }
    }
    row.again = row.again.trim_end_matches('.').to_owned();
    row
}

/// The name that apps in other languages catch it by.
fn name(error: &LinliError) -> String {
    format!("{error:?}").split([' ', '{', '(']).next().unwrap().to_owned()
}

fn table(samples: &[(LinliError, &str)]) -> String {
    let mut text = "# Errors\n\nMade by a test out of `ffi/src/error/mod.rs`. Whatever fails answers one of these, in \
                    Kotlin as `LinliException`, in Swift and\nPython as `LinliError`. Nothing is half done, whichever it \
                    is. Show words of your own: by variant, and by `code` where\nthere is one.\n\n| code | means | what an app does \
                    | does trying again help | comes of |\n|---|---|---|---|---|\n"
        .to_owned();
    let all: BTreeMap<&str, &LinliError> = samples.iter().map(|(error, _)| (error.code(), error)).collect();
    for (code, error) in all {
        let row = row(error);
        let mut from: Vec<&str> =
            samples.iter().filter(|(error, _)| error.code() == code).map(|(_, from)| *from).collect();
        from.dedup();
        let from = from.join(", ");
        text += &format!("| `{code}` | {} | {} | {} | {from} |\n", row.means, row.act, row.again);
    }
    text
}

/// An error out of each kind that core has, and what this crate says by itself.
fn samples() -> Vec<(LinliError, &'static str)> {
    let device = DeviceId::from_bytes([7; 32]);
    let log = LogId::from_bytes([1; 16]);
    let reference = Reference { log, seq: 3, check: ShortId::from_bytes([2; 16]) };
    let need = Need::CARE;
    let mut samples: Vec<(LinliError, &'static str)> = Vec::new();
    let mut from = |from: &'static str, errors: Vec<LinliError>| {
        samples.extend(errors.into_iter().map(|error| (error, from)));
    };
    type Submit = SubmitError<order::Refusal>;
    from(
        "a command",
        vec![
            Submit::Refused(order::Refusal::NotHeld).into(),
            Submit::NotEntitled { code: "claimed", need }.into(),
            Submit::Unknown { kind: "order" }.into(),
            Submit::Reused.into(),
            Submit::Limit(EventError::Body(BodyError::TooLarge { got: 2, limit: 1 })).into(),
            Submit::Limit(EventError::Crowded).into(),
            Submit::NotAMember.into(),
            Submit::Withdrawn.into(),
            Submit::Faulty { kind: "order", what: "a kind of another aggregate" }.into(),
            Submit::Store(StoreError::Full).into(),
        ],
    );
    from(
        "the store",
        vec![
            StoreError::InUse.into(),
            StoreError::Foreign.into(),
            StoreError::Damaged { detail: "a page".into() }.into(),
            StoreError::Encrypted.into(),
            StoreError::Plain.into(),
            StoreError::KeyLost.into(),
            StoreError::KeyWrong.into(),
            StoreError::Secret(CoreSecretError::Unavailable("locked".into())).into(),
            StoreError::Newer { theirs: 2, ours: 1 }.into(),
            StoreError::Full.into(),
            StoreError::Gone.into(),
            StoreError::Secret(CoreSecretError::Full).into(),
            StoreError::Busy.into(),
            StoreError::Io(ErrorKind::PermissionDenied).into(),
            StoreError::Gap { log, seq: 1 }.into(),
            StoreError::Community { log, seq: 1 }.into(),
            StoreError::Unsigned { log, seq: 1 }.into(),
            StoreError::Collision { log }.into(),
            StoreError::NotHeld(reference).into(),
            StoreError::NoSuchPlace.into(),
            StoreError::UnknownTable { table: "x".into() }.into(),
            StoreError::UnknownColumn { table: "x".into(), column: "y".into() }.into(),
            StoreError::Shape { table: "x".into(), expected: 1, got: 2 }.into(),
            StoreError::RolledBack.into(),
            StoreError::Sqlite { code: 1, message: "x".into() }.into(),
        ],
    );
    from(
        "opening",
        vec![
            OpenError::Keys(KeyError::Damaged).into(),
            OpenError::DatabaseLost.into(),
            OpenError::DatabaseEarlier.into(),
            OpenError::KeysLost.into(),
            OpenError::OtherDevice.into(),
            OpenError::NoRandomness.into(),
            OpenError::Secret(CoreSecretError::Unavailable("locked".into())).into(),
            OpenError::Secret(CoreSecretError::Lost("another key".into())).into(),
            OpenError::Store(StoreError::InUse).into(),
        ],
    );
    from("closing", vec![LinliError::HomeInUse]);
    from(
        "the roster",
        vec![
            MembersError::Refused(RosterRefusal::AlreadyGranted).into(),
            MembersError::AlreadyAMember.into(),
            MembersError::NotAMember.into(),
            MembersError::NotAWelcome.into(),
            MembersError::Reused.into(),
            MembersError::Limit(EventError::Crowded).into(),
            MembersError::Keys(KeyError::Key).into(),
        ],
    );
    from(
        "a question",
        vec![
            QueryError::NotAMember.into(),
            QueryError::Unknown { kind: "order", reference }.into(),
            QueryError::ContactHidden { need }.into(),
            QueryError::CareHidden { need }.into(),
            QueryError::Position.into(),
        ],
    );
    from(
        "erasing",
        vec![
            EraseError::NotEntitled { need }.into(),
            EraseError::Unknown(reference).into(),
            EraseError::Kept { kind: "box".into(), aggregate: reference }.into(),
            EraseError::Reused.into(),
            EraseError::Limit(EventError::Crowded).into(),
            EraseError::NotAMember.into(),
            TendError::Erasure(EraseError::NotAMember).into(),
        ],
    );
    from(
        "invitations",
        vec![
            InvitationError::NotOne.into(),
            InvitationError::Newer { version: 9 }.into(),
            InvitationError::Damaged.into(),
            InviteError::NobodyAsks.into(),
            InviteError::Ended(Ended::Expired).into(),
            InviteError::Members(MembersError::NotAMember).into(),
        ],
    );
    from(
        "the kit",
        vec![KitError::NotHeard.into(), KitError::OtherKit.into(), KitError::Io(ErrorKind::StorageFull).into()],
    );
    from(
        "connections",
        vec![
            NetError::Stranger.into(),
            NetError::Refused.into(),
            NetError::Ourselves.into(),
            NetError::Silent.into(),
            NetError::Broken(ErrorKind::BrokenPipe).into(),
            NetError::Crowded.into(),
            NetError::Twice.into(),
            NetError::Closed.into(),
            NetError::Stopped.into(),
            NetError::Conversation(ConversationError::Withdrawn).into(),
            NetError::Conversation(ConversationError::NotInvited).into(),
            NetError::Conversation(ConversationError::Impostor { said: device, proved: device }).into(),
            LinkError::LeftAlone.into(),
            LinkError::Withdrawn.into(),
            SessionError::Version { ours: 1, theirs: 2 }.into(),
            SessionError::Community.into(),
            SessionError::Over.into(),
            NodeError::Listen { address: ([127, 0, 0, 1], 1).into(), kind: ErrorKind::AddrInUse }.into(),
        ],
    );
    from(
        "bundles",
        vec![
            BundleError::NotABundle.into(),
            BundleError::Community.into(),
            BundleError::Version { ours: 1, theirs: 2 }.into(),
            ExportError::UnknownDevice { device }.into(),
            ExportError::Write(ErrorKind::StorageFull).into(),
            ImportError::Read(ErrorKind::NotFound).into(),
            ImportError::Bundle(BundleError::Empty).into(),
        ],
    );
    from(
        "the bindings themselves",
        vec![
            "zz".parse().map(|_: DeviceId| ()).map_err(|_| not_an_id()).unwrap_err(),
            LinliError::Suspended,
            LinliError::Closed,
            LinliError::Broken,
            LinliError::Cancelled,
        ],
    );
    samples
}

fn not_an_id() -> LinliError {
    linli_ffi::roster::inviting::read_invitation("zz".to_owned()).expect_err("this is no invitation")
}
