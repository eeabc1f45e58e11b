//! The recovery kit at work: from 24 words to a coordinator's phone.

use std::sync::{Arc, Weak};

use linli_core::{
    id::{DeviceId, MemberId},
    key::KitWords,
    replica::{ImportReport, KitError, Recovery, Replica, Welcome},
};
use parking_lot::Mutex;

use crate::{
    LinliError, Phone,
    home::bundle::{self, Work, read_bundle},
    ids::read,
    life::{Life, Part},
    net::{
        node::{Node, NodeOptions},
        peer::Peer,
        pipe::Pipe,
    },
};

/// A restoration under way: the kit is a phone of its own for as long as it takes to hear what happened.
#[derive(uniffi::Object)]
pub struct KitRecovery {
    /// This device's.
    life: Arc<Life>,
    /// The kit's.
    kit: Arc<Life>,
    recovery: Mutex<Option<Recovery>>,
}

impl Part for KitRecovery {
    fn let_go(&self, why: LinliError) {
        self.kit.end(why);
        drop(self.recovery.lock().take());
    }
}

#[uniffi::export]
impl Phone {
    /// Begins to restore a community on this device, which belongs to none yet, from the words of its kit, in either
    /// language. `welcome` names the community: any member's phone gives it. What follows: let the kit meet a peer or import
    /// a bundle, then `finish`.
    pub async fn recover_with_kit(&self, words: String, welcome: String) -> Result<Arc<KitRecovery>, LinliError> {
        let recovery = self.call(move |replica| {
            let words: KitWords = read("words", &words)?;
            let welcome: Welcome = read("welcome", &welcome)?;
            Ok::<_, LinliError>(replica.recover_with_kit(&words, &welcome)?)
        });
        let recovery = recovery.await?;
        let kit = Life::of(recovery.kit().clone());
        let made = Arc::new(KitRecovery { life: self.life.clone(), kit, recovery: Mutex::new(Some(recovery)) });
        let part: Weak<KitRecovery> = Arc::downgrade(&made);
        self.life.keep(part)?;
        Ok(made)
    }
}

#[uniffi::export]
impl KitRecovery {
    /// Lets the kit meet peers on the network.
    pub async fn start_node(&self, options: NodeOptions) -> Result<Arc<Node>, LinliError> {
        let options = options.read()?;
        Node::begin(&self.kit, move |replica| Ok(replica.start_node(options)?)).await
    }

    /// Lets the kit meet a peer over a pipe of the app's own.
    pub async fn dial_pipe(&self, peer: Peer) -> Result<Arc<Pipe>, LinliError> {
        let expected = peer.read()?;
        Pipe::begin(&self.kit, move |replica| Ok(replica.dial_pipe(expected)?)).await
    }

    /// Lets the kit hear what happened from a bundle.
    pub async fn import_bundle(&self, path: String) -> Result<ImportReport, LinliError> {
        let import = move |replica: &Replica| {
            let (file, of) = bundle::open(&path)?;
            read_bundle(replica, file, of, &Work::default())
        };
        self.kit.call(import).await
    }

    /// The founder's device, if it stands above whomever this use of the kit admits: to be shown before `finish`. None once
    /// it is withdrawn. `NotHeard` before the kit has met anybody.
    pub async fn founder_above(&self) -> Result<Option<DeviceId>, LinliError> {
        self.ask(|recovery| recovery.founder_above()).await
    }

    /// Withdraws the founder's phone, which was lost or stolen, at what the kit has heard: this device stands above it then.
    /// `NotHeard` before the kit has met anybody.
    pub async fn withdraw_founder(&self) -> Result<(), LinliError> {
        self.ask(|recovery| recovery.withdraw_founder(None)).await
    }

    /// Admits this device as a coordinator, in rank right below the founder or, if `withdraw_founder` was called, above, and
    /// forgets the kit. `member` says whose it is, if
    /// they have another device here. `NotHeard` before the kit has met anybody: it may be called again.
    pub async fn finish(&self, member: Option<MemberId>, name: Option<String>) -> Result<(), LinliError> {
        let Some(recovery) = self.recovery.lock().take() else { return Err(LinliError::Closed) };
        let (done, recovery) =
            self.life.call(move |_| Ok::<_, LinliError>((recovery.finish(member, name), recovery))).await?;
        match done {
            Ok(()) => {
                self.kit.end(LinliError::Closed);
                self.life
                    .call(move |_| {
                        drop(recovery);
                        Ok::<_, LinliError>(())
                    })
                    .await
            }
            Err(error) => {
                *self.recovery.lock() = Some(recovery);
                Err(error.into())
            }
        }
    }

    /// Forgets the kit.
    pub fn close(&self) -> Result<(), LinliError> {
        self.let_go(LinliError::Closed);
        Ok(())
    }
}

impl KitRecovery {
    /// Asks the recovery something and leaves it as it is.
    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Recovery) -> Result<T, KitError> + Send + 'static,
    ) -> Result<T, LinliError> {
        let Some(recovery) = self.recovery.lock().take() else { return Err(LinliError::Closed) };
        let (asked, recovery) = self.life.call(move |_| Ok::<_, LinliError>((ask(&recovery), recovery))).await?;
        *self.recovery.lock() = Some(recovery);
        Ok(asked?)
    }
}
