"""What the terminal shows of a view."""

import datetime as dt

import pytest

from pipelines.cli.documents import _priced
from pipelines.portfolio.models import Holding

DAY = dt.date(2024, 6, 12)


@pytest.mark.parametrize(
    ("price_date", "status", "said"),
    [(DAY, "close", "2024-06-12"), (DAY, "stale", "2024-06-12 stale"), (None, "missing", "missing")],
)
def test_a_price_is_never_without_its_day(price_date, status, said):
    assert _priced(Holding.model_construct(price_date=price_date, price_status=status)) == said
