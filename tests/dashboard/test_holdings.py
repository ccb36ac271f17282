"""The Holdings page, the dialog that explains a figure, and the files that a table can be taken away as."""

import datetime as dt
import io
from decimal import Decimal

import polars as pl
from opening import opened
from published import BOUGHT, published, purchase, viewed
from streamlit.testing.v1 import AppTest

from dashboard import files
from dashboard.views import explaining
from dashboard.views import holdings as view_of
from pipelines import formats
from pipelines.portfolio.explain import Explanation, Operation, explain, faults, taken_apart
from pipelines.portfolio.models import AllocationRow


def test_what_is_held_is_listed_with_its_figures(own, settings):
    published(settings, *own)
    page = opened("holdings")
    assert not page.exception
    row = page.dataframe[0].value.iloc[0]
    assert (row["Symbol"], row["Value"], row["Unrealised gain"]) == ("ACME", Decimal(1250), Decimal(250))


def test_a_chosen_symbol_is_shown_in_full(own, settings):
    published(settings, *own)
    page = opened("holdings").selectbox(key="symbol").select("ACME").run()
    assert not page.exception
    assert "ACME" in [header.value for header in page.subheader]
    assert page.dataframe[1].value["Bought on"].to_list() == [BOUGHT]
    assert "Contribution to the time-weighted return, Depot: +25.00%" in [text.value for text in page.caption]
    page.button(key="why_contribution_Depot").click().run()
    assert not page.exception
    assert "performance.contributions.ACME@Depot.contribution" in " ".join(text.value for text in page.caption)


def test_what_nobody_quotes_has_the_line_of_the_closes_that_its_owner_states(own, settings):
    ledger, portfolio = own
    published(settings, *own)
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="HOUSE"), source="more")
    ledger.state_price(portfolio.portfolio_id, "HOUSE", BOUGHT, Decimal(90), "EUR")
    page = opened("holdings").selectbox(key="symbol").select("HOUSE").run()
    assert not page.exception
    assert "No price" not in " ".join(element.value for element in page.info)
    rows = page.dataframe[0].value.set_index("Symbol")
    assert rows.loc["HOUSE", "Value"] == Decimal(900)


def test_another_day_is_computed_at_its_own_prices(own, settings):
    published(settings, *own)
    page = opened("holdings", as_of="2026-01-15")
    assert not page.exception
    assert page.dataframe[0].value.iloc[0]["Value"] == Decimal(1100)  # ten days after 100 it is 110


def test_before_a_portfolio_was_known_nothing_is_held(own, settings):
    published(settings, *own)
    page = opened("holdings", known_on="2020-01-01")
    assert not page.exception
    assert "Nothing is held" in page.info[0].value


def test_a_figure_of_the_overview_says_where_it_comes_from(own, settings):
    published(settings, *own)
    page = opened()
    page.button(key="why_tile_value").click().run()
    assert not page.exception
    shown = next(table.value for table in page.dataframe if "Figure" in table.value)
    assert shown["Figure"][0] == "value"
    assert "ACME, Depot: price" in " ".join(shown["Figure"])


def test_words_in_any_order_filter_rows(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="more")
    view = viewed(ledger, portfolio)
    assert view_of.holdings(view).paths == ("holdings.ACME@Depot", "holdings.BOLT@Depot")
    assert view_of.holdings(view, "depot bol").paths == ("holdings.BOLT@Depot",)
    assert view_of.holdings(view, "nothing").frame.is_empty()


def test_a_group_is_the_sum_of_its_holdings_and_unknown_where_one_is(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="more")
    found = view_of.grouped(viewed(ledger, portfolio), "Account").frame.row(0, named=True)
    assert (found["Account"], found["Holdings"], found["Value"]) == ("Depot", 2, Decimal(1350))
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="NOBODY"), source="unpriced")
    found = view_of.grouped(viewed(ledger, portfolio), "Account").frame.row(0, named=True)
    assert (found["Holdings"], found["Value"], found["Cost"]) == (3, None, Decimal(3000))


def test_a_figure_of_a_group_opens_its_holdings_and_their_rows(own):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="more")
    view = viewed(ledger, portfolio)
    found = view_of.grouped(view, "Account")
    value = taken_apart(view, found.figure(0, "value_base"))
    assert (value.figure, value.value, value.unit) == ("Account Depot, Value", Decimal(1350), "EUR")
    assert [part.figure for part in value.parts] == [
        "holdings.ACME@Depot.value_base",
        "holdings.BOLT@Depot.value_base",
    ]
    trees = [taken_apart(view, found.figure(0, field)) for field in view_of.GROUP_FIGURES.values()]
    assert [faults(tree) for tree in trees] == [[] for _ in trees]
    assert {tree.value is None for tree in trees} == {False}


def test_a_group_has_the_columns_that_are_chosen(own, settings):
    published(settings, *own)
    page = opened("holdings", group="Currency")
    assert not page.exception
    shown = [*page.dataframe[0].proto.column_order]
    assert shown[:4] == ["Currency", "Holdings", "Value", "Weight"]
    page = page.pills(key="group_columns").set_value(["Value", "Fees"]).run()
    assert [*page.dataframe[0].proto.column_order] == ["Currency", "Value", "Fees"]


def test_cash_is_told_to_be_no_holding(own):
    ledger, portfolio = own
    view = viewed(ledger, portfolio)
    assert view_of.without_cash(view) is None
    paid = Decimal(1250)
    rows = {"asset_class": [AllocationRow(key="Cash", value=paid, weight=0.5, target=None, drift=None)]}
    held = view.model_copy(update={"allocations": rows, "summary": view.summary.model_copy(update={"cash": paid})})
    assert view_of.without_cash(held) == "Cash, 50.00% of the value, is no holding: it is not in these rows."


def test_what_happened_to_a_symbol_is_marked_by_day(own):
    ledger, portfolio = own
    found = view_of.marks(ledger.transactions(portfolio.portfolio_id), "ACME", [(dt.date(2026, 1, 20), "2:1")])
    assert found.select("date", "what").rows() == [(BOUGHT, "Bought"), (dt.date(2026, 1, 20), "Split")]


def test_an_explanation_reads_from_the_figure_to_its_rows(own):
    lines = explaining.lines(explain(viewed(*own), "holdings.ACME@Depot.value_base"))
    assert lines["Figure"][0] == "ACME, Depot: value"
    assert lines.row(0, named=True)["How"] == "product of"
    assert all(figure.startswith(explaining._STEP) for figure in lines["Figure"][1:])


def _tree():
    row = {"date": "2026-01-05", "type": "BUY", "quantity": "10", "measure": "mean", "periods_per_year": 252}
    ends = [
        Explanation(
            figure="bought", value=Decimal("-1234.50"), unit="EUR", source="transactions t1", data=row, sign=-1
        ),
        Explanation(figure="flow by its days", value=22000.0, unit="EUR"),
        Explanation(figure="weight", value=0.25),
        Explanation(figure="first day", value=str(BOUGHT)),
        Explanation(figure="rate", value=None),
    ]
    return Explanation(figure="value", value=Decimal("117131.07766141"), operation=Operation.SUM, parts=ends)


def test_an_explanation_tells_no_amount_while_amounts_are_hidden():
    seen = explaining.lines(_tree())
    assert seen["Value"].to_list() == ["117,131.07766141", "-1,234.5", "22,000", "0.25", "5 Jan 2026", "not known"]
    assert "quantity 10" in seen["From"][1]
    formats.write_for(formats.Reader(hides_amounts=True))
    try:
        hidden = explaining.lines(_tree())
    finally:
        formats.write_for(formats.Reader())
    assert hidden["Value"].to_list() == ["•••", "•••", "•••", "0.25", "5 Jan 2026", "not known"]
    assert hidden["From"][1] == (
        "transactions t1; date 5 Jan 2026, type BUY, quantity •••, measure mean, periods per year 252"
    )


def test_what_rows_say_is_written_for_who_reads_it_and_what_is_not_known_is_left_out():
    row = {"bought_on": "2026-01-05", "bought_quantity": "1250.50", "benchmark": None, "rate": 0.010100822985392499}
    tree = Explanation(figure="return", value=0.5, source="valuation_daily 2026-01-05", note="x" * 80, data=row)
    german = formats.Reader(formats.locale_of("de-DE"))
    said = formats.made_for(german, lambda: explaining.lines(tree)["From"][0]).split("; ")
    assert said[0] == "valuation_daily 05.01.2026"
    assert said[2] == "bought on 05.01.2026, bought quantity 1.250,5, rate 0,010100823"
    assert explaining.notes(tree) == ["x" * 80]
    assert "2026-01-05" in explaining.file(tree)["From"][0]


def test_the_file_of_an_explanation_has_numbers_and_their_every_digit():
    found = explaining.file(_tree())
    assert found["Value"].to_list() == [117131.07766141, -1234.5, 22000.0, 0.25, None, None]
    assert found["Exact"].to_list() == ["117131.07766141", "-1234.50", "22000.0", "0.25", "2026-01-05", None]
    assert pl.read_csv(io.BytesIO(files.written(found, "csv"))).schema["Value"] == pl.Float64
    assert explaining.lines(_tree()).columns == ["Figure", "Value", "Unit", "How", "From"]


def test_the_files_of_a_dialog_are_made_before_they_are_asked_for():
    def script():
        import polars as pl  # noqa: PLC0415 - the script stands by itself

        from dashboard import tables  # noqa: PLC0415

        for name, rows in (("page", 1), ("dialog", 1), ("long", 3_001)):
            tables.show(pl.DataFrame({"n": range(rows)}), key=name, name=name, in_dialog=name != "page")

    page = AppTest.from_function(script).run()
    made = {one.key: bool(one.proto.url) for one in page.get("download_button")}
    assert [key for key, at_once in made.items() if at_once] == [
        *("dialog_csv", "dialog_xlsx", "dialog_parquet", "long_csv", "long_parquet"),
    ]


def test_a_cell_is_acted_on_once_though_it_stays_selected():
    def script():
        import streamlit as st  # noqa: PLC0415 - the script stands by itself

        from dashboard.selecting import newly_selected  # noqa: PLC0415

        found = [newly_selected(cells, "table") for cells in ([(0, "A")], [(0, "A")], [(1, "A")], [], [(1, "A")])]
        st.text(str(found))

    page = AppTest.from_function(script).run()
    assert page.text[0].value == "[(0, 'A'), None, (1, 'A'), None, (1, 'A')]"
