"""The gate that follows from a declaration: every table's own, and what breaks it."""

import datetime as dt

import polars as pl
import pytest

from pipelines.quality.declaration import meets_declaration
from warehouse.schema import TABLES, market
from warehouse.schema.model import Column

NOW = dt.datetime(2022, 12, 28, 21, tzinfo=dt.UTC)


def _value(column: Column, number: int):
    plain = {pl.String: f"v{number}", pl.Date: dt.date(2022, 1, 1 + number), pl.Boolean: True, pl.Time: dt.time(number)}
    return NOW if column.dtype.base_type() == pl.Datetime else plain.get(column.dtype.base_type(), number)


def frame_of(table, rows: int, *, nulls: bool = False) -> pl.DataFrame:
    columns = {
        column.name: pl.Series([None if nulls and column.nullable else _value(column, row) for row in range(rows)])
        for column in table.columns
    }
    return pl.DataFrame(columns).cast(dict(table.polars_schema))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_sound_table_passes(table):
    assert meets_declaration(frame_of(table, 3), table).passed


@pytest.mark.parametrize("frame", [market.SYMBOLS.empty(), frame_of(market.SYMBOLS, 2, nulls=True)])
def test_no_rows_and_allowed_nulls_pass(frame):
    assert meets_declaration(frame, market.SYMBOLS).passed


def test_a_repeated_key_is_named():
    one = frame_of(market.FX_HISTORY, 2)
    result = meets_declaration(pl.concat([one, one.head(1)]), market.FX_HISTORY)
    assert result.failed_rows == 2
    assert result.sample[0] == {"currency": "v0", "date": "2022-01-01"}


def test_a_null_where_none_is_allowed_is_named():
    frame = frame_of(market.FX_HISTORY, 3).with_columns(
        per_eur=pl.when(pl.col("currency") != "v1").then(pl.col("per_eur"))
    )
    result = meets_declaration(frame, market.FX_HISTORY)
    assert result.failed_rows == 1
    assert result.sample[0]["currency"] == "v1"
    assert result.problems == ("column values to not be null: per_eur",)


def test_types_and_columns_are_exact():
    frame = frame_of(market.FX_HISTORY, 1).with_columns(per_eur=pl.lit(1.05), surprise=pl.lit(1))
    result = meets_declaration(frame, market.FX_HISTORY)
    assert not result.passed
    assert "column surprise is not declared" in result.problems
    assert any(problem.startswith("column per_eur is Float64") for problem in result.problems)
