-- Under which GS1 company prefix and extension digit a company numbers its bags, and the last serial reference that it gave. One is current;
-- the others stay, so that no number is ever given twice.
CREATE TABLE sscc_ranges (
    tenant {id} NOT NULL,
    prefix TEXT NOT NULL,
    extension INTEGER NOT NULL,
    last_serial BIGINT NOT NULL CHECK (last_serial >= 0),
    serial_max BIGINT NOT NULL,
    is_current INTEGER NOT NULL,
    PRIMARY KEY (tenant, prefix, extension),
    CHECK (last_serial <= serial_max)
){clustered};
CREATE UNIQUE INDEX sscc_ranges_current ON sscc_ranges (tenant) WHERE is_current = 1;

-- The number on a packed bag; the packer's.
ALTER TABLE pick_parcels ADD COLUMN sscc TEXT NULL;
CREATE UNIQUE INDEX pick_parcels_sscc ON pick_parcels (tenant, sscc) WHERE sscc IS NOT NULL;
