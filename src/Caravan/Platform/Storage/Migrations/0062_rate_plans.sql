-- How many requests a company may send a second, and how many at once, where that is not what the operator lets everybody.
CREATE TABLE rate_plans (
    tenant {id} PRIMARY KEY,
    per_second INTEGER NOT NULL CHECK (per_second >= 0),
    burst INTEGER NOT NULL CHECK (burst >= 0)
);
