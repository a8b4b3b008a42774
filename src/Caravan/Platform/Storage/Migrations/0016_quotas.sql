-- Units kept for a channel of the tenant's, or the most that a partner may take under an agreement of the tenant's.
CREATE TABLE quotas (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    kind TEXT NOT NULL,
    item {id} NULL,
    location {id} NULL,
    channel TEXT NULL,
    agreement {id} NULL,
    is_per_item INTEGER NOT NULL,
    is_per_day INTEGER NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    until {instant} NULL,
    created_at {instant} NOT NULL,
    PRIMARY KEY (tenant, id)
){clustered};

-- How many units count against a quota: in all or of one item, ever or on one day (counted since 1970, UTC).
CREATE TABLE quota_counts (
    tenant {id} NOT NULL,
    quota {id} NOT NULL,
    item {id} NOT NULL,
    day INTEGER NOT NULL,
    units INTEGER NOT NULL CHECK (units >= 0),
    PRIMARY KEY (tenant, quota, item, day)
){clustered};

-- What an order's line has counted against a quota, of how many units it took from the tenant's stock.
CREATE TABLE quota_uses (
    tenant {id} NOT NULL,
    seller {id} NOT NULL,
    order_id {id} NOT NULL,
    line INTEGER NOT NULL,
    quota {id} NOT NULL,
    location {id} NOT NULL,
    item {id} NOT NULL,
    day INTEGER NOT NULL,
    units INTEGER NOT NULL CHECK (units >= 0),
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (tenant, seller, order_id, line, quota, location)
){clustered};
