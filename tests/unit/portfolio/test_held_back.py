"""A newer price or rate that is held back is named, with the day of the one that counts in its place."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import HELD_SCHEMA, SPLIT_SCHEMA, LedgerFrames, MarketFrames, held_from_quarantine
from tests.unit.portfolio.statements import fx, transactions
from warehouse.schema.ops import QUARANTINE

D = Decimal
SPLITS = pl.DataFrame(schema=SPLIT_SCHEMA)
DAYS = [dt.date(2026, 1, day) for day in (27, 28, 29, 30)]
EVE, LAST = DAYS[-2:]


def view(*held, symbol="ACME", as_of=LAST, splits=None):
    """Return ten ACME in dollars, priced and rated up to the eve, in euro."""
    money = {"price": D(100), "amount": D(1000), "fee": D(0), "tax": D(0), "currency": "USD"}
    bought = {
        "transaction_id": "t1",
        "date": DAYS[0],
        "type": "BUY",
        "account": "Depot",
        "symbol": symbol,
        "quantity": D(10),
    } | money
    rates = {"from_currency": "EUR", "to_currency": "USD", "date": DAYS[:3], "rate": [D("1.1")] * 3}
    prices = {"symbol": "ACME", "date": DAYS[:3], "close": [D(100)] * 3, "currency": "USD"}
    return complete_view(
        LedgerFrames(transactions=pl.DataFrame([bought])),
        MarketFrames(
            prices=pl.DataFrame(prices),
            fx=pl.DataFrame(rates),
            splits=SPLITS if splits is None else splits,
            held=pl.DataFrame(held, schema=HELD_SCHEMA, orient="row"),
        ),
        as_of=as_of,
        base_currency="EUR",
    )


@pytest.mark.parametrize(
    ("day", "ex_date", "rule", "is_said"),
    [
        pytest.param(DAYS[0], EVE, "split_not_undone", True, id="divided otherwise than it says"),
        pytest.param(DAYS[1], EVE, "units_unknown", True, id="told no more"),
        pytest.param(DAYS[1], EVE, "jump", False, id="something else is wrong with a close"),
        pytest.param(DAYS[0] - dt.timedelta(days=9), EVE, "units_unknown", False, id="long before"),
        pytest.param(EVE, DAYS[1], "units_unknown", False, id="of a day since"),
        pytest.param(DAYS[0] - dt.timedelta(days=1), DAYS[0], "units_unknown", False, id="a split before the purchase"),
    ],
)
def test_a_split_that_its_closes_speak_against_is_named_where_what_is_held_rests_on_it(day, ex_date, rule, is_said):
    splits = pl.DataFrame([("ACME", ex_date, D(2), D(1))], schema=SPLIT_SCHEMA, orient="row")
    shown = view(("price", "ACME", day, rule, "close 98.95"), splits=splits)
    message = (
        f"the split of ACME of 2026-01-29, 2 for 1, counts, but the closes before it are held back ({rule}): its "
        "quantity and value rest on this split"
    )
    found = [one.message for one in shown.warnings if one.code == "split_doubted"]
    assert found == ([message] if is_said else [])


def said(*held, **more):
    return [one for one in view(*held, **more).warnings if one.code.endswith("_held_back")]


def test_a_later_price_that_is_held_back_is_named_with_its_rule_and_what_is_used():
    [warning] = said(("price", "ACME", LAST, "jump", "close 10 is 0.1 times its level"))
    assert (warning.code, warning.message) == (
        "price_held_back",
        "price of ACME of 2026-01-30 is held back (jump: close 10 is 0.1 times its level); the one of 2026-01-29 is used",
    )
    assert warning.data == {"symbol": "ACME", "date": "2026-01-30", "days": 1, "rule": "jump", "used": "2026-01-29"}


def test_several_days_are_one_warning_with_the_last_of_them():
    unpriced = said(("price", "NONE", EVE, "jump", "a"), ("price", "NONE", LAST, "jump", "b"), symbol="NONE")
    assert [one.message for one in unpriced] == [
        "prices of NONE of 2 days up to 2026-01-30 are held back (jump: b); there is none before"
    ]


def test_a_rate_that_is_held_back_is_named_too():
    [warning] = said(("rate", "USD", LAST, "rate_leaps", "110 for one euro"))
    assert (warning.code, warning.data["currency"], warning.data["used"]) == ("rate_held_back", "USD", "2026-01-29")


def test_a_rate_is_as_new_as_the_newest_of_what_it_rates():
    held = [("rate", code, DAYS[0], "rate_leaps", "x") for code in ("USD", "GBP")]
    shown = complete_view(
        LedgerFrames(transactions=transactions("2026-01-02 DEPOSIT 9\n2026-01-02 DEPOSIT 9 currency=GBP")),
        MarketFrames(
            fx=fx("EUR/USD 2026-01-28 1.1\nEUR/GBP 2026-01-10 0.8"),
            held=pl.DataFrame(held, schema=HELD_SCHEMA, orient="row"),
        ),
        as_of=LAST,
        base_currency="USD",
    )
    found = [one.data for one in shown.warnings if one.code == "rate_held_back"]
    assert [(one["currency"], one["used"]) for one in found] == [("GBP", "2026-01-10")]


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(("price", "OTHER", LAST, "jump", "x"), id="of something that is not held"),
        pytest.param(("price", "ACME", LAST + dt.timedelta(1), "jump", "x"), id="of a later day than the view's"),
        pytest.param(("price", "ACME", EVE, "jump", "x"), id="of a day that has a price"),
        pytest.param(("rate", "GBP", LAST, "rate_leaps", "x"), id="of another currency"),
        pytest.param(("rate", "ACME", LAST, "rate_leaps", "x"), id="of a currency of the symbol's name"),
    ],
)
def test_what_does_not_matter_is_not_named(held):
    assert said(held) == []


def test_rows_of_the_quarantine_become_what_the_engine_takes():
    rows = [
        {"table_name": table, "about": about, "date": LAST, "rule": rule, "reason": "why"}
        for table, about, rule in (
            ("price_history", "ACME", "jump"),
            ("symbols", "ACME", "jump"),
            ("fx_history", "USD", "rate_leaps"),
            ("dividend_history", "ACME", "dividend_large"),
            ("price_history", "ACME", "no_session"),
        )
    ]
    frame = pl.DataFrame([dict.fromkeys(QUARANTINE.names) | row for row in rows], schema=QUARANTINE.polars_schema)
    assert held_from_quarantine(frame).rows() == [
        ("price", "ACME", LAST, "jump", "why"),
        ("price", "ACME", LAST, "jump", "why"),
        ("rate", "USD", LAST, "rate_leaps", "why"),
    ]
