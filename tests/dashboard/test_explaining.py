"""The lines of an explanation: what is cut off by no column."""

from dashboard.views.explaining import lines, widths
from pipelines.portfolio.explain.tree import ended


def test_a_long_text_gets_the_room_it_needs_and_a_short_one_what_the_table_gives_it():
    short = lines(ended("value", 1.0, source="price_history AAPL 2022-12-28"))
    long = lines(ended("value", 1.0, source="transactions 1", note="a word of two " * 12))
    assert widths(short) == {}
    ((title, pixels),) = widths(long).items()
    assert title == "From"
    assert pixels >= 7 * len(long["From"][0])
