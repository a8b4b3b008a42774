-- Reference table: what access tokens of all companies are signed with. The private part is sealed with the servers' form keys, so that
-- neither the store nor its backup can sign; a server that cannot open it makes a key of its own.
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    public_key {bytes} NOT NULL,
    private_key {bytes} NOT NULL,
    signs_until {instant} NOT NULL,
    verifies_until {instant} NOT NULL
);
