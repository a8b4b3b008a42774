-- The tenant is the node's operator: the company whose people pick. Its id is the fulfilment order's.
CREATE TABLE pick_lists (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    order_tenant {id} NOT NULL,
    order_id {id} NOT NULL,
    order_number TEXT NOT NULL,
    location {id} NOT NULL,
    service TEXT NOT NULL,
    station {id} NULL,
    station_operator {id} NULL,
    is_collected_here INTEGER NOT NULL,
    status TEXT NOT NULL,
    ready_at {instant} NOT NULL,
    due_at {instant} NOT NULL,
    released_at {instant} NOT NULL,
    packed_at {instant} NULL,
    handed_over_at {instant} NULL,
    wrong_codes INTEGER NOT NULL DEFAULT 0,
    override_reason TEXT NULL,
    PRIMARY KEY (tenant, id)
){clustered};
CREATE INDEX pick_lists_open ON pick_lists (tenant, location, status, due_at) WHERE status IN ('Waiting', 'Picking', 'Picked', 'Packed');
CREATE INDEX pick_lists_at_station ON pick_lists (tenant, station) WHERE station IS NOT NULL;

-- A line of the order from one owner's stock; sku is the owner's. What is neither picked, short nor cancelled is left to pick.
-- put_back: units that were in the tote or the bag when they were called off.
CREATE TABLE pick_lines (
    tenant {id} NOT NULL,
    pick_list {id} NOT NULL,
    line INTEGER NOT NULL,
    owner {id} NOT NULL,
    item {id} NOT NULL,
    sku TEXT NOT NULL,
    gtin TEXT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    temperature_class TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    picked INTEGER NOT NULL CHECK (picked >= 0),
    short INTEGER NOT NULL CHECK (short >= 0),
    cancelled INTEGER NOT NULL CHECK (cancelled >= 0),
    put_back INTEGER NOT NULL DEFAULT 0,
    short_reason TEXT NULL,
    substitute_for INTEGER NULL,
    PRIMARY KEY (tenant, pick_list, line, owner),
    CHECK (picked + short + cancelled <= quantity)
){clustered};

-- One bag per temperature class; the job is the shipper's, none when the customer collects where it is packed.
CREATE TABLE pick_parcels (
    tenant {id} NOT NULL,
    pick_list {id} NOT NULL,
    temperature_class TEXT NOT NULL,
    job {id} NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (tenant, pick_list, temperature_class)
){clustered};

-- What comes to a station. The tenant is the station's operator, who hands over what another company may have packed.
CREATE TABLE station_lists (
    tenant {id} NOT NULL,
    station {id} NOT NULL,
    pick_list {id} NOT NULL,
    operator {id} NOT NULL,
    PRIMARY KEY (tenant, pick_list)
);
CREATE INDEX station_lists_by_station ON station_lists (tenant, station);
