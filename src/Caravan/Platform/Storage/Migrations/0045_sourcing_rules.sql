-- What a company's orders are decided by: drafts (without a version) and versions that were published, the highest of which is in force.
-- Weights, what else the version changed, and what stood there before it, are JSON.
CREATE TABLE sourcing_rules (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    version INTEGER NULL,
    note TEXT NOT NULL,
    weights TEXT NOT NULL,
    changes TEXT NOT NULL,
    replaced TEXT NULL,
    made_by TEXT NOT NULL,
    made_at {instant} NOT NULL,
    published_by TEXT NULL,
    published_at {instant} NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, version),
    CHECK ((version IS NULL) = (published_at IS NULL) AND (published_by IS NULL) = (published_at IS NULL))
){clustered};

-- What a draft would do to the orders of the last days: one a draft, made anew when it is asked for again.
CREATE TABLE sourcing_simulations (
    tenant {id} NOT NULL,
    rules {id} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Waiting', 'Running', 'Done', 'Failed')),
    against INTEGER NOT NULL,
    days INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    asked_at {instant} NOT NULL,
    beat_at {instant} NOT NULL,
    report TEXT NULL,
    PRIMARY KEY (tenant, rules)
){clustered};
