-- Goods on their way between two locations of one owner: off the book of the one, not yet on that of the other.
CREATE TABLE stock_transfers (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    from_location {id} NOT NULL,
    to_location {id} NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    sent_at {instant} NOT NULL,
    expected_at {instant} NOT NULL,
    closed_at {instant} NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, reference)
){clustered};

CREATE TABLE stock_transfer_lines (
    tenant {id} NOT NULL,
    transfer {id} NOT NULL,
    item {id} NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    received INTEGER NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND quantity),
    PRIMARY KEY (tenant, transfer, item)
){clustered};
