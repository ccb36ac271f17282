"""Nights of a market that Yahoo tells: what a run does with it, through Yahoo's real client and the replay server.

Belongs here: one instrument as Yahoo would tell it, and a night: ask from what is stored and what is held back, judge,
write, resolve. Does not: any expectation.
"""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.ingest import record_instruments
from pipelines.listings import last_prices, tickers, vanished, with_statuses
from pipelines.needs import earliest, events_since, held_since, windows
from pipelines.quality.admission import Past
from pipelines.quality.late_splits import entering
from pipelines.quality.screens import Fetched
from pipelines.screening import Desk, screened
from pipelines.sources.base import PriceRequest
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.inbox import Inbox, stated_splits
from tests.guards import Clock, guard_at
from tests.integration.market.taking import Taking
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


class Market(Taking):
    """A warehouse that takes what Yahoo says, and people's statements."""

    query = "revised_since"

    def __init__(self, settings, yahoo, source):
        super().__init__(settings, source, "market")
        self.yahoo, self.asked = yahoo, None

    def night(self, day=None):
        """Let a day pass and take what is said of it."""
        self.yahoo.last = day or DAYS[DAYS.index(self.yahoo.last) + 1]
        return self.at(dt.datetime.combine(self.yahoo.last, dt.time(23), dt.UTC))

    def morning(self):
        """Take what is said on the next session before it opens."""
        return self.at(dt.datetime.combine(DAYS[DAYS.index(self.yahoo.last) + 1], dt.time(9), dt.UTC))

    def at(self, now):
        """Take what is said at a moment."""
        today = now.date()
        master, renames = self.stored(market.SYMBOLS), self.ledger.market().renames()
        spans = self.stored(market.PRICE_HISTORY).group_by("symbol").agg(
            first_stored=pl.col("date").min(), last_stored=pl.col("date").max()
        )  # fmt: skip
        open_rows = self.ops.quarantine().open_rows()
        held = held_since(open_rows, TABLES, by="symbol")
        late = self.asked_since("late_splits_since", now)
        own = stated_splits(self.settings.home / "inbox").with_columns(source=pl.lit(market.OWN_FILES))
        news = entering(own, Past(open_rows=open_rows, releases=self.ledger.market().releases()).released_splits)
        waiting = self.said("told_after_splits_since", news["symbol"].to_list(), news["ex_date"].to_list())
        again = earliest(held, self.revised_since(now), late, waiting, by="symbol")
        needed = pl.DataFrame({"symbol": ["ACME"], "first_day": [DAYS[0]]})
        ((name, start, end),) = windows(needed, spans, again, by="symbol", today=today)
        self.asked = PriceRequest(
            symbol=name,
            provider_symbol=tickers(master, renames).get(name),
            start=start,
            end=end,
            events_from=events_since(needed, spans).get(name),
        )
        guard = guard_at(self.settings.home, Clock(now))
        sources = [self.source, Inbox("inbox", self.settings.home / "inbox")]
        result = fetch_prices(sources, [self.asked], guard=guard, now=now)
        gone = vanished(result.failures)
        priced = last_prices(spans, result.prices)
        symbols = with_statuses(result.symbols, gone=gone, priced=priced, stored=master, renames=renames, today=today)
        fetched = Fetched(prices=result.prices, dividends=result.dividends, splits=result.splits, rates=pl.DataFrame())
        desk = Desk(candidate=self.candidate, ops=self.ops, ledger=self.ledger, now=now, today=today)
        admission = screened(desk, fetched, symbols, TABLES)
        record_instruments(
            self.candidate,
            admission.believed,
            admission.symbols,
            taken_back=admission.taken_back,
            undone=admission.undone,
            now=now,
        )
        self.ops.record_run_ended(self.candidate.run_id, "published", None, now)
        return admission

    def closes(self):
        return dict(self.stored(market.PRICE_HISTORY).select("date", "close").iter_rows())

    def revisions(self):
        return sum(self.stored(table).height for table in market.REVISIONS)


def split_tonight(said, new=10):
    """Let ACME trade at a tenth from the next session on."""
    ex_date = DAYS[DAYS.index(said.last) + 1]
    said.traded |= {day: price / new for day, price in said.traded.items() if day >= ex_date}
    return ex_date
