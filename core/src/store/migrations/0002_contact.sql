-- When a peer was last in touch, also in milliseconds for which this replica itself had been running.
ALTER TABLE peer ADD COLUMN running INTEGER;
