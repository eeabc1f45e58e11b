-- What is to be looked at again, a part at a time. `name` is that of a log or of a key; the places from `first` to `last`
-- are left of it, and of what stands in `parked` for the first of them what comes behind `short` and `behind`.
CREATE TABLE look (
    what   INTEGER NOT NULL,
    name   BLOB NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    short  BLOB NOT NULL,
    behind INTEGER NOT NULL,
    PRIMARY KEY (what, name)
) STRICT, WITHOUT ROWID;

-- Creating events whose aggregates are to be made or folded again after that.
CREATE TABLE remake (
    pos INTEGER PRIMARY KEY REFERENCES event (pos)
) STRICT;
