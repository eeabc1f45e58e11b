use super::*;
use crate::{
    event::{Body, Compartment, Content, Head, Link, Run, Writer, tests::documented},
    limits,
    roster::{ReadError, RosterSpec, SealedParent, TABLE},
};

#[test]
fn events_of_every_kind_survive_their_bytes() {
    let mut world = World::seeded(1);
    let volunteer = world.admitted(world.founder.device(), Role::Volunteer);
    let grant = Grant::Keeper { boxes: vec![Reference::from_bytes([4; 40])] };
    let cut = world.cut_now(world.founder.device(), ROSTER);
    let revoked = Revoked {
        device: volunteer.device(),
        cuts: vec![cut.clone()],
        replaces: vec![world.facts[0].reference()],
        act: None,
    };
    let removed = GrantRemoved {
        device: volunteer.device(),
        grant: grant.clone(),
        heads: vec![cut.clone()],
        incarnations: vec![Incarnation::from_bytes([1; 8])],
        act: Some(7),
    };
    for event in [
        RosterEvent::Granted(Granted {
            device: volunteer.device(),
            grant,
            after: vec![world.facts[0].reference()],
            act: None,
        }),
        RosterEvent::GrantRemoved(removed),
        RosterEvent::Revoked(revoked),
        RosterEvent::Left,
        RosterEvent::KeyRotated(KeyRotated { record: volunteer.record() }),
        RosterEvent::Resumed(Resumed { after: cut.log }),
        RosterEvent::RelayMoved(RelayMoved {
            device: volunteer.device(),
            addresses: vec!["relay.example:4433".to_owned()],
            replaces: vec![world.facts[0].reference()],
        }),
        RosterEvent::RoomGiven(RoomGiven { device: volunteer.device(), rooms: 3 }),
    ] {
        world.write(volunteer.device(), event);
    }
    let kinds: std::collections::BTreeSet<u16> = world.facts.iter().map(|fact| fact.event.kind()).collect();
    assert!(TABLE.iter().all(|spec| kinds.contains(&spec.kind)), "every kind is tried");

    for fact in &world.facts {
        let read = RosterEvent::read(fact.event.kind(), 1, &fact.event.encode());

        assert_eq!(read.as_ref(), Ok(&fact.event));
        assert!(RosterSpec::of(fact.event.kind()).is_some());
    }
}

#[test]
fn what_is_no_roster_event_says_why() {
    let record = World::seeded(2).founder.record();
    let relay_with_a_person = Admitted {
        record,
        role: Role::Relay,
        member: Some(MemberId::first_device(record.device)),
        label: None,
        addresses: Vec::new(),
    };
    let buildings = |count| Granted {
        device: record.device,
        grant: Grant::Leader { buildings: vec!["3".into(); count] },
        after: Vec::new(),
        act: None,
    };
    let own_parent = KeysSealed {
        compartment: Compartment::Care,
        generation: 0,
        epoch: crate::id::EpochId::ZERO,
        parents: vec![SealedParent { epoch: crate::id::EpochId::ZERO, sealed: vec![0; 48] }],
        wraps: Vec::new(),
    };
    for event in [
        RosterEvent::Admitted(relay_with_a_person),
        RosterEvent::Granted(buildings(0)),
        RosterEvent::Granted(buildings(limits::RIGHTS + 1)),
        RosterEvent::KeysSealed(own_parent),
    ] {
        let read = RosterEvent::read(event.kind(), 1, &event.encode());
        assert!(matches!(read, Err(ReadError::Malformed(_))), "{read:?}");
    }
    assert_eq!(RosterEvent::read(63, 1, &[0xa0]), Err(ReadError::Kind { kind: 63 }));
    assert_eq!(RosterEvent::read(6, 2, &[0xa0]), Err(ReadError::Version { kind: 6, version: 2 }));
    assert_eq!(RosterEvent::read(6, 1, &[0xa0, 0]), Err(ReadError::Malformed("bytes after the end")));
}

#[test]
fn every_number_of_a_role_that_is_not_known_tells_before_what_is_out_of_bounds() {
    let admitted = |role| Admitted {
        record: World::seeded(2).founder.record(),
        role,
        member: None,
        label: None,
        addresses: vec![String::new()],
    };
    let bytes = RosterEvent::Admitted(admitted(Role::Later)).encode();
    let at = bytes.windows(3).position(|window| window == [0x01, 0x18, 0xff]).expect("role 255");
    let numbered = |number: u8| [&bytes[..=at], &[0x18, number], &bytes[at + 3..]].concat();

    let known = RosterEvent::Admitted(admitted(Role::Relay)).encode();
    assert!(matches!(RosterEvent::read(2, 1, &known), Err(ReadError::Malformed(_))), "an address is empty");
    assert_eq!(RosterEvent::read(2, 1, &numbered(254)), Err(ReadError::Newer));
    assert_eq!(RosterEvent::read(2, 1, &numbered(255)), Err(ReadError::Newer));
}

#[test]
fn a_list_that_is_not_there_is_an_empty_one() {
    let device = World::seeded(2).founder.device();
    let named = minicbor::to_vec(device).expect("bytes");
    // {0: the device}, and nothing of what else there may be.
    let revoked = RosterEvent::read(5, 1, &[&[0xa1, 0x00][..], &named].concat());
    let cut = Cut { log: LogId::from_bytes([1; 16]), heads: Vec::new() };
    let bare = [&[0xa1, 0x00][..], &minicbor::to_vec(cut.log).expect("bytes")].concat();

    assert_eq!(
        revoked,
        Ok(RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None }))
    );
    assert_eq!(minicbor::decode(&bare).ok(), Some(cut));
}

#[test]
fn bytes_at_random_never_panic() {
    use rand::RngExt;
    let mut world = World::seeded(3);
    for _ in 0..2_000 {
        let fact = world.dice.random_range(0..world.facts.len());
        let mut bytes = world.facts[fact].event.encode();
        let at = world.dice.random_range(0..bytes.len());
        bytes[at] = world.dice.random();
        bytes.truncate(world.dice.random_range(0..=bytes.len()));
        let _any_answer = RosterEvent::read(world.dice.random_range(0..12), 1, &bytes);
    }
}

#[test]
fn the_founding_event_is_a_run_of_its_own_and_the_log_goes_on_under_the_community() {
    let world = World::seeded(4);
    let keys = &world.founder;
    let body = |event: &RosterEvent| Body {
        aggregate: None,
        deps: Vec::new(),
        wall: WallMs(0),
        kind: event.kind(),
        version: 1,
        payload: event.encode(),
        edits: Vec::new(),
        salt: None,
    };
    let alone = LogHeader { community: CommunityId::ZERO, ..world.header(keys.device(), ROSTER) };
    let mut writer = Writer::new(keys, alone, None);
    let founding = writer.append(&body(&world.facts[0].event), None).expect("it fits");
    assert!(writer.finish().is_some());
    let community = CommunityId::from_bytes(*founding.id.as_bytes());
    let header = LogHeader { community, ..alone };
    let mut writer = Writer::new(keys, header, Some(founding));
    let next = writer.append(&body(&RosterEvent::Left), None).expect("it fits");
    let run = writer.finish().expect("one event");
    let event = &run.events()[0];

    let again = Run {
        log: header.id(),
        header: None,
        first: 1,
        links: vec![Link { epoch: event.epoch, content: event.content.clone() }],
        signature: event.signature.expect("the last is signed"),
    };

    assert_eq!(alone.id(), header.id());
    assert_eq!(again.verify(header, Some(founding)).expect("it follows").events()[0].id, next.id);
    let origin = RosterFact { log: alone, seq: 0, id: founding.id, ..world.facts[0].clone() };
    let roster = Roster::fold(community, &[origin], &world);
    assert_eq!(roster.founder(), Some(keys.device()));
    assert!(matches!(event.content, Content::Here(_)));
    let _: Head = next;
}

#[test]
fn grants_are_as_the_format_page_says() {
    let leader = Grant::Leader { buildings: vec!["3".into()] };
    for (name, grant) in [("grant of a building", leader), ("grant of care", Grant::Care)] {
        let bytes = minicbor::to_vec(&grant).expect("a vector takes any length");
        assert_eq!(hex::encode(bytes), hex::encode(documented(name)), "example `{name}` (made, documented)");
    }
}
