"""Reference rates of the European Central Bank.

Belongs here: the ECB's zipped tables. Does not: conversion (`pipelines.portfolio.fx`), trying again (`resilience`).
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import polars as pl
import requests

from pipelines.sources.base import RATES, PriceAnswer, PriceRequest, at_once
from pipelines.sources.errors import GarbledAnswerError, RateLimitError, SourceDownError, UnsupportedError
from pipelines.sources.retry_after import retry_after

HOST = "https://www.ecb.europa.eu"
_FOLDER = "/stats/eurofxref/"
_ALL, _RECENT = "eurofxref-hist.zip", "eurofxref-hist-90d.zip"
_RECENT_REACH = timedelta(days=80)
"""The short table holds 90 days before its own day, which can be some days before the last one asked for."""
_TOO_MANY = 429
_OK = 200
_NONE = ["N/A", ""]
_CODE_LENGTH = 3


class EcbSource:
    """Rates of some 30 currencies on every TARGET day since 1999-01-04.

    Args:
        base_url: What answers for the ECB's host; None for that itself.
        timeout: Seconds without a byte.
    """

    def __init__(self, *, base_url: str | None = None, timeout: float = 30.0) -> None:
        self.name = "ecb"
        self.has_every_rate = True
        self._base_url = (base_url or HOST).rstrip("/")
        self._timeout = timeout
        self.before_request: Callable[[], None] = at_once

    def prices(self, request: PriceRequest, *, now: datetime) -> PriceAnswer:  # noqa: ARG002  # the Protocol's
        """Raise `UnsupportedError`: the ECB has no prices."""
        raise UnsupportedError(self.name, request.symbol, "it has exchange rates only")

    def rates(self, currencies: Sequence[str], start: date, end: date) -> pl.DataFrame:
        """Return the fixings of the window; see `Source.rates`."""
        if end - start <= _RECENT_REACH:
            recent = self._table(_RECENT)
            if not recent.is_empty() and _first_day(recent) <= start:
                return _cut(recent, currencies, start, end)
        return _cut(self._table(_ALL), currencies, start, end)

    def _table(self, name: str) -> pl.DataFrame:
        try:
            return read_table(self._get(name))
        except (zipfile.BadZipFile, zlib.error, KeyError, pl.exceptions.PolarsError) as error:
            raise GarbledAnswerError(self.name, None, f"{name}: {error}") from error

    def _get(self, name: str) -> bytes:
        self.before_request()
        try:
            answer = requests.get(f"{self._base_url}{_FOLDER}{name}", timeout=self._timeout)
        except requests.RequestException as error:
            raise SourceDownError(self.name, None, str(error)) from error
        if answer.status_code == _TOO_MANY:
            raise RateLimitError(self.name, None, answer.text.strip(), retry_after(answer.headers))
        if answer.status_code != _OK:
            raise SourceDownError(self.name, None, f"{name}: HTTP {answer.status_code}", retry_after(answer.headers))
        return answer.content


def read_table(zipped: bytes) -> pl.DataFrame:
    """Return the ECB's zipped table as rows, schema ``RATES``, exact, by currency and date.

    Raises:
        zipfile.BadZipFile, zlib.error: If it is no archive, or a damaged one.
        KeyError: If the archive is empty.
        polars.exceptions.PolarsError: If its text is no such table.
    """
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        names = archive.namelist()
        if not names:
            raise KeyError("an empty archive")
        text = archive.read(names[0])
    wide = pl.read_csv(text, infer_schema=False, truncate_ragged_lines=True)
    codes = [column for column in wide.columns if len(column.strip()) == _CODE_LENGTH]
    return (
        wide.select(pl.col("Date").str.strip_chars().str.to_date("%Y-%m-%d"), *codes)
        .unpivot(index="Date", variable_name="currency", value_name="per_eur")
        .with_columns(pl.col("per_eur").str.strip_chars().replace(_NONE, None))
        .drop_nulls("per_eur")
        .select(
            pl.col("currency").str.strip_chars(),
            pl.col("Date").alias("date"),
            pl.col("per_eur").cast(RATES["per_eur"]),
        )
        .sort("currency", "date")
    )


def _first_day(table: pl.DataFrame) -> date:
    first: date = table["date"].min()  # type: ignore[assignment]  # a column of dates
    return first


def _cut(table: pl.DataFrame, currencies: Sequence[str], start: date, end: date) -> pl.DataFrame:
    return table.filter(pl.col("currency").is_in(list(currencies)), pl.col("date").is_between(start, end))
