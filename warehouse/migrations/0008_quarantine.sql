-- Fetched rows that were not believed.

CREATE TABLE quarantine (
    "quarantine_id" BIGINT NOT NULL,
    "run_id"        VARCHAR NOT NULL,
    "table_name"    VARCHAR NOT NULL,
    "rule"          VARCHAR NOT NULL,
    "about"         VARCHAR NOT NULL,
    "date"          DATE NOT NULL,
    "key"           VARCHAR NOT NULL,
    "column_name"   VARCHAR NOT NULL,
    "value"         VARCHAR,
    "expected"      VARCHAR,
    "reason"        VARCHAR NOT NULL,
    "fetched_row"   VARCHAR NOT NULL,
    "state"         VARCHAR NOT NULL,
    "resolution"    VARCHAR,
    "first_seen_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "last_seen_at"  TIMESTAMP WITH TIME ZONE NOT NULL,
    "resolved_at"   TIMESTAMP WITH TIME ZONE
);
