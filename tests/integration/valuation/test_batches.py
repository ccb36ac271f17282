"""Many portfolios, batch by batch: the same as one by one, whoever computes them, and no process is left behind."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import polars as pl
import psutil
import pytest

from pipelines.valuation.batch import MARTS
from pipelines.valuation.batches import BATCH, FEW, value_portfolios
from tests.processes import assert_gone, workers_of
from warehouse import schema
from warehouse.schema import ledger, market, ops

ROOT = Path(__file__).parents[3]
BOUGHT, LAST = dt.date(2024, 1, 2), dt.date(2024, 1, 12)
DAYS = pl.date_range(BOUGHT, LAST, eager=True)
MANY, REFUSED = FEW + 5, BATCH + 3
CURRENCIES = ("EUR", "USD", "GBP")


def table(declared, rows):
    return pl.DataFrame(
        [dict.fromkeys(declared.names) | row for row in rows], schema=declared.polars_schema, orient="row"
    )


def transaction(number):
    """Return what a portfolio did: a purchase of its own symbol; one of them sells what it does not have."""
    money = {"price": Decimal(10), "fee": Decimal(0), "tax": Decimal(0), "currency": CURRENCIES[number % 3]}
    kind = "SELL" if number == REFUSED else "BUY"
    row = {"portfolio_id": f"p{number:02}", "transaction_id": f"t{number * 7919 % 1000:03}", "sequence": number}
    row |= {"date": BOUGHT, "type": kind, "account": "Depot", "symbol": f"S{number}"}
    return row | {"quantity": Decimal(number + 1)} | money


def tables(count):
    """Return the tables of so many portfolios, each with a symbol of its own and one to compare with."""
    portfolio = {"base_currency": "EUR", "cost_method": "fifo", "benchmark": "S0", "version": 1, "owner_id": "me"}
    names = {f"S{number}": CURRENCIES[number % 3] for number in range(count)}
    prices = [
        {"symbol": symbol, "date": day, "close": Decimal(10 + at), "currency": currency}
        for symbol, currency in names.items()
        for at, day in enumerate(DAYS)
    ]
    rates = [{"currency": name, "date": BOUGHT, "per_eur": Decimal(at)} for at, name in enumerate(CURRENCIES) if at]
    rows = {
        ledger.PORTFOLIOS: [portfolio | {"portfolio_id": f"p{n:02}", "name": f"P{n}"} for n in range(count)],
        ledger.TRANSACTIONS: sorted(map(transaction, range(count)), key=lambda row: row["transaction_id"]),
        market.PRICE_HISTORY: prices,
        market.FX_HISTORY: rates,
        market.SYMBOLS: [
            {"symbol": name, "currency": currency, "exchange": "XETR"} for name, currency in names.items()
        ],
        market.TRADING_SESSIONS: [{"exchange": "XETR", "date": day} for day in DAYS],
    }
    stated = {one.name: table(one, of_table) for one, of_table in rows.items()}
    needed = [one for one in schema.TABLES if one.owner in {"ledger", "market"} or one is ops.QUARANTINE]
    return {one.name: one.empty() for one in needed} | stated


def whole(batches):
    """Return the marts of all batches, without the one section that says how long it took, and what was refused."""
    found = list(batches)
    frames = {one.name: pl.concat([batch.frames[one.name] for batch in found]) for one in MARTS}
    frames["complete_views"] = frames["complete_views"].filter(pl.col("section") != "top")
    return frames, {name: reason for batch in found for name, reason in batch.refused.items()}


def one_by_one(stated):
    portfolios = stated["portfolios"]
    for row in range(portfolios.height):
        yield from value_portfolios(stated | {"portfolios": portfolios[row]}, as_of=LAST)


@pytest.fixture(scope="module")
def stated():
    return tables(MANY)


@pytest.fixture(scope="module")
def valued(stated):
    """Return the marts of all portfolios as this process makes them, and who was refused."""
    return whole(value_portfolios(stated, as_of=LAST))


@pytest.fixture(scope="module")
def valued_alone(stated):
    """Return the same, one portfolio at a time."""
    return whole(one_by_one(stated))


@pytest.mark.parametrize("workers", [1, 2])
def test_batches_say_what_each_portfolio_says_alone(stated, valued_alone, workers, tmp_path):
    frames, refused = whole(value_portfolios(stated, as_of=LAST, workers=workers, folder=tmp_path))
    alone, refused_alone = valued_alone
    assert {name for name, frame in frames.items() if not frame.equals(alone[name])} == set()
    assert refused == refused_alone
    assert list(tmp_path.iterdir()) == []


def test_a_refused_portfolio_in_the_middle_of_a_batch_holds_up_nobody(valued):
    frames, refused = valued
    assert list(refused) == [f"p{REFUSED:02}"]
    assert refused[f"p{REFUSED:02}"].startswith(f"P{REFUSED}: ")
    assert frames["holdings"]["portfolio_id"].n_unique() == MANY - 1


def test_a_portfolio_is_valued_at_its_own_prices_and_rates(valued):
    frames, _ = valued
    values = dict(frames["holdings"].select("portfolio_id", "value_base").iter_rows())
    assert (values["p00"], values["p01"], values["p02"]) == (20, 40, 30)  # 20 each, at 1, 1 and 2 for a euro


def test_what_an_owner_states_counts_in_that_portfolio_alone(stated):
    price = {"portfolio_id": "p00", "symbol": "S0", "date": LAST, "close": Decimal(50), "currency": "EUR"}
    said = {"portfolio_id": "p00", "symbol": "S0", "sector": "Anvils"}
    more = {
        one.name: table(one, [row]) for one, row in ((ledger.MANUAL_PRICES, price), (ledger.SYMBOL_OVERRIDES, said))
    }
    three = stated | {"portfolios": stated["portfolios"].head(3)}
    frames, _ = whole(value_portfolios(three | more, as_of=LAST))
    plain, _ = whole(value_portfolios(three, as_of=LAST))
    values = dict(frames["holdings"].select("portfolio_id", "value_base").iter_rows())
    assert (values["p00"], values["p01"], values["p02"]) == (50, 40, 30)
    others = pl.col("portfolio_id") != "p00"
    assert frames["holdings"].filter(others).equals(plain["holdings"].filter(others))
    assert frames["allocations"].filter(pl.col("key") == "Anvils")["portfolio_id"].to_list() == ["p00"]


def test_few_portfolios_need_no_process(tmp_path):
    with closing(value_portfolios(tables(FEW), as_of=LAST, workers=2, folder=tmp_path)) as batches:
        next(batches)
        assert list(tmp_path.iterdir()) == []


def test_whoever_stops_early_leaves_no_process_and_no_file(stated, tmp_path):
    before = set(workers_of(os.getpid()))
    with closing(value_portfolios(stated, as_of=LAST, workers=2, folder=tmp_path)) as batches:
        next(batches)
        workers = set(workers_of(os.getpid())) - before
        assert len(workers) == 2
    assert not any(one.is_running() for one in workers)
    assert list(tmp_path.iterdir()) == []


PROGRAM = """
import sys, time
from pathlib import Path
from tests.integration.valuation.test_batches import LAST, MANY, tables
from pipelines.valuation.batches import value_portfolios
batches = value_portfolios(tables(MANY), as_of=LAST, workers=2, folder=Path(sys.argv[1]))
next(batches)
print("valuing", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_workers_die_with_the_process_they_work_for(tmp_path, number):
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"valuing\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert len(family) >= 2
        os.kill(parent.pid, number)
        parent.wait()
    assert_gone(family)


def test_a_ctrl_c_in_the_terminal_is_no_matter_for_the_workers(tmp_path):
    words = [sys.executable, "-c", PROGRAM.replace("time.sleep(60)", "sum(1 for _ in batches)"), str(tmp_path)]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as parent:
        while not (workers := workers_of(parent.pid)):
            time.sleep(0.01)
        for worker in workers:
            worker.send_signal(signal.SIGINT)
        said, wrong = parent.communicate(timeout=120)
    assert (said, wrong, parent.returncode) == (b"valuing\n", b"", 0)
