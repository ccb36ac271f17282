"""Column types that keep what they are given.

Belongs here: exact decimals and points in time. Does not: tables.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

from warehouse.relational.errors import InexactValueError, NaiveTimestampError


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros; zero has no sign.

    >>> plain(Decimal("1.50")), plain(Decimal("1E3")), plain(Decimal("-0.0"))
    ('1.5', '1000', '0')
    """
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"", "-0"} else text


class DecimalText(TypeDecorator[Decimal]):
    """A decimal as text in every database, for SQLite's own numbers are floats; never summed in SQL.

    Args:
        digits: How many digits there may be in all.
        places: How many of them after the point; a finer value is refused, never rounded.
    """

    impl = String
    cache_ok = True

    def __init__(self, digits: int, places: int) -> None:
        super().__init__(digits + 2)
        self.digits = digits
        self.places = places

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text to store; SQLAlchemy wraps what `text_of` raises."""
        return None if value is None else self.text_of(value)

    def text_of(self, value: object) -> str:
        """Return a number as it is stored.

        Raises:
            InexactValueError: If the value is no Decimal, not finite, or has too many digits.
        """
        if not isinstance(value, Decimal):
            raise InexactValueError(value, "a Decimal")
        if not value.is_finite():
            raise InexactValueError(value, "a finite number")
        text = plain(value)
        whole, _, fraction = text.lstrip("-").partition(".")
        if len(fraction) > self.places or len(whole) > self.digits - self.places:
            expected = f"a number of up to {self.digits - self.places} digits before and {self.places} after the point"
            raise InexactValueError(value, expected)
        return text

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Return the Decimal that was stored."""
        return None if value is None else Decimal(value)


class UtcTimestamp(TypeDecorator[dt.datetime]):
    """A point in time, stored in UTC; one without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Return the time in UTC, without its zone where the database would lose it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTimestampError(value)
        utc: dt.datetime = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Return the time with its zone."""
        if value is None:
            return None
        zoned: dt.datetime = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
        return zoned
