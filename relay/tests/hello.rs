//! What a member says first at a relay: a hello has a bound, whether the relay knows already which community it is for or
//! not (T4).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::sync::Arc;

use linli_core::{
    event::Topic,
    keep::{Holder, Inbox, Quota},
    limits,
    net::{Conversation, ConversationError, Expected, NetError, PipeSession},
    roster::Role,
    sync::frame_to_bytes,
};
use linli_relay::{Communities, CommunityStore, Home, Speed};
use linli_tests::{
    World, carry,
    mute::{Mute, hello},
    people::{LAN, WU},
};

#[test]
fn a_hello_that_is_too_long_ends_a_conversation_at_once_for_whomever_it_is_t4() {
    for communities in [1, 2] {
        let (world, relay, _dir) = scene(communities);
        let of = |bytes: usize| hello(&world, WU, bytes);
        let (fits, long) = (of(limits::HELLO), of(limits::HELLO + 1));
        let begun = |frame: &[u8]| frame_to_bytes(frame)[..200].to_vec();

        assert_eq!(said(&world, &relay, frame_to_bytes(&fits)).ok(), Some(()), "what a later version says beside");
        assert_eq!(said(&world, &relay, begun(&fits)).ok(), Some(()), "the rest may come");
        for (what, bytes) in [
            ("all of it", frame_to_bytes(&long)),
            ("its beginning", begun(&long)),
            ("more than that", frame_to_bytes(&of(3 * limits::HELLO))),
            ("a second one", [frame_to_bytes(&fits), frame_to_bytes(&long)].concat()),
            ("a second one that fits", [frame_to_bytes(&fits), frame_to_bytes(&fits)].concat()),
        ] {
            let ended = said(&world, &relay, bytes);
            assert!(is_refused(&ended), "{what}, {communities}: {ended:?}");
        }
        let here = || relay.stores().iter().map(|store| store.presence().here().len()).sum::<usize>();
        assert_eq!(here(), 0, "nobody is left");
    }
}

/// A relay that keeps so many communities, each of which let the first one's volunteer in.
fn scene(communities: u64) -> (World, Arc<Communities>, tempfile::TempDir) {
    let dir = linli_tests::somewhere();
    let home = Home::new(dir.path());
    let mut worlds: Vec<World> = (0..communities).map(|nth| World::community(70 + nth, 1)).collect();
    let guest = worlds[0].at(1).record();
    for world in &mut worlds {
        home.allow(&world.admit_relay(LAN, home.keys().unwrap().record())).unwrap();
        if world.at(LAN).roster().device(guest.device).is_none() {
            let id = world.command();
            world.at(LAN).admit(id, guest, Role::Volunteer, None, None).unwrap();
        }
    }
    let quota = Quota { community: 1 << 30, device: 1 << 30 };
    let clock = Arc::new(worlds[0].clock.clone());
    let communities = Communities::open(home, quota, Speed::default(), clock).unwrap();
    for store in communities.stores() {
        let world = worlds.iter().find(|world| world.at(LAN).community() == Some(store.community())).unwrap();
        bring_roster(world, &store);
        assert!(store.welcomes(guest.device));
    }
    (worlds.remove(0), Arc::new(communities), dir)
}

fn bring_roster(world: &World, store: &CommunityStore) {
    let tag = world.tag(LAN, Topic::Roster);
    let runs = world.at(LAN).look(|reader| {
        let spans = reader.missing(tag, &[])?;
        spans.iter().map(|span| reader.load(span)).collect::<Result<Vec<_>, _>>()
    });
    store.ingest(tag, runs.unwrap(), &Arc::<Inbox>::default()).unwrap();
}

/// The volunteer says these bytes; how that ended at once, with a clock that stands.
fn said(world: &World, relay: &Arc<Communities>, bytes: Vec<u8>) -> Result<(), (usize, NetError)> {
    let mute = Mute::with_keys_of(world, WU, bytes.leak());
    let card = linli_core::net::Host::device(relay.as_ref());
    let mut ends = [mute.pipe(Expected::Device(card)), PipeSession::accept(relay.clone()).unwrap()];
    let ended = carry(&mut ends, 1024, &mut |_, bytes| bytes);
    if ended.is_ok() {
        assert!(ends[1].closed().is_none());
    }
    ended
}

fn is_refused(ended: &Result<(), (usize, NetError)>) -> bool {
    let why = |why: &NetError| {
        matches!(why, NetError::Conversation(ConversationError::Session(_) | ConversationError::Frame(_)))
    };
    ended.as_ref().is_err_and(|(end, error)| *end == 1 && why(error))
}
