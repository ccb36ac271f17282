"""Every number of the document explains itself, as it stands there, and is made again of its parts.

The paths are collected here by walking the document, not by the names that the engine knows.
"""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from chronicles import chronicles, seen
from hypothesis import HealthCheck, assume, given, settings
from statements import accounts, day, dividends, fx, prices, splits, transactions
from strategies import END, START, markets, rows
from test_laws import looked_at

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.explain import Operation, explain, faults, figures
from pipelines.portfolio.explain.entries import WITHOUT_JOURNAL
from pipelines.portfolio.frames import TARGET_SCHEMA, LedgerFrames, MarketFrames
from pipelines.portfolio.models import Model, Rows

NOT_FIGURES = {
    "schema_version": "says how to read the document",
    "warnings": "its numbers are the data of a message",
    "provenance": "timings and versions of the computation",
    "journal": "the rows that explanations end on",
}
KEYS = {
    "holdings": lambda row: f"{row.symbol}@{row.account}",
    "cash": lambda row: f"{row.currency}@{row.account}",
    "contributions": lambda row: "other" if row.symbol is None else f"{row.symbol}@{row.account}",
    "movers": lambda row: f"{row.symbol}@{row.account}",
    "daily": lambda row: str(row.date),
    "periods": lambda row: row.period,
    "monthly": lambda row: f"{row.year}-{row.month:02}",
    "by_month": lambda row: row.month,
    "by_symbol": lambda row: row.symbol,
}
NO_ROW = {
    "holdings.twr": "no daily values of a single holding are in the document",
    "holdings.xirr": "lots that came or went count at a market value that no row of the journal has",
    "holdings.xirr_before_tax": "where flows have a rate before tax alone, there is none after tax to begin from",
    "holdings.twr_before_tax": "the same of the chain",
    "summary.xirr_before_tax": "the same of the whole",
    "summary.twr_before_tax": "the same of the whole",
    "performance.contribution": "no daily values of a single holding are in the document",
    "performance.opening_base": "no daily values of a single holding are in the document",
    "performance.flow_in_base": "the same of its flows",
    "performance.flow_out_base": "the same of its flows",
    "performance.carried_gain": "the journal has the lots' transactions, not what they were worth when they passed",
    "income.quantity": "units of a past day, in which many transactions take part",
    "income.fx_rate": "the last rate on or before the day: the document does not say which day's",
    "income.amount_per_share": "the amount of the last year, restated for splits since",
    "completeness.ignored_future_rows": "they are not part of the view",
    "risk.risk_free": "a setting",
}
"""Figures other than nothing that may end without naming a row, and why."""


def numbers(view):
    """Yield path and value of every number of the document."""
    for name in type(view).model_fields:
        if name not in NOT_FIGURES:
            yield from _numbers(name, name, getattr(view, name))


def _numbers(path, name, node):
    if isinstance(node, Decimal | float | int) and not isinstance(node, bool):
        yield path, node
    for below, field, child in _below(name, node):
        yield from _numbers(f"{path}.{below}", field, child)


def _below(name, node):
    """Yield the parts of a part: what each is called in a path, in the document, and the part."""
    if isinstance(node, Model):
        hidden = {"year", "month"} if name == "monthly" else ()
        for field, info in type(node).model_fields.items():
            if field not in hidden:
                yield info.alias or field, field, getattr(node, field)
    elif isinstance(node, dict):
        yield from ((f"{key}.{row.key}", key, row) for key, rows_of in node.items() for row in rows_of)
    elif isinstance(node, list | Rows):
        named = KEYS.get(name)
        yield from ((named(row) if named else number, name, row) for number, row in enumerate(node))


def faults_of(view, path, value):
    """Yield what is wrong with the explanation of one figure."""
    tree = explain(view, path)
    if (tree.value, type(tree.value)) != (value, type(value)):
        yield f"{path} is {value!r}, its explanation says {tree.value!r}"
    yield from (f"{path}: {figure} is not made of its parts" for figure in faults(tree))
    yield from (f"{path}: {node.figure} has no parts" for node in tree.walk() if not node.parts and not _ends(node))
    if not tree.parts and not tree.source and value:
        name = f"{path.partition('.')[0]}.{path.rpartition('.')[2]}"
        if name not in NO_ROW and tree.note not in {"one currency", WITHOUT_JOURNAL}:
            yield f"{path} ends without a row"
    if not (tree.parts or tree.source or tree.note):
        yield f"{path} ends without a word"


def _ends(node):
    return node.operation is Operation.ROW


RICH = """
2022-01-03 DEPOSIT 10000 account=Cash
2022-01-03 BUY ACME 100 @ 10 fee=5 tax=1 account=Cash
2022-01-10 BUY ACME 50 @ 12 fee=2 account=Cash
2022-02-01 BUY BOLT 10 @ 20 fee=1 currency=USD account=Cash fx_rate=0.9
2022-02-10 DEPOSIT 500 account=Cash currency=USD
2022-03-01 BUY BOLT 7 @ 30 tax=1 currency=USD account=B
2022-04-01 DIVIDEND ACME 90 tax=13 fee=1 account=Cash
2022-05-02 SELL ACME 120 @ 9 fee=5 tax=2 account=Cash
2022-06-01 TRANSFER BOLT 4 account=Cash to_account=B
2022-06-15 SELL CORK 6 @ 11 fee=1 account=S
2022-07-01 BUY CORK 2 @ 9 account=S
2022-07-15 FX_CONVERSION 100 account=Cash currency=EUR to_amount=105 to_currency=USD
2022-08-01 SPINOFF BOLT account=B to_symbol=DOWN ratio_new=1 ratio_old=2 cost_fraction=0.2 currency=USD
2022-09-01 FEE 7 account=Cash
2022-09-02 TAX 30 account=Cash
2022-10-01 DIVIDEND ACME 20 tax=3 account=Cash
2022-11-01 INTEREST 4 account=Cash
2022-12-01 DELIVERY_IN GONE 5 @ 3 account=B
2023-01-05 WITHDRAWAL 1000 account=Cash
2023-02-01 RETURN_OF_CAPITAL BOLT 5 account=B currency=USD
2023-03-01 SELL BOLT 6 @ 35 tax=3 currency=USD account=B
2023-04-03 DIVIDEND ACME 25 tax=4 account=Cash
2023-07-01 DEPOSIT 10 account=Cash
"""
WEEKS = [dt.date(2022, 1, 3) + dt.timedelta(days=7 * week) for week in range(75)]


def _market():
    rows = [f"ACME {on} {10 + (week * 7) % 5}" for week, on in enumerate(WEEKS)]
    rows += [f"BOLT {on} {20 + (week * 11) % 13} USD" for week, on in enumerate(WEEKS)]
    rows += [f"CORK {on} {9 + (week * 3) % 4}" for week, on in enumerate(WEEKS)]
    rows += [f"DOWN {on} 4.5 USD" for on in WEEKS[31:40]]
    rows += [f"WORLD {on} {100 + (week * 5) % 17}" for week, on in enumerate(WEEKS)]
    rates = [f"USD/EUR {on} 0.{90 + (week * 13) % 9}{week % 7}" for week, on in enumerate(WEEKS)]
    return MarketFrames(
        prices=prices("\n".join(rows)),
        fx=fx("\n".join(rates)),
        splits=splits("BOLT 2022-10-03 7:3"),
        dividends=dividends(
            "ACME 2022-03-30 2022-04-01 0.6\nACME 2022-09-29 2022-10-01 0.7\nACME 2023-03-30 2023-04-03 0.8\n"
            "ACME 2023-07-20 2023-07-25 0.9\nBOLT 2023-01-10 2023-01-20 0.3 USD\nBOLT 2022-12-10 2022-12-20 0.3 USD\n"
            "WORLD 2022-08-01 2022-08-05 1"
        ),
    )


@pytest.fixture(scope="module")
def ledger():
    targets = pl.DataFrame(
        [("symbol", "ACME", Decimal("0.5")), ("sector", "Rare", Decimal("0.1"))], TARGET_SCHEMA, orient="row"
    )
    rules = accounts(("S", "EUR", False, True), ("B", "EUR", False, False))
    return LedgerFrames(transactions=transactions(RICH), accounts=rules, targets=targets, benchmark="WORLD")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="everything"),
        pytest.param({"since": day("2022-08-15")}, id="a period"),
        pytest.param({"account": "B"}, id="one account"),
        pytest.param({"cost_method": "average", "include_journal": False}, id="average cost, no journal"),
        pytest.param({"as_of": day("2022-05-20"), "risk_free": 0.02}, id="under a year"),
        pytest.param({"include_history": False}, id="no history"),
    ],
)
def test_every_number_of_a_rich_ledger_explains_itself(ledger, options):
    options = {"as_of": day("2023-06-12"), "include_journal": True, "include_closed": True} | options
    view = complete_view(ledger, _market(), base_currency="EUR", **options)
    found = dict(numbers(view))
    assert len(found) > 300
    assert found.keys() <= set(figures(view))
    assert [fault for path, value in found.items() for fault in faults_of(view, path, value)] == []


laws = settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="everything"),
        pytest.param({"since": START + dt.timedelta(days=20)}, id="a period"),
        pytest.param({"account": "A"}, id="one account"),
    ],
)
@laws
@given(chronicle=chronicles())
def test_every_number_of_any_ledger_explains_itself(options, chronicle):
    assume("account" not in options or "A" in chronicle[0]["account"])
    view = seen(chronicle, as_of=END, include_journal=True, **options)
    assert [fault for path, value in numbers(view) for fault in faults_of(view, path, value)] == []


@laws
@given(steps=rows(), market=markets())
def test_every_number_of_a_ledger_with_busy_days_explains_itself(steps, market):
    view = looked_at(steps, market, include_journal=True)
    assert [fault for path, value in numbers(view) for fault in faults_of(view, path, value)] == []
