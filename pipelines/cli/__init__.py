"""`folio`: everything a person or a scheduler can ask for.

Belongs here: commands, what they print, their exit codes. Does not: figures, SQL, orchestration. What takes long to
import (Dagster, Yahoo, Streamlit) is imported by the command that needs it and by no other.
"""

from pipelines.cli.app import main

__all__ = ["main"]
