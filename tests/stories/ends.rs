//! Ends that come late, or never, of erasures that are carried out: what stands before them goes all the same (R5, T10).

use linli_core::{
    aggregate::Held,
    event::{Body, Content, Topic},
    id::Reference,
    limits,
    roster::Role,
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{Forger, World, hand_over};

use crate::say;

fn bring(world: &World, to: usize, topic: Topic, runs: &[Outgoing]) {
    hand_over(world, to, world.device(1), world.tag(0, topic), runs).unwrap();
}

/// Comments on an order, and the runs in which they stand.
fn comments(forger: &mut Forger, order: Reference, times: usize) -> (Vec<Reference>, Vec<Outgoing>) {
    let events = (0..times).map(|_| forger.write(&say::comment(order))).collect();
    (events, forger.runs())
}

/// A coordinator erases, of which only those hear.
fn erase(world: &mut World, order: Reference, hear: &[usize]) {
    let id = world.command();
    world.at(0).erase(id, &[order]).unwrap();
    let erasures = world.own_runs(0, Topic::Erasure);
    hear.iter().for_each(|phone| bring(world, *phone, Topic::Erasure, &erasures));
}

fn tend_after(world: &mut World, minutes: u64) {
    world.pass(minutes);
    for phone in 0..world.len() {
        world.at(phone).tend().unwrap();
    }
}

/// The bodies that runs have, as far as they stand in the files of a phone.
fn on_the_disk_of(world: &World, phone: usize, runs: &[Outgoing]) -> usize {
    let files = std::fs::read_dir(world.home(phone)).unwrap().map(|entry| entry.unwrap().path());
    let disk: Vec<u8> = files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect();
    let links = runs.iter().flat_map(|outgoing| &outgoing.run.links);
    let bodies =
        links.filter_map(|link| if let Content::Here(body) = &link.content { Some(&body[..24]) } else { None });
    bodies.filter(|body| disk.windows(body.len()).any(|window| window == *body)).count()
}

/// One of them held a part of the log before it carried the erasure out, the other hears of that part afterwards, and the end
/// comes later still: in another conversation, or with the next run.
#[test]
fn what_stands_before_an_end_that_comes_after_three_days_goes_with_it_r5_t10() {
    let mut world = World::community(720, 2);
    let (early, late, relay) = (2, world.join(0, Role::Volunteer), world.join(0, Role::Relay));
    let order = say::post(&mut world, 1);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, 1);
    let (first, begin) = comments(&mut forger, order, 2);
    let (_, rest) = comments(&mut forger, order, 2);
    [0, early, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &begin));
    bring(&world, 0, Topic::Common, &rest);
    erase(&mut world, order, &[early, late, relay]);
    tend_after(&mut world, 0);
    tend_after(&mut world, say::THREE_DAYS);
    assert_eq!(
        [0, early].map(|phone| on_the_disk_of(&world, phone, &begin)),
        [0, 2],
        "nobody knows of what branch it is"
    );
    bring(&world, late, Topic::Common, &begin);
    assert_eq!(on_the_disk_of(&world, late, &begin), 2);

    [early, late, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &rest));
    tend_after(&mut world, 0);

    for phone in [0, early, late, relay] {
        assert_eq!(on_the_disk_of(&world, phone, &[&begin[..], &rest].concat()), 0, "phone {phone}");
        assert_eq!(say::verdict(&world, phone, first[0]), Some(Some(Held::Erased)), "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }
    world.settle();
    world.assert_equal();
}

/// Nobody takes more of a silenced log, so who has less of it never has its end.
#[test]
fn of_a_silenced_log_each_forgets_the_part_that_it_holds_r5_t10() {
    let mut world = World::community(721, 2);
    let relay = world.join(0, Role::Relay);
    let order = say::post(&mut world, 1);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, 1);
    let twins: Vec<Outgoing> = (0..=limits::BRANCHES)
        .flat_map(|nth| {
            let mut twin = forger.twin();
            twin.write(&Body { wall: WallMs(nth as i64), ..say::comment(order) });
            twin.runs()
        })
        .collect();
    let (first, begin) = comments(&mut forger, order, 2);
    let (_, rest) = comments(&mut forger, order, 2);
    [0, 2, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &begin));
    bring(&world, 0, Topic::Common, &rest);
    [0, 2, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &twins));
    assert_eq!([0, 2].map(|phone| say::verdict(&world, phone, first[0])), [Some(Some(Held::Silenced)); 2]);
    erase(&mut world, order, &[2, relay]);
    tend_after(&mut world, 0);

    tend_after(&mut world, say::THREE_DAYS);

    for phone in [0, 2, relay] {
        assert_eq!(on_the_disk_of(&world, phone, &[&begin[..], &rest].concat()), 0, "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }
    world.settle();
    world.assert_equal();
}
