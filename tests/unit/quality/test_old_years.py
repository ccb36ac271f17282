"""Years before all that is stored, as a backfill brings them beside a night's last days, with a split between them."""

import datetime as dt

import polars as pl
import pytest

from pipelines.quality.admission import Past, admit
from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, fetch, frame, known, price, split, symbol, weekdays
from warehouse.schema import market
from warehouse.schema.ops import QUARANTINE

LAST_OLD = weekdays(60)[0]
SPLIT_DAY = weekdays(30)[0]
OLD = closes(*[200, 202] * 10, until=LAST_OLD)
STORED = closes(*[100, 101] * 10, until=weekdays(2)[0])
TONIGHT = [*STORED[-5:], price(close=100)]
HALVED = split(2, 1, ex_date=SPLIT_DAY)


@pytest.mark.parametrize(("told", "rules"), [([HALVED], set()), ([], {"units_unknown"})], ids=["told", "not told"])
def test_old_years_enter_where_their_provider_tells_the_splits_since(told, rules):
    said = admit(
        fetch(prices=[*OLD, *TONIGHT], splits=told),
        frame([symbol()], market.SYMBOLS),
        known(prices=STORED, symbols=[symbol()], splits=[HALVED]),
        Past(
            open_rows=QUARANTINE.empty(),
            releases=pl.DataFrame(schema=dict.fromkeys(("table_name", "rule", "key", "value"), pl.String)),
        ),
        today=DAY + dt.timedelta(days=1),
        judge=screen,
    )
    assert set(said.held["rule"]) == rules
