//! Founding, joining, and what a newcomer sees.

use linli_core::roster::Role;
use linli_tests::{Break, Ended, World, people::WU};

#[test]
fn a_newcomer_reads_and_writes_once_the_admission_has_arrived() {
    let mut world = World::seeded(1);
    let founder = world.phone();
    world.at(founder).found(Some("Office".to_owned())).unwrap();

    let newcomer = world.join(founder, Role::Volunteer);
    assert!(!world.at(newcomer).is_ready());
    let meeting = world.meet(newcomer, founder, Break::Never);

    assert_eq!(meeting.ended, Ended::InStep);
    assert!(world.at(newcomer).is_ready());
    world.assert_equal();
}

#[test]
fn a_community_outlives_a_restart() {
    let mut world = World::community(2, 3);
    let (hash, member) = (world.at(WU).state_hash().unwrap(), world.member(WU));

    world.close(WU);
    world.open(WU);

    assert_eq!(world.at(WU).state_hash().unwrap(), hash);
    assert_eq!(world.member(WU), member);
    world.assert_equal();
}
