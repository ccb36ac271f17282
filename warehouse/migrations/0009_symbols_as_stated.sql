-- What people say of instruments, and closes that they state.

CREATE TABLE symbol_overrides (
    "portfolio_id" VARCHAR NOT NULL,
    "symbol"       VARCHAR NOT NULL,
    "name"         VARCHAR,
    "asset_class"  VARCHAR,
    "sector"       VARCHAR,
    "industry"     VARCHAR,
    "country"      VARCHAR,
    "region"       VARCHAR
);

CREATE TABLE manual_prices (
    "portfolio_id" VARCHAR NOT NULL,
    "symbol"       VARCHAR NOT NULL,
    "date"         DATE NOT NULL,
    "close"        DECIMAL(20,8) NOT NULL,
    "currency"     VARCHAR NOT NULL
);
