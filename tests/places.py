"""Where the recorded data lies, and whether what needs it must run.

Belongs here: paths and that one question. Does not: fixtures (`conftest`).
"""

import os
from pathlib import Path

RECORDED = Path(__file__).parent.parent.parent / "shared" / "data"
CASES = RECORDED.parent / "cases"


def required() -> bool:
    """Return whether what needs a service or recorded data must run (as in CI) rather than be skipped."""
    return os.environ.get("FOLIO_REQUIRE_SERVICES") == "1"
