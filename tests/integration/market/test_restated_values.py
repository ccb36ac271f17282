"""What a provider corrects goes to the revisions of its history: prices, dividends, splits and rates."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.ingest import record_instruments, record_rates
from pipelines.quality.held import PLACES
from pipelines.quality.screens import Fetched
from warehouse.build import open_candidate
from warehouse.schema import market

DAY = dt.date(2024, 3, 1)
THEN, NOW = dt.datetime(2024, 3, 1, 22, tzinfo=dt.UTC), dt.datetime(2024, 3, 4, 22, tzinfo=dt.UTC)
RATIO = market.SPLIT_HISTORY.polars_schema["ratio_new"]
_ABOUT = {"symbol": "A", "currency": "USD", "source": "yahoo"}


def said(**values):
    """Return a fetch of one row of each kind; the values are those that a provider may correct."""
    rows = {
        "prices": {**_ABOUT, "date": DAY, "close": Decimal(values["close"])},
        "dividends": {**_ABOUT, "ex_date": DAY, "amount": Decimal(values["amount"]), "kind": "cash"},
        "splits": {**_ABOUT, "ex_date": DAY, "ratio_new": Decimal(values["ratio_new"]), "ratio_old": Decimal(1)},
        "rates": {**_ABOUT, "date": DAY, "per_eur": Decimal(values["per_eur"])},
    }
    return Fetched(**{place.name: place.conformed(pl.DataFrame([rows[place.name]])) for place in PLACES})


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (market.PRICE_HISTORY, "close"),
        (market.DIVIDEND_HISTORY, "amount"),
        (market.SPLIT_HISTORY, "ratio_new"),
        (market.FX_HISTORY, "per_eur"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_corrected_value_keeps_what_was_known(settings, table, column):
    first = {"close": "10", "amount": "1", "ratio_new": "2", "per_eur": "1.1"}
    candidate = open_candidate(settings, "r1")
    for now, values in ((THEN, first), (THEN, first), (NOW, first | {column: "3"})):
        fetch = said(**values)
        record_instruments(candidate, fetch, market.SYMBOLS.empty(), now=now)
        record_rates(candidate, fetch, now=now)
    assert candidate.read(table).select(column, "known_from").rows() == [(3, NOW)]
    revised = candidate.read(market.revisions_of(table)).select(column, "known_from", "known_until").rows()
    assert revised == [(Decimal(first[column]), THEN, NOW)]
    assert sum(candidate.read(one).height for one in market.REVISIONS) == 1
    candidate.drop()


@pytest.fixture
def rounded(settings):
    """Return what a close and a volume of ten shares for one become when they are told again, and how many revisions."""
    candidate = open_candidate(settings, "r1")

    def again(close, volume, *, by, source="yahoo", stored=("10.1234", 1234)):
        """Tell a stored close and volume otherwise, with or without the split since."""
        for now, (price, units), splits in ((THEN, stored, 0), (NOW, (close, volume), 1)):
            fetch = vars(said(close=price, amount="1", ratio_new="1", per_eur="1"))
            row = fetch["prices"].with_columns(volume=pl.lit(units, dtype=pl.Int64), source=pl.lit(source))
            new, old = by
            split = fetch["splits"].with_columns(
                ex_date=NOW.date(), ratio_new=pl.lit(new).cast(RATIO), ratio_old=pl.lit(old).cast(RATIO)
            )
            told = Fetched(**fetch | {"prices": row, "splits": split.head(splits * (new != old))})
            record_instruments(candidate, told, market.SYMBOLS.empty(), now=now)
        price, units = candidate.read(market.PRICE_HISTORY).select("close", "volume").row(0)
        return str(price.normalize()), units, candidate.read(market.revisions_of(market.PRICE_HISTORY)).height

    yield again
    candidate.drop()


@pytest.mark.parametrize(
    ("close", "volume", "by", "expected"),
    [
        pytest.param("10.1234", 1240, (1, 20), ("10.1234", 1234, 0), id="twenties of units"),
        pytest.param("10.1234", 1260, (1, 20), ("10.1234", 1260, 1), id="more than one of them"),
        pytest.param("10.1234", 1240, (1, 1), ("10.1234", 1240, 1), id="without a split it is a correction"),
        pytest.param("10.1234", 1235, (10, 1), ("10.1234", 1235, 1), id="more shares are told to the unit"),
        pytest.param("10.123", 1234, (1000, 1), ("10.1234", 1234, 0), id="digits of a price"),
        pytest.param("10.13", 1240, (1, 20), ("10.13", 1234, 1), id="a corrected price keeps the volume"),
    ],
)
def test_what_a_split_rounds_is_no_correction(rounded, close, volume, by, expected):
    assert rounded(close, volume, by=by) == expected


def test_a_persons_own_value_is_taken_as_it_is(rounded):
    assert rounded("10.1234", 1240, by=(1, 20), source="inbox") == ("10.1234", 1240, 1)


@pytest.mark.parametrize(
    ("table", "details"),
    [
        (market.DIVIDEND_HISTORY, {"pay_date": dt.date(2024, 4, 1)}),
        (market.PRICE_HISTORY, {"open": Decimal(9), "high": Decimal(11), "low": Decimal(8), "volume": 7}),
    ],
    ids=lambda value: getattr(value, "name", "details"),
)
def test_what_another_provider_leaves_out_is_kept_unless_it_says_otherwise(settings, table, details):
    place = next(place for place in PLACES if place.table is table)
    substance = "close" if table is market.PRICE_HISTORY else "amount"
    candidate = open_candidate(settings, "r1")

    def tell(source, more, **values):
        told = vars(said(**{"close": "10", "amount": "1", "ratio_new": "2", "per_eur": "1"} | values))
        rows = (
            told[place.name]
            .with_columns(source=pl.lit(source))
            .with_columns(pl.lit(value).cast(table.polars_schema[name]).alias(name) for name, value in more.items())
        )
        fetch = Fetched(**told | {place.name: rows})
        return record_instruments(candidate, fetch, market.SYMBOLS.empty(), now=NOW)[table.name]

    tell("alphavantage", details)
    for source in ("yahoo", "alphavantage", "yahoo"):
        change = tell(source, details if source == "alphavantage" else {})
        assert (change.inserted, change.revised) == (0, 0)
        assert candidate.read(table).select(list(details)).row(0, named=True) == details
    assert tell("yahoo", {}, **{substance: "3"}).revised == 1
    assert candidate.read(table).select(list(details)).row(0, named=True) == dict.fromkeys(details)
    candidate.drop()
