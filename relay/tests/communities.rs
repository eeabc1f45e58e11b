//! Communities that one relay keeps, when something is wrong with one of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::{fs, sync::Arc};

use linli_core::{store::StoreError, time::SystemClock};
use linli_relay::{Communities, Home, Quota, Speed};
use linli_tests::World;

fn open(home: &Home) -> Communities {
    let quota = Quota { community: 1 << 30, device: 1 << 30 };
    Communities::open(home.clone(), quota, Speed::default(), Arc::new(SystemClock)).unwrap()
}

#[test]
fn a_pass_that_is_damaged_keeps_no_other_community_away_and_can_be_given_again() {
    let dir = linli_tests::somewhere();
    let home = Home::new(dir.path());
    let passes = [31, 32].map(|seed| {
        let mut world = World::seeded(seed);
        let founder = world.phone();
        world.at(founder).found(None).unwrap();
        let pass = world.at(founder).relay_pass().unwrap();
        home.allow(&pass).unwrap();
        pass
    });
    fs::write(home.community(passes[0].community).join("pass"), [0xff; 40]).unwrap();

    let communities = open(&home);

    assert_eq!(communities.stores().len(), 1);
    assert!(matches!(communities.shut().as_slice(), [(id, StoreError::Damaged { .. })] if *id == passes[0].community));
    drop(communities);
    assert!(home.allow(&passes[0]).unwrap(), "it is new again");
    assert_eq!(open(&home).stores().len(), 2);
}
