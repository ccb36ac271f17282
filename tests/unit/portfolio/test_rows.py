"""Rows by columns, rows that exist and rows out of a file are the same list."""

import copy
import datetime as dt
import json
import pickle
from decimal import Decimal

import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from pipelines.portfolio.models import Rows, Trade

D = Decimal
COLUMNS = {
    "symbol": ["ACME", "BOLT"],
    "account": ["A", "B"],
    "side": ["long", "short"],
    "opened_on": [dt.date(2020, 1, 1), dt.date(2020, 1, 2)],
    "closed_on": [dt.date(2020, 2, 1), None],
    "quantity": [15_000_000_000, 1],
    "entry_base": [10_000_000_000, 1],
    "exit_base": [1_250_000_000, None],
    "gain_base": [-8_750_000_000, 10**25],
    "gain_before_fees_taxes_base": [0, None],
    "return_": [-0.875, None],
    "xirr": [None, None],
    "days_held": [31, 30],
    "closing_id": ["t3", None],
}
ADAPTER = TypeAdapter(Rows[Trade])


def by_columns():
    return Rows(Trade, COLUMNS)


def existing():
    return Rows.of(Trade, list(by_columns()))


def stored():
    return ADAPTER.validate_json(ADAPTER.dump_json(by_columns()))


EVERY_KIND = pytest.mark.parametrize("rows", [by_columns(), existing(), stored()], ids=["columns", "rows", "stored"])


@EVERY_KIND
def test_it_is_a_list(rows):
    assert (len(rows), rows[0].symbol, rows[-1].symbol) == (2, "ACME", "BOLT")
    assert [row.account for row in rows[1:]] == ["B"]
    with pytest.raises(IndexError):
        _ = rows[2]
    assert rows == list(by_columns())
    assert rows[1] == list(rows)[1]
    assert rows != []


@EVERY_KIND
def test_figures_are_exact_in_every_form(rows):
    assert (rows[0].quantity, rows[0].gain_base, rows[1].entry_base) == (D("1.5"), D("-87.5"), D("0.00000001"))
    assert rows.column("gain_base") == [D("-87.5"), D(10) ** 17]
    assert rows.column("return_") == [-0.875, None]
    frame = rows.frame(["quantity", "exit_base", "opened_on"])
    assert frame.rows() == [(D("1.5"), D("12.5"), dt.date(2020, 1, 1)), (D("1e-10"), None, dt.date(2020, 1, 2))]
    assert isinstance(frame.schema["quantity"], pl.Decimal)


@EVERY_KIND
def test_json_is_that_of_the_rows(rows):
    written = json.loads(ADAPTER.dump_json(rows))
    assert written == json.loads(TypeAdapter(list[Trade]).dump_json(list(rows), by_alias=True))
    assert (written[0]["return"], written[1]["entry_base"], written[1]["exit_base"]) == (-0.875, "0.00000001", None)


@EVERY_KIND
def test_copies_are_equal(rows):
    assert pickle.loads(pickle.dumps(rows)) == copy.deepcopy(rows) == rows  # noqa: S301 - our own


def test_no_rows_are_an_empty_list():
    assert Rows(Trade, dict.fromkeys(COLUMNS, ())) == Rows.of(Trade) == ADAPTER.validate_json("[]") == []


def test_a_row_that_is_broken_is_told_when_it_is_looked_at():
    broken = json.loads(ADAPTER.dump_json(by_columns()))
    broken[1]["quantity"] = 1.5
    rows = ADAPTER.validate_json(json.dumps(broken))
    assert rows[0].symbol == "ACME"
    for look in (lambda: rows[1], lambda: list(rows), lambda: rows.column("quantity")):
        with pytest.raises(ValidationError, match="money is exact"):
            look()


def test_what_is_not_a_list_is_refused():
    with pytest.raises(ValidationError, match="list"):
        ADAPTER.validate_json("{}")


def test_no_rows_are_a_frame_of_the_same_types():
    full, empty = by_columns().frame(), Rows.of(Trade).frame()
    assert empty.height == 0
    assert dict(empty.schema) == dict(full.schema)
    assert full.schema["xirr"] == pl.Float64  # though nobody knows one
