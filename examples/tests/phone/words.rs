//! What a person reads who knows one language: no raw data, no word of the other language, no fright.

use super::hand::{Homes, short};

#[test]
fn a_history_is_told_in_sentences() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "building list 3 --unit 2:18:4");
    homes.did("lan", "product add 布洛芬 --class over-the-counter");
    let order = short(
        &homes.did("lan", "order post 3-2-1804 --kind medicine --item 布洛芬+2+盒 --way paper --asked-by 张阿姨"),
    );
    homes.did("lan", &format!("order claim {order}"));
    homes.did("lan", &format!("order entrust {order} insurance-card"));
    homes.did("lan", &format!("order entrust {order} cash --amount 50"));
    homes.did("lan", &format!("order purchase {order} --cost 25.80"));
    homes.did("lan", &format!("order attempt {order} nobody --happened-at 2022-04-01T09:30"));
    homes.did("lan", &format!("order deliver {order} --at-door"));

    let told = chinese(&homes, &format!("order show {order}"));
    let wanted = [
        "登记了需求，由张阿姨提出（纸条）",
        "居民托付了医保卡，由我保管",
        "居民托付了现金 50.00 元，由我保管",
        "买好了，花了 25.80 元",
        "上门未成：无人应门，时间 2022-04-01 09:30",
        "送到了：放在门口",
        "垫付 25.80 元，已结 0.00 元，还欠 25.80 元",
        "我保管医保卡",
    ];
    assert_all(&told, &wanted);

    let medicine_box = short(&homes.did("lan", "box open --building 3 --place 大堂"));
    let given = homes.did("lan", &format!("box donate {medicine_box} 布洛芬 5 盒 --batch 2305 --expiry 2099-05"));
    let lot = given["now"]["lots"][0]["lot"].as_str().expect("a lot").to_owned();
    homes.did("lan", &format!("box take {medicine_box} 2 布洛芬 --for 3-2-1804"));
    homes.did("lan", &format!("box correct {medicine_box} {lot} --qty 4 --why 数错了"));
    let told = chinese(&homes, &format!("box show {medicine_box}"));
    assert_all(&told, &["捐入了 5 盒布洛芬，批号 2305，有效期至 2099-05-31", "给 3-2-1804", "数错了"]);

    let alert = short(&homes.did("lan", "alert raise fall --at 3-2-1804"));
    homes.did("lan", &format!("alert respond {alert} --eta 5"));
    homes.did("lan", &format!("alert resolve {alert} --how helped"));
    let told = chinese(&homes, &format!("alert show {alert}"));
    assert_all(&chinese(&homes, "log"), &["买好了，花了 25.80 元", "捐入了 5 盒布洛芬"]);
    assert_all(&told, &["发出了求助：摔倒（3 号楼）", "正在赶去，约 5 分钟", "宣布已解除：已得到帮助"]);
}

#[test]
fn what_is_typed_wrongly_is_told_in_the_language_asked_for() {
    let homes = Homes::community(&[]);
    let lines = [
        ("nonsense", "没有“nonsense”这个命令"),
        ("order clam x", "没有“clam”这个命令"),
        ("order claim", "缺少：<需求>"),
        (
            "order post 3-2-1804 --kind medicine --urgency soon",
            "“soon”不适用于 --urgency <紧急程度>。可选：normal、urgent、emergency。",
        ),
        ("board --nonsense", "看不懂“--nonsense”"),
        ("board --closed --all", "不能与"),
    ];

    for (line, wanted) in lines {
        let said = homes.type_in("lan", ["--lang", "zh"].into_iter().chain(line.split(' ')));
        assert_eq!(said.code, 2, "{line}");
        assert!(said.err.contains(wanted), "{line}: {}", said.err);
        let english = ["error:", "Usage", "For more", "required", "tip:", "help"]
            .map(|word| said.err.replace("--help", "").contains(word));
        assert_eq!(english, [false; 6], "{line}: {}", said.err);
    }
    assert!(homes.type_in("lan", ["order", "claim"]).err.contains("This is missing: <ORDER>"));
}

#[test]
fn help_says_what_an_argument_is_where_it_stands() {
    let homes = Homes::new();
    let help = |line: &str| homes.type_in("nowhere", ["--lang", "zh"].into_iter().chain(line.split(' '))).out;

    assert!(!help("about --help").contains("删除本机"), "erasing a room is no wiping of the phone");
    assert!(help("wipe --help").contains("确认删除本机的数据和密钥"));
    for line in ["box donate --help", "box take --help", "product add --help"] {
        assert!(!help(line).contains("单元"), "a unit of goods is no part of a building: {line}");
    }
    assert!(help("building list --help").contains("单元，可加楼层数"));
    assert!(help("order post --help").contains("用法: phone order post [选项] --kind <类别> <地址>"));
    for word in
        ["Usage", "Options", "OPTIONS", "<COMMAND", "Arguments", "Commands", "Print", "default", "possible values"]
    {
        assert!(!help("order post --help").contains(word) && !help("--help").contains(word), "{word}");
    }
}

/// A screen in Chinese.
fn chinese(homes: &Homes, line: &str) -> String {
    let said = homes.type_in("lan", ["--lang", "zh"].into_iter().chain(line.split(' ')));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{line}");
    said.out
}

#[track_caller]
fn assert_all(said: &str, wanted: &[&str]) {
    for words in wanted {
        assert!(said.contains(words), "{words}: {said}");
    }
    for raw in ["{", "}", "_cents", "_at=", "null", "false", "true", "?"] {
        assert!(!said.contains(raw), "{raw}: {said}");
    }
}
