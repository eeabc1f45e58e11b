//! Stories of the catalogue.

use std::collections::BTreeSet;

use super::{
    ALIASES, Change, Class, Command, Details, EDITED, Edited, Import, PRODUCT, Problem, Product, Record, Refusal, Unit,
    find_by_name, import, search_key, units_within,
};
use crate::aggregate::{
    Aggregate, Select, World, encode,
    medicine_box::tests::story::{LAN, Story, WU},
};

#[test]
fn a_proposed_product_waits_for_its_class() {
    let mut story = Story::<Product>::phones(1);
    let product = story.command(LAN, 0, None, Command::Propose { details: details("薄荷膏") }).expect("any member")[0];
    assert_eq!(story.fold(LAN, product).state.class(), None);

    let change = Change { class: Some(Class::OverTheCounter), ..Change::default() };
    story.command(LAN, 1, Some(product), Command::Edit(Box::new(change.clone()))).expect("a leader");

    assert_eq!(story.fold(LAN, product).state.class(), Some(Class::OverTheCounter));
    let again = story.command(LAN, 2, Some(product), Command::Edit(Box::new(change)));
    assert_eq!(again, Err(Refusal::Nothing));
}

#[test]
fn proposing_needs_no_right_and_says_no_class_while_listing_does() {
    let needs = |code| {
        let spec = Product::KINDS.iter().find(|spec| spec.code == code).expect("in the table");
        spec.need.names().collect::<Vec<_>>()
    };

    assert_eq!(needs("proposed"), ["member"]);
    assert_eq!(needs("listed"), ["any leader", "coordinator"]);
    assert_eq!(needs("edited"), ["any leader", "coordinator"]);
}

#[test]
fn of_concurrent_classes_the_strictest_stands_until_somebody_settles_it() {
    let mut story = Story::<Product>::phones(2);
    let product = story.command(LAN, 0, None, Command::Propose { details: details("膏药") }).expect("any member")[0];
    story.settle();

    story.write(LAN, 1, Some(product), EDITED, &Edited { class: Some(Class::Prescription) });
    story.write(WU, 1, Some(product), EDITED, &Edited { class: Some(Class::Supply) });
    story.settle();
    let folded = story.fold(LAN, product);
    assert_eq!(folded.state.class(), Some(Class::Prescription));
    assert_eq!(folded.reviews(), ["class_contested"]);

    let change = Change { class: Some(Class::Prescription), ..Change::default() };
    story.command(WU, 2, Some(product), Command::Edit(Box::new(change))).expect("saying it again settles it");
    assert!(story.fold(WU, product).reviews().is_empty());
}

#[test]
fn a_product_is_found_by_every_name_it_has() {
    let mut story = Story::<Product>::phones(1);
    let aliases = vec!["扑热息痛".to_owned(), " Tylenol ".to_owned()];
    let barcode = "6901234567892".to_owned();
    let details = Details { aliases, barcode, generic: "paracetamol".into(), ..details("对乙酰氨基酚片") };
    let product =
        story.command(LAN, 0, None, Command::List { details, class: Class::OverTheCounter }).expect("a leader")[0];

    let world = story.world(LAN);
    for name in ["对乙酰氨基酚片", "扑热息痛", "ＴＹＬＥＮＯＬ", "Paracetamol", "6901234567892"] {
        assert_eq!(find_by_name(&world, name), Ok(vec![product]), "{name}");
    }
    assert_eq!(find_by_name(&world, "aspirin"), Ok(vec![]));
}

#[test]
fn units_say_how_much_a_box_holds() {
    let mut story = Story::<Product>::phones(1);
    let units =
        vec![unit("box", Some(2), Some("strip")), unit("strip", Some(10), Some("tablet")), unit("tablet", None, None)];
    let details = Details { units, ..details("维生素C片") };
    let product =
        story.command(LAN, 0, None, Command::List { details, class: Class::OverTheCounter }).expect("a leader")[0];

    let world = story.world(LAN);
    assert_eq!(units_within(&world, product, "box", "tablet"), Ok(Some(20)));
    assert_eq!(units_within(&world, product, "strip", "strip"), Ok(Some(1)));
    assert_eq!(units_within(&world, product, "tablet", "box"), Ok(None));
}

#[test]
fn units_that_do_not_fit_are_refused() {
    let mut story = Story::<Product>::phones(1);
    let mut list = |units: Vec<Unit>| {
        let details = Details { units, ..details("x") };
        story.command(LAN, 0, None, Command::List { details, class: Class::Supply }).expect_err("they do not fit")
    };
    let refused = |unit: &str| Refusal::Unit { unit: unit.into() };

    assert_eq!(list(vec![unit("box", Some(2), Some("strip"))]), refused("box"));
    assert_eq!(list(vec![unit("a", Some(2), Some("b")), unit("b", Some(2), Some("a"))]), refused("a"));
    assert_eq!(list(vec![unit("a", Some(0), Some("b")), unit("b", None, None)]), refused("a"));
    assert_eq!(list(vec![unit("a", None, None), unit(" a ", None, None)]), refused(" a "));
    assert_eq!(list(vec![unit("  ", None, None)]), refused("  "));
}

#[test]
fn commands_that_say_nothing_useful_are_refused() {
    let mut story = Story::<Product>::phones(1);
    assert_eq!(story.command(LAN, 0, None, list(" ", Class::Supply)), Err(Refusal::NoName));
    assert_eq!(story.command(LAN, 0, None, Command::Edit(Box::default())), Err(Refusal::Target));
    let odd = Details { barcode: "12-34".into(), ..details("x") };
    assert_eq!(story.command(LAN, 0, None, Command::Propose { details: odd }), Err(Refusal::Barcode));
    let many = Details { aliases: vec!["y".into(); 65], ..details("x") };
    let refused = Refusal::TooMany { what: "aliases", got: 65, limit: 64 };
    assert_eq!(story.command(LAN, 0, None, Command::Propose { details: many }), Err(refused));

    let product = story.command(LAN, 0, None, list("x", Class::Supply)).expect("fine")[0];
    story.command(LAN, 1, Some(product), Command::Withdraw { why: "gone".into() }).expect("a leader");
    let late = Change { brand: Some("b".into()), ..Change::default() };
    assert_eq!(story.command(LAN, 2, Some(product), Command::Edit(Box::new(late))), Err(Refusal::Withdrawn));
    let rows = story.world(LAN).select(&Select::from("product").of(product)).expect("rows in memory");
    assert_eq!(PRODUCT.cell(&rows[0], "withdrawn").int(), Some(1));
}

#[test]
fn an_alias_can_be_removed_again() {
    let mut story = Story::<Product>::phones(1);
    let details = Details { aliases: vec!["typo".into()], ..details("x") };
    let product = story.command(LAN, 0, None, Command::Propose { details }).expect("any member")[0];
    let item = *story.fold(LAN, product).content.items(ALIASES).next().expect("one alias").0;

    let change = Change { remove_aliases: vec![item], ..Change::default() };
    story.command(LAN, 1, Some(product), Command::Edit(Box::new(change))).expect("a leader");

    assert_eq!(find_by_name(&story.world(LAN), "typo"), Ok(vec![]));
}

#[test]
fn a_catalogue_is_imported_once() {
    let record = |name: &str, class: &str, aliases: &str| Record {
        name: name.into(),
        class: class.into(),
        aliases: aliases.into(),
        ..Record::default()
    };
    let records = [
        record("布洛芬缓释胶囊", "over_the_counter", "芬必得；Fenbid;"),
        record("阿莫西林胶囊", "prescription", ""),
        record("新药", "", ""),
        record("布洛芬缓释胶囊", "over_the_counter", ""),
        record(" ", "supply", ""),
        record("什么", "poison", ""),
    ];

    let Import { commands, known, problems } = import(&records, &BTreeSet::new());

    assert_eq!(commands.len(), 3);
    let Command::List { details, class: Class::OverTheCounter } = &commands[0] else { panic!("it has a class") };
    assert_eq!(details.aliases, ["芬必得", "Fenbid"]);
    assert!(matches!(&commands[2], Command::Propose { .. }));
    assert_eq!(known, ["布洛芬缓释胶囊"]);
    assert_eq!(problems, [(4, Problem::NoName), (5, Problem::Class { class: "poison".into() })]);

    let names: BTreeSet<String> = records.iter().map(|record| search_key(&record.name)).collect();
    assert!(import(&records, &names).commands.is_empty());
}

#[test]
fn payloads_that_say_something_else_are_malformed() {
    assert!(Product::read(EDITED, 1, &encode(&Edited { class: Some(Class::Device) })).is_ok());
    assert!(Product::read(EDITED, 1, &[0xa1, 0x00, 0x09]).is_err());
    assert!(Product::read(EDITED, 1, &[0xa0, 0xa0]).is_err());
    assert!(Product::read(EDITED, 2, &[0xa0]).is_err());
    assert!(Product::read(super::LISTED, 1, &[0xa0]).is_err());
    assert!(Product::read(super::WITHDRAWN, 1, &[]).is_err());
}

fn details(name: &str) -> Details {
    Details { name: name.into(), ..Details::default() }
}

fn list(name: &str, class: Class) -> Command {
    Command::List { details: details(name), class }
}

fn unit(unit: &str, contains: Option<u32>, of: Option<&str>) -> Unit {
    Unit { unit: unit.into(), contains, of: of.map(str::to_owned) }
}
