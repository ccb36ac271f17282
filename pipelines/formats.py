"""How figures read on pages and in print: money, percent, quantities, dates.

Belongs here: text of one figure; percent exists only here. Does not: which figures are shown, a terminal's
(`cli.console`).
"""

import datetime as dt
from decimal import Decimal

UNKNOWN = "–"
MINUS = "\N{MINUS SIGN}"
VAST = 1e6
"""From here on nobody reads the digits of a rate: a gain of days makes such of a year."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(value: Decimal | None, currency: str | None = None, *, signed: bool = False, decimals: int = 2) -> str:
    """Return an amount with thousands separators and its currency.

    >>> money(Decimal("1234.5"), "EUR", signed=True)
    '+1,234.50 EUR'
    """
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{decimals}f}"
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{text} {currency}" if currency else f"{sign}{text}"


def percent(value: float | None, *, signed: bool = True, decimals: int = 2) -> str:
    """Return a fraction as percent.

    >>> percent(0.1234)
    '+12.34 %'
    """
    if value is None:
        return UNKNOWN
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    if abs(value) >= VAST:
        return f"{sign}{abs(value) * 100:.1e} %"
    return f"{sign}{abs(value) * 100:,.{decimals}f} %"


def number(value: float | None, *, decimals: int = 2) -> str:
    """Return a ratio that is no percentage.

    >>> number(1.25, decimals=1)
    '1.2'
    """
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and text.strip("0.") else text


def quantity(value: Decimal) -> str:
    """Return units without trailing zeros.

    >>> quantity(Decimal("1250.5000000000"))
    '1,250.5'
    """
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: dt.date | None) -> str:
    """Return a date that nobody reads the wrong way round.

    >>> day(dt.date(2022, 12, 28))
    '28 Dec 2022'
    """
    return UNKNOWN if value is None else f"{value.day} {value:%b %Y}"
