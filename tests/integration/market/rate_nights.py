"""Nights of rates that the ECB tells: what a run does with them, through the ECB's real client and the replay server.

Belongs here: three currencies as the ECB would tell them, and a night: ask from what is stored and what is held back,
judge, write, resolve. Does not: any expectation.
"""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import polars as pl

from pipelines.ingest import record_rates
from pipelines.needs import earliest, held_since, windows
from pipelines.quality.screens import Fetched
from pipelines.screening import Desk, screened
from pipelines.sources.fetch_rates import fetch_rates
from tests.guards import Clock, guard_at
from tests.integration.market.nights import DAYS, NIGHT
from tests.integration.market.taking import Taking
from warehouse.schema import market

CURRENCIES = ("GBP", "SEK", "USD")
_NOTHING = pl.DataFrame()


class Bank:
    """What the ECB says: each currency a little up and down, until a test says otherwise."""

    def __init__(self):
        self.last = DAYS[NIGHT]
        levels = zip(CURRENCIES, ("0.85", "11.5", "1.1"), strict=True)
        self.rates = {
            (name, day): Decimal(level) * (1000 + number % 5) / 1000
            for name, level in levels
            for number, day in enumerate(DAYS)
        }

    def __call__(self, name):
        days = [day for day in reversed(DAYS) if day <= self.last]
        lines = [", ".join([str(day), *(f"{self.rates[one, day]:.4f}" for one in CURRENCIES)]) for day in days]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as zipped:
            zipped.writestr(name.replace(".zip", ".csv"), "\n".join([", ".join(["Date", *CURRENCIES]), *lines, ""]))
        return packed.getvalue()

    def says(self, name, day, factor):
        """Tell the rate of a day by a factor off from now on."""
        self.rates[name, day] *= Decimal(str(factor))


class Rates(Taking):
    """A warehouse that takes what the ECB says."""

    query = "revised_rates_since"

    def __init__(self, settings, bank, source):
        super().__init__(settings, source, "rates")
        self.bank, self.start = bank, None

    def night(self):
        """Let a day pass and take what is said of it."""
        return self.at(DAYS[DAYS.index(self.bank.last) + 1])

    def at(self, day):
        """Take what is said at the end of a day."""
        self.bank.last = day
        now = dt.datetime.combine(day, dt.time(23), dt.UTC)
        held = held_since(self.ops.quarantine().open_rows(), (market.FX_HISTORY,), by="currency")
        stored = self.stored(market.FX_HISTORY).group_by("currency").agg(
            first_stored=pl.col("date").min(), last_stored=pl.col("date").max()
        )  # fmt: skip
        again = earliest(held, self.revised_since(now), by="currency")
        needed = pl.DataFrame({"currency": CURRENCIES, "first_day": [DAYS[0]] * len(CURRENCIES)})
        self.start = min(first for _, first, _ in windows(needed, stored, again, by="currency", today=day))
        guard = guard_at(self.settings.home, Clock(now))
        told = fetch_rates([self.source], CURRENCIES, self.start, day, guard=guard, now=now).rates
        fetched = Fetched(prices=_NOTHING, dividends=_NOTHING, splits=_NOTHING, rates=told)
        desk = Desk(candidate=self.candidate, ops=self.ops, ledger=self.ledger, now=now, today=day)
        admission = screened(desk, fetched, _NOTHING, (market.FX_HISTORY,))
        record_rates(self.candidate, admission.believed, now=now)
        self.ops.record_run_ended(self.candidate.run_id, "published", None, now)
        return admission

    def rate(self, name, day):
        """Return what is stored of a day."""
        return self.stored(market.FX_HISTORY).filter(currency=name, date=day)["per_eur"].item()

    def unlike_bank(self):
        """Return the days that are stored otherwise than the bank tells them now."""
        rows = self.stored(market.FX_HISTORY).select("currency", "date", "per_eur").iter_rows()
        return [(name, day) for name, day, rate in rows if rate != round(self.bank.rates[name, day], 4)]
