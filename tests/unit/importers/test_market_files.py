"""Files of accounts, prices, rates, splits and dividends."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipelines.importers import ImportFileError
from pipelines.importers.canonical import read_accounts, read_dividends, read_fx, read_prices, read_splits
from pipelines.portfolio.frames import ACCOUNT_SCHEMA, DIVIDEND_SCHEMA, FX_SCHEMA, PRICE_SCHEMA, SPLIT_SCHEMA

DAY = dt.date(2024, 1, 2)


@pytest.mark.parametrize(
    ("reader", "schema", "text", "expected"),
    [
        pytest.param(
            read_accounts,
            ACCOUNT_SCHEMA,
            "account,currency,tracks_cash,allow_short\nDepot,EUR,yes,\nCash,,,TRUE\n",
            [("Depot", "EUR", True, False), ("Cash", None, None, True)],
            id="accounts",
        ),
        pytest.param(
            read_accounts, ACCOUNT_SCHEMA, "account\nDepot\n", [("Depot", None, None, False)], id="accounts alone"
        ),
        pytest.param(
            read_prices,
            PRICE_SCHEMA,
            "symbol,date,close,currency\nA,2024-01-02,0.0001,USD\n",
            [("A", DAY, Decimal("0.0001"), "USD")],
            id="prices",
        ),
        pytest.param(
            read_prices,
            PRICE_SCHEMA | {"open": PRICE_SCHEMA["close"], "volume": pl.Int64},
            "symbol,date,close,currency,volume,open\nA,2024-01-02,5,USD,1000,4\n",
            [("A", DAY, Decimal(5), "USD", Decimal(4), 1000)],
            id="prices with more",
        ),
        pytest.param(
            read_fx,
            FX_SCHEMA,
            "date,from,to,rate\n2024-01-02,EUR,USD,1.0956\n",
            [("EUR", "USD", DAY, Decimal("1.0956"))],
            id="rates",
        ),
        pytest.param(
            read_splits,
            SPLIT_SCHEMA,
            "symbol,date,ratio_new,ratio_old\nA,2024-01-02,3,2\n",
            [("A", DAY, Decimal(3), Decimal(2))],
            id="splits",
        ),
        pytest.param(
            read_dividends,
            DIVIDEND_SCHEMA,
            "symbol,ex_date,pay_date,amount,currency\nA,2024-01-02,,0.24,USD\n",
            [("A", DAY, None, Decimal("0.24"), "USD")],
            id="dividends",
        ),
    ],
)
def test_a_file_is_read(reader, schema, text, expected):
    frame = reader(Path("file.csv"), content=text.encode())
    assert frame.schema == pl.Schema(schema)
    assert frame.rows() == expected


@pytest.mark.parametrize(
    ("reader", "text", "line", "column"),
    [
        pytest.param(read_accounts, "account,tracks_cash\nDepot,perhaps\n", 2, "tracks_cash", id="neither"),
        pytest.param(read_accounts, "account\nDepot\nDepot\n", 3, "account", id="an account twice"),
        pytest.param(read_prices, "symbol,date,close\n", 1, "currency", id="no currency"),
        pytest.param(read_prices, "symbol,date,close,currency\nA,2024-01-02,,USD\n", 2, "close", id="no price"),
        pytest.param(
            read_prices,
            "symbol,date,close,currency\nA,2024-01-02,5,USD\nB,2024-01-02,5,USD\nA,2024-01-02,6,USD\n",
            4,
            "date",
            id="two prices of a day",
        ),
        pytest.param(
            read_prices,
            "symbol,date,close,currency\nA,2024-01-02,5,USD\nA,2024-01-03,-37.63,USD\n",
            3,
            "close",
            id="less",
        ),
        pytest.param(read_prices, "symbol,date,close,currency\nA,2024-01-02,0,USD\n", 2, "close", id="worth nothing"),
        pytest.param(
            read_prices, "symbol,date,close,currency,low\nA,2024-01-02,5,USD,-1\n", 2, "low", id="low below nothing"
        ),
        pytest.param(
            read_prices, "symbol,date,close,currency,volume\nA,2024-01-02,5,USD,1.5\n", 2, "volume", id="half a unit"
        ),
        pytest.param(
            read_prices,
            "symbol,date,close,currency,volume\nA,2024-01-02,5,USD,99999999999999999999\n",
            2,
            "volume",
            id="too many units",
        ),
        pytest.param(read_fx, "date,from,to,rate\n2024-01-02,EUR,EUR,1\n", 2, "to", id="a currency in itself"),
        pytest.param(read_fx, "date,from,to,rate\n2024-01-02,EUR,USD,0\n", 2, "rate", id="a rate of zero"),
        pytest.param(read_splits, "symbol,date,ratio_new,ratio_old\nA,2024-01-02,2,0\n", 2, "ratio_old", id="of zero"),
        pytest.param(
            read_dividends, "symbol,ex_date,amount,currency\nA,2024-01-02,-1,USD\n", 2, "amount", id="below zero"
        ),
    ],
)
def test_a_file_is_refused(reader, text, line, column):
    with pytest.raises(ImportFileError) as caught:
        reader(Path("file.csv"), content=text.encode())
    assert (caught.value.line, caught.value.column) == (line, column)
