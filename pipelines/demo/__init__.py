"""The demo: real market data, two invented portfolios, and a clock that stands at its last day.

Belongs here: the bundled data and writing the demo's ledger. Does not: anything that a person's own ledger needs.
"""

import datetime as dt
from pathlib import Path

DEMO_CLOCK = dt.date(2022, 12, 28)
DATA = Path(__file__).parent / "data"
