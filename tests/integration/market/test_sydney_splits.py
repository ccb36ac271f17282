"""A split in Sydney, whose sessions begin on the evening before in UTC: units and price change together."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tests.integration.market.nights import DAYS, NIGHT, Yahoo
from warehouse.schema import market

D = Decimal
_NEW_YORK, _SYDNEY = ZoneInfo("America/New_York"), ZoneInfo("Australia/Sydney")
EX_DATE = DAYS[NIGHT + 1]
OPENING = dt.datetime.combine(EX_DATE, dt.time(10), _SYDNEY)


def there(epoch):
    """Return the opening of the session in Sydney on the day that a moment has in New York."""
    day = dt.datetime.fromtimestamp(epoch, _NEW_YORK).date()
    return int(dt.datetime.combine(day, dt.time(10), _SYDNEY).timestamp())


class Sydney(Yahoo):
    """The same of an instrument in Sydney, which may be trading."""

    live = None  # price and moment
    exchange = "ASX"

    def __call__(self, symbol):
        chart = super().__call__(symbol)
        chart["timestamp"] = [there(at) for at in chart["timestamp"]]
        chart["events"]["splits"] = {
            at: split | {"date": there(split["date"])} for at, split in chart["events"]["splits"].items()
        }
        price, at = self.live or (chart["meta"]["regularMarketPrice"], chart["timestamp"][-1] + 6 * 3600)
        day = int(OPENING.timestamp() if self.live else chart["timestamp"][-1])
        chart["meta"] |= {
            "exchangeName": self.exchange,
            "exchangeTimezoneName": "Australia/Sydney",
            "regularMarketTime": int(at),
            "regularMarketPrice": price,
            "currentTradingPeriod": {"regular": {"start": day, "end": day + 6 * 3600}},
        }
        return chart


@pytest.fixture
def said(request):
    return getattr(request, "param", Sydney)()


def counted(acme):
    """Return the current price and the splits that go with it."""
    row = acme.stored(market.SYMBOLS).row(0, named=True)
    return row["last_price"], acme.stored(market.SPLIT_HISTORY)["ex_date"].to_list()


class Nameless(Sydney):
    """The same of an instrument whose exchange has no code that anybody knows."""

    exchange = "YHD"


def listed(acme, exchange):
    """Let a session of Sydney be known, or nothing of where the instrument is traded."""
    if exchange is not None:
        row = {"exchange": exchange, "date": EX_DATE, "opens_at": OPENING, "closes_at": OPENING + dt.timedelta(hours=6)}
        acme.candidate.upsert(market.TRADING_SESSIONS, pl.DataFrame([row]))
    assert acme.stored(market.SYMBOLS)["exchange"].to_list() == [exchange]


@pytest.mark.parametrize(("said", "exchange"), [(Sydney, "XASX"), (Nameless, None)], indirect=["said"])
@pytest.mark.parametrize("new", [1.25, 4])
def test_the_first_quotes_wait_with_the_split_until_its_day_has_begun_in_utc(acme, said, new, exchange):
    """Where the master names no exchange, the provider's own clock says of which session a quote is."""
    listed(acme, exchange)
    said.splits[EX_DATE] = new
    said.restate(new, before=EX_DATE)
    price = round(116 / new, 2)
    at = OPENING + dt.timedelta(minutes=30)
    said.live = (price, at.timestamp())
    held = acme.at(at.astimezone(dt.UTC)).held
    assert set(held["rule"]) == {"split_ahead", "split_unconfirmed"}
    assert counted(acme) == (D(115), [])
    midnight = dt.datetime.combine(EX_DATE, dt.time(0, 10), dt.UTC)
    said.live = (price, midnight.timestamp())
    assert acme.at(midnight).held.is_empty()
    assert counted(acme) == (D(str(price)), [EX_DATE])
    assert set(acme.states().values()) == {"resolved"}


def test_without_a_split_the_quotes_of_that_hour_count(acme, said):
    at = OPENING + dt.timedelta(minutes=30)
    said.live = (116.0, at.timestamp())
    assert acme.at(at.astimezone(dt.UTC)).held.is_empty()
    assert counted(acme) == (116, [])
