-- How an item is kept: by lot or not, how many days must be left when it is delivered, and whether a picker may pass over the lot that expires first.
ALTER TABLE items ADD COLUMN is_lot_controlled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN is_lot_order_strict INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN minimum_shelf_life_days INTEGER NOT NULL DEFAULT 0;

-- Whether some of the cell was ever kept by lot, so that who changes a cell without lots asks for none.
ALTER TABLE stock_cells ADD COLUMN has_lots INTEGER NOT NULL DEFAULT 0;

-- The lots of a cell; what they do not account for is its unnamed rest. The tenant is the owner of the stock. held: what of the lot
-- the cell's held carries; returned: units that came back and wait to be graded; closed_*: what its movements of closed days add up to.
CREATE TABLE stock_lots (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    code TEXT NOT NULL,
    expires_on TEXT NULL,
    minimum_days INTEGER NOT NULL,
    sell_until {instant} NULL,
    received_at {instant} NOT NULL,
    on_hand INTEGER NOT NULL CHECK (on_hand >= 0),
    picked INTEGER NOT NULL CHECK (picked >= 0),
    returned INTEGER NOT NULL CHECK (returned >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    is_past INTEGER NOT NULL,
    hold_reason TEXT NULL,
    hold_note TEXT NULL,
    held_by TEXT NULL,
    held_at {instant} NULL,
    is_held_everywhere INTEGER NOT NULL DEFAULT 0,
    closed_on_hand BIGINT NOT NULL DEFAULT 0,
    closed_picked BIGINT NOT NULL DEFAULT 0,
    closed_returned BIGINT NOT NULL DEFAULT 0,
    closed_held BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, item, location, code)
){clustered};
CREATE INDEX stock_lots_by_code ON stock_lots (tenant, item, code);
CREATE INDEX stock_lots_by_expiry ON stock_lots (tenant, COALESCE(expires_on, '9999-12-31'), id) WHERE on_hand > 0 OR picked > 0;
CREATE INDEX stock_lots_due ON stock_lots (sell_until) WHERE is_past = 0 AND sell_until IS NOT NULL;

-- What a movement of a cell did to its lots, beside the ledger: a movement is one line there, whatever lots it is of. They outlive
-- the movements that orders and feeds made, for they say what became of a lot.
CREATE TABLE stock_lot_movements (
    tenant {id} NOT NULL,
    movement {id} NOT NULL,
    lot {id} NOT NULL,
    kind TEXT NOT NULL,
    on_hand_delta INTEGER NOT NULL,
    picked_delta INTEGER NOT NULL,
    returned_delta INTEGER NOT NULL,
    held_delta INTEGER NOT NULL,
    cause TEXT NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, movement, lot)
){clustered};
CREATE INDEX stock_lot_movements_by_lot ON stock_lot_movements (tenant, lot, movement);
