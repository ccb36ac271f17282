"""The collector is as it was, whatever happens meanwhile."""

import gc

import pytest

from pipelines.portfolio.collector import collector_paused


def test_it_is_off_within_and_on_after_even_when_something_fails():
    def fails():
        with collector_paused():
            assert not gc.isenabled()
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off():
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
