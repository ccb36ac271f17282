"""Dividends in the currency of the prices that they were paid out of.

Belongs here: what a dividend is worth in that currency on its ex-date, and saying where nobody can know. Does not:
judgement of it (`dividends`, `repeated`), money that is booked (`pipelines.portfolio.fx` converts that exactly).
"""

from dataclasses import dataclass

import polars as pl

from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from warehouse.schema import market
from warehouse.schema.types import PRICE

RATE_WITHIN_DAYS = 7
"""The rate of the ex-date counts, or the nearest one before it up to so long: no holidays of the ECB are longer."""

_EURO = "EUR"


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What is needed to compare dividends with prices.

    Args:
        quoted: ``symbol``, unique, and ``quoted``, the currency of its prices.
        rates: Rows of `fx_history` above zero, by currency and date.
    """

    quoted: pl.DataFrame
    rates: pl.DataFrame

    @classmethod
    def of(cls, fetched: Fetched, known: Known) -> "Conversion":
        """Return that of a fetch, both conformed; rates are those that are stored."""
        rates = known.rates.filter(pl.col("per_eur") > 0).sort("currency", "date")
        return cls(quoted=quoted_in(fetched.prices, known.prices, known.symbols), rates=rates)

    def worths(self, dividends: pl.DataFrame) -> pl.DataFrame:
        """Return dividends with what they are worth in the currency of their prices.

        Args:
            dividends: Rows with ``symbol``, ``ex_date``, ``amount`` and ``currency``.

        Returns:
            The rows in their order, with ``quoted``, the prices' currency, null without prices; ``worth`` Float64, the
            amount in it, null without a rate; ``lacks``, the currencies whose rate lacks; ``said``, the amount as
            people read it.
        """
        rows = dividends.join(self.quoted, on="symbol", how="left", maintain_order="left").with_row_index("place")
        rated = self._rated(self._rated(rows, "currency"), "quoted").sort("place")
        same, amount = pl.col("currency") == pl.col("quoted"), pl.col("amount").cast(pl.Float64)
        converted = amount * pl.col("quoted_rate") / pl.col("currency_rate")
        lacking = [pl.when(pl.col(f"{name}_rate").is_null()).then(name) for name in ("currency", "quoted")]
        both = pl.format("{} {} ({} {})", text(pl.col("amount")), "currency", figure(pl.col("worth")), "quoted")
        return (
            rated.with_columns(worth=pl.when(same).then(amount).otherwise(converted))
            .with_columns(
                said=pl.when(~same & pl.col("worth").is_not_null()).then(both).otherwise(text(pl.col("amount"))),
                lacks=pl.when(~same & pl.col("worth").is_null()).then(
                    pl.concat_str(lacking, separator=" and ", ignore_nulls=True)
                ),
            )
            .drop("place", "currency_rate", "quoted_rate")
        )

    def in_price_currency(self, dividends: pl.DataFrame) -> pl.DataFrame:
        """Return those dividends whose worth can be known, as rows of `dividend_history` in their prices' currency."""
        if dividends.is_empty():
            return dividends
        rows = self.worths(dividends).filter(pl.col("worth").is_not_null())
        return rows.with_columns(amount=pl.col("worth").cast(PRICE), currency="quoted").select(dividends.columns)

    def _rated(self, rows: pl.DataFrame, currency: str) -> pl.DataFrame:
        """Return the rows with units of one of their currencies for a euro on the ex-date."""
        rate = f"{currency}_rate"
        units = pl.col("per_eur").cast(pl.Float64).alias(rate)
        rated = rows.sort(currency, "ex_date").join_asof(
            self.rates.select(pl.col("currency").alias(currency), "date", units),
            left_on="ex_date",
            right_on="date",
            by=currency,
            tolerance=f"{RATE_WITHIN_DAYS}d",
            check_sortedness=False,
        )
        return rated.with_columns(pl.when(pl.col(currency) == _EURO).then(1.0).otherwise(rate).alias(rate)).drop("date")


def quoted_in(*said: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol``, unique, and ``quoted``, the currency of its prices, by the first frame that says it.

    Args:
        said: Frames with ``symbol`` and ``currency``, the last row of a symbol counts: prices, the master.
    """
    last = [
        frame.group_by("symbol", maintain_order=True).agg(quoted=pl.col("currency").drop_nulls().last())
        for frame in said
    ]
    return pl.concat(last).drop_nulls().unique("symbol", keep="first", maintain_order=True)


def screen_conversion(payouts: pl.DataFrame) -> pl.DataFrame:
    """Return, as remarks, fetched dividends that cannot be held against their prices for want of a rate."""
    return found(
        payouts.filter("fetched", pl.col("lacks").is_not_null()),
        market.DIVIDEND_HISTORY,
        "dividend_not_judged",
        column="amount",
        value=pl.col("amount"),
        reason=pl.format(
            f"{{}} {{}} cannot be held against prices in {{}}: no rate of {{}} in {RATE_WITHIN_DAYS} days up to {{}}",
            text(pl.col("amount")),
            "currency",
            "quoted",
            "lacks",
            "ex_date",
        ),
        held=False,
    )
