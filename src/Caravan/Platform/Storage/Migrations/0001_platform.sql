-- Events of all rooms, written in the transaction of the act they tell of. Readers follow by sequence. PostgreSQL hands out
-- sequences before commits, in no order of theirs: there readers follow by transaction, and stop at the oldest that still runs.
CREATE TABLE outbox (
    sequence {serial},
{postgres}    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    tenant {id} NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload {json} NOT NULL,
{sqlite}    at {instant} NOT NULL,
{sqlite}    UNIQUE (tenant, sequence)
{postgres}    at {instant} NOT NULL
);
{sqlite}CREATE INDEX outbox_by_subject ON outbox (tenant, subject, sequence);
{postgres}CREATE INDEX outbox_by_transaction ON outbox (txid, sequence);
{postgres}CREATE INDEX outbox_by_tenant ON outbox (tenant, txid, sequence);
{postgres}CREATE INDEX outbox_by_subject ON outbox (tenant, subject, txid, sequence);

-- How far each subscriber has come; written in the transaction of its effect, so an event takes effect once.
CREATE TABLE outbox_cursors (
    subscriber TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL
);

-- Events whose subscriber failed again and again: kept, shown, and no longer in the way of others.
CREATE TABLE outbox_parked (
    tenant {id} NOT NULL,
    subscriber TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    error TEXT NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, subscriber, sequence)
);

CREATE TABLE idempotency_keys (
    tenant {id} NOT NULL,
    key TEXT NOT NULL,
    request_hash {bytes} NOT NULL,
    status INTEGER NOT NULL,
    location TEXT NULL,
    body TEXT NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (tenant, at);

-- Reference table: found by the key's public prefix before the tenant is known.
CREATE TABLE api_keys (
    prefix TEXT PRIMARY KEY,
    tenant {id} NOT NULL,
    hash {bytes} NOT NULL,
    name TEXT NOT NULL,
    created_at {instant} NOT NULL,
    revoked_at {instant} NULL
);

-- Reference table, as above: a page session, found by the hash of its cookie.
CREATE TABLE sessions (
    hash {bytes} PRIMARY KEY,
    tenant {id} NOT NULL,
    name TEXT NOT NULL,
    expires_at {instant} NOT NULL
);
