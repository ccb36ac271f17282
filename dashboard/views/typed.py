"""Numbers and days that a visitor types, exactly as they stand there.

Belongs here: reading one. Does not: what it is for (the page's own view).
"""

import datetime as dt
import re
from decimal import Decimal

import polars as pl

from pipelines.importers.typed import EARLIEST

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
"""As a file of transactions writes them: no exponents."""


class TypedError(ValueError):
    """What was typed cannot be taken, said in a sentence."""


def amount(text: str, name: str) -> Decimal | None:
    """Return a number, None for nothing.

    A comma is refused rather than guessed about: it stands between thousands for some and before decimals for others.

    Raises:
        TypedError: If it is no number.

    >>> amount(" 12.50 ", "The fee")
    Decimal('12.50')
    """
    if not text.strip():
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise TypedError(_refused(text, name))
    return Decimal(text.strip())


def required(text: str, name: str) -> Decimal:
    """Return a number that has to be there.

    Raises:
        TypedError: If it is no number, or nothing was typed.
    """
    found = amount(text, name)
    if found is None:
        raise TypedError(f"{name} is needed: a number such as 1250 or 0.25.")
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
    return f"{name} is {text!r}: a number such as 1250 or 0.25 is expected, with a point and without separators."
