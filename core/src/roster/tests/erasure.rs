//! Erasures: who may, what they name, and what is left of them once their author is cut.

use super::*;
use crate::{
    event::{Body, tests::documented},
    id::{LogId, ShortId},
};

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
fn places_with_gaps_are_as_documented() {
    let mut gapped = erased(reference(1, 3));
    let span = &mut gapped.aggregates[0].spans[0];
    (span.last, span.gaps) = (9, Gaps::between(&[(3, 3), (5, 6), (9, 9)]));
    let payload = gapped.encode();
    let (deps, edits) = (Vec::new(), Vec::new());
    let wall = crate::time::WallMs(0);
    let body = Body { aggregate: None, deps, wall, kind: 64, version: 1, payload: payload.clone(), edits, salt: None };

    let bytes = body.to_bytes(LogId::ZERO).expect("small");

    assert_eq!(hex::encode(&bytes), hex::encode(documented("erased with gaps")), "made, documented");
    assert_eq!(Body::from_bytes(&bytes, LogId::ZERO), Ok(body));
    assert_eq!(Erased::read(64, 1, &payload), Ok(gapped.clone()));
    for wrong in [&[1][..], &[], &[1, 1, 2, 3], &[1, 0, 2, 2], &[0, 1], &[1, 1, 2, 2, 0], &[0x81, 0, 1]] {
        gapped.aggregates[0].spans[0].gaps = Some(Gaps::from_bytes(wrong));
        let read = Erased::read(64, 1, &gapped.encode());
        assert!(matches!(read, Err(ReadError::Malformed(_))), "{wrong:?}: {read:?}");
    }
    let gaps = vec![1; 2 * crate::limits::ERASED_SPANS];
    for (gaps, fits) in [(&gaps[2..], true), (&gaps[..], false)] {
        let span = &mut gapped.aggregates[0].spans[0];
        (span.last, span.gaps) = (1 << 40, Some(Gaps::from_bytes(gaps)));
        assert_eq!(Erased::read(64, 1, &gapped.encode()).is_ok(), fits, "a gap counts as a span");
    }
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

    let facts: Vec<_> = facts.into_iter().map(std::sync::Arc::new).collect();
    let mut said = Said::default();
    for fact in &facts {
        said.add(fact.clone());
    }
    let fold = |world: &World, fresh: &[_], before: &Erasures| {
        Erasures::fold(&said, fresh, &world.fold(), |_| false, world, before)
    };

    let erasures = fold(&world, &facts, &Erasures::default());
    world.revoke(founder, coordinator.device(), Vec::new());
    let fallen = fold(&world, &[], &erasures);

    assert_eq!(erasures.creating().iter().copied().collect::<Vec<_>>(), [reference(3, 3)]);
    let log = LogId::from_bytes([3; 16]);
    let named = |erasures: &Erasures, seq| {
        (erasures.explained().names(log, seq, seq), erasures.named_ends().names(log, seq, seq))
    };
    assert_eq!([2, 3, 5, 6].map(|seq| named(&erasures, seq)), [false, true, true, false].map(|yes| (yes, yes)));
    assert!(fallen.creating().is_empty() && fallen.counted().is_empty());
    assert_eq!(named(&fallen, 3), (true, false), "a body may have gone for it");
    for log in [1, 2].map(|log| LogId::from_bytes([log; 16])) {
        assert!(!erasures.explained().names(log, 3, 3), "of others nothing does");
    }
}

fn reference(log: u8, seq: u64) -> Reference {
    Reference { log: LogId::from_bytes([log; 16]), seq, check: ShortId::from_bytes([2; 16]) }
}

fn erased(of: Reference) -> Erased {
    let check = ShortId::from_bytes([4; 16]);
    let span = ErasedSpan { log: of.log, first: of.seq, last: of.seq + 2, check, gaps: None };
    Erased { aggregates: vec![ErasedAggregate { creating: of, spans: vec![span] }], totals: None }
}

/// An erasure at the end of a device's log.
fn fact(world: &mut World, by: DeviceId, erased: Erased) -> ErasureFact {
    let log = world.header(by, COMMON);
    let at = world.act(&log);
    ErasureFact { log, seq: at.seq, id: at.id, erased, newer: false, size: 100 }
}
