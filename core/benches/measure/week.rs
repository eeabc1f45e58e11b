//! A week of a community: what people tried to do, recorded or thrown with seeded dice.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use linli_core::aggregate::order::Urgency;
use rand::{Rng, RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;
use serde::Deserialize;

/// When thrown weeks begin, in milliseconds since 1970: a morning in spring.
const BEGINS: i64 = 1_648_771_200_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// One thing somebody tried to do.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Action {
    /// When, in milliseconds since 1970.
    pub(crate) t: i64,
    /// To which order.
    #[serde(default)]
    pub(crate) order: String,
    #[serde(flatten)]
    pub(crate) act: Act,
}

/// What people tried to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Act {
    /// Writes it down.
    Post(Post),
    /// Takes it on.
    Claim,
    /// Gives it up.
    Release,
    /// Bought what it asks for.
    Purchase { cost_cents: i64 },
    /// Changes what it says.
    Edit {
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        items: Vec<Item>,
    },
    /// Says that it was brought.
    Deliver,
    /// Says that it is there.
    Confirm,
    /// Ends it undone.
    Cancel,
    /// Of something else than an order.
    #[serde(other)]
    Other,
}

/// An order as its author posts it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Post {
    pub(crate) building: String,
    pub(crate) unit: String,
    pub(crate) room: String,
    pub(crate) kind: String,
    pub(crate) urgency: Urgency,
    pub(crate) contact: String,
    pub(crate) items: Vec<Item>,
    pub(crate) note: String,
}

/// What is asked for.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) qty: i64,
    pub(crate) unit: String,
}

/// A recorded week: JSON lines, gzipped or not, of which lines without a time are skipped.
pub(crate) fn recorded(file: &Path) -> Result<Vec<Action>> {
    let mut bytes = Vec::new();
    File::open(file).and_then(|mut open| open.read_to_end(&mut bytes)).with_context(|| file.display().to_string())?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    let lines = text.lines().enumerate().filter(|(_, line)| line.contains("\"t\":"));
    let read = |(at, line)| serde_json::from_str(line).with_context(|| format!("line {}", at + 1));
    let mut week = lines.map(read).collect::<Result<Vec<Action>>>()?;
    week.retain(|action| !matches!(action.act, Act::Other));
    Ok(week)
}

/// A thrown week of so many orders, ordered by time; the same for the same seed.
pub(crate) fn thrown(orders: usize, seed: u64) -> Vec<Action> {
    let mut dice = ChaCha20Rng::seed_from_u64(seed);
    let mut week = Vec::new();
    for number in 0..orders {
        story(&format!("o{number:06}"), buildings(orders), &mut dice, &mut week);
    }
    week.sort_by_key(|action| action.t);
    week
}

/// How many buildings a thrown week of so many orders has.
pub(crate) fn buildings(orders: usize) -> usize {
    (orders / 50).clamp(10, 200)
}

/// What happens to one order, as often as it does in recorded weeks.
fn story(order: &str, buildings: usize, dice: &mut impl Rng, week: &mut Vec<Action>) {
    let mut t = BEGINS + dice.random_range(0..7 * DAY);
    let mut tell = |act, later: i64| {
        t += later;
        week.push(Action { t, order: order.to_owned(), act });
    };
    tell(Act::Post(post(buildings, dice)), 0);
    if dice.random_bool(0.10) {
        tell(Act::Edit { note: Some(NOTES.choose(dice).unwrap_or(&"").to_string()), items: vec![] }, 7 * MINUTE);
    }
    if dice.random_bool(0.05) {
        return tell(Act::Cancel, 40 * MINUTE);
    }
    if dice.random_bool(0.04) {
        return;
    }
    tell(Act::Claim, dice.random_range(5..90) * MINUTE);
    if dice.random_bool(0.08) {
        tell(Act::Claim, MINUTE / 2);
    }
    if dice.random_bool(0.04) {
        tell(Act::Edit { note: None, items: vec![item(dice)] }, 9 * MINUTE);
    }
    if dice.random_bool(0.04) {
        return tell(Act::Release, 30 * MINUTE);
    }
    if dice.random_bool(0.5) {
        tell(Act::Purchase { cost_cents: dice.random_range(500..50_000) }, dice.random_range(10..60) * MINUTE);
    }
    if dice.random_bool(0.92) {
        tell(Act::Deliver, dice.random_range(20..180) * MINUTE);
        if dice.random_bool(0.37) {
            tell(Act::Confirm, dice.random_range(20..600) * MINUTE);
        }
    }
}

fn post(buildings: usize, dice: &mut impl Rng) -> Post {
    let medicine = dice.random_bool(0.5);
    Post {
        building: dice.random_range(1..=buildings).to_string(),
        unit: dice.random_range(1..=4).to_string(),
        room: format!("{}{:02}", dice.random_range(1..=18), dice.random_range(1..=4)),
        kind: if medicine { "medicine" } else { "grocery" }.to_owned(),
        urgency: if dice.random_bool(0.2) { Urgency::Urgent } else { Urgency::Normal },
        contact: format!("100{:08}", dice.random_range(0..100_000_000)),
        items: (0..dice.random_range(1..=4)).map(|_| item(dice)).collect(),
        note: NOTES.choose(dice).unwrap_or(&"").to_string(),
    }
}

fn item(dice: &mut impl Rng) -> Item {
    let (name, unit) = *THINGS.choose(dice).unwrap_or(&("鸡蛋", "盒"));
    Item { name: name.to_owned(), qty: dice.random_range(1..=6), unit: unit.to_owned() }
}

const THINGS: &[(&str, &str)] = &[
    ("布洛芬缓释胶囊", "盒"),
    ("连花清瘟胶囊", "盒"),
    ("对乙酰氨基酚片", "盒"),
    ("藿香正气水", "盒"),
    ("硝苯地平控释片", "盒"),
    ("阿托伐他汀钙片", "盒"),
    ("二甲双胍缓释片", "盒"),
    ("维生素C片", "瓶"),
    ("医用外科口罩", "包"),
    ("抗原检测试剂", "份"),
    ("鸡蛋", "盒"),
    ("土豆", "斤"),
    ("胡萝卜", "斤"),
    ("大白菜", "颗"),
    ("方便面", "箱"),
    ("纯牛奶", "箱"),
    ("大米", "袋"),
    ("食用油", "桶"),
    ("卫生纸", "提"),
    ("婴儿奶粉", "罐"),
    ("洗衣液", "瓶"),
];

const NOTES: &[&str] = &[
    "麻烦了,谢谢志愿者",
    "请放门口",
    "独居老人,听力不好,请多敲几下门",
    "很急,今天必须送到",
    "不会用团购,费用线上转账",
    "门铃坏了,到了请打电话",
    "没有可以换别的牌子",
    "家里有孕妇,请先联系",
];
