"""Any past figure as it was known then, and what moved since: on a real ledger and real publications."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.asked import Asked, asked_view
from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from pipelines.compared import compare, state_of
from pipelines.ingest import history_rows
from pipelines.portfolio.models import CostMethod
from pipelines.valuation.batch import MARTS
from pipelines.valuation.batches import value_portfolios
from warehouse import schema
from warehouse.build import open_candidate
from warehouse.errors import NoPortfolioError, NoPublicationError
from warehouse.ledger import Ledger
from warehouse.publish import publish
from warehouse.reader import Reader
from warehouse.schema import market, ops
from warehouse.settings import Settings

D = Decimal
MONDAY = dt.date(2026, 1, 5)
FRIDAY = dt.date(2026, 1, 9)
LATER = dt.date(2026, 1, 12)


def evening(day):
    return dt.datetime.combine(day, dt.time(18), dt.UTC)


class World:
    """A ledger and a warehouse whose clock is set by hand."""

    def __init__(self, home):
        self.settings = Settings(home=home)
        home.mkdir(parents=True, exist_ok=True)
        self.now = evening(MONDAY)
        self.ledger = Ledger.open(self.settings.ledger_url, now=lambda: self.now)
        self.own = self.ledger.for_user("me")
        self.id = self.own.create_portfolio("Mine", "EUR").portfolio_id

    def buy(self, quantity, price):
        row = {"date": MONDAY, "type": "BUY", "account": "Depot", "symbol": "ACME", "quantity": D(quantity)}
        row |= {"price": D(price), "amount": D(quantity) * D(price), "fee": D(0), "tax": D(0), "currency": "USD"}
        self.own.add_transactions(self.id, pl.DataFrame([row]), source="test")

    def publish(self, closes, per_eur, paid=None):
        """Record closes by day, Monday's rate and Tuesday's dividend as of now, value everything and publish it."""
        candidate = open_candidate(self.settings, f"run-{self.now:%d}")
        prices = pl.DataFrame({"symbol": "ACME", "date": list(closes), "close": [D(c) for c in closes.values()]})
        rates = pl.DataFrame({"currency": ["USD"], "date": [MONDAY], "per_eur": [D(per_eur)]})
        due = pl.DataFrame({"symbol": ["ACME"], "ex_date": [MONDAY + dt.timedelta(days=1)], "amount": [D(paid or 0)]})
        for table, rows in (
            (market.PRICE_HISTORY, prices.with_columns(currency=pl.lit("USD"))),
            (market.FX_HISTORY, rates),
            (
                market.DIVIDEND_HISTORY,
                due.head(1 if paid else 0).with_columns(currency=pl.lit("USD"), kind=pl.lit("cash")),
            ),
        ):
            stamped = history_rows(table, rows.with_columns(source=pl.lit("test")), now=self.now)
            candidate.record_history(table, stamped, now=self.now)
        for name, frame in self.ledger.mirror().items():
            candidate.replace(schema.table(name), frame)
        read = [one for one in schema.TABLES if one.owner in {"market", "ledger"} or one is ops.QUARANTINE]
        tables = {table.name: candidate.read(table) for table in read}
        candidate.refill(MARTS, (batch.frames for batch in value_portfolios(tables, as_of=self.now.date())))
        return publish(candidate, self.settings, now=self.now, as_of=self.now.date()).id

    def view(self, **asked):
        return asked_view(Reader(self.settings), self.own, self.own.portfolio(self.id), Asked(**asked))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "home")


@pytest.fixture
def restated(world):
    """A world in which on Friday Monday's close and rate were restated and a purchase was added."""
    world.buy(10, 100)
    world.first = world.publish({MONDAY: 100}, 2)
    world.now = evening(FRIDAY)
    world.buy(5, 100)
    world.second = world.publish({MONDAY: 110, FRIDAY: 120}, "2.5")
    return world


def test_a_past_value_is_known_again_as_it_was_then(restated):
    then = restated.view(as_of=MONDAY, known_on=MONDAY)
    now = restated.view(as_of=MONDAY)
    assert (then.holdings[0].quantity, then.holdings[0].price, then.summary.value) == (10, 100, 500)
    assert (now.holdings[0].quantity, now.holdings[0].price, now.summary.value) == (15, 110, 660)
    assert then.provenance.known_on == MONDAY


def test_as_known_now_equals_plain(restated):
    plain, known = restated.view(as_of=FRIDAY), restated.view(as_of=FRIDAY, known_on=FRIDAY)
    assert known.model_copy(update={"provenance": plain.provenance}) == plain


def test_before_anything_was_known_there_is_nothing(restated):
    assert restated.view(as_of=MONDAY, known_on=dt.date(2026, 1, 4)).holdings == []


def test_a_deleted_and_a_changed_transaction_are_known_as_they_were(restated):
    first, second = restated.own.transactions(restated.id)["transaction_id"]
    restated.now = evening(LATER)
    restated.own.delete_transaction(restated.id, second)
    restated.own.update_transaction(restated.id, first, {"quantity": D(1), "amount": D(100)})
    assert restated.view(as_of=LATER).holdings[0].quantity == 1
    assert restated.view(as_of=LATER, known_on=FRIDAY).holdings[0].quantity == 15
    assert restated.view(as_of=LATER, known_on=LATER).holdings[0].quantity == 1


def test_what_is_said_of_an_instrument_is_known_from_the_day_on_which_it_was_said(restated):
    restated.now = evening(LATER)
    restated.own.state_price(restated.id, "ACME", FRIDAY, D(200), "USD")
    restated.own.describe_symbol(restated.id, "ACME", {"sector": "Anvils"})
    now, then = restated.view(as_of=LATER), restated.view(as_of=LATER, known_on=FRIDAY)
    assert (now.holdings[0].price, now.holdings[0].sector) == (200, "Anvils")
    assert (then.holdings[0].price, then.holdings[0].sector) == (120, None)
    published = restated.publish({FRIDAY: 120}, "2.5")
    values = Reader(restated.settings).query("SELECT value_base FROM holdings_latest", []).to_series().to_list()
    assert values == [now.summary.value]
    found = compare(Reader(restated.settings), restated.id, before=restated.second, after=published)
    price = next(row for row in found.rows if row.cause == "prices")
    assert (price.key["date"], price.after) == ("2026-01-09", {"close": "200.00000000"})


@pytest.fixture
def reset(world):
    """A world that on Friday was set to LIFO, in dollars and beside a benchmark; what was dear was sold on Tuesday."""
    world.buy(10, 100)
    world.buy(10, 50)
    sold = {"date": MONDAY + dt.timedelta(days=1), "type": "SELL", "account": "Depot", "symbol": "ACME"}
    sold |= {"quantity": D(10), "price": D(120), "amount": D(1200), "fee": D(0), "tax": D(0), "currency": "USD"}
    world.own.add_transactions(world.id, pl.DataFrame([sold]), source="test")
    world.first = world.publish({MONDAY: 100}, 2)
    world.now = evening(FRIDAY)
    world.own.update_portfolio(world.id, cost_method="lifo", base_currency="USD", benchmark="ACME")
    world.own.put_account(world.id, "Depot", tracks_cash=True)
    return world


def test_settings_are_known_as_they_were(reset):
    then, now = (reset.view(as_of=FRIDAY, known_on=known_on) for known_on in (MONDAY, FRIDAY))
    assert (then.cost_method, then.base_currency, then.benchmark) == ("fifo", "EUR", None)
    assert then.summary.realized_gain == 100  # (120 - 100) x 10 / 2
    assert (now.cost_method, now.base_currency, now.benchmark.symbol) == ("lifo", "USD", "ACME")
    assert now.summary.realized_gain == 700  # (120 - 50) x 10
    assert (then.cash, now.cash[0].amount) == ([], -300)  # 1200 less 1500
    plain = reset.view(as_of=FRIDAY)
    assert now.model_copy(update={"provenance": plain.provenance}) == plain


def test_a_setting_that_moved_figures_is_told_beside_them(reset):
    second = reset.publish({MONDAY: 100}, 2)
    found = compare(Reader(reset.settings), reset.id, before=reset.first, after=second)
    cost = next(moved for moved in found.figures if moved.figure == "summary.cost")
    assert cost.by_cause["settings"] == 750  # 1500 dollars instead of 750 euros
    told = {row.key["setting"]: (row.before, row.after) for row in found.rows if row.cause == "settings"}
    assert told["cost_method"] == ({"value": "fifo"}, {"value": "lifo"})
    assert told["base_currency"] == ({"value": "EUR"}, {"value": "USD"})
    assert set(told) == {"base_currency", "benchmark", "cost_method"}


def test_a_method_that_is_asked_for_wins_over_that_of_then(reset):
    assert reset.view(as_of=FRIDAY, known_on=MONDAY, cost_method=CostMethod.LIFO).summary.realized_gain == 350


def test_before_it_was_made_a_portfolio_has_the_settings_it_was_made_with(reset):
    assert reset.view(as_of=FRIDAY, known_on=dt.date(2026, 1, 4)).cost_method == "fifo"


def test_what_moved_between_two_publications_is_told_by_cause(restated):
    found = compare(Reader(restated.settings), restated.id, before=restated.first, after=restated.second)
    value = next(moved for moved in found.figures if moved.figure == "summary.value")
    assert (value.before, value.after) == (D(500), D(720))
    assert value.by_cause == {
        "ledger": D(250),  # 5 more at 100 / 2
        "prices": D(75),  # 15 at 110 / 2
        "rates": D(-165),  # 15 at 110 / 2.5
        "days since": D(60),  # 15 at 120 / 2.5
    }
    assert {(row.cause, row.change) for row in found.rows} == {
        ("ledger", "added"),
        ("prices", "changed"),
        ("rates", "changed"),
    }
    price = next(row for row in found.rows if row.cause == "prices")
    assert (price.key["date"], price.before, price.after) == (
        "2026-01-05",
        {"close": "100.00000000"},
        {"close": "110.00000000"},
    )


def test_the_causes_sum_to_the_change(restated):
    found = compare(Reader(restated.settings), restated.id, before=restated.first, after=restated.second)
    for moved in found.figures:
        if moved.before is not None and moved.after is not None and None not in moved.by_cause.values():
            assert float(sum(moved.by_cause.values())) == pytest.approx(float(moved.after - moved.before), abs=1e-9)


def test_a_publication_compared_with_itself_moves_nothing(restated):
    found = compare(Reader(restated.settings), restated.id, before=restated.first, after=restated.first)
    assert (found.figures, found.rows) == ([], [])


def test_what_is_not_there_cannot_be_compared(restated):
    with pytest.raises(NoPublicationError):
        state_of(Reader(restated.settings), restated.id, "never")
    with pytest.raises(NoPortfolioError):
        state_of(Reader(restated.settings), "nobody", restated.first)


@pytest.fixture
def folio(world, monkeypatch):
    world.now = evening(FRIDAY)
    world.buy(10, 100)
    world.publish({MONDAY: 100, FRIDAY: 120}, 2, paid=3)
    monkeypatch.setenv("FOLIO_HOME", str(world.settings.home))
    monkeypatch.setenv("FOLIO_CLOCK", FRIDAY.isoformat())
    return lambda *words: CliRunner().invoke(app, list(words))


def test_what_is_due_is_confirmed_with_what_was_withheld(folio, world):
    assert "30.00  USD" in folio("dividends").output
    tuesday = (MONDAY + dt.timedelta(days=1)).isoformat()
    assert folio("confirm-dividend", "ACME", tuesday, "--tax", "4").exit_code == 0
    assert "Nothing is due" in folio("dividends").output
    [paid] = world.view(as_of=FRIDAY).income.received
    assert (paid.gross_local, paid.tax_base, paid.date.isoformat()) == (30, 2, tuesday)
    assert folio("confirm-dividend", "ACME", tuesday).exit_code == Exit.USAGE
    assert folio("restore-dividend", "ACME", tuesday).exit_code == 0
    assert folio("reject-dividend", "ACME", tuesday).exit_code == 0
    assert world.view(as_of=FRIDAY).income.expected == []
    assert world.view(as_of=FRIDAY).income.received == []


def test_targets_are_kept_and_rebalanced_to(folio, world):
    assert folio("targets", "ACME=0.8", "Cash=0.2").exit_code == 0
    assert {row.key: row.target for row in world.view(as_of=FRIDAY).allocations["symbol"]} == {"ACME": 0.8, "Cash": 0.2}
    trades = json.loads(folio("rebalance", "--json").output)["trades"]
    assert [(trade["side"], trade["quantity"]) for trade in trades] == [("SELL", "2")]
    assert "targets that sum to at most 1" in folio("targets", "ACME=0.8", "Cash=0.5").stderr
