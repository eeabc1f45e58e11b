//! A relay that is killed at any moment of beginning, of being copied and of being restored: it is the same relay
//! afterwards, with the communities it had before or those it was to have, and nothing in between.

use std::{fs, path::Path, sync::Arc};

use linli_core::time::SystemClock;
use linli_relay::{Communities, Home, Quota, Speed, copies};
use linli_tests::{
    moments::{moments, watched},
    office::any_pass,
    somewhere,
};

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
