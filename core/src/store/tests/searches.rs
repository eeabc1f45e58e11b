//! Searching.

use std::time::Instant;

use super::*;
use crate::row::{Row, Select};

const ORDERS: Table = Table { name: "orders", columns: &["nth"], indexes: &[&["nth"]] };

const NONE: [i64; 0] = [];

#[test]
fn any_part_of_a_word_is_found_in_any_script() {
    let texts = ["布洛芬缓释胶囊 3号楼", "连花清瘟胶囊 ３号楼", "Insulin, 2 Boxes; 胰岛素", "布清 洛瘟 1 3号"];
    let (home, _) = home_of(&texts.map(str::to_owned));

    assert_eq!(find(&home, "布洛"), [0]);
    assert_eq!(find(&home, "清瘟"), [1]);
    assert_eq!(find(&home, "3号"), [0, 1, 3]);
    assert_eq!(find(&home, "３号楼"), [0, 1]);
    assert_eq!(find(&home, "瘟"), [1, 3]);
    assert_eq!(find(&home, "囊"), [0, 1]);
    assert_eq!(find(&home, "INSUL"), [2]);
    assert_eq!(find(&home, "ox"), [2]);
    assert_eq!(find(&home, "缓释胶囊"), [0]);
    assert_eq!(find(&home, "胶囊 3号"), [0, 1], "all words, in any order");
    assert_eq!(find(&home, "3号 清瘟"), [1]);
    assert_eq!(find(&home, "囊3"), NONE, "not across words");
    assert_eq!(find(&home, "\" OR NEAR("), NONE, "only words mean anything");
    assert_eq!(find(&home, " ！ "), [0, 1, 2, 3], "nothing asked, nothing excluded");
}

#[test]
fn a_changed_text_is_found_under_its_new_words_only() {
    let (mut home, made) = home_of(&["布洛芬".to_owned(), "阿莫西林".to_owned()]);

    let mut write = home.store.write().expect("begin");
    write.set_search(made[0], Some("对乙酰氨基酚")).expect("set");
    write.set_search(made[1], None).expect("set");
    write.commit().expect("commit");

    assert_eq!(find(&home, "布洛"), NONE);
    assert_eq!(find(&home, "乙酰"), [0]);
    assert_eq!(find(&home, "阿"), NONE);
}

#[test]
fn a_forgotten_text_leaves_no_byte_on_disk() {
    let (mut home, made) = home_of(&["透析室在一二零四".to_owned(), "米".to_owned()]);

    let mut write = home.store.write().expect("begin");
    write.set_search(made[0], None).expect("set");
    write.compact_search().expect("compact");
    write.commit().expect("commit");
    home.store.scrub().expect("nobody reads");

    for file in std::fs::read_dir(home.dir.path()).expect("read") {
        let bytes = std::fs::read(file.expect("entry").path()).expect("read");
        for trace in ["透析", "析室", "零四", "透"] {
            assert!(!bytes.windows(trace.len()).any(|window| window == trace.as_bytes()), "{trace}");
        }
    }
}

#[test]
fn common_and_rare_patterns_answer_soon_among_many() {
    const MANY: usize = 20_000;
    let words = ["布洛芬缓释胶囊", "连花清瘟", "胰岛素注射液", "大米五公斤", "Paracetamol tablets"];
    let text = |nth: usize| format!("{} {}号楼{}室 订单{nth}", words[nth % words.len()], nth % 30, nth % 2_000);
    let (home, _) = home_of(&(0..MANY).map(text).collect::<Vec<_>>());

    for pattern in ["号", "订单", "3", "布洛芬", "清瘟 3号", "订单19999", "tabl 29号楼 订单", "没有", "q"]
    {
        let start = Instant::now();
        let found = home.store.select(&asking(pattern)).expect("a fair question").len();
        let listed = start.elapsed();
        let start = Instant::now();
        let count = home.store.count(&asking(pattern)).expect("a fair question");
        println!("{pattern}: {found} in {listed:?}, {count} counted in {:?}", start.elapsed());
        assert_eq!(found as u64, count.min(500));
        assert!(pattern != "订单" || count == MANY as u64);
    }
    let stats = home.store.stats().expect("read");
    println!("{} bytes for each entry", stats.file_bytes / stats.events);
}

/// A home in which aggregate n has the n-th text.
fn home_of(texts: &[String]) -> (Home, Vec<AggregateId>) {
    let mut home = home_with(&[ORDERS]);
    let made = aggregates(&mut home, texts.len());
    let mut write = home.store.write().expect("begin");
    for ((&aggregate, text), nth) in made.iter().zip(texts).zip(0_i64..) {
        write.put_rows(aggregate, vec![Row { table: "orders", cells: vec![nth.into()] }]).expect("put");
        write.set_search(aggregate, Some(text)).expect("set");
    }
    write.commit().expect("commit");
    (home, made)
}

fn asking(pattern: &str) -> Select {
    Select { text: Some(pattern.to_owned()), ..Select::from("orders").ascending("nth") }
}

fn find(home: &Home, pattern: &str) -> Vec<i64> {
    let found = home.store.select(&asking(pattern)).expect("a fair question");
    found.iter().filter_map(|found| found.cells[0].int()).collect()
}
