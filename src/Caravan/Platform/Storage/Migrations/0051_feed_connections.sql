-- How a feed's files are written, as a person has said when it was connected.
CREATE TABLE feed_formats (
    tenant {id} NOT NULL,
    feed {id} NOT NULL,
    body {json} NOT NULL,
    PRIMARY KEY (tenant, feed)
){clustered};

-- A feed on its way: the first file, what was guessed of it and chosen, until it is live.
CREATE TABLE feed_connections (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    name TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file {bytes} NOT NULL,
    choices {json} NOT NULL,
    feed {id} NULL,
    document {id} NULL,
    as_of {instant} NOT NULL,
    made_at {instant} NOT NULL,
    changed_at {instant} NOT NULL,
    PRIMARY KEY (tenant, id)
);
