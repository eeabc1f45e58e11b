//! What a relay does not know: nothing that anybody wrote stands on its disk, in its log, or in its memory.

use linli_tests::people::{LAN, WU};
use std::{fs::File, os::unix::fs::FileExt, path::Path, process::Command};

use data_encoding::BASE64_NOPAD;
use linli_core::aggregate::{
    building::{Building, BuildingCommand},
    medicine_box::{self, MedicineBox},
    order::{self, NewItem, NewOrder, Order},
};

use super::scene::{PATIENCE, Scene, within};

/// Whatever of the scenario must not be found.
const WORDS: [&str; 7] = [
    "Lan Xiaoyun",
    "Zhao Guoqiang",
    "张桂芳阿姨",
    "Amlodipine-Besylate",
    "布洛芬缓释胶囊",
    "Meiyuan-Tower-17",
    "the guard's lodge behind the plum trees",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_anybody_wrote_is_found_on_its_disk_in_its_log_or_in_its_memory() {
    let mut scene = Scene::begin(41, 2).await;
    let [_, _, neighbour, medicine, product, building, place] = WORDS;
    let id = scene.world.command();
    let listed = BuildingCommand::List { label: building.to_owned(), changes: Vec::new() };
    scene.world.at(LAN).submit::<Building>(id, None, listed).unwrap();
    let id = scene.world.command();
    let opened = medicine_box::Command::Open { building: None, place: place.to_owned(), note: medicine.to_owned() };
    scene.world.at(LAN).submit::<MedicineBox>(id, None, opened).unwrap();
    let order = NewOrder {
        building: building.to_owned(),
        kind: "medicine".to_owned(),
        contact: Some(neighbour.to_owned()),
        items: vec![NewItem { name: product.to_owned(), ..NewItem::default() }],
        note: Some(medicine.to_owned()),
        ..NewOrder::default()
    };
    let id = scene.world.command();
    let order = scene.world.at(WU).submit::<Order>(id, None, order::Command::Post(Box::new(order))).unwrap().aggregate;
    scene.settle(&[order]).await;
    within(PATIENCE, "the office has it", || scene.acknowledged(&[order]).len() == 1).await;

    let mut wanted = Vec::new();
    for word in WORDS {
        wanted.extend(forms(word).into_iter().map(|form| (word.to_owned(), form)));
    }
    // What it does hold, so that this search is known to find something.
    let known = scene.pass().community;
    let known = vec![("the community's id".to_owned(), known.as_bytes().to_vec())];

    let mut kept = Vec::new();
    files(&scene.office.data(), &mut kept);
    let memory = memory(scene.office.pid());
    let log = vec![scene.office.log().into_bytes()];
    assert!(!scene.office.log().is_empty(), "it logs");
    for (place, parts) in [("on its disk", &kept), ("in its memory", &memory), ("in its log", &log)] {
        let found: Vec<String> = parts.iter().flat_map(|part| find(part, &wanted)).collect();
        assert_eq!(found, Vec::<String>::new(), "{place}");
    }
    for (place, parts) in [("on its disk", &kept), ("in its memory", &memory)] {
        assert!(parts.iter().any(|part| !find(part, &known).is_empty()), "the search finds nothing {place}");
    }
}

#[test]
fn the_search_finds_every_form() {
    let text = "Meiyuan";
    let wanted: Vec<_> = forms(text).into_iter().map(|form| (text.to_owned(), form)).collect();
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();

    for hidden in [text.as_bytes().to_vec(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
        assert_eq!(find(&[b"..".to_vec(), hidden, b"..".to_vec()].concat(), &wanted).len(), 1);
    }
    for before in 0..3 {
        let hidden = BASE64_NOPAD.encode(&[&b"abc"[..before], text.as_bytes(), b"rest"].concat());
        assert_eq!(find(hidden.as_bytes(), &wanted).len(), 1, "{before}");
    }
    assert_eq!(find(b"nothing of it", &wanted).len(), 0);
}

#[test]
fn a_relay_contains_no_documents_and_no_aggregates() {
    let mut tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    tree.args(["tree", "--package", "linli-relay", "--edges", "normal", "--no-default-features", "--prefix", "none"]);
    let said = tree.args(["--offline", "--features", ""]).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("linli-core") && said.contains("quinn"), "{said}");
    assert!(!said.contains("automerge"), "{said}");

    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../relay/src");
    let mut all = Vec::new();
    files(Path::new(sources), &mut all);
    assert!(all.len() > 5);
    for source in all {
        let source = String::from_utf8(source).unwrap();
        for word in ["linli_core::aggregate", "aggregate::", "EpochKey", "Keyring", "linli_core::replica"] {
            assert!(!source.contains(word), "{word} in {}", source.lines().next().unwrap_or_default());
        }
    }
}

/// A text as it may lie in memory: UTF-8, UTF-16 in both orders, and the part of its base64 that is the same whatever
/// stands around it, at three alignments.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![text.as_bytes().to_vec()];
    forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    for before in 0..3 {
        let padded = [&[0; 3][..before], text.as_bytes()].concat();
        let whole = BASE64_NOPAD.encode(&padded[..padded.len() / 3 * 3]);
        // The first letters depend on what stands before the text.
        forms.push(whole.as_bytes()[(before * 8).div_ceil(6)..].to_vec());
    }
    forms
}

/// Which of these forms stand there. Memory is large and forms are many, so all are looked for in one pass, by their
/// first two bytes.
fn find(within: &[u8], forms: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut by_start = vec![false; 1 << 16];
    let start = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
    forms.iter().for_each(|(_, form)| by_start[start(form)] = true);
    let mut found = Vec::new();
    for (at, pair) in within.windows(2).enumerate() {
        if by_start[start(pair)] {
            let here = forms.iter().filter(|(_, form)| within[at..].starts_with(form));
            found.extend(here.map(|(name, _)| name.clone()));
        }
    }
    found
}

/// All readable memory of a process, area by area.
fn memory(pid: u32) -> Vec<Vec<u8>> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let memory = File::open(format!("/proc/{pid}/mem")).unwrap();
    let area = |line: &str| {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        let (from, to) = range.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        let mut bytes = vec![0; usize::try_from(to - from).ok().filter(|_| rights.starts_with('r'))?];
        // Some areas, such as the kernel's own, are shown and cannot be read.
        memory.read_exact_at(&mut bytes, from).ok().map(|()| bytes)
    };
    maps.lines().filter_map(area).collect()
}

fn files(dir: &Path, all: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(std::fs::read(path).unwrap()) }
    }
}
