-- What people decide about dividends, and which weights they aim at.

CREATE TABLE dividend_decisions (
    "portfolio_id"   VARCHAR NOT NULL,
    "account"        VARCHAR NOT NULL,
    "symbol"         VARCHAR NOT NULL,
    "ex_date"        DATE NOT NULL,
    "state"          VARCHAR NOT NULL,
    "transaction_id" VARCHAR
);

CREATE TABLE allocation_targets (
    "portfolio_id" VARCHAR NOT NULL,
    "dimension"    VARCHAR NOT NULL,
    "key"          VARCHAR NOT NULL,
    "target"       DECIMAL(24,10) NOT NULL
);
