//! Founding a community, and joining one by what a coordinator hands over.

use linli_core::{
    id::{CommunityId, DeviceId, MemberId},
    key::{DeviceRecord, KitLanguage, KitWords},
    replica::{self, Replica, Welcome},
};

use crate::{LinliError, Phone, ids::read};

/// How the text of a device begins.
const RECORD: &str = "linli-device";

/// A community just founded.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Founded {
    /// The community's id.
    pub community: CommunityId,
    /// The recovery kit. Have it written down; the keystore keeps it until `confirm_kit` says that it is.
    pub kit: Kit,
}

/// The words of a recovery kit, the same kit in either language. Whoever has them is above every coordinator.
#[derive(Clone, uniffi::Record)]
pub struct Kit {
    /// 24 English words.
    pub english: Vec<String>,
    /// 24 Chinese characters.
    pub chinese: Vec<String>,
}

impl std::fmt::Debug for Kit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kit(…)")
    }
}

impl From<&KitWords> for Kit {
    fn from(kit: &KitWords) -> Self {
        let words = |language| kit.words(language).into_iter().map(str::to_owned).collect();
        Self { english: words(KitLanguage::English), chinese: words(KitLanguage::Chinese) }
    }
}

use replica::{LittleRoom, Reminder};

#[uniffi::export]
impl Phone {
    /// The device that this phone is.
    pub async fn device(&self) -> Result<DeviceId, LinliError> {
        self.look(Replica::device).await
    }

    /// The community it belongs to, once it has founded or joined one.
    pub async fn community(&self) -> Result<Option<CommunityId>, LinliError> {
        self.look(Replica::community).await
    }

    /// Whose device this is, once its admission has arrived.
    pub async fn member(&self) -> Result<Option<MemberId>, LinliError> {
        self.look(Replica::member).await
    }

    /// Whether this device can read and write: its admission and a key have arrived.
    pub async fn is_ready(&self) -> Result<bool, LinliError> {
        self.look(Replica::is_ready).await
    }

    /// Founds a community with this device as its first coordinator. `name` is the person's, sealed for members.
    pub async fn found_with_kit(&self, name: Option<String>) -> Result<Founded, LinliError> {
        self.call(move |replica| {
            let (community, kit) = replica.found_with_kit(name)?;
            Ok::<_, LinliError>(Founded { community, kit: (&kit).into() })
        })
        .await
    }

    /// The words of the kit of a community that was founded here, until `confirm_kit`: for a screen that was closed before
    /// they were written down.
    pub async fn kit_words(&self) -> Result<Option<Kit>, LinliError> {
        self.call(|replica| replica.kit_words().map(|kit| kit.as_ref().map(Kit::from))).await
    }

    /// The person says that the words are written down: from now on nothing keeps them.
    pub async fn confirm_kit(&self) -> Result<(), LinliError> {
        self.call(Replica::confirm_kit).await
    }

    /// The same without a recovery kit: nothing is above this device then, so that it cannot be cut when it is lost. For
    /// trying things out.
    pub async fn found(&self, name: Option<String>) -> Result<CommunityId, LinliError> {
        self.call(move |replica| replica.found(name)).await
    }

    /// What this device shows of itself to be admitted, as text.
    pub async fn record(&self) -> Result<String, LinliError> {
        self.look(|replica| record_text(&replica.record())).await
    }

    /// What a newcomer must be handed to join, as text. It lets a stranger find the community's traffic, not read it: keep
    /// it private.
    pub async fn welcome(&self) -> Result<String, LinliError> {
        self.call(|replica| replica.welcome().map(|welcome| welcome.to_text())).await
    }

    /// Joins a community by such a text: from now on this phone syncs with it. Its first sync brings the admission and the
    /// keys. An invitation is asked by `ask`, and needs no welcome.
    pub async fn join(&self, welcome: String) -> Result<CommunityId, LinliError> {
        self.call(move |replica| {
            let welcome: Welcome = read("welcome", &welcome)?;
            replica.join(&welcome)?;
            Ok::<_, LinliError>(welcome.community)
        })
        .await
    }

    /// What this phone's person should be reminded of.
    pub async fn reminders(&self) -> Result<Vec<Reminder>, LinliError> {
        self.call(Replica::reminders).await
    }

    /// Where this phone has used three quarters of its room to write in, and, on a coordinator's, where phones have to which it
    /// may give more (`give_room`): what finds no room is refused, or has no effect. Its own first; of each device eight things at
    /// most, those with least left. What it answers may be another after each `Roster`.
    pub async fn little_room(&self) -> Result<Vec<LittleRoom>, LinliError> {
        self.call(Replica::little_room).await
    }
}

fn record_text(record: &DeviceRecord) -> String {
    format!("{RECORD}:{}", hex::encode(record.to_bytes()))
}

/// Reads what a phone shows of itself.
pub(super) fn read_record(text: &str) -> Result<DeviceRecord, LinliError> {
    let bytes = text.trim().split_once(':').filter(|(kind, _)| *kind == RECORD);
    let bytes = bytes.and_then(|(_, digits)| hex::decode(digits).ok());
    let record = bytes.and_then(|bytes| DeviceRecord::from_slice(&bytes).ok());
    record.ok_or_else(|| LinliError::input("record", "this is not what a phone shows of itself"))
}
