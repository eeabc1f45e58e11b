//! Whatever is written, scanned or pasted: every reader answers, soon, and none of them panics.

use linli_core::{
    aggregate::address::Address,
    text::likeness as name_likeness,
    written::{
        batch,
        calendar::{Date, Local},
        chat::{Around as InChat, chat},
        door::{Around as Beside, Building, Door, Field, Register, Rooms, Unit, door},
        expiry::{Source, expiry},
        gs1::scan,
        lists::{Around as InList, Kind, preview},
        phone::{phones, same},
        product::{Record, likeness},
        quantity::{amount, item},
        when::{Around, Purpose, when},
    },
};
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;

/// Pieces at which a reader may trip: signs of several bytes beside digits, brackets, scales, separators, words in part.
const PIECES: [&str; 70] = [
    "1",
    "0",
    "9",
    "12",
    "2027",
    "99999999999999999999",
    "１",
    "①",
    "½",
    ".",
    ",",
    "-",
    "—",
    "/",
    "*",
    "x",
    "×",
    "(",
    ")",
    "（",
    "[",
    "]",
    "一",
    "两",
    "十",
    "百",
    "千",
    "万",
    "亿",
    "零",
    "半",
    "几",
    "第",
    "批",
    "盒",
    "片",
    "粒",
    "斤",
    "ml",
    "mg",
    "g",
    "号",
    "楼",
    "单元",
    "室",
    "东",
    "甲",
    "附",
    "和苑",
    "年",
    "月",
    "日",
    "点",
    "明天",
    "下午",
    "周",
    "有效期至",
    "批号",
    "lot",
    "EXP",
    "01",
    "17",
    "10",
    "\u{1d}",
    " ",
    "\u{202e}",
    "К",
    "☎",
    "+86",
    "https://x/01/",
];

#[test]
fn whatever_is_written_every_reader_answers() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut dice = ChaCha20Rng::seed_from_u64(seed);
    for round in 0..6_000 {
        let (one, other) = (text(&mut dice), text(&mut dice));
        read_all(&one, &other);
        if round % 20 == 0 {
            read_lists(&one, &other);
        }
    }
}

/// Each of these ended a reader once.
#[test]
fn what_ended_a_reader_once_does_so_no_more() {
    for text in [
        "第1盒",
        "9楼5东",
        "https://x/01/06901234567892?批1=x",
        "一万万万万万一万盒",
        &"(".repeat(1_024),
        &"lot".repeat(40_000),
    ] {
        read_all(text, "K77120");
        read_lists(text, "K77120");
    }
}

fn text(dice: &mut ChaCha20Rng) -> String {
    let count = dice.random_range(0..14);
    let mut text: String = (0..count).filter_map(|_| PIECES.choose(dice)).copied().collect();
    if dice.random_ratio(1, 200) {
        let piece = PIECES.choose(dice).copied().unwrap_or("(");
        text.push_str(&piece.repeat(dice.random_range(1..1_100)));
    }
    text
}

fn read_all(one: &str, other: &str) {
    let today = Date::new(2026, 2, 28).expect("a day");
    let now = Local::new(today, 9, 30).expect("a time");
    for source in [Source::Typed, Source::Spreadsheet] {
        let _read = expiry(one, today, source);
    }
    for purpose in [Purpose::NeededBy, Purpose::Appointment, Purpose::HappenedAt] {
        let _read = when(one, Around { now, purpose, english: one.len().is_multiple_of(2) });
    }
    let _read = (scan(one, today), amount(one), item(one), phones(one, Some("021")), same(one, other, None));
    assert_eq!(batch::compare(one, other), batch::compare(other, one), "{one:?} {other:?}");
    read_door(one);
    let record = |name: &str, pack: &str| Record {
        name: name.to_owned(),
        pack: Some(pack.to_owned()),
        strength: Some(pack.to_owned()),
        form: Some(name.to_owned()),
        barcode: Some(pack.to_owned()),
        ..Record::default()
    };
    let (first, second) = (record(one, other), record(other, one));
    assert_eq!(likeness(&first, &second, &[]), likeness(&second, &first, &[]), "{one:?} {other:?}");
    let _known = (one.parse::<Address>(), name_likeness(one));
}

/// The same texts as lines of a chat and cells of a file, in each encoding.
fn read_lists(one: &str, other: &str) {
    let now = Date::new(2026, 2, 28).and_then(|today| Local::new(today, 9, 30)).expect("a time");
    let register = register();
    let text = format!("1. {one} {other}\n{other}\n\n9楼1单元302{one}");
    for goods in [None, Some("青菜")] {
        let list = chat(&text, InChat { register: Some(&register), goods, ..InChat::default() });
        let drafted = list.drafts.iter().flat_map(|draft| draft.lines.clone());
        let mut lines: Vec<usize> =
            drafted.chain(list.bad.iter().flat_map(|bad| bad.lines.clone())).chain(list.skipped.clone()).collect();
        lines.sort_unstable();
        let all = lines.len();
        lines.dedup();
        assert_eq!(lines.len(), all, "a line stands twice: {text:?}");
    }
    let around = InList { register: Some(&register), area: None, today: now.date(), now: Some(now) };
    let file = format!(
        "名称,楼号,地址,姓名,角色,电话,有效期,数量,所需物品,条码\n{one},{other},{one},{other},{one},{one},{one},{one},{one},{other}\n"
    );
    for kind in [Kind::Buildings, Kind::Households, Kind::Members, Kind::Products, Kind::Lots, Kind::Orders] {
        let _read = preview(file.as_bytes(), kind, around);
        let wide: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let _read = (preview(&wide, kind, around), preview(&wide[1..], kind, around));
    }
}

fn register() -> Register {
    let rooms =
        |floors| Rooms { floors, per_floor: 3, listed: vec!["5东".to_owned(), "12附1".to_owned()], open: false };
    let unit = Unit { label: "1".to_owned(), rooms: rooms(6) };
    let named =
        Building { label: "E9".to_owned(), name: Some("东区9号楼".to_owned()), units: vec![unit], rooms: rooms(0) };
    let lettered = Building { label: "甲12".to_owned(), rooms: rooms(9), ..Building::default() };
    let buildings = vec![named, lettered];
    Register { names: vec!["和苑".to_owned()], addresses: Vec::new(), buildings }
}

fn read_door(text: &str) {
    let register = register();
    let given = Door { building: "E9".to_owned(), ..Door::default() };
    for field in [None, Some(Field::Building), Some(Field::Unit), Some(Field::Room)] {
        let _read = door(text, Beside { register: Some(&register), given: Some(&given), field });
        let _read = (
            door(text, Beside { field, ..Beside::default() }),
            door(text, Beside { register: Some(&register), ..Beside::default() }),
        );
    }
}
