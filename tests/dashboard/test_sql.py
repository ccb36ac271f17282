"""The SQL page: asking, what it says when nothing comes back, what there is to ask, and what is kept on record."""

import datetime as dt
import time
from decimal import Decimal

import polars as pl
import pytest
from opening import opened, words
from published import NOW, published, stated

from dashboard.charts import sql as charts
from dashboard.data import sql
from dashboard.views import sql as view_of
from pipelines import formats
from warehouse.adhoc.asking import Answer, Bounds, Outcome
from warehouse.build import open_candidate
from warehouse.ops import Ops
from warehouse.publish import publish
from warehouse.reader import Reader
from warehouse.schema.ledger import PORTFOLIOS

BOUNDS = Bounds()


@pytest.fixture
def own(served):
    found = stated(served)
    published(served, *found)
    return found


def submitted(page, query):
    page.text_area(key="sql").set_value(query)
    return next(button for button in page.button if button.label == "Run").click().run()


def settled(page):
    for _ in range(100):
        if not [button for button in page.button if button.key == "sql_cancel"]:
            return page
        time.sleep(0.1)
        page.run()
    return page


def asked(page, query):
    return settled(submitted(page, query))


def test_a_query_is_answered_listed_and_kept_on_record(own, settings):
    page = asked(opened("sql"), "SELECT symbol, value_base FROM holdings")
    assert not page.exception
    assert page.dataframe[-1].value["symbol"].to_list() == ["ACME"]
    assert "1 row in" in words(page.caption)
    page = asked(page, "COPY symbols TO 'x.csv'")
    assert "not run: not a query that reads" in words(page.warning)
    page = asked(page, "SELECT symbol FORM holdings")
    assert "LINE 1: SELECT symbol FORM holdings" in words(page.code)
    assert [button.label for button in page.button if (button.key or "").startswith("sql_again")] == [
        "SELECT symbol FORM holdings",
        "COPY symbols TO 'x.csv'",
        "SELECT symbol, value_base FROM holdings",
    ]
    record = Ops.open(settings.ops_url).queries().last()
    assert record["outcome"].to_list() == ["failed", "refused", "answered"]
    assert set(record["user_id"]) == {settings.user}
    settled(page.button(key="sql_again_2").click().run())
    assert page.dataframe[-1].value["symbol"].to_list() == ["ACME"]
    assert page.text_area(key="sql").value == "SELECT symbol, value_base FROM holdings"


def test_an_answer_of_very_many_cells_is_shown_as_far_as_a_table_goes(own):
    page = asked(opened("sql"), f"SELECT 1.5::DECIMAL(9, 2) a, {', '.join(['x'] * 39)} FROM range(9000) t(x)")
    assert not page.exception
    assert page.dataframe[-1].value.shape == (6250, 40)
    assert "The first 6,250 rows are shown; files have all of them." in words(page.caption)


def test_no_answer_is_shown_while_amounts_are_hidden(own):
    page = asked(opened("sql", hides_amounts="true"), "SELECT 'worth ' || value_base AS worth FROM holdings")
    assert not page.exception
    assert "Answers are hidden with the amounts" in words(page.info)
    assert len(page.dataframe) == len(opened("sql").dataframe)


def test_what_offers_examples_closes_once_one_is_chosen(own):
    page = opened("sql")
    before = [block.proto.id for block in page.get("popover")]
    page = settled(page.button(key="sql_example_0").click().run())
    assert not page.exception
    assert page.selectbox(key="rows").value == view_of.LIMIT
    after = [block.proto.id for block in page.get("popover")]
    assert len(before) == len(after)
    assert not set(before[-2:]) & set(after[-2:])


def test_a_long_query_can_be_cancelled(own):
    page = submitted(opened("sql"), "SELECT sleep_ms(60000)")
    assert "Running for" in words(page.caption)
    settled(page.button(key="sql_cancel").click().run())
    assert "Cancelled." in words(page.warning)


def test_an_address_fills_the_editor_and_runs_nothing(own, settings):
    page = opened("sql", sql="SELECT 1", table="holdings")
    assert page.text_area(key="sql").value == "SELECT 1"
    assert "Value" in words(page.caption) or page.selectbox(key="table").value == "holdings"
    assert Ops.open(settings.ops_url).queries().last().is_empty()


def test_other_peoples_portfolios_are_shown_to_nobody(own, settings):
    page = opened("sql")
    row = {"portfolio_id": "p", "name": "Theirs", "base_currency": "EUR", "cost_method": "fifo", "version": 1}
    candidate = open_candidate(settings, "theirs")
    for owner, refused in ((settings.user, False), ("somebody else", True)):
        candidate.replace(PORTFOLIOS, PORTFOLIOS.conform(pl.DataFrame([{**row, "owner_id": owner}])))
        publish(candidate, settings, now=NOW)
        page.run()
        assert ("portfolios of other people" in words(page.info)) == refused
        assert bool(page.text_area) != refused
        candidate = open_candidate(settings, "theirs")
    candidate.drop()
    with pytest.raises(PermissionError):
        sql.ask("SELECT 1", 1)


def test_before_anything_is_published_the_page_says_what_to_do(served):
    stated(served)
    assert "folio refresh" in words(opened("sql").info)


def test_every_example_can_be_asked(own, settings):
    reader = Reader(settings)
    for example in view_of.EXAMPLES:
        reader.query(example.query)


def test_every_table_is_listed_with_the_meaning_of_its_columns(own, settings):
    columns = Reader(settings).query_file("published_columns")
    names = view_of.table_names(columns)
    assert list(names)[:3] == ["adjusted_prices", "holdings_latest", "symbols"]
    assert names["price_history"].endswith("rows.")
    shown = view_of.table_columns(columns, "price_history").row(5, named=True)
    assert (shown["Column"], shown["Unit"], shown["May be missing"]) == ("close", "currency per unit", None)
    assert shown["Meaning"] == "Last trade of the session."
    assert view_of.table_columns(columns, "adjusted_prices")["Meaning"][0].startswith("The instrument")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(outcome=Outcome.OUT_OF_TIME), "longer than 30 seconds"),
        (Answer(outcome=Outcome.OUT_OF_MEMORY), "1,024 MB"),
        (Answer(outcome=Outcome.BUSY), "Try again"),
        (Answer(outcome=Outcome.BROKEN), "folio status"),
    ],
)
def test_why_nothing_came_back_is_said_in_words(answer, text):
    assert text in view_of.why_not(answer, BOUNDS)


@pytest.mark.parametrize(
    ("rows", "cut", "text"),
    [(1, False, "1 row in 0.00 s."), (0, True, "larger than an answer may be"), (1000, True, "the answer was cut")],
)
def test_an_answer_says_how_much_of_it_there_is(rows, cut, text):
    answer = Answer(outcome=Outcome.ANSWERED, frame=pl.DataFrame({"a": range(rows)}), cut=cut)
    assert text in view_of.counted(answer)


def test_a_chart_takes_times_before_names_before_numbers():
    day = dt.date(2026, 1, 2)
    frame = pl.DataFrame({"n": [1, 2], "name": ["a", "b"], "on": [day, dt.date(2026, 1, 1)], "m": [1.5, None]})
    assert view_of.axes(frame) == view_of.Axes(["on", "name", "n", "m"], ["n", "m"], ["name"], None)
    assert view_of.axes(frame.select("name", "on")) is None
    assert view_of.axes(frame.clear()) is None
    assert view_of.axes(frame.select("n")) is None
    found = view_of.lines(frame, "on", ["n", "m"], None)
    assert found["n"]["y"].to_list() == [2.0, 1.0]
    for kind in charts.KINDS:
        assert len(charts.drawn(found, x="on", y="n, m", kind=kind).data) == 2


def test_a_chart_is_as_high_as_its_legend_asks():
    def height(lines):
        line = pl.DataFrame({"x": [1, 2], "y": [1.0, 2.0]})
        return charts.drawn({str(name): line for name in range(lines)}, x="x", y="y", kind="Line").layout.height

    assert height(2) == height(4) < height(6) < height(view_of.MOST_LINES)


def test_days_and_numbers_of_a_chart_are_its_readers():
    day, moment = dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 9)
    answer = Answer(outcome=Outcome.ANSWERED, frame=pl.DataFrame({"a": range(1022)}), seconds=0.25)
    formats.write_for(formats.Reader(formats.locale_of("de-DE")))
    try:
        of_days, of_moments = (
            charts.drawn({"n": pl.DataFrame({"x": [at], "y": [1234.5]})}, x="on", y="n", kind="Line").layout
            for at in (day, moment)
        )
        assert view_of.counted(answer) == "1.022 rows in 0,25 s."
    finally:
        formats.write_for(formats.Reader())
    assert of_days.xaxis.hoverformat == "%d.%m.%Y"
    assert of_days.yaxis.tickformat == ",.12~g"
    assert of_moments.xaxis.hoverformat is None  # it would hide the hour


def test_where_a_day_comes_twice_each_name_has_a_line():
    day = dt.date(2026, 1, 2)
    frame = pl.DataFrame({"who": ["a", "b"], "on": [day, day], "n": [Decimal(1), Decimal(2)]})
    assert view_of.axes(frame).apart == "who"
    found = view_of.lines(frame, "on", ["n"], "who")
    assert {name: rows["y"].to_list() for name, rows in found.items()} == {"a": [1.0], "b": [2.0]}


@pytest.mark.parametrize("kind", charts.KINDS)
def test_lines_beyond_the_colours_look_otherwise(kind):
    line = pl.DataFrame({"x": [1, 2], "y": [1.0, 2.0]})
    traces = charts.drawn({str(name): line for name in range(20)}, x="x", y="y", kind=kind).data
    looks = [str((trace.to_plotly_json().get("line"), trace.to_plotly_json().get("marker"))) for trace in traces]
    assert [len(set(looks[:10])), len(set(looks[10:])), looks[0] == looks[10]] == [1, 1, False]


def test_days_that_no_calendar_has_are_not_drawn():
    frame = pl.DataFrame({"on": [0, 5_000_000], "n": [1, 2]}).with_columns(pl.col("on").cast(pl.Int32).cast(pl.Date))
    assert view_of.lines(frame, "on", ["n"], None)["n"]["y"].to_list() == [1.0]


def test_moments_are_drawn_in_their_order():
    early, late = dt.datetime(2026, 1, 1, 9), dt.datetime(2026, 1, 1, 17)
    frame = pl.DataFrame({"at": [late, early], "n": [2, 1]})
    assert view_of.lines(frame, "at", ["n"], None)["n"]["y"].to_list() == [1.0, 2.0]


def test_a_plan_is_text():
    frame = pl.DataFrame({"explain_key": ["physical_plan"], "explain_value": ["SCAN"]})
    assert view_of.plan(frame) == "SCAN"
    assert view_of.plan(pl.DataFrame({"a": [1]})) is None
