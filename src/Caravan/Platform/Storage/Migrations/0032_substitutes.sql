-- What an owner lets be put in instead of an item, the best first. Rank is from 1.
CREATE TABLE item_substitutes (
    tenant {id} NOT NULL,
    item {id} NOT NULL,
    rank INTEGER NOT NULL,
    substitute {id} NOT NULL,
    PRIMARY KEY (tenant, item, rank)
){clustered};
