-- What is to be looked at again, a part at a time, and in rounds: what is noted while one goes on waits for the next. `name` is
-- that of a device, a log or a key; the places from `first` to `last` are left of it, and of them what comes behind `behind`,
-- `seq` and `short`.
CREATE TABLE look (
    round  INTEGER NOT NULL,
    what   INTEGER NOT NULL,
    name   BLOB NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    short  BLOB NOT NULL,
    behind INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (round, what, name)
) STRICT, WITHOUT ROWID;

-- In which round it is gone on with.
ALTER TABLE due ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
CREATE INDEX due_by_round ON due (round, id);

-- Creating events whose aggregates are to be made or folded again behind the looks of a round.
CREATE TABLE remake (
    pos   INTEGER PRIMARY KEY REFERENCES event (pos),
    round INTEGER NOT NULL
) STRICT;
CREATE INDEX remake_by_round ON remake (round);

-- The round that goes on.
CREATE TABLE round (
    number INTEGER NOT NULL
) STRICT;
INSERT INTO round (number) VALUES (0);

-- Events whose bodies are gone, branch by branch.
CREATE INDEX event_gone ON event (branch, seq) WHERE erased = 1;
