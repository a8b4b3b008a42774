-- Nodes whose people say yes or no to what they are given, and within what time. The tenant is the node's operator.
CREATE TABLE release_rules (
    tenant {id} NOT NULL,
    location {id} NOT NULL,
    acknowledge_minutes INTEGER NOT NULL CHECK (acknowledge_minutes > 0),
    PRIMARY KEY (tenant, location)
);

-- A fulfilment order that such a node was given, and what it said. The tenant is the seller, who must know where else to go.
CREATE TABLE node_releases (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    order_id {id} NOT NULL,
    operator {id} NOT NULL,
    location {id} NOT NULL,
    state TEXT NOT NULL,
    released_at {instant} NOT NULL,
    acknowledge_by {instant} NOT NULL,
    answered_at {instant} NULL,
    answered_by TEXT NULL,
    reason TEXT NULL,
    note TEXT NULL,
    units_left INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
){clustered};
CREATE INDEX node_releases_of_order ON node_releases (tenant, order_id);
CREATE INDEX node_releases_waiting ON node_releases (acknowledge_by) WHERE state = 'Waiting';
CREATE INDEX node_releases_left ON node_releases (tenant, released_at) WHERE units_left > 0;
