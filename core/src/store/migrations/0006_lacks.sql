-- What bodies a peer said to lack of a log, stretch by stretch: who has what is told by that, too. `last` is the greatest number
-- where the stretch is open.
CREATE TABLE peer_lacks (
    peer  INTEGER NOT NULL REFERENCES peer (id),
    log   BLOB NOT NULL,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    tip   BLOB NOT NULL,
    PRIMARY KEY (log, peer, first, last, tip)
) STRICT, WITHOUT ROWID;
