-- A large document is stored in parts as it arrives, and goes into the book slice by slice: how far it is.
ALTER TABLE feed_documents ADD COLUMN handled INTEGER NULL;

CREATE TABLE feed_intakes (
    tenant {id} NOT NULL,
    document {id} NOT NULL,
    feed {id} NOT NULL,
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    as_of {instant} NOT NULL,
    sequence BIGINT NULL,
    scope {json} NOT NULL,
    lines INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    step INTEGER NOT NULL,
    counts {json} NOT NULL,
    moved_at {instant} NOT NULL,
    PRIMARY KEY (tenant, document)
){clustered};
CREATE INDEX feed_intakes_by_feed ON feed_intakes (tenant, feed, state);
CREATE INDEX feed_intakes_standing ON feed_intakes (state, moved_at);

CREATE TABLE feed_parts (
    tenant {id} NOT NULL,
    document {id} NOT NULL,
    part INTEGER NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (tenant, document, part)
);
