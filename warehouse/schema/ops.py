"""Mirrors of what happened, so that SQL and the dashboard see runs, gates and quarantine.

Belongs here: warehouse mirrors of `ops.sqlite`. Does not: the tables of `ops.sqlite` themselves (`warehouse.ops`).
"""

import polars as pl

from warehouse.schema.model import Column, Table
from warehouse.schema.types import TIMESTAMP

QUALITY_RESULTS = Table(
    name="quality_results",
    doc="What each gate found in each run.",
    key=("run_id", "table_name", "rule"),
    owner="publication",
    columns=(
        Column(name="run_id", dtype=pl.String, doc="The run."),
        Column(name="table_name", dtype=pl.String, doc="The table held to the rule."),
        Column(name="rule", dtype=pl.String, doc="The rule."),
        Column(name="passed", dtype=pl.Boolean, doc="Whether it held."),
        Column(name="blocking", dtype=pl.Boolean, doc="Whether its failure keeps the run from being published."),
        Column(name="failed_rows", dtype=pl.Int64, doc="Rows that broke it.", unit="rows"),
        Column(name="sample", dtype=pl.String, doc="Some of them, as JSON.", nullable=True),
        Column(name="checked_at", dtype=TIMESTAMP, doc="When."),
    ),
)

EVERY_FILE_TAKEN = "every_file_taken"
"""The rule of a fetch that says which files of the inbox were not taken, one ``problem`` in its sample each."""

PROVIDER_HEALTH = Table(
    name="provider_health",
    doc="How each provider of market data did, as of the publication. Days are in UTC.",
    key=("source",),
    owner="publication",
    columns=(
        Column(name="source", dtype=pl.String, doc="The provider."),
        Column(name="day", dtype=pl.Date, doc="The day that calls, failures and the quota are of."),
        Column(name="calls", dtype=pl.Int64, doc="Calls of that day, each try its own.", unit="calls"),
        Column(name="failures", dtype=pl.Int64, doc="Those of them that failed.", unit="calls"),
        Column(
            name="latency_p50_ms",
            dtype=pl.Int64,
            doc="Half of the last 500 calls took no longer.",
            unit="milliseconds",
            nullable=True,
        ),
        Column(
            name="latency_p95_ms",
            dtype=pl.Int64,
            doc="95 of 100 of the last 500 calls took no longer.",
            unit="milliseconds",
            nullable=True,
        ),
        Column(
            name="breaker",
            dtype=pl.String,
            doc="`closed`: it is asked; `open`: it is left alone; `half-open`: the next question tries it.",
        ),
        Column(
            name="failures_in_a_row",
            dtype=pl.Int64,
            doc="Questions since its last answer that failed and may succeed later.",
            unit="questions",
        ),
        Column(name="open_until", dtype=TIMESTAMP, doc="Until when an open one is left alone.", nullable=True),
        Column(name="not_before", dtype=TIMESTAMP, doc="Until when it asked for no request.", nullable=True),
        Column(
            name="quota_left",
            dtype=pl.Int64,
            doc="Requests that are left of that day; null where days are not limited.",
            unit="requests",
            nullable=True,
        ),
        Column(name="last_called_at", dtype=TIMESTAMP, doc="When it was last called.", nullable=True),
        Column(name="last_ok_at", dtype=TIMESTAMP, doc="When one of those 500 last went well.", nullable=True),
        Column(name="last_error", dtype=pl.String, doc="What last failed of those 500.", nullable=True),
    ),
)

OPEN, RESOLVED, RELEASED = "open", "resolved", "released"
"""States of a row in quarantine."""

QUARANTINE = Table(
    name="quarantine",
    doc="Fetched rows that were not believed, one for each rule that held the row back, as of the publication.",
    key=("quarantine_id",),
    owner="publication",
    columns=(
        Column(name="quarantine_id", dtype=pl.Int64, doc="What `folio quality release` takes."),
        Column(name="run_id", dtype=pl.String, doc="The last run that fetched it so."),
        Column(name="table_name", dtype=pl.String, doc="The table that it was for."),
        Column(name="rule", dtype=pl.String, doc="The rule that held it back."),
        Column(name="about", dtype=pl.String, doc="Its symbol, or the currency of a rate."),
        Column(name="date", dtype=pl.Date, doc="Its date or ex-date, or the first that it concerns."),
        Column(name="key", dtype=pl.String, doc="What it is about, in words: held again, it is the same row here."),
        Column(name="column_name", dtype=pl.String, doc="The column that is not believed."),
        Column(name="value", dtype=pl.String, doc="What was fetched there.", nullable=True),
        Column(name="expected", dtype=pl.String, doc="What would have been believed.", nullable=True),
        Column(name="reason", dtype=pl.String, doc="Why it was held back."),
        Column(name="fetched_row", dtype=pl.String, doc="The whole row, as JSON."),
        Column(name="state", dtype=pl.String, doc="open, resolved or released."),
        Column(
            name="resolution",
            dtype=pl.String,
            doc="How it was resolved: `believable` (it came again), `withdrawn` (its provider states it no more), `own`"
            " (a person's file has the row) or `released`.",
            nullable=True,
        ),
        Column(name="first_seen_at", dtype=TIMESTAMP, doc="When it was held back first."),
        Column(name="last_seen_at", dtype=TIMESTAMP, doc="When it was held back last."),
        Column(name="resolved_at", dtype=TIMESTAMP, doc="When that was published.", nullable=True),
        Column(
            name="value_since_at",
            dtype=TIMESTAMP,
            doc="Since when it has been held back with this value, without being resolved in between.",
            nullable=True,
        ),
    ),
)

TABLES = (QUALITY_RESULTS, PROVIDER_HEALTH, QUARANTINE)
