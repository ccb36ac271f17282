"""One cell of a file → a value, exactly or not at all.

Belongs here: dates, times, decimals, flags, codes. Does not: which column wants which.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

_PLAIN_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)$")
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


class CellError(ValueError):
    """A cell is not what its column wants; the message says what that is."""


Parser = Callable[[str], Any]


def text(cell: str) -> str:
    """Return the cell."""
    return cell


def date(cell: str) -> dt.date:
    """Return an ISO date."""
    try:
        return dt.date.fromisoformat(cell)
    except ValueError as error:
        message = "a date as 2026-01-31"
        raise CellError(message) from error


def time(cell: str) -> dt.time:
    """Return a time of day."""
    try:
        return dt.time.fromisoformat(cell)
    except ValueError as error:
        message = "a time as 14:30 or 14:30:59"
        raise CellError(message) from error


def currency(cell: str) -> str:
    """Return a currency code of a major unit."""
    code = cell.upper() if cell.isupper() or cell.islower() else cell
    if not _CURRENCY.match(code):
        message = "an ISO 4217 currency code such as EUR (of the major unit: GBP, not GBp)"
        raise CellError(message)
    return code


def flag(cell: str) -> bool:
    """Return true or false."""
    try:
        return _FLAGS[cell.lower()]
    except KeyError as error:
        message = "true or false"
        raise CellError(message) from error


def number(*, places: int, digits: int, positive: bool = False, signed: bool = False) -> Parser:
    """Return a parser of exact decimals.

    Args:
        places: Most decimals; a finer figure is refused, never rounded.
        digits: Most digits before the point.
        positive: Whether zero is refused.
        signed: Whether a negative figure is allowed.
    """

    def parse(cell: str) -> Decimal:
        if not _PLAIN_NUMBER.match(cell):
            message = "a plain number with a point, such as 1234.56"
            raise CellError(message)
        try:
            value = Decimal(cell)
        except InvalidOperation as error:
            message = "a number"
            raise CellError(message) from error
        if value < 0 and not signed:
            message = "no negative number: the type gives the direction"
            raise CellError(message)
        if positive and not value:
            message = "more than zero"
            raise CellError(message)
        if -value.normalize().as_tuple().exponent > places:  # type: ignore[operator] # finite, so an int
            message = f"at most {places} decimals"
            raise CellError(message)
        if value and value.adjusted() >= digits:
            message = f"at most {digits} digits before the point"
            raise CellError(message)
        return value

    return parse
