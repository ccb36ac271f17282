"""The field's types, once: money, prices, quantities, rates, ratios.

Belongs here: one name a kind of quantity, as a Polars type. Does not: columns, tables, conversions.
"""

import polars as pl

PRICE = pl.Decimal(20, 8)
QUANTITY = pl.Decimal(24, 10)
FX_RATE = pl.Decimal(20, 10)
MONEY = pl.Decimal(28, 8)
RATIO = pl.Float64
TIMESTAMP = pl.Datetime("us", "UTC")
