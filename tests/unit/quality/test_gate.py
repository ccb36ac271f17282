"""The gate on a table where it lies: small or tall, every row counts, and the findings are the same."""

import datetime as dt

import duckdb
import polars as pl
import pytest
from test_declaration import frame_of

from pipelines.quality import declaration
from pipelines.quality.gate import gate_results
from warehouse import look
from warehouse.look import Look
from warehouse.schema import market

TODAY = dt.date(2022, 12, 28)
TABLE = market.PRICE_HISTORY


@pytest.fixture(params=["small", "tall"])
def found(request, monkeypatch):
    """Return what the gate finds in a frame, by rule, with the table taken as small and as tall."""
    if request.param == "tall":
        monkeypatch.setattr(declaration, "EXPECTED_ROWS", 2)
        monkeypatch.setattr(look, "PART_ROWS", 2)

    def findings(frame, table=TABLE):
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("given", frame)
            connection.sql(f"CREATE TABLE {table.name} AS SELECT * FROM given")
            results = gate_results(Look(table, connection), today=TODAY)
        return {result.rule: result for result, _ in results if not result.passed}

    return findings


def prices(rows=5):
    close, high = pl.lit("10").cast(TABLE.polars_schema["close"]), pl.lit(None, TABLE.polars_schema["close"])
    return frame_of(TABLE, rows).with_columns(close=close, open=high, high=high, low=high)


def test_a_sound_table_passes(found):
    assert found(prices()) == {}
    assert found(TABLE.empty()) == {}


def test_a_broken_row_anywhere_is_named(found):
    frame = prices().with_columns(close=pl.when(pl.col("symbol") != "v4").then("close").otherwise(-pl.col("close")))
    broken = found(frame)
    assert set(broken) == {"positive_close"}
    assert broken["positive_close"].finding == "1 row: symbol v4, date 2022-01-05, close -10"


def test_what_breaks_a_rule_in_several_parts_is_counted_over_all(found):
    frame = prices().with_columns(volume=pl.lit(-1))
    assert found(frame)["no_negative_volume"].failed_rows == 5
    assert [row["symbol"] for row in found(frame)["no_negative_volume"].sample] == ["v0", "v1", "v2", "v3", "v4"]


def test_rows_that_share_a_key_are_counted_however_far_apart(found):
    frame = prices()
    result = found(pl.concat([frame, frame.head(1)]))["meets_declaration"]
    assert result.sample[0] == {"symbol": "v0", "date": "2022-01-01"}
    assert result.failed_rows == 2


def test_a_null_where_none_is_allowed_is_named(found):
    frame = prices().with_columns(currency=pl.when(pl.col("symbol") != "v3").then("currency"))
    result = found(frame)["meets_declaration"]
    assert result.failed_rows == 1
    assert result.sample[0]["symbol"] == "v3"


def test_types_and_columns_are_exact(found):
    result = found(prices().with_columns(close=pl.lit(1.05), surprise=pl.lit(1)))["meets_declaration"]
    assert "column surprise is not declared" in result.problems
    assert any(problem.startswith("column close is Float64") for problem in result.problems)


def test_a_tall_table_of_one_fetch_is_not_loaded_whole(monkeypatch):
    monkeypatch.setattr(look, "PART_ROWS", 2)
    with duckdb.connect() as connection:
        connection.register("given", prices())
        connection.sql(f"CREATE TABLE {TABLE.name} AS SELECT * FROM given")
        seen = Look(TABLE, connection)
        assert seen.latest_fetch(3).height == 3
        assert [part.shape for part in seen.parts(["symbol"])] == [(2, 1), (2, 1), (1, 1)]
