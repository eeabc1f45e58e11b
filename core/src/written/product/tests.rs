use super::{Likeness, Record, likeness};

#[test]
fn what_says_the_same_in_all_that_matters_is_one() {
    all(
        Likeness::Same,
        &[
            ("缬沙坦胶囊 | 胶囊 | 80mg | 7粒/盒", "缬沙坦 胶囊 | capsules | 0.08g | ×7粒/盒"),
            ("左氧氟沙星片 | 片 | 0.5g | 4片/盒", "左氧氟沙星片 | tablet | 500毫克 | 4片/盒"),
            ("维生素D滴剂 | 滴剂 | 400单位 | 24粒/盒", "维生素Ｄ滴剂 | 滴剂 | 400IU | 24粒/盒"),
            ("奶粉三段 | | | 800g/罐", "奶粉3段 | | | 800g/罐"),
            ("酒精 | | 75% | 100ml/瓶 | | 6901234567892", "酒精 | | 75 % | 100ml/瓶 | | 06901234567892"),
        ],
    );
}

#[test]
fn another_strength_form_salt_or_mark_is_another_product() {
    all(
        Likeness::Different,
        &[
            ("缬沙坦胶囊 | 胶囊 | 80mg | 7粒/盒", "缬沙坦胶囊 | 胶囊 | 160mg | 7粒/盒"),
            ("缬沙坦胶囊 | 胶囊 | 80mg | 7粒/盒", "缬沙坦胶囊 | 胶囊 | 80mg | 14粒/盒"),
            ("格列吡嗪片 | 片 | 5mg | 30片/盒", "格列吡嗪控释片 | 控释片 | 5mg | 30片/盒"),
            ("琥珀酸舒马普坦片 | 片 | 50mg | 2片/盒", "盐酸舒马普坦片 | 片 | 50mg | 2片/盒"),
            ("西替利嗪片 | 片 | 10mg | 12片/盒", "左西替利嗪片 | 片 | 10mg | 12片/盒"),
            (
                "赖脯胰岛素25注射液 | 注射液 | 3ml:300单位 | 1支/盒",
                "赖脯胰岛素50注射液 | 注射液 | 3ml:300单位 | 1支/盒",
            ),
            ("氨酚黄那敏颗粒 | 颗粒 | | 10袋/盒", "小儿氨酚黄那敏颗粒 | 颗粒 | | 10袋/盒"),
            ("口罩 M | | | 10只/包", "口罩 L | | | 10只/包"),
            ("扑尔敏 | 片 | 4mg | 100片/瓶", "扑热息痛 | 片 | 4mg | 100片/瓶"),
        ],
    );
}

#[test]
fn what_is_missing_or_contradicts_is_left_to_a_person() {
    all(
        Likeness::Ask,
        &[
            ("缬沙坦胶囊 | 胶囊 | 80mg | 7粒/盒", "缬沙坦胶囊 | 胶囊 | | 7粒/盒"),
            ("缬沙坦胶囊 | 胶囊 | 80mg | 7粒/盒", "缬沙坦 | 胶囊 | 80mg | 7粒/盒"),
            ("缬沙坦胶囊 | 胶囊 | 80mg | 7粒/盒 | 宁泰", "缬沙坦胶囊 | 胶囊 | 80mg | 7粒/盒"),
            ("盐酸西替利嗪片 | 片 | 10mg | 12片/盒", "西替利嗪片 | 片 | 10mg | 12片/盒"),
            ("氯苯那敏片 | 片 | 4mg | 100片/瓶", "扑尔敏 | 片 | 4mg | 100片/瓶"),
            ("酒精 | | 75% | 100ml/瓶 | | 6901234567892", "碘酒 | | 2% | 20ml/瓶 | | 6901234567892"),
            ("酒精 | | 75% | 100ml/瓶 | | 6901234567892", "酒精 | | 75% | 100ml/瓶 | | 6901234567893"),
            (
                "赖脯胰岛素25注射液 | 注射液 | 3ml:300单位 | 1支/盒",
                "赖脯胰岛素注射液（25） | 注射液 | 3ml:300IU | 1支/盒",
            ),
            ("硫酸沙丁胺醇吸入气雾剂 | 气雾剂 | 100μg | 1瓶/盒", "舒喘灵 | 气雾剂 | 100微克 | 1瓶/盒"),
            ("口罩 M | | | 10只/包", "口罩 M码 | | | 10片/包"),
            ("缬沙坦颗粒 | 颗粒 | 40mg | 10袋/盒", "缬沙坦颗粒 | 颗粒 | 40mg | 10包/盒"),
            ("缬沙坦胶囊 | 胶囊 | 80mg | 28粒/盒", "缬沙坦胶囊 | 胶囊 | 80mg | 7粒*4板/盒"),
        ],
    );
}

#[test]
fn what_the_catalogue_knows_as_one_name_is_one() {
    let (one, other) = (record("小猫感冒片 | 片 | 0.5g | 12片/盒"), record("氨咖黄敏片 | 片 | 0.5g | 12片/盒"));
    let known = [("小猫感冒片".to_owned(), "氨咖黄敏片".to_owned())];

    assert_eq!(likeness(&one, &other, &[]), Likeness::Different);
    assert_eq!(likeness(&one, &other, &known), Likeness::Same);
}

#[test]
fn a_name_that_the_catalogue_knows_is_one_in_any_numerals_and_script() {
    let (one, other) = (record("幼童奶粉 | | | 800g/罐"), record("维儿奶粉3段 | | | 800g/罐"));
    let known = |name: &str| vec![("幼童奶粉".to_owned(), name.to_owned())];

    for name in ["维儿奶粉3段", "维儿奶粉三段", "維儿奶粉３段"] {
        assert_eq!(likeness(&one, &other, &known(name)), Likeness::Same, "{name}");
        assert_eq!(likeness(&other, &one, &known(name)), Likeness::Same, "{name}");
    }
    assert_ne!(likeness(&one, &other, &known("维儿奶粉二段")), Likeness::Same);
}

/// `name | form | strength | pack | brand | barcode`.
fn record(text: &str) -> Record {
    let mut parts = text.split('|').map(|part| Some(part.trim().to_owned()).filter(|part| !part.is_empty()));
    let mut next = || parts.next().flatten();
    Record {
        name: next().unwrap_or_default(),
        form: next(),
        strength: next(),
        pack: next(),
        brand: next(),
        barcode: next(),
        ..Record::default()
    }
}

#[track_caller]
fn all(right: Likeness, pairs: &[(&str, &str)]) {
    for (one, other) in pairs {
        let (first, second) = (record(one), record(other));
        assert_eq!((likeness(&first, &second, &[]), likeness(&second, &first, &[])), (right, right), "{one} / {other}");
    }
}
