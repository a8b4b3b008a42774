-- A day of the ledger that is long over is closed: its lines are added to the balances of their cells and moved out of
-- stock_movements, which holds the open period alone. A cell is its balance and its open movements.
CREATE TABLE stock_balances (
    tenant {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    held BIGINT NOT NULL,
    picked BIGINT NOT NULL,
    PRIMARY KEY (tenant, item, location)
){clustered};

CREATE TABLE stock_movements_closed (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    kind TEXT NOT NULL,
    on_hand_delta INTEGER NOT NULL,
    reserved_delta INTEGER NOT NULL,
    held_delta INTEGER NOT NULL,
    picked_delta INTEGER NOT NULL,
    cause TEXT NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, item, location, kind, cause)
){clustered};

-- Until when an owner's ledger is closed, how far what is past its keeping has been looked through, and the audit's rounds:
-- the one that runs, by whom and how far, and the last that was finished.
CREATE TABLE stock_books (
    tenant {id} PRIMARY KEY,
    closed_until {instant} NULL,
    forgotten_after {id} NULL,
    holder TEXT NULL,
    held_until {instant} NULL,
    started_at {instant} NULL,
    after_item {id} NULL,
    after_location {id} NULL,
    cells BIGINT NOT NULL DEFAULT 0,
    last_started_at {instant} NULL,
    last_finished_at {instant} NULL,
    last_cells BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE stock_differences (
    tenant {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    what TEXT NOT NULL,
    is_now BIGINT NOT NULL,
    should_be BIGINT NOT NULL,
    since {instant} NOT NULL,
    PRIMARY KEY (tenant, item, location, what)
){clustered};
