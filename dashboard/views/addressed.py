"""What is said where an address asks for something that is not there.

Belongs here: wording. Does not: noticing it (`addressed`).
"""

import datetime as dt

from dashboard.views.verbatim import verbatim
from pipelines import formats

MOST = 60
"""Characters of what an address says that are repeated."""


def echoed(text: str) -> str:
    r"""Return what somebody else wrote, to be read as it stands: cut, quoted, and without effect as Markdown.

    >>> print(echoed("**nobody**"))
    \'\*\*nobody\*\*\'
    """
    cut = text if len(text) <= MOST else f"{text[:MOST]}…"
    return verbatim(repr(cut))


def no_portfolio(asked: str, shown: str) -> str:
    """Say that another portfolio is shown than was asked for."""
    return f"There is no portfolio of yours named {echoed(asked)}: this is {echoed(shown)}."


def no_day(asked: str, today: dt.date) -> str:
    """Say that figures are of today and not of the day that was asked for."""
    return f"{echoed(asked)} is no day that figures can be of: this is as of today, {formats.day(today)}."


def no_day_of_knowledge(asked: str) -> str:
    """Say that figures are as known now and not as on the day that was asked for."""
    return f"{echoed(asked)} is no day that figures can be known on: this is as known now."


def no_period(asked: str) -> str:
    """Say that figures are of everything and not of the period that was asked for."""
    return f"There is no period named {echoed(asked)}: this is since the first day."


def not_held(asked: str) -> str:
    """Say that a symbol that was asked for is not among those that are held."""
    return f"Nothing named {echoed(asked)} is held here."


def not_stated(asked: str) -> str:
    """Say that a symbol that was asked for is not among those of a portfolio."""
    return f"Nothing named {echoed(asked)} is in this portfolio."
