"""A warehouse that takes what a source says, night after night.

Belongs here: what nights of prices and of rates share. Does not: a source's words, a night itself.
"""

import datetime as dt
from importlib.resources import files

from pipelines.needs import REVISED_DAYS
from warehouse.answer import answer
from warehouse.build import open_candidate
from warehouse.ledger import Ledger
from warehouse.ops import Ops
from warehouse.schema import market


class Taking:
    """Stores of their own, and a candidate that stays open; ``query`` says since when values were told anew."""

    query: str

    def __init__(self, settings, source, name):
        self.settings, self.source = settings, source
        self.ops, self.ledger = Ops.open(settings.ops_url), Ledger.open(settings.ledger_url)
        self.candidate = open_candidate(settings, name)

    def revised_since(self, now):
        """Return since when each one's values were told anew of late, by the query that a run asks."""
        return self.asked_since(self.query, now, market.OWN_FILES)

    def asked_since(self, query, now, *parameters):
        """Return what a query says of the last days."""
        return self.said(query, now - dt.timedelta(days=REVISED_DAYS), *parameters)

    def said(self, query, *parameters):
        """Return what a query says of what is stored."""
        text = (files("warehouse") / "queries" / f"{query}.sql").read_text(encoding="utf-8")
        return answer(self.candidate.connection, text, list(parameters))

    def stored(self, table):
        return self.candidate.read(table)

    def states(self):
        return dict(self.ops.quarantine().rows().select("rule", "state").unique().iter_rows())
