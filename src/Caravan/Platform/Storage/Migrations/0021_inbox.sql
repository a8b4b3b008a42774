-- What has gone wrong at a company and waits for somebody: the inbox of its operations room. While the cause lasts ended_at is
-- null; solved_at is when the cause was gone or a person said that it is dealt with, whichever came first.
CREATE TABLE supply_exceptions (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    units INTEGER NOT NULL,
    amount BIGINT NULL,
    currency TEXT NULL,
    opened_at {instant} NOT NULL,
    due_at {instant} NULL,
    taken_by TEXT NULL,
    taken_at {instant} NULL,
    solved_by TEXT NULL,
    solved_at {instant} NULL,
    ended_at {instant} NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((taken_by IS NULL) = (taken_at IS NULL)),
    CHECK ((solved_by IS NULL) = (solved_at IS NULL)),
    CHECK (ended_at IS NULL OR solved_at IS NOT NULL)
){clustered};
CREATE UNIQUE INDEX supply_exceptions_lasting ON supply_exceptions (tenant, kind, subject) WHERE ended_at IS NULL;
CREATE INDEX supply_exceptions_solved ON supply_exceptions (tenant, solved_at) WHERE solved_at IS NOT NULL;
