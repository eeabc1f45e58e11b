//! A relay that turns away or sends elsewhere: whoever meets it is told so, and nothing looks as if it had arrived.

use linli_core::{
    event::{Entry, Head, LogHeader, Topic, VerifiedRun},
    id::{LogId, TopicTag},
    net::Conversation,
    replica::PeerState,
    store::Span,
    sync::{NotTaken, Outgoing, Reason, Refusal, frame::Frame, frame_to_bytes},
};
use linli_tests::{
    World,
    people::{LAN, WU},
};

use crate::{
    conversation::Node,
    memory::{Keeper, MemoryLogs, keys},
    say::post,
    wire::{FAST, Wire, settle},
};

#[test]
fn what_a_relay_has_no_room_for_is_shown_as_not_taken_and_why() {
    let (mut world, relay) = scene(40);
    visit(&world, &relay);
    assert_eq!(relay_as_seen(&world).not_taken, NotTaken::default());

    relay.change(|relay| relay.against = Some(Refusal::Full));
    post(&mut world, LAN);
    post(&mut world, LAN);
    visit(&world, &relay);

    let seen = relay_as_seen(&world);
    assert_eq!(seen.not_taken, NotTaken { full: 2, ..NotTaken::default() });
    assert_eq!((seen.in_step, seen.behind), (true, Some(2)), "and as lacking");
    assert!(!world.at(LAN).who_has(world.at(LAN).board(&Default::default()).unwrap().items[0].order).unwrap().relay);

    relay.change(|relay| relay.against = Some(Refusal::Silenced));
    visit(&world, &relay);
    assert_eq!(relay_as_seen(&world).not_taken, NotTaken { silenced: 2, ..NotTaken::default() });

    relay.change(|relay| relay.against = None);
    visit(&world, &relay);
    let seen = relay_as_seen(&world);
    assert_eq!((seen.not_taken, seen.behind), (NotTaken::default(), Some(0)));
}

#[test]
fn only_a_relay_of_the_roster_may_send_elsewhere() {
    let (world, _relay) = scene(41);
    let elsewhere = frame_to_bytes(&Frame::Elsewhere { address: "b.example.org:4433" }.to_bytes());
    for (peer, address) in [(keys(99).device(), Some("b.example.org:4433")), (world.device(WU), None)] {
        let mut link = world.at(LAN).link(peer).unwrap();

        link.receive(&elsewhere).unwrap();

        assert_eq!((link.elsewhere().as_deref(), link.closed()), (address, Some(Reason::Elsewhere)));
        assert!(link.receive(&elsewhere).is_err(), "it is over");
    }
}

/// A relay that takes the roster, and of all else only what it has room for.
#[derive(Clone, Default)]
struct Small {
    kept: MemoryLogs,
    roster: Option<TopicTag>,
    against: Option<Refusal>,
}

impl Keeper for Small {
    fn entries(&self, topic: TopicTag) -> Vec<Entry> {
        Keeper::entries(&self.kept, topic)
    }

    fn missing(&self, topic: TopicTag, have: &[Entry]) -> Vec<Span> {
        Keeper::missing(&self.kept, topic, have)
    }

    fn load(&self, span: &Span) -> Outgoing {
        Keeper::load(&self.kept, span)
    }

    fn header(&self, log: LogId) -> Option<LogHeader> {
        self.kept.header(log)
    }

    fn heads(&self, log: LogId) -> Vec<Head> {
        Keeper::heads(&self.kept, log)
    }

    fn parents_at(&self, log: LogId, seq: u64) -> Vec<Head> {
        Keeper::parents_at(&self.kept, log, seq)
    }

    fn append(&mut self, run: &VerifiedRun) -> Result<(), Refusal> {
        match self.against {
            Some(why) if Some(run.header().topic) != self.roster => Err(why),
            Some(_) | None => self.kept.append(run),
        }
    }
}

fn scene(seed: u64) -> (World, Node<Small>) {
    let mut world = World::community(seed, 1);
    let record = keys(99).record();
    world.admit_relay(LAN, record);
    world.settle();
    let topics = Topic::ALL.map(|topic| world.tag(LAN, topic)).to_vec();
    let small = Small { roster: topics.first().copied(), ..Small::default() };
    let relay = Node::new(small, world.at(LAN).community().unwrap(), record.device, topics);
    (world, relay)
}

fn visit(world: &World, relay: &Node<Small>) {
    let link = world.at(LAN).link(keys(99).device()).unwrap();
    let mut wires = [Wire::new(link, relay.conversation(&world.clock), FAST)];
    settle(&world.clock, &mut wires);
    assert!(wires[0].ends.iter().all(|end| end.is_in_step()));
}

fn relay_as_seen(world: &World) -> PeerState {
    let peers = world.at(LAN).sync_state().unwrap().peers;
    peers.into_iter().find(|peer| peer.device == keys(99).device()).unwrap()
}
