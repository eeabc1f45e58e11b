-- What one peer said, without a look at what all others did.
CREATE INDEX peer_lacks_of ON peer_lacks (peer);
CREATE INDEX peer_has_of ON peer_has (peer);
