CREATE TABLE regions (
    tenant {id} NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    is_active INTEGER NOT NULL,
    PRIMARY KEY (tenant, code)
);

-- Counts an operator's changes, so that each server knows when what it remembers of the network is old.
CREATE TABLE network_versions (
    tenant {id} PRIMARY KEY,
    version BIGINT NOT NULL
);

-- The tenant is the operator: the company whose people work there.
CREATE TABLE locations (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    hosted_in {id} NULL,
    region TEXT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    time_zone TEXT NOT NULL,
    hours {json} NOT NULL,
    same_day_cut_off TEXT NULL,
    next_day_cut_off TEXT NULL,
    throughput_per_hour INTEGER NOT NULL CHECK (throughput_per_hour > 0),
    handling_minutes INTEGER NOT NULL CHECK (handling_minutes >= 0),
    temperature_mask INTEGER NOT NULL,
    within_hour_metres INTEGER NOT NULL,
    same_day_metres INTEGER NOT NULL,
    next_day_metres INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, code)
);
