"""Which tables a run holds to their declaration before it may be published.

Belongs here: the list. Does not: the checks made of it (`checks`).
"""

from warehouse import schema
from warehouse.schema import market

GATED = tuple(table for table in schema.TABLES if table.owner != "publication" and table not in market.REVISIONS)
"""Every table but the revisions, which are written with their histories, and what the publication writes itself."""
