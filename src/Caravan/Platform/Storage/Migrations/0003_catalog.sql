CREATE TABLE items (
    tenant {id} NOT NULL,
    id {id} NOT NULL,
    sku TEXT NOT NULL,
    gtin TEXT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    temperature_class TEXT NOT NULL,
    weight_grams INTEGER NOT NULL CHECK (weight_grams > 0),
    price_amount BIGINT NOT NULL CHECK (price_amount >= 0),
    price_currency TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, sku)
);
-- A GTIN is one item of an owner; across owners it joins.
CREATE UNIQUE INDEX items_by_gtin ON items (tenant, gtin) WHERE gtin IS NOT NULL;
