-- Who does which background work, until when: where several servers share a store, one of them at a time. Reference table.
CREATE TABLE work_slots (
    name TEXT PRIMARY KEY,
    holder {id} NOT NULL,
    claimed_until {instant} NOT NULL
);
