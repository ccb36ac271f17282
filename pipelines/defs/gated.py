"""Which tables a run holds to their declaration before it may be published.

Belongs here: the list. Does not: the checks made of it (`checks`).
"""

from warehouse import schema
from warehouse.schema import market, marts

_WRITTEN_WITH_THEIR_HISTORY = market.REVISIONS
_WRITTEN_BY_PUBLICATION = (marts.PUBLICATIONS,)

GATED = tuple(
    table
    for table in schema.TABLES
    if table.owner != "publication" and table not in (*_WRITTEN_WITH_THEIR_HISTORY, *_WRITTEN_BY_PUBLICATION)
)
