//! Erasures: who may, what they name, and what is left of them once their author is cut.

use super::*;
use crate::{
    event::{Body, tests::documented},
    id::{LogId, ShortId},
};

fn reference(log: u8, seq: u64) -> Reference {
    Reference { log: LogId::from_bytes([log; 16]), seq, check: ShortId::from_bytes([2; 16]) }
}

fn erased(of: Reference) -> Erased {
    let span = ErasedSpan { log: of.log, first: of.seq, last: of.seq + 2, check: ShortId::from_bytes([4; 16]) };
    Erased { aggregates: vec![ErasedAggregate { creating: of, spans: vec![span] }], totals: None }
}

/// An erasure at the end of a device's log.
fn fact(world: &mut World, by: DeviceId, erased: Erased) -> ErasureFact {
    let log = world.header(by, COMMON);
    let at = world.act(&log);
    ErasureFact { log, seq: at.seq, id: at.id, erased, newer: false, size: 100 }
}

#[test]
fn an_erasure_is_as_documented() {
    let payload = erased(reference(1, 3)).encode();
    let (deps, edits) = (Vec::new(), Vec::new());
    let wall = crate::time::WallMs(0);
    let body = Body { aggregate: None, deps, wall, kind: 64, version: 1, payload: payload.clone(), edits, salt: None };

    let bytes = body.to_bytes(LogId::ZERO).expect("small");

    assert_eq!(hex::encode(&bytes), hex::encode(documented("erased")), "made, documented");
    assert_eq!(Body::from_bytes(&bytes, LogId::ZERO), Ok(body));
    assert_eq!(Erased::read(64, 1, &payload), Ok(erased(reference(1, 3))));
    assert_eq!(Erased::read(64, 2, &payload), Err(ReadError::Version { kind: 64, version: 2 }));
    assert_eq!(Erased::read(65, 1, &payload), Err(ReadError::Kind { kind: 65 }));
    assert!(Erased::read(64, 1, &[payload, vec![0]].concat()).is_err());
}

#[test]
fn what_names_nothing_or_too_much_is_malformed() {
    let nothing = Erased::default();
    let mut backwards = erased(reference(1, 3));
    backwards.aggregates[0].spans[0].last = 0;
    let mut many = erased(reference(1, 3));
    many.aggregates = vec![many.aggregates[0].clone(); crate::limits::ERASED_SPANS + 1];

    for wrong in [nothing, backwards, many] {
        assert!(matches!(Erased::read(64, 1, &wrong.encode()), Err(ReadError::Malformed(_))));
    }
}

#[test]
fn only_a_coordinators_erasure_says_anything_and_once_cut_it_only_explains_what_is_gone_r5() {
    let mut world = World::seeded(1);
    let founder = world.founder.device();
    let (coordinator, volunteer) =
        (world.admitted(founder, Role::Coordinator), world.admitted(founder, Role::Volunteer));
    let mut facts = Vec::new();
    let by = [world.kit.device(), volunteer.device(), coordinator.device()];
    for (nth, by) in by.into_iter().enumerate() {
        facts.push(fact(&mut world, by, erased(reference(nth as u8 + 1, 3))));
    }

    let (mut said, mut named) = (Said::default(), Named::default());
    for fact in facts {
        named.add(&fact);
        said.add(std::sync::Arc::new(fact));
    }
    let fold = |world: &World| Erasures::fold(&said, &named, &world.fold(), |_| false, world, &Erasures::default());

    let erasures = fold(&world);
    world.revoke(founder, coordinator.device(), Vec::new());
    let fallen = fold(&world);

    assert_eq!(erasures.creating().iter().copied().collect::<Vec<_>>(), [reference(3, 3)]);
    let log = LogId::from_bytes([3; 16]);
    let places = |erasures: &Erasures, seq| erasures.at(log, seq).map(|naming| naming.counts).collect::<Vec<_>>();
    assert_eq!([2, 3, 5, 6].map(|seq| places(&erasures, seq)), [vec![], vec![true], vec![true], vec![]]);
    assert!(fallen.creating().is_empty() && fallen.counted().is_empty());
    assert_eq!(places(&fallen, 3), [false], "a body may have gone for it");
}
