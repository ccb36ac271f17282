"""Splits, dividends, renames and delistings as Yahoo tells them, night after night, through its real client.

A night is what a run does with the market: ask from what is stored and what is held back, judge, write, resolve.
"""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pipelines.ingest import history_rows, record_instruments
from pipelines.listings import tickers, vanished, with_statuses
from pipelines.needs import held_since, windows
from pipelines.quality.screens import Fetched
from pipelines.screening import Desk, screened
from pipelines.sources.base import PriceRequest
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.yahoo import YahooSource
from tests.guards import Clock, guard_at
from tests.replay import ReplayServer
from warehouse.build import attach_candidate, open_candidate
from warehouse.ledger import Ledger
from warehouse.ops import Ops
from warehouse.schema import market

D = Decimal
TABLES = (market.SYMBOLS, *market.HISTORIES[:3])
DAYS = [day for day in (dt.date(2024, 2, 26) + dt.timedelta(n) for n in range(80)) if day.weekday() < 5]
NIGHT = 15  # sessions before the first night
_NEW_YORK = ZoneInfo("America/New_York")


def epoch(day, hour=9, minute=30):
    return int(dt.datetime.combine(day, dt.time(hour, minute), _NEW_YORK).timestamp())


class Yahoo:
    """What Yahoo says of ACME: a hundred dollars a share and a little more each day, until a test says otherwise."""

    def __init__(self):
        self.last = DAYS[NIGHT]
        self.traded = {day: 100.0 + number for number, day in enumerate(DAYS)}
        self.divided = {}  # day -> by what its values are divided in what Yahoo says
        self.splits, self.dividends = {}, {}
        self.currency, self.names = "USD", {"ACME"}
        self.paid_in = {}  # currencies of dividends, where they are not that of the price

    def __call__(self, symbol):
        if symbol not in self.names:
            return None
        days = [day for day in DAYS if day <= self.last]
        closes = [round(self.traded[day] / self.divided.get(day, 1), 6) for day in days]
        volume = [1e6 * self.divided.get(day, 1) for day in days]
        bars = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": volume}
        return {
            "meta": {
                "currency": self.currency,
                "symbol": symbol,
                "exchangeName": "NYQ",
                "instrumentType": "EQUITY",
                "exchangeTimezoneName": "America/New_York",
                "gmtoffset": -18000,
                "regularMarketTime": epoch(self.last, 16, 0),
                "regularMarketPrice": closes[-1],
                "longName": "Acme Inc.",
                "currentTradingPeriod": {"regular": {"start": epoch(self.last), "end": epoch(self.last, 16, 0)}},
                "validRanges": ["1d", "max"],
            },
            "timestamp": [epoch(day) for day in days],
            "indicators": {"quote": [bars]},
            "events": {
                "dividends": {str(epoch(day)): self.dividend(day) for day in self.dividends},
                "splits": {
                    str(epoch(day)): {"date": epoch(day), "numerator": float(new), "denominator": 1.0}
                    for day, new in self.splits.items()
                },
            },
        }

    def dividend(self, day):
        """Return what is said of a dividend."""
        return {"date": epoch(day), "amount": self.dividends[day], "currency": self.paid_in.get(day, self.currency)}

    def restate(self, new, *, before):
        """Divide all values before a day, as for a split."""
        self.divided |= {day: self.divided.get(day, 1) * new for day in DAYS if day < before}


class Market:
    """A warehouse that takes what Yahoo says, and people's statements."""

    def __init__(self, settings, yahoo, source):
        self.yahoo = yahoo
        self.settings, self.source = settings, source
        self.ops, self.ledger = Ops.open(settings.ops_url), Ledger.open(settings.ledger_url)
        self.candidate = open_candidate(settings, "market")
        self.asked = None

    def night(self, day=None):
        """Let a day pass and take what is said of it."""
        self.yahoo.last = today = day or DAYS[DAYS.index(self.yahoo.last) + 1]
        now = dt.datetime.combine(today, dt.time(23), dt.UTC)
        master, renames = self.stored(market.SYMBOLS), self.ledger.market().renames()
        spans = self.stored(market.PRICE_HISTORY).group_by("symbol").agg(
            first_stored=pl.col("date").min(), last_stored=pl.col("date").max()
        )  # fmt: skip
        held = held_since(self.ops.quarantine().open_rows(), TABLES, by="symbol")
        needed = pl.DataFrame({"symbol": ["ACME"], "first_day": [DAYS[0]]})
        ((name, start, end),) = windows(needed, spans, held, by="symbol", today=today)
        self.asked = PriceRequest(symbol=name, provider_symbol=tickers(master, renames).get(name), start=start, end=end)
        guard = guard_at(self.settings.home, Clock(now))
        result = fetch_prices([self.source], [self.asked], guard=guard, now=now)
        gone = vanished(result.failures)
        symbols = with_statuses(result.symbols, gone=gone, priced=spans, stored=master, renames=renames, today=today)
        fetched = Fetched(prices=result.prices, dividends=result.dividends, splits=result.splits, rates=pl.DataFrame())
        desk = Desk(candidate=self.candidate, ops=self.ops, ledger=self.ledger, now=now, today=today)
        admission = screened(desk, fetched, symbols, TABLES)
        record_instruments(self.candidate, admission.believed, admission.symbols, now=now)
        self.ops.record_run_ended(self.candidate.run_id, "published", None, now)
        return admission

    def stored(self, table):
        return self.candidate.read(table)

    def closes(self):
        return dict(self.stored(market.PRICE_HISTORY).select("date", "close").iter_rows())

    def states(self):
        rows = self.ops.quarantine().rows()
        return dict(rows.select("rule", "state").unique().iter_rows())

    def revisions(self):
        return sum(self.stored(table).height for table in market.REVISIONS)


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("yahoo")


@pytest.fixture
def said():
    return Yahoo()


@pytest.fixture
def acme(said, settings, cache_dir):
    """Return the market after its first night: a month of ACME is stored as it was traded."""
    settings.home.mkdir(parents=True)
    with ReplayServer(catalogues=[said]) as server:
        source = YahooSource(base_url=server.url, cache_dir=cache_dir, timeout=5)
        one = Market(settings, said, source)
        one.night(said.last)
        assert one.closes() == {day: D(str(said.traded[day])) for day in DAYS[: NIGHT + 1]}
        yield one
        attach_candidate(settings, "market").drop()


def split_tonight(said, new=10):
    """Let ACME trade at a tenth from the next session on."""
    ex_date = DAYS[DAYS.index(said.last) + 1]
    said.traded |= {day: price / new for day, price in said.traded.items() if day >= ex_date}
    return ex_date


def test_a_split_is_one_row_and_no_stored_row_changes_though_the_whole_series_is_restated(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    ex_date = split_tonight(said)
    said.restate(10, before=ex_date)
    said.splits[ex_date] = 10
    acme.night()
    after = acme.stored(market.PRICE_HISTORY)
    assert after.filter(pl.col("date") < ex_date).equals(before)
    assert acme.closes()[ex_date] == D(str(said.traded[ex_date]))
    assert acme.stored(market.SPLIT_HISTORY).select("ex_date", "ratio_new", "ratio_old").rows() == [(ex_date, 10, 1)]
    assert (acme.revisions(), acme.states()) == (0, {})


def test_a_series_restated_before_its_split_is_told_is_held_back_and_heals_when_it_comes(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    ex_date = split_tonight(said)
    said.restate(10, before=ex_date)
    held = acme.night().held
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    assert {"restated", "untold_split"} == set(held["rule"])
    assert "as for a split of 10 new for o" in "".join(held["reason"])
    master = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (master["last_price"], master["last_price_at"].date()) == (D(115), DAYS[NIGHT])
    acme.night()  # another day, and still no word of the split
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    said.splits[ex_date] = 10
    acme.night()
    assert acme.asked.start <= held["date"].min()
    assert acme.stored(market.PRICE_HISTORY).filter(pl.col("date") < ex_date).equals(before)
    assert acme.closes() == {day: D(str(said.traded[day])) for day in DAYS if day <= said.last}
    assert acme.stored(market.SPLIT_HISTORY).height == 1
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(str(said.traded[said.last]))


def test_a_split_that_is_told_late_is_held_back_as_untold_and_heals_when_it_comes(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    ex_date = split_tonight(said)
    first = acme.night().held.filter(pl.col("table_name") == "price_history")
    assert first.select("date", "rule").unique().rows() == [(ex_date, "untold_split")]
    acme.night()
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    said.restate(10, before=ex_date)
    said.splits[ex_date] = 10
    acme.night()
    assert acme.closes() == {day: D(str(said.traded[day])) for day in DAYS if day <= said.last}
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})


def test_a_provider_that_lies_by_a_hundred_moves_neither_history_nor_the_current_price(acme, said):
    lie = DAYS[NIGHT + 1]
    said.traded[lie] *= 100
    held = acme.night().held
    assert {(row["table_name"], row["rule"]) for row in held.to_dicts()} == {
        ("price_history", "hundredfold"),
        ("symbols", "hundredfold"),
    }
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(115)
    said.traded[lie] /= 100
    acme.night()
    assert acme.closes()[lie] == D(116)
    assert set(acme.states().values()) == {"resolved"}


def test_a_symbol_in_another_currency_is_held_back_until_somebody_accepts_it(acme, said):
    before = acme.stored(market.SYMBOLS).drop("updated_at")
    said.currency = "EUR"
    held = acme.night().held
    assert held.select("table_name", "key", "rule", "value", "expected").rows() == [
        ("symbols", "ACME", "currency_changed", "EUR", "USD")
    ]
    assert acme.stored(market.SYMBOLS).drop("updated_at").equals(before)
    acme.ledger.market().release("me", acme.ops.quarantine().rows().to_dicts(), reason="it moved to Paris")
    acme.night()
    assert acme.stored(market.SYMBOLS)["currency"].item() == "EUR"
    assert acme.states() == {"currency_changed": "released"}


def test_a_corrected_price_and_dividend_go_to_their_revisions(acme, said):
    eve = DAYS[NIGHT]
    said.dividends[eve] = 0.5
    acme.night()
    said.traded[eve], said.dividends[eve] = 115.5, 0.55
    acme.night()
    assert acme.closes()[eve] == D("115.5")
    assert acme.stored(market.DIVIDEND_HISTORY)["amount"].to_list() == [D("0.55")]
    old = acme.stored(market.revisions_of(market.PRICE_HISTORY))["close"].to_list()
    assert (old, acme.stored(market.revisions_of(market.DIVIDEND_HISTORY))["amount"].to_list()) == ([115], [D("0.5")])


def test_a_dividend_in_another_currency_is_held_against_the_price_at_the_rate_of_its_day(acme, said):
    now = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    rates = pl.DataFrame({"currency": ["USD", "JPY"], "date": DAYS[NIGHT], "per_eur": [D("1.10"), D(165)]})
    rates = history_rows(market.FX_HISTORY, rates.with_columns(source=pl.lit("ecb")), now=now)
    acme.candidate.record_history(market.FX_HISTORY, rates, now=now)
    tonight = DAYS[NIGHT + 1]
    said.dividends[tonight], said.paid_in[tonight] = 4500.0, "JPY"
    held = acme.night().held
    assert held.select("rule", "value").rows() == [("dividend_large", "4500")]
    assert held["reason"].item().startswith("4500 JPY (30 USD) is 26.1% of the close of 115")
    assert acme.stored(market.DIVIDEND_HISTORY).is_empty()
    said.dividends[tonight] = 45.0
    acme.night()
    assert acme.stored(market.DIVIDEND_HISTORY).select("amount", "currency").rows() == [(45, "JPY")]
    assert set(acme.states().values()) == {"resolved"}


def test_a_symbol_that_vanishes_keeps_its_history_and_is_delisted_after_a_month(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    said.names.clear()
    acme.night(DAYS[NIGHT] + dt.timedelta(days=29))
    assert acme.stored(market.SYMBOLS)["status"].item() == "active"
    acme.night(DAYS[NIGHT] + dt.timedelta(days=30))
    row = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (row["status"], row["last_price"], row["last_price_at"].date()) == ("delisted", 115, DAYS[NIGHT])
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    said.names.add("ACME")
    acme.night(DAYS[NIGHT + 25])
    assert acme.stored(market.SYMBOLS)["status"].item() == "active"


def test_a_renamed_symbol_goes_on_under_its_own_name(acme, said):
    said.names = {"META"}
    acme.ledger.market().rename("me", "ACME", "META")
    acme.night()
    assert acme.closes()[said.last] == D(str(said.traded[said.last]))
    row = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (row["symbol"], row["provider_symbol"], row["status"]) == ("ACME", "META", "renamed")
    said.names = {"ACME"}
    acme.ledger.market().rename("me", "ACME", "ACME")
    acme.night()
    row = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (row["provider_symbol"], row["status"]) == ("ACME", "active")


def test_a_name_of_another_instrument_changes_nothing_that_is_stored(acme, said):
    prices, master = acme.stored(market.PRICE_HISTORY), acme.stored(market.SYMBOLS)
    said.names, own = {"OTHER"}, dict(said.traded)
    said.traded = {day: price * (0.8 + number % 5 / 20) for number, (day, price) in enumerate(own.items())}
    acme.ledger.market().rename("me", "ACME", "OTHER")
    held = acme.night().held
    assert acme.stored(market.PRICE_HISTORY).equals(prices)
    assert acme.stored(market.SYMBOLS)["last_price"].to_list() == master["last_price"].to_list()
    assert (acme.revisions(), acme.states()) == (0, {"another_series": "open"})
    assert held["date"].max() == said.last
    assert "5 of 6 stored days are told anew" in held["reason"].first()
    said.names, said.traded = {"ACME"}, own
    acme.ledger.market().rename("me", "ACME", "ACME")
    acme.night()
    assert acme.closes() == {day: D(str(own[day])) for day in DAYS if day <= said.last}
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})


def test_a_week_that_is_told_anew_is_no_revision(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    said.traded |= {day: said.traded[day] * (1.002 + n / 1000) for n, day in enumerate(DAYS[NIGHT - 3 : NIGHT + 1])}
    acme.night()
    assert acme.stored(market.PRICE_HISTORY).filter(pl.col("date") <= DAYS[NIGHT]).equals(before)
    assert acme.closes()[said.last] == D(str(said.traded[said.last]))
    assert (acme.revisions(), acme.states()) == (0, {"retold": "open"})
    acme.ledger.market().release("me", acme.ops.quarantine().rows().to_dicts(), reason="the exchange corrected a week")
    acme.night()
    assert acme.closes()[DAYS[NIGHT]] == D(str(round(said.traded[DAYS[NIGHT]], 6)))
    assert (acme.revisions(), acme.states()) == (4, {"retold": "released"})
