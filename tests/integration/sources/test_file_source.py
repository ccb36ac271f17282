"""Files as a source: the bundled demo data and a folder that people drop files into."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipelines.importers.cells import MAX_BYTES
from pipelines.sources import inbox
from pipelines.sources.base import DIVIDENDS, PRICES, RATES, SPLITS, PriceRequest
from pipelines.sources.errors import UnknownSymbolError
from pipelines.sources.files import FileSource, bundled
from pipelines.sources.inbox import Inbox
from pipelines.sources.registry import DEMO_DATA, UnknownSourceError, fx_sources, make_sources, price_sources

D = Decimal
NOW = dt.datetime(2022, 12, 29, 12, tzinfo=dt.UTC)
LAST = dt.date(2022, 12, 28)


@pytest.fixture
def demo():
    return FileSource("demo", lambda: bundled(DEMO_DATA))


@pytest.fixture
def dropped(tmp_path):
    return Inbox("inbox", tmp_path)


def ask(source, symbol, **window):
    return source.prices(PriceRequest(symbol=symbol, **window), now=NOW)


def write(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")


def test_bundled_history_is_cut_to_the_window(demo):
    said = ask(demo, "AAPL", start=dt.date(2020, 8, 28), end=dt.date(2020, 8, 31))
    assert said.prices.select("date", "close").rows() == [
        (dt.date(2020, 8, 28), D("499.23")),
        (dt.date(2020, 8, 31), D("129.04")),
    ]
    assert said.splits.select("ratio_new", "ratio_old").rows() == [(D(4), D(1))]
    assert (said.profile.name, said.profile.exchange) == ("Apple Inc.", "XNAS")
    assert said.quote is None


def test_bundled_frames_have_the_declared_schemas(demo):
    said = ask(demo, "AAPL")
    assert (said.prices.schema, said.dividends.schema, said.splits.schema) == (PRICES, DIVIDENDS, SPLITS)
    assert demo.rates(["USD"], LAST, LAST).schema == RATES


def test_nothing_is_known_of_the_future(demo):
    early = demo.prices(PriceRequest(symbol="AAPL"), now=dt.datetime(2020, 9, 1, tzinfo=dt.UTC))
    assert early.prices["date"].max() == dt.date(2020, 9, 1)


def test_bundled_rates(demo):
    assert demo.rates(["USD", "XXX"], LAST, LAST).rows() == [("USD", LAST, D("1.064"))]


def test_what_no_file_has_is_unknown(demo, dropped):
    for source in (demo, dropped):
        with pytest.raises(UnknownSymbolError):
            ask(source, "NOSUCH")


def test_an_empty_folder_has_no_rates(dropped):
    assert dropped.rates(["USD"], LAST, LAST).is_empty()


def test_parquet_in_the_canonical_form(tmp_path, dropped):
    prices = pl.DataFrame({"symbol": ["A"], "date": [LAST], "close": [D("10.5")], "currency": ["EUR"]})
    prices.write_parquet(tmp_path / "prices.parquet")
    pl.DataFrame({"symbol": ["A"], "date": [LAST], "ratio_new": [2], "ratio_old": [1]}).write_parquet(
        tmp_path / "splits.parquet"
    )
    rates = {"date": [LAST, LAST], "from": ["EUR", "GBP"], "to": ["USD", "EUR"], "rate": [D("1.064"), D("1.25")]}
    pl.DataFrame(rates).write_parquet(tmp_path / "fx.parquet")
    said = ask(dropped, "A")
    assert said.prices.select("close", "open", "volume", "currency").rows() == [(D("10.5"), None, None, "EUR")]
    assert said.splits.rows() == [("A", LAST, D(2), D(1))]
    assert dropped.rates(["USD", "GBP"], LAST, LAST).rows() == [("GBP", LAST, D("0.8")), ("USD", LAST, D("1.064"))]


def test_canonical_csv(tmp_path, dropped):
    write(tmp_path, "prices.csv", "symbol,date,close,currency\nA,2022-12-28,10.5,EUR\n")
    write(tmp_path, "dividends.csv", "symbol,ex_date,pay_date,amount,currency\nA,2022-12-28,,0.25,EUR\n")
    write(tmp_path, "splits.csv", "symbol,date,ratio_new,ratio_old\nA,2022-12-28,3,2\n")
    write(tmp_path, "fx.csv", "date,from,to,rate\n2022-12-28,EUR,USD,1.064\n")
    write(tmp_path, "transactions.csv", "not,mine\n")
    said = ask(dropped, "A")
    assert said.prices["close"].to_list() == [D("10.5")]
    assert said.dividends.rows() == [("A", LAST, None, D("0.25"), "EUR", "cash")]
    assert said.splits.rows() == [("A", LAST, D(3), D(2))]
    assert dropped.rates(["USD"], LAST, LAST).rows() == [("USD", LAST, D("1.064"))]


HEAD = "symbol,date,close,currency\n"
GOOD = f"{HEAD}GOOD,2022-12-28,1,EUR\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("prices-b.csv", f"{HEAD}B,2022-12-28,1,EUR\nA,2022-12-28,ten,EUR\n", "line 3, column close: found 'ten'"),
        ("prices-b.csv", f"{HEAD}B,2022-12-28,1,EUR\nA,2022-12-28,0,EUR\n", "line 3, column close: found '0'"),
        ("prices-b.csv", f"{HEAD}A,2022-12-28,1,EUR\nA,2022-12-27,1,USD\n", "line 3, column currency: found 'USD'"),
        ("prices-b.csv", f"{HEAD}GOOD,2022-12-27,1,USD\n", "line 2, column currency: found 'USD'; expected EUR"),
        ("prices-b.csv", f"{HEAD}AAPL,2022-12-27,1,EUR\n", "line 2, column currency: found 'EUR'; expected USD"),
        ("prices-b.csv", f"{HEAD}MSFT,2022-12-27,1,EUR\n", "line 2, column currency: found 'EUR'; expected USD"),
        ("prices-b.csv", f"{HEAD}B,2022-12-28,1", "line 2: found 'B,2022-12-28,1'; expected a line end"),
        (
            "splits.csv",
            "symbol,date,ratio_new,ratio_old\nA,2022-12-28,1,1",
            "line 2: found 'A,2022-12-28,1,1'; expected",
        ),
        ("prices-b.csv", "", "line 1: found nothing; expected a header row"),
        ("dividends.csv", "symbol,ex_date,amount,currency\nA,2022-12-28,0,EUR\n", "line 2, column amount: found '0'"),
        ("splits.csv", "symbol,date,ratio_new,ratio_old\nA,2022-12-28,3,-2\n", "line 2, column ratio_old: found '-2'"),
        ("prices-b.parquet", "no parquet", "prices-b.parquet: "),
    ],
)
def test_a_bad_file_is_named_and_the_others_are_taken_whole(tmp_path, name, text, said):
    write(tmp_path, "prices-a.csv", GOOD)
    write(tmp_path, name, text)
    source = Inbox("inbox", tmp_path, lambda: {"AAPL": {"USD"}})
    taken = source.everything(LAST, {"MSFT": {"USD"}})
    assert taken.content.prices["symbol"].to_list() == ["GOOD"]
    assert [taken.content.dividends.height, taken.content.splits.height] == [0, 0]
    (problem,) = taken.refused
    assert problem.startswith(name)
    assert said in problem
    assert "\n" not in problem
    assert source.every_rate(LAST).refused == ()


@pytest.mark.parametrize("line", ["2022-12-28,USD,GBP,0.8", "2022-12-28,EUR,USD,0"])
def test_a_bad_file_of_rates_holds_up_no_other(tmp_path, dropped, line):
    write(tmp_path, "fx-a.csv", "date,from,to,rate\n2022-12-28,EUR,USD,1.064\n")
    write(tmp_path, "fx-b.csv", f"date,from,to,rate\n2022-12-28,EUR,CHF,1\n{line}\n")
    taken = dropped.every_rate(LAST)
    assert taken.content["currency"].to_list() == ["USD"]
    assert taken.refused[0].startswith("fx-b.csv, line 3, column ")
    assert dropped.everything(LAST, {}).refused == ()


def test_what_no_csv_is_refused_by_its_row(tmp_path, dropped):
    frame = {"symbol": ["A", "B"], "date": [LAST, LAST], "close": [D(1), None], "currency": ["EUR", "EUR"]}
    pl.DataFrame(frame).write_parquet(tmp_path / "prices.parquet")
    pl.DataFrame(frame | {"close": [10.5, 1.0]}).write_parquet(tmp_path / "prices-float.parquet")
    rates = {"date": [LAST], "from": ["USD"], "to": ["EUR"], "rate": [None]}
    pl.DataFrame(rates, schema_overrides={"rate": pl.Decimal(20, 10)}).write_parquet(tmp_path / "fx.parquet")
    floats, null = dropped.everything(LAST, {}).refused
    assert "prices-float.parquet: columns ['close'] hold floats" in floats
    assert "prices.parquet, column close: found nothing" in null
    assert "(row 2)" in null
    assert "fx.parquet, column rate" in dropped.every_rate(LAST).refused[0]
    with pytest.raises(UnknownSymbolError):
        ask(dropped, "A")


def test_a_later_file_counts(tmp_path, dropped):
    for name, close in (("prices-1", "1.5"), ("prices-2", "2.5")):
        frame = pl.DataFrame({"symbol": ["A"], "date": [LAST], "close": [D(close)], "currency": ["EUR"]})
        frame.write_parquet(tmp_path / f"{name}.parquet")
    assert ask(dropped, "A").prices["close"].to_list() == [D("2.5")]


def test_the_settings_name_the_sources(settings):
    assert list(make_sources(settings)) == ["yahoo", "ecb", "inbox", "demo"]
    assert [source.name for source in price_sources(settings)] == ["yahoo"]
    assert [source.name for source in fx_sources(settings)] == ["ecb"]


def test_the_inbox_is_a_source_of_what_lies_in_it(settings):
    settings.inbox_dir.mkdir(parents=True)
    write(settings.inbox_dir, "prices-funds.csv", "")
    assert [source.name for source in price_sources(settings)] == ["yahoo", "inbox"]
    assert [source.name for source in fx_sources(settings)] == ["ecb"]
    write(settings.inbox_dir, "fx.csv", "")
    assert [source.name for source in fx_sources(settings)] == ["ecb", "inbox"]


def test_a_source_that_does_not_exist_is_named(settings):
    with pytest.raises(UnknownSourceError, match="bloomberg"):
        price_sources(settings.model_copy(update={"price_sources": ("bloomberg",)}))


@pytest.mark.parametrize("name", ["prices-b.csv", "prices-b.parquet"])
def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path, dropped, monkeypatch, name):
    """Also one that is cut off, and whose last line would have to be looked for."""
    write(tmp_path, "prices-a.csv", GOOD)
    with (tmp_path / name).open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("read") if path.name == name else whole(path))
    taken = dropped.everything(LAST, {})
    assert taken.content.prices["symbol"].to_list() == ["GOOD"]
    said = "found '100000001 bytes'; expected a file of at most 100000000 bytes; split it into several"
    assert taken.refused == (f"{name}: {said}. Nothing was taken.",)


def test_a_parquet_file_of_too_many_rows_is_refused_by_their_number(tmp_path, dropped, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_ROWS", 2)
    days = [LAST - dt.timedelta(days=back) for back in range(3)]
    frame = pl.DataFrame({"symbol": "A", "date": days, "close": [D(1)] * 3, "currency": "EUR"})
    frame.write_parquet(tmp_path / "prices-a.parquet")
    frame.head(2).write_parquet(tmp_path / "prices-b.parquet")
    taken = dropped.everything(LAST, {})
    assert taken.content.prices.height == 2
    said = "prices-a.parquet: found '3 rows'; expected a file of at most 2 rows; split it into several"
    assert taken.refused == (f"{said}. Nothing was taken.",)
