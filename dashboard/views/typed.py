"""Numbers that a visitor types into a field of text, exactly as they stand there.

Belongs here: reading one. Does not: what it is for (the page's own view).
"""

from decimal import Decimal, InvalidOperation


class TypedError(ValueError):
    """What was typed is no number, said in a sentence."""


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
    try:
        found = Decimal(text.strip())
    except InvalidOperation as error:
        raise TypedError(_refused(text, name)) from error
    if not found.is_finite():
        raise TypedError(_refused(text, name))
    return found


def required(text: str, name: str) -> Decimal:
    """Return a number that has to be there.

    Raises:
        TypedError: If it is no number, or nothing was typed.
    """
    found = amount(text, name)
    if found is None:
        raise TypedError(f"{name} is needed: a number such as 1250 or 0.25.")
    return found


def positive(text: str, name: str) -> Decimal | None:
    """Return a number from 0 on, None for nothing.

    Raises:
        TypedError: If it is none.
    """
    found = amount(text, name)
    if found is not None and found < 0:
        raise TypedError(f"{name} is {text!r}: a number from 0 on is expected.")
    return found


def _refused(text: str, name: str) -> str:
    return f"{name} is {text!r}: a number such as 1250 or 0.25 is expected, with a point and without separators."
