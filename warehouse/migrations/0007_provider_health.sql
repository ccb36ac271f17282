-- How each provider of market data did.

CREATE TABLE provider_health (
    "source"            VARCHAR NOT NULL,
    "day"               DATE NOT NULL,
    "calls"             BIGINT NOT NULL,
    "failures"          BIGINT NOT NULL,
    "latency_p50_ms"    BIGINT,
    "latency_p95_ms"    BIGINT,
    "breaker"           VARCHAR NOT NULL,
    "failures_in_a_row" BIGINT NOT NULL,
    "open_until"        TIMESTAMP WITH TIME ZONE,
    "not_before"        TIMESTAMP WITH TIME ZONE,
    "quota_left"        BIGINT,
    "last_called_at"    TIMESTAMP WITH TIME ZONE,
    "last_ok_at"        TIMESTAMP WITH TIME ZONE,
    "last_error"        VARCHAR
);
