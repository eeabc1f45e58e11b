//! Withdrawing others and oneself: a screen shows what would fall, and what is decided is written at once (R8).

use std::{collections::BTreeMap, path::Path};

use super::{Engine, MembersError, OpenError, Replica, community::Community, home::SECRETS};
use crate::{
    event::LogHeader,
    id::{CommandId, DeviceId, LogId, Reference},
    key::SecretStore,
    roster::{
        Cut, CutHead, ErasureFact, Fall, Grant, Revocation, Roster, RosterEvent, RosterFact, Said, Withdrawal,
        WithdrawalContext, withdraw, would_fall,
    },
    store::{Store, StoreError, View},
};

/// Community and store, as they answer a withdrawal's questions. A store that fails answers as if it held nothing, and
/// whoever asked is told: what would be cut deeper than it must for want of an answer is not cut at all.
struct StoredContext<'a> {
    community: &'a Community,
    view: &'a View,
}

fn logs_of(view: &View, device: DeviceId) -> Vec<(LogHeader, Vec<CutHead>)> {
    let logs = view.logs_of(device).unwrap_or_default();
    let heads = |log: &LogHeader| view.heads(log.id()).unwrap_or_default();
    logs.into_iter()
        .map(|log| (log, heads(&log).iter().map(|head| CutHead { seq: head.seq, id: head.id }).collect()))
        .collect()
}

impl WithdrawalContext for StoredContext<'_> {
    fn logs(&self, device: DeviceId) -> Vec<(LogHeader, Vec<CutHead>)> {
        logs_of(self.view, device)
    }

    fn said(&self) -> &Said<RosterFact> {
        self.community.said()
    }

    fn erased(&self) -> &Said<ErasureFact> {
        self.community.erased()
    }

    fn after(&self, events: &[RosterEvent]) -> Roster {
        self.community.after(events, self.view).unwrap_or_else(|_| self.community.roster.clone())
    }
}

impl Replica {
    /// What falls if somebody is revoked so: admissions and withdrawals that rest on what lies beyond the cut.
    /// Nothing is written.
    ///
    /// # Errors
    /// Why the revocation would be refused.
    pub fn would_fall(&self, revocation: &Revocation) -> Result<Fall, MembersError> {
        let community = self.snapshot().ok_or(MembersError::NotAMember)?;
        let fall = self.read(|view| {
            let held = StoredContext { community: &community, view };
            Ok(would_fall(&community.roster, community.me, revocation, &held))
        })?;
        Ok(fall?)
    }

    /// What is held of a device's logs, but of the logs of these events only up to them: what a cut names to let that
    /// stand. Beside it, those of the events that are not held, or not that device's.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cut_at(&self, device: DeviceId, last: &[Reference]) -> Result<(Vec<Cut>, Vec<Reference>), StoreError> {
        self.read(|reader| {
            let (mut cuts, mut unheld) = (Vec::new(), Vec::new());
            let mut named: BTreeMap<LogId, Vec<CutHead>> = BTreeMap::new();
            for reference in last {
                match reader.event(*reference)?.filter(|event| event.log.device == device) {
                    Some(event) => {
                        named.entry(reference.log).or_default().push(CutHead { seq: event.seq, id: event.id })
                    }
                    None => unheld.push(*reference),
                }
            }
            for (log, heads) in logs_of(reader, device) {
                let heads = named.remove(&log.id()).unwrap_or(heads);
                cuts.push(Cut { log: log.id(), heads });
            }
            Ok((cuts, unheld))
        })
    }

    /// Withdraws devices by cuts. What falls with them and is not left out is admitted again, and every key that they
    /// could open is replaced, in the same transaction; but for this device itself, whose keys another coordinator
    /// replaces: what it wrote beyond its own cut would fall.
    ///
    /// # Errors
    /// Why not.
    pub fn revoke(&self, id: CommandId, revocation: Revocation) -> Result<(), MembersError> {
        self.withdraw(id, Withdrawal::Revoke(revocation))
    }

    /// Takes a right: what the device did until now, as far as it is held here, stays entitled. With `care` goes its
    /// key.
    ///
    /// # Errors
    /// Why not.
    pub fn remove_grant(&self, id: CommandId, device: DeviceId, grant: Grant) -> Result<(), MembersError> {
        self.withdraw(id, Withdrawal::RemoveGrant { device, grant })
    }

    /// Says that this device goes, for good: a key that left never returns. Others drop it as soon as they hear, so
    /// see first that [`unsent`](Self::unsent) is none; afterwards, [`wipe`](Self::wipe) the home. Keys are replaced by
    /// the coordinators who stay. The last of them goes by [`withdraw`](Self::withdraw) alone, with the kit at hand.
    ///
    /// # Errors
    /// Why not.
    pub fn leave(&self, id: CommandId) -> Result<(), MembersError> {
        self.withdraw(id, Withdrawal::Leave { kit_at_hand: false })
    }

    /// Carries out any withdrawal.
    ///
    /// # Errors
    /// Why not.
    pub fn withdraw(&self, id: CommandId, command: Withdrawal) -> Result<(), MembersError> {
        let bytes = serde_json::to_vec(&command).unwrap_or_default();
        let meant = blake3::derive_key("linli 2026 withdrawal digest v1", &bytes);
        self.write_roster(id, meant, |engine| engine.decide_withdrawal(command))
    }

    /// Events of this device that no other is known to have: lost with the phone. Forks make it a guess.
    ///
    /// # Errors
    /// When the store fails.
    pub fn unsent(&self) -> Result<u64, StoreError> {
        self.read(|reader| reader.unheard(self.device()))
    }

    /// Deletes a home and all of this device's secrets: what was written here and is on no other phone is gone. The keys go
    /// first, so that what is left after a break opens for nobody; again goes on where it ended.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while a replica has the home open, or what could not be deleted.
    pub fn wipe(home: &Path, secrets: &dyn SecretStore) -> Result<(), OpenError> {
        drop(Store::hold(home)?);
        for name in SECRETS {
            secrets.remove(name)?;
        }
        Ok(Store::wipe(home)?)
    }
}

impl Engine {
    fn decide_withdrawal(&mut self, command: Withdrawal) -> Result<Vec<RosterEvent>, MembersError> {
        let community = self.community.as_ref().ok_or(MembersError::NotAMember)?;
        let (held, dice) = (StoredContext { community, view: &self.store }, &mut self.dice);
        self.store.checked(|| Ok(withdraw(&community.roster, &community.keyring, community.me, command, &held, dice)?))
    }
}
