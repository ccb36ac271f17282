"""What must not matter: splits, how a purchase is booked, the base currency, the order of rows, the size of flows."""

import datetime as dt
import math
import random
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from chronicles import EVERYTHING, PAYMENTS, TRADES, chronicles, seen
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from statements import D, transactions
from strategies import CURRENCY, END, LENGTH, START

from pipelines.portfolio.allocation import DIMENSIONS
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import (
    FX_SCHEMA,
    PRICE_SCHEMA,
    SPLIT_SCHEMA,
    SYMBOL_SCHEMA,
    TRANSACTION_SCHEMA,
    LedgerFrames,
    MarketFrames,
)
from pipelines.portfolio.models import CostMethod

NOTHING, QUANTUM, NOBODYS = D(0), D("1e-8"), 15
laws = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
methods = st.sampled_from(list(CostMethod))
openings = st.sampled_from([None, START + dt.timedelta(days=20)])
# A third and two thirds of these, and of each charge, are exact.
threes = st.integers(1, 200).map(lambda third: Decimal(3 * third))


def alike(first, second, *, slack=NOTHING, but=()):
    """Assert that two parts of a document tell the same, money within a slack and ratios within rounding."""
    if any(
        isinstance(rate, float) and not -NOBODYS < math.log(max(1 + rate, 1e-300)) < NOBODYS for rate in (first, second)
    ):
        return  # between two flows there is a rate however large it is, between three the scan ends
    assert type(first) is type(second)
    if isinstance(first, Decimal):
        assert abs(first - second) <= slack
    elif isinstance(first, float):
        assert math.isclose(first, second, rel_tol=1e-6, abs_tol=1e-7) if slack else first == second
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first.keys() - set(but):
            alike(first[key], second[key], slack=slack, but=but)
    elif isinstance(first, list):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            alike(one, other, slack=slack, but=but)
    else:
        assert first == second


@laws
@given(chronicle=chronicles(), since=openings, method=methods)
def test_nothing_is_left_when_all_is_sold_and_every_method_has_gained_the_same(chronicle, since, method):
    ledger, market = chronicle
    later = END + dt.timedelta(days=1)
    gains = set()
    for used in {method, CostMethod.AVERAGE, CostMethod.HIFO}:
        held = [row for row in seen(chronicle, as_of=END, cost_method=used).holdings if row.lots]
        assume(all(row.quantity for row in held))  # what a split has left below the tenth decimal cannot be sold
        closing = pl.DataFrame([_closing(n, row, later) for n, row in enumerate(held)], schema=TRANSACTION_SCHEMA)
        sold = seen((pl.concat([ledger, closing]), market), as_of=later, since=since, cost_method=used)
        assert [(row.quantity, row.cost_base, row.cost_local, row.lots) for row in sold.holdings] == [
            (0, 0, 0, [])
        ] * len(sold.holdings)
        gains.add((sold.summary.realized_gain, sold.summary.total_gain))
    assert len(gains) == 1


def _closing(number, row, date):
    return dict.fromkeys(TRANSACTION_SCHEMA) | {
        "transaction_id": f"end{number}",
        "sequence": 10**6 + number,
        "date": date,
        "type": "SELL" if row.quantity > 0 else "BUY",
        "account": row.account,
        "symbol": row.symbol,
        "quantity": abs(row.quantity),
        "price": D("12.34"),
        "fee": D("0.99"),
        "tax": D(0),
        "currency": row.currency,
    }


@st.composite
def split_and_unsplit(draw):
    """Return the same ledger and market twice: told throughout in units before a split, and with the split."""
    new, old = draw(st.sampled_from([(2, 1), (7, 3), (10, 12), (1, 3), (1, 10)]))
    at = draw(st.integers(1, LENGTH))
    closes = {offset: draw(st.integers(1, 10_000)) for offset in {at, *range(0, LENGTH + 1, draw(st.integers(1, 9)))}}
    held, rows = {"A": 0, "B": 0}, []
    for offset in sorted(draw(st.lists(st.integers(0, LENGTH), min_size=1, max_size=10, unique=True))):
        kind = draw(st.sampled_from(["BUY", "BUY", "SELL", "TRANSFER", "DIVIDEND", "DELIVERY_OUT"]))
        account = draw(st.sampled_from(["A", "B"]))
        parts = draw(st.integers(1, 300))
        if kind in {"SELL", "TRANSFER", "DELIVERY_OUT"}:
            parts = min(parts, held[account])
        if not parts:
            continue
        other = "B" if account == "A" else "A"
        held[account] += {"BUY": parts, "DIVIDEND": 0}.get(kind, -parts)
        held[other] += parts if kind == "TRANSFER" else 0
        rows.append((offset, kind, account, other, parts, draw(st.integers(1, 10_000))))
    by_hand = [account for account in "AB" if _held(rows, account, before=at)] if draw(st.booleans()) else []
    return [_told(rows, closes, at, old, after, new, by_hand=by_hand) for after in (old, new)]


def _held(rows, account, *, before):
    signs = {"BUY": 1, "SELL": -1, "DELIVERY_OUT": -1, "TRANSFER": -1}
    out = sum(
        signs.get(kind, 0) * parts
        for offset, kind, own, _, parts, _ in rows
        if (offset < before, own) == (True, account)
    )
    return out + sum(row[4] for row in rows if row[0] < before and row[1] == "TRANSFER" and row[3] == account)


def _row(number, kind, account, date, **stated):
    row = dict.fromkeys(TRANSACTION_SCHEMA) | {"fee": D(0), "tax": D(0), "currency": "USD", "symbol": "ACME"}
    row |= {"transaction_id": f"t{number}", "sequence": number, "type": kind, "account": account, "date": date}
    return row | stated


def _told(rows, closes, at, old, after, new, *, by_hand):
    """Tell it in multiples of ``old`` units before the split and of ``after`` from it on; without one they are equal.

    A part is worth old x new x close, whatever its units.
    """
    date = START + dt.timedelta(days=at)
    ledger = []
    for number, (offset, kind, account, other, parts, price) in enumerate(rows):
        stated = {} if kind == "DIVIDEND" else {"quantity": D(parts * (after if offset >= at else old))}
        stated |= {"to_account": other} if kind == "TRANSFER" else {"amount": D(price * parts) / 100, "fee": D("0.99")}
        ledger.append(_row(number, kind, account, START + dt.timedelta(days=offset), **stated))
    if after != old and by_hand:
        ratio = {"ratio_new": D(new), "ratio_old": D(old)}
        ledger += [_row(100 + number, "SPLIT", account, date, **ratio) for number, account in enumerate(by_hand)]
    prices = [
        ("ACME", START + dt.timedelta(days=day), D(close * (old * new // after if day >= at else new)) / 100, "USD")
        for day, close in closes.items()
    ]
    splits = [("ACME", date, D(new), D(old))] if after != old and not by_hand else []
    return pl.DataFrame(ledger, schema=TRANSACTION_SCHEMA), MarketFrames(
        prices=pl.DataFrame(prices, schema=PRICE_SCHEMA, orient="row"),
        fx=pl.DataFrame([("EUR", "USD", START, D("1.17"))], schema=FX_SCHEMA, orient="row"),
        splits=pl.DataFrame(splits, schema=SPLIT_SCHEMA, orient="row"),
    )


@laws
@given(worlds=split_and_unsplit(), since=openings, method=methods)
def test_a_split_changes_units_and_prices_and_nothing_else(worlds, since, method):
    plain, split = (seen(world, as_of=END, since=since, cost_method=method) for world in worlds)
    of_units = ("quantity", "price", "average_price", "provenance")
    alike(plain.model_dump(), split.model_dump(), but=of_units)


@laws
@given(
    chronicle=chronicles([kind for kind in EVERYTHING if kind != "RETURN_OF_CAPITAL"], bought=threes),
    since=openings,
    method=methods,
    data=st.data(),
)
def test_a_purchase_booked_in_two_parts_changes_its_lots_and_nothing_else(chronicle, since, method, data):
    ledger, market = chronicle
    bought = [row["transaction_id"] for row in ledger.iter_rows(named=True) if row["type"] == "BUY"]
    assume(bought)
    chosen = data.draw(st.sampled_from(bought))
    rows = []
    for row in ledger.iter_rows(named=True):
        if row["transaction_id"] == chosen:
            thirds = {name: row[name] / 3 for name in ("quantity", "fee", "tax")}
            rows += [row | thirds, row | {name: 2 * part for name, part in thirds.items()}]
        else:
            rows.append(row)
    rows = [row | {"transaction_id": f"t{n}", "sequence": n} for n, row in enumerate(rows, start=1)]
    parted = (pl.DataFrame(rows, schema=TRANSACTION_SCHEMA), market)
    one, two = (seen(world, as_of=END, since=since, cost_method=method) for world in (chronicle, parted))
    by_lot = ("lots", "realized_gains", "trades", "income", "provenance", "warnings")
    alike(one.model_dump(), two.model_dump(), slack=QUANTUM * 4 * len(rows), but=by_lot)
    alike(one.income.totals.model_dump(), two.income.totals.model_dump())


@laws
@given(chronicle=chronicles(), since=openings, method=methods)
def test_rates_of_one_make_the_base_currency_the_local_one(chronicle, since, method):
    ledger, market = chronicle
    euros = pl.lit("EUR")
    # A conversion into its own currency is refused, so what one bought stays the only cash of another currency.
    bought = pl.when(pl.col("to_currency").is_not_null()).then(pl.lit("USD"))
    ones = replace(market, fx=market.fx.with_columns(rate=pl.lit(1).cast(FX_SCHEMA["rate"])))
    in_euros = replace(ones, prices=market.prices.with_columns(currency=euros))
    of_euros = ledger.with_columns(currency=euros, to_currency=bought)
    local = seen((of_euros, in_euros), as_of=END, since=since, cost_method=method)
    based = seen((ledger, ones), as_of=END, since=since, cost_method=method)
    told = ("currency", "fx_date", "cash", "allocations", "provenance")
    alike(local.model_dump(), based.model_dump(), but=told)
    assert local.summary.cash == based.summary.cash
    assert {row.fx_effect_base for row in [*based.holdings, *based.realized_gains]} <= {D(0)}
    assert {(row.cost_base, row.gain_base) for row in based.realized_gains} == {
        (row.cost_local, row.gain_local) for row in based.realized_gains
    }


@laws
@given(chronicle=chronicles(), method=methods, seed=st.integers(0, 99))
def test_the_order_of_rows_in_any_frame_does_not_matter(chronicle, method, seed):
    ledger, market = chronicle
    plain = seen(chronicle, as_of=END, cost_method=method)

    def shuffled(frame):
        order = list(range(frame.height))
        random.Random(seed).shuffle(order)  # noqa: S311 - a shuffle, no secret
        return frame[order]

    names = ("prices", "fx", "splits")
    other = replace(market, **{name: shuffled(getattr(market, name)) for name in names})
    mixed = seen((shuffled(ledger), other), as_of=END, cost_method=method)
    assert mixed.model_copy(update={"provenance": plain.provenance}) == plain


@laws
@given(
    moves=st.lists(st.integers(-(10**4), 10**4), min_size=1, max_size=8),
    rate=st.sampled_from([2, -2]),
)
def test_the_time_weighted_return_of_a_steady_asset_does_not_depend_on_the_flows(moves, rate):
    """Its price doubles or halves every day; what is bought comes at the day's open, what is sold goes at its close."""
    closes = [D(2) ** (rate // 2 * day) * 2**20 for day in range(len(moves) + 1)]
    lines, held = ["2020-01-01 BUY ACME 1 @ 1048576 currency=USD"], 1
    for day, move in enumerate(moves, start=1):
        traded = max(move, 1 - held)
        held += traded
        kind, close = ("BUY", closes[day - 1]) if traded > 0 else ("SELL", closes[day])
        date = START + dt.timedelta(days=day)
        lines += [f"{date} {kind} ACME {abs(traded)} @ {close} currency=USD"] if traded else []
    prices = [("ACME", START + dt.timedelta(days=day), close, "USD") for day, close in enumerate(closes)]
    shown = complete_view(
        LedgerFrames(transactions=transactions("\n".join(lines))),
        MarketFrames(
            prices=pl.DataFrame(prices, schema=PRICE_SCHEMA, orient="row"),
            fx=pl.DataFrame([("USD", "EUR", START, D("0.5"))], schema=FX_SCHEMA, orient="row"),
        ),
        as_of=START + dt.timedelta(days=len(moves)),
        base_currency="EUR",
    )
    steady = 2.0 ** (rate // 2 * len(moves)) - 1
    assert shown.summary.twr == pytest.approx(steady, rel=1e-9)
    assert shown.holdings[0].twr == pytest.approx(steady, rel=1e-9)


@laws
@given(chronicle=chronicles(), since=openings, method=methods)
def test_at_the_money_weighted_return_the_flows_of_the_document_are_worth_nothing(chronicle, since, method):
    shown = seen(chronicle, as_of=END, since=since, cost_method=method)
    rate, days = shown.summary.xirr, shown.performance.daily
    assume(rate is not None and -0.99 < rate < 1e6)
    flows = [(day.date, day.flow_out - day.flow_in) for day in (days[1:] if since else days)]
    flows += [(days[0].date, -days[0].value)] if since else []
    flows += [(END, shown.summary.value)]
    assert abs(_worth(flows, rate)) <= _slack(flows, rate)


@laws
@given(chronicle=chronicles([*TRADES[:5], "DIVIDEND", "FEE", "TAX"]))
def test_at_its_money_weighted_return_a_holdings_flows_are_worth_nothing(chronicle):
    shown = seen(chronicle, as_of=END, include_journal=True)
    signs = {"BUY": -1, "FEE": -1, "TAX": -1, "SELL": 1, "DIVIDEND": 1}
    for holding in shown.holdings:
        if holding.xirr is None or not -0.99 < holding.xirr < 1e6:
            continue
        own = [row for row in shown.journal if (row.account, row.symbol) == (holding.account, holding.symbol)]
        flows = [(row.date, signs[row.type] * row.amount_base - row.fee_base - row.tax_base) for row in own]
        flows.append((END, holding.value_base))
        assert abs(_worth(flows, holding.xirr)) <= _slack(flows, holding.xirr)


def _worth(flows, rate):
    first = min(day for day, amount in flows if amount)
    return math.fsum(float(amount) / (1 + rate) ** ((day - first).days / 365) for day, amount in flows)


def _slack(flows, rate):
    """Return how far the root may be off, in money: what 1e-7 of the rate moves."""
    moved = abs(_worth(flows, rate * (1 + 1e-7) + 1e-7) - _worth(flows, rate))
    return moved + 1e-6 * math.fsum(abs(float(amount)) for _, amount in flows)


@laws
@given(
    chronicle=chronicles([*TRADES, *PAYMENTS, "DEPOSIT"]),
    classes=st.lists(st.sampled_from([None, "One", "Two"]), min_size=18, max_size=18),
)
def test_the_weights_of_every_dimension_sum_to_one(chronicle, classes):
    ledger, market = chronicle
    names = ("asset_class", "sector", "industry", "country", "region", "exchange")
    master = [
        dict.fromkeys(SYMBOL_SCHEMA)
        | {"symbol": symbol, "currency": currency}
        | dict(zip(names, classes[6 * place : 6 * place + 6], strict=True))
        for place, (symbol, currency) in enumerate(CURRENCY.items())
    ]
    symbols = pl.DataFrame(master, schema=SYMBOL_SCHEMA)
    shown = seen((ledger, replace(market, symbols=symbols)), as_of=END)
    assert set(shown.allocations) == set(DIMENSIONS) == {"symbol", "currency", "account", *names}
    for rows in shown.allocations.values():
        assert sum((row.value for row in rows), D(0)) == shown.summary.value
        weights = [row.weight for row in rows]
        if shown.summary.value > 0:
            assert abs(math.fsum(weights) - 1) < 1e-12
        else:
            assert weights == [None] * len(rows)
