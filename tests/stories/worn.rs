//! A disk that is worn out: it is told as that and not as a full one, everything is read, and what was acknowledged lasts
//! (R6, T8).

use std::{path::Path, sync::Arc};

use linli_core::{
    aggregate::order::Order,
    id::{CommandId, Reference},
    replica::{OpenError, Options, OrderFilter, Replica, SubmitError},
    store::{DirSecrets, StoreError},
};
use linli_tests::{
    somewhere,
    watched::watched,
    worn::{on_a_disk_that_wears_out, replace, wear_out},
};

use crate::say::{self, Answer, Command};

/// What the watched process does.
#[test]
fn a_phone_that_is_watched_while_its_disk_wears_out() {
    let Some((scene, place)) = watched() else { return };
    let phone = open(&place).unwrap();
    phone.found(None).unwrap();
    let order = post(&phone).unwrap().aggregate;
    match scene.as_str() {
        "open" => {
            wear_out(&place);
            refuses_and_reads(&phone, order);
            replace(&place);
            goes_on(phone, &place, order);
        }
        "opened" => {
            drop(phone);
            wear_out(&place);
            let phone = open(&place).unwrap();
            assert!(phone.reads_alone());
            refuses_and_reads(&phone, order);
            replace(&place);
            goes_on(phone, &place, order);
        }
        "new" => {
            wear_out(&place);
            let elsewhere = place.join("elsewhere");
            let refused = open(&elsewhere).err();
            // Which of both comes first is not said.
            assert!(
                matches!(refused, Some(OpenError::Store(StoreError::Failing | StoreError::Secret(_)))),
                "{refused:?}"
            );
            replace(&place);
            open(&elsewhere).unwrap().found(None).unwrap();
        }
        other => panic!("no scene is called {other}"),
    }
}

#[test]
fn a_phone_whose_disk_wears_out_says_so_and_is_read_t8() {
    watched_through("open");
}

#[test]
fn a_phone_is_opened_to_be_read_on_a_disk_that_is_worn_out_t8() {
    watched_through("opened");
}

#[test]
fn nobody_begins_on_a_disk_that_is_worn_out_t8() {
    watched_through("new");
}

#[track_caller]
fn watched_through(scene: &str) {
    let place = somewhere();
    on_a_disk_that_wears_out("worn::a_phone_that_is_watched_while_its_disk_wears_out", scene, place.path());
}

/// Everything that reads, reads, and whatever would write is refused because the disk fails.
#[track_caller]
fn refuses_and_reads(phone: &Replica, order: Reference) {
    for _ in 0..2 {
        assert_eq!(post(phone), Err(SubmitError::Store(StoreError::Failing)));
    }
    assert_eq!(phone.board(&OrderFilter::default()).unwrap().items.len(), 1);
    assert!(phone.order(order).is_ok() && phone.history(order).is_ok());
}

/// What was acknowledged is there, once it is opened again too, and no place is written twice.
#[track_caller]
fn goes_on(phone: Replica, place: &Path, order: Reference) {
    let new = post(&phone).unwrap().aggregate;
    drop(phone);
    let phone = open(place).unwrap();
    assert!(phone.order(order).is_ok() && phone.order(new).is_ok());
    assert_eq!(phone.verify().unwrap().faults, []);
    for log in phone.look(|reader| reader.logs()).unwrap() {
        assert_eq!(phone.look(|reader| reader.heads(log.id())).unwrap().len(), 1, "no place is written twice");
    }
}

fn post(phone: &Replica) -> Answer {
    phone.submit::<Order>(CommandId::from_bytes(rand::random()), None, Command::Post(Box::new(say::order())))
}

fn open(place: &Path) -> Result<Replica, OpenError> {
    let home = place.join("home");
    let secrets = DirSecrets::open(&home.join("secrets")).map_err(|error| OpenError::Store(error.into()))?;
    Replica::open(Options::new(home, Arc::new(secrets)))
}
