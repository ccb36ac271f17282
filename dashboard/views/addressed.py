"""What is said where an address asks for something that is not there, or is there no more.

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


def renamed(before: str, now: str) -> str:
    """Say that what is looked at has another name than it had."""
    return f"The portfolio {echoed(before)} was renamed meanwhile: its name is {echoed(now)}."


def deleted(name: str, shown: str | None = None) -> str:
    """Say that what was looked at is no more, and what is shown in its place if anything is."""
    instead = "" if shown is None else f": this is {echoed(shown)}"
    return f"The portfolio {echoed(name)} was deleted meanwhile{instead}."


def no_day(asked: str, today: dt.date) -> str:
    """Say that figures are of today and not of the day that was asked for."""
    return f"{echoed(asked)} is no day that figures can be of: this is as of today, {formats.day(today)}."


def no_day_of_knowledge(asked: str) -> str:
    """Say that figures are as known now and not as on the day that was asked for."""
    return f"{echoed(asked)} is no day that figures can be known on: this is as known now."


def no_period(asked: str) -> str:
    """Say that figures are of everything and not of the period that was asked for."""
    return f"There is no period named {echoed(asked)}: this is since the first day."


def no_choice(asked: str, label: str, shown: object) -> str:
    """Say that a control of a page stands at something else than was asked for.

    Args:
        asked: What the address says.
        label: What stands at the control.
        shown: What the control stands at; nothing, or an empty list, where nothing is chosen.
    """
    match shown:
        case None | [] | "":
            instead = "nothing is chosen there"
        case bool():
            instead = f"it is {'on' if shown else 'off'}"
        case list():
            instead = f"it is {', '.join(echoed(str(one)) for one in shown)}"
        case float():
            instead = f"it is {formats.number(shown, decimals=0 if shown.is_integer() else 2)}"
        case _:
            instead = f"it is {echoed(str(shown))}"
    return f"The address asks for {echoed(asked)} under {label}, which cannot be: {instead}."


def not_held(asked: str) -> str:
    """Say that a symbol that was asked for is not among those that are held."""
    return f"Nothing named {echoed(asked)} is held here."


def not_stated(asked: str) -> str:
    """Say that a symbol that was asked for is not among those of a portfolio."""
    return f"Nothing named {echoed(asked)} is in this portfolio."
