-- Reference table: names of companies are seen by those who deal with them.
CREATE TABLE partners (
    tenant {id} PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    is_demo INTEGER NOT NULL,
    created_at {instant} NOT NULL
);

-- What one partner (the tenant, who grants) lets another do. Null scope: everything.
CREATE TABLE agreements (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    grantee {id} NOT NULL,
    kind TEXT NOT NULL,
    gtins {json} NULL,
    locations {json} NULL,
    region TEXT NULL,
    share_percent INTEGER NOT NULL CHECK (share_percent BETWEEN 1 AND 100),
    valid_from {instant} NOT NULL,
    valid_to {instant} NULL,
    revoked_at {instant} NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX agreements_by_grantee ON agreements (grantee, kind);
