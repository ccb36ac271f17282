"""Numbers and days that a visitor types, exactly as they stand there.

Belongs here: reading one. Does not: what it is for (the page's own view).
"""

import datetime as dt
import re
from decimal import Decimal

import polars as pl

from pipelines import formats
from pipelines.importers.typed import EARLIEST

FIRST_DAY, LAST_DAY = dt.date.min, dt.date(9998, 12, 31)
"""Bounds of a field for a day, as wide as they can be: a browser keeps a day beyond them to itself, and the page would
be of the one before it; but with a bound in the year 9999, late years hang the browser in the field's calendar."""
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
"""As a file of transactions writes them: no exponents."""
_THOUSANDS = re.compile(r"([1-9][0-9]{0,2})([.,])([0-9]{3})")
"""For some a number of thousands, for others one with three decimals."""
_ALIKE = (" \u00a0\u202f", "'\u2019")
"""Spaces and apostrophes between thousands: a keyboard has one of each."""
_SUCH, _EXAMPLE = "a number such as 1250 or {}", Decimal("0.25")
_MINUS = "\u2212"


class TypedError(ValueError):
    """What was typed cannot be taken, said in a sentence."""


def amount(text: str, name: str) -> Decimal | None:
    """Return a number, None for nothing.

    It may be typed as files have it, with a point before its decimals and nothing between its thousands, and as its
    reader's figures are written. What is thousands for some and decimals for others is refused rather than guessed
    about, unless it has the reader's own decimal separator.

    Raises:
        TypedError: If it is no number, or for some another one.

    >>> amount(" 1,234.50 ", "The fee")
    Decimal('1234.50')
    """
    if not text.strip():
        return None
    found = _plain(text, name)
    if found is None:
        raise TypedError(_refused(text, name))
    return Decimal(found)


def _plain(text: str, name: str) -> str | None:
    """Return a number as files have it, None if it is none."""
    stripped = text.strip().replace(_MINUS, "-")
    sign = stripped[:1] if stripped[:1] in {"+", "-"} else ""
    digits, decimal = stripped[len(sign) :], _decimal()
    if (either := _THOUSANDS.fullmatch(digits)) and either[2] != decimal:
        whole, rest = either[1], either[3]
        part = written(Decimal(f"{whole}.{rest}").normalize())
        raise TypedError(f"{name} is {text!r}, which some read as {whole}{rest} and some as {part}. Type one of these.")
    if _is_grouped(digits):
        digits = re.sub(_group(), "", digits)
    if decimal != "." and digits.count(decimal) == 1 and "." not in digits:
        digits = digits.replace(decimal, ".")
    return f"{sign}{digits}" if _NUMBER.fullmatch(digits) else None


def _is_grouped(digits: str) -> bool:
    """Return whether thousands stand apart as the reader's do; in India they stand by hundreds from there on."""
    thousands = rf"[1-9][0-9]{{0,2}}({_group()}[0-9]{{2,3}})*{_group()}[0-9]{{3}}"
    return bool(re.fullmatch(rf"{thousands}({re.escape(_decimal())}[0-9]*)?", digits))


def _decimal() -> str:
    return formats.separators()[0]


def _group() -> str:
    """Return a pattern of what stands between the reader's thousands, or of anything alike."""
    group = formats.separators()[1:]
    return f"[{re.escape(next((alike for alike in _ALIKE if group in alike), group))}]"


def written(value: Decimal) -> str:
    """Return a number as its reader would type it."""
    return f"{value:f}".replace(".", _decimal())


def required(text: str, name: str) -> Decimal:
    """Return a number that has to be there.

    Raises:
        TypedError: If it is no number, or nothing was typed.
    """
    found = amount(text, name)
    if found is None:
        raise TypedError(f"{name} is needed: {_SUCH.format(written(_EXAMPLE))}.")
    return found


def positive(text: str, name: str, kind: pl.Decimal) -> Decimal | None:
    """Return a number from 0 on, None for nothing.

    Args:
        text: What was typed.
        name: Of the field, as a sentence begins with it.
        kind: What takes it exactly.

    Raises:
        TypedError: If it is none, or has more digits than are kept.

    >>> positive("0.25", "The price", pl.Decimal(20, 8))
    Decimal('0.25')
    """
    found = amount(text, name)
    if found is None:
        return None
    if found < 0:
        raise TypedError(f"{name} is {text!r}: a number from 0 on is expected.")
    before = kind.precision - kind.scale
    if found >= 10**before:
        raise TypedError(f"{name} is {text!r}: a number of at most {before} digits before the point is expected.")
    if found != round(found, kind.scale):
        raise TypedError(f"{name} is {text!r}: a number of at most {kind.scale} decimals is expected.")
    return found


def past_day(value: dt.date | None, name: str, today: dt.date) -> dt.date:
    """Return a day that has to be there, and not to lie ahead.

    Raises:
        TypedError: If there is none, or it does.

    >>> past_day(dt.date(2024, 12, 31), "Paid on", dt.date(2025, 1, 2))
    datetime.date(2024, 12, 31)
    """
    if value is None:
        raise TypedError(f"{name} is needed: a day such as 2024-12-31.")
    if value > today:
        raise TypedError(f"{name} is {value}: a day not after {today} is expected, for it lies in the future.")
    if value < EARLIEST:
        raise TypedError(f"{name} is {value}: a day from {EARLIEST} on is expected.")
    return value


def _refused(text: str, name: str) -> str:
    return f"{name} is {text!r}: {_SUCH.format(written(_EXAMPLE))} is expected."
