"""The first page of a visitor: figures at once, tables and charts in the run after it."""

import pytest
from opening import opened
from published import published, stated
from streamlit.testing.v1 import AppTest

from tests.pages import APP


@pytest.fixture(autouse=True)
def _published(served):
    published(served, *stated(served))


def drawn(app):
    return [len(app.get(kind)) for kind in ("plotly_chart", "dataframe", "skeleton")]


def test_the_first_run_has_every_headline_figure_and_the_next_the_rest():
    first = AppTest.from_file(str(APP), default_timeout=30).run()
    charts, tables, _ = drawn(opened())
    assert charts > 0 < tables
    assert drawn(first) == [0, 0, charts + tables]
    assert [tile.value for tile in first.metric] == [tile.value for tile in opened().metric]
    assert drawn(first.run()) == [charts, tables, 0]


def test_tables_that_are_what_a_page_is_for_come_in_its_first_run():
    first = AppTest.from_file(str(APP), default_timeout=30).switch_page("app_pages/holdings.py").run()
    _, tables, skeletons = drawn(first)
    charts, all_tables, _ = drawn(first.run())
    assert (tables, skeletons) == (all_tables, charts)
    assert tables > 0


def test_a_page_turned_to_has_all_of_it_at_once():
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    assert drawn(app.switch_page("app_pages/performance.py").run())[-1] == 0


def test_a_day_is_told_again_to_a_browser_that_has_not_drawn_the_first_run():
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.query_params["do"] = "New"
    first = app.switch_page("app_pages/transactions.py").run()
    assert [day.proto.set_value for day in first.date_input if day.label == "Date"] == [True]
    second = app.run()
    assert [day.proto.set_value for day in second.date_input if day.label == "Date"] == [True]
    third = app.run()  # from then on it would take away what is being typed
    assert [day.proto.set_value for day in third.date_input if day.label == "Date"] == [False]
