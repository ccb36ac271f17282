"""Judgement of market rows as they were fetched, before anything is written.

Belongs here: screens, each a pure function in a module of its own, and the one call that runs them all. Does not: what
is done with their findings, facts that every stored row must hold to (`pipelines.quality.rules`), clock, network,
storage.
"""

import datetime as dt

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.rows import screen_rows
from pipelines.quality.screens.shape import Fetched, Known

__all__ = ["Fetched", "Known", "screen"]

_SCREENS = (screen_rows,)


def screen(fetched: Fetched, known: Known, *, today: dt.date) -> pl.DataFrame:
    """Return what is not to be believed of a fetch.

    Args:
        fetched: The fetch.
        known: What is stored of the same symbols and currencies.
        today: The clock's day.

    Returns:
        Schema ``FINDINGS``, by table, about, date and rule; a fetched row may have several.
    """
    fetched, known = fetched.conformed(), known.conformed()
    found = pl.concat([pl.DataFrame(schema=FINDINGS), *(one(fetched, known, today=today) for one in _SCREENS)])
    return found.sort("table_name", "about", "date", "rule", "column", maintain_order=True)
