//! Whose home it is, is told by database and keystore together: every pairing of what may lie in a home with what a keystore
//! may hold has a sentence of its own or opens as what it is, and whatever does not open has a way out that ends where the
//! person was: in the community, with what was not sent (T8, T9).

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use linli_core::{
    id::Reference,
    key::{MemorySecrets, SecretError, SecretStore},
    replica::{OpenError, Options, Recovered, Replica},
    roster::Role,
    store::StoreError,
};
use linli_tests::{
    Break, World, copied, meet,
    people::{LAN, WU},
    somewhere,
};
use parking_lot::Mutex;
use zeroize::Zeroizing;

use crate::say;

const KEYS: &str = "device-keys";
const WELCOME: &str = "welcome";
const TOKEN: &str = "incarnation-token";

use Says::{Damaged, Earlier, Foreign, KeysLost, Lost, Nobody, Opens, Other, Unreadable};

#[test]
#[cfg_attr(feature = "sqlcipher", ignore = "a file that is encrypted opens for its key's home alone")]
fn every_pairing_of_database_and_keystore_has_a_sentence_and_a_way_out_t8_t9() {
    let scene = scene();
    let (today, before) = (&scene.today.1, &scene.before.1);
    let databases: [(&str, Option<Vec<u8>>); 8] = [
        ("none", None),
        ("empty", Some(Vec::new())),
        ("before joining", Some(scene.before.0.clone())),
        ("yesterday's", Some(scene.yesterday.clone())),
        ("today's", Some(scene.today.0.clone())),
        ("damaged", Some(damaged(&scene.today.0))),
        ("another's", Some(scene.another.0.clone())),
        ("no database", Some(b"shopping list: rice, oil".to_vec())),
    ];
    #[rustfmt::skip]
    let keystores: [(&str, Made<'_>, [Says; 8]); 10] = [
        ("whole", of(today),
            [Lost, Lost, Earlier, Opens, Opens, Damaged, Other, Damaged]),
        ("none", Box::new(|| Keystore::of(&MemorySecrets::default())),
            [Nobody, Nobody, KeysLost, KeysLost, KeysLost, Damaged, KeysLost, Foreign]),
        ("before joining", of(before),
            [Nobody, Nobody, Nobody, KeysLost, KeysLost, Damaged, Other, Foreign]),
        ("without keys", Box::new(|| Keystore::of(today).without(KEYS)),
            [Lost, Lost, KeysLost, KeysLost, KeysLost, Damaged, KeysLost, Damaged]),
        ("without its community", Box::new(|| Keystore::of(today).without(WELCOME)),
            [Nobody, Nobody, Nobody, KeysLost, KeysLost, Damaged, Other, Foreign]),
        ("without its token", Box::new(|| Keystore::of(today).without(TOKEN)),
            [Lost, Lost, Earlier, Opens, Opens, Damaged, Other, Damaged]),
        ("with damaged keys", Box::new(|| Keystore::of(today).cut_short(KEYS)),
            [Unreadable, Unreadable, Unreadable, Unreadable, Unreadable, Damaged, Unreadable, Damaged]),
        ("with a damaged community", Box::new(|| Keystore::of(today).cut_short(WELCOME)),
            [Unreadable; 8]),
        ("sealed under a key that is gone", Box::new(|| Keystore::of(today).replaced()),
            [Unreadable; 8]),
        ("another's", of(&scene.another.1),
            [Lost, Lost, Other, Other, Other, Damaged, Opens, Damaged]),
    ];

    for (row, (keystore, made, expected)) in keystores.iter().enumerate() {
        for (column, ((database, bytes), expected)) in databases.iter().zip(expected).enumerate() {
            let pairing = format!("{keystore} beside {database}");
            let (dir, secrets) = (somewhere(), Arc::new(made()));
            if let Some(bytes) = bytes {
                fs::write(dir.path().join("linli.db"), bytes).unwrap();
            }
            let seed = 1_000 + 10 * (row * databases.len() + column) as u64;
            scene.assert_way_out(&pairing, dir.path(), &secrets, seed, *expected);
        }
    }

    assert!(scene.world.at(LAN).order(scene.unsent).is_ok(), "what was not sent came out of what was set aside");
}

impl Scene {
    #[track_caller]
    fn assert_way_out(&self, pairing: &str, dir: &Path, secrets: &Arc<Keystore>, seed: u64, expected: Says) {
        let options = |seed| Options {
            home: dir.to_owned(),
            secrets: secrets.clone(),
            seed: Some(seed),
            ..self.world.options(WU)
        };
        let (file, held) = (dir.join("linli.db"), secrets.held());
        let before = fs::read(&file).ok();
        let opened = Replica::open(options(seed));
        assert_eq!(says(&opened), expected, "{pairing}");
        let replica = match opened {
            Ok(replica) => replica,
            Err(_) => {
                assert_eq!(fs::read(&file).ok(), before, "{pairing}: the file is as it was");
                assert_eq!(secrets.held(), held, "{pairing}: the keystore is as it was");
                let recovered = Replica::recover(options(seed + 1));
                if expected == Foreign {
                    assert!(recovered.is_err(), "{pairing}: it is not set aside either");
                    return;
                }
                let (replica, Recovered { set_aside, .. }) =
                    recovered.unwrap_or_else(|error| panic!("{pairing}: {error:?}"));
                assert_eq!(set_aside.is_some(), before.is_some(), "{pairing}");
                replica
            }
        };
        self.comes_back(pairing, &replica);
        let device = replica.device();
        drop(replica);

        let replica = Replica::open(options(seed + 2)).unwrap_or_else(|error| panic!("{pairing}, again: {error:?}"));
        assert_eq!(replica.device(), device, "{pairing}");
        assert!(replica.order(self.order).is_ok(), "{pairing}, again");
    }

    /// Whoever belongs nowhere joins, is admitted if nobody knows the device, and has everything again.
    #[track_caller]
    fn comes_back(&self, pairing: &str, replica: &Replica) {
        let founder = self.world.at(LAN);
        let mut dice = self.world.dice.clone();
        if replica.community().is_none() {
            if founder.roster().device(replica.device()).is_none() {
                let id = linli_core::id::CommandId::from_bytes(rand::random());
                founder.admit(id, replica.record(), Role::Volunteer, None, None).unwrap();
            }
            replica.join(&founder.welcome().unwrap()).unwrap();
        }
        meet(replica, founder, &mut dice, Break::Never);
        replica.salvage().unwrap();
        meet(replica, founder, &mut dice, Break::Never);
        assert!(replica.is_ready(), "{pairing}");
        assert!(replica.order(self.order).is_ok(), "{pairing}");
        assert_eq!(replica.state_hash().unwrap(), founder.state_hash().unwrap(), "{pairing}");
        assert_eq!(replica.forks().unwrap(), [], "{pairing}: no place is written twice (R7)");
    }
}

/// A keystore, of which something may be lost for good though it is there.
struct Keystore {
    kept: MemorySecrets,
    lost: Mutex<BTreeSet<String>>,
}

impl Keystore {
    fn of(kept: &MemorySecrets) -> Self {
        Self { kept: copied(kept), lost: Mutex::default() }
    }

    fn without(self, name: &str) -> Self {
        self.kept.remove(name).unwrap();
        self
    }

    fn cut_short(self, name: &str) -> Self {
        let kept = self.kept.get(name).unwrap().unwrap();
        self.kept.put(name, &kept[..10]).unwrap();
        self
    }

    fn replaced(self) -> Self {
        *self.lost.lock() = self.kept.names().into_iter().collect();
        self
    }

    fn held(&self) -> Vec<(String, Vec<u8>)> {
        let one = |name: String| (name.clone(), self.kept.get(&name).unwrap().unwrap().to_vec());
        self.kept.names().into_iter().map(one).collect()
    }
}

impl SecretStore for Keystore {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        if self.lost.lock().contains(name) {
            return Err(SecretError::Lost("sealed under another key".into()));
        }
        self.kept.get(name)
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.lost.lock().remove(name);
        self.kept.put(name, secret)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.lost.lock().remove(name);
        self.kept.remove(name)
    }
}

/// How a keystore comes about, anew for each home.
type Made<'a> = Box<dyn Fn() -> Keystore + 'a>;

fn of(secrets: &MemorySecrets) -> Made<'_> {
    Box::new(move || Keystore::of(secrets))
}

/// What is said of a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// It opens, in its community.
    Opens,
    /// It opens, and belongs nowhere.
    Nobody,
    Lost,
    Earlier,
    KeysLost,
    Unreadable,
    Other,
    Damaged,
    Foreign,
}

fn says(opened: &Result<Replica, OpenError>) -> Says {
    match opened {
        Ok(replica) if replica.community().is_some() => Opens,
        Ok(_) => Nobody,
        Err(OpenError::DatabaseLost) => Lost,
        Err(OpenError::DatabaseEarlier) => Earlier,
        Err(OpenError::KeysLost) => KeysLost,
        Err(OpenError::Keys(_) | OpenError::Secret(SecretError::Lost(_))) => Unreadable,
        Err(OpenError::OtherDevice) => Other,
        Err(OpenError::Store(StoreError::Damaged { .. })) => Damaged,
        Err(OpenError::Store(StoreError::Foreign)) => Foreign,
        Err(other) => panic!("{other:?} says nothing of whose home it is"),
    }
}

/// A phone's parts at several times, beside a founder who is always there.
struct Scene {
    world: World,
    order: Reference,
    /// Written on the phone, and on no other.
    unsent: Reference,
    before: (Vec<u8>, MemorySecrets),
    yesterday: Vec<u8>,
    today: (Vec<u8>, MemorySecrets),
    another: (Vec<u8>, MemorySecrets),
}

fn parts(world: &mut World, phone: usize) -> (Vec<u8>, MemorySecrets) {
    world.close(phone);
    let parts = (fs::read(world.home(phone).join("linli.db")).unwrap(), copied(world.secrets(phone)));
    world.open(phone);
    parts
}

fn scene() -> Scene {
    let mut world = World::community(71, 0);
    let phone = world.phone();
    let before = parts(&mut world, phone);
    let (id, welcome) = (world.command(), world.at(LAN).welcome().unwrap());
    world.at(LAN).admit(id, world.at(phone).record(), Role::Volunteer, None, None).unwrap();
    world.at(phone).join(&welcome).unwrap();
    let another = world.join(LAN, Role::Volunteer);
    let order = say::post(&mut world, LAN);
    world.settle();
    for _ in 0..20 {
        say::post(&mut world, phone);
    }
    world.settle();
    let (yesterday, _) = parts(&mut world, phone);
    let unsent = say::post(&mut world, phone);
    let today = parts(&mut world, phone);
    let another = {
        let parts = parts(&mut world, another);
        world.close(another);
        parts
    };
    world.close(phone);
    Scene { world, order, unsent, before, yesterday, today, another }
}

/// The file with noise where its middle was.
fn damaged(whole: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let pages = bytes.len() / 4096;
    bytes[pages * 2 / 5 * 4096..pages * 7 / 10 * 4096].fill(0x5a);
    bytes
}
