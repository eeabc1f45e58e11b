-- The log and what is primary beside it. What can be made again from the log stands in no migration.

-- The name is the log's id; the key is this file's own, so that rows that point here stay small. The community is zero
-- while only the founding event is held.
CREATE TABLE log (
    id          INTEGER PRIMARY KEY,
    name        BLOB NOT NULL UNIQUE,
    community   BLOB NOT NULL,
    topic       BLOB NOT NULL,
    device      BLOB NOT NULL,
    incarnation BLOB NOT NULL
) STRICT;
CREATE INDEX log_by_device ON log (device);

-- A chain without forks inside. Its first event follows on the event before it in `base`, or on nothing.
-- `signature` is over the head.
CREATE TABLE branch (
    id        INTEGER PRIMARY KEY,
    log       INTEGER NOT NULL REFERENCES log (id),
    base      INTEGER REFERENCES branch (id),
    first     INTEGER NOT NULL,
    head      INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE INDEX branch_of_log ON branch (log);

-- What many event headers share.
CREATE TABLE seal (
    id        INTEGER PRIMARY KEY,
    community BLOB NOT NULL,
    epoch     BLOB NOT NULL,
    UNIQUE (community, epoch)
) STRICT;

CREATE TABLE kind (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- An aggregate's key is the position of its creating event.
CREATE TABLE aggregate (
    id   INTEGER PRIMARY KEY REFERENCES event (pos),
    kind INTEGER NOT NULL REFERENCES kind (id)
) STRICT;
CREATE INDEX aggregate_by_kind ON aggregate (kind);

-- `held` is NULL before the event was judged, 0 when it counts. `content` is the body, or its hash when erased.
-- `signature` stands at every seq that is a multiple of 32.
CREATE TABLE event (
    pos       INTEGER PRIMARY KEY,
    branch    INTEGER NOT NULL REFERENCES branch (id),
    seq       INTEGER NOT NULL,
    id        BLOB NOT NULL,
    seal      INTEGER NOT NULL REFERENCES seal (id),
    held      INTEGER,
    aggregate INTEGER REFERENCES aggregate (id),
    lamport   INTEGER NOT NULL,
    erased    INTEGER NOT NULL,
    signature BLOB,
    content   BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_by_place ON event (branch, seq);
CREATE INDEX event_by_aggregate ON event (aggregate) WHERE aggregate IS NOT NULL;
CREATE INDEX event_by_held ON event (held) WHERE held > 0;

-- What held events rest on, by the name of a log that need not be held: once that arrives, or is judged anew, they are.
-- `aggregate` is that of the event when it was noted, or 0. `device` wrote the event, or another that waits for it. `room` is what
-- the event takes of what is heaped up, beside the device that wrote it and where it waits for the aggregate that it names.
CREATE TABLE parked (
    log       BLOB NOT NULL,
    seq       INTEGER NOT NULL,
    short     BLOB NOT NULL,
    aggregate INTEGER NOT NULL,
    pos       INTEGER NOT NULL REFERENCES event (pos),
    device    BLOB NOT NULL,
    room      INTEGER NOT NULL,
    PRIMARY KEY (log, seq, short, aggregate, pos, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_by_pos ON parked (pos, device, room);
CREATE INDEX parked_by_device ON parked (log, device, seq);

-- How many rows of that each device has; and what of its room in `heaped` lies beyond the first in each, in sum.
CREATE TABLE noted (
    device BLOB PRIMARY KEY,
    waits  INTEGER NOT NULL,
    beyond INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What of a device is held of one aggregate, named by its creating event, which need not be here: bytes of room.
CREATE TABLE heaped (
    creating BLOB NOT NULL,
    device   BLOB NOT NULL,
    room     INTEGER NOT NULL,
    PRIMARY KEY (creating, device)
) STRICT, WITHOUT ROWID;

-- Events that came or were judged anew, and whose waiters were asked about up to here.
CREATE TABLE due (
    id        INTEGER PRIMARY KEY,
    log       BLOB NOT NULL,
    seq       INTEGER NOT NULL,
    short     BLOB NOT NULL,
    aggregate INTEGER NOT NULL,
    pos       INTEGER NOT NULL,
    UNIQUE (log, seq, short)
) STRICT;

CREATE TABLE command (
    id     BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    result TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE peer (
    id      INTEGER PRIMARY KEY,
    device  BLOB NOT NULL UNIQUE,
    contact INTEGER
) STRICT;

-- By the name of a log that need not be held.
CREATE TABLE peer_has (
    peer  INTEGER NOT NULL REFERENCES peer (id),
    log   BLOB NOT NULL,
    short BLOB NOT NULL,
    seq   INTEGER NOT NULL,
    PRIMARY KEY (log, peer, short)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What each device has stored in each topic: bytes of bodies, or of the hashes in their places, events, and branches.
CREATE TABLE room (
    device BLOB NOT NULL,
    topic  BLOB NOT NULL,
    bytes  INTEGER NOT NULL,
    events INTEGER NOT NULL,
    branches INTEGER NOT NULL,
    PRIMARY KEY (device, topic)
) STRICT, WITHOUT ROWID;

-- What of an author's stands on the account of another device, whose events wait for it; how many rows more of `parked` the
-- author had for that, and how much more beyond the first in `heaped`.
CREATE TABLE lent (
    device BLOB NOT NULL,
    author BLOB NOT NULL,
    bytes  INTEGER NOT NULL,
    events INTEGER NOT NULL,
    waits  INTEGER NOT NULL,
    beyond INTEGER NOT NULL,
    PRIMARY KEY (device, author)
) STRICT, WITHOUT ROWID;
