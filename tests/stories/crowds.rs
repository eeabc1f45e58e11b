//! Whoever says more about one thing than there is room for: the rest has no effect, and nobody else is touched (T4).

use linli_core::{
    aggregate::{
        encode,
        order::{Commented, Order, Refusal, Wish},
    },
    event::{Body, EventError, Held, Topic},
    id::Reference,
    replica::{Receipt, SubmitError},
};
use linli_tests::{Forger, World, hand_over};

use crate::say::{self, post, verdict};

fn say(world: &mut World, phone: usize, order: Reference, bytes: usize) -> Result<Receipt, SubmitError<Refusal>> {
    let id = world.command();
    world.at(phone).submit::<Order>(id, Some(order), Wish::Comment { text: "x".repeat(bytes) })
}

/// T4.
#[test]
fn whoever_has_said_enough_about_one_thing_is_told_so_and_nobody_else() {
    let mut world = World::community(311, 2);
    let order = post(&mut world, 0);
    world.settle();

    let said = (0..500).take_while(|_| say(&mut world, 1, order, 8_000).is_ok()).count();
    let refused = say(&mut world, 1, order, 8_000);

    assert!((60..500).contains(&said), "{said}");
    assert_eq!(refused, Err(SubmitError::Limit(EventError::Crowded)));
    say(&mut world, 2, order, 8_000).expect("others have room of their own");
    let elsewhere = post(&mut world, 1);
    say(&mut world, 1, elsewhere, 8_000).expect("and so has everybody elsewhere");
    world.settle();
    assert_eq!(world.at(0).history(order).unwrap().iter().filter(|told| told.held.is_some()).count(), 0);
    world.assert_equal();
}

/// What is too much for one thing has no effect, and says whose it is. Which of it is too much does not depend on who heard
/// what first, and nobody else's word is touched, though it builds on what is left out.
#[test]
fn what_a_device_heaps_up_in_one_thing_is_left_out_alike_everywhere_t4() {
    let mut world = World::community(312, 3);
    let order = post(&mut world, 0);
    world.settle();
    let (device, tag) = (world.device(1), world.tag(0, Topic::Common));
    let mut heap = Vec::new();
    let mut written = Vec::new();
    for life in 0..6 {
        let mut forger = Forger::with_keys_of(&mut world, 1);
        for nth in 0..40 {
            let text = format!("{life}-{nth}-{}", "x".repeat(7_000));
            written.push(forger.write(&Body { payload: encode(&Commented { text }), ..say::comment(order) }));
        }
        heap.push(forger.runs());
    }

    // Each hears of another part of it, and says something then.
    for (phone, lives) in [(0, [0, 1, 2, 3, 4, 5]), (2, [5, 4, 3, 2, 1, 0]), (3, [2, 5, 0, 3, 1, 4])] {
        for (nth, life) in lives.into_iter().enumerate() {
            hand_over(&world, phone, device, tag, &heap[life]).unwrap();
            if nth % 2 == 0 {
                say(&mut world, phone, order, 10).unwrap();
            }
        }
    }
    world.settle();

    let fates = |phone: usize| written.iter().map(|event| verdict(&world, phone, *event)).collect::<Vec<_>>();
    let left_out = fates(0).iter().filter(|fate| **fate == Some(Some(Held::Crowded))).count();
    assert!((100..180).contains(&left_out), "{left_out} of {}", written.len());
    for phone in [2, 3] {
        assert_eq!(fates(phone), fates(0), "R9");
    }
    let told = world.at(0).history(order).unwrap();
    let crowded: Vec<_> = told.iter().filter(|told| told.held == Some(Held::Crowded)).collect();
    assert_eq!(crowded.len(), left_out);
    assert!(crowded.iter().all(|told| told.by == Some(world.member(1))));
    let honest = told.iter().filter(|told| told.code == "commented" && told.device != device);
    assert_eq!(honest.filter(|told| told.held.is_none()).count(), 9);
    (0..4).for_each(|phone| assert_eq!(world.at(phone).verify().unwrap().faults, []));
    world.assert_equal();
}
