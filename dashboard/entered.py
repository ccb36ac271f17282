"""What people type into forms, and telling them where it is refused.

Belongs here: from text to exact numbers, refusals in place. Does not: forms (`app_pages` and what they share), what a
ledger takes (`warehouse.ledger`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation

import streamlit as st

from warehouse.ledger import LedgerError


class NotANumberError(ValueError):
    """A field that takes a number was given something else."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field} is {text!r}; expected digits and a decimal point, such as 1234.50")
        self.field = field
        self.text = text


def exact(field: str, text: str) -> Decimal:
    """Return the number that was typed, every digit of it.

    Raises:
        NotANumberError: If it is none; a comma is refused, for some mean thousands by it and some decimals.

    >>> exact("Gross", " 9.90 ")
    Decimal('9.90')
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise NotANumberError(field, text) from error
    if not number.is_finite():
        raise NotANumberError(field, text)
    return number


def exact_or_none(field: str, text: str) -> Decimal | None:
    """Return the number that was typed, None where the field was left empty.

    Raises:
        NotANumberError: If it is none.
    """
    return exact(field, text) if text.strip() else None


@contextmanager
def told() -> Iterator[None]:
    """Say beside a form why what was entered is not taken; the rest of the page stays."""
    try:
        yield
    except (LedgerError, NotANumberError) as error:
        st.error(f"{error}.", icon=":material/error:")
