//! A peer that has met the phone and stays: what it brings is pushed as its own, one input after the other.
//!
//! So what is measured is the input alone, and not the comparison of all that both hold, which begins a conversation.

use linli_core::{
    event::{Entry, Topic},
    id::{DeviceId, TopicTag},
    net::Conversation,
    replica::{Link, Replica},
    sync::{Config, Framer, Input, Outgoing, Output, Refusal, Session, frame_to_bytes},
    time::Mono,
};
use linli_tests::World;

/// One conversation in which the phone is told of events.
pub(crate) struct Feeder {
    session: Session,
    link: Link,
    framer: Framer,
    /// What it said last.
    said: Vec<u8>,
}

impl Feeder {
    /// In step with a phone: it holds what the phone holds.
    pub(crate) fn with(world: &World, to: usize, from: DeviceId) -> Self {
        Self::saying(world, to, from, (TopicTag::ZERO, &[]))
    }

    /// The same, where it says this beside of a topic.
    pub(crate) fn saying(world: &World, to: usize, from: DeviceId, (of, said): (TopicTag, &[Entry])) -> Self {
        let phone: &Replica = world.at(to);
        let topics = Topic::ALL.into_iter().map(|topic| {
            let tag = world.tag(to, topic);
            let entries = phone.look(|reader| reader.entries(tag)).expect("the store answers");
            let beside = said.iter().filter(|_| tag == of).copied();
            (tag, entries.into_iter().chain(beside).collect())
        });
        let community = phone.community().expect("the phone belongs somewhere");
        let config = Config { community, device: from, topics: topics.collect(), nonce: [6; 8] };
        let session = Session::new(config, Mono(0));
        let link = phone.link(from).expect("whoever it is may speak");
        let mut feeder = Self { session, link, framer: Framer::new(), said: Vec::new() };
        feeder.talk();
        feeder
    }

    /// Brings runs, and stays until all is said.
    pub(crate) fn bring(&mut self, topic: TopicTag, runs: &[Outgoing]) {
        self.session.handle(Input::Appended { topic, runs: runs.to_vec() }, Mono(0)).expect("in order");
        self.talk();
    }

    /// Says once more what it said last, and hears no answer.
    pub(crate) fn say_again(&mut self) {
        self.link.receive(&self.said).expect("as agreed");
        self.link.send(usize::MAX).expect("as agreed");
    }

    /// Bytes that the phone keeps of this conversation.
    pub(crate) fn held(&self) -> usize {
        self.link.held().bytes
    }

    fn talk(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.session.poll() {
                quiet = false;
                match output {
                    Output::Send(frame) => {
                        self.said = frame_to_bytes(&frame);
                        self.link.receive(&self.said).expect("as agreed");
                    }
                    Output::Load { topic, .. } => {
                        let nothing = Input::Loaded { topic, runs: Vec::new(), done: true };
                        self.session.handle(nothing, Mono(0)).expect("as asked");
                    }
                    Output::Received { runs, .. } => {
                        for run in runs {
                            let refused = Input::Refused { log: run.log, why: Refusal::Stranger };
                            self.session.handle(refused, Mono(0)).expect("in order");
                        }
                    }
                    Output::Close(why) => panic!("the conversation ended: {why:?}"),
                    Output::Elsewhere { address } => panic!("a phone sends nobody to {address}"),
                    Output::Met { .. } | Output::Search { .. } | Output::PeerHas { .. } | Output::InStep => {}
                }
            }
            self.framer.push(&self.link.send(usize::MAX).expect("as agreed"));
            while let Some(frame) = self.framer.next_frame().expect("the phone sends frames") {
                quiet = false;
                self.session.handle(Input::Frame(&frame), Mono(0)).expect("the phone keeps to the protocol");
            }
            if quiet {
                return;
            }
        }
    }
}
