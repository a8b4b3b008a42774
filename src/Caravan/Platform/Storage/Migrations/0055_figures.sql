-- The boards' sums. A row counts the orders that a company sold on a day: all of them (scope ''), those with a part from a region
-- (scope 'region:bj') or from a node (scope 'loc_…'); hour is -1 for the whole day, else 0 to 23, which only scope '' has.
-- Days and hours are the company's own. Amounts are minor units of the row's currency.
CREATE TABLE figure_counts (
    tenant {id} NOT NULL,
    day TEXT NOT NULL,
    scope TEXT NOT NULL,
    hour INTEGER NOT NULL,
    currency TEXT NOT NULL,
    orders BIGINT NOT NULL,
    served BIGINT NOT NULL,
    split BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    metres BIGINT NOT NULL,
    units BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    kept BIGINT NOT NULL,
    broken BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    released BIGINT NOT NULL,
    picked BIGINT NOT NULL,
    packed BIGINT NOT NULL,
    shipped BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    short BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    returned BIGINT NOT NULL,
    back_ordered BIGINT NOT NULL,
    PRIMARY KEY (tenant, day, scope, hour, currency)
){clustered};
CREATE INDEX figure_counts_by_scope ON figure_counts (tenant, scope, day);

-- How far parts went: how many of a day at each distance, which is rounded up to two figures.
CREATE TABLE figure_distances (
    tenant {id} NOT NULL,
    scope TEXT NOT NULL,
    day TEXT NOT NULL,
    metres BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    PRIMARY KEY (tenant, scope, day, metres)
){clustered};

-- Turnover of a company's own stock, whoever sold it: units that left a location for orders of that day, and what it had on hand.
CREATE TABLE figure_stock (
    tenant {id} NOT NULL,
    day TEXT NOT NULL,
    location {id} NOT NULL,
    units_out BIGINT NOT NULL,
    on_hand BIGINT NULL,
    PRIMARY KEY (tenant, day, location)
){clustered};

-- What an order was last counted as, so that a change takes that away and adds what it is now.
CREATE TABLE figure_orders (
    tenant {id} NOT NULL,
    order_id {id} NOT NULL,
    counted {json} NOT NULL,
    PRIMARY KEY (tenant, order_id)
){clustered};
