use super::{Amount, Item, Qty, Step, amount, convert, item};
use crate::written::{About, Because, Reading, Refusal, unit::Unit};

#[test]
fn a_name_and_its_amount_are_read_in_either_order() {
    reads(&[
        ("萝卜4斤", "萝卜 | 4斤"),
        ("四斤萝卜", "萝卜 | 4斤"),
        ("萝卜：４ 斤", "萝卜 | 4斤"),
        ("酸奶(6杯装)2排", "酸奶(6杯装) | 2排"),
        ("豆腐（2块）", "豆腐 | 2块"),
        ("板蓝根×3袋", "板蓝根 | 3袋"),
        ("我要买胡萝卜两斤半", "胡萝卜 | 2.5斤"),
        ("五花肉一斤三两", "五花肉 | 1斤+3两"),
        ("3 bottles of water", "water | 3瓶"),
        ("paracetamol, two boxes", "paracetamol | 2盒"),
        ("half a dozen oranges", "oranges | 0.5打"),
        ("洗洁精＊2", "洗洁精 | 2"),
    ]);
}

#[test]
fn strength_and_pack_are_no_amount() {
    reads(&[
        ("阿奇霉素 0.25g*6片/盒 3盒", "阿奇霉素 | 3盒 | 0.25g | 盒=6片"),
        ("3盒 阿奇霉素 0.25g×6片", "阿奇霉素 | 3盒 | 0.25g | 盒=6片"),
        ("缬沙坦 80mg×7粒×4板 2盒", "缬沙坦 | 2盒 | 80mg | 盒=4板 板=7粒"),
        ("缬沙坦80mg", "Qty Missing: 缬沙坦 | 80mg"),
        ("甘精胰岛素 3ml:300单位 1支", "甘精胰岛素 | 1支 | 3ml:300单位"),
        ("可乐 330ml×24罐 1箱", "可乐 | 1箱 | 330ml | 箱=24罐"),
        ("口罩2袋（每袋10只）", "口罩 | 2袋 | 袋=10只"),
        ("缬沙坦80mg*7粒*3盒", "缬沙坦 | 3盒 | 80mg | 盒=7粒"),
        ("2升牛奶", "牛奶 | 2升"),
        ("花生油5升 2桶", "花生油 | 2桶 | 5升"),
        ("钙片60片装1瓶", "钙片 | 1瓶 | 瓶=60片"),
        ("缬沙坦2盒 每天一粒", "缬沙坦 | 2盒 | 每天一粒"),
    ]);
}

#[test]
fn a_number_in_a_name_stays_in_it() {
    reads(&[
        ("7号电池2节", "7号电池 | 2节"),
        ("999感冒灵1盒", "999感冒灵 | 1盒"),
        ("3段奶粉2罐", "3段奶粉 | 2罐"),
        ("维生素B6片 1瓶", "维生素B6片 | 1瓶"),
        ("十三香2盒", "十三香 | 2盒"),
        ("八宝粥三罐", "八宝粥 | 3罐"),
        ("尿不湿XL码2包", "尿不湿XL码 | 2包"),
        ("胰岛素50R 1支", "胰岛素50R | 1支"),
        ("每日坚果2盒", "每日坚果 | 2盒"),
        ("十滴水3盒", "十滴水 | 3盒"),
        ("二合一洗发水1瓶", "二合一洗发水 | 1瓶"),
    ]);
}

#[test]
fn several_things_are_several_items() {
    reads(&[
        ("萝卜2斤，葱1把；醋一瓶", "萝卜 | 2斤; 葱 | 1把; 醋 | 1瓶"),
        ("萝卜2斤 土豆3斤", "萝卜 | 2斤; 土豆 | 3斤"),
        ("2斤萝卜 3斤土豆", "萝卜 | 2斤; 土豆 | 3斤"),
        ("黄瓜、茄子各两根", "黄瓜 | 2根; 茄子 | 2根"),
        ("1.盐2袋 2.醋1瓶", "盐 | 2袋; 醋 | 1瓶"),
        ("盐2袋和醋1瓶", "盐 | 2袋; 醋 | 1瓶"),
        ("2袋盐和1瓶醋", "盐 | 2袋; 醋 | 1瓶"),
        ("盐2袋，黄瓜和茄子各一斤", "盐 | 2袋; 黄瓜 | 1斤; 茄子 | 1斤"),
        ("黄瓜茄子各一斤", "Name Ambiguous: 黄瓜茄子 | 1斤"),
        ("萝卜2斤，不要空心的", "萝卜 | 2斤 | 不要空心的"),
    ]);
}

#[test]
fn what_is_not_said_or_strange_is_asked() {
    reads(&[
        ("萝卜", "Qty Missing: 萝卜"),
        ("萝卜适量", "Qty NotANumber: 萝卜"),
        ("萝卜三四斤", "Qty Range: 萝卜"),
        ("萝卜2到3斤", "Qty Range: 萝卜"),
        ("萝卜几斤", "Qty NotANumber: 萝卜"),
        ("10块钱的肉", "Qty Money: 肉"),
        ("口罩3盒，没货就2盒", "Qty Conditional: 口罩 | 没货就"),
        ("口罩800盒", "Qty Strange: 口罩"),
        ("口罩O盒", "Qty LookAlike: 口罩"),
        ("口罩-2", "Qty Ambiguous: 口罩"),
        ("萝卜两到三斤", "Qty Range: 萝卜"),
        ("萝卜.5斤", "Qty Unreadable: 萝卜"),
        ("萝卜三十块", "Qty Money: 萝卜"),
        ("二甲双胍0.5 2盒", "Name Ambiguous: 二甲双胍 | 2盒"),
        ("感冒灵 一日三次", "Qty Dosage: 感冒灵 | 一日三次"),
        ("胶囊半粒", "Qty NotWhole: 胶囊"),
        ("", "Empty"),
        ("口罩0盒", "Zero"),
    ]);
}

#[test]
fn an_amount_by_itself_has_a_unit_and_nothing_else() {
    for (text, right) in [
        ("３ 瓶", "3瓶"),
        ("3 Bottles", "3瓶"),
        ("四分之三片", "0.75片"),
        ("1¾片", "1.75片"),
        ("2盒零3片", "2盒+3片"),
        ("一百零三粒", "103粒"),
        ("两百三粒", "Qty Ambiguous"),
        ("2/3片", "Qty TooFine"),
        ("4~5瓶", "Qty Range"),
        ("2.5", "Unit Missing"),
        ("5瓶?", "Qty Unreadable"),
        ("-1瓶", "Negative"),
        ("〇瓶", "Zero"),
        ("瓶", "NoNumber"),
    ] {
        assert_eq!(counted(text), right, "{text}");
    }
}

fn unit(word: &str) -> Unit {
    Unit::of_word(word).unwrap()
}

fn steps(tree: &[(&str, i64, &str)]) -> Vec<Step> {
    let step = |(outer, contains, of): &(&str, i64, &str)| Step {
        unit: unit(outer),
        contains: Qty::whole(*contains),
        of: Some(unit(of)),
    };
    tree.iter().map(step).collect()
}

#[test]
fn units_convert_by_the_tree_or_by_law_alone() {
    let converted = |text: &str, to: &str, tree: &[(&str, i64, &str)]| {
        let amounts = amount(text).value().cloned().unwrap();
        match convert(&amounts, unit(to), &steps(tree)) {
            Reading::Read(one) => one.qty.to_string(),
            Reading::Ask(question) => format!("{:?} {:?}", question.about, question.because),
            Reading::Refuse(refusal) => format!("{refusal:?}"),
        }
    };
    let box_of_30 = [("盒", 3, "板"), ("板", 10, "片")];

    assert_eq!(converted("2盒", "片", &box_of_30), "60");
    assert_eq!(converted("1盒半", "板", &box_of_30), "4.5");
    assert_eq!(converted("15片", "盒", &box_of_30), "0.5");
    assert_eq!(converted("1片", "盒", &box_of_30), "Qty TooFine");
    assert_eq!(converted("2盒", "粒", &box_of_30), "Unit NoConversion");
    assert_eq!(converted("1瓶", "片", &[("瓶", 100, "片"), ("瓶", 60, "片")]), "Unit Contradiction");
    assert_eq!(converted("1瓶", "袋", &[("瓶", 2, "袋"), ("袋", 2, "瓶")]), "Unit Contradiction");
    assert_eq!(converted("半板", "粒", &[("板", 9, "粒")]), "Qty NotWhole");
    assert_eq!(converted("1公斤", "两", &[]), "20");
    assert_eq!(converted("2打", "个", &[]), "24");
    assert_eq!(converted("250毫升", "升", &[]), "0.25");
}

#[test]
fn a_quantity_is_shown_as_people_write_it() {
    let shown = |thousandths| Qty::of_thousandths(thousandths).to_string();

    assert_eq!(
        (shown(2000), shown(1500), shown(125), shown(-500)),
        ("2".into(), "1.5".into(), "0.125".into(), "-0.5".into())
    );
    assert_eq!(counted(""), format!("{:?}", Refusal::Empty));
    assert!(
        matches!(item("口罩"), Reading::Ask(question) if (question.about, question.because) == (About::Qty, Because::Missing))
    );
}

/// `鸡蛋 12 枚 + 1 打 | each | pack | note` for each item.
fn told(text: &str) -> String {
    match item(text) {
        Reading::Read(items) => items.iter().map(one).collect::<Vec<_>>().join("; "),
        Reading::Ask(question) => {
            let known = question.known.iter().flatten().map(one).collect::<Vec<_>>().join("; ");
            format!("{:?} {:?}: {known}", question.about, question.because)
        }
        Reading::Refuse(refusal) => format!("{refusal:?}"),
    }
}

fn one(item: &Item) -> String {
    let pack =
        item.pack.iter().map(|step| format!("{}={}{}", step.unit, step.contains, step.of.map_or("", Unit::code)));
    let parts = [amounts(&item.amounts), item.each.clone().unwrap_or_default(), pack.collect::<Vec<_>>().join(" ")];
    let parts = parts.into_iter().chain(item.note.clone()).filter(|part| !part.is_empty());
    std::iter::once(item.name.clone()).chain(parts).collect::<Vec<_>>().join(" | ")
}

fn amounts(amounts: &[Amount]) -> String {
    amounts
        .iter()
        .map(|amount| format!("{}{}", amount.qty, amount.unit.map_or("", Unit::code)))
        .collect::<Vec<_>>()
        .join("+")
}

fn counted(text: &str) -> String {
    match amount(text) {
        Reading::Read(read) => amounts(&read),
        Reading::Ask(question) => format!("{:?} {:?}", question.about, question.because),
        Reading::Refuse(refusal) => format!("{refusal:?}"),
    }
}

#[track_caller]
fn reads(cases: &[(&str, &str)]) {
    for (text, right) in cases {
        assert_eq!(told(text), *right, "{text}");
    }
}
