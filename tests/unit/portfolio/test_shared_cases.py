"""Worked cases of other trackers, where their files lie beside this repository; each difference has its reason."""

import json
from datetime import time
from decimal import Decimal

import polars as pl
import pytest
from statements import day

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import (
    ACCOUNT_SCHEMA,
    FX_SCHEMA,
    PRICE_SCHEMA,
    TRANSACTION_SCHEMA,
    LedgerFrames,
    MarketFrames,
)
from pipelines.portfolio.models import CostMethod
from tests.places import CASES

pytestmark = pytest.mark.recorded

METHOD = {"cost_average": CostMethod.AVERAGE, "cost_lifo": CostMethod.LIFO, "cost_hifo": CostMethod.HIFO}
# What a case asserts that this page of figures answers, and where.
SUMMARY = {
    "cost_fifo": "cost",
    "market_value": "value",
    "fees": "fees",
    "taxes": "taxes",
    "earnings": "income",
    "realized_gain_fifo": "realized_gain",
    "unrealized_gain_fifo": "unrealized_gain",
}
ATTRIBUTION = {
    "realized_capital_gains": "realized",
    "capital_gains": "unrealized",
    "unrealized_gain_fifo_before_fees": "unrealized",
}
# Cash of the case is no part of the figure: it looks at its security alone.
SECURITY_ONLY = {"transfer_keeps_cost_issue371": {"market_value"}}


def load(name):
    path = CASES / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else []


PORTFOLIOS = [case for case in load("portfolio_cases") if case["transactions"] and case["expected"]]


def number(value):
    return Decimal(str(value or 0))


def row_of(item, sequence, arrivals):
    date, _, clock = item["date"].partition("T")
    kind = item["type"]
    fee, tax, net = number(item.get("fees")), number(item.get("taxes")), number(item.get("amount"))
    gross = net - fee - tax if kind in {"BUY", "DELIVERY_IN"} else net
    if kind in {"SELL", "DELIVERY_OUT", "DIVIDEND", "INTEREST"}:
        gross = net + fee + tax
    row = dict.fromkeys(TRANSACTION_SCHEMA) | {
        "transaction_id": f"t{sequence}",
        "sequence": sequence,
        "date": day(date),
        "time": time.fromisoformat(clock) if clock else None,
        "type": kind,
        "account": item["account"] or "A",
        "symbol": item["symbol"],
        "amount": gross,
        "fee": fee,
        "tax": tax,
        "currency": item["currency"],
    }
    if item.get("shares") and kind != "DIVIDEND":
        row["quantity"] = number(item["shares"])
    if item.get("forex"):
        forex = item["forex"]
        rate = (
            number(forex["rate_to_account_ccy"]) if "rate_to_account_ccy" in forex else gross / number(forex["gross"])
        )
        row |= {"currency": forex["currency"], "amount": number(forex["gross"]), "fx_rate": round(rate, 10)}
    if item.get("split"):
        row |= {"ratio_new": number(item["split"]["new"]), "ratio_old": number(item["split"]["old"]), "amount": None}
    if kind == "TRANSFER_OUT":
        arrival = next(a for a in arrivals if (a["symbol"], a["shares"]) == (item["symbol"], item["shares"]))
        arrivals.remove(arrival)
        row |= {"type": "TRANSFER", "to_account": arrival["account"]}
        row |= {"amount": None} if item["symbol"] else {}
    return row


def view_of(case):
    items = case["transactions"]
    arrivals = [item for item in items if item["type"] == "TRANSFER_IN"]
    rows = [row_of(item, n, arrivals) for n, item in enumerate(items, start=1) if item["type"] != "TRANSFER_IN"]
    currencies = {item["account"] or "A": item["currency"] for item in reversed(items)}
    prices = [
        (symbol, day(price["date"]), number(price["close"]), case["securities"].get(symbol) or case["base_currency"])
        for symbol, series in case["prices"].items()
        for price in series
    ]
    rates = [(*rate["pair"].split("/"), day(rate["date"]), number(rate["rate"])) for rate in case["fx"]]
    period = case["period"] or {}
    last = max([row["date"] for row in rows] + [price[1] for price in prices])
    return complete_view(
        LedgerFrames(
            transactions=pl.DataFrame(rows, schema=TRANSACTION_SCHEMA),
            accounts=pl.DataFrame(
                [(name, code, None, True) for name, code in currencies.items()], schema=ACCOUNT_SCHEMA, orient="row"
            ),
        ),
        MarketFrames(
            prices=pl.DataFrame(prices, schema=PRICE_SCHEMA, orient="row").unique(["symbol", "date"], keep="last"),
            fx=pl.DataFrame(rates, schema=FX_SCHEMA, orient="row"),
        ),
        as_of=day(period["end"]) if period else last,
        since=day(period["start"]) if period else None,
        base_currency=case["base_currency"],
        cost_method=METHOD.get(case["kind"], CostMethod.FIFO),
        include_closed=True,
    )


def test_the_cases_are_there():
    assert len(PORTFOLIOS) > 15


@pytest.mark.parametrize("case", PORTFOLIOS, ids=lambda case: case["name"])
def test_portfolio_case(case):
    shown, expected = view_of(case), case["expected"]
    answered = 0
    for key, wanted in expected.items():
        if key in SECURITY_ONLY.get(case["name"], set()):
            continue
        if key in SUMMARY:
            got = getattr(shown.summary, SUMMARY[key])
        elif key in ATTRIBUTION:
            got = getattr(shown.performance.attribution, ATTRIBUTION[key])
        elif key == "shares":
            got = sum(holding.quantity for holding in shown.holdings)
        elif key == "cost_unchanged":
            got = shown.summary.cost
        else:
            continue
        answered += 1
        assert got == pytest.approx(number(wanted), abs=number(case["tolerance_money"])), key
    assert answered or case["kind"] in {"trades", "dividends", "ttwror", "irr", "taxes", "cost_lifo", "cost_hifo"}


@pytest.mark.parametrize("case", [c for c in PORTFOLIOS if "trades" in c["expected"]], ids=lambda case: case["name"])
def test_trade_case(case):
    for trade, wanted in zip(view_of(case).trades, case["expected"]["trades"], strict=True):
        assert (trade.closed_on is not None, trade.side == "long") == (wanted["closed"], wanted["long"])
        assert (trade.quantity, trade.entry_base) == (wanted["shares"], wanted["entry"])
        assert (trade.exit_base, trade.gain_base) == (wanted["exit"], wanted["profit"])
        if "return" in wanted:
            assert trade.return_ == pytest.approx(wanted["return"])
