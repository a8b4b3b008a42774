-- Which fulfilment order got which lot, and where those units are: in the tote, on their way or there, or back. The tenant is the
-- owner of the stock; passed_over: units that were picked although another lot expires sooner.
CREATE TABLE stock_lot_picks (
    tenant {id} NOT NULL,
    fulfilment {id} NOT NULL,
    lot {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    seller {id} NOT NULL,
    order_id {id} NOT NULL,
    picked INTEGER NOT NULL CHECK (picked >= 0),
    shipped INTEGER NOT NULL CHECK (shipped >= 0),
    returned INTEGER NOT NULL CHECK (returned >= 0),
    passed_over INTEGER NOT NULL CHECK (passed_over >= 0),
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, fulfilment, lot)
){clustered};
CREATE INDEX stock_lot_picks_by_lot ON stock_lot_picks (tenant, lot, fulfilment);
CREATE INDEX stock_lot_picks_by_order ON stock_lot_picks (tenant, order_id);

-- What goods in transit are of, as far as they are kept by lot.
CREATE TABLE stock_transfer_lots (
    tenant {id} NOT NULL,
    transfer {id} NOT NULL,
    item {id} NOT NULL,
    code TEXT NOT NULL,
    expires_on TEXT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    received INTEGER NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND quantity),
    PRIMARY KEY (tenant, transfer, item, code)
){clustered};
