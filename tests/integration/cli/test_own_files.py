"""A person's own files from the import to the publication, on the bundled prices of real instruments."""

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from tests.integration.cli.in_process import put_back_dagster_home

HEADER = "date,type,account,symbol,quantity,price,currency"
BUNDLED = {"FOLIO_PRICE_SOURCES": "demo,inbox", "FOLIO_FX_SOURCES": "demo,inbox", "FOLIO_CLOCK": "2022-12-28"}


@pytest.fixture
def folio(tmp_path, monkeypatch):
    put_back_dagster_home(monkeypatch)
    for name, value in {**BUNDLED, "FOLIO_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*words):
        return CliRunner().invoke(app, list(words))

    made = run("init", "--base", "USD")
    assert made.exit_code == Exit.OK, made.stderr
    return run


def test_a_sale_of_what_a_split_brought_is_taken_once_the_split_is_fetched(folio, tmp_path):
    # Apple's shares were split 4:1 on 2020-08-31.
    rows = ("2020-01-08,BUY,Depot,AAPL,10,303.19,USD", "2020-09-15,SELL,Depot,AAPL,15,115.54,USD")
    (tmp_path / "t.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    refused = folio("import", "t.csv")
    assert refused.exit_code == Exit.FAILED
    assert "run `folio refresh --symbols AAPL` first" in refused.stderr
    refreshed = folio("refresh", "--symbols", "AAPL")
    assert refreshed.exit_code == Exit.OK, refreshed.stderr
    assert folio("import", "t.csv").stdout.startswith("2 added")


def test_a_bad_file_is_named_whole_and_holds_up_no_other(folio, tmp_path):
    inbox = tmp_path / "inbox"
    prices = "symbol,date,close,currency\n"
    (inbox / "prices-good.csv").write_text(f"{prices}MYFUND,2022-12-28,140.25,EUR\n")
    (inbox / "prices-bad.csv").write_text(f"{prices}OTHER,2022-12-28,1,EUR\nOTHER,2022-12-27,{'x' * 70},EUR\n")
    (inbox / "fx.csv").write_text("date,from,to,rate\n2022-12-28,USD,GBP,0.8\n")
    bad = f"prices-bad.csv, line 3, column close: found '{'x' * 70}'; expected a number as 1234.56"
    rates = "fx.csv, line 2, column to: found 'GBP'; expected EUR on one of the two sides. Nothing was taken."
    refreshed = folio("refresh", "--symbols", "AAPL,NOSUCH")
    assert refreshed.exit_code == Exit.OK, refreshed.stderr
    lines = refreshed.stderr.splitlines()
    assert [line.startswith(bad) for line in lines].count(True) == 1
    assert rates in lines
    said = folio("status").stdout.splitlines()
    assert [line.startswith(bad) for line in said].count(True) == 1
    assert rates in said
    closes = folio("sql", "SELECT symbol, close FROM price_history WHERE source = 'inbox'", "--csv").stdout
    assert closes.split() == ["symbol,close", "MYFUND,140.25000000"]

    (inbox / "prices-bad.csv").write_text(f"{prices}AAPL,2022-12-28,118.41,EUR\n")
    other = "prices-bad.csv, line 2, column currency: found 'EUR'; expected USD, in which AAPL has its other prices"
    assert other in folio("refresh").stderr
    assert "USD" in folio("sql", "SELECT DISTINCT currency FROM price_history WHERE symbol = 'AAPL'", "--csv").stdout
    assert "EUR" not in folio("sql", "SELECT currency FROM symbols WHERE symbol = 'AAPL'", "--csv").stdout
