"""What all pages share: the first run, how old prices are, following changes, the reader's locale, hidden amounts."""

import datetime as dt
import os
from decimal import Decimal

import plotly.graph_objects as go
import polars as pl
import pytest
import streamlit as st
from opening import opened
from published import TODAY, published, purchase, seen, stated, viewed
from streamlit.elements.lib.pandas_styler_utils import marshall_styler
from streamlit.proto.ArrowData_pb2 import ArrowData
from streamlit.testing.v1 import AppTest

from dashboard import live
from dashboard.charts import allocation as allocation_charts
from dashboard.charts import overview as overview_charts
from dashboard.charts import performance as performance_charts
from dashboard.charts.layout import over_time
from dashboard.columns import as_stored, configured
from dashboard.data import served as stores
from dashboard.masked import for_reader
from dashboard.states import unreadable
from dashboard.views.allocation import Tree
from dashboard.views.columns import Column, Kind
from dashboard.views.frame import badge
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.current import current_view
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from tests.unit.portfolio import statements
from warehouse.errors import ChangedPublicationError
from warehouse.ledger import Ledger
from warehouse.ops import FailedRun


@pytest.fixture
def page(served):
    return opened()


def words(shown):
    """Return what Streamlit sends to be shown in the place of the values."""
    sent = ArrowData()
    marshall_styler(sent, shown, "table")
    return pl.read_ipc_stream(sent.styler.display_values)


@pytest.fixture
def written_for():
    """Return what writes for a reader, until the test is over."""
    yield lambda tag, **about: formats.write_for(formats.Reader(formats.locale_of(tag), **about))
    formats.write_for(formats.Reader())


def submit(page):
    return next(button for button in page.button if button.label == "Create").click().run()


def test_the_first_run_makes_a_portfolio(page, settings):
    page.text_input[0].set_value("Savings")
    page.text_input[1].set_value("chf")
    after = submit(page)
    assert not after.exception
    own = Ledger.open(settings.ledger_url).for_user(settings.user)
    assert [(made.name, made.base_currency) for made in own.portfolios()] == [("Savings", "CHF")]
    assert not after.title  # the welcome is over


def test_the_steps_that_follow_stand_on_a_line_each(page):
    [steps] = [caption.value for caption in page.caption if "Import a file" in caption.value]
    assert [line[:2] for line in steps.splitlines()] == ["2.", "3."]


@pytest.mark.usefixtures("own")
def test_before_anything_is_published_it_is_said_how_that_comes_about():
    [said] = [info.value for info in opened("holdings").info if "Nothing is published yet" in info.value]
    assert "`folio up`" in said
    assert "`folio refresh`" in said
    assert "reload" not in said  # the page follows what is new


def test_a_portfolio_that_cannot_be_is_refused_in_words(page):
    page.text_input[1].set_value("XXQ")
    refused = submit(page)
    assert "XXQ" in refused.error[0].value
    assert refused.text_input[0].value == "Portfolio"  # what was typed stays


def test_the_badge_says_how_old_prices_are_and_why(served):
    own, portfolio = stated(served)
    fresh = badge(viewed(own, portfolio), None)
    assert (fresh.text, fresh.level) == ("Closing prices of 30 Jan 2026", "good")
    failed = FailedRun(kind="eod", ended_at=dt.datetime(2026, 1, 30, tzinfo=dt.UTC), why="Yahoo did not answer")
    old = badge(viewed(own, portfolio, last=TODAY - dt.timedelta(days=10)), failed)
    assert (old.text, old.level) == ("Old prices, from 20 Jan 2026 on", "warning")
    assert "ACME" in old.why
    assert old.why.endswith("Yahoo did not answer")
    behind = badge(viewed(own, portfolio, last=TODAY - dt.timedelta(days=3)), None)
    assert (behind.text, behind.level) == ("Closing prices of 27 Jan 2026", "warning")
    own.add_transactions(portfolio.portfolio_id, purchase(symbol="NOBODY"), source="unpriced")
    missing = badge(viewed(own, portfolio), None)
    assert (missing.text, missing.level) == ("1 of 2 without a price", "error")
    assert "NOBODY" in missing.why


def test_a_badge_tells_a_rate_that_lacks_from_a_price():
    bought = LedgerFrames(transactions=statements.transactions("2026-01-02 BUY ACME 1 @ 10", currency="NOK"))
    market = MarketFrames(prices=statements.prices("ACME 2026-01-02 10", currency="NOK"))
    found = badge(complete_view(bought, market, as_of=dt.date(2026, 1, 2), base_currency="EUR"), None)
    assert (found.text, found.level) == ("1 of 1 without a rate", "error")
    assert "rates of NOK" in found.why


def test_a_statement_and_a_publication_are_each_something_newer(served):
    own, portfolio = stated(served)
    before = stores.versions()
    assert stores.versions() == before
    own.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="more")
    stated_more = stores.versions()
    assert stated_more != before
    published(served, own, own.portfolio(portfolio.portfolio_id))
    assert stores.versions() != stated_more


@pytest.mark.parametrize(
    ("tag", "money", "quantity", "percent", "day"),
    [
        ("en-US", "1,234.50 USD", "0.125", "+12.30%", "Dec 28, 2022"),
        ("de-DE", "1.234,50 USD", "0,125", "+12,30\xa0%", "28.12.2022"),
        ("en-IN", "1,234.50 USD", "0.125", "+12.30%", "28 Dec 2022"),
        (None, "1,234.50 USD", "0.125", "+12.30%", "28 Dec 2022"),
    ],
)
def test_figures_are_written_as_the_reader_writes_them(written_for, tag, money, quantity, percent, day):
    written_for(tag)
    assert formats.money(Decimal("1234.5"), "USD") == money
    assert formats.quantity(Decimal("0.1250000000")) == quantity
    assert formats.percent(0.123) == percent
    assert formats.day(dt.date(2022, 12, 28)) == day


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0003392742022727546, "-0.0003392742"),
        (1e-9, "1e-09"),
        (123456789.5, "123,456,790"),
        (1e40, "1e+40"),
    ],
)
def test_a_ratio_has_the_digits_that_say_something(value, text):
    assert formats.significant(value) == text


def test_hidden_amounts_leave_returns(written_for):
    written_for("en", hides_amounts=True)
    assert formats.money(Decimal(5), "EUR") == "••• EUR"
    assert formats.money(None) == formats.UNKNOWN
    assert formats.quantity(Decimal(5)) == "•••"
    assert formats.percent(0.5) == "+50.00%"
    noted = {"Note": ["70 x 0.23", None]}
    frame = pl.DataFrame({"Symbol": ["A", "B"], "Value": [Decimal(5), None], "Weight": [0.5, 0.5]} | noted)
    shown, columns = for_reader(frame, {})
    assert pl.from_arrow(shown).rows() == [("A", "•••", 0.5, "•••"), ("B", None, 0.5, None)]
    assert list(columns) == ["Value"]


def test_a_table_has_the_separators_of_its_reader_and_its_numbers(written_for):
    written_for("de-DE")
    frame = pl.DataFrame({"Symbol": ["A", "B"], "Gain": [Decimal("1234.567"), None]})
    shown, _ = for_reader(frame, configured([Column("Symbol", "symbol"), Column("Gain", "gain", Kind.GAIN)]))
    assert words(shown).rows() == [(None, "+1.234,57"), (None, formats.UNKNOWN)]
    assert shown.data["Gain"][0] == Decimal("1234.567")


@pytest.mark.parametrize(("tag", "written"), [("en-GB", "Apr 2022"), ("de-DE", "Apr. 2022")])
def test_months_are_written_for_their_reader_and_sorted_by_what_they_are(written_for, tag, written):
    written_for(tag)
    frame = pl.DataFrame({"Month": ["2022-04", "2013-11"], "Gross": [Decimal("1.5"), Decimal(2)]})
    shown, columns = for_reader(frame, configured([Column("Month", "month", Kind.MONTH), Column("Gross", "gross")]))
    assert words(shown)["Month"][0] == written
    assert shown.data["Month"].to_list() == ["2022-04", "2013-11"]
    assert columns["Month"]["type_config"]["type"] == "text"


@pytest.mark.parametrize("tag", ["en-GB", "ja-JP", "de-DE", "fr-FR", "sv-SE", "en-IN"])
def test_a_table_writes_a_figure_as_a_tile_does(written_for, tag):
    written_for(tag)
    frame = pl.DataFrame({"Gain": [Decimal("-1234567.5")], "Day": [-0.12], "Target": [0.12]})
    kinds = {"Gain": Kind.GAIN, "Day": Kind.RETURN, "Target": Kind.RATE}
    shown, drawn = for_reader(frame, configured(Column(title, title, kind) for title, kind in kinds.items()))
    tiles = formats.money(frame["Gain"][0], signed=True), formats.percent(-0.12), formats.percent(0.12, signed=False)
    if formats.is_plain():
        written = [drawn[title]["type_config"]["format"] for title in frame.columns]
        assert written == ["%+,.2f", "%+,.2f%%", "%,.2f%%"]
        assert [column[0].as_py() for column in shown.columns] == [frame["Gain"][0], -12.0, 12.0]
        assert tiles == ("-1,234,567.50", "-12.00%", "12.00%")  # which is what these formats come to
    else:
        assert tuple(words(shown).row(0)) == tiles


@pytest.mark.parametrize(
    ("quantities", "written"),
    [
        (["12345.5000000000", "2.0000000000"], ["12,345.5", "2"]),
        (["-1000.0000000000", "2.0000000000"], ["-1,000", "2"]),
        (["0.1234567891", None], ["0.1234567891", formats.UNKNOWN]),
        (["999.1234000000", "2.0000000000"], None),
    ],
)
def test_a_quantity_has_its_separators_and_all_of_its_decimals(written_for, quantities, written):
    written_for("en-GB")
    units = pl.Series("Units", [None if one is None else Decimal(one) for one in quantities])
    columns = configured([Column("Units", "units", Kind.QUANTITY), Column("Day", "day", Kind.RETURN)])
    shown, _ = for_reader(pl.DataFrame([units, pl.Series("Day", [0.5, -0.5])]), columns)
    if written is None:  # which is what Streamlit makes of it anyway
        assert shown["Units"].to_pylist() == units.to_list()
        return
    assert words(shown)["Units"].to_list() == written
    assert pl.from_pandas(shown.data)["Units"].to_list() == units.to_list()
    assert shown.data["Day"].to_list() == [50.0, -50.0]


@pytest.mark.parametrize(("tag", "sign"), [("en-GB", "."), ("de-DE", ",")])
def test_a_price_has_the_decimals_that_it_needs(written_for, tag, sign):
    columns = configured([Column("Price", "price", Kind.PRICE)])
    written_for(tag)
    small = pl.DataFrame({"Price": [Decimal("0.00450000"), Decimal("89.08000000"), Decimal("12.34567000"), None]})
    shown, _ = for_reader(small, columns)
    assert words(shown)["Price"].to_list() == [
        f"0{sign}0045",
        f"89{sign}08",
        f"12{sign}3457",
        formats.UNKNOWN,
    ]
    assert shown.data["Price"][0] == Decimal("0.0045")
    _, drawn = for_reader(small[1:2], columns)
    if formats.is_plain():  # Streamlit writes two decimals itself
        assert drawn["Price"]["type_config"]["format"] == "%,.2f"
    written_for(tag, hides_amounts=True)
    shown, _ = for_reader(small, columns)
    assert pl.from_arrow(shown)["Price"].to_list() == [formats.HIDDEN] * 3 + [None]


@pytest.mark.parametrize("tag", ["en-GB", "de-DE"])
def test_what_is_shown_as_it_is_stored_has_every_digit(written_for, tag):
    written_for(tag)
    frame = pl.DataFrame(
        {
            "value": [Decimal("890.80000000"), None],  # 890.8000000000001 is what a browser makes of it
            "units": [Decimal("-0.0000000001"), Decimal(100)],
            "sum": [Decimal("12345678901234567.12"), None],
            "number": [2**53 + 1, -5],
            "small": pl.Series([255, None], dtype=pl.UInt8),
            "ratio": [0.1, None],
        }
    )
    shown, drawn = for_reader(frame, as_stored(frame))
    written = words(shown).select("value", "units")
    assert written.rows() == [("890.8", "-0.0000000001"), (formats.UNKNOWN, "100")]
    assert shown.data["value"][0] == Decimal("890.8")
    texts = [name for name, column in drawn.items() if column["type_config"]["type"] == "text"]
    assert texts == ["sum", "number"]  # a browser marks what it cannot hold as wrong
    assert [shown.data[name][0] for name in texts] == ["12345678901234567.12", "9007199254740993"]
    assert (shown.data["small"][0], shown.data["ratio"][0]) == (255, 0.1)


@pytest.mark.parametrize(("tag", "after"), [("en-GB", "%"), ("de-DE", "\xa0%")])
def test_a_chart_writes_percent_as_its_reader_does(written_for, tag, after):
    written_for(tag)
    line = pl.DataFrame({"date": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)], "value": [0.0, 0.125]})
    drawn = performance_charts.growth({"Portfolio": line})
    assert drawn.layout.yaxis.ticksuffix == after
    assert list(drawn.data[0].y) == [0.0, 12.5]
    assert drawn.data[0].hovertemplate == f"%{{y:+,.2f}}{after}"
    rings = allocation_charts.shares(Tree(["A", "B"], ["A", "B"], ["", ""], [1.0, 3.0], []), "Sunburst").data[0]
    texts = tuple(formats.percent(share, signed=False, decimals=1) for share in (0.25, 0.75))
    assert texts == (f"{formats.number(25.0, decimals=1)}{after}", f"{formats.number(75.0, decimals=1)}{after}")
    assert rings.text == texts or rings.texttemplate.endswith("%{percentRoot:.1%}")
    assert (rings.text is None) == (after == "%")


@pytest.mark.parametrize("tag", ["en-GB", "de-DE"])
def test_a_large_amount_has_room(written_for, tag):
    written_for(tag)
    columns = configured([Column("Amount", "amount", Kind.MONEY), Column("Gain", "gain", Kind.GAIN)])
    amounts = [Decimal(-1000000000000), Decimal(1), None]
    _, drawn = for_reader(pl.DataFrame({"Amount": amounts, "Gain": [Decimal(1), None, None]}), columns)
    assert drawn["Amount"]["width"] == 8 * len("-1,000,000,000,000.00".strip("-")) + 24
    assert not drawn["Gain"].get("width")


def test_what_is_hidden_and_what_is_exact_have_their_readers_locale_too(written_for):
    frame = pl.DataFrame({"A unit": [Decimal("0.2200000000"), None], "Day": [-0.0182, 0.5]})
    columns = configured([Column("A unit", "unit", Kind.QUANTITY), Column("Day", "day", Kind.RETURN)])
    written_for("de-DE")
    shown, _ = for_reader(frame, columns)
    assert words(shown)["A unit"].to_list() == ["0,22", formats.UNKNOWN]
    written_for("de-DE", hides_amounts=True)
    shown, _ = for_reader(frame, columns)
    assert words(shown)["Day"][0] == "-1,82\xa0%"
    assert (shown.data["A unit"][0], words(shown)["A unit"][0]) == (formats.HIDDEN, None)


@pytest.mark.parametrize(
    ("tag", "day", "month"),
    [
        ("en-US", "%b %-d, %Y", "%b %Y"),
        ("en-GB", "%-d %b %Y", "%b %Y"),
        ("de-DE", "%d.%m.%Y", "%-m/%Y"),
        ("ja-JP", "%Y/%m/%d", "%Y/%-m"),
        ("fr-CH", "%d.%m.%y", "%m.%Y"),
        ("bg-BG", "%-d.%m.%Y\u202fг.", "%m.%Y\u202fг."),
    ],
)
def test_charts_write_days_and_shares_as_their_reader_does(written_for, tag, day, month):
    written_for(tag)
    figure = over_time(go.Figure())
    assert figure.layout.xaxis.hoverformat == day
    assert [stop.value for stop in figure.layout.xaxis.tickformatstops] == [day, month, "%Y"]


def test_bars_and_squares_of_charts_are_written_for_their_reader(written_for):
    written_for("de-DE")
    [row] = [row.model_copy(update={"weight": 0.324}) for row in seen("ACME").allocations["symbol"]]
    assert overview_charts.allocation([row]).layout.annotations[0].text == "32,4\xa0%"
    parts = pl.DataFrame({"name": ["ACME"], "contribution": [-0.0125]})
    assert performance_charts.waterfall(parts).data[0].text[0] == "-1,25\xa0%"


def test_a_page_hides_its_amounts(served):
    own, portfolio = stated(served)
    published(served, own, portfolio)
    page = opened()
    page.toggle(key="hides_amounts").set_value(True).run()
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Value, EUR"] == "•••"
    assert metrics["Time-weighted"] == "+25.00%"


def test_an_address_remembers_that_amounts_are_hidden_and_no_file_has_them(served):
    own, portfolio = stated(served)
    published(served, own, portfolio)
    shown = opened()
    assert {"report", "top-holdings_csv"} <= {one.key for one in shown.get("download_button")}
    assert "hides_amounts" not in shown.query_params
    hidden = opened(hides_amounts="true")
    assert not hidden.exception
    assert {metric.label: metric.value for metric in hidden.metric}["Value, EUR"] == "•••"
    assert not hidden.get("download_button")


def test_a_ledger_that_goes_away_is_said_on_the_open_page_and_no_other_is_made(served):
    published(served, *stated(served))
    page = opened()
    path = served.home / "ledger.sqlite"
    away = path.rename(path.with_suffix(".away"))
    looked = AppTest.from_function(_look_once)
    looked.session_state["visitor"] = "me"
    said = looked.run()
    assert not said.exception
    assert f"The ledger cannot be read: {verbatim(f'it is no more at {path}')}" in said.error[0].value
    assert "Below is what was read before." in said.error[0].value
    assert verbatim(f"it is no more at {path}") in page.run().error[0].value
    assert not path.exists()
    path.touch()  # something else put an empty one there
    assert "cannot be read: no such table" in page.run().error[0].value
    away.rename(path)
    assert not page.run().error


def test_a_ledger_that_is_not_there_when_the_server_starts_is_said_and_no_empty_one_is_made(served):
    published(served, *stated(served))
    path = served.home / "ledger.sqlite"
    away = path.rename(path.with_suffix(".away"))
    st.cache_resource.clear()
    page = opened()
    assert not page.exception
    assert not page.title  # no welcome
    assert f"The ledger cannot be read: {verbatim(f'it is no more at {path}')}" in page.error[0].value
    assert "`folio init`" in page.error[0].value
    assert not path.exists()
    away.rename(path)
    assert {metric.label: metric.value for metric in page.run().metric}["Value, EUR"] == "1,250.00"


def _look_once():
    from dashboard import live  # noqa: PLC0415 - the script stands by itself
    from dashboard.data.served import Versions  # noqa: PLC0415

    live._look(Versions(None, ()))


def test_many_visitors_look_less_often_each():
    assert [live.interval(visitors) for visitors in (1, 30, 300)] == [0.5, 0.5, 5]


def test_a_published_file_that_is_changed_under_a_running_server_is_told_of(own, settings):
    path = published(settings, *own).path
    before = stores.versions()
    os.utime(path, ns=(1, 1))  # it is what it was
    assert stores.versions() == before
    with path.open("r+b") as file:
        file.write(b"broken" * 1000)
    with pytest.raises(ChangedPublicationError, match="was changed after it was published") as raised:
        stores.versions()
    assert "and `folio refresh`" in unreadable(raised.value)


def test_a_published_file_that_was_changed_before_the_first_look_is_told_of(own, settings):
    path = published(settings, *own).path
    path.chmod(0o600)
    path.write_bytes(b"broken")
    with pytest.raises(ChangedPublicationError):
        stores.versions()


def test_a_page_on_a_file_that_was_changed_says_so_with_its_first_look(own, settings):
    path = published(settings, *own).path
    assert not opened("holdings").error
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.write(b"broken" * 1000)
    said = [error.value for error in opened("holdings").error]
    assert any("was changed after it was published" in text for text in said)


def test_a_published_file_that_is_no_more_is_not_taken_for_a_first_run(own, settings):
    path = published(settings, *own).path
    path.unlink()
    for name in ("overview", "data_health"):
        page = opened(name)
        assert not page.exception
        assert f"What was published is no more at {verbatim(str(path))}" in page.error[0].value
        assert not any("Nothing is published yet" in info.value for info in page.info)


def test_what_was_published_long_ago_is_shown_as_of_today_with_its_prices_grown_old(own, settings):
    published(settings, *own)
    for days, as_of, stale in ((4, TODAY, 0), (30, TODAY + dt.timedelta(days=30), 1)):
        now = current_view(stores.reader(), own[0], own[1], today=TODAY + dt.timedelta(days=days))
        assert (now.view.as_of, now.view.completeness.stale, now.live) == (as_of, stale, False)
