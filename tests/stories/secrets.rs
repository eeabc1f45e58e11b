//! Secrets stand in nothing that is printed: no `Debug` of what holds them, no error that they cause.

use std::{fmt::Debug, sync::Arc};

use linli_core::{
    id::CommunityId,
    key::{
        Compartment, DeviceKeys, EpochKey, KitLanguage, KitWords, MemorySecrets, SecretStore, TopicKey, unwrap, wrap,
    },
    net::JoinConnection,
    replica::{Options, Replica, Welcome},
    roster::{
        Role,
        invite::{Ear, Invitation, InviteSecret, Inviter, Offer, Said, first_words},
    },
    store::DirSecrets,
    time::Mono,
};
use linli_tests::World;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use zeroize::Zeroizing;

use crate::shapes;

#[test]
fn what_holds_a_secret_does_not_print_it() {
    let dice = &mut ChaCha20Rng::seed_from_u64(1);
    let mut searched = Searched::default();
    let epoch = EpochKey::generate(dice, CommunityId::ZERO, Compartment::Community);
    let (keys, topic) = (DeviceKeys::generate(dice), TopicKey::generate(dice));
    let (kit, connection, shown): (_, [u8; 32], [u8; 16]) = (KitWords::generate(dice), dice.random(), dice.random());
    let secret = InviteSecret::from_bytes(shown);
    searched.secret("device keys", &keys.to_secret());
    searched.secret("epoch key", epoch.as_secret());
    searched.secret("topic key", topic.as_secret());
    searched.secret("keys of the kit", &kit.keys().to_secret());
    searched.secret("secret of an invitation", &shown);
    searched.secret("secret of a connection", &connection);
    for language in [KitLanguage::English, KitLanguage::Chinese] {
        searched.words.extend(kit.words(language).windows(2).map(|two| two.join(" ")));
    }

    for value in
        [&keys as &dyn Debug, &keys.tls(), &epoch, &topic, &kit, &kit.keys(), &secret, &topic.beacon([1; 8], b"")]
    {
        searched.debug(value);
    }
    searched.debug(&invitation(&secret, &keys));
    searched.debug(&first_words(&invitation(&secret, &keys), keys.record(), &connection));
    searched.debug(&JoinConnection { device: keys.device(), connection });
    let welcome = Said::Welcome { community: CommunityId::ZERO, topic_key: Zeroizing::new(*topic.as_secret()) };
    searched.debug(&welcome);
    let mut ear = Ear::default();
    let bytes = welcome.to_bytes();
    assert_eq!(ear.hear(&bytes[..60]), Ok(Vec::new()));
    searched.debug(&ear);
    searched.debug(&ear.hear(&bytes[60..]));
    let mut inviter = Inviter::default();
    inviter.lay_out(invitation(&secret, &keys), Offer { role: Role::Volunteer, member: None, name: None }, Mono(0));
    searched.debug(&inviter);
    searched.debug(&wrap(dice, keys.device(), &keys.record().sealing, b"a purpose", epoch.as_secret()).unwrap());
    let text = format!("linli:{}:{}", CommunityId::ZERO, hex::encode(topic.as_secret()));
    searched.debug(&text.parse::<Welcome>().unwrap());

    assert!(searched.printed.iter().all(|printed| !printed.is_empty()));
    assert_eq!(searched.found(), [""; 0]);
    // The search finds what is planted, in every shape.
    for shape in shapes::of_bytes(&shown[..8]) {
        searched.printed.push(format!("InviteSecret({shape})"));
        assert_eq!(searched.found(), ["secret of an invitation"], "{shape}");
        searched.printed.pop();
    }
}

#[test]
fn an_error_says_nothing_of_the_secret_that_caused_it() {
    let dice = &mut ChaCha20Rng::seed_from_u64(2);
    let mut searched = Searched::default();
    let (keys, other, kit) = (DeviceKeys::generate(dice), DeviceKeys::generate(dice), KitWords::generate(dice));
    let epoch = EpochKey::generate(dice, CommunityId::ZERO, Compartment::Community);
    let topic = TopicKey::generate(dice);
    let secret = InviteSecret::generate(dice);
    searched.secret("device keys", &keys.to_secret());
    searched.secret("epoch key", epoch.as_secret());
    searched.secret("topic key", topic.as_secret());
    let words = kit.words(KitLanguage::English);
    searched.words.extend(words.windows(2).map(|two| two.join(" ")));

    searched.error(DeviceKeys::from_slice(&keys.to_secret()[1..]));
    for wrong in [words[1..].join(" "), words.join(" ") + "s", [&words[1..], &words[..1]].concat().join(" ")] {
        searched.error(wrong.parse::<KitWords>());
    }
    let shown = invitation(&secret, &keys).to_string();
    searched.words.push(shown[40..].to_owned());
    searched.error(shown[..shown.len() - 1].parse::<Invitation>());
    searched.error(shown[1..].parse::<Invitation>());
    let welcome = format!("linli:{}:{}", CommunityId::ZERO, hex::encode(topic.as_secret()));
    searched.error(welcome[..welcome.len() - 2].parse::<Welcome>());
    let wrapped = wrap(dice, keys.device(), &keys.record().sealing, b"a purpose", epoch.as_secret()).unwrap();
    searched.error(unwrap(&other, b"a purpose", &wrapped));
    searched.error(wrap(dice, keys.device(), &[0; 32], b"a purpose", epoch.as_secret()));
    let tag = topic.tag("common");
    searched.error(epoch.open(tag, b"place", b"header", &[1; 40]));
    let mut ear = Ear::default();
    searched.error(ear.hear(&keys.to_secret()));

    assert_eq!(searched.found(), [""; 0]);
}

#[test]
fn a_replica_and_its_keystore_print_and_say_nothing_of_what_is_kept() {
    let mut world = World::seeded(3);
    let (founder, new) = (world.phone(), world.phone());
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    let mut searched = Searched::default();
    for name in world.secrets(founder).names() {
        searched.secret("kept by the founder", &world.secrets(founder).get(&name).unwrap().unwrap());
    }
    searched.secret("keys of the kit", &kit.keys().to_secret());
    assert!(searched.secrets.len() >= 4);

    let shown =
        world.at(founder).invite(Offer { role: Role::Volunteer, member: None, name: None }, Vec::new()).unwrap();
    searched.words.push(shown.to_string()[60..].to_owned());
    let asking = world.at(new).ask(shown).unwrap();
    searched.debug(&asking);
    searched.debug(&asking.state());
    searched.debug(&world.at(founder).inviting());
    searched.debug(&world.at(founder).welcome().unwrap());
    searched.debug(&world.at(founder).dial_pipe(asking.peer()).unwrap());
    searched.error(world.at(founder).found(None));
    let elsewhere = world.phone();
    world.at(elsewhere).found(None).unwrap();
    searched.error(world.at(elsewhere).recover_with_kit(&kit, &world.at(founder).welcome().unwrap()));
    let recovery = world.at(new).recover_with_kit(&kit, &world.at(founder).welcome().unwrap()).unwrap();
    searched.debug(&recovery);
    searched.error(recovery.finish(None, None));
    drop(recovery);
    world.close(founder);
    // A keystore that lost half of each secret, one after the other, and one that gives everything away when it fails.
    for name in world.secrets(founder).names() {
        let half = linli_tests::copied(world.secrets(founder));
        let whole = half.get(&name).unwrap().unwrap();
        half.put(&name, &whole[..whole.len() / 2]).unwrap();
        let opened = Replica::open(Options { secrets: Arc::new(half), ..world.options(founder) });
        if let Err(error) = opened {
            searched.error(Err::<(), _>(error));
        }
    }
    searched.error(Replica::open(Options { secrets: Arc::new(MemorySecrets::default()), ..world.options(founder) }));
    searched.debug(&DirSecrets::open(&world.home(founder).join("secrets")).unwrap());

    assert_eq!(searched.found(), [""; 0]);
}

/// What was printed, and what must not stand in it.
#[derive(Default)]
struct Searched {
    printed: Vec<String>,
    secrets: Vec<(&'static str, Vec<u8>)>,
    words: Vec<String>,
}

impl Searched {
    fn secret(&mut self, name: &'static str, bytes: &[u8]) {
        self.secrets.push((name, bytes.to_vec()));
    }

    fn debug(&mut self, value: &dyn Debug) {
        self.printed.extend([format!("{value:?}"), format!("{value:#?}").replace([' ', '\n'], "").replace(',', ", ")]);
    }

    /// What somebody would log of a failure: the error, and where it came from.
    fn error<T>(&mut self, failed: Result<T, impl std::error::Error>) {
        let error = failed.err().expect("it fails");
        self.debug(&error);
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(one) = cause {
            self.printed.push(one.to_string());
            cause = one.source();
        }
    }

    /// Secrets of which any eight bytes were printed, by name, and words.
    fn found(&self) -> Vec<String> {
        let all = self.printed.join("\n");
        let tells = |bytes: &[u8]| shapes::of_bytes(bytes).iter().any(|shape| all.contains(shape.as_str()));
        let told = self.secrets.iter().filter(|(_, bytes)| bytes.chunks_exact(8).any(tells));
        let told = told.map(|(name, _)| (*name).to_owned());
        told.chain(self.words.iter().filter(|words| all.contains(words.as_str())).cloned()).collect()
    }
}

fn invitation(secret: &InviteSecret, keys: &DeviceKeys) -> Invitation {
    Invitation {
        community: CommunityId::ZERO,
        device: keys.device(),
        secret: secret.clone(),
        role: Role::Volunteer,
        addresses: Vec::new(),
    }
}
