use super::{Around, Draft, Fault, Field, Kind, Outcome, Preview, preview};
use crate::written::{
    About, Refusal,
    calendar::{Date, Local},
    door::{Building, Register, Rooms, Unit},
};

#[test]
fn columns_are_known_by_what_people_call_them() {
    use Field::{Address, Building, Name, Note, Phone, Room, Unit};
    for (heads, right, unknown) in [
        (
            "1、您的楼栋,2、单元（必填）,3、房间号,4、您的姓名,手机号码,入住时间",
            vec![Building, Unit, Room, Name, Phone],
            vec!["入住时间"],
        ),
        ("Door No,Full Name,Mobile,Remarks,Pets", vec![Address, Name, Phone, Note], vec!["Pets"]),
        ("房号,户主,电话", vec![Address, Name, Phone], vec![]),
    ] {
        let read = read(Kind::Households, &format!("小区登记表,,\n{heads}\n"));
        assert_eq!(
            (fields(&read), read.unknown_columns.iter().map(String::as_str).collect::<Vec<_>>()),
            (right, unknown),
            "{heads}"
        );
        assert_eq!(read.header_line, Some(2));
    }
}

#[test]
fn a_list_without_headings_or_without_what_it_is_of_is_not_read() {
    let fault = |kind, text| read(kind, text).fault;

    assert_eq!(fault(Kind::Buildings, "2,1,9,4\n2,2,9,4\n"), Some(Fault::NoHeader));
    assert_eq!(fault(Kind::Products, "剂型,规格\n片剂,5mg\n"), Some(Fault::MissingColumn { field: Field::Name }));
    assert_eq!(fault(Kind::Members, "姓名,电话\n沈玉,\n"), Some(Fault::MissingColumn { field: Field::Role }));
    assert!(read(Kind::Members, "姓名,角色\n").rows.is_empty());
}

#[test]
fn buildings_are_read_and_merged_cells_asked_about() {
    let read = read(
        Kind::Buildings,
        "栋号,单元,层数,每层户数\n2号楼,1单元,９,4户\n,2,9,4\n三栋,甲,9.0,4\n2,1,9,4\n2,1,12,4\n5,1,0,4\n5,1,-3,4\n5,1,很多,4\n5,1,900,4\n5,1,9\n合计,,27,\n,,,\n",
    );

    assert_eq!(
        outcomes(&read, json),
        [
            "2 building=2 floors=9 rooms_per_floor=4 unit=1",
            "3 ?building",
            "4 building=3 floors=9 rooms_per_floor=4 unit=甲",
            "5 =2",
            "6 ?floors",
            "7 !zero",
            "8 !negative",
            "9 ?floors",
            "10 ?floors",
            "11 ?row",
            "12 ?row",
        ]
    );
}

#[test]
fn households_have_doors_of_the_register() {
    let read = read(
        Kind::Households,
        "楼栋\t单元\t房号\t姓名\t电话\t备注\n2\t1\t302\t沈玉\t'159 0000 0041\t听力不好\n2号楼\t1单元\t302室\t沈 玉\t+86-15900000041\t\n2\t1\t302\t何芳\t\t\n\
         2\t\t302\t何芳\t\t\n14\t\t999\t何芳\t\t\n14\t\t101\t15900000042\t何芳\t\n14\t\t101\t何芳\t1.59E+10\t\n14\t\t102\t何芳\t159****0042\t\n7\t\t102\t何芳\t\t\n14\t\t103\t=A1\t\t\n",
    );

    assert_eq!(
        outcomes(&read, |draft| match draft {
            Draft::Household(one) => format!("{} {:?} {}", one.name, one.address.room, one.phones.len()),
            _ => String::new(),
        }),
        [
            "2 沈玉 Some(\"302\") 1",
            "3 =2",
            "4 何芳 Some(\"302\") 0",
            "5 ?unit",
            "6 !no_such_room",
            "7 ?row",
            "8 ?phone",
            "9 ?phone",
            "10 !no_such_building",
            "11 !formula",
        ]
    );
}

#[test]
fn members_are_what_they_are_called() {
    let read = read(
        Kind::Members,
        "姓名,身份,负责楼栋,手机\n沈玉,楼长,\"2、14号楼\",15900000041\n何芳,志愿者,,\n何芳,志愿者,,\n钱进,志愿者,,15900000041\n沈兰,楼长,,\n沈兰,楼长,9,\n沈梅,队长,,\n,志愿者,,15900000043\n何芳,志愿者,,15900000044\n沈竹,保管员,2号箱,\n",
    );

    assert_eq!(
        outcomes(&read, |draft| match draft {
            Draft::Member(one) => format!("{} {} {:?}", one.name, <&str>::from(one.role), one.leads),
            _ => String::new(),
        }),
        [
            "2 沈玉 leader [\"2\", \"14\"]",
            "3 何芳 volunteer []",
            "4 =3",
            "5 ?phone",
            "6 ?leads",
            "7 !no_such_building",
            "8 ?role",
            "9 !no_name",
            "10 ?name",
            "11 ?box",
        ]
    );
}

#[test]
fn products_that_look_alike_are_asked_about_and_the_same_are_one() {
    let read = read(
        Kind::Products,
        "通用名,商品名,剂型,规格,包装,条码,类别,别名\n阿莫西林胶囊,,胶囊,0.5g,24粒,6901028000017,处方药,阿莫仙\n阿莫西林胶囊,,胶囊,500mg,24粒,\"=\"\"6901028000017\"\"\",Rx,\n\
         阿莫西林胶囊,,胶囊,0.25g,24粒,,处方药,\n阿莫西林胶囊,,胶囊,0.5g,,,处方药,\n口罩,,,,10只,6.90E+12,器械,\n棉签,,,,,6901028000018,耗材,\n纱布,,,,,,什么,\n缬沙坦胶囊,,胶囊,80mg*7粒,,,Rx,\n阿莫西林胶囊,,胶囊,0.25g,24粒,6901028000017,处方药,\n",
    );

    assert_eq!(
        outcomes(&read, json),
        [
            "2 aliases=[阿莫仙] barcode=06901028000017 class=prescription form=胶囊 name=阿莫西林胶囊 pack=24粒 strength=0.5g",
            "3 =2",
            "4 class=prescription form=胶囊 name=阿莫西林胶囊 pack=24粒 strength=0.25g",
            "5 ?product",
            "6 ?barcode",
            "7 ?barcode",
            "8 ?product",
            "9 class=prescription form=胶囊 name=缬沙坦胶囊 pack=7粒 strength=80mg",
            "10 ?barcode",
        ]
    );
}

#[test]
fn lots_have_a_last_day_a_batch_and_a_unit() {
    let read = read(
        Kind::Lots,
        "名称,规格,批号,有效期至,库存(盒)\n缬沙坦,80mg,批号：K0712,2028年5月,12\n缬沙坦,80mg,K0713,46888,2盒\n缬沙坦,80mg,K0714,2028/5,3瓶\n缬沙坦,80mg,2.31E+07,2028-05,3\n\
         缬沙坦,80mg,K0715,05/06/28,3\n缬沙坦,80mg,K0716,2028-05,0\n缬沙坦,80mg,K0717,2028-05,好多\n缬沙坦,,K0718,2028-05,3\n缬沙坦,80mg,,2028-05,3\n缬沙坦,80mg,K0712,2028-05-31,12\n缬沙坦,80mg,23-May,2028-05,3\n缬沙坦,80mg,2023-05-01,2028-05,3\n",
    );

    assert_eq!(
        outcomes(&read, json),
        [
            "2 batch=K0712 expiry=2028-05-31 name=缬沙坦 qty=12 strength=80mg unit=盒",
            "3 batch=K0713 expiry=2028-05-15 name=缬沙坦 qty=2 strength=80mg unit=盒",
            "4 ?unit",
            "5 ?batch",
            "6 ?expiry",
            "7 !zero",
            "8 ?qty",
            "9 ?strength",
            "10 ?batch",
            "11 =2",
            "12 ?batch",
            "13 ?batch",
        ]
    );
    let fails = super::tests::read(Kind::Lots, "name,batch,失效期,qty,unit\ngauze,K1,2028-06-01,5,box\n");
    assert_eq!(outcomes(&fails, json), ["2 batch=K1 expiry=2028-05-31 name=gauze qty=5 unit=盒"]);
}

#[test]
fn orders_of_a_form_are_read() {
    let read = read(
        Kind::Orders,
        "提交时间,地址,姓名,电话,所需物品,数量,单位,备注\n2027/3/14 9:30:15,2-1-302,沈玉,15900000041,牛奶,2,箱,放门口\n46461.5,14-101,,,牛奶1箱,,,\n2027-03-16,14-102,,,牛奶1箱,,,\n\
         2027-03-14,14-102,,,牛奶,,,\n2027-03-14,2-1-302,沈玉,,牛奶,1,箱,\n2027-03-14,2-302,,,牛奶1箱,,,\n",
    );

    assert_eq!(
        outcomes(&read, |draft| match draft {
            Draft::Order(one) =>
                format!("{:?} {} {:?}", one.asked_at.unwrap(), one.items[0].name, one.items[0].amounts[0].qty),
            _ => String::new(),
        }),
        ["2 At(2027-03-14T09:30) 牛奶 2", "3 At(2027-03-15T12:00) 牛奶 1", "4 !future", "5 ?qty", "6 ?row", "7 ?unit"]
    );
    assert!(matches!(
        &read.rows[4].outcome,
        Outcome::Ask(question) if question.about == About::Row && !question.among.is_empty()
    ));
    assert_eq!(read.rows[2].outcome, Outcome::Refuse(Refusal::Future));
}

fn register() -> Register {
    let rooms = Rooms { floors: 9, per_floor: 4, ..Rooms::default() };
    let units = vec![
        Unit { label: "1".to_owned(), rooms: rooms.clone() },
        Unit { label: "2".to_owned(), rooms: rooms.clone() },
    ];
    let plain = Building { label: "14".to_owned(), rooms, ..Building::default() };
    let buildings = vec![Building { label: "2".to_owned(), units, ..Building::default() }, plain];
    Register { buildings, ..Register::default() }
}

fn read(kind: Kind, text: &str) -> Preview {
    let register = register();
    let today = Date::new(2027, 3, 15).unwrap();
    let around = Around { register: Some(&register), area: None, today, now: Local::new(today, 12, 0) };
    preview(text.as_bytes(), kind, around)
}

/// `2 name`, `3 ?qty`, `4 !zero`, `5 =2`.
fn outcomes(preview: &Preview, name: impl Fn(&Draft) -> String) -> Vec<String> {
    let told = |outcome: &Outcome| match outcome {
        Outcome::Read(draft) => name(draft),
        Outcome::Ask(question) => format!("?{}", <&str>::from(question.about)),
        Outcome::Refuse(refusal) => format!("!{}", <&str>::from(refusal)),
        Outcome::SameAs(line) => format!("={line}"),
    };
    preview.rows.iter().map(|row| format!("{} {}", row.line, told(&row.outcome))).collect()
}

fn json(draft: &Draft) -> String {
    let value = serde_json::to_value(draft).unwrap();
    let parts = value.as_object().and_then(|one| one.values().next()).cloned().unwrap();
    let told = |(key, value): (&String, &serde_json::Value)| {
        let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        (!nothing).then(|| format!("{key}={}", value.to_string().replace('"', "")))
    };
    parts.as_object().unwrap().iter().filter_map(told).collect::<Vec<_>>().join(" ")
}

fn fields(preview: &Preview) -> Vec<Field> {
    preview.columns.iter().map(|column| column.field).collect()
}
