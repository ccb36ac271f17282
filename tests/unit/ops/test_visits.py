"""What people saw last: a visit goes on while they look, and another begins when they come back."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from warehouse.ops import Ops
from warehouse.ops.visits import Seen

NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
FIRST = Seen(NOON, Decimal("100.00000001"), "p1", 1)


@pytest.fixture
def visits(tmp_path):
    return Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}").visits()


def later(seen, **after):
    return replace(seen, at=seen.at + dt.timedelta(**after))


def test_who_comes_for_the_first_time_saw_nothing_before(visits):
    assert visits.seen("ann", "x", FIRST) is None
    assert visits.seen("bob", "x", FIRST) is None


def test_who_comes_back_is_told_what_they_saw_last_as_long_as_they_look(visits):
    visits.seen("ann", "x", FIRST)
    last = replace(later(FIRST, minutes=30), value=Decimal(101), ledger_version=2)
    assert visits.seen("ann", "x", last) is None
    back = replace(later(last, hours=20), value=None, publication_id="p2")
    assert visits.seen("ann", "x", back) == last
    assert visits.seen("ann", "x", later(back, minutes=50)) == last
    assert visits.seen("ann", "y", back) is None


def test_a_longer_pause_begins_another_visit(visits):
    visits.seen("ann", "x", FIRST)
    visits.seen("ann", "x", later(FIRST, hours=2))
    assert visits.seen("ann", "x", later(FIRST, hours=4)) == later(FIRST, hours=2)
