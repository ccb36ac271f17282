"""The Tax page: gains by year, term and account, open lots, previews of a sale, and the printed year."""

import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import polars as pl
import pypdf
import pytest
from opening import opened, read
from published import BOUGHT, TODAY, prices, published, purchase

from dashboard.views import tax as view_of
from dashboard.views.typed import TypedError
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.explain import explain, faults, taken_apart
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.models import Provenance
from pipelines.portfolio.open_lots import open_lots
from pipelines.portfolio.tax_years import realized_by, tax_years
from pipelines.portfolio.what_if import preview_sale
from pipelines.reports.tax_year import tax_year

SOLD = dt.date(2026, 1, 10)


def sale(quantity=4, on=SOLD, **more):
    row = {"type": pl.lit("SELL"), "price": pl.lit(Decimal(110)), "amount": pl.lit(Decimal(110 * quantity))}
    return purchase(quantity=quantity, on=on).with_columns(**row, **more)


def dividend(on=SOLD):
    row = {"type": pl.lit("DIVIDEND"), "quantity": pl.lit(None), "price": pl.lit(None)}
    return purchase(on=on).with_columns(**row, amount=pl.lit(Decimal(20)), tax=pl.lit(Decimal(5)))


def rows_of_view():
    early = purchase(on=dt.date(2024, 12, 1), quantity=5)
    parts = [early, purchase(), sale(7, fee=pl.lit(Decimal(2))), dividend()]
    return pl.concat(parts, how="vertical_relaxed").with_columns(
        transaction_id=pl.format("t{}", pl.int_range(1, pl.len() + 1))
    )


@pytest.fixture(scope="module")
def view():
    return complete_view(
        LedgerFrames(transactions=rows_of_view()),
        MarketFrames(prices=prices(TODAY)),
        as_of=TODAY,
        base_currency="EUR",
        provenance=Provenance(engine_version="test", portfolio_name="Świat"),
    )


def table(page, column):
    return next(shown.value for shown in page.dataframe if column in shown.value)


def test_the_page_shows_the_year_its_lots_and_a_sale_under_each_method(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, sale(), source="sold")
    published(settings, ledger, ledger.portfolio(portfolio.portfolio_id))
    page = opened("tax", sell="ACME, Depot", units="2", fee="1")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Short-term gain"] == "+40.00"  # 4 x (110 - 100)
    assert metrics["Long-term gain"] == "0.00"
    assert table(page, "Days to long").iloc[0]["Unrealised gain"] == Decimal(150)  # 6 x (125 - 100)
    previews = table(page, "Method").set_index("Method")
    assert list(previews.index) == ["FIFO", "LIFO", "HIFO", "AVERAGE"]
    assert previews.loc["FIFO", "Gain"] == Decimal(49)  # 2 x (125 - 100) - 1
    assert "at 125.00 EUR: close of 30 Jan 2026" in read(page.caption)


def test_before_anything_was_sold_the_page_says_so(own, settings):
    published(settings, *own)
    page = opened("tax")
    assert not page.exception
    assert "Nothing was sold or paid yet" in page.info[0].value
    assert table(page, "Days to long").iloc[0]["Days to long"] == 341  # from 30 January 2026 to 6 January 2027


def test_a_year_of_dividends_without_a_sale_has_a_page(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, dividend(), source="paid")
    published(settings, ledger, ledger.portfolio(portfolio.portfolio_id))
    page = opened("tax")
    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["Gain of the year"] == "0.00"
    assert "Nothing was sold in 2026." in [text.value for text in page.caption]
    assert not table(page, "Days to long").empty


def test_a_sale_that_cannot_be_is_said_in_words(own, settings):
    published(settings, *own)
    page = opened("tax", sell="ACME, Depot")
    for key, typed, words in (
        ("units", "11", "holds 10 ACME"),
        ("units", "0.00000000001", "The number of units is '0.00000000001': a number of at most 10 decimals"),
        ("units", "0", "The number of units is 0"),
        ("units", "9" * 40, "at most 14 digits before the point"),
        ("units", "1", None),
        ("price", "dear", "a number such as"),
        ("price", "1" * 13, "The price is '1111111111111': a number of at most 12 digits before the point"),
        ("price", "", None),
        ("fee", "0.123456789", "The fee is '0.123456789': a number of at most 8 decimals"),
    ):
        page.text_input(key=key).set_value(typed).run()
        assert not page.exception
        assert words in read(page.warning) if words else not page.warning
    page.text_input(key="fee").set_value("*a*").run()
    assert r"The fee is \'\*a\*\'" in page.warning[0].value  # to be read as it was typed


@pytest.fixture(scope="module")
def gains(view):
    return view.realized_gains.frame()


def test_gains_are_summed_by_year_term_and_account(view, gains):
    assert tax_years(view) == [2026]
    found = realized_by(gains, "year", "term").rows_by_key("term", named=True, unique=True)
    fee = Decimal(2)
    long, short = found["long"], found["short"]
    assert (long["disposals"], long["proceeds_base"] + short["proceeds_base"]) == (1, 770 - fee)
    assert long["cost_base"] == 500
    assert long["gain_before_fees_taxes_base"] == 50
    assert long["gain_base"] + short["gain_base"] == 70 - fee
    terms = {tile.label: tile.made.value for tile in view_of.terms(gains, 2026, "EUR")}
    assert terms["Gain of the year"] == 70 - fee
    assert terms["Long-term gain"] == long["gain_base"]
    assert view_of.by_year(gains)["Year"].to_list() == ["2026", "2026"]


def test_rows_of_a_year_know_what_they_are_of_the_view(view, gains):
    frame, paths = view_of.rows(gains, 2026)
    assert frame["Bought on"].to_list() == [dt.date(2024, 12, 1), BOUGHT]
    assert paths == ("realized_gains.0", "realized_gains.1")
    assert view_of.rows(gains, 2025)[0].is_empty()
    for field in view_of.FIGURES.values():
        assert explain(view, f"{paths[1]}.{field}").value == getattr(view.realized_gains[1], field)


def test_a_gain_with_an_unknown_part_is_unknown():
    frame = pl.DataFrame({"sold_on": [SOLD, SOLD], "term": ["short", "long"], "gain_base": [Decimal(1), None]})
    assert [tile.text for tile in view_of.terms(frame, 2026, "EUR")] == ["+1.00", "–", "–"]


def test_sums_lots_and_thought_of_sales_are_taken_apart_and_add_up(view, gains):
    asked = [tile.asked for tile in view_of.terms(gains, 2026, "EUR")]
    asked += [
        view_of.made_of(gains, field, "EUR", year=2026, account="Depot") for field in view_of.SUM_FIGURES.values()
    ]
    lots = view_of.lots(open_lots(view)).rows(named=True)
    asked += [view_of.lot_figure(view, lot, field) for lot in lots for field in view_of.LOT_FIGURES.values()]
    [holding] = view_of.sellable(view).values()
    proposed = view_of.sale(holding, TODAY, units="2", price="", fee="1", tax="")
    market = MarketFrames(prices=prices(TODAY))
    found = preview_sale(LedgerFrames(transactions=rows_of_view()), market, proposed, base_currency="EUR")
    asked += [
        view_of.sale_figure(preview, field, "EUR") for preview in found for field in view_of.SALE_FIGURES.values()
    ]
    trees = [taken_apart(view, figure) for figure in asked]
    assert [fault for tree in trees for fault in faults(tree)] == []
    assert all(tree.value is not None for tree in trees)
    named = {tree.figure.rpartition(".")[2]: tree.value for tree in trees if ".lots.0." in tree.figure}
    assert named["value_base"] - named["cost_base"] == named["unrealized_gain_base"]


def test_lots_that_become_long_next_come_first():
    rows = pl.concat([purchase(on=dt.date(2024, 12, 1)), purchase(), purchase(on=dt.date(2025, 6, 1))])
    ledger = LedgerFrames(transactions=rows.with_columns(transaction_id=pl.Series(["t1", "t2", "t3"])))
    shown = complete_view(ledger, MarketFrames(prices=prices(TODAY)), as_of=TODAY, base_currency="EUR")
    assert view_of.lots(open_lots(shown))["days_to_long"].to_list() == [123, 341, 0]


def test_a_price_that_was_given_is_said_to_be_so(view):
    [holding] = view_of.sellable(view).values()
    proposed = view_of.sale(holding, TODAY, units="", price="130", fee="", tax="")
    assert proposed.quantity == holding.quantity == 8
    assert view_of.asked(holding, proposed) == "8 ACME on 30 Jan 2026, at 130.00 EUR as given."
    with pytest.raises(TypedError, match="from 0 on"):
        view_of.sale(holding, TODAY, units="-1", price="", fee="", tax="")


def printed(view, year):
    return " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(tax_year(view, year))).pages)


def test_a_printed_year_has_its_sums_sales_and_income(view):
    said = printed(view, 2026)
    for words in ("Tax year 2026", "Świat", "1 Dec 2024", "+68.00", "+70.00", "Dividend", "15.00", "Page 1 of 1"):
        assert words in said, words


def test_a_printed_year_without_anything_says_so(view):
    said = printed(view, 2025)
    assert "Nothing was sold." in said
    assert "Nothing was paid." in said


def test_a_holding_without_a_price_is_named_and_its_lots_have_no_value(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="NOBODY"), source="unpriced")
    published(settings, ledger, ledger.portfolio(portfolio.portfolio_id))
    page = opened("tax")
    assert not page.exception
    assert "NOBODY" in page.error[0].value
    lots = table(page, "Days to long").set_index("Symbol")
    assert pd.isna(lots.loc["NOBODY", "Value"])
    assert lots.loc["ACME", "Value"] == Decimal(1250)
