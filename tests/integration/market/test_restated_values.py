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
