//! Comparing what two replicas hold: a tree of digests over the names of logs, walked in turns down to lists.
//!
//! Both know the other's hello. The one with the smaller device id begins. Then each answers the other's message until
//! one has nothing left to answer. A message may be of any length. It says of parts of the tree what the speaker holds
//! there: digests of the part's 16 children, or a list. So a difference is found in as many messages as the tree is
//! deep, and costs what differs.
//!
//! The digests are keyed by both sides for this one conversation, so nobody else can have made two vectors that look
//! equal in it.

use std::{collections::BTreeSet, ops::Range};

use super::{
    FrameError, SessionError, Vector,
    bounds::{Bound, COMPARED_OF_ENTRY},
    bytes::{Reader, put_varint},
    entries::{Digest, digest_under},
    frame::{Frame, put_entry, read_entry},
};
use crate::{event::Entry, id::LogId, limits};

/// Children of a node: one for each nibble of a log's name.
const FAN: usize = 16;
/// Entries of a node up to which they are listed: 16 digests weigh less than so many.
const LIST: usize = 16;
/// Children that differ beyond which longer lists are worth the round trip they save.
const MANY: usize = 8;
/// Entries of such a list.
const LIST_OF_MANY: usize = 64;
/// Nibbles beyond which entries are listed however many they are. Whoever makes logs until their names begin alike
/// costs others so many turns and no more.
const DEEPEST: u8 = 6;
/// Bytes of a message in one frame.
const PIECE: usize = limits::CHUNK;

/// A part of the tree: all logs whose names begin with so many nibbles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    /// The nibbles, from the highest.
    bits: u64,
    depth: u8,
}

const ROOT: Node = Node { bits: 0, depth: 0 };

/// What a message says of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Digests,
    List,
    /// To a list: what of it is held too, and what beside it.
    Answer,
    /// The same, but of what is held beside a part alone: there is more than is kept of it.
    AnswerInPart,
}

impl What {
    fn is_answer(self) -> bool {
        matches!(self, Self::Answer | Self::AnswerInPart)
    }
}

/// An entry, and our place of its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    entry: Entry,
    place: usize,
}

/// All topics that two replicas share and that differ somewhere, until the peer's vectors are known.
#[derive(Debug)]
pub(super) struct Compare {
    key: [u8; 32],
    /// What we held when the hello was said: comparing speaks of this, whatever is appended meanwhile. Sorted.
    ours: Vec<Item>,
    /// Which of these the peer holds: all, until it is found otherwise.
    held: Vec<bool>,
    /// What the peer holds beside, at most so much of it as is kept.
    beside: Vec<Item>,
    /// Topics, by our places, of which it holds more.
    more: BTreeSet<usize>,
    /// What we said and the peer has to answer, ascending.
    open: Vec<(Node, What)>,
    /// Bytes that were made to say which of the entries it lists are here.
    pub(super) answered: usize,
    /// Whether the peer speaks first, and has not yet.
    first: bool,
    /// The peer's message, of which more follows.
    hearing: Option<Hearing>,
}

/// A message of the peer as far as it came. It may be of any length: each part of it is heard as soon as it is whole.
#[derive(Debug, Default)]
struct Hearing {
    /// What we said and the peer has to answer, ascending.
    open: Vec<(Node, What)>,
    /// Lists among that to which no answer came yet.
    answers: usize,
    /// What is said to it.
    said: Message,
    /// Whether something of it is to be answered.
    asked: bool,
    /// The node of its last part.
    last: Option<Node>,
    /// A part that is not whole yet.
    rest: Vec<u8>,
    /// How much of that was read in vain. It is read again when it is twice as much.
    tried: usize,
}

impl Hearing {
    fn of(open: Vec<(Node, What)>, first: bool) -> Self {
        let answers = open.iter().filter(|(_, what)| *what == What::List).count();
        Self { open, answers, asked: first, ..Self::default() }
    }
}

/// What a step of comparing leads to.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Frames to send, in order.
    pub(super) frames: Vec<Vec<u8>>,
    /// What the peer holds of each of our topics, and whether that is other than what we hold, once it is known. Then
    /// comparing is over.
    pub(super) theirs: Option<Vec<(Vector, bool)>>,
}

impl Node {
    fn step(self) -> u64 {
        1 << (64 - 4 * u32::from(self.depth))
    }

    fn child(self, nibble: usize) -> Self {
        let depth = self.depth.saturating_add(1);
        let shift = 64 - 4 * u32::from(depth);
        Self { bits: self.bits | (nibble as u64) << shift, depth }
    }

    fn parent(self) -> Option<Self> {
        let depth = self.depth.checked_sub(1)?;
        let kept = if depth == 0 { 0 } else { !0 << (64 - 4 * u32::from(depth)) };
        Some(Self { bits: self.bits & kept, depth })
    }

    /// The child of this node in which a log is.
    fn nibble(self, log: LogId) -> usize {
        (start(log) >> (60 - 4 * u32::from(self.depth)) & 0xf) as usize
    }
}

/// The first 16 nibbles of a log's name.
fn start(log: LogId) -> u64 {
    log.as_bytes().iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// A message in the making.
#[derive(Debug, Default)]
struct Message {
    bytes: Vec<u8>,
    open: Vec<(Node, What)>,
    /// Entries that answers name beside what was asked.
    beside: usize,
}

impl Message {
    fn part(&mut self, node: Node, what: What) {
        let code = match what {
            What::Digests => 0,
            What::List => 1,
            What::Answer => 2,
            What::AnswerInPart => 3,
        };
        self.bytes.push(node.depth << 2 | code);
        let used = usize::from(node.depth.div_ceil(2));
        self.bytes.extend_from_slice(&node.bits.to_be_bytes()[..used]);
        if !what.is_answer() {
            self.open.push((node, what));
        }
    }

    fn items(&mut self, items: &[Item]) {
        put_varint(&mut self.bytes, items.len() as u64);
        for item in items {
            self.bytes.push(super::words::number(item.place));
            put_entry(&mut self.bytes, &item.entry);
        }
    }
}

fn read_part(from: &mut Reader<'_>) -> Result<(Node, What), FrameError> {
    let code = from.byte()?;
    let what = match code & 3 {
        0 => What::Digests,
        1 => What::List,
        2 => What::Answer,
        _ => What::AnswerInPart,
    };
    let depth = code >> 2;
    let wrong = FrameError::Value { what: "a part of the tree", got: code.into() };
    if depth > DEEPEST {
        return Err(wrong);
    }
    let mut bytes = [0; 8];
    let used = usize::from(depth.div_ceil(2));
    bytes[..used].copy_from_slice(from.take(used)?);
    let node = Node { bits: u64::from_be_bytes(bytes), depth };
    // The unused half of the last byte is zero, so that a node has one form.
    if depth > 0 && node.bits & (node.step() - 1) != 0 { Err(wrong) } else { Ok((node, what)) }
}

impl Compare {
    /// Begins. `ours` are the vectors of the topics that are shared, by our places.
    pub(super) fn new(key: [u8; 32], ours: impl IntoIterator<Item = (usize, Entry)>) -> Self {
        let mut ours: Vec<Item> = ours.into_iter().map(|(place, entry)| Item { entry, place }).collect();
        ours.sort_unstable();
        let held = vec![true; ours.len()];
        Self {
            key,
            ours,
            held,
            beside: Vec::new(),
            more: BTreeSet::new(),
            open: Vec::new(),
            answered: 0,
            first: true,
            hearing: None,
        }
    }

    /// The first message, by the side that begins.
    pub(super) fn begin(&mut self) -> Vec<Vec<u8>> {
        self.first = false;
        let mut message = Message::default();
        self.describe(ROOT, 0..self.ours.len(), LIST, &mut message);
        self.say(message)
    }

    /// How much is kept.
    pub(super) fn bounds(&self) -> Vec<Bound> {
        let Self { key: _, ours, held, beside, more, open, answered, first: _, hearing } = self;
        let nothing = Hearing::default();
        let Hearing { open: due, answers, said, asked: _, last: _, rest, tried } = hearing.as_ref().unwrap_or(&nothing);
        let Message { bytes, open: said, beside: named } = said;
        let bound = |what, kept, limit, ours| Bound { what, kept, limit, ours };
        // A node of digests has more entries than it has children, each of which the peer may take apart.
        let nodes = ours.len().saturating_add(1);
        let words = ours.len().saturating_mul(COMPARED_OF_ENTRY);
        vec![
            bound("what was held at the hello", ours.len().max(held.len()), 0, ours.len()),
            bound("entries that it holds beside", beside.len(), limits::NAMED, 0),
            bound("topics of which it holds more", more.len(), limits::TOPICS, 0),
            bound("parts that it has to answer", open.len().max(due.len()).max(*answers), FAN, nodes * FAN),
            bound("parts that are said", said.len(), FAN, nodes * FAN),
            bound("bytes that are said", bytes.len(), limits::COMPARED + limits::FRAME, words),
            bound("bytes that answer lists", *answered, limits::COMPARED, 0),
            bound("entries in answers", *named, limits::NAMED, 0),
            bound("bytes of a part of a message", rest.len().max(*tried), limits::COMPARED, 0),
        ]
    }

    /// Bytes that are kept of the peer's words.
    pub(super) fn kept(&self) -> usize {
        let rest = self.hearing.as_ref().map_or(0, |hearing| hearing.rest.len());
        rest.saturating_add(self.beside.len().saturating_mul(size_of::<Item>()))
    }

    /// A piece of the peer's message, and whether more of it follows. `places` are ours of the peer's topics.
    pub(super) fn hear(&mut self, bytes: &[u8], more: bool, places: &[Option<usize>]) -> Result<Step, SessionError> {
        let mut hearing = match self.hearing.take() {
            Some(hearing) => hearing,
            None if !self.first && self.open.is_empty() => {
                return Err(SessionError::OutOfTurn { got: "compare", state: "nothing is compared" });
            }
            None => Hearing::of(std::mem::take(&mut self.open), self.first),
        };
        if more && bytes.is_empty() {
            return Err(FrameError::Short.into());
        }
        hearing.rest.extend_from_slice(bytes);
        if !more || hearing.rest.len() >= hearing.tried.saturating_mul(2).min(limits::COMPARED) {
            self.hear_parts(&mut hearing, more, places)?;
        }
        if hearing.rest.len() > limits::COMPARED {
            return Err(SessionError::TooMany { what: "bytes of a part of a message", limit: limits::COMPARED });
        }
        if more {
            self.hearing = Some(hearing);
            return Ok(Step::default());
        }
        if hearing.answers > 0 {
            return Err(FrameError::Short.into());
        }
        self.first = false;
        let mut step = Step { frames: Vec::new(), theirs: None };
        // To a message that only answers nothing is said: whoever gave the last answer knows that it was the last.
        if hearing.asked {
            step.frames = self.say(hearing.said);
        }
        if self.open.is_empty() {
            step.theirs = Some(self.finish(self.places()));
        }
        Ok(step)
    }

    /// Hears the parts that are whole.
    fn hear_parts(&mut self, hearing: &mut Hearing, more: bool, places: &[Option<usize>]) -> Result<(), SessionError> {
        let bytes = std::mem::take(&mut hearing.rest);
        let mut from = Reader::new(&bytes);
        while !from.is_empty() {
            let mut part = from;
            match self.hear_part(hearing, &mut part, places) {
                Err(SessionError::Frame(FrameError::Short)) if more => break,
                heard => heard?,
            }
            from = part;
        }
        hearing.rest = from.rest().to_vec();
        hearing.tried = hearing.rest.len();
        Ok(())
    }

    /// Hears one part. One that is not whole changes nothing.
    fn hear_part(
        &mut self,
        hearing: &mut Hearing,
        from: &mut Reader<'_>,
        places: &[Option<usize>],
    ) -> Result<(), SessionError> {
        let (node, what) = read_part(from)?;
        if hearing.last.is_some_and(|last: Node| last.bits >= node.bits) {
            return Err(FrameError::Order.into());
        }
        if !self.is_due(node, what, &hearing.open) {
            return Err(SessionError::OutOfTurn { got: "a part of the tree", state: "it was not asked for" });
        }
        match what {
            What::Digests => self.hear_digests(node, from, &mut hearing.said)?,
            What::List => self.hear_list(node, from, places, &mut hearing.said)?,
            What::Answer | What::AnswerInPart => {
                self.hear_answer(node, from, places)?;
                if what == What::AnswerInPart {
                    self.note_more(places);
                }
                hearing.answers = hearing.answers.saturating_sub(1);
            }
        }
        hearing.last = Some(node);
        hearing.asked |= !what.is_answer();
        Ok(())
    }

    /// Whether this is what the peer may say of a node now.
    fn is_due(&self, node: Node, what: What, open: &[(Node, What)]) -> bool {
        let said = |node: Node, what: What| {
            open.binary_search_by_key(&node, |(node, _)| *node)
                .is_ok_and(|at| open.get(at).is_some_and(|of| of.1 == what))
        };
        match what {
            What::Answer | What::AnswerInPart => said(node, What::List),
            What::Digests | What::List if self.first => node == ROOT,
            What::Digests | What::List => node.parent().is_some_and(|parent| said(parent, What::Digests)),
        }
    }

    fn hear_digests(&self, node: Node, from: &mut Reader<'_>, said: &mut Message) -> Result<(), SessionError> {
        if node.depth >= DEEPEST {
            return Err(FrameError::Value { what: "the depth of the tree", got: node.depth.into() }.into());
        }
        let ours = self.digests(node);
        let mut differing = Vec::new();
        for (nibble, ours) in ours.into_iter().enumerate() {
            let theirs: Digest = from.array()?;
            if theirs != ours {
                differing.push(node.child(nibble));
            }
        }
        let list = if differing.len() >= MANY { LIST_OF_MANY } else { LIST };
        for child in differing {
            self.describe(child, self.range(child), list, said);
        }
        Ok(())
    }

    fn hear_list(
        &mut self,
        node: Node,
        from: &mut Reader<'_>,
        places: &[Option<usize>],
        said: &mut Message,
    ) -> Result<(), SessionError> {
        let theirs = self.items(node, from, places)?;
        let range = self.range(node);
        let ours = self.ours.get(range.clone()).unwrap_or_default();
        let is_beside = |item: &&Item| theirs.binary_search(item).is_err();
        let mut beside: Vec<Item> = ours.iter().filter(is_beside).copied().collect();
        let room = limits::NAMED.saturating_sub(said.beside);
        let in_part = beside.len() > room;
        beside.truncate(room);
        said.beside = said.beside.saturating_add(beside.len());
        self.answered = self.answered.saturating_add(theirs.len().div_ceil(8));
        if self.answered > limits::COMPARED {
            return Err(SessionError::TooMany { what: "bytes that answer lists", limit: limits::COMPARED });
        }
        said.part(node, if in_part { What::AnswerInPart } else { What::Answer });
        for eight in theirs.chunks(8) {
            let held = |(bit, item): (usize, &Item)| u8::from(ours.binary_search(item).is_ok()) << bit;
            said.bytes.push(eight.iter().enumerate().map(held).fold(0, |byte, bit| byte | bit));
        }
        said.items(&beside);
        let foreign: Vec<Item> = theirs.iter().filter(|item| ours.binary_search(item).is_err()).copied().collect();
        let known: Vec<bool> = ours.iter().map(|item| theirs.binary_search(item).is_ok()).collect();
        self.note(range, known, foreign);
        if in_part {
            self.note_more(places);
        }
        Ok(())
    }

    fn hear_answer(&mut self, node: Node, from: &mut Reader<'_>, places: &[Option<usize>]) -> Result<(), SessionError> {
        let range = self.range(node);
        let bits = from.take(range.len().div_ceil(8))?;
        let is_set = |at: usize| bits.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        let known: Vec<bool> = (0..range.len()).map(is_set).collect();
        let beside = self.items(node, from, places)?;
        let ours = self.ours.get(range.clone()).unwrap_or_default();
        if beside.iter().any(|item| ours.binary_search(item).is_ok()) {
            return Err(FrameError::Order.into());
        }
        self.note(range, known, beside);
        Ok(())
    }

    /// Notes what the peer has of a node. What is too much is forgotten: it comes all the same, and is sent once more
    /// at worst.
    fn note(&mut self, range: Range<usize>, known: Vec<bool>, beside: Vec<Item>) {
        for (held, known) in self.held.iter_mut().skip(range.start).zip(known) {
            *held = known;
        }
        let room = limits::NAMED.saturating_sub(self.beside.len());
        self.more.extend(beside.iter().skip(room).map(|item| item.place));
        self.beside.extend(beside.into_iter().take(room));
    }

    /// One side holds more than it names, in whatever topics: both go by it that all may differ.
    fn note_more(&mut self, places: &[Option<usize>]) {
        self.more.extend(places.iter().flatten());
    }

    /// A sorted list of entries, all in this node.
    fn items(&self, node: Node, from: &mut Reader<'_>, places: &[Option<usize>]) -> Result<Vec<Item>, SessionError> {
        let count = from.varint()?;
        let mut items: Vec<Item> = Vec::new();
        for _ in 0..count {
            let number = from.byte()?;
            let place = places.get(usize::from(number)).copied().flatten();
            let place = place.ok_or(SessionError::OutOfTurn { got: "an entry", state: "the topic is not shared" })?;
            let item = Item { entry: read_entry(from)?, place };
            let inside = node.depth == 0 || start(item.entry.log) & !(node.step() - 1) == node.bits;
            if !inside || items.last().is_some_and(|before| before.entry >= item.entry) {
                return Err(FrameError::Order.into());
            }
            items.push(item);
        }
        Ok(items)
    }

    /// Says what we hold in a node: a list if it is short enough, else digests.
    fn describe(&self, node: Node, range: Range<usize>, list: usize, said: &mut Message) {
        if range.len() <= list || node.depth >= DEEPEST {
            said.part(node, What::List);
            said.items(self.ours.get(range).unwrap_or_default());
        } else {
            said.part(node, What::Digests);
            self.digests(node).iter().for_each(|digest| said.bytes.extend_from_slice(digest));
        }
    }

    /// A digest for each child.
    fn digests(&self, node: Node) -> Vec<Digest> {
        let ours = self.ours.get(self.range(node)).unwrap_or_default();
        let mut children =
            ours.chunk_by(|one, other| node.nibble(one.entry.log) == node.nibble(other.entry.log)).peekable();
        let child = |nibble: usize| {
            let is_child = |items: &&[Item]| items.first().is_some_and(|item| node.nibble(item.entry.log) == nibble);
            let items = children.next_if(is_child).unwrap_or_default();
            digest_under(&self.key, items.iter().map(|item| &item.entry))
        };
        (0..FAN).map(child).collect()
    }

    /// Where the entries of a node stand.
    fn range(&self, node: Node) -> Range<usize> {
        if node.depth == 0 {
            return 0..self.ours.len();
        }
        let below = |bits: u64| self.ours.partition_point(|item| start(item.entry.log) < bits);
        let end = node.bits.checked_add(node.step()).map_or(self.ours.len(), below);
        below(node.bits)..end
    }

    fn say(&mut self, message: Message) -> Vec<Vec<u8>> {
        self.open = message.open;
        let last = message.bytes.len().div_ceil(PIECE).saturating_sub(1);
        let piece = |which: usize| {
            let bytes = message.bytes.get(which * PIECE..).unwrap_or_default();
            let bytes = bytes.get(..PIECE).unwrap_or(bytes);
            Frame::Compare { more: which < last, bytes }.to_bytes()
        };
        (0..=last).map(piece).collect()
    }

    fn places(&self) -> usize {
        let all = self.ours.iter().chain(&self.beside).map(|item| item.place);
        all.chain(self.more.iter().copied()).max().map_or(0, |last| last.saturating_add(1))
    }

    fn finish(&mut self, places: usize) -> Vec<(Vector, bool)> {
        let mut theirs = vec![(Vector::default(), false); places];
        for (item, held) in self.ours.iter().zip(&self.held) {
            if let Some((vector, differs)) = theirs.get_mut(item.place) {
                *differs |= !held;
                if *held {
                    vector.insert(item.entry);
                }
            }
        }
        for item in std::mem::take(&mut self.beside) {
            if let Some((vector, differs)) = theirs.get_mut(item.place) {
                *differs = true;
                vector.learn(item.entry);
            }
        }
        for (place, (_, differs)) in theirs.iter_mut().enumerate() {
            *differs |= self.more.contains(&place);
        }
        theirs
    }
}
