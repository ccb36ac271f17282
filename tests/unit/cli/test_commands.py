"""Commands: what they print, what they refuse, how they leave."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit

ROOT = Path(__file__).parents[3]
HEAVY = ("dagster", "yfinance", "streamlit", "exchange_calendars", "great_expectations", "alembic")


@pytest.fixture
def folio(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    return lambda *words: runner.invoke(app, list(words))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "t.csv").write_text(
        "date,type,symbol,quantity,price,fee\n2020-01-01,BUY,ACME,10,10,1\n2020-06-01,SELL,ACME,4,12,1\n"
    )
    (tmp_path / "p.csv").write_text("symbol,date,close,currency\nACME,2020-01-01,10,USD\nACME,2020-12-31,15,USD\n")
    (tmp_path / "fx.csv").write_text("date,from,to,rate\n2020-01-01,EUR,USD,1.25\n2020-12-30,EUR,USD,1.20\n")
    return tmp_path


def words_of(result):
    return " ".join(result.output.split())


def test_a_first_portfolio_and_its_transactions(folio, tmp_path):
    assert folio("init", "--portfolio", "Mine", "--base", "usd").exit_code == Exit.OK
    (tmp_path / "t.csv").write_text(
        "date,type,account,symbol,quantity,price,currency,external_id\n2020-01-01,BUY,A,ACME,1,5,USD,x1\n"
    )
    first, second = folio("import", "t.csv"), folio("import", "t.csv")
    assert (first.exit_code, second.exit_code) == (Exit.OK, Exit.OK)
    assert "1 added" in first.output
    assert "0 added, 1 already there" in second.output
    state = folio("status")
    assert "nothing yet" in state.output
    assert "Mine" in state.output


def test_what_is_no_setting_is_said_once_with_what_may_be_meant(folio, tmp_path, monkeypatch):
    assert folio("init").exit_code == Exit.OK
    monkeypatch.setenv("FOLIO_LEDGER_DATABASE", "postgresql://elsewhere/folio")
    (tmp_path / ".env").write_text("FOLIO_COLOUR=blue\nFOLIO_USER=me\n")
    said = words_of(folio("status"))
    assert (
        said.count("FOLIO_LEDGER_DATABASE is no setting and changes nothing: is FOLIO_LEDGER_DATABASE_URL meant?") == 1
    )
    assert said.count("FOLIO_COLOUR is no setting and changes nothing. See .env.example.") == 1
    assert "FOLIO_USER" not in said


def test_of_a_ledger_that_cannot_be_read_the_status_tells_all_the_rest(folio, tmp_path):
    assert folio("init").exit_code == Exit.OK
    (tmp_path / "home" / "ledger.sqlite").write_bytes(b"no database" * 1000)
    told, as_json = folio("status"), folio("status", "--json")
    assert (told.exit_code, as_json.exit_code) == (Exit.FAILED, Exit.FAILED)
    assert "Ledger file is not a database" in words_of(told)
    assert "Published nothing yet" in words_of(told)
    state = json.loads(as_json.stdout)
    assert (state["ledger"], state["portfolios"], state["runs"]) == ("file is not a database", [], [])


def test_a_ledger_that_is_gone_while_figures_of_it_are_published_is_said(folio, tmp_path):
    published = tmp_path / "home" / "published"
    published.mkdir(parents=True)
    (published / "20260130T180000000000-abcdef.duckdb").touch()
    refused = folio("show")
    assert refused.exit_code == Exit.NOTHING_YET
    assert "the ledger is no more at" in words_of(refused)
    assert "bring it back from a copy" in words_of(refused)
    assert not (tmp_path / "home" / "ledger.sqlite").exists()


def test_the_same_file_twice_adds_nothing_even_without_external_ids(folio, tmp_path):
    folio("init")
    (tmp_path / "t.csv").write_text("date,type,account,amount,currency\n2020-01-01,DEPOSIT,A,5,EUR\n")
    assert "1 added" in folio("import", "t.csv").output
    assert "0 added" in folio("import", "t.csv").output


def test_an_oversold_file_is_refused_whole(folio, tmp_path):
    folio("init")
    (tmp_path / "t.csv").write_text(
        "date,type,account,symbol,quantity,price,currency\n2020-01-01,BUY,A,ACME,1,5,EUR\n2020-01-02,SELL,A,ACME,2,5,EUR\n"
    )
    result = folio("import", "t.csv")
    assert result.exit_code == Exit.FAILED
    assert "disposes of 1" in words_of(result)
    (tmp_path / "t.csv").write_text(
        "date,type,account,symbol,quantity,price,currency\n2020-01-02,SELL,A,ACME,1,5,EUR\n"
    )
    assert folio("import", "t.csv").exit_code == Exit.FAILED  # not even the purchase was taken


def test_a_bad_cell_is_named(folio, tmp_path):
    folio("init")
    (tmp_path / "t.csv").write_text(
        "date,type,account,symbol,quantity,price,currency\n2020-01-01,BUY,A,ACME,-1,5,EUR\n"
    )
    result = folio("import", "t.csv")
    assert result.exit_code == Exit.FAILED
    assert all(part in words_of(result) for part in ("t.csv", "line 2", "quantity", "-1"))


def test_what_is_not_there_yet_has_its_own_code(folio):
    assert folio("show").exit_code == Exit.NOTHING_YET
    folio("init")
    assert folio("show").exit_code == Exit.NOTHING_YET
    assert folio("sql", "SELECT 1").exit_code == Exit.NOTHING_YET


def test_an_unknown_portfolio_names_those_there_are(folio):
    folio("init", "--portfolio", "Mine")
    result = folio("show", "--portfolio", "Yours")
    assert result.exit_code == Exit.USAGE
    assert "'Mine'" in result.output


def test_a_broken_setting_is_named(folio, monkeypatch):
    monkeypatch.setenv("FOLIO_CLOCK", "yesterday")
    result = folio("status")
    assert result.exit_code == Exit.USAGE
    assert "FOLIO_CLOCK" in result.output


@pytest.mark.parametrize("symbols", ["", " ", ",", " , "])
def test_a_refresh_of_no_symbols_is_wrong_use(folio, symbols):
    folio("init")
    refused = folio("refresh", "--symbols", symbols)
    assert refused.exit_code == Exit.USAGE
    assert "name some, such as AAPL,MSFT" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "--colour"], "No such option: --colour: see `folio show --help`"),
        (["preview-sale", "AAPL"], "Missing argument 'quantity': see `folio preview-sale --help`"),
        (["preview-sale", "AAPL", "-5"], "Missing option '--account': see"),
        (["explain", "summary.twr", "--as-of", "soon"], "Invalid value for '--as-of'"),
        (["nosuch"], "No such command 'nosuch': see `folio --help`"),
        (["--nosuch"], "No such option: --nosuch"),
    ],
)
def test_wrong_use_is_said_on_one_line(folio, words, said):
    refused = folio(*words)
    assert refused.exit_code == Exit.USAGE
    assert refused.stderr.startswith(f"folio: {said}")
    assert (refused.stderr.count("\n"), refused.stdout) == (1, "")


def test_without_a_command_the_help_is_shown(folio):
    assert "Usage:" in folio().output
    assert "by default the first by name" in words_of(folio("show", "--help")).replace("│ ", "").replace("│", "")


def test_a_report_of_a_day_to_come_is_refused(folio, files):
    words = ("--transactions", "t.csv", "--prices", "p.csv", "--as-of", "2999-12-31", "--base", "USD")
    refused = folio("report", *words)
    assert (refused.exit_code, refused.stderr.count("\n")) == (Exit.USAGE, 1)
    assert "--as-of is 2999-12-31: expected a day up to today" in refused.stderr


def report(folio, *more):
    return folio("report", "--transactions", "t.csv", "--prices", "p.csv", "--as-of", "2020-12-31", *more)


def test_a_report_of_plain_files_is_the_document(folio, files):
    result = report(folio, "--base", "EUR", "--fx", "fx.csv", "--accounts", accounts(files), "--json")
    document = json.loads(result.output)
    assert document["summary"]["value"] == "75"
    assert document["holdings"][0]["quantity"] == "6"
    assert document["realized_gains"][0]["gain_local"] == "6.6"


def test_a_row_without_a_currency_has_that_of_its_symbols_prices(folio, files):
    document = json.loads(report(folio, "--base", "EUR", "--fx", "fx.csv", "--json").output)
    assert document["holdings"][0]["cost_local"] == "60.6"
    assert document["holdings"][0]["cost_base"] == "48.48"


def test_a_report_in_no_currency_is_refused(folio, files):
    refused = report(folio, "--base", "ZZZ")
    assert (refused.exit_code, refused.stderr) == (
        Exit.USAGE,
        "folio: --base is 'ZZZ'; expected an ISO 4217 code as EUR\n",
    )


def test_what_the_value_leaves_out_is_said(folio, files):
    (files / "p.csv").write_text("symbol,date,close,currency\nBOLT,2020-01-01,10,USD\n")
    assert "without 1 of 1 holdings" in report(folio, "--base", "USD").output


def test_cash_that_the_value_leaves_out_is_said(folio, files):
    (files / "t.csv").write_text("date,type,account,amount,currency\n2020-01-01,DEPOSIT,Main,100,CHF\n")
    (files / "a.csv").write_text("account,currency,tracks_cash\nMain,USD,true\n")
    said = words_of(report(folio, "--base", "USD", "--accounts", "a.csv"))
    assert "without the cash in CHF" in said
    assert "no rate CHF/USD on or before 2020-12-31: the cash in CHF of Main is in no total" in said


def accounts(files):
    (files / "t.csv").write_text(
        (files / "t.csv").read_text().replace("fee\n", "fee,currency\n").replace(",1\n", ",1,USD\n")
    )
    (files / "a.csv").write_text("account,currency\nMain,USD\n")
    return "a.csv"


@pytest.mark.parametrize(("method", "gain"), [("fifo", "6.6"), ("average", "6.6")])
def test_a_report_in_any_method(folio, files, method, gain):
    result = report(folio, "--base", "USD", "--cost-method", method, "--json")
    assert json.loads(result.output)["realized_gains"][0]["gain_base"] == gain


def test_what_refuses_a_report_is_said_beside_a_home_that_is_broken(folio, files):
    (files / "home").mkdir()
    (files / "home" / "demo.json").write_text("{broken")
    (files / "t.csv").write_text("date,type,symbol,quantity,price\n2020-01-01,SELL,ACME,1,10\n")
    refused = report(folio, "--base", "USD")
    assert (refused.exit_code, type(refused.exception)) == (Exit.FAILED, SystemExit)
    assert refused.stderr.startswith("folio: ")


def test_a_short_is_allowed_where_asked_for(folio, files):
    (files / "t.csv").write_text("date,type,symbol,quantity,price\n2020-01-01,SELL,ACME,1,10\n")
    assert report(folio, "--base", "USD").exit_code == Exit.FAILED
    shown = report(folio, "--base", "USD", "--allow-short", "--json")
    assert json.loads(shown.output)["holdings"][0]["value_base"] == "-15"


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--transactions", "t.csv", "--prices", "p.csv", "--as-of", "2020-12-31", "--base", "USD", "--json"],
        ["show"],
        ["sql", "SELECT 1"],
    ],
)
def test_quick_commands_import_nothing_heavy(files, words):
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from pipelines.cli.app import app\n"
        f"CliRunner().invoke(app, {words!r})\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "FOLIO_HOME": str(files / "home"), "PATH": "/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=files, env=environment, capture_output=True, text=True, check=True
    )
    heavy = done.stdout.strip().splitlines()[-1]
    # A ledger that does not exist yet is made by its migrations; a ready one opens without them.
    assert heavy in {"[]", "['alembic']"} if words == ["show"] else heavy == "[]"
