//! The tables of `core/FORMAT.md`, held to what the code declares. Its byte examples are held by the engine's own tests.

#![expect(clippy::expect_used, reason = "a test that finds no table has failed")]

use std::collections::BTreeMap;

use data_encoding::BASE32_NOPAD;
use linli_core::{
    aggregate::{
        FieldSpec, Registry, Schema, encode,
        medicine_box::{self, Goods, Part, Room},
        order::Got,
    },
    event::{Body, Edit, Scalar, Topic},
    id::{CommunityId, DeviceId, LogId, Reference, ShortId, TopicTag},
    key::{DeviceKeys, KitWords, TopicKey},
    limits,
    roster::{
        Cut, CutHead, Need, RelayCard, RelayPass, Role, RosterEvent, SealedParent, TABLE,
        invite::{Digits, Invitation, InviteSecret, Said, Turned, first_words},
    },
    time::WallMs,
    vocabulary::{Param, Says, Terms},
};

const FORMAT: &str = include_str!("../../core/FORMAT.md");
/// Limits that no other device can tell: how much one does in one go, how often, and what it keeps for itself.
const WITHIN: [&str; 35] = [
    "ROOM_PARTS",
    "ROOM_TOLD",
    "TOLD_OF_ONE",
    "TEND_MS",
    "HEAL_MS",
    "TEND_SOON_MS",
    "FREED",
    "WAITS_BEHIND",
    "RUN",
    "UNANSWERED",
    "PUSHED",
    "OWN_UNHEARD",
    "MINUTE_MS",
    "KEYS_APART",
    "WRONG_HOLDERS",
    "TOGETHER",
    "CHAIN_PLACES",
    "CHAINS_LAID_OUT",
    "CHAINS_EARLIER",
    "HEADS_MARKED",
    "HEADS_TRIED",
    "ENDS_APART",
    "ERASING_LOGS",
    "ORDERS_WEIGHED",
    "WAITERS",
    "WAITS_WALKED",
    "WARM",
    "UPDATES_BEHIND",
    "OWN_LACKING",
    "NEWER_COUNTED",
    "MOVES_FOLLOWED",
    "ANNOUNCED",
    "PULLED",
    "ACKNOWLEDGED",
    "DATAGRAMS",
];

#[test]
fn kinds_are_as_the_format_page_says() {
    let registry = Registry::default();
    let made: Vec<String> = registry
        .kinds()
        .map(|(of, spec)| {
            let creates = if spec.creates { "yes" } else { "no" };
            let needs = needs(spec.need);
            format!("{:#06x} | {of} | `{}` | {} | {needs} | {creates}", spec.kind, spec.code, spec.version)
        })
        .collect();

    same(&documented("| kind | of | code | version | needs any of | creates | payload |", 6), &made);
}

#[test]
fn roster_events_are_as_the_format_page_says() {
    let row = |spec: &linli_core::roster::RosterSpec| {
        format!("{} | `{}` | {} | {}", spec.kind, spec.code, spec.version, needs(spec.need))
    };
    let made: Vec<String> = TABLE.iter().map(row).collect();

    same(&documented("| kind | code | version | needs any of | payload |", 4), &made);
}

fn numbered(fields: &[FieldSpec]) -> String {
    let field = |spec: &FieldSpec| format!("{} {}", spec.field, spec.name);
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}

#[test]
fn documents_are_as_the_format_page_says() {
    let registry = Registry::default();
    let made = registry.schemas().map(|(of, Schema { fields, lists })| {
        let lists = lists.iter().map(|list| format!("{} {}: {}", list.list, list.name, numbered(list.fields)));
        format!("{of} | {} | {}", numbered(fields), lists.collect::<Vec<_>>().join("; "))
    });

    same(&documented("| of | fields | lists |", 3), &made.collect::<Vec<_>>());
}

#[test]
fn limits_are_as_the_format_page_says() {
    let (within, known): (Vec<_>, Vec<_>) = limits::ALL.iter().partition(|(name, _)| WITHIN.contains(name));
    let sorted = |mut rows: Vec<String>| {
        rows.sort();
        rows
    };

    assert_eq!(within.len(), WITHIN.len(), "only {within:?}");
    let made = known.into_iter().map(|(name, value)| format!("`{name}` | {value}"));
    same(&sorted(documented("| limit | value | of |", 2)), &sorted(made.collect()));
}

#[test]
fn a_beacon_is_as_the_format_page_says() {
    assert_eq!(TopicKey::from_bytes([1; 32]).beacon([3; 8], b"").to_string(), example("beacon"));
}

/// The digits of an example, comments and spaces taken out.
fn example(name: &str) -> String {
    let (_, behind) = FORMAT.split_once(&format!("```hex {name}\n")).expect("the example stands there");
    let lines = behind.lines().take_while(|line| !line.starts_with("```"));
    lines.flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace()).collect()
}

/// The device of the page.
fn device_keys() -> DeviceKeys {
    let bytes: Vec<u8> = (0..64).collect();
    DeviceKeys::from_slice(&bytes).expect("64 bytes")
}

/// The one of the page: everything in it is a byte over and over.
fn invitation() -> Invitation {
    Invitation {
        community: CommunityId::from_bytes([0x11; 32]),
        device: DeviceId::from_bytes([0x22; 32]),
        secret: InviteSecret::from_bytes([0x44; 16]),
        role: Role::Volunteer,
        addresses: ["192.168.1.7:4711", "[2001:db8::1]:4711"].map(|at| at.parse().expect("an address")).to_vec(),
    }
}

#[test]
fn an_invitation_is_as_the_format_page_says() {
    let text = invitation().to_string();
    let letters = text.strip_prefix("LINLI:").expect("it begins so");

    let bytes = BASE32_NOPAD.decode(letters.as_bytes()).expect("it is base32");

    assert_eq!(hex::encode(bytes), example("invitation"));
    assert_eq!(text.len(), 6 + 180, "a QR code of 49 by 49 holds 279 capitals and digits");
}

#[test]
fn texts_for_relays_are_as_the_format_page_says() {
    let card = RelayCard { record: device_keys().record(), addresses: vec!["relay.example:4433".to_owned()] };
    let tags = Topic::ALL.into_iter().zip(1..).map(|(topic, byte)| (topic, TopicTag::from_bytes([byte; 16])));
    let pass = RelayPass {
        community: CommunityId::from_bytes([0x11; 32]),
        device: DeviceId::from_bytes([0x22; 32]),
        tags: tags.collect(),
    };

    for (name, prefix, text) in
        [("relay-card", "LINLI-RELAY:", card.to_string()), ("relay-pass", "LINLI-ALLOW:", pass.to_string())]
    {
        let letters = text.strip_prefix(prefix).expect("it begins so");
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).expect("it is base32");
        assert_eq!(hex::encode(bytes), example(name), "{name}");
    }
}

#[test]
fn what_is_said_at_the_door_is_as_the_format_page_says() {
    let (record, connection) = (device_keys().record(), [0x88; 32]);
    let welcome = Said::Welcome { community: CommunityId::from_bytes([0x11; 32]), topic_key: [0x99; 32].into() };

    let ask = first_words(&invitation(), record, &connection);

    for (name, said) in
        [("ask", ask), ("compare", Said::Compare), ("welcome", welcome), ("no", Said::No(Turned::WrongProof))]
    {
        assert_eq!(hex::encode(&*said.to_bytes()), example(name), "{name}");
    }
    let digits = Digits::of(&connection, &record);
    assert!(FORMAT.contains(&format!("the digits are `{digits}`")), "{digits}");
}

#[test]
fn a_kit_is_as_the_format_page_says() {
    let words = "abandon ".repeat(23) + "art";
    assert!(FORMAT.contains("`abandon`, 23 times, and `art`"));

    let kit: KitWords = words.parse().expect("32 bytes of zero");

    assert_eq!(hex::encode(&*kit.keys().to_secret()), example("kit"));
}

#[test]
fn a_quantity_stands_in_thousandths() {
    let lot = Reference { log: LogId::from_bytes([1; 16]), seq: 3, check: ShortId::from_bytes([2; 16]) };

    let taken = |qty: &str| hex::encode(encode(&Part { lot, qty: qty.parse().expect("a quantity") }));

    assert_eq!(taken("2"), example("two tablets of a lot"));
    assert_eq!(taken("0.5"), example("half a tablet of it"));
}

#[test]
fn a_number_that_is_not_whole_stands_in_thousandths_in_an_edit() {
    let fields =
        vec![(1, Scalar::from("flour")), (2, Scalar::Fraction("1.5".parse().expect("a quantity"))), (3, "kg".into())];
    let body = Body {
        aggregate: None,
        deps: Vec::new(),
        wall: WallMs(1_650_000_000_000),
        kind: 0x0100,
        version: 1,
        payload: Vec::new(),
        edits: vec![Edit::Add { list: 1, fields }],
        salt: None,
    };

    let bytes = body.to_bytes(LogId::from_bytes([1; 16])).expect("within all limits");

    assert_eq!(hex::encode(&bytes), example("one and a half kilos of flour"));
    assert_eq!(Body::from_bytes(&bytes, LogId::from_bytes([1; 16])), Ok(body));
}

/// Number and name out of `3 label text?`, of each part of a cell; a remark behind a colon is passed over, `empty` is nothing.
fn keys(cell: &str) -> Vec<String> {
    let key =
        |part: &str| part.split_whitespace().take(2).collect::<Vec<_>>().join(" ").trim_end_matches(':').to_owned();
    cell.trim().trim_start_matches("array: ").split(", ").map(key).filter(|key| key != "empty").collect()
}

/// Keys as a type declares them. One that is not what stands on the wire counts its names through.
fn declared(params: &[Param]) -> Vec<String> {
    (0..).zip(params).map(|(nth, param)| format!("{} {}", param.number.unwrap_or(nth), param.name)).collect()
}

#[test]
fn payload_keys_are_as_the_format_page_says() {
    let rows: BTreeMap<String, Vec<String>> = FORMAT
        .lines()
        .filter_map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let of = if cells.len() == 9 { 2 } else { 1 };
            let name = cells.get(of..of + 2)?.join(" | ");
            name.ends_with('`').then(|| (name, keys(cells[cells.len() - 2])))
        })
        .collect();
    let roster = RosterEvent::SAYS.iter().map(|terms| {
        let spec = TABLE.iter().find(|spec| spec.code == terms.code).expect("it has a kind");
        (format!("{} | `{}`", spec.kind, spec.code), terms)
    });
    let registry = Registry::default();
    let aggregates = registry.says().map(|(of, terms)| (format!("{of} | `{}`", terms.code), terms));
    let said: Vec<(String, &Terms)> = aggregates.chain(roster).collect();

    assert_eq!(said.len(), registry.kinds().count() + TABLE.len());
    for (name, terms) in said {
        assert_eq!(rows.get(&name), Some(&declared(terms.params)), "{name}");
    }
}

#[test]
fn contents_of_payloads_are_as_the_format_page_says() {
    let cells = FORMAT.lines().filter(|row| row.starts_with("| ")).flat_map(|row| row.split('|'));
    let listed: Vec<Vec<String>> = cells.map(keys).collect();
    let contents = [
        Got::SAYS,
        Goods::SAYS,
        Room::SAYS,
        Part::SAYS,
        medicine_box::Correction::SAYS,
        Cut::SAYS,
        CutHead::SAYS,
        SealedParent::SAYS,
    ];

    for terms in contents.into_iter().flatten().filter(|terms| !terms.params.is_empty()) {
        let keys = declared(terms.params);
        assert!(listed.contains(&keys), "nothing has the keys {keys:?}");
    }
}

/// Rows of the table under this header, each cut off behind so many columns.
fn documented(header: &str, columns: usize) -> Vec<String> {
    let (_, behind) = FORMAT.split_once(&format!("\n{header}\n")).expect("the table is there");
    let rows = behind.lines().skip(1).take_while(|row| row.starts_with('|'));
    rows.map(|row| row.split('|').skip(1).take(columns).map(str::trim).collect::<Vec<_>>().join(" | ")).collect()
}

#[track_caller]
fn same(documented: &[String], made: &[String]) {
    assert_eq!(documented, made, "the table should read:\n{}", made.join("\n"));
}

fn needs(need: Need) -> String {
    need.names().collect::<Vec<_>>().join(", ")
}
