//! Where bounds stand: whatever limits what a peer, or a member, can have kept stands in `core/src/limits.rs`, a relay's own in
//! `relay/src/limits.rs`.

use crate::source::{Parts, Source, is_word};

/// Parts of the engine that keep something of others.
const KEEP: [&str; 6] = ["keep", "sync", "net", "roster", "replica", "store"];

/// Names of numbers elsewhere that bound nothing of others, by what they are.
const OTHERS: [&str; 5] = [
    // How much is done, read or written in one go, and how often: whatever is left is done in the next.
    "PAGE PIECE LEAST_PIECE PART BLOCK AT_ONCE FORGOTTEN PLACES_A_BODY PLACES ERASING LATE ROUNDS NAMES SOME FOLLOWS \
     GRANT_PARTS RECORD LAYER MARK_EVERY NEAR",
    // What something weighs, and from when on it is done in another way.
    "LEAFING LOG THINGS NAME BESIDE RESTING PARENTS WRAP WRAPS_OF_EVENT REST_OF_EVENT COMPARED_OF_ENTRY LISTS COMMON \
     PATTERN_WORDS GAP AHEAD FAN LIST LIST_OF_MANY MANY DEEPEST LEAST SHOWN",
    // Bytes and codes of a format.
    "WORD ASKED BEGUN ANSWER ASK COMPARE NO WELCOME HEADER BUNDLE_VERSION DIGEST END HEAD ONE_RUN NEWER NONCE VERSION \
     LEN TOKEN_LEN OF_LATER DATABASE_KEY_LEN APPLICATION_ID DIR FILE SHARED ID ACCESS_DENIED CROWDED FAULT GOODBYE \
     TWICE UNWELCOME AWAITED DEVICE ERASED ERASURES GONE JUDGED LOST NAMED SEALED TURNED NEVER NO_ROOM DIGITS \
     SHORTEST REMEMBER MEGABYTE MILLI BUILT",
    // Times, of this side's own pace or by the calendar, and the 30 seconds for which a peer may owe an answer.
    "CROSSED_MS SILENT_MS LOOK_AGAIN LAST_WORDS LEAST_WAIT GRACE ANSWERING HELLO BREATH DAY_MS MINUTE_MS HOUR_MS \
     BRIEFLY CONTACT_MS AGAIN LOOKUP TOGETHER NOTE_EVERY_MS LOCK_PAUSE PATIENCE STALL LOOK TEND BELIEVED",
    // What this side takes for itself: ports, connections to its own files, the answer of its own relay.
    "FIRST_PORT PORTS LOCK_TRIES STATEMENTS READER_CACHE_KIB WRITER_CACHE_KIB CACHE_KIB ROOM LONGEST",
];

/// Numbers of a file that may be bounds and stand where nobody looks for one.
pub(crate) fn astray<'a>(file: &'a Source, parts: &'a Parts) -> impl Iterator<Item = String> + 'a {
    let keeps = file.module().is_some_and(|module| KEEP.contains(&module)) || file.path.starts_with("relay/src/");
    let numbers = parts.code.lines().filter_map(number).filter(move |_| keeps && !file.is("/limits.rs"));
    let astray = numbers.filter(|name| !OTHERS.iter().any(|names| names.split(' ').any(|other| other == *name)));
    astray.map(|name| format!("{}: a bound named {name} stands outside limits.rs", file.path))
}

/// The name of the number that a line declares for a whole file.
fn number(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("const ")?;
    let (name, kind) = rest.split_once(": ")?;
    let whole_file = before.is_empty() || (before.starts_with("pub") && !before.contains('<'));
    let is_name = name.chars().all(|c| c == '_' || c.is_ascii_uppercase());
    let kind = kind.split(|c| !is_word(c) && c != ':').next()?.rsplit("::").next()?;
    (whole_file && is_name && ["usize", "u64", "u32", "u16", "u8", "i64", "Duration"].contains(&kind)).then_some(name)
}
