//! Forks and restored databases (R7): how a replica notices that its own log may have gone on elsewhere.
//!
//! A database is not written to at a place where it may have been written to before. A token is renewed at every open,
//! in the database and in the app's keystore. So a database brought back from an older copy has an older token. A
//! database that was not closed may be a copy made in the middle of what was written under its token, so it goes on
//! under a new incarnation too. A copy of both is found out by the first peer who knows of own events that are lacking
//! here. Forks that happened all the same are told.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand_chacha::ChaCha20Rng;
use serde::Serialize;

use super::{
    Engine, Replica,
    home::{INCARNATION, OpenError, TOKEN},
    keystore,
    query::QueryError,
};
use crate::{
    event::Topic,
    id::{DeviceId, Incarnation, LogId, MemberId, Reference},
    key::SecretStore,
    limits,
    store::{Store, StoreError, View, Write},
    sync::Session,
};

const TOKEN_LEN: usize = 16;
/// Whether the session that the token names is over.
const CLOSED: &str = "closed";

/// Why this replica goes on under a new incarnation since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Restored {
    /// The keystore has no token, or none that can be read: the database came to this device from another, or the keystore was
    /// emptied.
    TokenMissing,
    /// The keystore has another token: the database is an older copy.
    TokenDiffers,
}

/// A log in which two events claim one place: proof that its device's keys ran twice. Every branch counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ForkLine {
    /// The log that forked.
    pub log: LogId,
    /// Its topic; `None` for one unknown here.
    pub topic: Option<Topic>,
    /// Whose log it is.
    pub device: DeviceId,
    /// Which life of its database.
    pub incarnation: Incarnation,
    /// Whose device it is.
    pub member: Option<MemberId>,
    /// The first place at which there is more than one event.
    pub since: u64,
    /// The last event of each branch.
    pub heads: Vec<Reference>,
}

/// What an engine was told of own events that it lacks: by log, so that what is made up about one pushes out nothing
/// that is true of another.
#[derive(Default)]
pub(super) struct Lacking {
    told: BTreeMap<LogId, BTreeSet<Reference>>,
    /// Whether this life was begun in an earlier session. Claims prove nothing, and of a life that began in this one none is
    /// true: nobody has copied what was not there yet. So a liar ends one life at most each time that a replica is opened.
    carried: bool,
}

/// How a device goes on when it is opened.
pub(super) struct Life {
    pub(super) incarnation: Incarnation,
    /// Why it is a new one, where the database was restored or copied.
    pub(super) restored: Option<Restored>,
    /// What is known of own events that are lacking: nothing yet.
    pub(super) lacking: Lacking,
}

impl Replica {
    /// Whether the database was found to be restored or copied when it was opened, so that this device goes on under
    /// a new incarnation. Nothing is lost by it: tell the person, and sync.
    pub fn restored(&self) -> Option<Restored> {
        self.inner.restored
    }

    /// Every fork that is held here, by log.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`], or when the store fails.
    pub fn forks(&self) -> Result<Vec<ForkLine>, QueryError> {
        let community = self.snapshot().ok_or(QueryError::NotAMember)?;
        Ok(self.read(|reader| {
            let line = |(header, since, heads): (crate::event::LogHeader, u64, Vec<crate::event::Head>)| {
                let log = header.id();
                let head = |head: crate::event::Head| Reference { log, seq: head.seq, check: head.id.short() };
                ForkLine {
                    log,
                    topic: community.topic(header.topic),
                    device: header.device,
                    incarnation: header.incarnation,
                    member: community.roster.member_of(header.device),
                    since,
                    heads: heads.into_iter().map(head).collect(),
                }
            };
            Ok(reader.forks()?.into_iter().map(line).collect())
        })?)
    }

    /// A peer told what it has: own events among it that are lacking here are on their way.
    pub(super) fn learn_of_own(&self, session: &Session) -> Result<(), StoreError> {
        let Some(community) = self.snapshot() else { return Ok(()) };
        let mut claims = Vec::new();
        for (topic, tag) in community.wanted() {
            let own = community.own_log(topic).id();
            let heads = session.heads_of_peer(tag, own);
            claims.extend(heads.take(limits::OWN_LACKING).map(|entry| Reference {
                log: own,
                seq: entry.seq,
                check: entry.short,
            }));
        }
        if claims.is_empty() {
            return Ok(());
        }
        let lacking = self.read(|reader| {
            claims
                .iter()
                .filter_map(|claim| reader.has(*claim).map(|has| (!has).then_some(*claim)).transpose())
                .collect()
        });
        let lacking: Vec<Reference> = lacking?;
        if !lacking.is_empty() {
            self.with_engine_idly(|engine| engine.note_lacking(lacking))?;
        }
        Ok(())
    }
}

impl Engine {
    /// Keeps in mind what is lacking of the logs in which this device writes now; of another life nothing is written.
    fn note_lacking(&mut self, events: Vec<Reference>) -> Result<(), StoreError> {
        let Some(community) = self.community.as_ref().filter(|_| self.lacking.carried) else { return Ok(()) };
        let own: BTreeSet<LogId> = Topic::ALL.into_iter().map(|topic| community.own_log(topic).id()).collect();
        self.lacking.told.retain(|log, _| own.contains(log));
        for event in events.into_iter().filter(|event| own.contains(&event.log)) {
            self.lacking.note(&self.store, event)?;
        }
        Ok(())
    }

    /// Before this device writes in a topic: if its log there has forked, or others hold events of it that have not
    /// come here yet, it goes on under a new incarnation, so that no place is written twice. Every branch counts as it
    /// is (R7). Whether it was so.
    pub(super) fn leave_fork(&mut self, topic: Topic) -> Result<bool, StoreError> {
        self.refresh()?;
        let Some(community) = &mut self.community else { return Ok(false) };
        let own = community.own_log(topic).id();
        let forked = self.store.heads(own)?.len() > 1;
        if !forked && !self.lacking.any(&self.store, own)? {
            return Ok(false);
        }
        let incarnation = fresh(&mut self.dice);
        let mut write = self.store.write()?;
        write.set_meta(INCARNATION, incarnation.as_bytes())?;
        write.commit()?;
        (self.incarnation, self.lacking) = (incarnation, Lacking::default());
        community.incarnation = incarnation;
        Ok(true)
    }
}

impl Lacking {
    /// Nothing yet, of a life that was begun in an earlier session or in this one.
    pub(super) fn of(carried: bool) -> Self {
        Self { told: BTreeMap::new(), carried }
    }

    /// Takes over how this life was begun, once it may be written in: of a fresh one nothing that was told is true.
    pub(super) fn go_on(&mut self, life: Self) {
        if !life.carried {
            *self = life;
        }
    }

    /// Whether events of a log are still lacking. What has come is no longer kept in mind.
    fn any(&mut self, store: &Store, log: LogId) -> Result<bool, StoreError> {
        let Some(told) = self.told.get_mut(&log) else { return Ok(false) };
        forget_held(store, told)?;
        Ok(!told.is_empty())
    }

    /// Whether all that was told of is here. While it is not, this may be a copy, and nobody would know that once it was
    /// opened again.
    pub(super) fn is_settled(&mut self, view: &View) -> Result<bool, StoreError> {
        for told in self.told.values_mut() {
            forget_held(view, told)?;
        }
        Ok(self.told.values().all(BTreeSet::is_empty))
    }

    /// Where there are too many, those go first that came, then the earliest: of what was made up nothing comes, so one
    /// that is left says as much as all.
    fn note(&mut self, store: &Store, event: Reference) -> Result<(), StoreError> {
        let told = self.told.entry(event.log).or_default();
        told.insert(event);
        if told.len() > limits::OWN_LACKING {
            forget_held(store, told)?;
        }
        while told.len() > limits::OWN_LACKING {
            told.pop_first();
        }
        Ok(())
    }
}

fn forget_held(store: &View, told: &mut BTreeSet<Reference>) -> Result<(), StoreError> {
    let mut lacking = BTreeSet::new();
    for event in told.iter() {
        if !store.has(*event)? {
            lacking.insert(*event);
        }
    }
    *told = lacking;
    Ok(())
}

fn fresh(dice: &mut ChaCha20Rng) -> Incarnation {
    let mut bytes = [0; Incarnation::LEN];
    dice.fill_bytes(&mut bytes);
    Incarnation::from_bytes(bytes)
}

fn lived(store: &Store) -> Result<Option<Incarnation>, StoreError> {
    Ok(store.meta(INCARNATION)?.and_then(|known| Incarnation::from_slice(&known)))
}

/// Whether the database is an older copy by its token, or another's; not of one that was just made.
pub(super) fn restored(store: &Store, secrets: &dyn SecretStore) -> Result<Option<Restored>, OpenError> {
    let (here, kept) = (store.meta(TOKEN)?, keystore::spare(secrets, TOKEN)?);
    let restored = match (&here, &kept) {
        (None, None) => None,
        (Some(_), None) => Some(Restored::TokenMissing),
        (here, Some(kept)) => {
            let same = kept.chunks(TOKEN_LEN).any(|token| here.as_deref() == Some(token));
            (!same).then_some(Restored::TokenDiffers)
        }
    };
    let lived = lived(store)?;
    Ok(restored.filter(|_| lived.is_some()))
}

/// Compares the database's token with the keystore's, renews both, and says under which incarnation the device goes on.
/// That is the old one only where nothing can have been written that the database lacks: its token is the keystore's, and
/// it was closed. Of a session every copy but the one that was closed may lack what was written after it was made, and
/// after a kill nobody can tell whether the database is such a copy (R7).
///
/// The keystore holds the old and the new token while the database is given the new one, so that a power cut in
/// between is no restoring. A copy's token is never among them: a cut then would make it the true one.
pub(super) fn renew_token(
    store: &mut Store,
    secrets: &dyn SecretStore,
    dice: &mut ChaCha20Rng,
) -> Result<Life, OpenError> {
    let (here, restored) = (store.meta(TOKEN)?, restored(store, secrets)?);
    let lived = lived(store)?;
    let closed = store.meta(CLOSED)?.as_deref() == Some(&[1]);
    let carried = lived.filter(|_| closed && restored.is_none());
    let incarnation = carried.unwrap_or_else(|| fresh(dice));
    let mut next = zeroize::Zeroizing::new(vec![0; TOKEN_LEN]);
    dice.fill_bytes(&mut next);
    let here = here.filter(|_| restored.is_none());
    let mut both = zeroize::Zeroizing::new(here.unwrap_or_default());
    both.extend_from_slice(&next);
    secrets.put(TOKEN, &both)?;
    let mut write = store.write()?;
    write.set_meta(TOKEN, &next)?;
    write.set_meta(INCARNATION, incarnation.as_bytes())?;
    write.set_meta(CLOSED, &[0])?;
    write.commit()?;
    secrets.put(TOKEN, &next)?;
    Ok(Life { incarnation, restored, lacking: Lacking::of(carried.is_some()) })
}

/// Notes, as the last thing that a session writes, that nothing more of it will be.
pub(super) fn close(write: &mut Write<'_>) -> Result<(), StoreError> {
    write.set_meta(CLOSED, &[1])
}
