-- The tenant is the seller of record.
CREATE TABLE orders (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    channel TEXT NOT NULL,
    number TEXT NOT NULL,
    service TEXT NOT NULL,
    placed_at {instant} NOT NULL,
    requested_at {instant} NULL,
    promised_at {instant} NOT NULL,
    currency TEXT NOT NULL,
    goods_amount BIGINT NOT NULL,
    delivery_amount BIGINT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    address TEXT NOT NULL,
    station {id} NULL,
    promise {id} NULL,
    tracking_secret TEXT NOT NULL,
    proof_code TEXT NOT NULL,
    is_at_risk INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, channel, number)
){clustered};
-- They are few, and looked for often.
CREATE INDEX orders_at_risk ON orders (tenant, is_at_risk, id) WHERE is_at_risk = 1;

CREATE TABLE order_lines (
    tenant {id} NOT NULL,
    order_id {id} NOT NULL,
    line INTEGER NOT NULL,
    item {id} NOT NULL,
    sku TEXT NOT NULL,
    gtin TEXT NULL,
    name TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    price_amount BIGINT NOT NULL,
    weight_grams INTEGER NOT NULL,
    temperature_class TEXT NOT NULL,
    allows_substitute INTEGER NOT NULL DEFAULT 0,
    substitute_for INTEGER NULL,
    PRIMARY KEY (tenant, order_id, line)
){clustered};

-- One fulfilment order per node. The operator is who works there; what the operator sees stands in the pick list.
CREATE TABLE fulfilments (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    order_id {id} NOT NULL,
    location {id} NOT NULL,
    operator {id} NOT NULL,
    ready_at {instant} NOT NULL,
    due_at {instant} NOT NULL,
    distance_metres INTEGER NOT NULL,
    is_open INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
){clustered};
CREATE INDEX fulfilments_by_order ON fulfilments (tenant, order_id);

-- How much of a line one owner's stock at one node gives, and where each unit stands. The states add up to the quantity.
CREATE TABLE allocations (
    tenant {id} NOT NULL,
    fulfilment {id} NOT NULL,
    line INTEGER NOT NULL,
    owner {id} NOT NULL,
    item {id} NOT NULL,
    order_id {id} NOT NULL,
    location {id} NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    reserved INTEGER NOT NULL,
    released INTEGER NOT NULL,
    picked INTEGER NOT NULL,
    packed INTEGER NOT NULL,
    shipped INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    short INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    PRIMARY KEY (tenant, order_id, fulfilment, line, owner),
    CHECK (reserved >= 0 AND released >= 0 AND picked >= 0 AND packed >= 0 AND shipped >= 0 AND delivered >= 0 AND short >= 0 AND cancelled >= 0 AND returned >= 0),
    CHECK (reserved + released + picked + packed + shipped + delivered + short + cancelled + returned = quantity)
){clustered};
CREATE INDEX allocations_short ON allocations (tenant, order_id) WHERE short > 0;

-- Whose orders wait on a cell, found when its stock falls short: the tenant is the stock's owner. By location, so that the
-- lines of an order come to one page.
CREATE TABLE claims (
    tenant {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    seller {id} NOT NULL,
    fulfilment {id} NOT NULL,
    line INTEGER NOT NULL,
    PRIMARY KEY (tenant, location, fulfilment, line, seller, item)
){clustered};

-- Each time an order was sourced: the candidates, and why each won or lost.
CREATE TABLE sourcing_reports (
    tenant {id} NOT NULL,
    order_id {id} NOT NULL,
    round INTEGER NOT NULL,
    cause TEXT NOT NULL,
    at {instant} NOT NULL,
    body {json} NOT NULL,
    PRIMARY KEY (tenant, order_id, round)
){clustered};

CREATE TABLE promises (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    expires_at {instant} NOT NULL,
    body {json} NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX promises_by_age ON promises (tenant, expires_at);

-- How many orders a node was given in an hour, against its throughput. The tenant is the operator.
CREATE TABLE node_loads (
    tenant {id} NOT NULL,
    location {id} NOT NULL,
    hour INTEGER NOT NULL,
    orders INTEGER NOT NULL,
    PRIMARY KEY (tenant, hour, location)
){clustered};
