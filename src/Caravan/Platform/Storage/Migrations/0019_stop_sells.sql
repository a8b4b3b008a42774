-- What must not be sold, until somebody lifts it. The tenant is who said so: the owner of the stock, its seller, or the operator of
-- the node. A stop that was lifted is kept, with who did so.
CREATE TABLE stop_sells (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    item {id} NULL,
    location {id} NULL,
    feed {id} NULL,
    agreement {id} NULL,
    partner {id} NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at {instant} NOT NULL,
    lifted_by TEXT NULL,
    lifted_at {instant} NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
){clustered};
CREATE INDEX stop_sells_active ON stop_sells (tenant, id) WHERE lifted_at IS NULL;
