-- Goods held for a cart until a time. The tenant is the seller; the body says of what, and from whose stock where.
CREATE TABLE holds (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    state TEXT NOT NULL,
    expires_at {instant} NOT NULL,
    created_at {instant} NOT NULL,
    settled_at {instant} NULL,
    order_id {id} NULL,
    body {json} NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX holds_by_age ON holds (tenant, expires_at);
CREATE INDEX holds_due ON holds (expires_at) WHERE state = 'Held';

-- Whose holds wait on a cell, found when its stock falls short: the tenant is the stock's owner.
CREATE TABLE hold_claims (
    tenant {id} NOT NULL,
    item {id} NOT NULL,
    location {id} NOT NULL,
    seller {id} NOT NULL,
    hold {id} NOT NULL,
    PRIMARY KEY (tenant, item, location, seller, hold)
){clustered};

-- Orders whose payment is or was awaited. The tenant is the seller.
CREATE TABLE order_payments (
    tenant {id} NOT NULL,
    order_id {id} NOT NULL,
    state TEXT NOT NULL,
    pay_by {instant} NOT NULL,
    settled_at {instant} NULL,
    reference TEXT NULL,
    PRIMARY KEY (tenant, order_id)
){clustered};
CREATE INDEX order_payments_due ON order_payments (pay_by) WHERE state = 'Awaited';
