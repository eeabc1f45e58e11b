//! Bodies and payloads as costly as the limits allow.

use linli_core::{
    aggregate::{
        encode,
        order::{AttemptOutcome, Attempted, Command, Confirmation, ITEMS, NewOrder, Order, field, item_field, kind},
    },
    event::{Body, Compartment, Edit, Scalar},
    id::{DeviceId, EpochId, Reference},
    key::Wrap,
    limits,
    roster::{KeysSealed, RosterEvent},
};
use linli_tests::{World, people::LAN};
use rand::{Rng, RngExt};

pub(crate) use linli_tests::made::{act, claim, comment, posted};

pub(crate) fn post(world: &mut World) -> Reference {
    post_by(world, LAN)
}

pub(crate) fn post_by(world: &mut World, phone: usize) -> Reference {
    let id = world.command();
    let note = Some("两盒布洛芬".into());
    let order = NewOrder { building: "3".into(), kind: "medicine".into(), note, ..NewOrder::default() };
    world.at(phone).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
}

pub(crate) fn attempted(order: Reference) -> Body {
    act(
        order,
        kind::ATTEMPTED,
        encode(&Attempted { outcome: AttemptOutcome::Refused, happened_at: None, already_happened: false }),
    )
}

/// The payload of an alert's end: that somebody was helped.
pub(crate) fn resolved() -> Vec<u8> {
    [&[0xa1, 0x00, 0x66][..], b"helped"].concat()
}

pub(crate) fn edited(order: Reference, edits: Vec<Edit>) -> Body {
    Body { edits, ..act(order, kind::EDITED, encode(&Confirmation {})) }
}

/// So many texts of so many bytes, into one field after the other.
pub(crate) fn texts(count: usize, bytes: usize) -> Vec<Edit> {
    let fields = [field::UNIT, field::ROOM, field::CONTACT, field::NOTE, field::HOSPITAL];
    let put = |nth: usize| Edit::Put { field: fields[nth % fields.len()], value: Scalar::Text("x".repeat(bytes)) };
    (0..count).map(put).collect()
}

/// So many items of four fields.
pub(crate) fn items(count: usize) -> Vec<Edit> {
    let text = || Scalar::Text("y".repeat(40));
    let fields = [item_field::NAME, item_field::QTY, item_field::UNIT, item_field::PRODUCT];
    let add = |_| Edit::Add { list: ITEMS, fields: fields.map(|field| (field, text())).to_vec() };
    (0..count).map(add).collect()
}

/// What is no body, and takes long to find out.
pub(crate) fn garbled(order: Reference) -> Vec<Vec<u8>> {
    let full = limits::SEALED_BODY - 16;
    let honest = comment(order).to_bytes(order.log).unwrap();
    let mut found = vec![vec![0x81; full], vec![0xa1; full], vec![0xc0; full], vec![0x00; full], vec![0xf6; full]];
    // Arrays and maps that promise all that there is, or more than can be.
    for head in [[0x9b, 0xff], [0xbb, 0xff], [0x9b, 0x00], [0x5b, 0x7f], [0x7b, 0x7f]] {
        found.push([&head[..], &[0xff; 7], &vec![0x00; full - 9]].concat());
    }
    let half = u16::try_from(full - 3).unwrap().to_be_bytes();
    found.push([&[0x99, half[0], half[1]][..], &vec![0xf6; full - 3]].concat());
    // Sixteen deep again and again.
    let deep = [vec![0x81; limits::NESTING - 1], vec![0x00]].concat();
    let times = u16::try_from((full - 3) / deep.len()).unwrap();
    let [high, low] = times.to_be_bytes();
    found.push([vec![0x99, high, low], deep.repeat(times.into())].concat());
    // The same as payloads of bodies, which say that they have nothing else.
    let payload = |garbage: &Vec<u8>| {
        let garbage = garbage.get(8..).unwrap_or_default();
        let length = [garbage.len() as u8 | 0x80, (garbage.len() >> 7) as u8 | 0x80, (garbage.len() >> 14) as u8];
        [&[0x08, 0x01, 0x00][..], &length, garbage].concat()
    };
    found.extend(found.iter().map(payload).collect::<Vec<_>>());
    // As many names as there is room for, and a payload that means one of them again and again.
    let names = u16::try_from((full - 16) / 18).unwrap();
    let count = [(names & 0x7f) as u8 | 0x80, (names >> 7) as u8];
    let event = |nth: u16| [&[0, 0][..], &nth.to_be_bytes(), &[9; 14]].concat();
    let table = [vec![0x00], count.to_vec(), (0..names).flat_map(event).collect(), vec![0x00]].concat();
    found.push([&[0x09, 0x01, 0x00][..], &table, &[0x02, 0xc6, 0x00]].concat());
    let again = [&[0x09, 0x01, 0x00, 0x00, 0x01][..], &event(1), &[0x00, 0x80, 0xfe, 0x01]].concat();
    found.push([again, [0xc6, 0x00].repeat(16_256)].concat());
    // A body with a little behind it, and one cut short at every byte.
    found.push([honest.clone(), vec![0; full - honest.len()]].concat());
    found.extend((0..honest.len()).map(|most| honest[..most].to_vec()));
    for payload in [vec![0x81; limits::FIELD - 1], vec![0x9a, 0xff, 0xff, 0xff, 0xff], vec![0xbf; 20]] {
        found.extend(Body { payload, ..comment(order) }.to_bytes(order.log));
    }
    found
}

/// An epoch with a key for each of these devices that opens for nobody.
pub(crate) fn keys(dice: &mut impl Rng, devices: impl Iterator<Item = DeviceId>) -> RosterEvent {
    let mut noise = |bytes: usize| (0..bytes).map(|_| dice.random()).collect();
    let wrap = |device| Wrap { device, encapsulated: noise(32), sealed: noise(48) };
    let wraps = devices.take(limits::WRAPS).map(wrap).collect();
    let epoch = EpochId::from_bytes(dice.random());
    let (compartment, generation, parents) = (Compartment::Community, 9, Vec::new());
    RosterEvent::KeysSealed(KeysSealed { compartment, generation, epoch, parents, wraps })
}
