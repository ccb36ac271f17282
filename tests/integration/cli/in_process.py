"""Commands that are run within the process of the tests.

Belongs here: what such a command would leave behind. Does not: commands in processes of their own.
"""

import pytest


def put_back_dagster_home(patch: pytest.MonkeyPatch) -> None:
    """Have ``DAGSTER_HOME`` absent, and put back as it was afterwards, whatever a command makes of it."""
    patch.setenv("DAGSTER_HOME", "of the home that a command works in")
    patch.delenv("DAGSTER_HOME")
