//! No personal data in logs, at any level: a community from its founding on, with an invitation over real sockets, two days
//! of orders, a take-over, a box, an alert, refusals, a broken contact, a recovery, a withdrawal, an erasure and a bundle;
//! and every line that anybody logs is searched for what people wrote.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use linli_core::{
    aggregate::{
        alert::{Alert, AlertCommand},
        medicine_box::{Command as BoxCommand, Portion, Room, What as Taken, When},
        order::{NewItem, NewOrder, Order},
    },
    id::{CommandId, Reference},
    net::{Conversation, Expected, NodeOptions},
    replica::{Asked, OrderFilter, Replica, What},
    roster::{
        Revocation, Role, Who,
        invite::{Inviting, Offer},
    },
};
use linli_tests::{
    Break, World,
    people::{LAN, MEI, WU, ZHAO},
    trace::{Op, Trace},
};
use parking_lot::Mutex;
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    dispatcher::set_default,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::{
    say::{self, Command},
    shapes,
};

/// Names, a phone and a place that are nowhere in the recording.
const FOUNDER: &str = "夏岚岚组长";
const NEWCOMER: &str = "吴秀英大姐";
const CONTACT: &str = "柳先生 13900007788";
const ALERT: &str = "老人在浴室摔倒起不来";
const COMMENT: &str = "药放在门口鞋柜上面";
const MEDICINE: &str = "复方甘草口服溶液";
const PLACE: &str = "物业值班室左手柜";
const ROOM: &str = "叠翠苑2719";

#[test]
fn nothing_that_people_write_is_ever_logged_at_any_level() {
    let ear = Ear::default();
    let heard = ear.heard.clone();
    let runtime = runtime(&ear);
    let texts = tracing::subscriber::with_default(ear, || {
        let mut world = World::seeded(1);
        let founder = world.phone();
        let (_, kit) = world.at(founder).found_with_kit(Some(FOUNDER.into())).unwrap();
        world.join(founder, Role::Volunteer);
        world.join(founder, Role::Volunteer);
        world.settle();
        let mut texts = two_days(&mut world);
        texts.extend([FOUNDER, NEWCOMER, CONTACT, ALERT, COMMENT, MEDICINE, PLACE, ROOM].map(str::to_owned));
        texts.insert(kit.words(linli_core::key::KitLanguage::Chinese).concat());
        texts.insert(kit.words(linli_core::key::KitLanguage::English).join(" "));
        runtime.block_on(invite(&mut world));
        neighbours(&mut world);
        world.settle();
        coordinators(&mut world);
        let order = world.at(LAN).board(&OrderFilter::default()).unwrap().items[0].order;
        // Refusals and errors say what they refuse to people, not to logs.
        let secret = "寻人启事玖玖".to_owned();
        let id = CommandId::from_bytes([1; 16]);
        let wrong = NewOrder { kind: secret.clone(), room: Some(secret.clone()), ..crate::say::order() };
        let refused = world.at(WU).submit::<Order>(id, None, Command::Post(Box::new(wrong))).unwrap_err();
        tracing::error!(error = ?order, "a refusal was met");
        assert!(!refused.to_string().is_empty());
        assert!(world.at(MEI).import_bundle(secret.as_bytes(), |_| {}).is_err());
        assert!(world.at(MEI).search(&secret, None, 5).unwrap().items.is_empty());
        texts.insert(secret);
        over_tls(&world);
        world.close(ZHAO);
        meet_all(&mut world);
        world.close(MEI);
        let (replica, _) = Replica::recover(world.options(MEI)).unwrap();
        world.put(MEI, replica);
        meet_all(&mut world);
        world.at(LAN).erase(id, &[order]).unwrap();
        world.pass(73 * 60);
        assert!(world.at(LAN).tend().unwrap().forgotten > 0);
        meet_all(&mut world);
        let [one, other] = [LAN, WU].map(|phone| world.at(phone).state_hash().unwrap());
        assert_eq!(one, other);
        texts
    });
    drop(runtime);

    let log = heard.lock().clone();
    assert!(texts.len() > 30, "{}", texts.len());
    assert!(log.contains("a refusal was met"), "the ear hears");
    assert!(log.lines().count() > 20, "sockets say something: {log}");
    assert_eq!(told(&log, &texts), [""; 0]);
    // The search finds whatever is planted, in every shape.
    let note = texts.iter().find(|text| text.chars().count() > 6).unwrap();
    for shape in shapes::of_text(note) {
        assert!(told(&format!("{log} a line with {shape} in it"), &texts).contains(&note.as_str()), "{shape}");
    }
    let planted = Ear::default();
    let heard = planted.heard.clone();
    tracing::subscriber::with_default(
        planted,
        || tracing::trace!(note = ?NewOrder { note: Some(note.clone()), ..crate::say::order() }, "an order"),
    );
    assert!(told(&heard.lock(), &texts).contains(&note.as_str()));
}

/// Hears every line and every span of this thread.
#[derive(Clone, Default)]
struct Ear {
    heard: Arc<Mutex<String>>,
    next: Arc<AtomicU64>,
}

struct Words<'a>(&'a mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _infallible = write!(self.0, "{field}={value:?} ");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _infallible = write!(self.0, "{field}={value} ");
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Words(&mut self.heard.lock()));
        Id::from_u64(self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, record: &Record<'_>) {
        record.record(&mut Words(&mut self.heard.lock()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut heard = self.heard.lock();
        event.record(&mut Words(&mut heard));
        heard.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What of these texts stands in a log, in any shape.
fn told<'a>(log: &str, texts: &'a BTreeSet<String>) -> Vec<&'a str> {
    let tells = |text: &&String| shapes::of_text(text).iter().any(|shape| log.contains(shape.as_str()));
    texts.iter().filter(tells).map(String::as_str).collect()
}

/// Two days of the recording on three phones: everything people wrote.
fn two_days(world: &mut World) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/month.jsonl.gz");
    let trace = Trace::open(&path).unwrap();
    let begin = trace.actions[0].t;
    let mut texts = BTreeSet::new();
    let posts = trace.actions.into_iter().take_while(|action| action.t < begin + 2 * 24 * 60 * 60 * 1_000);
    for (nth, action) in posts.enumerate() {
        let Op::Post(post) = action.op else { continue };
        let items =
            post.items.iter().map(|item| NewItem { name: item.name.clone(), qty: None, unit: None, product: None });
        let order = NewOrder {
            building: post.building.clone(),
            unit: Some(post.unit.clone()),
            room: Some(post.room.clone()),
            kind: post.kind.clone(),
            contact: Some(post.contact.clone()),
            note: Some(post.note.clone()).filter(|note| !note.is_empty()),
            items: items.collect(),
            ..NewOrder::default()
        };
        let id = world.command();
        world.at(nth % 3).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap();
        if nth % 16 == 0 {
            world.meet(LAN, WU, Break::After(3_000));
            world.settle();
        }
        let words = post.contact.split(' ').map(str::to_owned);
        texts.extend(words.chain(post.items.iter().map(|item| item.name.clone())));
        texts.extend([post.note.clone(), format!("{}-{}-{}", post.building, post.unit, post.room)]);
    }
    // Of one or two characters anything may consist.
    texts.retain(|text| text.chars().count() > 2);
    texts
}

/// All who were not withdrawn meet.
fn meet_all(world: &mut World) {
    for _ in 0..2 {
        for phone in [WU, MEI] {
            world.meet(LAN, phone, Break::Never);
        }
    }
}

/// The same phones over TLS, as over a pipe of the app's own.
fn over_tls(world: &World) {
    let expected = Expected::Device(world.device(WU));
    let mut ends = [world.at(LAN).dial_pipe(expected).unwrap(), world.at(WU).accept_pipe().unwrap()];
    let mut silent = 0;
    while silent < 2 {
        for from in [0, 1] {
            let sent = ends[from].send(700).unwrap();
            silent = if sent.is_empty() { silent + 1 } else { 0 };
            ends[1 - from].receive(&sent).unwrap();
        }
    }
}

/// Whoever runs for this world is heard: this thread, and those of its runtime.
fn runtime(ear: &Ear) -> tokio::runtime::Runtime {
    let heard = Dispatch::new(ear.clone());
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let listen = move || std::mem::forget(set_default(&heard));
    builder.worker_threads(1).enable_all().on_thread_start(listen).build().unwrap()
}

/// Time passes on the world's clock until something holds.
async fn until(world: &World, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        world.clock.advance(Duration::from_millis(5));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A newcomer is invited, let in and synced with, over sockets of this machine, while nodes look after the rest.
async fn invite(world: &mut World) {
    let here = || NodeOptions { listen: Some("127.0.0.1:0".parse().unwrap()), nearby: false, ..NodeOptions::default() };
    let new = world.phone();
    let node = world.at(LAN).start_node(here()).unwrap();
    let at = format!("127.0.0.1:{}", node.port()).parse().unwrap();
    let offer = Offer { role: Role::Volunteer, member: None, name: Some(NEWCOMER.to_owned()) };
    let invitation = world.at(LAN).invite(offer, vec![at]).unwrap();
    let asking = world.at(new).ask(invitation).unwrap();
    let asks = asking.start_node(&[]).unwrap();
    until(world, "they compare", || matches!(world.at(LAN).inviting(), Inviting::Comparing { .. })).await;
    let Inviting::Comparing { digits, .. } = world.at(LAN).inviting() else { panic!("somebody asks") };
    world.at(LAN).confirm(digits).unwrap();
    until(world, "the welcome arrives", || matches!(asking.state(), Asked::Joined(_))).await;
    asks.shutdown().await;
    let syncs = world.at(new).start_node(here()).unwrap();
    syncs.dial(&[at], asking.peer()).unwrap();
    until(world, "the first sync", || world.at(new).is_ready()).await;
    syncs.shutdown().await;
    node.shutdown().await;
}

/// What neighbours do beside posting: an order changes hands, a box is used, somebody calls for help.
fn neighbours(world: &mut World) -> Reference {
    let order = NewOrder { contact: Some(CONTACT.into()), room: Some(ROOM.into()), ..say::order() };
    let order = say::submit(world, WU, None, Command::Post(Box::new(order))).unwrap().aggregate;
    world.settle();
    for (phone, command) in [
        (1, Command::Claim),
        (2, Command::TakeOver { anyway: true }),
        (2, Command::Comment { text: COMMENT.into() }),
        (2, Command::Release { why: Some(COMMENT.into()) }),
    ] {
        say::submit(world, phone, Some(order), command).unwrap();
        world.settle();
    }
    let [product, medicine_box, lot] = say::stocked(world, LAN, MEDICINE, PLACE);
    world.settle();
    let take = |qty: i64| BoxCommand::Take {
        what: Taken::Product { product, qty: qty.into(), unit: None },
        room: Some(Room { building: "3".into(), unit: String::new(), room: ROOM.into() }),
        order: Some(order),
        override_reason: None,
        when: When::default(),
    };
    say::in_box(world, WU, Some(medicine_box), take(2)).unwrap();
    assert!(say::in_box(world, WU, Some(medicine_box), take(500)).is_err(), "there are not so many");
    let count = BoxCommand::Count { parts: vec![Portion { lot, qty: 7.into() }], blind: false, when: When::default() };
    say::in_box(world, LAN, Some(medicine_box), count).unwrap();
    let raise = AlertCommand::Raise {
        what: "fall".into(),
        building: Some("3".into()),
        unit: None,
        room: Some(ROOM.into()),
        text: Some(ALERT.into()),
        contact: Some(CONTACT.into()),
    };
    let id = world.command();
    let alert = world.at(MEI).submit::<Alert>(id, None, raise).unwrap().aggregate;
    world.settle();
    let id = world.command();
    world
        .at(WU)
        .submit::<Alert>(
            id,
            Some(alert),
            AlertCommand::HandToAmbulance { note: Some(ALERT.into()), already_happened: true },
        )
        .unwrap();
    order
}

/// Somebody is withdrawn, a room is erased, a bundle is carried, and upkeep follows.
fn coordinators(world: &mut World) {
    let (id, gone) = (world.command(), world.device(ZHAO));
    assert!(world.at(WU).revoke(id, Revocation::of(Who::Device(gone))).is_err(), "a volunteer's phone asks in vain");
    let id = world.command();
    world.at(LAN).revoke(id, Revocation::of(Who::Device(gone))).unwrap();
    assert_eq!(world.at(LAN).tend().unwrap(), linli_core::replica::Tended::default(), "it was done along with it");
    assert!(world.at(LAN).export_about("3", None, ROOM).unwrap().contains(CONTACT));
    assert!(world.at(WU).about("3", None, ROOM).is_err());
    let id = world.command();
    world.at(LAN).erase_about(id, "3", None, ROOM).unwrap();
    let mut bundle = Vec::new();
    world.at(LAN).export_bundle(What::All, &mut bundle, |_| {}).unwrap();
    world.at(WU).import_bundle(bundle.as_slice(), |_| {}).unwrap();
    let torn = &bundle[..bundle.len() / 2];
    let _torn = world.at(MEI).import_bundle(torn, |_| {});
}
