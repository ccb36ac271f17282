"""Which sources there are, built from the settings.

Belongs here: the mapping from settings to adapters. Does not: the order in which they are asked for a given symbol.
"""

from typing import TYPE_CHECKING

from pipelines.sources.base import Source
from pipelines.sources.ecb import EcbSource
from pipelines.sources.files import FileSource
from pipelines.sources.yahoo import YahooSource

if TYPE_CHECKING:
    from warehouse.settings import Settings


def make_sources(settings: "Settings") -> dict[str, Source]:
    """Return every source by name, in the order in which to ask: `price_sources` first, then the rest."""
    raise NotImplementedError
