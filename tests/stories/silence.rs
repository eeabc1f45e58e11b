//! No personal data in logs, at any level: two days of a community, with refusals, a broken contact, TLS and a recovery, and
//! every line that anybody logs is searched for what people wrote.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use linli_core::{
    aggregate::order::{NewItem, NewOrder, Order},
    id::CommandId,
    net::Expected,
    replica::{OrderFilter, Replica},
};
use linli_tests::{
    Break, World,
    trace::{Op, Trace},
};
use parking_lot::Mutex;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::say::Wish;

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

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = |chunk: &[u8]| {
        chunk.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at))
    };
    let digits = |chunk: &[u8]| {
        let bits = bits(chunk);
        (0..=chunk.len()).map(move |at| DIGITS[(bits >> (18 - 6 * at)) as usize & 63] as char).collect::<String>()
    };
    bytes.chunks(3).map(digits).collect()
}

/// How a text may stand in a log: as it is, escaped, in hexadecimal or base64 at any offset, in UTF-16.
fn shapes(text: &str) -> Vec<String> {
    let wide: Vec<u16> = text.encode_utf16().collect();
    let escaped = |digits: fn(u16) -> String| wide.iter().map(|unit| digits(*unit)).collect::<String>();
    let wide_bytes: Vec<u8> = wide.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let mut shapes = vec![text.to_owned(), String::from_utf8_lossy(&wide_bytes).into_owned()];
    if !text.is_ascii() {
        shapes.push(text.escape_unicode().to_string());
        shapes.push(escaped(|unit| format!("\\u{unit:04x}")));
        shapes.push(escaped(|unit| format!("\\u{unit:04X}")));
        shapes.push(text.bytes().map(|byte| format!("\\x{byte:02x}")).collect());
    }
    for bytes in [text.as_bytes(), &wide_bytes] {
        shapes.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        shapes.push(bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "));
        for offset in 0..3 {
            let padded = [vec![0; offset], bytes.to_vec()].concat();
            // What stands beside the text changes the digits at both ends.
            let (text, begin) = (base64(&padded), [0, 2, 3][offset]);
            let whole = padded.len() / 3 * 4;
            shapes.extend((whole > begin + 4).then(|| text[begin..whole].to_owned()));
        }
    }
    shapes
}

/// What of these texts stands in a log, in any shape.
fn told<'a>(log: &str, texts: &'a BTreeSet<String>) -> Vec<&'a str> {
    let tells = |text: &&String| shapes(text).iter().any(|shape| log.contains(shape.as_str()));
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
        world.at(nth % 3).submit::<Order>(id, None, Wish::Post(Box::new(order))).unwrap();
        if nth % 16 == 0 {
            world.meet(0, 1, Break::After(3_000));
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

/// The same phones over TLS, as over a pipe of the app's own.
fn over_tls(world: &World) {
    let expected = Expected::Device(world.device(1));
    let mut ends = [world.at(0).dial_pipe(expected).unwrap(), world.at(1).accept_pipe().unwrap()];
    let mut silent = 0;
    while silent < 2 {
        for from in [0, 1] {
            let sent = ends[from].send(700).unwrap();
            silent = if sent.is_empty() { silent + 1 } else { 0 };
            ends[1 - from].receive(&sent).unwrap();
        }
    }
}

#[test]
fn nothing_that_people_write_is_ever_logged_at_any_level() {
    let ear = Ear::default();
    let heard = ear.heard.clone();
    let texts = tracing::subscriber::with_default(ear, || {
        let mut world = World::community(1, 2);
        let mut texts = two_days(&mut world);
        let order = world.at(0).board(&OrderFilter::default()).unwrap().items[0].order;
        // Refusals and errors say what they refuse to people, not to logs.
        let secret = "寻人启事玖玖".to_owned();
        let id = CommandId::from_bytes([1; 16]);
        let wrong = NewOrder { kind: secret.clone(), room: Some(secret.clone()), ..crate::say::order() };
        let refused = world.at(1).submit::<Order>(id, None, Wish::Post(Box::new(wrong))).unwrap_err();
        tracing::error!(error = ?order, "a refusal was met");
        assert!(!refused.to_string().is_empty());
        assert!(world.at(2).import_bundle(secret.as_bytes(), |_| {}).is_err());
        assert!(world.at(2).search(&secret, 5).unwrap().is_empty());
        texts.insert(secret);
        over_tls(&world);
        world.settle();
        world.close(2);
        let (replica, _) = Replica::recover(world.options(2)).unwrap();
        world.put(2, replica);
        world.settle();
        world.at(0).erase(id, &[order]).unwrap();
        world.pass(73 * 60);
        world.at(0).tend().unwrap();
        world.settle();
        world.assert_equal();
        texts
    });

    let log = heard.lock().clone();
    assert!(texts.len() > 30, "{}", texts.len());
    assert!(log.contains("a refusal was met"), "the ear hears");
    assert_eq!(told(&log, &texts), [""; 0]);
    // The search finds whatever is planted, in every shape.
    let note = texts.iter().find(|text| text.chars().count() > 6).unwrap();
    for shape in shapes(note) {
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
