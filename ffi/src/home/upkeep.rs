//! Upkeep: what is due now and then, and proving that a phone is whole.

use linli_core::{
    id::Reference,
    replica::{Replica, Verified},
};

use crate::{LinliError, Phone};

/// What an upkeep did.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Tended {
    /// Compartments whose key was replaced.
    pub rotated: Vec<String>,
    /// Whether keys were given to devices that lacked them.
    pub wrapped: bool,
    /// Closed orders that were erased now.
    pub erased: Vec<Reference>,
    /// Closed orders that are left for a person to erase: see `erasures_waiting`.
    pub waiting: u64,
    /// Events of erased things that came late and were named now.
    pub stragglers: u64,
    /// Bodies that were forgotten now, for good.
    pub forgotten: u64,
}

#[uniffi::export]
impl Phone {
    /// Does what is due: forgets what was erased, and on a coordinator's phone looks after keys and closed orders. A
    /// running node calls it by itself. Who runs none calls it when the app is opened, after `Update.Roster`, and every few
    /// minutes; it is cheap where nothing is to do.
    pub async fn tend(&self) -> Result<Tended, LinliError> {
        let tended = self.call(Replica::tend).await?;
        Ok(Tended {
            rotated: tended.rotated.into_iter().map(str::to_owned).collect(),
            wrapped: tended.wrapped,
            erased: tended.erased,
            waiting: tended.waiting,
            stragglers: tended.stragglers,
            forgotten: tended.forgotten,
        })
    }

    /// A hash of everything decided here: equal wherever the same events and keys are. Takes a while.
    pub async fn state_hash(&self) -> Result<String, LinliError> {
        self.call(|replica| replica.state_hash().map(|hash| hash.to_string())).await
    }

    /// Checks every log and its signatures, folds everything again and compares. Takes a while.
    pub async fn verify(&self) -> Result<Verified, LinliError> {
        self.call(Replica::verify).await
    }

    /// Makes judgements, screens and search again from the logs, all at once. Takes a while.
    pub async fn rebuild(&self) -> Result<(), LinliError> {
        self.call(Replica::rebuild).await
    }

    /// The document of an order, a box or all else as a standard Automerge file; none if there is no such thing here that
    /// this device may look into.
    pub async fn export_document(&self, of: Reference) -> Result<Option<Vec<u8>>, LinliError> {
        self.call(move |replica| replica.export(of)).await
    }
}
