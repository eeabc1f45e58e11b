//! What can go wrong, by what an app would do about it.
//!
//! One variant for each thing an app would do differently, whichever part of core it came from. What each says of itself
//! here, what to do and whether doing it again helps, is read by a test that makes `ERRORS.md` of it. Texts in them are
//! English and technical: apps show words of their own, by variant and code.

mod core;
mod meeting;
mod refusal;

use std::{collections::HashMap, io};

use linli_core::store::is_no_room;

pub(crate) use meeting::net_code;
pub(crate) use refusal::{as_param, looks_like_json, params};

/// Why something was not done. Nothing is half done, whichever it is.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    thiserror::Error,
    strum::IntoStaticStr,
    strum::VariantNames,
    strum::EnumMessage,
    uniffi::Error,
)]
#[strum(serialize_all = "snake_case")]
pub enum LinliError {
    /// A command is refused by what it was about, with a reason that the person should see.
    ///
    /// Do: Show the reason in your own words, by `by` and `code`. Where `warning` is true ask whether it is so all
    /// the same, and send the same command with `already_happened` (or `anyway`).
    ///
    /// Again: no.
    #[error("{by} refuses: {code}: {reason}")]
    Refused {
        /// Which part refuses: `order`, `box`, `product`, `recall`, `alert`, `building`, `household`, `settings`, `roster`,
        /// `address`.
        by: String,
        /// The stable code of the reason, within `by`.
        code: String,
        /// What the sentence for it needs, by name. Numbers in decimal, ids as everywhere, lists and structures as JSON; a text
        /// that could be taken for JSON in quotes, as JSON has it.
        params: HashMap<String, String>,
        /// It only warns: the same command goes through where the person says that it is so all the same.
        warning: bool,
        /// The reason in English.
        reason: String,
    },
    /// This member may not do that.
    ///
    /// Do: Grey the action out beforehand (`permissions`, `may_create`); say who may.
    ///
    /// Again: no.
    #[error("{code} needs: {}", needs.join(" or "))]
    NotAllowed {
        /// What was to be done.
        code: String,
        /// Rights, any of which would do.
        needs: Vec<String>,
    },
    /// This device belongs to no community yet, or its admission or key has not arrived.
    ///
    /// Do: Show how to found or join. After joining wait for the first sync: `is_ready`.
    ///
    /// Again: after a sync.
    #[error("this device is not a member yet, or has no key to write with")]
    NotAMember,
    /// This device was withdrawn from its community.
    ///
    /// Do: Say so, offer to wipe the home and to join anew under a fresh key.
    ///
    /// Again: no.
    #[error("this device was withdrawn")]
    Withdrawn,
    /// This device belongs to a community already, or is about to.
    ///
    /// Do: Go on to the board.
    ///
    /// Again: no.
    #[error("this device belongs to a community already")]
    AlreadyAMember,
    /// Nothing of this name is known here, or it does not count.
    ///
    /// Do: Close the screen that showed it: it was erased, cut or never arrived.
    ///
    /// Again: after a sync.
    #[error("there is no {kind} {name} here")]
    NotFound {
        /// What was asked for.
        kind: String,
        /// Its name, where one was given.
        name: String,
    },
    /// The contact of an order is for who holds it, leaders of its building and coordinators.
    ///
    /// Do: Show the masked contact and who may see it.
    ///
    /// Again: no.
    #[error("the contact is for who holds the order, and for: {}", needs.join(" or "))]
    ContactHidden {
        /// Rights, any of which would do.
        needs: Vec<String>,
    },
    /// The care register is for holders of the `care` grant whose key has arrived.
    ///
    /// Do: Hide the register; a coordinator can grant `care`.
    ///
    /// Again: after a sync.
    #[error("the care register needs: {}", needs.join(" or "))]
    CareHidden {
        /// Rights, any of which would do.
        needs: Vec<String>,
    },
    /// The command id was used before, for something else.
    ///
    /// Do: A fault of the app: make a new id for each tap.
    ///
    /// Again: with a new id.
    #[error("this command id was used for another command")]
    CommandIdReused,
    /// Something passes a limit.
    ///
    /// Do: Ask for less text or fewer items.
    ///
    /// Again: no.
    #[error("too large: {detail}")]
    TooLarge {
        /// What, and by how much.
        detail: String,
    },
    /// This phone has written as much here as it has room for: more of it would not count.
    ///
    /// Do: Ask a coordinator to give this phone more room (`give_room`); a coordinator's gives itself more. In other
    /// things it can write.
    ///
    /// Again: yes, once there is room.
    #[error("no room: {detail}")]
    NoRoom {
        /// What there is no room for.
        detail: String,
    },
    /// A value that the caller gave is none of its kind.
    ///
    /// Do: Point at the field, keep what was typed.
    ///
    /// Again: no.
    #[error("{field}: {reason}")]
    InvalidInput {
        /// Which value it is.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody else has the home open: another process, such as an extension of the app, or another `Phone`; or a phone that is
    /// closed still has a call under way.
    ///
    /// Do: Another process of the app, an extension perhaps, has it: wait, or ask it to let go. After closing, close once more to wait on.
    ///
    /// Again: yes, later.
    #[error("the home is in use")]
    HomeInUse,
    /// There is no room to write, or nothing may be written: a full disk, a quota, a read-only place. Reading goes on.
    ///
    /// Do: Ask the person to make room. Screens go on working, and so does everything as soon as there is room.
    ///
    /// Again: yes, once there is room.
    #[error("there is no room to write on the disk")]
    DiskFull,
    /// The database is damaged. It was left as it is.
    ///
    /// Do: Tell the person, close, `recover_home`, open, sync. This device goes on.
    ///
    /// Again: no.
    #[error("the database is damaged: {detail}")]
    Damaged {
        /// What is known of it; no content.
        detail: String,
    },
    /// The keystore knows this device and its community, and the home has no database, or one from before the device came
    /// there: the app was installed anew where the keystore outlived it, an old copy was brought back, or the home was removed,
    /// also while it was open.
    ///
    /// Do: Tell the person, close, `recover_home`, open, sync. This device goes on; what it had not sent is lost.
    ///
    /// Again: no.
    #[error("the database is gone: {detail}")]
    DatabaseLost {
        /// From where; no content.
        detail: String,
    },
    /// A newer version of the app wrote the home. It was left as it is.
    ///
    /// Do: Ask for an update of the app.
    ///
    /// Again: after an update.
    #[error("the home has schema {theirs}, this build knows {ours}")]
    NewerHome {
        /// The home's schema.
        theirs: u32,
        /// The newest schema known here.
        ours: u32,
    },
    /// What lies there is no home of this build: another program's file, or one encrypted where this build reads plain
    /// ones only, or the reverse. It was left as it is.
    ///
    /// Do: Choose another directory; delete nothing.
    ///
    /// Again: no.
    #[error("this is no home of this build: {detail}")]
    ForeignHome {
        /// What it is.
        detail: String,
    },
    /// The app's keystore does not answer.
    ///
    /// Do: Wait for the phone to be unlocked.
    ///
    /// Again: yes, later.
    #[error("the keystore is not available: {reason}")]
    SecretsUnavailable {
        /// What it says.
        reason: String,
    },
    /// The keys of this home are not in the keystore, cannot be read there any more, or are another device's: a restored or
    /// copied home, or a lost keystore.
    ///
    /// Do: Tell the person, `recover_home`, open, and join anew where the phone belongs to no community then; `salvage` brings
    /// what was written here and not sent.
    ///
    /// Again: no.
    #[error("the keys of this home are lost: {detail}")]
    KeyLost {
        /// Which keys are lost, as an English sentence.
        detail: String,
    },
    /// The disk or the system refuses otherwise.
    ///
    /// Do: Try once more; then show it with the detail.
    ///
    /// Again: yes, once.
    #[error("the disk or the system refuses: {detail}")]
    Storage {
        /// What it says.
        detail: String,
    },
    /// A fault of the engine itself, which should be reported.
    ///
    /// Do: Report it with the detail, which holds no content.
    ///
    /// Again: no.
    #[error("a fault of the engine: {detail}")]
    Internal {
        /// What went wrong; no content.
        detail: String,
    },
    /// The file, of a bundle for instance, cannot be opened, read or written.
    ///
    /// Do: Ask for another place or file.
    ///
    /// Again: yes, with another file.
    #[error("the file cannot be used: {detail}")]
    File {
        /// What the system says.
        detail: String,
    },
    /// The file is no bundle.
    ///
    /// Do: Say that the file is another one, or was broken on its way.
    ///
    /// Again: with another copy.
    #[error("this is no bundle: {detail}")]
    NotABundle {
        /// What is wrong with the file, as an English sentence.
        detail: String,
    },
    /// A newer version of the app made the bundle or the invitation, or the peer runs one.
    ///
    /// Do: Ask for an update of the app, here or there.
    ///
    /// Again: after an update.
    #[error("a newer version is needed: {detail}")]
    NewerVersion {
        /// Of what, and which.
        detail: String,
    },
    /// The bundle, the peer or the kit belongs to another community.
    ///
    /// Do: Say that it is of another community.
    ///
    /// Again: no.
    #[error("it belongs to another community")]
    OtherCommunity,
    /// Nobody asks with these digits: whoever asks shows other ones.
    ///
    /// Do: Have both persons look again; nothing has changed.
    ///
    /// Again: yes.
    #[error("nobody asks with these digits")]
    WrongDigits,
    /// The invitation is over.
    ///
    /// Do: Offer a new invitation.
    ///
    /// Again: with a new invitation.
    #[error("the invitation is over: {code}")]
    InvitationOver {
        /// How, as in `InvitingState.Over`.
        code: String,
    },
    /// The kit's phone has met nobody yet who could say what happened.
    ///
    /// Do: Let the kit meet a phone or import a bundle first.
    ///
    /// Again: yes, after that.
    #[error("nobody of the community was met yet")]
    NotHeard,
    /// The address cannot be listened on.
    ///
    /// Do: Listen on any port, or without the network's permission dial only.
    ///
    /// Again: with another address.
    #[error("cannot listen on {address}: {detail}")]
    CannotListen {
        /// The address that was asked for.
        address: String,
        /// What the system says.
        detail: String,
    },
    /// The peer may not connect: a stranger, a withdrawn device, or another than expected.
    ///
    /// Do: Close the pipe; nobody of the community is there.
    ///
    /// Again: no.
    #[error("the peer is not welcome: {reason}")]
    PeerNotWelcome {
        /// What speaks against the peer, as an English sentence.
        reason: String,
    },
    /// The peer does not welcome this device.
    ///
    /// Do: Close the pipe; the other phone knows no device like this one, or invites nobody. Perhaps this one was
    /// withdrawn.
    ///
    /// Again: after a sync elsewhere.
    #[error("the peer does not welcome this device: {reason}")]
    NotWelcome {
        /// What the peer answered, as an English sentence.
        reason: String,
    },
    /// The connection is over, or none came about. What was acknowledged stays.
    ///
    /// Do: Close the pipe; begin another when there is one.
    ///
    /// Again: yes, with a new pipe.
    #[error("the connection is over: {code}: {reason}")]
    Connection {
        /// How: `tls`, `silent`, `broken`, `crowded`, `twice`, `closed`, `stopped`, `ourselves`, `protocol`, `left_alone`.
        code: String,
        /// The same in English.
        reason: String,
    },
    /// The caller ended it.
    ///
    /// Do: Nothing: it was wished.
    ///
    /// Again: yes.
    #[error("cancelled")]
    Cancelled,
    /// The phone sleeps: `resume` first.
    ///
    /// Do: `resume` when the app comes to the front.
    ///
    /// Again: yes, after `resume`.
    #[error("the phone is suspended")]
    Suspended,
    /// The phone, or this part of it, is closed.
    ///
    /// Do: Nothing; open the home again if it is needed.
    ///
    /// Again: after opening.
    #[error("closed")]
    Closed,
    /// A fault inside ended this phone. Open the home again.
    ///
    /// Do: Open the home again and report it: what was acknowledged is there.
    ///
    /// Again: after opening.
    #[error("a fault inside ended this phone; open the home again")]
    Broken,
}

impl LinliError {
    /// What cannot be understood in a value that the caller gave.
    pub(crate) fn input(field: &str, reason: impl ToString) -> Self {
        Self::InvalidInput { field: field.to_owned(), reason: reason.to_string() }
    }

    /// What a file could not do.
    pub(crate) fn file(error: &io::Error) -> Self {
        match error.kind() {
            kind if is_no_room(kind) => Self::DiskFull,
            _ => Self::File { detail: error.to_string() },
        }
    }
}
