//! Cuts, carried out: a coordinator's whole phone is copied, and the copy withdraws every device below, one after the
//! other. Each cut must count there, and for a phone that is opened on what it wrote. The town goes on with the phone as it
//! was, and its dice fall as if nothing had happened.

use std::{collections::BTreeSet, fs, sync::Arc};

use linli_core::{
    id::{CommandId, DeviceId},
    key::MemorySecrets,
    replica::{Options, Replica, StateHash},
    roster::{Revocation, Who},
};
use linli_tests::{World, copied, somewhere};
use rand::{Rng, RngExt};
use tempfile::TempDir;

/// What the copy of a database consists of. What SQLite keeps in shared memory it makes again.
const FILES: [&str; 2] = ["linli.db", "linli.db-wal"];

/// The copy of a phone.
pub(crate) struct Copy<'a> {
    world: &'a World,
    phone: usize,
    home: TempDir,
    secrets: Arc<MemorySecrets>,
}

impl<'a> Copy<'a> {
    /// While nobody writes there.
    pub(crate) fn of(world: &'a World, phone: usize) -> Self {
        let home = somewhere();
        for name in FILES {
            let file = world.home(phone).join(name);
            if file.exists() {
                fs::copy(file, home.path().join(name)).expect("there is room");
            }
        }
        Self { world, phone, home, secrets: Arc::new(copied(world.secrets(phone))) }
    }

    pub(crate) fn open(&self, dice: &mut impl Rng) -> Replica {
        let (home, secrets, seed) = (self.home.path().into(), self.secrets.clone(), Some(dice.random()));
        let options = Options { home, secrets, seed, ..self.world.options(self.phone) };
        Replica::open(options).expect("a copy opens")
    }
}

/// Has a copy of a coordinator's phone withdraw every device below, and holds it to having done so.
///
/// # Panics
/// If a cut fails, does not count, or counts no more once the phone was opened again.
pub(crate) fn every_device_below(world: &World, phone: usize, dice: &mut impl Rng) {
    let copy = Copy::of(world, phone);
    let replica = copy.open(dice);
    assert_eq!(replica.roster().digest(), world.at(phone).roster().digest(), "phone {phone} is copied as it is");
    // Whom a cut lets in again comes again, but not without end.
    let mut left = 4 * below(&replica).len();
    let mut cut = BTreeSet::new();
    while let Some(device) = below(&replica).into_iter().find(|device| !replica.roster().is_revoked(*device)) {
        let heads = match dice.random_range(0..3) {
            0 => None,
            1 => Some(Vec::new()),
            _ => Some(replica.cut_at(device, &[]).expect("the store answers").0),
        };
        let except = if dice.random_bool(0.5) { cut.clone() } else { below(&replica) };
        let id = CommandId::from_bytes(dice.random());
        let done = replica.revoke(id, Revocation { heads, except, ..Revocation::of(Who::Device(device)) });
        assert!(done.is_ok(), "phone {phone} cannot withdraw {device:?}: {done:?}");
        assert!(is_out(&replica, device), "phone {phone} has withdrawn {device:?}");
        cut.insert(device);
        left = left.checked_sub(1).expect("whoever is withdrawn stays so");
    }
    while replica.go_on().expect("the store answers") {}
    let before = told(&replica, phone);
    drop(replica);
    assert_eq!(told(&copy.open(dice), phone), before, "phone {phone}, opened again");
}

/// What a copy says when all below it are withdrawn.
fn told(replica: &Replica, phone: usize) -> (StateHash, [u8; 32]) {
    for device in below(replica) {
        assert!(is_out(replica, device), "{device:?} is out for phone {phone}");
    }
    (replica.state_hash().expect("the store answers"), replica.roster().digest())
}

fn is_out(replica: &Replica, device: DeviceId) -> bool {
    !replica.roster().may_connect(device)
}

/// Devices that are below a coordinator, as the coordinator sees it.
pub(crate) fn below(replica: &Replica) -> BTreeSet<DeviceId> {
    let roster = replica.roster();
    let Some(own) = roster.device(replica.device()).filter(|own| own.kit || own.is_on_duty()) else {
        return BTreeSet::new();
    };
    roster.devices().filter(|device| device.rank > own.rank).map(|device| device.record.device).collect()
}
