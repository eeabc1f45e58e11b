use super::{Around, Draft, List, Reason, chat};
use crate::written::door::{Building, Register, Rooms, Unit};

#[test]
fn lines_are_numbered_in_every_way() {
    drafts(
        "1. 14-302 牛奶2箱\n2、14-303 牛奶1箱\n(3) 14-304 牛奶1箱\n4）2-1-101 牛奶1箱\n⑤2-1-102 牛奶1箱\n6 2-1-103 牛奶1箱\n七、2-1-104 牛奶1箱",
        None,
        &[
            "1: 14-302 | 牛奶 2箱",
            "2: 14-303 | 牛奶 1箱",
            "3: 14-304 | 牛奶 1箱",
            "4: 2-1-101 | 牛奶 1箱",
            "5: 2-1-102 | 牛奶 1箱",
            "6: 2-1-103 | 牛奶 1箱",
            "7: 2-1-104 | 牛奶 1箱",
        ],
    );
}

#[test]
fn who_it_is_and_how_they_are_reached_stays_with_the_line() {
    drafts(
        "1. 2-1-302 沈姐 15900000041 牛奶2箱\n2. 30号楼2003 牛奶1箱 电话：159 0000 0042（何女士）\n3. 老钱 14-101 牛奶一箱\n\
         4. 21栋2单元904何阿姨牛奶2箱，鸡蛋1箱\n5. 14-102 沈玉兰 15900000043 阿莫西林胶囊0.5g*24粒 2盒\n6. Flat 103, Block 14, Mrs Hale, milk 2 boxes",
        None,
        &[
            "1: 2-1-302 | 牛奶 2箱 | 沈姐 | +8615900000041",
            "2: 30-1-2003 | 牛奶 1箱 | 何女士 | +8615900000042",
            "3: 14-101 | 牛奶 1箱 | 老钱",
            "4: 21-2-904 | 牛奶 2箱, 鸡蛋 1箱 | 何阿姨",
            "5: 14-102 | 阿莫西林胶囊 2盒 | 沈玉兰 | +8615900000043",
            "6: 14-103 | milk 2盒 | Mrs Hale",
        ],
    );
}

#[test]
fn goods_that_begin_like_a_name_are_goods() {
    drafts(
        "1. 14-101 黄瓜 2斤\n2. 14-102 康师傅3包\n3. 14-103 白菜2颗 萝卜1根\n4. 14-104 84消毒液1瓶\n5. 14-201 老干妈 1瓶\n6. 14-202 5号电池 4节",
        None,
        &[
            "1: 14-101 | 黄瓜 2斤",
            "2: 14-102 | 康师傅 3包",
            "3: 14-103 | 白菜 2颗, 萝卜 1根",
            "4: 14-104 | 84消毒液 1瓶",
            "5: 14-201 | 老干妈 1瓶",
            "6: 14-202 | 5号电池 4节",
        ],
    );
}

#[test]
fn what_all_want_is_said_once() {
    drafts(
        "土豆接龙\n1. 14-101 2份\n2. 14-102 两份 放门口\n3. 14-103 3\n4. 14-104 ×2\n5. 14-201 1份 牛奶1箱\n6. 14-202 要一份谢谢",
        Some("土豆"),
        &[
            "2: 14-101 | 土豆 2份",
            "3: 14-102 | 土豆 2份 (放门口)",
            "4: 14-103 | 土豆 3",
            "5: 14-104 | 土豆 2",
            "6: 14-201 | 土豆 1份, 牛奶 1箱",
            "7: 14-202 | 土豆 1份 (谢谢)",
        ],
    );
    bad("1. 14-101 2份\n2. 14-102", None, &[(1, Reason::NoItem, None), (2, Reason::NoItem, None)]);
    bad("1. 14-102", Some("土豆"), &[(1, Reason::QtyMissing, None)]);
}

#[test]
fn an_entry_may_have_several_lines() {
    drafts(
        "1. 14-101 沈姐\n牛奶2箱\n 鸡蛋1箱\n15900000041\n2. 何姐\n14-102\n牛奶1箱\n\n姓名：沈玉\n地址：21-1-101\n需要：牛奶 数量：3箱\n备注：放门口",
        None,
        &[
            "1+2+3+4: 14-101 | 牛奶 2箱, 鸡蛋 1箱 | 沈姐 | +8615900000041",
            "5+6+7: 14-102 | 牛奶 1箱 | 何姐",
            "9+10+11+12: 21-1-101 | 牛奶 3箱 | 沈玉 | 放门口",
        ],
    );
}

#[test]
fn rows_that_were_copied_out_of_a_spreadsheet_are_a_table() {
    drafts(
        "楼号\t单元\t房间\t称呼\t手机\t物品\t数量\t备注\n2\t1\t302\t沈玉\t15900000041\t牛奶\t2箱\t放门口\n14\t\t302\t\t\t鸡蛋\t1箱\t",
        None,
        &["2: 2-1-302 | 牛奶 2箱 | 沈玉 | +8615900000041 | 放门口", "3: 14-302 | 鸡蛋 1箱"],
    );
    bad("楼号\t单元\t房间\t物品\n2\t\t302\t牛奶1箱", None, &[(2, Reason::UnitMissing, None)]);
}

#[test]
fn what_is_no_goods_is_kept_beside_them() {
    drafts(
        "沈姐：我家14-101，买1箱牛奶，急\n何姐：谢谢团长\n1. 14-102 牛奶2箱，社保本在门口，狗不咬人\n2. 14-103 牛奶2箱 未付 ¥60\n\
         3. 14-104 牛奶2箱（上午9点前）\n4. 14-201 牛奶2箱 @何姐\n5. 14-202 牛奶2箱，Mia，+49 30 5550041",
        None,
        &[
            "1: 14-101 | 牛奶 1箱 (急) | 沈姐",
            "3: 14-102 | 牛奶 2箱 | 社保本在门口; 狗不咬人",
            "4: 14-103 | 牛奶 2箱 | 未付 ¥60",
            "5: 14-104 | 牛奶 2箱 (上午9点前)",
            "6: 14-201 | 牛奶 2箱 | @何姐",
            "7: 14-202 | 牛奶 2箱 | Mia | +49305550041",
        ],
    );
}

#[test]
fn pictures_say_nothing_and_crosses_are_asked_about() {
    drafts("🔟 14-104 鸡蛋1箱\n1️⃣1️⃣14-103 鸡蛋1箱", None, &["1: 14-104 | 鸡蛋 1箱", "2: 14-103 | 鸡蛋 1箱"]);
    drafts(
        "🥚接龙🥚\n1️⃣ 14-101 🥚鸡蛋2箱👍\n② 14-102 鸡蛋1箱 🙏",
        None,
        &["2: 14-101 | 鸡蛋 2箱", "3: 14-102 | 鸡蛋 1箱"],
    );
    bad("1. 14-101 ❌ 鸡蛋2箱", None, &[(1, Reason::Change, None)]);
}

#[test]
fn another_part_and_another_compound_are_never_this_one() {
    bad(
        "1. 北区14号楼101 牛奶1箱\n2. 甲14号楼101 牛奶1箱\n3. 光明小区14号楼101 牛奶1箱\n4. 14-101 牛奶1箱 送到14-102\n5. 老14-101 牛奶1箱",
        None,
        &[
            (1, Reason::NoSuchBuilding, None),
            (2, Reason::NoSuchUnit, None),
            (3, Reason::OtherCompound, None),
            (4, Reason::SeveralAddresses, None),
            (5, Reason::Unreadable, None),
        ],
    );
    bad("14栋\n2-1-302 牛奶1箱", None, &[(2, Reason::BuildingAmbiguous, None)]);
}

#[test]
fn a_heading_gives_the_building() {
    drafts(
        "【14栋】\n101 牛奶1箱\n102：牛奶2箱\n21号楼2单元：\n303 牛奶1箱",
        None,
        &["2: 14-101 | 牛奶 1箱", "3: 14-102 | 牛奶 2箱", "5: 21-2-303 | 牛奶 1箱"],
    );
}

#[test]
fn headings_examples_totals_and_talk_are_no_orders() {
    let list = read(
        "#接龙 牛奶团购\n格式：楼号-房号 数量\n例：14-101 牛奶1箱\n1. 14-101 牛奶1箱\n2.\n合计 1箱\n谢谢团长\n什么时候发货",
        None,
    );

    assert_eq!(list.drafts.iter().map(told).collect::<Vec<_>>(), ["4: 14-101 | 牛奶 1箱"]);
    assert_eq!((list.bad, list.skipped), (Vec::new(), vec![1, 2, 3, 5, 6, 7, 8]));
}

#[test]
fn what_is_not_sure_is_shown_with_its_reason() {
    use Reason::{
        BuildingMissing, Cancelled, Change, Duplicate, Emergency, HiddenCharacters, NoAddress, NoSuchBuilding,
        NoSuchRoom, QtyMissing, QtyStrange, QtyUnclear, Refers, Relation, SeveralAddresses, UnitMissing,
    };
    bad(
        "1. 14-101 牛奶1箱\n2. 14-101 牛奶2箱\n3. 14-101 改成3箱\n4. 14-101 不要了\n5. 14-102 同上\n6. 5-1-101 牛奶1箱\n7. 14-999 牛奶1箱\n\
         8. 2-302 牛奶1箱\n9. 302 牛奶1箱\n10. 牛奶1箱\n11. 14-103隔壁 牛奶1箱\n12. 14-103/104 牛奶1箱\n13. 14-104 牛奶\n14. 14-104 牛奶500箱\n\
         15. 14-104 牛奶几箱\n16. 14-201 胸口疼 快来\n17. 14-\u{202e}103 牛奶1箱",
        None,
        &[
            (2, Duplicate, Some(1)),
            (3, Change, Some(1)),
            (4, Cancelled, Some(1)),
            (5, Refers, Some(4)),
            (6, NoSuchBuilding, None),
            (7, NoSuchRoom, None),
            (8, UnitMissing, None),
            (9, BuildingMissing, None),
            (10, NoAddress, None),
            (11, Relation, None),
            (12, SeveralAddresses, None),
            (13, QtyMissing, None),
            (14, QtyStrange, None),
            (15, QtyUnclear, None),
            (16, Emergency, None),
            (17, HiddenCharacters, None),
        ],
    );
}

#[test]
fn lines_end_in_any_way_and_a_list_without_numbers_is_one() {
    drafts(
        "14-101 牛奶1箱\r\n14-102 牛奶2箱\r14-103 牛奶3箱",
        None,
        &["1: 14-101 | 牛奶 1箱", "2: 14-102 | 牛奶 2箱", "3: 14-103 | 牛奶 3箱"],
    );
    assert_eq!(read("", None), List::default());
    assert_eq!(read(&"a\n".repeat(40_000), None).bad[0].reason, Reason::TooLong);
}

/// 2 and 21 have two units of 9 floors, 14 has none, 30 one of 20 floors.
fn register() -> Register {
    let rooms = |floors| Rooms { floors, per_floor: 4, ..Rooms::default() };
    let unit = |label: &str, floors| Unit { label: label.to_owned(), rooms: rooms(floors) };
    let building = |label: &str, units: Vec<Unit>, floors| Building {
        label: label.to_owned(),
        units,
        rooms: rooms(floors),
        ..Building::default()
    };
    let two = || vec![unit("1", 9), unit("2", 9)];
    let buildings = vec![
        building("2", two(), 0),
        building("14", Vec::new(), 9),
        building("21", two(), 0),
        building("30", vec![unit("1", 20)], 0),
    ];
    Register { names: vec!["和平里".to_owned()], addresses: Vec::new(), buildings }
}

fn read(text: &str, goods: Option<&str>) -> List {
    let register = register();
    chat(text, Around { register: Some(&register), goods, ..Around::default() })
}

/// `2: 14-302 | 牛奶 2箱 | 沈姐 | +8615900000041 | note`.
fn told(draft: &Draft) -> String {
    let lines = draft.lines.iter().map(usize::to_string).collect::<Vec<_>>().join("+");
    let door = [Some(draft.address.building.clone()), draft.address.unit.clone(), draft.address.room.clone()];
    let door = door.into_iter().flatten().collect::<Vec<_>>().join("-");
    let item = |item: &crate::written::quantity::Item| {
        let amounts =
            item.amounts.iter().map(|amount| format!("{}{}", amount.qty, amount.unit.map_or("", |unit| unit.code())));
        let note = item.note.iter().map(|note| format!(" ({note})"));
        format!("{} {}{}", item.name, amounts.collect::<Vec<_>>().join("+"), note.collect::<String>())
    };
    let items = draft.items.iter().map(item).collect::<Vec<_>>().join(", ");
    let phones = draft.phones.iter().map(|phone| phone.e164.clone());
    let more = draft.who.clone().into_iter().chain(phones).chain(draft.note.clone());
    [format!("{lines}: {door}"), items].into_iter().chain(more).collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn drafts(text: &str, goods: Option<&str>, right: &[&str]) {
    let list = read(text, goods);
    assert_eq!(list.drafts.iter().map(told).collect::<Vec<_>>(), right, "{:?}", list.bad);
}

#[track_caller]
fn bad(text: &str, goods: Option<&str>, right: &[(usize, Reason, Option<usize>)]) {
    let list = read(text, goods);
    let found: Vec<_> = list.bad.iter().map(|bad| (bad.lines[0], bad.reason, bad.of)).collect();
    assert_eq!(found, right, "{:?}", list.drafts);
}
