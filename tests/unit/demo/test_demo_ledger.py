"""The demo's ledger tells a possible story: what it sells it holds, what it spends it has, what is due it gets."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from itertools import groupby

import polars as pl
import pytest

from pipelines.demo import DATA, DEMO_CLOCK
from pipelines.demo.ledger import PORTFOLIOS, write_demo_ledger
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import DIVIDEND_SCHEMA, PRICE_SCHEMA, LedgerFrames, MarketFrames, fx_from_history
from warehouse.ledger import Ledger, WrongKindError

NOW = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CENT = Decimal("0.01")
SPLITS = pl.read_parquet(DATA / "splits.parquet").rows()
DIVIDENDS = pl.read_parquet(DATA / "dividends.parquet").select("symbol", "ex_date", "amount").rows()
LEFT_TO_EXPECT = ("NVDA", dt.date(2022, 11, 30))
INTO, OUT_OF = {"BUY", "DELIVERY_IN"}, {"SELL", "DELIVERY_OUT"}
PAID_IN, PAID_OUT = (
    {"SELL", "DEPOSIT", "DIVIDEND", "INTEREST", "FEE_REFUND", "TAX_REFUND"},
    {
        *("BUY", "WITHDRAWAL", "INTEREST_CHARGE", "FEE", "TAX", "FX_CONVERSION", "TRANSFER"),
    },
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    opened = Ledger.open(f"sqlite:///{tmp_path_factory.mktemp('demo')}/ledger.sqlite", now=lambda: NOW)
    write_demo_ledger(opened, user="me")
    return opened


@pytest.fixture(scope="module")
def stated(ledger):
    """Transactions as rows and frames, by the portfolio's name."""
    own = ledger.for_user("me")
    frames = {portfolio.name: own.frames(portfolio.portfolio_id) for portfolio in own.portfolios()}
    return {
        name: (transactions.rows(named=True), transactions, accounts)
        for name, (transactions, accounts, *_) in frames.items()
    }


@pytest.fixture(scope="module", params=PORTFOLIOS, ids=lambda demo: demo.name)
def demo(request):
    return request.param


@pytest.fixture(scope="module")
def market():
    return MarketFrames(
        prices=pl.read_parquet(DATA / "prices.parquet").select(list(PRICE_SCHEMA)),
        fx=fx_from_history(pl.read_parquet(DATA / "fx.parquet")),
        splits=pl.read_parquet(DATA / "splits.parquet"),
        dividends=pl.read_parquet(DATA / "dividends.parquet").select(list(DIVIDEND_SCHEMA)),
    )


def view(demo, stated, market):
    _, transactions, accounts = stated[demo.name]
    frames = LedgerFrames(transactions=transactions, accounts=accounts, benchmark="^GSPC")
    return complete_view(frames, market, as_of=DEMO_CLOCK, base_currency=demo.base_currency)


def units(rows, symbol, until):
    """Units of a symbol over all accounts at the close of a day."""
    steps = [(row["date"], 1, row) for row in rows if row["symbol"] == symbol]
    steps += [(day, 0, (new, old)) for name, day, new, old in SPLITS if name == symbol]
    held = Decimal(0)
    for day, is_row, step in sorted(steps, key=lambda step: step[:2]):
        if day > until:
            break
        if not is_row:
            held = held * step[0] / step[1]
        elif step["type"] in INTO | OUT_OF:
            held += step["quantity"] if step["type"] in INTO else -step["quantity"]
        assert held >= 0, (symbol, day)
    return held


def cash_steps(rows, own):
    """What each row adds to the cash of an account and currency (CALCULATIONS 1)."""
    for row in rows:
        account, currency, kind = row["account"], row["currency"], row["type"]
        if row["quantity"] is not None and kind in {"TRANSFER", "DELIVERY_IN", "DELIVERY_OUT"}:
            continue
        sign = 1 if kind in PAID_IN else -1
        assert kind in PAID_IN | PAID_OUT, row
        leg = sign * row["amount"] - row["fee"] - row["tax"]
        if row["fx_rate"] is not None:
            leg, currency = leg * row["fx_rate"], own[account]
        yield row["date"], (account, currency), leg
        if kind == "FX_CONVERSION":
            yield row["date"], (account, row["to_currency"]), row["to_amount"]
        if kind == "TRANSFER":
            yield row["date"], (row["to_account"], currency), row["amount"]


def test_the_portfolios_are_those_of_the_demo(ledger):
    portfolios = ledger.for_user("me").portfolios()
    assert [(one.name, one.base_currency, one.benchmark) for one in portfolios] == [
        ("Long-term", "EUR", "^GSPC"),
        ("US Growth", "USD", "^GSPC"),
    ]
    assert ledger.kind() == "demo"


def test_everything_is_known_of_every_holding(demo, stated, market):
    document = view(demo, stated, market)
    assert document.warnings == []
    assert document.completeness.is_complete
    assert document.benchmark is not None


def test_no_split_leaves_a_fraction(demo, stated, market):
    quantities = [holding.quantity for holding in view(demo, stated, market).holdings]
    assert quantities
    assert all(quantity > 0 and quantity == int(quantity) for quantity in quantities)


@pytest.mark.parametrize(("symbol", "ex_date", "new", "old"), SPLITS)
def test_every_split_is_lived_through(stated, symbol, ex_date, new, old):
    before = sum(units(rows, symbol, ex_date - DAY) for rows, _, _ in stated.values())
    after = sum(units(rows, symbol, ex_date) for rows, _, _ in stated.values())
    assert before > 0
    assert after == int(before * new / old)  # what is left of a unit is sold on the day


def test_cash_is_never_overdrawn(demo, stated, market):
    rows, _, _ = stated[demo.name]
    balances = defaultdict(Decimal)
    steps = sorted(cash_steps(rows, dict(demo.accounts)), key=lambda step: step[0])
    for day, group in groupby(steps, key=lambda step: step[0]):
        for _, key, leg in group:
            balances[key] += leg
        assert min(balances.values()) >= 0, (day, balances)
    assert {currency for (_, currency), held in balances.items() if held} == {own for _, own in demo.accounts}
    if demo.base_currency == "USD":
        assert view(demo, stated, market).summary.cash == sum(balances.values())


def test_all_that_was_declared_is_booked_but_one(stated):
    due = []
    for rows, _, _ in stated.values():
        for symbol, ex_date, amount in DIVIDENDS:
            held = units(rows, symbol, ex_date - DAY)
            if held and (symbol, ex_date) != LEFT_TO_EXPECT:
                due.append((symbol, (held * amount).quantize(CENT)))
    booked = [row for rows, _, _ in stated.values() for row in rows if row["type"] == "DIVIDEND"]
    assert [(row["symbol"], row["amount"]) for row in booked] == due
    assert all(row["tax"] == (row["amount"] * Decimal("0.15")).quantize(CENT) for row in booked)
    rows, _, _ = stated["US Growth"]
    assert units(rows, LEFT_TO_EXPECT[0], LEFT_TO_EXPECT[1] - DAY) > 0


def test_a_second_time_changes_nothing(tmp_path):
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", now=lambda: NOW)
    write_demo_ledger(ledger, user="me")
    own = ledger.for_user("me")
    portfolio_id = own.portfolio("US Growth").portfolio_id
    first = own.transactions(portfolio_id)["transaction_id"][0]
    own.update_transaction(portfolio_id, first, {"note": "tried out"})
    before = ledger.versions()
    write_demo_ledger(ledger, user="me")
    assert ledger.versions() == before
    assert own.transactions(portfolio_id)["note"][0] == "tried out"


def test_every_transaction_is_on_record_from_the_evening_of_its_day(tmp_path):
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", now=lambda: NOW)
    write_demo_ledger(ledger, user="me")
    own = ledger.for_user("me")
    portfolio_id = own.portfolio("Long-term").portfolio_id
    rows = own.transactions(portfolio_id)
    day = rows["date"].sort()[rows.height // 2]
    morning, night = (dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC) for hour in (9, 23))
    as_known = {at: own.frames_as_known(portfolio_id, at).transactions["date"] for at in (morning, night)}
    assert as_known[morning].to_list() == rows["date"].filter(rows["date"] < day).to_list()
    assert as_known[night].to_list() == rows["date"].filter(rows["date"] <= day).to_list()


def test_a_ledger_of_ones_own_is_left_alone(tmp_path):
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", now=lambda: NOW)
    ledger.for_user("me").create_portfolio("Mine", "EUR")
    with pytest.raises(WrongKindError):
        write_demo_ledger(ledger, user="me")
    assert [portfolio.name for portfolio in ledger.for_user("me").portfolios()] == ["Mine"]
    assert ledger.kind() is None
