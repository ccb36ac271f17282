"""All figures of a column are written as each by itself, whoever reads them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import formats

TAGS = st.sampled_from(["en-GB", "de-DE", "de-CH", "fr-FR", "sv-SE", "en-IN", "ja-JP", "eu", "ar"])
AMOUNTS = st.lists(st.none() | st.decimals(-(10**12), 10**12, places=8), max_size=5)
UNITS = st.lists(st.none() | st.decimals(-(10**9), 10**9, places=10), max_size=5)
SHARES = st.lists(st.none() | st.floats(-1e7, 1e7), max_size=5)


@pytest.fixture(autouse=True)
def _as_before():
    yield
    formats.write_for(formats.Reader())


@given(tag=TAGS, hidden=st.booleans(), signed=st.booleans(), amounts=AMOUNTS, units=UNITS, shares=SHARES)
def test_a_column_is_written_as_its_figures_are(tag, hidden, signed, amounts, units, shares):
    formats.write_for(formats.Reader(formats.locale_of(tag), hidden))
    assert formats.moneys(amounts, signed=signed) == [formats.money(amount, signed=signed) for amount in amounts]
    assert formats.percents(shares, signed=signed) == [formats.percent(share, signed=signed) for share in shares]
    one_by_one = [formats.UNKNOWN if held is None else formats.quantity(held) for held in units]
    assert formats.quantities(units) == one_by_one


def test_a_column_reads_as_one_expects():
    formats.write_for(formats.Reader(formats.locale_of("de-DE")))
    gains = [Decimal("1234.565"), None, Decimal("-0.5"), Decimal(0)]
    assert formats.moneys(gains, signed=True) == ["+1.234,56", "–", "-0,50", "0,00"]
    assert formats.percents([0.12345, -1.0]) == ["+12,34\xa0%", "-100,00\xa0%"]
    assert formats.quantities([Decimal("1250.5000000000"), Decimal("100.0000000000")]) == ["1.250,5", "100"]


def test_months_have_the_readers_names_whoever_read_before():
    first = {tag: formats.made_for(formats.Reader(formats.locale_of(tag)), formats.months)[0] for tag in _MONTHS}
    assert first == _MONTHS


@pytest.mark.parametrize(
    ("tag", "written"),
    [("en-US", "Feb 2013"), ("de-DE", "Feb. 2013"), ("fr-FR", "févr. 2013"), ("ja-JP", "2013年2月")],
)
def test_a_month_is_as_its_reader_writes_it(tag, written):
    reader = formats.Reader(formats.locale_of(tag))
    assert formats.made_for(reader, lambda: formats.months_of(["2013-02"])) == [written]
    assert (
        formats.made_for(reader, lambda: formats.with_days("by month, 2013-02: gross")) == f"by month, {written}: gross"
    )


@pytest.mark.parametrize("text", ["2013-13", "INV-2013-02", "2013-02-x", "12013-02", "1313-02"])
def test_what_is_no_month_stays(text):
    assert formats.with_days(text) == text


@pytest.mark.parametrize(
    ("tag", "typed"),
    [
        ("en-GB", "DD/MM/YYYY"),
        ("en-US", "MM/DD/YYYY"),
        ("de-DE", "DD.MM.YYYY"),
        ("nl-NL", "DD-MM-YYYY"),
        ("sv-SE", "YYYY-MM-DD"),
        ("ja-JP", "YYYY/MM/DD"),
        ("hr", "DD.MM.YYYY"),
        ("bg", "DD.MM.YYYY"),
    ],
)
def test_a_day_is_typed_as_its_reader_writes_it(tag, typed):
    assert formats.made_for(formats.Reader(formats.locale_of(tag)), formats.typed_day) == typed


_MONTHS = {"he": "ינו׳", "ja": "1月", "pl": "sty", "fr": "janv.", "en-GB": "Jan"}
