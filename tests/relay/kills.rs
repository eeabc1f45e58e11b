//! A relay that is killed at any moment of beginning, of being copied and of being restored: it is the same relay
//! afterwards, with the communities it had before or those it was to have, and nothing in between.

use std::{fs, path::Path, sync::Arc};

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    id::{CommunityId, Reference},
    keep::{Answer, Holder, Inbox},
    replica::What,
    store::Reader,
    sync::BundleReader,
    time::SystemClock,
};
use linli_relay::{Communities, Home, Quota, Speed, WhyShut, copies};
use linli_tests::{World, moments::moments, office::any_pass, people::LAN, somewhere, watched::watched};

/// What the watched process does.
#[test]
fn a_relay_that_is_watched() {
    let Some((scene, place)) = watched() else { return };
    match scene.as_str() {
        "first" => {
            show(&place);
            home(&place).allow(&any_pass(1)).unwrap();
            open(&place).tend().unwrap();
        }
        "again" => {
            let communities = open(&place);
            take_in(&communities, &place, "later");
            fs::write(place.join("acknowledged"), b"").unwrap();
            communities.tend().unwrap();
        }
        "lost" => {
            home(&place).allow(&any_pass(1)).unwrap();
            open(&place).tend().unwrap();
        }
        "backup" => drop(copies::backup(&home(&place), &place.join("another")).unwrap()),
        "restore" => drop(copies::restore(&home(&place), &place.join("copy")).unwrap()),
        other => panic!("no scene is called {other}"),
    }
}

const WATCHED: &str = "kills::a_relay_that_is_watched";

#[test]
fn wherever_the_first_day_of_a_relay_is_killed_it_goes_on_t8() {
    let place = somewhere();
    let moments = moments(WATCHED, "first", place.path());

    for place in &moments.all {
        serves(place);
        show(place);
        home(place).allow(&any_pass(1)).unwrap();
        assert_eq!(serves(place), [1]);
    }
    assert!(moments.all.len() > 20, "{}", moments.all.len());
}

/// A phone writes all it has into a file.
fn write_all(world: &World, file: &Path) {
    let mut bytes = Vec::new();
    world.at(LAN).export_bundle(What::All, &mut bytes, |_| {}).unwrap();
    fs::write(file, bytes).unwrap();
}

/// A relay takes in what a file holds: all of it is durable when this returns.
fn take_in(communities: &Communities, place: &Path, file: &str) {
    let stores = communities.stores();
    let mut bundle = BundleReader::new(stores[0].community());
    bundle.push(&fs::read(place.join(file)).unwrap());
    bundle.close();
    while let Some((topic, run)) = bundle.next_run().unwrap() {
        let answers = stores[0].ingest(topic, vec![run], &Arc::<Inbox>::default()).unwrap();
        assert!(matches!(answers.as_slice(), [Answer::Committed { .. }]), "{answers:?}");
    }
    bundle.finish().unwrap();
}

/// Whether the relay has an event.
fn has(communities: &Communities, event: Reference) -> bool {
    communities.stores()[0].read(|reader: &Reader| reader.has(event)).unwrap()
}

/// A relay that has taken in an order of a real community, and a file with one more, which it has not.
fn with_an_order() -> (tempfile::TempDir, [Reference; 2], CommunityId) {
    let (place, mut world) = (somewhere(), World::community(31, 0));
    show(place.path());
    let relay = home(place.path());
    relay.allow(&world.admit_relay(LAN, relay.keys().unwrap().record())).unwrap();
    let mut post = |file: &str| {
        let new =
            NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("milk".into()), ..NewOrder::default() };
        let id = world.command();
        let order = world.at(LAN).submit::<Order>(id, None, Command::Post(Box::new(new))).unwrap().events[0];
        write_all(&world, &place.path().join(file));
        order
    };
    let orders = [post("first"), post("later")];
    take_in(&open(place.path()), place.path(), "first");
    let community = world.at(LAN).community().unwrap();
    (place, orders, community)
}

#[test]
fn wherever_a_later_day_is_killed_what_was_acknowledged_is_there_and_it_goes_on_t8() {
    let (place, [first, later], community) = with_an_order();
    let moments = moments(WATCHED, "again", place.path());

    let mut acknowledged = 0;
    for place in &moments.all {
        assert_eq!(serves(place), [community.as_bytes()[0]]);
        let communities = open(place);
        assert!(has(&communities, first), "what was there before");
        if place.join("acknowledged").exists() {
            acknowledged += 1;
            assert!(has(&communities, later), "what was acknowledged");
        }
        take_in(&communities, place, "later");
        assert!(has(&communities, later));
        communities.tend().unwrap();
    }
    assert!(acknowledged > 0 && moments.all.len() > acknowledged + 5, "{acknowledged} of {}", moments.all.len());
}

#[test]
fn wherever_a_community_begins_anew_is_killed_it_is_missed_or_served_and_can_begin_again_t8() {
    let place = prepared();
    let lost = home(place.path()).community(any_pass(1).community);
    for file in fs::read_dir(&lost).unwrap().map(|entry| entry.unwrap().path()) {
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("linli.db")) {
            fs::remove_file(file).unwrap();
        }
    }
    let shut = |place: &Path| open(place).shut();
    assert_eq!(shut(place.path()), [(any_pass(1).community, WhyShut::DatabaseLost)]);
    let moments = moments(WATCHED, "lost", place.path());

    let mut missed = 0;
    for place in &moments.all {
        match shut(place).as_slice() {
            [] => assert_eq!(serves(place), [1, 2]),
            [(_, WhyShut::DatabaseLost)] => missed += 1,
            other => panic!("{other:?}"),
        }
        home(place).allow(&any_pass(1)).unwrap();
        assert_eq!(serves(place), [1, 2], "it begins anew");
    }
    assert!(missed > 0 && moments.all.len() > missed + 5, "{missed} of {}", moments.all.len());
}

#[test]
fn wherever_a_backup_is_killed_there_is_none_or_a_whole_one_t8() {
    let place = prepared();
    let moments = moments(WATCHED, "backup", place.path());

    let mut whole = 0;
    for place in &moments.all {
        assert_eq!(serves(place), [1, 2]);
        let another = place.join("another");
        if another.exists() {
            whole += 1;
        } else {
            copies::backup(&home(place), &another).unwrap();
        }
        copies::restore(&home(place), &another).unwrap();
        assert_eq!(serves(place), [1, 2], "the copy is whole");
    }
    assert!(whole > 0 && moments.all.len() > whole + 10, "{whole} of {}", moments.all.len());
}

#[test]
fn wherever_a_restore_is_killed_it_is_as_before_or_as_the_copy_t8() {
    let place = prepared();
    let moments = moments(WATCHED, "restore", place.path());

    let mut restored = 0;
    for place in &moments.all {
        let now = serves(place);
        assert!(now == [1, 2] || now == [1], "{now:?}");
        restored += usize::from(now == [1]);
        copies::restore(&home(place), &place.join("copy")).unwrap();
        assert_eq!(serves(place), [1], "it can be done again");
    }
    assert!(restored > 1 && moments.all.len() > restored + 10, "{restored} of {}", moments.all.len());
}

#[test]
fn communities_without_the_relays_keys_are_not_served_by_a_stranger_t8() {
    let place = prepared();
    fs::remove_dir_all(home(place.path()).dir().join("keys")).unwrap();

    let refused = home(place.path()).keys().unwrap_err().to_string();
    assert!(refused.contains("keys of this relay are gone"), "{refused}");

    copies::restore(&home(place.path()), &place.path().join("copy")).unwrap();
    assert_eq!(serves(place.path()), [1]);
}

fn home(place: &Path) -> Home {
    Home::new(place.join("office"))
}

fn open(place: &Path) -> Communities {
    let opened = Communities::open(
        home(place),
        Quota { community: 1 << 30, device: 1 << 30 },
        Speed::default(),
        Arc::new(SystemClock),
    );
    opened.unwrap_or_else(|error| panic!("{}: {error:#}", place.display()))
}

/// Its key, once it was shown to somebody.
fn known(place: &Path) -> Option<String> {
    fs::read_to_string(place.join("card")).ok().filter(|card| !card.is_empty())
}

fn show(place: &Path) {
    fs::write(place.join("card"), home(place).keys().unwrap().device().to_string()).unwrap();
}

/// The communities that it serves, by their numbers.
fn serves(place: &Path) -> Vec<u8> {
    let communities = open(place);
    assert!(communities.shut().is_empty(), "{:?}", communities.shut());
    if let Some(known) = known(place) {
        assert_eq!(home(place).keys().unwrap().device().to_string(), known, "it is the same relay");
    }
    communities.stores().iter().map(|store| store.community().as_bytes()[0]).collect()
}

/// A relay with a community, the card of which was shown, and a copy of it; it took in another one since.
fn prepared() -> tempfile::TempDir {
    let place = somewhere();
    show(place.path());
    home(place.path()).allow(&any_pass(1)).unwrap();
    assert_eq!(serves(place.path()), [1]);
    copies::backup(&home(place.path()), &place.path().join("copy")).unwrap();
    home(place.path()).allow(&any_pass(2)).unwrap();
    assert_eq!(serves(place.path()), [1, 2]);
    place
}
