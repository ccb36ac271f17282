"""Market data in files: what people put into the inbox, and what is bundled for the demo.

Belongs here: files as a source. Does not: the canonical CSV files themselves (`pipelines.importers.canonical`).
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
        load: What reads the files; `bundled` or `inbox` of a folder.
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
            prices=_window(everything, "date", request.start, last),
            dividends=_window(self._market.dividends.filter(wanted), "ex_date", request.start, last),
            splits=_window(self._market.splits.filter(wanted), "ex_date", request.start, last),
            profile=self._profile(request.symbol, everything),
        )

    def rates(self, currencies: Sequence[str], start: date, end: date) -> pl.DataFrame:
        """Return the rates that the files have; see `Source.rates`."""
        return _window(self._market.rates.filter(pl.col("currency").is_in(list(currencies))), "date", start, end)

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


class Inbox(FileSource):
    """The files that a person has put into the inbox: asked like any source, and taken whole besides.

    Every row counts, whatever its symbol and however old; only what lies after today waits for its day. The files are
    read again by every run, so a row that is there already changes nothing, and a person's own row goes before what
    any provider says of the same day, then and later (`warehouse.build.Candidate.record_history`). To take one back,
    put a file with another value.
    """

    def everything(self, until: date) -> PriceAnswer:
        """Return everything up to a day; see `Whole.everything`."""
        return PriceAnswer(
            prices=_window(self._market.prices, "date", None, until),
            dividends=_window(self._market.dividends, "ex_date", None, until),
            splits=_window(self._market.splits, "ex_date", None, until),
        )

    def every_rate(self, until: date) -> pl.DataFrame:
        """Return every rate up to a day; see `Whole.every_rate`."""
        return _window(self._market.rates, "date", None, until)


def bundled(folder: Path) -> FileMarket:
    """Return the market of a folder of Parquet files in the shape of the history tables.

    The files are ``prices``, ``dividends``, ``splits``, ``fx`` and ``symbols`` with ``.parquet``; any may be absent.
    """
    frames = {kind: _united(kind, [_parquet(kind, file)] if file.exists() else []) for kind, file in _files(folder)}
    symbols = folder / "symbols.parquet"
    stated = pl.read_parquet(symbols) if symbols.exists() else pl.DataFrame(schema=_SYMBOLS)
    return _market(frames, _filled(stated, _SYMBOLS))


def inbox(folder: Path) -> FileMarket:
    """Return the market of a folder of canonical files; where several state one value, the last by name counts.

    Files are told by how their name begins: ``prices``, ``dividends``, ``splits`` or ``fx``, ``.csv`` or ``.parquet``.
    """
    frames = {
        kind: _united(kind, [_canonical(kind, file) for file in sorted(folder.glob(f"{kind}*")) if _readable(file)])
        for kind in _KEYS
    }
    return _market(frames, pl.DataFrame(schema=_SYMBOLS))


def _files(folder: Path) -> Iterable[tuple[Kind, Path]]:
    return [(kind, folder / f"{kind}.parquet") for kind in _KEYS]


def _market(frames: Mapping[Kind, pl.DataFrame], symbols: pl.DataFrame) -> FileMarket:
    return FileMarket(
        prices=frames["prices"],
        dividends=frames["dividends"],
        splits=frames["splits"],
        rates=frames["fx"],
        symbols=symbols,
    )


def _readable(file: Path) -> bool:
    return file.suffix in {".csv", ".parquet"}


def _united(kind: Kind, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    key = _KEYS[kind]
    return (
        pl.concat([pl.DataFrame(schema=_SCHEMAS[kind]), *frames])
        .unique(key, keep="last", maintain_order=True)
        .sort(key)
    )


def _canonical(kind: Kind, file: Path) -> pl.DataFrame:
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
            return _per_euro(canonical.read_fx(file), file)


def _parquet(kind: Kind, file: Path) -> pl.DataFrame:
    """Return a Parquet file in the shape of a history table, or with the columns of a canonical file."""
    frame = pl.read_parquet(file)
    if kind == "fx" and "from" in frame.columns:
        frame = frame.rename({"from": "from_currency", "to": "to_currency"})
        return _per_euro(frame, file)
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


def _per_euro(rates: pl.DataFrame, file: Path) -> pl.DataFrame:
    """Return rates between two currencies as units for one euro; one of the two must be the euro.

    Raises:
        ValueError: If neither is.
    """
    to_euro = pl.col("to_currency") == "EUR"
    other = rates.filter((pl.col("from_currency") != "EUR") & ~to_euro)
    if not other.is_empty():
        raise ValueError(f"{file.name}: a rate from {other['from_currency'][0]} to {other['to_currency'][0]}: no euro")
    direct = rates.filter(pl.col("from_currency") == "EUR")
    inverse = rates.filter(to_euro)
    inverted = [(Decimal(1) / rate).quantize(_STEP) for rate in inverse["rate"]]
    return pl.concat(
        [
            direct.select(currency="to_currency", date="date", per_eur=pl.col("rate").cast(FX_RATE)),
            inverse.select(currency="from_currency", date="date", per_eur=pl.Series(inverted, dtype=FX_RATE)),
        ]
    )


def _window(frame: pl.DataFrame, column: str, start: date | None, end: date) -> pl.DataFrame:
    inside = frame.filter(pl.col(column) <= end)
    return inside if start is None else inside.filter(pl.col(column) >= start)
