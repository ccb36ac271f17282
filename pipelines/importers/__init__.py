"""Files of people and brokers → the frames that the ledger and the engine take.

Belongs here: formats. Does not: storing what was read, matching, anything of the network.
"""

from pipelines.importers.errors import ImportFileError

__all__ = ["ImportFileError"]
