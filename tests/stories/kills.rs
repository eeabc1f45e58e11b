//! Kills at every moment of opening, writing, closing, recovering and deleting a home; and copies of its database, made at
//! any of them and brought back at any later one. What was acknowledged is there, no place is written twice (R6, R7,
//! T8, T9).

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use linli_core::{
    aggregate::order::Order,
    event::Head,
    id::{CommandId, Reference},
    replica::{OpenError, Options, Replica},
    store::{DirSecrets, Readers, Store},
};
use linli_tests::{
    moments::{copy_all, moments},
    somewhere,
    watched::watched,
};

use crate::say::{self, Command};

/// What the watched process does.
#[test]
fn a_phone_that_is_watched() {
    let Some((scene, place)) = watched() else { return };
    match scene.as_str() {
        "first" => {
            let replica = open(&place).unwrap();
            replica.found(None).unwrap();
            post_and_note(&replica, &place);
        }
        "again" => {
            let replica = open(&place).unwrap();
            post_and_note(&replica, &place);
            post_and_note(&replica, &place);
        }
        "rebuild" => {
            let replica = open(&place).unwrap();
            replica.rebuild().unwrap();
            post_and_note(&replica, &place);
        }
        "recover" => {
            let (replica, _) = Replica::recover(options(&place)).unwrap();
            post_and_note(&replica, &place);
        }
        "days" => {
            for _ in 0..3 {
                let replica = open(&place).unwrap();
                post_and_note(&replica, &place);
                post_and_note(&replica, &place);
            }
        }
        "copy" => {
            let (home, secrets) = (place.join("home"), options(&place).secrets);
            let reader = Readers::of(&home, secrets.as_ref(), &[]).unwrap().open().unwrap();
            reader.copy_to(&place.join("copy")).unwrap();
            drop(Store::open(&place.join("copy"), secrets.as_ref(), &[]).unwrap());
        }
        "wipe" => Replica::wipe(&place.join("home"), options(&place).secrets.as_ref()).unwrap(),
        other => panic!("no scene is called {other}"),
    }
}

const WATCHED: &str = "kills::a_phone_that_is_watched";

/// Whatever a moment left opens, holds what was acknowledged, and goes on without writing any place twice.
#[track_caller]
fn assert_whole(place: &Path, nth: usize) {
    let replica = open(place).unwrap_or_else(|error| panic!("moment {nth}: {error:?}"));
    for order in acknowledged(place) {
        assert!(replica.order(order).is_ok(), "moment {nth}: {order} is lost");
    }
    assert_eq!(replica.verify().unwrap().faults, [], "moment {nth}");
    if replica.community().is_none() {
        replica.found(None).unwrap();
    }
    let before: BTreeSet<Reference> = acknowledged(place);
    let order = post(&replica);
    assert!(!before.iter().any(|known| (known.log, known.seq) == (order.log, order.seq)), "moment {nth}");
    drop(replica);
    let replica = open(place).unwrap_or_else(|error| panic!("moment {nth}, once more: {error:?}"));
    assert!(replica.order(order).is_ok(), "moment {nth}");
    for log in replica.look(|reader| reader.logs()).unwrap() {
        let heads: Vec<Head> = replica.look(|reader| reader.heads(log.id())).unwrap();
        assert_eq!(heads.len(), 1, "moment {nth}: no place is written twice");
    }
}

fn played(scene: &str, place: &Path) -> Vec<usize> {
    let moments = moments(WATCHED, scene, place);
    for (nth, place) in moments.all.iter().enumerate() {
        assert_whole(place, nth);
    }
    let acknowledged = moments.all.iter().map(|place| acknowledged(place).len());
    let acknowledged: Vec<usize> = acknowledged.collect();
    println!("{scene}: {} moments", acknowledged.len());
    acknowledged
}

#[test]
fn wherever_the_first_day_of_a_phone_is_killed_it_goes_on_t8() {
    let place = somewhere();

    let acknowledged = played("first", place.path());

    assert!(acknowledged.len() > 40 && acknowledged.last() == Some(&1), "{acknowledged:?}");
}

#[test]
fn wherever_a_later_day_is_killed_nothing_acknowledged_is_lost_r6_t8() {
    let place = prepared();

    let acknowledged = played("again", place.path());

    assert!(acknowledged.len() > 15 && acknowledged.last() == Some(&3), "{acknowledged:?}");
}

#[test]
fn a_phone_killed_twice_goes_on_too_t8() {
    let place = prepared();
    let first = moments(WATCHED, "again", place.path());
    let killed = first.all.iter().rposition(|place| acknowledged(place).len() == 2).unwrap();

    let acknowledged = played("again", &first.all[killed]);

    assert_eq!(acknowledged.last(), Some(&4));
}

#[test]
fn wherever_a_rebuild_is_killed_it_is_as_if_never_begun_t8() {
    let place = prepared();

    played("rebuild", place.path());
}

#[test]
fn wherever_a_recovery_is_killed_opening_finishes_it_t8() {
    let place = prepared();

    let acknowledged = played("recover", place.path());

    assert!(acknowledged.len() > 30, "{acknowledged:?}");
}

/// What a relay's backup and restore do for each community.
#[test]
fn wherever_a_copy_is_killed_there_is_none_or_a_whole_one_t8() {
    let place = prepared();
    let moments = moments(WATCHED, "copy", place.path());

    let mut whole = 0;
    for (nth, place) in moments.all.iter().enumerate() {
        let (home, copy) = (place.join("home"), place.join("copy"));
        let secrets = options(place).secrets;
        let events = |home: &Path| Store::open(home, secrets.as_ref(), &[]).unwrap().stats().unwrap().events;
        if Store::is_there(&copy) {
            whole += 1;
            assert_eq!(events(&copy), events(&home), "moment {nth}");
        }
    }
    assert!(whole > 3 && whole < moments.all.len(), "{whole} of {}", moments.all.len());
}

#[test]
fn wherever_deleting_is_killed_it_can_be_finished() {
    let place = prepared();
    let moments = moments(WATCHED, "wipe", place.path());

    for (nth, place) in moments.all.iter().enumerate() {
        Replica::wipe(&place.join("home"), options(place).secrets.as_ref()).unwrap();
        assert!(!Store::is_there(&place.join("home")), "moment {nth}");
        assert_eq!(open(place).unwrap().community(), None, "moment {nth}: a new phone");
    }
    assert!(moments.all.len() > 4, "{}", moments.all.len());
}

/// The files of a database: the keystore is never brought back.
fn bring_back(from: &Path, to: &Path) {
    let (from, to) = (from.join("home"), to.join("home"));
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("linli.db{suffix}");
        let _absent = fs::remove_file(to.join(&name));
        let _absent = fs::copy(from.join(&name), to.join(&name));
    }
}

#[test]
fn whatever_copy_is_brought_back_whenever_no_place_is_written_twice_r7_t9() {
    let place = prepared();
    let moments = moments(WATCHED, "days", place.path());
    let states = |of: fn(&Path) -> Vec<u8>| {
        let mut last_of_each: Vec<usize> = Vec::new();
        for (nth, pair) in moments.all.windows(2).enumerate() {
            if of(&pair[0]) != of(&pair[1]) {
                last_of_each.push(nth);
            }
        }
        last_of_each.push(moments.all.len() - 1);
        last_of_each
    };
    let secret = |place: &Path| fs::read(place.join("home/secrets").join(hex::encode("incarnation-token"))).unwrap();
    let (copies, keystores) = (states(database), states(secret));
    let few: Vec<usize> = copies.iter().copied().step_by(copies.len().div_ceil(24)).collect();
    let mut tried = 0;

    for later in keystores {
        for earlier in few.iter().copied().filter(|earlier| *earlier <= later) {
            let restored = somewhere();
            copy_all(&moments.all[later], restored.path());
            bring_back(&moments.all[earlier], restored.path());
            let replica = match open(restored.path()) {
                Ok(replica) => replica,
                Err(error) => panic!("{earlier} brought back at {later}: {error:?}"),
            };
            let written = post(&replica);
            let twice = acknowledged(restored.path())
                .into_iter()
                .find(|known| (known.log, known.seq) == (written.log, written.seq));
            assert_eq!(twice, None, "{earlier} brought back at {later}");
            tried += 1;
        }
    }

    println!("{} moments, {tried} copies brought back", moments.all.len());
    assert!(tried > 60, "{tried}");
}

/// Made while the phone belonged nowhere yet, in the very session in which it came to belong somewhere.
#[test]
fn a_copy_from_before_the_community_is_told_and_the_phone_still_knows_where_it_belongs_t9() {
    let place = somewhere();
    let moments = moments(WATCHED, "first", place.path());
    let last = moments.all.last().unwrap();
    let (mut told, mut opened) = (0, 0);

    for (nth, earlier) in moments.all.iter().enumerate() {
        let restored = somewhere();
        copy_all(last, restored.path());
        bring_back(earlier, restored.path());
        let replica = match open(restored.path()) {
            Err(OpenError::DatabaseEarlier | OpenError::DatabaseLost) => {
                told += 1;
                Replica::recover(options(restored.path())).unwrap().0
            }
            opening => {
                opened += 1;
                opening.unwrap_or_else(|error| panic!("moment {nth}: {error:?}"))
            }
        };
        assert!(replica.community().is_some(), "moment {nth}");
    }

    assert!(told > 20 && opened > 0, "{told} {opened}");
}

fn database(place: &Path) -> Vec<u8> {
    let part = |name: &str| -> PathBuf { place.join("home").join(name) };
    [fs::read(part("linli.db")).unwrap(), fs::read(part("linli.db-wal")).unwrap_or_default()].concat()
}

/// A place for a scene: a home with its secrets, and beside it what was acknowledged.
fn open(place: &Path) -> Result<Replica, OpenError> {
    Replica::open(options(place))
}

fn options(place: &Path) -> Options {
    let home = place.join("home");
    let secrets = DirSecrets::open(&home.join("secrets")).unwrap();
    Options::new(home, Arc::new(secrets))
}

fn post(replica: &Replica) -> Reference {
    let id = CommandId::from_bytes(rand::random());
    replica.submit::<Order>(id, None, Command::Post(Box::new(say::order()))).unwrap().aggregate
}

/// Posts an order and notes it where a kill leaves it.
fn post_and_note(replica: &Replica, place: &Path) {
    let order = post(replica);
    let mut file = File::options().create(true).append(true).open(place.join("acknowledged")).unwrap();
    file.write_all(format!("{order}\n").as_bytes()).unwrap();
}

fn acknowledged(place: &Path) -> BTreeSet<Reference> {
    let text = fs::read_to_string(place.join("acknowledged")).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// A place with a community of one, who posted an order.
fn prepared() -> tempfile::TempDir {
    let place = somewhere();
    let replica = open(place.path()).unwrap();
    replica.found(None).unwrap();
    post_and_note(&replica, place.path());
    place
}
