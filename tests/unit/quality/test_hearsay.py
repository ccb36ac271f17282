"""What another provider says of a past that is stored counts for nothing; what is new of it does."""

import pytest

from pipelines.quality.hearsay import without_hearsay
from tests.unit.quality.fetches import closes, dividend, fetch, known, weekdays

DAYS = weekdays(40)
STORED = dividend(amount=1, ex_date=DAYS[20])


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        pytest.param(dividend(amount="1.03", ex_date=DAYS[20], source="alphavantage"), False, id="another amount"),
        pytest.param(dividend(amount=1, ex_date=DAYS[21], source="alphavantage"), False, id="another day"),
        pytest.param(dividend(amount=1, ex_date=DAYS[25], source="alphavantage"), True, id="a dividend of its own"),
        pytest.param(dividend(amount=1, ex_date=DAYS[36], source="alphavantage"), True, id="of days that are priced"),
        pytest.param(dividend(amount="1.03", ex_date=DAYS[20]), True, id="a correction"),
        pytest.param(dividend(amount="1.03", ex_date=DAYS[20], source="inbox"), True, id="a person's own"),
    ],
)
def test_what_is_left_of_a_dividend_beside_one_that_is_stored(told, stays):
    stored = [STORED, dividend(amount=1, ex_date=DAYS[37])]
    week = [row for source in ("yahoo", "alphavantage") for row in closes(*[100] * 5, source=source)]
    said = fetch(prices=week, dividends=[told])
    assert without_hearsay(said, known(dividends=stored)).dividends.height == stays


def test_a_fetch_of_quotes_alone_stays_as_it_is():
    said = fetch(quotes=closes(100))
    assert without_hearsay(said, known(dividends=[STORED])) is said
