-- A trading partner: how it and the tenant are addressed in envelopes, and how its codes are meant. The tenant is the company it trades with.
CREATE TABLE edi_partners (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    name TEXT NOT NULL,
    own_qualifier TEXT NOT NULL,
    own_id TEXT NOT NULL,
    their_qualifier TEXT NOT NULL,
    their_id TEXT NOT NULL,
    settings {json} NOT NULL,
    last_control INTEGER NOT NULL,
    created_at {instant} NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, their_qualifier, their_id)
){clustered};

-- Interchanges that came and went, byte for byte. One with the same number and the same bytes is the same one.
CREATE TABLE edi_interchanges (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    partner {id} NOT NULL,
    is_out INTEGER NOT NULL,
    syntax TEXT NOT NULL,
    control_number TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    types TEXT NOT NULL,
    state TEXT NOT NULL,
    answers_to {id} NULL,
    faults {json} NULL,
    raw {bytes} NOT NULL,
    at {instant} NOT NULL,
    finished_at {instant} NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, partner, is_out, control_number, content_hash)
);
CREATE INDEX edi_interchanges_answers ON edi_interchanges (tenant, answers_to) WHERE answers_to IS NOT NULL;

-- What became of each message of an interchange that came, written with its effect.
CREATE TABLE edi_messages (
    tenant {id} NOT NULL,
    interchange {id} NOT NULL,
    number INTEGER NOT NULL,
    type TEXT NOT NULL,
    control_number TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    result {json} NOT NULL,
    PRIMARY KEY (tenant, interchange, number)
){clustered};

-- Orders that came by EDI, with the buyer's own lines, so that answers speak as the buyer does.
CREATE TABLE edi_orders (
    tenant {id} NOT NULL,
    order_id {id} NOT NULL,
    partner {id} NOT NULL,
    interchange {id} NOT NULL,
    number TEXT NOT NULL,
    lines {json} NOT NULL,
    PRIMARY KEY (tenant, order_id)
){clustered};

-- Fulfilment orders that a buyer was told of when they were shipped (856, DESADV).
CREATE TABLE edi_told (
    tenant {id} NOT NULL,
    fulfilment {id} NOT NULL,
    kind TEXT NOT NULL,
    partner {id} NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (tenant, fulfilment, kind)
){clustered};

-- Pick lists that the node's trading partner was told of (940, 850, ORDERS): under which number, and how many units of each line it was last told.
CREATE TABLE edi_releases (
    tenant {id} NOT NULL,
    pick_list {id} NOT NULL,
    partner {id} NOT NULL,
    number TEXT NOT NULL,
    units TEXT NOT NULL,
    PRIMARY KEY (tenant, pick_list),
    UNIQUE (tenant, partner, number)
){clustered};
CREATE INDEX edi_told_numbers ON edi_told (tenant, partner, number);
