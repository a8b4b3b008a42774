-- The tenant is the carrier: the company the courier rides for.
CREATE TABLE couriers (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    code TEXT NOT NULL,
    region TEXT NOT NULL,
    vehicle TEXT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    point_at {instant} NOT NULL,
    capacity_grams INTEGER NOT NULL CHECK (capacity_grams > 0),
    temperature_mask INTEGER NOT NULL,
    shift_start TEXT NOT NULL,
    shift_end TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    is_on_duty INTEGER NOT NULL,
    is_simulated INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, code)
);

-- The tenant is the shipper: the company whose parcel it is. A carrier reads what it carries.
CREATE TABLE jobs (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    reference TEXT NOT NULL,
    origin {id} NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    address TEXT NOT NULL,
    service TEXT NOT NULL,
    ready_at {instant} NOT NULL,
    due_at {instant} NOT NULL,
    weight_grams INTEGER NOT NULL CHECK (weight_grams >= 0),
    temperature_class TEXT NOT NULL,
    proof_code TEXT NOT NULL,
    status TEXT NOT NULL,
    packed_at {instant} NULL,
    carrier {id} NULL,
    courier {id} NULL,
    assigned_at {instant} NULL,
    accepted_at {instant} NULL,
    collected_at {instant} NULL,
    finished_at {instant} NULL,
    estimated_at {instant} NULL,
    attempts INTEGER NOT NULL,
    code_failures INTEGER NOT NULL,
    failure_reason TEXT NULL,
    override_reason TEXT NULL,
    waits_for TEXT NULL,
    declined_by {json} NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((courier IS NULL) = (carrier IS NULL))
){clustered};
CREATE INDEX jobs_by_reference ON jobs (tenant, reference);
CREATE INDEX jobs_by_carrier ON jobs (carrier, id) WHERE carrier IS NOT NULL;
CREATE INDEX jobs_open_by_carrier ON jobs (carrier) WHERE carrier IS NOT NULL AND finished_at IS NULL;
CREATE INDEX jobs_at_station ON jobs (origin, id) WHERE service = 'PickUp';
-- What the dispatcher looks at: jobs without a courier, and jobs whose courier has not answered.
CREATE INDEX jobs_waiting ON jobs (due_at, id) WHERE status = 'Booked';
CREATE INDEX jobs_unanswered ON jobs (assigned_at) WHERE status = 'Assigned';
CREATE INDEX jobs_open ON jobs (tenant, status) WHERE finished_at IS NULL;
CREATE INDEX jobs_delivered ON jobs (tenant, finished_at) WHERE status = 'Delivered';

-- What a courier does next, in order. A job stands on one courier's route at most: there is one dropoff of it.
CREATE TABLE route_stops (
    tenant {id} NOT NULL,
    courier {id} NOT NULL,
    position INTEGER NOT NULL,
    job_tenant {id} NOT NULL,
    job {id} NOT NULL,
    kind TEXT NOT NULL,
    estimated_at {instant} NULL,
    PRIMARY KEY (tenant, courier, position)
);
-- The carrier stands in it so that Citus can hold it; that two carriers have one job is kept out by the job's own row.
CREATE UNIQUE INDEX route_stops_by_job ON route_stops (job_tenant, job, kind, tenant);
