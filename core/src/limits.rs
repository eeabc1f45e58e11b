//! Every size and limit in one place.
//!
//! A limit is judged twice. The author gets a typed error. A receiver holds the event as malformed, or ends the
//! session. Raising a limit is a new format version, because a receiver with the lower limit judges the same bytes
//! otherwise.

/// Declares the limits, and lists them.
macro_rules! limits {
    ($($(#[$doc:meta])* pub const $name:ident: $of:ty = $value:expr;)*) => {
        $($(#[$doc])* pub const $name: $of = $value;)*

        /// Every limit with its name, in the order in which they stand here.
        pub const ALL: &[(&str, i128)] = &[$((stringify!($name), $name as i128)),*];
    };
}

limits! {
/// Bytes of a sealed body, its 16-byte tag included.
pub const SEALED_BODY: usize = 32 * 1024;
/// Bytes of one text or payload field.
pub const FIELD: usize = 8 * 1024;
/// Edits in one event.
pub const EDITS: usize = 256;
/// Deps named by one event.
pub const DEPS: usize = 64;
/// Events, items and logs that a payload names, each as often as it does.
pub const NAMES: usize = 1_024;
/// Nesting of CBOR containers in a payload.
pub const NESTING: usize = 16;
/// Concurrent values of one field that are shown of one device, once there are more than so many in all.
pub const VALUES: usize = 4;
/// Events between two kept signatures: every seq that is a multiple of this is signed.
pub const SIGNATURE_EVERY: u64 = 32;
/// Branches of one log beyond which it is silenced.
pub const BRANCHES: usize = 16;
/// Branches of one log that are taken because they may lead to a head which a cut names and nobody here holds; what was seen to
/// lead there is taken beside them.
pub const LEADING: usize = 4 * BRANCHES;
/// Signatures that are checked in vain in one go, or twice as many of which some hold: then others have their turn before more of
/// the runs that came together are. One for each event at a place that may lead to a named head, or lies beyond a cut, and a few.
/// Of all these runs as many are beyond [`BRANCHES`] and one for each.
pub const TRIES: usize = LEADING + 256 + BRANCHES;
/// Events kept beyond a cut.
pub const BEYOND_CUT: u64 = 256;
/// Bytes of room that a phone keeps for one device, and as many for the roster and erasures of a coordinator.
pub const DEVICE_ROOM: u64 = 64_000_000;
/// How often that room is kept of what others bring of the device itself, which wrote it before it was restored.
pub const OWN_TIMES: u64 = 4;
/// Bytes of room that a phone keeps for all devices of a community that may write.
pub const COMMUNITY_ROOM: u64 = 1_000_000_000;
/// Bytes of room for what a device that is no coordinator writes into the roster and as erasures.
pub const CLEAR_ROOM: u64 = 256 * 1024;
/// Bytes of room that each device has for alerts whatever else it or others stored.
pub const URGENT_ROOM: u64 = 64 * 1024;
/// Bytes of room that an event takes beside its body.
pub const EVENT_ROOM: u64 = 256;
/// Bytes of room that each branch of a log takes, a log without forks being one: all who compare what they hold name each, so
/// that so many stand for a message that is still read.
pub const BRANCH_ROOM: u64 = 16 * 1024;
/// Branches of one device in one topic that take no such room: a phone that is killed begins a log with its next session.
pub const FEW_BRANCHES: u64 = 1_024;
/// Bytes of room that a note takes of what a device's events wait for, one for each event that one of them names: a row that
/// is found in three ways.
pub const WAIT_ROOM: u64 = 384;
/// Bytes of room, [`EVENT_ROOM`] and the body of each event, that what is held of one device in one aggregate takes without more
/// ado: as much as may count there, so that whoever has a newer app is heard by an older one.
pub const HELD_ROOM: u64 = AGGREGATE_ROOM;
/// How many bytes of room each byte takes that is held beyond it, besides itself: whoever reads the aggregate again reads all of
/// that, so that a device's whole room is full of little.
pub const HELD_TIMES: u64 = 128;
/// Bytes of room that each field takes which an event writes in a document; an item added without any counts as one, and so does
/// one removed. In memory each is much more than on the wire.
pub const EDIT_ROOM: u64 = 64;
/// Bytes of room, [`EVENT_ROOM`], the body of each event and [`EDIT_ROOM`] for what it writes, that one device has in one
/// aggregate. Of its events that would count the first in the order of the aggregate do, as far as this goes, the creating
/// one beside: others have no effect.
pub const AGGREGATE_ROOM: u64 = 768 * 1024;
/// Parts of such a room in which it is told how much of it is used: a row that changed with each act would cost each act.
pub const ROOM_PARTS: u64 = 64;
/// So many parts of each room used are told, a quarter before the end.
pub const ROOM_TOLD: u64 = 48;
/// Things of one device of which that is told at a time, those in which it has least left.
pub const TOLD_OF_ONE: usize = 8;
/// Bytes of room that one device has in the roster: of its events that no cut leaves out the first in the order in which the
/// roster is read count, as far as this goes. It is more than in an aggregate, for a key that is replaced is given to all.
pub const ROSTER_ROOM: u64 = 2 * 1024 * 1024;
/// Bytes of it that a device leaves for withdrawals: what else it would say is refused by itself before.
pub const ROSTER_RESERVE: u64 = 512 * 1024;
/// Bytes of room that one device has among erasures, the first by log and place.
pub const ERASURE_ROOM: u64 = 2 * 1024 * 1024;
/// Rooms of each kind, its own among them, that count of one device, however many more coordinators give it.
pub const ROOMS: u64 = 64;
/// Rooms that one event gives.
pub const ROOMS_GIVEN: u64 = 16;
/// Places in an order at which one person stands at once, assigned ones beside: one claim more makes none. Of one person's
/// progress as many, the last, are asked whose claim comes before whose.
pub const PLACES: usize = 16;
/// Rights that one event gives or takes: buildings, or boxes. Each takes as much room as if the event were about it alone.
pub const RIGHTS: usize = 16;
/// Acts of one author about one right of one device that stand beside each other: the last that give it, and the first that
/// take it, of which the last is one with all that come behind it.
pub const RIGHT_ACTS: usize = 16;
/// Buildings of one giver by which a device leads any, where each that it leads was taken before: those given last.
pub const LEADS: usize = 16;
/// Bytes of a building's id in the roster.
pub const BUILDING_ID: usize = 256;
/// Cuts of one device that one author lets stand beside each other; later ones say nothing. Who cuts again replaces what
/// they said before.
pub const CUTS: usize = 16;
/// Heads of one log that a cut names, of which no more than the last count: several times as many as anybody keeps of a log
/// with too many branches.
pub const CUT_HEADS: usize = 4 * BRANCHES;
/// Addresses of a relay in the roster and on its card.
pub const RELAY_ADDRESSES: usize = 16;
/// Bytes of one address in the roster, and in a frame that redirects.
pub const ADDRESS: usize = 256;
/// Bytes of one address on a relay's card, where its length is one byte.
pub const CARD_ADDRESS: usize = 255;
/// Wraps of an epoch key in one event: one takes 122 bytes, and beside them stand up to 64 parents of 70 bytes each.
pub const WRAPS: usize = 220;
/// Parents of an epoch in one event.
pub const PARENTS: usize = 64;
/// Bytes of an epoch's sealed label.
pub const EPOCH_LABEL: usize = 1024;
/// Keys of a compartment that stand beside each other, none sealing another, and are given one by one: as many as
/// coordinators make who do not hear each other.
pub const KEYS_APART: usize = 16;
/// Devices that hold an epoch's key and should not, of which it is told one by one: more are no worse. What a liar says of who
/// was given which key, and of which seals which, would else multiply.
pub const WRONG_HOLDERS: usize = 8;
/// Things of one kind that are kept of what acts of the roster say together. One more, and all are made anew.
pub const TOGETHER: usize = 1 << 12;
/// Branches of events that are kept in mind of which it was asked what they lead to. One more, and all are looked up anew.
pub const CHAIN_PLACES: usize = 1 << 16;
/// Branches and heads that are kept in mind of all that was laid out to tell what leads to heads which acts name.
pub const CHAINS_LAID_OUT: usize = 1 << 17;
/// Earlier states of the store of which it is kept in mind what was laid out.
pub const CHAINS_EARLIER: usize = 4;
/// Heads that are kept in mind, beside those of the log that is asked about.
pub const HEADS_MARKED: usize = 1 << 17;
/// Heads of some acts, the last first, that are looked up one by one before all are laid out to know which of them is not held.
pub const HEADS_TRIED: usize = 4;
/// Milliseconds after which a coordinator's replica replaces a compartment's key, though nobody was withdrawn.
pub const ROTATE_MS: u64 = 90 * 24 * 60 * 60 * 1000;
/// Milliseconds of running time for which it holds one at least before that, whatever its wall clock says.
pub const ROTATE_RUNNING_MS: u64 = 12 * 60 * 60 * 1000;
/// Milliseconds for which each coordinator waits longer than the one of next higher rank with what any of them would
/// do: replacing a key, giving it to who lacks it.
pub const TURN_MS: u64 = 5 * 60 * 1000;
/// Milliseconds between two upkeeps of a running node.
pub const TEND_MS: u64 = 5 * 60 * 1000;
/// Milliseconds between two tries to write again where nothing can be written, for the sake of peers.
pub const HEAL_MS: u64 = 60 * 1000;
/// Milliseconds between a change of the roster and the upkeep that follows it, so that several changes make one.
pub const TEND_SOON_MS: u64 = 1_000;

/// Aggregates that one erasure names, and spans of places with the gaps in them.
pub const ERASED_SPANS: usize = 512;
/// Milliseconds of its own running time for which a replica holds an erasure before the bytes go.
pub const FORGET_MS: u64 = 72 * 60 * 60 * 1_000;
/// Days within which a take from a lot keeps the order it was for from being erased by itself.
pub const ERASE_TAKE_DAYS: u64 = 90;
/// Ends that an erasure names of one aggregate where each replica may hold another part.
pub const ENDS_APART: usize = 256;
/// Logs of a device in which it erased that are noted one by one.
pub const ERASING_LOGS: usize = 256;
/// Orders of which it is kept in mind how much of the room for erasures they need. One more, and all are weighed anew.
pub const ORDERS_WEIGHED: usize = 1 << 16;

/// Events of one batch that a transaction takes from a peer.
pub const BATCH_EVENTS: usize = 256;
/// Milliseconds after which such a batch is closed.
pub const BATCH_MS: u64 = 250;
/// Events that waited for others which one transaction asks about again: placed, or read to fold what is not in memory.
pub const FREED: usize = 256;
/// Rows about what is waited for beyond which no more are noted of a device for what it waits for through others.
pub const WAITS_BEHIND: u64 = 65_536;
/// Devices that are noted as waiting for one event through others.
pub const WAITERS: usize = 16;
/// Rows about what is waited for that one event adds, about, where it waits for what waits itself.
pub const WAITS_WALKED: usize = 256;
/// Aggregates kept folded in memory: about 20 KB each.
pub const WARM: usize = 256;
/// Updates a subscriber may fall behind before it is told to look at everything again.
pub const UPDATES_BEHIND: usize = 4_096;
/// Own events of one log, said to be held by others and lacking here, that are kept in mind.
pub const OWN_LACKING: usize = 16;
/// Held events of one device and about one thing that are counted for a list of what needs a newer app, and no more.
pub const NEWER_COUNTED: usize = 1_000;
/// Orders through which one is followed that was moved, from building to building.
pub const MOVES_FOLLOWED: usize = 8;

/// Bytes of one frame of a session.
pub const FRAME: usize = 80 * 1024;
/// Bytes of runs in one chunk.
pub const CHUNK: usize = 64 * 1024;
/// Bytes sent and not yet acknowledged.
pub const UNACKNOWLEDGED: usize = 1024 * 1024;
/// Peers of whom the beginning of a run is kept after a link broke in its middle; each at most 1 MiB.
pub const TAILS: usize = 8;
/// Logs of one peer of which is followed what was turned away, because so much else may lead to a head that a cut names.
pub const TRACKS: usize = 64;
/// Ends of runs that are kept of all that is followed of one peer, by which the chain is known when it comes again; where there
/// are more, each stands for more of it.
pub const TRACK_ENDS: usize = 8192;
/// Peers of whom that is kept until the next conversation.
pub const TRACKED: usize = 16;
/// Stretches of a log that a peer is told one by one of those of which bodies are missing; where there are more, the last is open.
pub const HOLES: usize = 32;
/// Events without bodies that are looked at of one log, to tell them apart or to find what a peer lacks and is here.
pub const MISSING: usize = 2_048;
/// Those of all logs that are looked at when a conversation begins, or bodies come back, or a peer says what it lacks; of any
/// more it is told that there are some. Each log counts as a few of them.
pub const MISSING_IN_ALL: usize = 16_384;
/// Stretches that are kept of what bodies one peer says to lack; of any more it is kept that it lacks some.
pub const LACKED: usize = 1_024;
/// Those of all peers; where there are more, of whoever lacks most it is kept that it lacks some.
pub const LACKED_IN_ALL: usize = 16_384;
/// Events that a peer acknowledged or brought of which that is kept in memory while the disk is full; of more it is learnt at the
/// next meeting.
pub const UNNOTED: usize = 2_048;
/// How often one peer is brought a log again for the same bodies that it says to lack: what nobody can fill would else be
/// brought at every meeting.
pub const FILLS: u8 = 4;
/// Milliseconds of running time after which that begins anew.
pub const FILLED_MS: u64 = 24 * 60 * 60 * 1000;
/// Stretches of peers' logs of which that is remembered, the last of all of whoever lacks most.
pub const FILLED: usize = 4_096;
/// Entries and logs that are kept of what a peer names in one session beyond those that are held here: in lists, in
/// announcements, in what it asks for, and of what is refused. What is more is forgotten, and comes with another session.
pub const NAMED: usize = 32_768;
/// Topics in one hello.
pub const TOPICS: usize = 16;
/// Logs, and epochs, that get a number in one direction of a session; later ones are spelled out each time.
pub const NUMBERS: usize = 65_536;
/// The most bytes of one run, the topic before it included.
pub const RUN: usize = 256 + SIGNATURE_EVERY as usize * (SEALED_BODY + 32);
/// Bytes of runs that came and wait for an answer: the peer's window, what may overtake, and one large run.
pub const UNANSWERED: usize = UNACKNOWLEDGED + CHUNK + RUN;
/// Own runs that wait for one peer in one topic, because it does not read; the store is searched for later ones.
pub const PUSHED: usize = 1_024;
/// Entries in one frame of news: 42 bytes each at most.
pub const ANNOUNCED: usize = 1_500;
/// Logs in one pull: with [`BRANCHES`] heads, 433 bytes each at most.
pub const PULLED: usize = 180;
/// Acknowledgements gathered before they are kept, while much is on its way.
pub const ACKNOWLEDGED: usize = 256;
/// Own runs that wait for a conversation which is not driven, beyond which it is over.
pub const OWN_UNHEARD: usize = 1_024;
/// Bytes of one part of a message in which two replicas compare what they hold; a message has any number of parts. As many
/// are made in one session to say which of the entries that a peer lists are here.
pub const COMPARED: usize = 4 * 1024 * 1024;
/// Entries of one log that are kept of what a peer says to have.
pub const NAMED_HEADS: usize = 64;
/// Frames of answers that wait because a peer does not read.
pub const UNHEARD_ANSWERS: usize = 65_536;
/// Bytes of frames of newer versions that are skipped in one session.
pub const SKIPPED: usize = 1024 * 1024;
/// Milliseconds for which news of others' events are gathered before they are announced.
pub const ANNOUNCE_MS: u64 = 200;

/// Milliseconds between two updates on how far a transfer is.
pub const PROGRESS_MS: u64 = 500;
/// Bytes of runs that are read from a bundle, and from the store for one, before they are handed on.
pub const BUNDLE_BATCH: usize = 1024 * 1024;

/// Milliseconds within which a new connection must be through its handshake and have said hello.
pub const HELLO_MS: u64 = 20_000;
/// Milliseconds for which a pipe may take no byte of what waits to be sent.
pub const PIPE_STALL_MS: u64 = 30_000;
/// Bytes a millisecond that the slowest pipe carries, which gets that much more time for what it was given.
pub const SLOWEST_PIPE: u64 = 4;
/// Milliseconds for which QUIC may be silent on dialling before TCP is tried beside it.
pub const QUIC_SILENT_MS: u64 = 3_000;
/// Milliseconds between two beats at which a device asks the peers of its silent connections for a sign of life, all at
/// once: those it dialled over QUIC at each beat, because addresses that a router rewrites live about that long, all
/// others at every second or third beat. A sign costs two packets over QUIC and up to four over TCP, at most four a
/// minute either way.
pub const KEEP_ALIVE_MS: u64 = 40_000;
/// Milliseconds for which something may be said that nothing is heard since, before a sign of life is asked for.
pub const ASK_MS: u64 = 20_000;
/// Milliseconds after which a peer that was asked for a sign of life and gave none is taken for gone.
pub const ANSWER_MS: u64 = 25_000;
/// Milliseconds without a packet after which a connection is taken for dead.
pub const IDLE_MS: u64 = 100_000;
/// Bytes that a connection may have under way unread.
pub const WINDOW: u32 = 1024 * 1024;
/// Bytes of datagrams over QUIC that may lie unread: they are signs of life, and say nothing.
pub const DATAGRAMS: usize = 1_200;
/// Bytes that wait for a pipe beyond which nothing more is read from it.
pub const UNSENT: usize = 2 * 1024 * 1024;
/// Bytes of a hello, with what a later version says in it, and of whatever frame comes first: of a longer one nothing but its
/// length is awaited.
pub const HELLO: usize = 4 * 1024;
/// Connections of one replica.
pub const CONNECTIONS: usize = 256;
/// Connections with one device; two may cross, a third may replace one that died unnoticed.
pub const CONNECTIONS_PER_DEVICE: usize = 3;
/// Connections with one address, behind which there may be a whole building.
pub const CONNECTIONS_PER_ADDRESS: usize = 64;
/// Handshakes with whoever it may be under way at once, over QUIC and over TCP each, with those who are through and have
/// not said hello, or not shown that they are invited; the one under way longest makes room for the next. Half are for
/// addresses and keys met before.
pub const HANDSHAKES: usize = 64;
/// The same with one address, behind which there may be a whole building. A quarter is for keys met before.
pub const HANDSHAKES_PER_ADDRESS: usize = 32;
/// Networks remembered from which keys were proved, the last of all.
pub const MET_NETWORKS: usize = 4_096;
/// Devices remembered that said hello before, the last of all; of the community that has most, where there are several.
pub const MET_DEVICES: usize = 16_384;
/// Addresses of which tokens are remembered that shorten the next handshake, the last dialled of all.
pub const TOKENS: usize = 256;
/// Such tokens remembered that were shown here and may not be shown again, the last of all. One beyond them is of no use
/// but to whoever has its first owner's address.
pub const USED_TOKENS: usize = 16_384;
/// Milliseconds that a handshake with whoever dials may take.
pub const HANDSHAKE_MS: u64 = 10_000;
/// Addresses that are tried for one peer.
pub const ADDRESSES: usize = 16;
/// Peers that are dialled.
pub const TARGETS: usize = 256;
/// Peers that are dialled at the start where they were last reached, those heard last.
pub const LAST_MET: usize = 64;
/// Relays of one community that are dialled, the highest in rank.
pub const RELAYS: usize = 16;
/// The port of a relay whose address names none.
pub const RELAY_PORT: u16 = 4433;
/// Milliseconds between two look-ups of the addresses of a relay that is not connected.
pub const RELAY_LOOKUP_MS: u64 = 60_000;
/// Milliseconds before the first new attempt to reach a peer; doubled each time, or each fourth time where somebody was
/// there who had no room.
pub const REDIAL_MS: u64 = 1_000;
/// Milliseconds between two attempts at most.
pub const REDIAL_MOST_MS: u64 = 5 * 60 * 1000;
/// Failed attempts after which an address that was found nearby is forgotten until it is found again.
pub const NEARBY_TRIES: u32 = 4;
/// Peers found nearby that are dialled.
pub const NEARBY_TARGETS: usize = 16;
/// Peers found nearby that wait to be dialled.
pub const NEARBY_WAITING: usize = 64;
/// Addresses of a peer found nearby.
pub const NEARBY_ADDRESSES: usize = 4;
/// Peers found nearby that are dialled at once, when none was for a while.
pub const NEARBY_AT_ONCE: u64 = 8;
/// Milliseconds between two of them behind these.
pub const NEARBY_EVERY_MS: u64 = 10_000;
/// Milliseconds for which one rests that did not answer.
pub const NEARBY_REST_MS: u64 = 10 * 60 * 1000;
/// Milliseconds after which a phone shows itself under another mark.
pub const BEACON_MS: u64 = 60 * 60 * 1000;

/// Milliseconds for which an invitation is good, by the inviting phone's monotonic clock.
pub const INVITATION_MS: u64 = 10 * 60 * 1000;
/// Wrong proofs that end an invitation.
pub const INVITATION_PROOFS: u32 = 5;
/// Connections over which somebody may ask to be admitted at once, who has not shown the secret; the oldest makes room.
pub const ASKERS: usize = 128;
/// Milliseconds for which a turned-away asker may stay to hear why.
pub const LAST_WORD_MS: u64 = 2_000;

/// Milliseconds by which a movement must precede a concurrent count to be contained in it.
pub const COUNT_SLACK_MS: i64 = 5 * 60 * 1000;
/// Milliseconds of a minute.
pub const MINUTE_MS: i64 = 60 * 1000;
/// Milliseconds after which an urgent claim without progress is shown as lapsed, unless the settings say otherwise.
pub const LEASE_URGENT_MS: i64 = 60 * 60 * 1000;
/// Milliseconds after which a normal claim without progress is shown as lapsed, unless the settings say otherwise.
pub const LEASE_NORMAL_MS: i64 = 6 * 60 * 60 * 1000;
/// Milliseconds after which a need that nobody refreshed is pointed out.
pub const STALE_MS: i64 = 48 * 60 * 60 * 1000;
/// Milliseconds within which two orders of one room for one item are likely duplicates.
pub const DUPLICATE_MS: i64 = 24 * 60 * 60 * 1000;
/// Days of the period for which the settings limit what a household takes, where its box sets nothing.
pub const TAKE_DAYS: u16 = 7;
/// Milliseconds after which an alert that is on no other phone says so.
pub const NOBODY_HAS_IT_MS: u64 = 10_000;
/// Alerts of one person that a list shows, one by one.
pub const ALERTS_OF_ONE: usize = 50;
/// Alerts of one person that stand above every screen, one by one.
pub const ALERTS_ON_TOP: usize = 3;
/// People on their way of whom it is asked for how long they keep an alert quiet: those who said so last.
pub const ALERT_ANSWERS: usize = 8;

/// Rows of one page of a query.
pub const PAGE: usize = 500;
}
