"""The Allocation page: shares by two dimensions, the map, targets that are stated here, trades towards them."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from opening import opened, read
from published import TODAY, published, purchase, seen

from dashboard.charts import allocation as charts
from dashboard.chosen import Chosen
from dashboard.data import allocation as data
from dashboard.panels import targets
from dashboard.views import allocation as view_of
from dashboard.views import countries, typed
from pipelines import formats
from pipelines.portfolio.explain import explain, faults, taken_apart
from pipelines.portfolio.models import AllocationRow, Warning_
from pipelines.portfolio.rebalancing import rebalance
from warehouse.schema.types import MONEY

ROOT = Path(__file__).parents[2]
WORLD = ROOT / "dashboard" / "static" / "world_110m.json"


@pytest.fixture(scope="module")
def view():
    return seen("ACME", "BOLT")  # worth 1250 and 100


def looked_at(own):
    ledger, portfolio = own
    return Chosen(ledger.portfolio(portfolio.portfolio_id), TODAY, None, TODAY)


def row(key, weight, value=1):
    return AllocationRow(key=key, value=Decimal(value), weight=weight, target=None, drift=None)


def edited(*rows):
    return [{"Class": key, "Target, %": target} for key, target in rows]


def test_the_page_shows_shares_and_says_what_no_map_has(own, settings):
    published(settings, *own)
    page = opened("allocation", by="Holding", then_by="Account", shape="Treemap")
    assert not page.exception
    assert page.dataframe[0].value.iloc[0].to_dict() == {"Holding": "ACME", "Value": Decimal(1250), "Weight": 1.0}
    said = read(page.caption)
    assert "Not on the map: Unknown 100.0%" in said
    assert "No targets" in said


def test_targets_that_are_saved_bring_trades(own, settings):
    published(settings, *own)
    data.save_targets(looked_at(own), "symbol", {"ACME": Decimal("0.8"), "Cash": Decimal("0.2")})
    page = opened("allocation", by="Holding", whole_units="true")
    assert not page.exception
    trades = next(table.value for table in page.dataframe if "Trade" in table.value)
    assert trades.iloc[0].to_dict()["Trade"] == "Sell"
    assert trades.iloc[0].to_dict()["Quantity"] == 2  # of 10 units
    assert "The targets sum to 100.00%." in [text.value for text in page.caption]
    chart, classes = page.columns
    assert chart.weight < classes.weight  # there is room for target and drift
    assert list(classes.dataframe[0].value)[-2:] == ["Target", "Drift"]
    page.toggle(key="sell_nothing").set_value(True).run()
    assert "Nothing to trade." in [text.value for text in page.caption]
    page.text_input(key="fee_fixed").set_value("*x*").run()
    assert "number such as 1250" in read(page.warning)
    assert r"\*x\*" in page.warning[0].value  # to be read as it was typed


def test_what_is_typed_stays_beside_whatever_else_changes_and_is_not_saved_over_anothers(own, settings, monkeypatch):
    ledger, portfolio = own
    published(settings, *own)
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="before")
    page = opened("allocation", by="Holding")
    began = page.data_editor[0]
    ledger.add_transactions(portfolio.portfolio_id, purchase(quantity=1000, symbol="BOLT"), source="elsewhere")
    page = page.run()
    assert page.dataframe[0].value["Holding"].to_list()[0] == "BOLT"
    assert page.data_editor[0].proto.id == began.proto.id  # also of a cell that is only begun
    monkeypatch.setattr(targets, "_is_typed_into", lambda _: True)
    data.save_targets(looked_at(own), "symbol", {"ACME": Decimal("0.8")})
    page = page.run()
    assert page.data_editor[0].proto.id == began.proto.id
    assert "changed elsewhere meanwhile" in read(page.caption)
    page = page.button(key="save_targets").click().run()
    assert "Somebody else has changed this dimension meanwhile (Targets); nothing was saved" in read(page.error)
    assert ledger.frames(portfolio.portfolio_id).targets["target"].to_list() == [Decimal("0.8")]
    monkeypatch.setattr(targets, "_is_typed_into", lambda _: False)
    page = page.button(key="anew").click().run()
    assert page.data_editor[0].value["Target, %"].to_list()[:1] == [80.0]
    page = page.button(key="save_targets").click().run()
    assert not page.error
    assert "The targets are saved" in read(page.success)


def test_before_there_is_anything_the_page_says_so(own, settings):
    published(settings, *own)
    page = opened("allocation", as_of="2026-01-04")
    assert not page.exception
    assert "nothing to allocate yet" in page.info[0].value


def test_what_is_not_held_is_priced_for_its_target(own, settings):
    published(settings, *own)
    data.save_targets(looked_at(own), "symbol", {"ACME": Decimal("0.2"), "BOLT": Decimal("0.8")})
    terms = data.Terms(
        whole_units=True,
        cash_only=False,
        **dict.fromkeys(("cash", "fee_fixed", "fee_rate", "tolerance", "minimum_trade"), Decimal(0)),
    )
    found = view_of.trades(data.rebalanced(looked_at(own), "symbol", terms))
    assert [(side, symbol) for side, symbol, *_ in found.iter_rows()] == [("Sell", "ACME"), ("Buy", "BOLT")]


def test_rings_hold_what_is_within_them(view):
    tree = view_of.tree(view, "account", "symbol")
    parts = dict(zip(tree.ids, zip(tree.parents, tree.values, strict=True), strict=True))
    assert parts == {"Depot": ("", 1350.0), "Depot\nACME": ("Depot", 1250.0), "Depot\nBOLT": ("Depot", 100.0)}
    assert view_of.tree(view, "symbol", "symbol").ids == ["ACME", "BOLT"]  # one ring is enough
    assert charts.shares(tree, "Treemap").data[0].type == "treemap"
    assert charts.shares(tree, "Sunburst").data[0].branchvalues == "total"


def test_every_figure_that_can_be_clicked_is_explained(view):
    _, paths = view_of.classes(view, "symbol")
    for field in view_of.FIGURES.values():
        assert explain(view, f"{paths[0]}.{field}").figure == f"allocations.symbol.ACME.{field}"


def test_what_is_below_zero_is_named(view, monkeypatch):
    pairs = pl.DataFrame({"outer": ["A", "B"], "inner": ["X", "Cash"], "value": [Decimal(5), Decimal(-2)]})
    monkeypatch.setattr(view_of, "crossed", lambda *_: pairs)
    tree = view_of.tree(view, "account", "symbol")
    assert (tree.values, tree.left_out) == ([5.0, 5.0], ["B, Cash"])


def test_countries_are_found_by_any_name_of_theirs(view):
    by_country = [
        row("United States", 0.5),
        row("Hong Kong", 0.2),
        row("Cash", 0.2),
        row("Unknown", 0.1),
        row("Chad", 0),
    ]
    found = view_of.on_map(view.model_copy(update={"allocations": {"country": by_country}}))
    assert (found.codes, found.weights) == (["USA", "HKG"], [0.5, 0.2])
    assert found.elsewhere == "Cash 20.0%, Unknown 10.0%"
    assert countries.code("czech republic") == countries.code("Czechia") == "CZE"
    drawn = charts.world(found)
    assert drawn.data[0].locations == drawn.data[1].locations == ("USA", "HKG")


def test_the_map_has_every_country_and_asks_nobody_for_it():
    shapes = json.loads(WORLD.read_text())["objects"]["countries"]["geometries"]
    placed = {shape["id"]: shape["properties"]["ct"] for shape in shapes}
    for name in ("Germany", "France", "Russia", "Hong Kong", "Singapore", "Bermuda", "Taiwan", "Malta", "Kosovo"):
        assert countries.code(name) in placed, name
    assert placed["SGP"] == pytest.approx([103.8, 1.36], abs=0.1)
    assert "://" not in charts.MAP_OPTIONS["topojsonURL"]


def test_targets_are_exact_and_must_add_up():
    found = view_of.stated(edited(("ACME", 33.33), (" BOLT ", 66.67), ("CORK", None)))
    assert found == {"ACME": Decimal("0.3333"), "BOLT": Decimal("0.6667")}
    assert view_of.summed(found) == "The targets sum to 100.00%."
    assert "40.00% is left" in view_of.summed({"ACME": Decimal("0.6")})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("ACME", 60.0), ("BOLT", 50.0)], "110.00%"),
        ([("ACME", 60.0), ("ACME", 10.0)], "two targets"),
        ([("", 60.0)], "no class"),
        ([("ACME", 101.0)], "between 0 and 100"),
    ],
    ids=["above 100", "twice", "nameless", "too large"],
)
def test_targets_that_make_no_sense_are_refused_in_words(rows, words):
    with pytest.raises(view_of.TargetError, match=words):
        view_of.stated(edited(*rows))


def test_it_is_said_what_has_changed_beside_what_is_typed():
    begun = [row("ACME", 1)]
    assert "other classes have come or gone" in view_of.meanwhile(begun, [row("ACME", 0.5), row("BOLT", 0.5)])
    assert "cannot be saved over them" in view_of.meanwhile(begun, [row("ACME", 1).model_copy(update={"target": 0.4})])


def test_trades_are_summed_up(view):
    found = rebalance(view, {"ACME": Decimal("0.5"), "BOLT": Decimal("0.5")})
    assert view_of.trades(found)["Trade"].to_list() == ["Sell", "Buy"]
    assert "2 trades" in view_of.outcome(found)
    assert view_of.weights(found)["Target"].sum() == pytest.approx(1)
    assert view_of.outcome(rebalance(view, {"ACME": Decimal(1)}, cash_only=True)) == "Nothing to trade."
    made = [view_of.trade_amount(found, row) for row in range(2)]
    made += [view_of.weight_figure(found, row, field) for row in range(2) for field in view_of.WEIGHT_FIGURES.values()]
    assert [fault for one in made for fault in faults(taken_apart(view, one))] == []
    assert made[0].value == found.trades[0].amount_base


@pytest.mark.parametrize(
    "terms", [{}, {"whole_units": False}, {"fee_fixed": Decimal(3)}, {"cash": Decimal(500)}], ids=str
)
@pytest.mark.parametrize("dimension", ["symbol", "asset_class"])
def test_quantities_of_trades_are_taken_apart(view, dimension, terms):
    key = view.allocations[dimension][0].key
    found = rebalance(view, {key: Decimal("0.4"), "Cash": Decimal("0.2")}, dimension=dimension, **terms)
    assert found.trades
    for row, trade in enumerate(found.trades):
        tree = taken_apart(view, view_of.trade_figure(view, found, row, "quantity"))
        assert tree.value == trade.quantity
        assert not faults(tree)
        names = {node.figure for node in tree.walk()}
        assert "price of a unit" in names
        assert any(name.startswith("target of ") for name in names)


def test_notes_that_tell_amounts_are_hidden_with_them(view):
    note = Warning_(code="account_short", message="Depot needs 12.00 more")
    found = rebalance(view, {"ACME": Decimal(1)}).model_copy(update={"notes": [note]})
    assert view_of.notes(found) == ["Depot needs 12.00 more"]
    formats.write_for(formats.Reader(hides_amounts=True))
    try:
        assert view_of.notes(found) == []
    finally:
        formats.write_for(formats.Reader())


@pytest.mark.parametrize(("text", "number"), [("", None), ("1250.5", Decimal("1250.5")), (" 3 ", 3), ("-2", -2)])
def test_a_number_is_read_as_it_is_typed(text, number):
    assert typed.amount(text, "The fee") == number


@pytest.mark.parametrize("text", ["much", "nan", "1,5"])
def test_what_is_no_number_or_two_is_refused(text):
    with pytest.raises(typed.TypedError, match="The fee"):
        typed.amount(text, "The fee")
    with pytest.raises(typed.TypedError, match="from 0 on"):
        typed.positive("-1", "The fee", MONEY)
