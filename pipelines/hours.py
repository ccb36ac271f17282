"""Whose sessions say when an instrument is asked for, where its exchange has no calendar of its own, or it has none.

Belongs here: borrowed calendars, usual hours. Does not: what is judged by sessions (screens and figures go by an
exchange's own alone, for a borrowed holiday is no proof), calendars themselves (`sessions`), ticks (`due`).
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from warehouse.schema.market import TRADING_SESSIONS

LENDERS: Mapping[str, str] = {
    "OTCM": "XNYS", "OTCQ": "XNYS", "OTCB": "XNYS", "PINX": "XNYS", "PSGM": "XNYS", "XOTC": "XNYS",
    "XCBT": "CMES", "XCEC": "CMES", "XCME": "CMES", "XNYM": "CMES",
    "XBER": "XFRA", "XHAN": "XFRA", "XMUN": "XFRA", "CXE": "XLON",
    "NEOE": "XTSE", "XCNQ": "XTSE", "ROCO": "XTAI", "XKOS": "XKRX", "XNSE": "XBOM", "XSHE": "XSHG",
}  # fmt: skip
"""Exchange without a calendar → the one whose days and hours it keeps, as `exchange_calendars` names it."""

_CRYPTO, _CURRENCIES, _ANYWHERE = "crypto", "currencies", "anywhere"
_PLACES: Mapping[str, str] = {"Crypto": _CRYPTO, "Currency": _CURRENCIES}
"""Asset class → what stands for an exchange where an instrument has none."""


@dataclass(frozen=True, kw_only=True)
class _Hours:
    """Hours that are the same every week.

    Args:
        zone: The clock they are of.
        opens: After the local midnight that begins the day; None where there is one price a day.
        closes: After the same midnight.
        days: Days of a week, 0 for Monday.
    """

    zone: str
    opens: dt.timedelta | None
    closes: dt.timedelta
    days: int = 5

    def of(self, day: dt.date) -> tuple[dt.datetime | None, dt.datetime] | None:
        """Return when it opens and closes on a day, in UTC; None where it does not."""
        if day.weekday() >= self.days:
            return None
        midnight = dt.datetime.combine(day, dt.time(), ZoneInfo(self.zone))
        opens = None if self.opens is None else (midnight + self.opens).astimezone(dt.UTC)
        return opens, (midnight + self.closes).astimezone(dt.UTC)


def _at(hours: int, minutes: int = 0) -> dt.timedelta:
    return dt.timedelta(hours=hours, minutes=minutes)


_NEW_YORK = "America/New_York"
_USUAL: Mapping[str, _Hours] = {
    "XATH": _Hours(zone="Europe/Athens", opens=_at(10, 15), closes=_at(17, 20)),
    # Monday to Friday since January 2026; the calendar of the library cannot be built across that change.
    "XTAE": _Hours(zone="Asia/Jerusalem", opens=_at(9, 59), closes=_at(17, 25)),
    # Their calendars end with a year, until the library has the next one.
    "XBOM": _Hours(zone="Asia/Kolkata", opens=_at(9, 15), closes=_at(15, 30)),
    "XSES": _Hours(zone="Asia/Singapore", opens=_at(9), closes=_at(17)),
    "XSHG": _Hours(zone="Asia/Shanghai", opens=_at(9, 30), closes=_at(15)),
    _CRYPTO: _Hours(zone="UTC", opens=_at(0), closes=_at(24), days=7),
    # A day of currencies goes from 17:00 in New York to 17:00, Monday's from Sunday.
    _CURRENCIES: _Hours(zone=_NEW_YORK, opens=_at(-7), closes=_at(17)),
}
_ONCE_A_WEEKDAY = _Hours(zone=_NEW_YORK, opens=None, closes=_at(17))
"""Of whatever else has no known hours, such as funds and indices: a price a day, there when New York has closed."""


def with_lenders(exchanges: Collection[str]) -> list[str]:
    """Return exchanges and those that lend them a calendar, sorted."""
    return sorted({*exchanges, *(LENDERS[exchange] for exchange in exchanges if exchange in LENDERS)})


def places_of(symbols: pl.DataFrame, names: Collection[str]) -> list[str]:
    """Return by whose sessions some symbols are asked for, sorted.

    Args:
        symbols: ``symbol``, ``exchange``, ``asset_class``.
        names: The symbols; one that ``symbols`` lacks has no place.
    """
    named = symbols.filter(pl.col("symbol").is_in(list(names)))
    pairs = named.select("exchange", "asset_class").unique().iter_rows()
    return sorted({_place(exchange, asset_class) for exchange, asset_class in pairs})


def _place(exchange: str | None, asset_class: str | None) -> str:
    if exchange is None:
        return _PLACES.get(asset_class or "", _ANYWHERE)
    return LENDERS.get(exchange, exchange)


def sessions_at(places: Sequence[str], days: Sequence[dt.date], stored: pl.DataFrame) -> pl.DataFrame:
    """Return the sessions of places on some days: those that are stored, of the others and beyond them the usual hours.

    Args:
        places: As `places_of` gives them.
        days: The days that count.
        stored: Their `trading_sessions` of more days than these: in a week of holidays a place has none, and is known.
    """
    until: dict[str, dt.date] = dict(stored.group_by("exchange").agg(pl.col("date").max()).iter_rows())
    usual = [
        row for place in places for row in _usual(place, [day for day in days if day > until.get(place, dt.date.min)])
    ]
    rows = pl.DataFrame(usual, schema=dict(TRADING_SESSIONS.polars_schema), orient="row")
    return pl.concat([stored.filter(pl.col("date").is_in(list(days))), rows])


def _usual(place: str, days: Sequence[dt.date]) -> Iterator[tuple[str, dt.date, dt.datetime | None, dt.datetime]]:
    hours = _USUAL.get(place, _ONCE_A_WEEKDAY)
    for day in days:
        if (session := hours.of(day)) is not None:
            yield place, day, *session
