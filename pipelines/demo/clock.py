"""The clock of a demo's home, which the home itself says to everybody who opens it.

Belongs here: writing and ending what the home says. Does not: reading it (`warehouse.settings`).
"""

import json

from pipelines.demo import DEMO_CLOCK
from warehouse.settings import Settings


def stand_still(settings: Settings) -> Settings:
    """Have the home say that its clock stands at the last bundled day, and return its settings from now on."""
    says = {"clock": DEMO_CLOCK.isoformat(), "price_sources": ["demo"], "fx_sources": ["demo"]}
    settings.says_path.write_text(json.dumps(says, indent=2) + "\n", encoding="utf-8")
    return settings.model_copy(update={"clock": DEMO_CLOCK, "price_sources": ("demo",), "fx_sources": ("demo",)})


def go_on(settings: Settings) -> None:
    """Have the home say nothing any more: its clock is the calendar's, its sources are those of the settings."""
    settings.says_path.unlink(missing_ok=True)
