"""Settings whose default is what the machine has."""

import pytest
from pydantic import ValidationError

from warehouse.settings import Settings


def test_a_stated_number_of_workers_counts():
    assert Settings(_env_file=None, workers=3).worker_count == 3


def test_without_one_there_is_at_least_a_worker():
    assert Settings(_env_file=None).worker_count >= 1


def test_no_workers_at_all_are_refused():
    with pytest.raises(ValidationError):
        Settings(_env_file=None, workers=0)
