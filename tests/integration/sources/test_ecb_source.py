"""The ECB's adapter against the replay server."""

import datetime as dt

import pytest

from pipelines.sources.base import PriceRequest
from pipelines.sources.ecb import EcbSource
from pipelines.sources.errors import GarbledAnswerError, RateLimitError, SourceDownError, UnsupportedError
from tests.replay import Fault, ReplayServer, rates

DAY = dt.date(2022, 12, 28)


def ecb(replay):
    return EcbSource(base_url=replay.url, timeout=5)


def test_a_long_window_takes_the_whole_table(replay):
    said = ecb(replay).rates(["USD", "GBP", "XXX"], dt.date(2022, 1, 1), DAY)
    assert set(said["currency"]) == {"GBP", "USD"}
    assert said["date"].is_between(dt.date(2022, 1, 1), DAY).all()
    assert replay.asked("eurofxref-hist.zip") == 1


def test_a_recent_window_takes_the_short_table(replay):
    last = max(day for _, day, _ in ecb(replay).rates(["USD"], dt.date(1999, 1, 1), dt.date(2030, 1, 1)).rows())
    replay.requests.clear()
    said = ecb(replay).rates(["USD"], last - dt.timedelta(days=7), last)
    assert said["date"].max() == last
    assert replay.asked("eurofxref-hist-90d.zip") == 1
    assert replay.asked("eurofxref-hist.zip") == 0


def test_an_old_short_window_falls_back_to_the_whole_table(replay):
    # Old in the recorded table, and in the bundled one that takes its place where there is none.
    said = ecb(replay).rates(["USD"], dt.date(2015, 6, 2), dt.date(2015, 6, 3))
    assert said["date"].to_list() == [dt.date(2015, 6, 2), dt.date(2015, 6, 3)]
    assert replay.asked("eurofxref-hist.zip") == 1


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("limited", RateLimitError),
        ("malformed", GarbledAnswerError),
        ("down", SourceDownError),
        ("cut", SourceDownError),
    ],
)
def test_failures_are_told_apart(replay, fault, trouble):
    replay.fail_next("eurofxref", Fault(fault))
    with pytest.raises(trouble):
        ecb(replay).rates(["USD"], DAY, DAY)


def test_nobody_there_is_down():
    with ReplayServer() as gone:
        url = gone.url
    with pytest.raises(SourceDownError):
        EcbSource(base_url=url).rates(["USD"], DAY, DAY)


def test_the_ecb_has_no_prices(replay):
    with pytest.raises(UnsupportedError):
        ecb(replay).prices(PriceRequest(symbol="AAPL"), now=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))


def test_the_archives_hold_the_same_rows_at_their_head():
    whole, recent = rates.archive("eurofxref-hist.zip"), rates.archive("eurofxref-hist-90d.zip")
    assert len(recent) < len(whole)
