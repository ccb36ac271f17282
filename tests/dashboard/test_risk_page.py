"""The Risk page: measures, checks against limits, how holdings move together, currencies."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from opening import opened
from published import BOUGHT, TODAY, published, purchase, seen

from dashboard.charts import risk as charts
from dashboard.chosen import Chosen
from dashboard.data import risk as data
from dashboard.views import health
from dashboard.views import risk as view_of
from pipelines.portfolio.explain import faults, taken_apart
from pipelines.portfolio.models import AllocationRow
from pipelines.portfolio.risk import correlation as measure
from pipelines.portfolio.risk_section import observed_returns


@pytest.fixture(scope="module")
def view():
    return seen("ACME", "BOLT")


def row(key, weight, **more):
    return AllocationRow(key=key, value=Decimal(1), weight=weight, **{"target": None, "drift": None} | more)


def with_weights(view, **dimensions):
    return view.model_copy(update={"allocations": view.allocations | dimensions})


def states(view, **limits):
    rows, _ = health.checked(view, limits)
    return dict(zip(rows["Check"], rows["State"], strict=True))


def test_the_page_shows_measures_checks_and_how_holdings_move(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="more")
    published(settings, ledger, ledger.portfolio(portfolio.portfolio_id))
    page = opened("risk", max_position="95")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Max drawdown"] == "-45.00%"  # 100 was paid for what costs 10
    assert metrics["Effective holdings"] == "1.2"  # 1250 and 100
    checks = page.dataframe[0].value.set_index("Check")
    assert checks.loc["Largest holding", "State"] == health.State.FINE  # 92.6%, which the address allows
    assert checks.loc["Without a sector", "State"] == health.State.WARN
    assert not any("exchange rates" in text.value for text in page.markdown)  # all is in the base currency


def test_before_there_is_risk_the_page_says_so_and_still_checks(own, settings):
    published(settings, *own)
    page = opened("risk", as_of="2026-01-04")
    assert not page.exception
    assert "no risk to measure yet" in page.info[0].value
    assert "checks" in " ".join(text.value for text in page.caption)


def test_a_figure_of_risk_says_where_it_comes_from(own, settings):
    published(settings, *own)
    page = opened("risk").button(key="why_risk_volatility").click().run()
    assert not page.exception
    assert any("volatility" in str(table.value) for table in page.dataframe)
    assert "`risk.volatility` of Mine" in " ".join(text.value for text in page.caption)


def test_rates_held_constant_are_computed_for_what_is_looked_at(own, settings):
    published(settings, *own)
    ledger, portfolio = own
    grown = data.at_constant_rates(Chosen(ledger.portfolio(portfolio.portfolio_id), TODAY, None, TODAY))
    assert grown["growth"][-1] == grown["growth_constant_rates"][-1] == pytest.approx(1.25)


def test_a_check_warns_beyond_its_limit_and_not_at_it(view):
    sectors = with_weights(view, sector=[row("Technology", 0.4), row("Cash", 0.6)])
    assert states(sectors, max_sector=40.0)["Largest sector"] == health.State.FINE
    assert states(sectors, max_sector=39.9)["Largest sector"] == health.State.WARN
    assert states(view, min_holdings=1.0)["Effective holdings"] == health.State.FINE
    assert states(view, min_holdings=2.0)["Effective holdings"] == health.State.WARN


def test_what_other_currencies_and_targets_come_to(view):
    found = with_weights(
        view,
        currency=[row("USD", 0.5), row("EUR", 0.3), row("CHF", 0.2)],
        symbol=[row("ACME", 0.5, target=0.4, drift=0.1), row("BOLT", 0.5)],
    )
    rows = health.checked(found, {})[0].rows_by_key("Check", named=True, unique=True)
    assert (rows["In other currencies"]["Found"], rows["In other currencies"]["Of"]) == ("70.0%", "USD, CHF")
    assert (rows["Furthest from its target"]["Found"], rows["Furthest from its target"]["Of"]) == ("10.0%", "ACME")
    assert rows["Furthest from its target"]["State"] == health.State.WARN


def test_what_is_not_known_is_neither_in_order_nor_not(view):
    shown = with_weights(view, symbol=[row("ACME", None)], sector=[row("Technology", None)])
    assert states(shown)["Largest holding"] == health.State.NOT_KNOWN
    assert states(shown)["Furthest from its target"] == health.State.NOT_KNOWN
    assert "cannot be known" in health.verdict(health.checked(shown, {})[0])


def test_holdings_without_a_price_are_named():
    rows = health.checked(seen("ACME", "NOBODY"), {})[0].rows_by_key("Check", named=True, unique=True)
    missing = rows["Holdings without a value"]
    assert (missing["State"], missing["Found"], missing["Of"]) == (health.State.WARN, "1", "NOBODY")
    assert missing["Limit"] == "at most 0"


def test_correlations_stand_in_a_square():
    pairs = pl.DataFrame(
        [("A", "B", 0.5, 30), ("A", "C", None, 3), ("B", "C", -0.2, 30)],
        schema=["first", "second", "correlation", "returns"],
        orient="row",
    )
    matrix = view_of.matrix(["A", "B", "C"], pairs)
    assert matrix == [[1.0, 0.5, None], [0.5, 1.0, -0.2], [None, -0.2, 1.0]]
    points = view_of.known_pairs(matrix)
    cells, over = charts.correlations(["A", "B", "C"], matrix, points).data
    assert cells.text[0] == ["1.00", "0.50", ""]
    assert points == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert list(zip(over.y, over.x, over.text, strict=True))[2] == ("B", "C", "-0.20")


def test_a_correlation_is_taken_apart_into_the_returns_of_each_day():
    days = pl.date_range(BOUGHT, TODAY, eager=True)
    moves = [(-1) ** number * number / 100 for number in range(len(days))]
    returns = pl.DataFrame({"date": days, "before": days, "first": moves, "second": [0.5, *moves[1:]]})
    value = measure(returns["first"], returns["second"])
    tree = view_of.correlation(("ACME", "BOLT"), value, returns, "EUR")
    assert not faults(tree)
    assert faults(tree.model_copy(update={"value": 0.25}))
    assert (tree.parts[1].figure, tree.parts[1].data["BOLT"]) == ("ACME on 2026-01-06", -0.01)


def test_the_page_takes_a_correlation_apart(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="more")
    published(settings, ledger, ledger.portfolio(portfolio.portfolio_id))
    looked_at = Chosen(ledger.portfolio(portfolio.portfolio_id), TODAY, None, TODAY)
    returns = data.paired_returns(looked_at, ("ACME", "BOLT"), "EUR", BOUGHT)
    assert returns.height == 25
    assert returns.row(0) == (BOUGHT + dt.timedelta(days=1), BOUGHT, pytest.approx(0.01), 0)


def test_the_largest_holdings_are_compared_and_cash_is_none(view):
    assert view_of.compared(with_weights(view, symbol=[row("Cash", 0.9), row("B", 0.02), row("A", 0.08)])) == ["A", "B"]
    assert view_of.concentration(view)[2].label == "Largest: ACME"


def test_rolling_volatility_is_no_rate_of_a_year_under_a_year(view):
    returns = observed_returns(view)
    line = view_of.rolling(view, returns, 5)
    assert line.height == len(view.performance.daily) - 4  # the day of purchase is one of the returns
    assert view_of.rolling(view, returns, 252).is_empty()
    assert line["value"][-1] < 0.001  # times 16 it would be a rate of a year


def test_a_return_is_told_apart_into_prices_and_rates(view):
    grown = pl.DataFrame({"date": [dt.date(2026, 1, 30)], "growth": [1.32], "growth_constant_rates": [1.2]})
    told = view_of.hedged(view, grown)
    assert [tile.text for tile in told][1:3] == ["+20.00%", "+10.00%"]
    asked = [tile.asked() if callable(tile.asked) else tile.asked for tile in told]
    assert [fault for one in asked for fault in faults(taken_apart(view, one))] == []
    unknown = grown.with_columns(pl.lit(None, dtype=pl.Float64).alias("growth_constant_rates"))
    assert [tile.text for tile in view_of.hedged(view, unknown)][1:3] == ["–", "–"]


def test_what_stands_in_few_hands_and_every_check_are_taken_apart_and_add_up(view):
    asked = [tile.asked for tile in view_of.concentration(view)]
    asked += [one for one in health.checked(view, {})[1] if one is not None]
    trees = [taken_apart(view, one) for one in asked]
    assert [fault for tree in trees for fault in faults(tree)] == []
    rows, explained = health.checked(view, {})
    told = dict(zip(rows["Check"], explained, strict=True))
    nothing = {"Largest sector", "Largest country", "Furthest from its target"}
    assert {check for check, one in told.items() if one is None} == nothing
    assert taken_apart(view, told["Cash, at most"]).value == pytest.approx(0)


def test_currencies_have_what_their_rates_made(view):
    assert view_of.currencies(view).row(0, named=True) == {
        "Currency": "EUR",
        "Value": Decimal(1350),
        "Weight": 1.0,
        "Gain of its rate": Decimal(0),
    }
