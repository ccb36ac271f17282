"""`folio`: everything a person or a scheduler can ask for.

Belongs here: commands, what they print, their exit codes. Does not: figures, SQL, orchestration. What takes long to
import (Dagster, Yahoo, Streamlit) is imported by the command that needs it and by no other.
"""

import sys

from pipelines.cli.interrupts import Interrupted, raise_signals


def main() -> None:
    """Run `folio`."""
    raise_signals()
    try:
        from pipelines.cli.app import main as run  # noqa: PLC0415 - takes long enough to be interrupted
    except Interrupted as interrupt:
        sys.stderr.write("folio: interrupted\n")
        raise SystemExit(128 + interrupt.number) from None
    run()


__all__ = ["main"]
