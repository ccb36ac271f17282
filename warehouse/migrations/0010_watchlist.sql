-- What users watch, and what they want to be told of it.

CREATE TABLE watchlist (
    "owner_id" VARCHAR NOT NULL,
    "symbol"   VARCHAR NOT NULL,
    "target"   DECIMAL(20,8),
    "note"     VARCHAR,
    "added_on" DATE NOT NULL
);

CREATE TABLE alerts (
    "owner_id"  VARCHAR NOT NULL,
    "symbol"    VARCHAR NOT NULL,
    "kind"      VARCHAR NOT NULL,
    "threshold" DECIMAL(20,8) NOT NULL
);
