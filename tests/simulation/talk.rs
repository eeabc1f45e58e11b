//! Talking falsely: a conversation that keeps to the shape of the protocol, more or less, and in which nothing is true.

use linli_core::{
    event::{Entry, Topic},
    id::{DeviceId, LogId, ShortId, TopicTag},
    keep::Holder,
    net::{Conversation, ConversationError},
    replica::LinkError,
    store::Reader,
    sync::{
        Config, Framer, Input, Outgoing, Output, Refusal, Session, Vector,
        frame::{Frame, Wanted},
        frame_to_bytes,
    },
    time::Mono,
};
use linli_tests::World;
use rand::{Rng, RngExt, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;

use super::office::Office;

/// Turns after which a liar tires.
const TURNS: usize = 40;
/// Bytes that a phone may keep of one conversation, however it goes: the bounds of `limits` together.
const HELD: usize = 24 * 1024 * 1024;

/// Talks to a phone as `from`: says to hold what it does not hold and to lack what it was sent, answers what it was not
/// asked, keeps back what it announced, and garbles some of its words. The phone may end it, with a reason.
///
/// # Panics
/// If the phone's store fails, or it keeps more of the conversation than it may.
pub(crate) fn falsely(world: &mut World, to: usize, from: DeviceId, runs: &[(Topic, Outgoing)]) {
    let held = Topic::ALL.map(|topic| {
        let tag = world.tag(to, topic);
        (tag, world.at(to).look(|reader| reader.entries(tag)).expect("the store answers"))
    });
    let link = match world.at(to).link(from) {
        Ok(link) => link,
        Err(LinkError::Withdrawn) => return,
        Err(error) => panic!("no conversation begins: {error}"),
    };
    let link = lie(world, to, from, runs, held, link);
    assert!(link.held().bytes < HELD, "{:?}", link.held());
    assert_eq!(link.held().passed, None, "everything that is kept of a peer has its limit");
}

/// Talks to a relay so; a phone of its community says what the topics are called.
///
/// # Panics
/// If the relay's store fails.
pub(crate) fn falsely_to_relay(
    world: &mut World,
    office: &Office,
    phone: usize,
    from: DeviceId,
    runs: &[(Topic, Outgoing)],
) {
    let store = office.store(world);
    let held = Topic::ALL.map(|topic| {
        let tag = world.tag(phone, topic);
        (tag, store.read(|reader: &Reader| reader.entries(tag)).expect("the store answers"))
    });
    match office.converse(from) {
        Ok(visit) => drop(lie(world, phone, from, runs, held, visit)),
        Err(ConversationError::Withdrawn) => {}
        Err(error) => panic!("no conversation begins: {error}"),
    }
}

/// Why a conversation is over: the store's failure, or any other.
enum Over {
    Fault(String),
    Enough,
}

impl From<LinkError> for Over {
    fn from(why: LinkError) -> Self {
        match why {
            LinkError::Store(_) => Self::Fault(why.to_string()),
            _ => Self::Enough,
        }
    }
}

impl From<ConversationError> for Over {
    fn from(why: ConversationError) -> Self {
        match why {
            ConversationError::Ours(_) => Self::Fault(why.to_string()),
            _ => Self::Enough,
        }
    }
}

fn lie<C: Conversation>(
    world: &mut World,
    phone: usize,
    from: DeviceId,
    runs: &[(Topic, Outgoing)],
    held: [(TopicTag, Vec<Entry>); Topic::ALL.len()],
    link: C,
) -> C
where
    Over: From<C::Error>,
{
    let vectors = held.map(|(tag, entries)| (tag, false_vector(world, entries)));
    let runs: Vec<(TopicTag, Outgoing)> =
        runs.iter().map(|(topic, run)| (world.tag(phone, *topic), run.clone())).collect();
    let mut dice = world.dice.clone();
    world.dice.random::<u64>(); // what comes after is not what was thrown here
    let community = world.at(phone).community().expect("the phone belongs somewhere");
    let config = Config { community, device: from, topics: vectors.to_vec(), nonce: dice.random() };
    let mut talk = Lies { session: Session::new(config, Mono(0)), link, framer: Framer::new(), runs, open: Vec::new() };
    if let Err(Over::Fault(error)) = talk.go_on(&mut dice) {
        panic!("a conversation became a failure of the store: {error}");
    }
    talk.link
}

/// What is held, without some of it, and with what is not.
fn false_vector(world: &mut World, mut entries: Vec<Entry>) -> Vector {
    entries.retain(|_| world.dice.random_bool(0.8));
    for entry in &mut entries {
        match world.dice.random_range(0..12) {
            0 => entry.seq = entry.seq.saturating_add(world.dice.random_range(1..9)),
            1 => entry.short = ShortId::from_bytes(world.dice.random()),
            2 => entry.seq = u64::MAX,
            _ => {}
        }
    }
    let invented = (0..world.dice.random_range(0..4)).map(|_| invented(&mut world.dice)).collect::<Vec<_>>();
    entries.into_iter().chain(invented).collect()
}

fn invented(dice: &mut impl Rng) -> Entry {
    let seq = *[0, 3, 31, u64::MAX].choose(dice).unwrap_or(&0);
    Entry { log: LogId::from_bytes(dice.random()), seq, short: ShortId::from_bytes(dice.random()) }
}

struct Lies<C> {
    session: Session,
    link: C,
    framer: Framer,
    /// What there is to send.
    runs: Vec<(TopicTag, Outgoing)>,
    /// Logs that the phone has named.
    open: Vec<LogId>,
}

impl<C: Conversation> Lies<C>
where
    Over: From<C::Error>,
{
    fn go_on(&mut self, dice: &mut ChaCha20Rng) -> Result<(), Over> {
        for _ in 0..TURNS {
            let mut quiet = true;
            while let Some(output) = self.session.poll() {
                quiet = false;
                if !self.answer(dice, output)? {
                    return Ok(());
                }
            }
            if dice.random_bool(0.2) {
                self.interject(dice)?;
            }
            self.framer.push(&self.link.send(usize::MAX)?);
            while let Some(frame) = self.framer.next_frame().map_err(|_| Over::Enough)? {
                quiet = false;
                // A liar's own session may have had enough of what the liar says.
                if self.session.handle(Input::Frame(&frame), Mono(0)).is_err() {
                    return Ok(());
                }
            }
            self.link.tick()?;
            if quiet {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the conversation goes on.
    fn answer(&mut self, dice: &mut ChaCha20Rng, output: Output) -> Result<bool, Over> {
        let said = match output {
            Output::Send(frame) => return self.say(dice, &frame).map(|()| true),
            Output::Load { topic, .. } => {
                let own = self.runs.iter().filter(|(of, _)| *of == topic || dice.random_bool(0.05));
                let mut runs: Vec<Outgoing> = own.map(|(_, run)| run.clone()).collect();
                if dice.random_bool(0.2) {
                    runs.clear();
                }
                self.session.handle(Input::Loaded { topic, runs, done: true }, Mono(0))
            }
            Output::Received { runs, .. } => {
                let mut answers = Vec::new();
                for run in runs {
                    self.open.push(run.log);
                    answers.push((run.log, dice.random_range(0..4)));
                }
                answers.into_iter().try_for_each(|(log, how)| match how {
                    // Nothing is said at all.
                    0 => Ok(()),
                    1 => self.session.handle(Input::Refused { log, why: Refusal::Gap }, Mono(0)),
                    2 => self.session.handle(Input::Refused { log, why: Refusal::Silenced }, Mono(0)),
                    _ => {
                        let last = Entry { log, ..invented(dice) };
                        self.session.handle(Input::Committed { last, heads: vec![last] }, Mono(0))
                    }
                })
            }
            Output::Close(_) => return Ok(false),
            Output::Elsewhere { address } => panic!("a phone sends nobody to {address}"),
            Output::Met { .. } | Output::Search { .. } | Output::PeerHas { .. } | Output::InStep => Ok(()),
        };
        Ok(said.is_ok())
    }

    /// Says a frame: as it is, garbled, twice, or not at all.
    fn say(&mut self, dice: &mut ChaCha20Rng, frame: &[u8]) -> Result<(), Over> {
        let mut bytes = frame_to_bytes(frame);
        match dice.random_range(0..40) {
            0 => return Ok(()),
            1 => {
                let at = dice.random_range(0..bytes.len());
                bytes[at] ^= 1 << dice.random_range(0..8);
            }
            2 => self.link.receive(&bytes)?,
            _ => {}
        }
        Ok(self.link.receive(&bytes)?)
    }

    /// Says what nobody asked for.
    fn interject(&mut self, dice: &mut ChaCha20Rng) -> Result<(), Over> {
        let topic = dice.random_range(0..6);
        let log = self.open.choose(dice).copied().unwrap_or_else(|| LogId::from_bytes(dice.random()));
        let mut entries: Vec<Entry> = (0..dice.random_range(0..40)).map(|_| invented(dice)).collect();
        entries.extend((0..dice.random_range(0..3)).map(|seq| Entry { log, ..Entry { seq, ..invented(dice) } }));
        entries.sort_unstable();
        let frame = match dice.random_range(0..7) {
            0 => Frame::Ack { runs: dice.random_range(0..4), refused: None },
            1 => Frame::Ack { runs: 1, refused: Some(Refusal::Stranger) },
            2 => Frame::Done { topic },
            3 => Frame::Announce { topic, entries },
            4 => Frame::Pull { topic, logs: vec![Wanted { log, have: Vec::new() }] },
            5 => Frame::Compare { more: dice.random_bool(0.5), bytes: &[7; 20] },
            _ => Frame::Part { bytes: &[0; 9], last: dice.random_bool(0.5) },
        };
        Ok(self.link.receive(&frame_to_bytes(&frame.to_bytes()))?)
    }
}
