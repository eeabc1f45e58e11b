-- Events whose bodies are missing (9), branch by branch: whoever asks for them looks for the first of each branch alone.
CREATE INDEX event_missing ON event (branch, seq) WHERE held = 9 AND erased = 1;
