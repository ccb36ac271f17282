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

TABLES = (QUALITY_RESULTS,)
