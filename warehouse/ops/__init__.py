"""What happened: runs, gates, quarantine and the health of providers, said at once so that a blocked run is seen.

Belongs here: tables, migrations, and the one class that writes and reads them. Does not: deciding what passes.
"""

from warehouse.ops.alive import alive, is_alive, note_killed, stay_alive
from warehouse.ops.ops import FailedRun, Ops

__all__ = ["FailedRun", "Ops", "alive", "is_alive", "note_killed", "stay_alive"]
