-- From when an item may be had; before, it can only be ordered ahead.
ALTER TABLE items ADD COLUMN available_from {instant} NULL;

-- Goods that are expected at a location, of which orders that wait have reserved some. The tenant is their owner.
CREATE TABLE supplies (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    kind TEXT NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    received INTEGER NOT NULL CHECK (received >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    expected_at {instant} NOT NULL,
    created_at {instant} NOT NULL,
    closed_at {instant} NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, reference, item),
    CHECK (state <> 'Expected' OR reserved <= quantity - received),
    CHECK (state = 'Expected' OR reserved = 0)
){clustered};
CREATE INDEX supplies_open ON supplies (tenant, item, expected_at) WHERE state = 'Expected';

-- Units of an order's line that wait: for a supply, or (supply all zeroes) for any. Those called off while they waited stay counted.
CREATE TABLE back_orders (
    tenant {id} NOT NULL,
    order_id {id} NOT NULL,
    line INTEGER NOT NULL,
    supply {id} NOT NULL,
    item {id} NOT NULL,
    waiting INTEGER NOT NULL CHECK (waiting >= 0),
    cancelled INTEGER NOT NULL CHECK (cancelled >= 0),
    PRIMARY KEY (tenant, order_id, line, supply)
){clustered};
CREATE INDEX back_orders_waiting ON back_orders (tenant, item, supply) WHERE waiting > 0;

-- Who gets stock that does not suffice for all who wait. Without a row: first come, first served.
CREATE TABLE stock_allocation_rules (
    tenant {id} PRIMARY KEY,
    rule TEXT NOT NULL,
    channels {json} NULL
);
