-- Goods that come back: from a customer, authorised by the seller, or undelivered. The tenant is the seller.
CREATE TABLE returns (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    order_id {id} NOT NULL,
    order_number TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    code TEXT NOT NULL,
    location {id} NOT NULL,
    operator {id} NOT NULL,
    currency TEXT NOT NULL,
    authorised_by TEXT NOT NULL,
    authorised_at {instant} NOT NULL,
    authorise_until {instant} NOT NULL,
    sent_reference TEXT NULL,
    is_complete INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, code)
){clustered};
CREATE INDEX returns_by_order ON returns (tenant, order_id);

-- Who has to do with a return: its seller, and who runs the location it goes to. The tenant is each of them.
CREATE TABLE return_parties (
    tenant {id} NOT NULL,
    return_id {id} NOT NULL,
    seller {id} NOT NULL,
    order_id {id} NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    authorise_until {instant} NOT NULL,
    PRIMARY KEY (tenant, return_id)
){clustered};
CREATE INDEX return_parties_by_state ON return_parties (tenant, state, return_id);
CREATE INDEX return_parties_by_order ON return_parties (tenant, order_id, return_id);
CREATE INDEX return_parties_by_code ON return_parties (tenant, code);

-- Units of one order line that one allocation gave. refund_amount: what is due for what of it is graded.
CREATE TABLE return_lines (
    tenant {id} NOT NULL,
    return_id {id} NOT NULL,
    line INTEGER NOT NULL,
    order_line INTEGER NOT NULL,
    fulfilment {id} NOT NULL,
    from_location {id} NOT NULL,
    owner {id} NOT NULL,
    item {id} NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    price_amount BIGINT NOT NULL,
    refund_percent INTEGER NOT NULL CHECK (refund_percent BETWEEN 0 AND 100),
    refund_reason TEXT NULL,
    refund_amount BIGINT NOT NULL CHECK (refund_amount BETWEEN 0 AND price_amount * quantity),
    needs_release INTEGER NOT NULL,
    PRIMARY KEY (tenant, return_id, line)
){clustered};

-- What of a line has come, lot by lot (lot empty: of none), and what became of it. What is in no other column waits to be graded.
CREATE TABLE return_parts (
    tenant {id} NOT NULL,
    return_id {id} NOT NULL,
    line INTEGER NOT NULL,
    lot TEXT NOT NULL,
    received INTEGER NOT NULL CHECK (received >= on_hold + restocked + written_off + given_back),
    on_hold INTEGER NOT NULL CHECK (on_hold >= 0),
    restocked INTEGER NOT NULL CHECK (restocked >= 0),
    written_off INTEGER NOT NULL CHECK (written_off >= 0),
    given_back INTEGER NOT NULL CHECK (given_back >= 0),
    PRIMARY KEY (tenant, return_id, line, lot)
){clustered};

-- Each time that units of a line came; the cause is the note of whoever received them, and counts once.
CREATE TABLE return_receipts (
    tenant {id} NOT NULL,
    return_id {id} NOT NULL,
    line INTEGER NOT NULL,
    cause TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    received_by TEXT NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, return_id, line, cause)
){clustered};

-- Each judgement on units of a line, with who released what may not be sold again by itself.
CREATE TABLE return_grades (
    tenant {id} NOT NULL,
    return_id {id} NOT NULL,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    cause TEXT NOT NULL,
    lot TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    grade TEXT NOT NULL,
    disposition TEXT NOT NULL,
    is_from_hold INTEGER NOT NULL,
    released_by TEXT NULL,
    release_note TEXT NULL,
    note TEXT NULL,
    refund_percent INTEGER NOT NULL,
    refund_reason TEXT NULL,
    refund_amount BIGINT NOT NULL CHECK (refund_amount >= 0),
    graded_by TEXT NOT NULL,
    at {instant} NOT NULL,
    PRIMARY KEY (tenant, return_id, number)
){clustered};
