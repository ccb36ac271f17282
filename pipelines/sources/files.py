"""Market data in files: what is bundled for the demo, and how any file becomes a frame.

Belongs here: files as a source. Does not: which files of the inbox are taken (`inbox`), the canonical CSV files
themselves (`pipelines.importers.canonical`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal

import polars as pl

from pipelines.importers import canonical
from pipelines.importers.errors import ImportFileError
from pipelines.sources.base import DIVIDENDS, PRICES, RATES, SPLITS, PriceAnswer, PriceRequest, Profile
from pipelines.sources.errors import MalformedAnswerError, UnknownSymbolError
from warehouse.schema import market
from warehouse.schema.types import FX_RATE

Kind = Literal["prices", "dividends", "splits", "fx"]

KINDS: tuple[Kind, ...] = ("prices", "dividends", "splits", "fx")
_KEYS: Mapping[Kind, tuple[str, ...]] = {
    "prices": ("symbol", "date"),
    "dividends": ("symbol", "ex_date", "kind"),
    "splits": ("symbol", "ex_date"),
    "fx": ("currency", "date"),
}
_SCHEMAS: Mapping[Kind, pl.Schema] = {"prices": PRICES, "dividends": DIVIDENDS, "splits": SPLITS, "fx": RATES}
_PROFILE = pl.Schema({n: t for n, t in market.SYMBOLS.polars_schema.items() if n in Profile.__dataclass_fields__})
_SYMBOLS = pl.Schema({"symbol": pl.String(), **_PROFILE})
_STEP = Decimal("1E-10")
_RATE_NAMES = {"from_currency": "from", "to_currency": "to"}


class RowError(ValueError):
    """A row of a file is not as it should be.

    Args:
        row: Its place among the file's rows, from 0.
        column: As the file names it.
        value: What is there.
        expected: What should be there.
    """

    def __init__(self, *, row: int, column: str, value: object, expected: str) -> None:
        self.text = None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
        super().__init__(f"row {row + 1}, column {column}: found {self.text}; expected {expected}")
        self.row = row
        self.column = column
        self.value = value
        self.expected = expected


@dataclass(frozen=True, kw_only=True)
class FileMarket:
    """Everything that a folder holds: histories in the shape of a source's answers, ``symbols`` with profiles."""

    prices: pl.DataFrame
    dividends: pl.DataFrame
    splits: pl.DataFrame
    rates: pl.DataFrame
    symbols: pl.DataFrame


class FileSource:
    """A source over files, read when it is first asked.

    Args:
        name: The source's name.
        load: What reads the files, such as `bundled` of a folder.
    """

    def __init__(self, name: str, load: Callable[[], FileMarket]) -> None:
        self.name = name
        self._load = load

    def prices(self, request: PriceRequest, *, now: datetime) -> PriceAnswer:
        """Return what the files say of one instrument; see `Source.prices`."""
        last = min(request.end or now.date(), now.date())
        wanted = pl.col("symbol") == request.symbol
        everything = self._market.prices.filter(wanted)
        if everything.is_empty():
            raise UnknownSymbolError(self.name, request.symbol, "no price in the files")
        return PriceAnswer(
            prices=window(everything, "date", request.start, last),
            dividends=window(self._market.dividends.filter(wanted), "ex_date", request.events_start, last),
            splits=window(self._market.splits.filter(wanted), "ex_date", request.events_start, last),
            profile=self._profile(request.symbol, everything),
        )

    def rates(self, currencies: Sequence[str], start: date, end: date) -> pl.DataFrame:
        """Return the rates that the files have; see `Source.rates`."""
        return window(self._market.rates.filter(pl.col("currency").is_in(list(currencies))), "date", start, end)

    @cached_property
    def _market(self) -> FileMarket:
        try:
            return self._load()
        except (ImportFileError, OSError, ValueError, pl.exceptions.PolarsError) as error:
            raise MalformedAnswerError(self.name, None, str(error)) from error

    def _profile(self, symbol: str, prices: pl.DataFrame) -> Profile:
        currency: str = prices["currency"][-1]
        stated = self._market.symbols.filter(pl.col("symbol") == symbol).select(_PROFILE.names()).to_dicts()
        return Profile(**({"currency": currency, "price_unit": currency} | (stated[0] if stated else {})))


def bundled(folder: Path) -> FileMarket:
    """Return the market of a folder of Parquet files in the shape of the history tables.

    The files are ``prices``, ``dividends``, ``splits``, ``fx`` and ``symbols`` with ``.parquet``; any may be absent.
    """
    frames = {kind: united(kind, [_parquet(kind, file)] if file.exists() else []) for kind, file in _files(folder)}
    symbols = folder / "symbols.parquet"
    stated = pl.read_parquet(symbols) if symbols.exists() else pl.DataFrame(schema=_SYMBOLS)
    return market_of(frames, _filled(stated, _SYMBOLS))


def _files(folder: Path) -> Iterable[tuple[Kind, Path]]:
    return [(kind, folder / f"{kind}.parquet") for kind in _KEYS]


def market_of(frames: Mapping[Kind, pl.DataFrame], symbols: pl.DataFrame | None = None) -> FileMarket:
    """Return a market of frames by kind."""
    return FileMarket(
        prices=frames["prices"],
        dividends=frames["dividends"],
        splits=frames["splits"],
        rates=frames["fx"],
        symbols=pl.DataFrame(schema=_SYMBOLS) if symbols is None else symbols,
    )


def united(kind: Kind, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return rows of one kind by key; where several state one value, the last counts."""
    key = _KEYS[kind]
    return (
        pl.concat([pl.DataFrame(schema=_SCHEMAS[kind]), *frames])
        .unique(key, keep="last", maintain_order=True)
        .sort(key)
    )


def canonical_file(kind: Kind, file: Path) -> pl.DataFrame:
    """Return a canonical file in the shape of its history table, its rows in their order but for rates.

    Raises:
        ImportFileError: If a cell is not as it should be.
        RowError: If a rate is none against the euro.
        ValueError: If a float meets a decimal.
        OSError: If it cannot be read.
    """
    if file.suffix == ".parquet":
        return _parquet(kind, file)
    match kind:
        case "prices":
            return _filled(canonical.read_prices(file), PRICES)
        case "dividends":
            return _filled(canonical.read_dividends(file), DIVIDENDS)
        case "splits":
            return _filled(canonical.read_splits(file), SPLITS)
        case "fx":
            return _per_euro(canonical.read_fx(file))


def _parquet(kind: Kind, file: Path) -> pl.DataFrame:
    """Return a Parquet file in the shape of a history table, or with the columns of a canonical file."""
    frame = pl.read_parquet(file)
    if kind == "fx" and "from" in frame.columns:
        frame = frame.rename({"from": "from_currency", "to": "to_currency"})
        return _per_euro(frame)
    if kind == "splits" and "date" in frame.columns:
        frame = frame.rename({"date": "ex_date"})
    return _filled(frame, _SCHEMAS[kind])


def _filled(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Return the schema's columns, cast exactly; a column that is absent is null, a dividend's kind ``cash``.

    Raises:
        ValueError: If a float meets a decimal.
    """
    floats = [name for name, dtype in schema.items() if dtype.is_decimal() and _is_float(frame, name)]
    if floats:
        raise ValueError(f"columns {floats} hold floats; they must be exact")
    absent = {"kind": pl.lit("cash")}
    return frame.select(
        (pl.col(name) if name in frame.columns else absent.get(name, pl.lit(None))).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def _is_float(frame: pl.DataFrame, name: str) -> bool:
    return name in frame.columns and frame.schema[name].is_float()


def _per_euro(rates: pl.DataFrame) -> pl.DataFrame:
    """Return rates between two currencies as units for one euro; one of the two must be the euro.

    Raises:
        RowError: If neither is, or a rate is not above zero.
    """
    to_euro = pl.col("to_currency") == "EUR"
    for holds, column, expected in (
        ((pl.col("from_currency") == "EUR") | to_euro, "to_currency", "EUR on one of the two sides"),
        (pl.col("rate") > 0, "rate", "a rate above zero"),
    ):
        places = rates.select((~holds.fill_null(value=False)).arg_true()).to_series()
        if len(places):
            row = int(places[0])
            raise RowError(row=row, column=_RATE_NAMES.get(column, column), value=rates[column][row], expected=expected)
    direct = rates.filter(pl.col("from_currency") == "EUR")
    inverse = rates.filter(to_euro)
    inverted = [(Decimal(1) / rate).quantize(_STEP) for rate in inverse["rate"]]
    return pl.concat(
        [
            direct.select(currency="to_currency", date="date", per_eur=pl.col("rate").cast(FX_RATE)),
            inverse.select(currency="from_currency", date="date", per_eur=pl.Series(inverted, dtype=FX_RATE)),
        ]
    )


def window(frame: pl.DataFrame, column: str, start: date | None, end: date) -> pl.DataFrame:
    """Return the rows from one day to another, both included; no first day is the earliest."""
    inside = frame.filter(pl.col(column) <= end)
    return inside if start is None else inside.filter(pl.col(column) >= start)
