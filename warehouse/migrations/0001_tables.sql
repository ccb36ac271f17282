-- The tables as first declared.

CREATE TABLE symbols (
    "symbol"          VARCHAR NOT NULL,
    "name"            VARCHAR,
    "asset_class"     VARCHAR,
    "exchange"        VARCHAR,
    "country"         VARCHAR,
    "region"          VARCHAR,
    "sector"          VARCHAR,
    "industry"        VARCHAR,
    "currency"        VARCHAR NOT NULL,
    "price_unit"      VARCHAR NOT NULL,
    "isin"            VARCHAR,
    "provider_symbol" VARCHAR,
    "status"          VARCHAR NOT NULL,
    "last_price"      DECIMAL(20,8),
    "last_price_at"   TIMESTAMP WITH TIME ZONE,
    "previous_close"  DECIMAL(20,8),
    "price_source"    VARCHAR,
    "updated_at"      TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE price_history (
    "symbol"      VARCHAR NOT NULL,
    "date"        DATE NOT NULL,
    "open"        DECIMAL(20,8),
    "high"        DECIMAL(20,8),
    "low"         DECIMAL(20,8),
    "close"       DECIMAL(20,8) NOT NULL,
    "volume"      BIGINT,
    "currency"    VARCHAR NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL
);

CREATE TABLE dividend_history (
    "symbol"      VARCHAR NOT NULL,
    "ex_date"     DATE NOT NULL,
    "pay_date"    DATE,
    "amount"      DECIMAL(20,8) NOT NULL,
    "currency"    VARCHAR NOT NULL,
    "kind"        VARCHAR NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL
);

CREATE TABLE split_history (
    "symbol"      VARCHAR NOT NULL,
    "ex_date"     DATE NOT NULL,
    "ratio_new"   DECIMAL(24,10) NOT NULL,
    "ratio_old"   DECIMAL(24,10) NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL
);

CREATE TABLE fx_history (
    "currency"    VARCHAR NOT NULL,
    "date"        DATE NOT NULL,
    "per_eur"     DECIMAL(20,10) NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL
);

CREATE TABLE trading_sessions (
    "exchange"  VARCHAR NOT NULL,
    "date"      DATE NOT NULL,
    "opens_at"  TIMESTAMP WITH TIME ZONE,
    "closes_at" TIMESTAMP WITH TIME ZONE
);

CREATE TABLE price_history_revisions (
    "symbol"      VARCHAR NOT NULL,
    "date"        DATE NOT NULL,
    "open"        DECIMAL(20,8),
    "high"        DECIMAL(20,8),
    "low"         DECIMAL(20,8),
    "close"       DECIMAL(20,8) NOT NULL,
    "volume"      BIGINT,
    "currency"    VARCHAR NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL,
    "known_until" TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE dividend_history_revisions (
    "symbol"      VARCHAR NOT NULL,
    "ex_date"     DATE NOT NULL,
    "pay_date"    DATE,
    "amount"      DECIMAL(20,8) NOT NULL,
    "currency"    VARCHAR NOT NULL,
    "kind"        VARCHAR NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL,
    "known_until" TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE split_history_revisions (
    "symbol"      VARCHAR NOT NULL,
    "ex_date"     DATE NOT NULL,
    "ratio_new"   DECIMAL(24,10) NOT NULL,
    "ratio_old"   DECIMAL(24,10) NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL,
    "known_until" TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE fx_history_revisions (
    "currency"    VARCHAR NOT NULL,
    "date"        DATE NOT NULL,
    "per_eur"     DECIMAL(20,10) NOT NULL,
    "source"      VARCHAR NOT NULL,
    "fetched_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "known_from"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "bulk_loaded" BOOLEAN NOT NULL,
    "known_until" TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE portfolios (
    "portfolio_id"  VARCHAR NOT NULL,
    "owner_id"      VARCHAR NOT NULL,
    "name"          VARCHAR NOT NULL,
    "base_currency" VARCHAR NOT NULL,
    "cost_method"   VARCHAR NOT NULL,
    "benchmark"     VARCHAR,
    "version"       BIGINT NOT NULL
);

CREATE TABLE accounts (
    "portfolio_id" VARCHAR NOT NULL,
    "account"      VARCHAR NOT NULL,
    "currency"     VARCHAR,
    "tracks_cash"  BOOLEAN,
    "allow_short"  BOOLEAN NOT NULL
);

CREATE TABLE transactions (
    "transaction_id" VARCHAR NOT NULL,
    "portfolio_id"   VARCHAR NOT NULL,
    "sequence"       BIGINT NOT NULL,
    "date"           DATE NOT NULL,
    "time"           TIME,
    "type"           VARCHAR NOT NULL,
    "account"        VARCHAR NOT NULL,
    "symbol"         VARCHAR,
    "quantity"       DECIMAL(24,10),
    "price"          DECIMAL(20,8),
    "amount"         DECIMAL(28,8),
    "fee"            DECIMAL(28,8) NOT NULL,
    "tax"            DECIMAL(28,8) NOT NULL,
    "currency"       VARCHAR NOT NULL,
    "fx_rate"        DECIMAL(20,10),
    "to_account"     VARCHAR,
    "to_symbol"      VARCHAR,
    "ratio_new"      DECIMAL(24,10),
    "ratio_old"      DECIMAL(24,10),
    "cost_fraction"  DECIMAL(24,10),
    "to_amount"      DECIMAL(28,8),
    "to_currency"    VARCHAR,
    "lot_id"         VARCHAR,
    "settle_date"    DATE,
    "external_id"    VARCHAR,
    "note"           VARCHAR
);

CREATE TABLE lots (
    "portfolio_id"   VARCHAR NOT NULL,
    "account"        VARCHAR NOT NULL,
    "symbol"         VARCHAR NOT NULL,
    "lot"            BIGINT NOT NULL,
    "transaction_id" VARCHAR NOT NULL,
    "bought_on"      DATE NOT NULL,
    "quantity"       DECIMAL(24,10) NOT NULL,
    "cost_local"     DECIMAL(28,8),
    "cost_base"      DECIMAL(28,8),
    "days_held"      BIGINT NOT NULL
);

CREATE TABLE realized_gains (
    "portfolio_id"                VARCHAR NOT NULL,
    "disposal"                    BIGINT NOT NULL,
    "account"                     VARCHAR NOT NULL,
    "symbol"                      VARCHAR NOT NULL,
    "bought_on"                   DATE NOT NULL,
    "sold_on"                     DATE NOT NULL,
    "quantity"                    DECIMAL(24,10) NOT NULL,
    "cost_local"                  DECIMAL(28,8),
    "cost_base"                   DECIMAL(28,8),
    "proceeds_local"              DECIMAL(28,8),
    "proceeds_base"               DECIMAL(28,8),
    "gain_local"                  DECIMAL(28,8),
    "gain_base"                   DECIMAL(28,8),
    "gain_before_fees_taxes_base" DECIMAL(28,8),
    "price_effect_base"           DECIMAL(28,8),
    "fx_effect_base"              DECIMAL(28,8),
    "days_held"                   BIGINT NOT NULL,
    "term"                        VARCHAR NOT NULL,
    "buy_id"                      VARCHAR NOT NULL,
    "sell_id"                     VARCHAR NOT NULL
);

CREATE TABLE trades (
    "portfolio_id"                VARCHAR NOT NULL,
    "trade"                       BIGINT NOT NULL,
    "account"                     VARCHAR NOT NULL,
    "symbol"                      VARCHAR NOT NULL,
    "side"                        VARCHAR NOT NULL,
    "opened_on"                   DATE NOT NULL,
    "closed_on"                   DATE,
    "quantity"                    DECIMAL(24,10) NOT NULL,
    "entry_base"                  DECIMAL(28,8),
    "exit_base"                   DECIMAL(28,8),
    "gain_base"                   DECIMAL(28,8),
    "gain_before_fees_taxes_base" DECIMAL(28,8),
    "return"                      DOUBLE,
    "xirr"                        DOUBLE,
    "days_held"                   BIGINT NOT NULL
);

CREATE TABLE holdings (
    "portfolio_id"                       VARCHAR NOT NULL,
    "account"                            VARCHAR NOT NULL,
    "symbol"                             VARCHAR NOT NULL,
    "currency"                           VARCHAR,
    "quantity"                           DECIMAL(24,10) NOT NULL,
    "average_price"                      DECIMAL(20,8),
    "price"                              DECIMAL(20,8),
    "price_date"                         DATE,
    "price_status"                       VARCHAR NOT NULL,
    "fx_rate"                            DECIMAL(20,10),
    "fx_date"                            DATE,
    "fx_status"                          VARCHAR NOT NULL,
    "cost_local"                         DECIMAL(28,8),
    "cost_base"                          DECIMAL(28,8),
    "cost_excluding_fees_and_taxes_base" DECIMAL(28,8),
    "value_local"                        DECIMAL(28,8),
    "value_base"                         DECIMAL(28,8),
    "unrealized_gain_local"              DECIMAL(28,8),
    "unrealized_gain_base"               DECIMAL(28,8),
    "price_effect_base"                  DECIMAL(28,8),
    "fx_effect_base"                     DECIMAL(28,8),
    "realized_gain_base"                 DECIMAL(28,8),
    "purchases_base"                     DECIMAL(28,8),
    "proceeds_base"                      DECIMAL(28,8),
    "income_base"                        DECIMAL(28,8),
    "fees_base"                          DECIMAL(28,8),
    "taxes_base"                         DECIMAL(28,8),
    "total_gain_base"                    DECIMAL(28,8),
    "gain_on_purchases"                  DOUBLE,
    "weight"                             DOUBLE,
    "twr"                                DOUBLE,
    "xirr"                               DOUBLE
);

CREATE TABLE valuation_daily (
    "portfolio_id"  VARCHAR NOT NULL,
    "date"          DATE NOT NULL,
    "value_base"    DECIMAL(28,8),
    "flow_in_base"  DECIMAL(28,8) NOT NULL,
    "flow_out_base" DECIMAL(28,8) NOT NULL,
    "covered"       DOUBLE
);

CREATE TABLE performance_daily (
    "portfolio_id" VARCHAR NOT NULL,
    "date"         DATE NOT NULL,
    "day_return"   DOUBLE,
    "growth"       DOUBLE NOT NULL
);

CREATE TABLE performance_summary (
    "portfolio_id" VARCHAR NOT NULL,
    "period"       VARCHAR NOT NULL,
    "start"        DATE NOT NULL,
    "end"          DATE NOT NULL,
    "twr"          DOUBLE,
    "xirr"         DOUBLE,
    "gain_base"    DECIMAL(28,8),
    "flow_base"    DECIMAL(28,8),
    "income_base"  DECIMAL(28,8)
);

CREATE TABLE benchmark_daily (
    "portfolio_id" VARCHAR NOT NULL,
    "date"         DATE NOT NULL,
    "symbol"       VARCHAR NOT NULL,
    "value_base"   DECIMAL(28,8)
);

CREATE TABLE allocations (
    "portfolio_id" VARCHAR NOT NULL,
    "dimension"    VARCHAR NOT NULL,
    "key"          VARCHAR NOT NULL,
    "value_base"   DECIMAL(28,8),
    "weight"       DOUBLE,
    "target"       DOUBLE,
    "drift"        DOUBLE
);

CREATE TABLE dividend_income (
    "portfolio_id"   VARCHAR NOT NULL,
    "transaction_id" VARCHAR NOT NULL,
    "account"        VARCHAR NOT NULL,
    "symbol"         VARCHAR,
    "date"           DATE NOT NULL,
    "type"           VARCHAR NOT NULL,
    "currency"       VARCHAR NOT NULL,
    "gross_local"    DECIMAL(28,8),
    "gross_base"     DECIMAL(28,8),
    "tax_base"       DECIMAL(28,8),
    "net_base"       DECIMAL(28,8)
);

CREATE TABLE complete_views (
    "portfolio_id"   VARCHAR NOT NULL,
    "section"        VARCHAR NOT NULL,
    "ledger_version" BIGINT NOT NULL,
    "as_of"          DATE NOT NULL,
    "document"       VARCHAR NOT NULL
);

CREATE TABLE publications (
    "publication_id" VARCHAR NOT NULL,
    "run_id"         VARCHAR NOT NULL,
    "published_at"   TIMESTAMP WITH TIME ZONE NOT NULL,
    "as_of"          DATE,
    "engine_version" VARCHAR NOT NULL
);

CREATE TABLE quality_results (
    "run_id"      VARCHAR NOT NULL,
    "table_name"  VARCHAR NOT NULL,
    "rule"        VARCHAR NOT NULL,
    "passed"      BOOLEAN NOT NULL,
    "blocking"    BOOLEAN NOT NULL,
    "failed_rows" BIGINT NOT NULL,
    "sample"      VARCHAR,
    "checked_at"  TIMESTAMP WITH TIME ZONE NOT NULL
);
