-- One company's stock system. Its cells are fresh, all of them, until fresh_until: one row to renew, not one a cell.
CREATE TABLE feeds (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    name TEXT NOT NULL,
    item_codes TEXT NOT NULL,
    is_net_of_orders INTEGER NOT NULL,
    buffer INTEGER NOT NULL CHECK (buffer >= 0),
    stale_after_minutes INTEGER NOT NULL CHECK (stale_after_minutes > 0),
    breaker_percent INTEGER NOT NULL CHECK (breaker_percent BETWEEN 1 AND 100),
    state TEXT NOT NULL,
    last_sequence BIGINT NOT NULL,
    last_as_of {instant} NULL,
    whole_as_of {instant} NULL,
    fresh_until {instant} NULL,
    created_at {instant} NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
){clustered};

-- The tenant is the owner of the stock, wherever it lies. picked: those of the reserved that are off the shelf, in a tote or a bag.
CREATE TABLE stock_cells (
    tenant {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    on_hand INTEGER NOT NULL CHECK (on_hand BETWEEN 0 AND 1000000000),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    buffer INTEGER NOT NULL CHECK (buffer >= 0),
    sellable INTEGER NOT NULL CHECK (sellable >= 0),
    picked INTEGER NOT NULL DEFAULT 0 CHECK (picked >= 0),
    feed {id} NULL,
    as_of {instant} NOT NULL,
    PRIMARY KEY (tenant, item, location)
){clustered};
CREATE INDEX stock_cells_by_location ON stock_cells (tenant, location, item);
CREATE INDEX stock_cells_by_feed ON stock_cells (tenant, feed) WHERE feed IS NOT NULL;

-- The ledger. An id begins with its millisecond, so what happened after an instant is a range of the key. What is unique of a
-- line begins with its cause, which is most often an id as well: new lines come to the end of both, not to a page of their own.
CREATE TABLE stock_movements (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    kind TEXT NOT NULL,
    on_hand_delta INTEGER NOT NULL,
    reserved_delta INTEGER NOT NULL,
    held_delta INTEGER NOT NULL,
    picked_delta INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, cause, kind, item, location)
){clustered};

{postgres}CREATE INDEX stock_movements_by_cell ON stock_movements (tenant, item, location, id);

-- Cells where more is reserved than is there, while it is so.
CREATE TABLE stock_shortfalls (
    tenant {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    since {instant} NOT NULL,
    PRIMARY KEY (tenant, item, location)
){clustered};

-- What a feed calls our items and locations, where it does not use their own codes.
CREATE TABLE feed_mappings (
    tenant {id} NOT NULL,
    feed {id} NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    target {id} NOT NULL,
    PRIMARY KEY (tenant, feed, kind, code)
){clustered};

-- Every document that was taken. The body is kept only while it waits for a person.
CREATE TABLE feed_documents (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    feed {id} NOT NULL,
    kind TEXT NOT NULL,
    as_of {instant} NOT NULL,
    sequence BIGINT NULL,
    state TEXT NOT NULL,
    lines INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    outdated INTEGER NOT NULL,
    zeroed INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    note TEXT NULL,
    body {json} NULL,
    received_at {instant} NOT NULL,
    decided_at {instant} NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX feed_documents_by_feed ON feed_documents (tenant, feed, id);
CREATE INDEX feed_documents_waiting ON feed_documents (tenant, feed) WHERE state = 'Waiting';
CREATE INDEX feed_documents_by_sequence ON feed_documents (tenant, feed, sequence) WHERE sequence IS NOT NULL;

CREATE TABLE feed_lines_rejected (
    tenant {id} NOT NULL,
    document {id} NOT NULL,
    line INTEGER NOT NULL,
    feed {id} NOT NULL,
    location TEXT NOT NULL,
    item TEXT NOT NULL,
    quantity TEXT NOT NULL,
    is_change INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    as_of {instant} NOT NULL,
    resolved_at {instant} NULL,
    PRIMARY KEY (tenant, document, line)
){clustered};
CREATE INDEX feed_lines_rejected_open ON feed_lines_rejected (tenant, feed, document, line) WHERE resolved_at IS NULL;
CREATE INDEX feed_lines_rejected_by_code ON feed_lines_rejected (tenant, feed, location, item) WHERE resolved_at IS NULL;
