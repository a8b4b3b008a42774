-- What is kept back in a cell: the larger of what its feed says and what its safety rule says, in units or per cent of on hand.
ALTER TABLE stock_cells ADD COLUMN feed_buffer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stock_cells ADD COLUMN safety_units INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stock_cells ADD COLUMN safety_percent INTEGER NOT NULL DEFAULT 0;
UPDATE stock_cells SET feed_buffer = buffer;

-- The scope is the rule's key: an item, a category or any, at a location, a kind of location or any.
CREATE TABLE safety_rules (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    scope TEXT NOT NULL,
    item {id} NULL,
    category TEXT NULL,
    location {id} NULL,
    location_kind TEXT NULL,
    units INTEGER NOT NULL CHECK (units >= 0),
    percent INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, scope)
){clustered};

-- Cells that are to be held against the rules anew: all of an owner's, or those of one item or location, and how far that has come.
CREATE TABLE safety_sweeps (
    tenant {id} NOT NULL,
    scope TEXT NOT NULL,
    item {id} NULL,
    location {id} NULL,
    after_item {id} NOT NULL,
    after_location {id} NOT NULL,
    finished_at {instant} NULL,
    PRIMARY KEY (tenant, scope)
){clustered};
CREATE INDEX safety_sweeps_open ON safety_sweeps (tenant) WHERE finished_at IS NULL;
