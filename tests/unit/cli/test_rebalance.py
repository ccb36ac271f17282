"""`folio rebalance`: what it prints and what it refuses, on a ledger and a market of the test's own."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines import asked
from pipelines.cli import stores
from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from pipelines.portfolio.frames import PRICE_SCHEMA, TRANSACTION_SCHEMA, LedgerFrames, MarketFrames
from warehouse.settings import Settings

BOUGHT, TODAY = dt.date(2020, 1, 2), dt.date(2020, 3, 2)


def ledger():
    rows = [("DEPOSIT", None, None, 1000), ("BUY", "ACME", 6, 600), ("BUY", "BOLT", 4, 400)]
    made = pl.DataFrame(rows, schema=["type", "symbol", "quantity", "amount"], orient="row").with_row_index(
        "sequence", 1
    )
    return LedgerFrames(
        transactions=made.with_columns(
            transaction_id=pl.format("t{}", "sequence"),
            date=pl.lit(BOUGHT),
            account=pl.lit("Depot"),
            currency=pl.lit("EUR"),
            fee=pl.lit(0),
            tax=pl.lit(0),
        )
        .with_columns(
            **{name: pl.lit(None) for name in TRANSACTION_SCHEMA if name not in {*made.columns, "date"} | NAMED}
        )
        .select(list(TRANSACTION_SCHEMA))
        .cast(pl.Schema(TRANSACTION_SCHEMA))
    )


NAMED = {"transaction_id", "account", "currency", "fee", "tax"}


def market(symbols):
    rows = [(symbol, TODAY, 100, "EUR") for symbol in symbols if symbol != "ELSE"]
    return MarketFrames(prices=pl.DataFrame(rows, schema=PRICE_SCHEMA, orient="row"))


@pytest.fixture
def folio(tmp_path, monkeypatch):
    held = {"ledger": ledger()}
    chosen = SimpleNamespace(name="Mine", base_currency="EUR")
    settings = Settings(home=tmp_path, clock=TODAY, _env_file=None)
    monkeypatch.setattr(stores, "shown", lambda _: (settings, None, chosen))
    monkeypatch.setattr(asked, "frames_for", lambda *_: (held["ledger"], market(["ACME", "BOLT"])))
    monkeypatch.setattr(asked, "market_frames", lambda _, symbols: market(symbols))

    def run(*words, targets=None):
        if targets is not None:
            held["ledger"] = replace(held["ledger"], targets=targets)
        return CliRunner().invoke(app, ["rebalance", *words])

    return run


def test_the_trades_and_the_weights_before_and_after(folio):
    result = folio("--target", "ACME=0.5", "--target", "BOLT=0.5")
    assert result.exit_code == Exit.OK, result.output
    words = " ".join(result.output.split())
    assert "sell ACME Depot 1 100 EUR 100.00 0.00" in words
    assert "buy BOLT Depot 1 100 EUR 100.00 0.00" in words
    assert "ACME 50.00% 60.00% +10.00% 50.00% +0.00% 500.00" in words


def test_the_answer_as_json(folio):
    words = (
        "--target",
        "ACME=0.6",
        "--target",
        "BOLT=0.4",
        "--cash",
        "1000",
        "--cash-only",
        "--fee-fixed",
        "1",
        "--json",
    )
    found = json.loads(folio(*words).output)
    assert {trade["side"] for trade in found["trades"]} == {"BUY"}
    assert (found["cash_before"], found["fees"]) == ("1000", "2")


def test_what_is_not_held_is_bought_where_it_has_a_price(folio):
    result = folio("--target", "CORK=0.3", "--target", "ELSE=0.1", "--target", "Cash=0")
    words = " ".join(result.output.split())
    assert "buy CORK Depot 3 100" in words
    assert "nothing of ELSE is held or has a price" in words


def test_a_portfolio_on_target_has_nothing_to_trade(folio):
    assert "Nothing to trade." in folio("--target", "ACME=0.6", "--target", "BOLT=0.4", "--fractional").output


def test_the_targets_of_the_ledger_count_where_none_are_given(folio):
    known = pl.DataFrame({"dimension": ["symbol", "symbol"], "key": ["ACME", "BOLT"], "target": [Decimal("0.5")] * 2})
    assert "sell" in folio(targets=known).output


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        ((), "give some, such as --target", Exit.USAGE),
        (("--dimension", "sector"), "there are no targets by sector", Exit.USAGE),
        (("--target", "ACME"), "expected a name and a weight", Exit.USAGE),
        (("--target", "=0.5"), "expected a name and a weight", Exit.USAGE),
        (("--target", "ACME=much"), "expected a number", Exit.USAGE),
        (("--target", "ACME=NaN"), "expected a number", Exit.USAGE),
        (("--target", "ACME=0.5", "--target", "ACME=0.4"), "twice", Exit.USAGE),
        (("--target", "ACME=1.5"), "expected a fraction from 0 to 1", Exit.FAILED),
        (("--target", "ACME=0.9", "--target", "BOLT=0.9"), "the sum of the targets is 1.8", Exit.FAILED),
        (("--target", "EUR=1", "--dimension", "currency"), "expected one of symbol", Exit.FAILED),
        (("--target", "ACME=1", "--fee-fixed", "-1"), "fee_fixed is -1", Exit.FAILED),
    ],
)
def test_what_makes_no_sense_is_said_on_one_line(folio, words, said, code):
    result = folio(*words)
    assert result.exit_code == code
    assert said in " ".join(result.output.split())
    assert len(result.output.strip().splitlines()) == 1
