"""Alpha Vantage's own codes in the field's terms.

Belongs here: its suffixes, exchanges, kinds of instruments, units of price. Does not: reading an answer.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipelines.sources.alphavantage_hours import end_of_session, usual_end

SETTLING = timedelta(minutes=30)
"""A session counts as final that long after its end, for what Alpha Vantage has may be delayed."""
_LAST_TO_END_A_DAY = timedelta(hours=12)
"""By then a day of UTC is over everywhere."""


class Exchange(NamedTuple):
    """An exchange: its ISO 10383 code, its country, where and when its sessions usually end, whose calendar it keeps.

    An exchange without a calendar (None) trades longer than the one that the library has for it.
    """

    mic: str | None
    country: str
    zone: str
    closes: time
    calendar: str | None

    def first_open_day(self, now: datetime) -> date:
        """Return the first day whose session is not final yet."""
        local = now.astimezone(ZoneInfo(self.zone))
        return local.date() + timedelta(days=1) if now >= self.close_of(local.date()) + SETTLING else local.date()

    def close_of(self, day: date) -> datetime:
        """Return when the session of a day ends, in UTC; of a day without one, when it would."""
        known = None if self.calendar is None else end_of_session(self.calendar, day)
        return usual_end(day, self.closes, self.zone) if known is None else known


UNITED_STATES = Exchange(None, "United States", "America/New_York", time(16), "XNYS")
_BY_SUFFIX: Mapping[str, Exchange] = {
    "AMS": Exchange("XAMS", "Netherlands", "Europe/Amsterdam", time(17, 30), "XAMS"),
    "BSE": Exchange("XBOM", "India", "Asia/Kolkata", time(15, 30), "XBOM"),
    "DEX": Exchange("XETR", "Germany", "Europe/Berlin", time(17, 30), "XETR"),
    "FRK": Exchange("XFRA", "Germany", "Europe/Berlin", time(22), None),
    "HKG": Exchange("XHKG", "Hong Kong", "Asia/Hong_Kong", time(16), "XHKG"),
    "LON": Exchange("XLON", "United Kingdom", "Europe/London", time(16, 30), "XLON"),
    "PAR": Exchange("XPAR", "France", "Europe/Paris", time(17, 30), "XPAR"),
    "SAO": Exchange("BVMF", "Brazil", "America/Sao_Paulo", time(18), "BVMF"),
    "SHH": Exchange("XSHG", "China", "Asia/Shanghai", time(15), "XSHG"),
    "SHZ": Exchange("XSHE", "China", "Asia/Shanghai", time(15), "XSHE"),
    "TRT": Exchange("XTSE", "Canada", "America/Toronto", time(16), "XTSE"),
    "TRV": Exchange("XTSX", "Canada", "America/Toronto", time(16), "XTSX"),
}
_USUAL_SUFFIX: Mapping[str, str] = {
    "AS": "AMS", "BO": "BSE", "DE": "DEX", "F": "FRK", "HK": "HKG", "L": "LON", "PA": "PAR", "SA": "SAO",
    "SS": "SHH", "SZ": "SHZ", "TO": "TRT", "V": "TRV",
}  # fmt: skip
"""How symbols are spelt elsewhere (Yahoo and most brokers), and in the master → Alpha Vantage."""
_MASTERS_SUFFIX: Mapping[str, str] = {theirs: usual for usual, theirs in _USUAL_SUFFIX.items()}

MIC: Mapping[str, str] = {
    "AMEX": "XASE", "BATS": "BATS", "NASDAQ": "XNAS", "NYSE": "XNYS", "NYSE ARCA": "ARCX", "NYSE MKT": "XASE",
}  # fmt: skip
"""What an overview calls an exchange → ISO 10383 market identifier code."""

ASSET_CLASS: Mapping[str, str] = {
    "Common Stock": "Equity",
    "Equity": "Equity",
    "ETF": "ETF",
    "Mutual Fund": "Fund",
}

PRICE_UNIT: Mapping[str, str] = {"GBX": "GBp", "ZAC": "ZAc"}
"""Units of price that Alpha Vantage spells in its own way."""

COUNTRY: Mapping[str, str] = {"USA": "United States", "UK": "United Kingdom"}


def ticker_of(symbol: str) -> str:
    """Return how Alpha Vantage spells a symbol.

    >>> ticker_of("TSCO.L"), ticker_of("TSCO.LON"), ticker_of("BRK-B")
    ('TSCO.LON', 'TSCO.LON', 'BRK-B')
    """
    name, dot, suffix = symbol.rpartition(".")
    return f"{name}.{_USUAL_SUFFIX[suffix]}" if dot and suffix in _USUAL_SUFFIX else symbol


def symbol_of(ticker: str) -> str:
    """Return how the master spells a ticker of Alpha Vantage's: one instrument is to have one symbol.

    >>> symbol_of("TSCO.LON"), symbol_of("BRK-B"), symbol_of("BRK.B")
    ('TSCO.L', 'BRK-B', 'BRK.B')
    """
    name, dot, suffix = ticker.rpartition(".")
    return f"{name}.{_MASTERS_SUFFIX[suffix]}" if dot and suffix in _MASTERS_SUFFIX else ticker


def exchange_of(ticker: str) -> Exchange | None:
    """Return where a ticker trades: in the United States without a suffix, None where the suffix is not known.

    One letter is no suffix but a class of shares: BRK.B.
    """
    _, dot, suffix = ticker.rpartition(".")
    return _BY_SUFFIX.get(suffix) if dot and len(suffix) > 1 else UNITED_STATES


def first_open_day(exchange: Exchange | None, now: datetime) -> date:
    """Return the first day whose session is not final yet, on an exchange that may be unknown."""
    return (now - _LAST_TO_END_A_DAY).date() if exchange is None else exchange.first_open_day(now)
