"""Recorded daily series as fetches: of Yahoo's tables, and of columns of many symbols.

Belongs here: from recorded files to what the screens are given, through Yahoo's own parser. Does not: any judgement.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.quality.screens import Fetched
from pipelines.sources.base import PriceRequest
from pipelines.sources.yahoo_answer import Chart
from pipelines.sources.yahoo_parse import parse_chart

BARS = ("Open", "High", "Low", "Close", "Volume")
NOTHING = pl.DataFrame()
CURRENCIES = {"-L-": "GBP", "-TA-": "ILS", "-JO-": "ZAR"}
"""By what a table's name says of the exchange; of all others it does not matter."""
_NOON = 12 * 3600


def read_table(path: Path) -> pl.DataFrame:
    """Return a table as Yahoo's clients write it, by ``date``; each row of a day's many counts as a day of its own."""
    table = pl.read_csv(path, infer_schema_length=None)
    table = table.rename({table.columns[0]: "date"}).with_columns(pl.col("date").str.slice(0, 10).str.to_date())
    numbers = [name for name in table.columns if name not in {"date", "Repaired?"}]
    table = table.with_columns(pl.col(numbers).cast(pl.Float64)).sort("date", maintain_order=True)
    if table["date"].is_unique().all():
        return table
    return table.with_columns(pl.col("date").max() - pl.duration(days=pl.int_range(pl.len(), 0, -1)))


def fetched_of(symbol: str, table: pl.DataFrame) -> Fetched:
    """Return a table as a fetch: as traded, as declared, with the provider's adjusted close.

    Args:
        symbol: Its name, or that of the file.
        table: ``date``, `BARS` and ``Adj Close``, restated for splits; ``Dividends``, ``Stock Splits`` and ``Capital
            Gains``, zero or null where there are none, or not there at all.
    """
    currency = next((code for sign, code in CURRENCIES.items() if sign in symbol), "USD")
    answer = parse_chart(
        _chart(table, currency), PriceRequest(symbol=symbol), now=dt.datetime.max.replace(tzinfo=dt.UTC)
    )
    adjusted = table.select("date", adj_close="Adj Close")
    source = pl.lit("yahoo").alias("source")
    return Fetched(
        prices=answer.prices.join(adjusted, on="date", how="left", maintain_order="left").with_columns(source),
        dividends=answer.dividends.with_columns(source),
        splits=answer.splits.with_columns(source),
        rates=NOTHING,
    )


def joined(fetches: list[Fetched]) -> Fetched:
    """Return several fetches as one."""
    return Fetched(
        prices=pl.concat([one.prices for one in fetches]),
        dividends=pl.concat([one.dividends for one in fetches]),
        splits=pl.concat([one.splits for one in fetches]),
        rates=NOTHING,
    )


def _chart(table: pl.DataFrame, currency: str) -> Chart:
    epochs = [int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) + _NOON for day in table["date"]]
    events = {"dividends": "Dividends", "capitalGains": "Capital Gains", "splits": "Stock Splits"}
    return Chart.model_validate(
        {
            "meta": {"currency": currency, "exchangeTimezoneName": "UTC"},
            "timestamp": epochs,
            "indicators": {"quote": [{name.lower(): _finite(table[name]) for name in BARS}]},
            "events": {key: _events(key, epochs, table, name) for key, name in events.items()},
        }
    )


def _finite(values: pl.Series) -> list[float | None]:
    return pl.select(pl.when(values.is_finite()).then(values)).to_series().to_list()


def _events(key: str, epochs: list[int], table: pl.DataFrame, name: str) -> dict[str, Any]:
    if name not in table.columns:
        return {}
    pairs = zip(epochs, table[name], strict=True)
    told = [(epoch, value) for epoch, value in pairs if value]
    if key == "splits":
        return {str(epoch): {"date": epoch, "numerator": value, "denominator": 1} for epoch, value in told}
    return {str(epoch): {"date": epoch, "amount": value} for epoch, value in told}
