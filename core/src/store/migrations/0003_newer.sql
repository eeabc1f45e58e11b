-- Held events that only a later build reads, and what each is about, as a number of the one who judges: by device, so that
-- what one heaps up of one hides none of another.
CREATE TABLE newer (
    pos    INTEGER PRIMARY KEY REFERENCES event (pos),
    device BLOB NOT NULL,
    about  INTEGER NOT NULL
) STRICT;
CREATE INDEX newer_by_device ON newer (device, about);
