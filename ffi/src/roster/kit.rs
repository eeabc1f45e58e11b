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
    /// The life of this device.
    life: Arc<Life>,
    /// The life of the kit.
    kit: Arc<Life>,
    slot: Arc<RecoverySlot>,
}

/// Where the restoration lies while nobody works with it. Whoever does puts it back, though nobody waits for them any more.
struct RecoverySlot {
    /// One who works with it at a time.
    turn: Mutex<()>,
    state: Mutex<SlotState>,
}

enum SlotState {
    Idle(Recovery),
    InUse,
    /// It is finished or closed.
    Gone,
}

impl RecoverySlot {
    /// Does something with the restoration, and puts it back; not if it is closed meanwhile, nor after the last that is done.
    fn work<T>(&self, work: impl FnOnce(&Recovery) -> Result<T, KitError>, is_last: bool) -> Result<T, LinliError> {
        let _turn = self.turn.lock();
        let before = std::mem::replace(&mut *self.state.lock(), SlotState::InUse);
        let SlotState::Idle(recovery) = before else {
            self.clear();
            return Err(LinliError::Closed);
        };
        let done = work(&recovery);
        let mut state = self.state.lock();
        // What is not put back goes with this.
        if is_last && done.is_ok() {
            *state = SlotState::Gone;
        } else if matches!(&*state, SlotState::InUse) {
            *state = SlotState::Idle(recovery);
        }
        drop(state);
        Ok(done?)
    }

    /// Forgets it, at once or when whoever works with it is done.
    fn clear(&self) {
        let before = std::mem::replace(&mut *self.state.lock(), SlotState::Gone);
        drop(before);
    }
}

impl Part for KitRecovery {
    fn let_go(&self, why: LinliError) {
        self.kit.end(why);
        self.slot.clear();
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
        let slot = Arc::new(RecoverySlot { turn: Mutex::default(), state: Mutex::new(SlotState::Idle(recovery)) });
        let made = Arc::new(KitRecovery { life: self.life.clone(), kit, slot });
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
    /// they have another device here. `NotHeard` before the kit has met anybody: it may be called again, also after it was
    /// cancelled, unless that came too late: then it is done.
    pub async fn finish(&self, member: Option<MemberId>, name: Option<String>) -> Result<(), LinliError> {
        let (slot, kit) = (self.slot.clone(), self.kit.clone());
        let finish = move |_: &Replica| {
            let last = |recovery: &Recovery| {
                recovery.finish(member, name)?;
                kit.end(LinliError::Closed);
                Ok::<_, KitError>(())
            };
            slot.work(last, true)
        };
        self.life.call(finish).await
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
        let slot = self.slot.clone();
        self.life.call(move |_| slot.work(ask, false)).await
    }
}
