"""A local server that answers as Yahoo, Alpha Vantage and the ECB do, so that the real clients can be tested.

Belongs here: recorded and written bodies, their windows, failures on demand. Does not: any client of ours.
"""

from tests.replay.server import Answer, Fault, ReplayServer

__all__ = ["Answer", "Fault", "ReplayServer"]
