"""What is stated as a setting and is none: a name that is spelt wrongly would be obeyed by nobody, and said by nobody.

Belongs here: saying so. Does not: settings themselves (`warehouse.settings`), their values (`stores`).
"""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from dotenv import dotenv_values

from pipelines.cli.console import err
from warehouse.settings import Settings

_PREFIX = "FOLIO_"


def say_unknown_settings() -> None:
    """Warn of each ``FOLIO_…`` of the environment and of ``.env`` that is no setting, once."""
    for name in unknown_settings({*os.environ, *dotenv_values(str(Settings.model_config["env_file"]))}):
        _warn(name)


def unknown_settings(stated: Iterable[str]) -> list[str]:
    """Return the names that begin as settings do and are none, sorted."""
    known = set(_known())
    return sorted(name for name in stated if name.upper().startswith(_PREFIX) and name.upper() not in known)


def _known() -> list[str]:
    return [f"{_PREFIX}{name}".upper() for name in Settings.model_fields]


@lru_cache
def _warn(name: str) -> None:
    near = get_close_matches(name.upper(), _known(), n=1, cutoff=0.8)
    meant = f": is {near[0]} meant?" if near else "."
    err.print(f"{name} is no setting and changes nothing{meant} See .env.example.", style="yellow", markup=False)
