"""Which sources there are, built from the settings.

Belongs here: the mapping from settings to adapters. Does not: asking them (`fetch`).
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pipelines
from pipelines.sources.alphavantage import AlphaVantageSource
from pipelines.sources.base import Source
from pipelines.sources.ecb import EcbSource
from pipelines.sources.files import FileSource, bundled
from pipelines.sources.inbox import Inbox
from pipelines.sources.yahoo import YahooSource
from warehouse.errors import NoPublicationError
from warehouse.reader import Reader
from warehouse.schema.market import OWN_FILES
from warehouse.settings import Settings

DEMO_DATA = Path(pipelines.__file__).parent / "demo" / "data"


def _yahoo(settings: Settings) -> Source:
    return YahooSource(cache_dir=settings.home / "cache" / "yahoo", base_url=settings.yahoo_url)


def _ecb(settings: Settings) -> Source:
    return EcbSource(base_url=settings.ecb_url)


def _alphavantage(settings: Settings) -> Source:
    if settings.alphavantage_key is None:
        raise MissingKeyError("alphavantage", "FOLIO_ALPHAVANTAGE_KEY")
    return AlphaVantageSource(key=settings.alphavantage_key, base_url=settings.alphavantage_url)


def _inbox(settings: Settings) -> Source:
    return Inbox(OWN_FILES, settings.inbox_dir, partial(_published_currencies, settings))


def _published_currencies(settings: Settings) -> dict[str, set[str]]:
    """Return the currencies of the published prices, by symbol."""
    reader = Reader(settings)
    found: dict[str, set[str]] = {}
    try:
        for symbol, currency in reader.query_file("price_currencies").iter_rows():
            found.setdefault(symbol, set()).add(currency)
    except NoPublicationError:
        return {}
    finally:
        reader.close()
    return found


def _demo(settings: Settings) -> Source:  # noqa: ARG001  # every maker takes the settings
    return FileSource("demo", partial(bundled, DEMO_DATA))


FILES = frozenset({OWN_FILES, "demo"})
"""Sources that are files: what they have, they have without a network."""

MAKERS: Mapping[str, Callable[[Settings], Source]] = {
    "yahoo": _yahoo,
    "alphavantage": _alphavantage,
    "ecb": _ecb,
    OWN_FILES: _inbox,
    "demo": _demo,
}


class UnknownSourceError(Exception):
    """The settings name a source that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no source is called {name!r}; there are {', '.join(MAKERS)}")
        self.name = name


class MissingKeyError(Exception):
    """The settings name a source whose key they do not have."""

    def __init__(self, name: str, setting: str) -> None:
        super().__init__(f"the source {name!r} needs a key: set {setting}, or leave the source out")
        self.name = name
        self.setting = setting


def make_sources(settings: Settings) -> dict[str, Source]:
    """Return every source by name, without those whose key is missing; making one asks and reads nothing."""
    locked = {"alphavantage"} if settings.alphavantage_key is None else set()
    return {name: make(settings) for name, make in MAKERS.items() if name not in locked}


def price_sources(settings: Settings) -> list[Source]:
    """Return the sources of prices in the order of the settings; an inbox without files of theirs is none.

    Raises:
        UnknownSourceError: If the settings name one that does not exist.
        MissingKeyError: If they name one without its key.
    """
    return _named(settings, settings.price_sources, files=("prices*", "dividends*", "splits*"))


def fx_sources(settings: Settings) -> list[Source]:
    """Return the sources of exchange rates in the order of the settings; an inbox without files of rates is none.

    Raises:
        UnknownSourceError: If the settings name one that does not exist.
        MissingKeyError: If they name one without its key.
    """
    return _named(settings, settings.fx_sources, files=("fx*",))


def _named(settings: Settings, names: tuple[str, ...], *, files: tuple[str, ...]) -> list[Source]:
    for name in names:
        if name not in MAKERS:
            raise UnknownSourceError(name)
    filled = any(file for pattern in files for file in settings.inbox_dir.glob(pattern))
    unfilled = set() if filled else {OWN_FILES}
    return [MAKERS[name](settings) for name in names if name not in unfilled]
