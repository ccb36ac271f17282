"""Commands on a home with a publication: the demo's, made by the command, without a network."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from tests.integration.cli.in_process import put_back_dagster_home

ROOT = Path(__file__).parents[3]
HEAVY = ("dagster", "yfinance", "streamlit", "exchange_calendars", "great_expectations", "alembic")
NOWHERE = "http://127.0.0.1:9"


def environment(home, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLIO_")}
    return {**kept, "FOLIO_HOME": str(home), "PYTHONPATH": str(ROOT), **more}


def run(home, *words, **more):
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", *words]
    return subprocess.run(
        command, env=environment(home, **more), cwd=home, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("demo")
    return home, run(home, "demo", "--live", "--no-serve", FOLIO_YAHOO_URL=NOWHERE, FOLIO_ECB_URL=NOWHERE)


@pytest.fixture
def home(made):
    return made[0]


@pytest.fixture
def folio(home, monkeypatch, tmp_path):
    monkeypatch.setenv("FOLIO_HOME", str(home))
    put_back_dagster_home(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return lambda *words, **options: CliRunner().invoke(app, list(words), **options)


def files_of(home):
    return {path.relative_to(home): path.stat().st_size for path in home.rglob("*") if path.is_file()}


def test_a_live_demo_without_a_network_says_so_and_goes_on(made):
    _, done = made
    assert done.returncode == 0, done.stderr
    assert "No live prices" in done.stderr
    assert "clock stands at 2022-12-28" in done.stdout


def test_each_portfolio_is_a_whole_document(folio):
    values = {}
    for name in ("Long-term", "US Growth"):
        shown = folio("show", "--portfolio", name, "--json")
        document = json.loads(shown.stdout)
        values[name] = document["summary"]["value"]
        assert document["provenance"]["portfolio_name"] == name
        assert document["performance"]["daily"]
        assert document["completeness"]["is_complete"]
    assert len(set(values.values())) == 2


def test_without_a_name_the_first_is_shown_and_the_others_are_named(folio):
    shown = folio("show", "--json")
    assert json.loads(shown.stdout)["provenance"]["portfolio_name"] == "Long-term"
    assert "'US Growth'" in shown.stderr


def test_a_person_sees_what_a_script_sees(folio):
    summary = json.loads(folio("show", "--json").stdout)["summary"]
    assert f"{float(summary['value']):,.2f}" in folio("show").stdout


def test_one_query_in_three_forms(folio):
    query = "SELECT symbol, close FROM price_history WHERE symbol = 'AAPL' AND date = '2013-01-02'"
    assert folio("sql", query, "--csv").stdout == "symbol,close\nAAPL,549.03000000\n"
    assert json.loads(folio("sql", query, "--json").stdout) == [{"symbol": "AAPL", "close": "549.03000000"}]
    assert folio("sql", query).stdout.split() == ["symbol", "close", "AAPL", "549.03000000"]


def test_the_prompt_answers_line_by_line_and_survives_a_mistake(folio):
    asked = folio("sql", input="SELECT 1 AS one;\nSELEC;\nSELECT\n  2 AS two;\nSELECT 3 AS three")
    assert asked.exit_code == Exit.OK
    assert asked.stdout.split() == ["one", "1", "two", "2", "three", "3"]
    assert "Parser Error" in asked.stderr


def test_a_pivot_is_a_query(folio):
    answer = folio("sql", "PIVOT holdings_latest ON symbol USING sum(value_base) GROUP BY portfolio", "--json")
    assert {row["portfolio"] for row in json.loads(answer.stdout)} == {"Long-term", "US Growth"}


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM symbols",
        "DELETE FROM symbols; SELECT 1",
        "CREATE TABLE mine AS SELECT 1; SELECT 1",
        "COPY symbols TO 'symbols.csv'",
        "COPY symbols TO 'symbols.csv'; SELECT 1",
        "EXPLAIN ANALYZE COPY symbols TO 'symbols.csv'",
        "ATTACH 'other.duckdb'; SELECT 1",
        "SET enable_external_access = true; COPY symbols TO 'symbols.csv'; SELECT 1",
        "SET threads = 1",
        "",
    ],
)
def test_nothing_is_ever_written(folio, home, tmp_path, query):
    before = files_of(home)
    refused = folio("sql", query)
    assert refused.exit_code in {Exit.FAILED, Exit.USAGE}
    assert refused.stderr.startswith("folio: SQL")
    assert refused.stderr.count("\n") == 1
    assert files_of(home) == before
    assert list(tmp_path.iterdir()) == []


def test_the_published_file_is_for_everybody(home):
    with duckdb.connect(str((home / "warehouse.duckdb").resolve()), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM holdings_latest").fetchone() == (11,)
    assert (home / "warehouse.duckdb").stat().st_mode & 0o222 == 0


def test_status_says_that_the_published_file_was_changed_and_the_way_back(folio, home):
    published = (home / "warehouse.duckdb").resolve()
    assert json.loads(folio("status", "--json").stdout)["changed"] is None
    before = published.read_bytes()
    mode = published.stat().st_mode
    published.chmod(0o644)
    try:
        published.write_bytes(before + b"more")
        words = folio("status").stdout
    finally:
        published.write_bytes(before)
        published.chmod(mode)
    assert "was changed after it was published, and no run builds on it" in words
    assert "folio refresh" in words


def test_status_in_words_and_as_json(folio):
    state = json.loads(folio("status", "--json").stdout)
    assert state["kind"] == "demo"
    assert [(row["name"], row["version"] - row["published_version"]) for row in state["portfolios"]] == [
        ("Long-term", 0),
        ("US Growth", 0),
    ]
    assert state["runs"][0]["status"] == "published"
    # A fall of a real price by more than 40 % within a day is remarked, and goes on.
    assert [(row["rule"], row["blocking"]) for row in state["failed_gates"]] == [("jump", False)]
    words = folio("status").stdout
    assert state["publication"]["id"] in words
    assert words.count("published") >= 3


@pytest.mark.parametrize(
    "query", ["SELECT 'ä;€'; SELECT 2", "SELECT 1 /* ; */; -- x\n SELECT 2;", ".tables", ".help", "\\d"]
)
def test_one_query_at_a_time_and_nothing_but_sql(folio, query):
    refused = folio("sql", query)
    assert (refused.exit_code, refused.stderr.count("\n"), refused.stdout) == (Exit.USAGE, 1, "")
    assert "ask one at a time" in refused.stderr or "SHOW TABLES; lists the tables" in refused.stderr


@pytest.mark.parametrize(
    "query", ["SELECT 1 AS one -- äöü€\n;", "SELECT 1 AS one; -- and; no; more", "SELECT 1 AS one;;"]
)
def test_semicolons_and_comments_after_a_query_are_fine(folio, query):
    assert folio("sql", query, "--csv").stdout == "one\n1\n"


def test_the_prompt_says_what_it_understands_and_can_be_left(folio):
    asked = folio("sql", input=".tables\nhelp\nSELECT 1 AS one;\nexit\nSELECT 2 AS two;\n")
    assert asked.exit_code == Exit.OK
    assert asked.stdout.split() == ["one", "1"]
    assert asked.stderr.count("SHOW TABLES; lists the tables, DESCRIBE holdings; the columns of one. Ctrl-D") == 2


@pytest.mark.parametrize(
    "words", [["show"], ["explain", "summary.twr"], ["rebalance", "--target", "AAPL=1"]], ids=" ".join
)
def test_a_day_after_the_clocks_is_refused(folio, words):
    refused = folio(*words, "--portfolio", "US Growth", "--as-of", "2022-12-29")
    assert (refused.exit_code, refused.stderr) == (
        Exit.USAGE,
        "folio: --as-of is 2022-12-29: expected a day up to today, 2022-12-28\n",
    )


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_publication_that_is_not_there_names_those_that_are(folio, option):
    known = json.loads(folio("status", "--json").stdout)["publication"]["id"]
    refused = folio("diff", option, "foo", "--portfolio", "US Growth")
    assert (refused.exit_code, refused.stderr.count("\n")) == (Exit.USAGE, 1)
    assert f"{option} is 'foo': expected one of " in refused.stderr
    assert known in refused.stderr


def preview(folio, *words):
    return folio("preview-sale", *words, "--account", "Brokerage", "--portfolio", "US Growth")


def test_a_previewed_sale_says_at_which_price_of_which_day(folio):
    shown = preview(folio, "NVDA", "5")
    assert shown.exit_code == Exit.OK, shown.output
    assert shown.stdout.splitlines()[0] == "NVDA at 140.36 USD: close, of 2022-12-28"
    assert "stale" not in shown.stdout
    first = json.loads(preview(folio, "NVDA", "5", "--json").stdout)[0]
    assert (first["price"], first["price_date"], first["price_status"]) == ("140.36", "2022-12-28", "close")
    assert (first["proceeds_base"], first["price_currency"]) == ("701.8", "USD")
    assert preview(folio, "NVDA", "5", "--price", "100").stdout.splitlines()[0] == "NVDA at 100 USD, as given"


def test_a_sale_at_a_stale_price_is_warned_of(folio):
    shown = preview(folio, "NVDA", "5", "--on", "2023-03-01").stdout.splitlines()
    assert shown[0] == "NVDA at 140.36 USD: stale, of 2022-12-28"
    assert shown[1] == "The price of NVDA is stale: run `folio refresh`, or give one by --price."


@pytest.mark.parametrize(
    ("quantity", "code", "said"),
    [
        ("-5", Exit.USAGE, "QUANTITY is '-5': expected a number from 0 on"),
        ("0", Exit.USAGE, "QUANTITY is '0': expected a number above 0"),
        ("100000", Exit.FAILED, "a sale of up to that can be previewed"),
    ],
)
def test_a_sale_that_cannot_be_is_refused_on_one_line(folio, quantity, code, said):
    refused = preview(folio, "NVDA", quantity)
    assert (refused.exit_code, refused.stderr.count("\n")) == (code, 1)
    assert said in refused.stderr


@pytest.mark.parametrize("words", [["init"], ["import", "t.csv"]])
def test_the_demo_is_not_mistaken_for_your_own(folio, words):
    refused = folio(*words)
    assert refused.exit_code == Exit.USAGE
    assert "holds the demo" in refused.stderr


def test_the_homes_clock_stands_for_every_command_whatever_is_set(folio, monkeypatch):
    monkeypatch.setenv("FOLIO_PRICE_SOURCES", "yahoo")
    monkeypatch.setenv("FOLIO_YAHOO_URL", NOWHERE)
    refreshed = folio("refresh")
    assert refreshed.exit_code == Exit.OK, refreshed.stderr
    assert json.loads(folio("show", "--json").stdout)["as_of"] == "2022-12-28"
    assert json.loads(folio("status", "--json").stdout)["clock"] == "2022-12-28"
    asked = folio("sql", "SELECT count(*) FROM publications WHERE as_of <> '2022-12-28'", "--csv")
    assert asked.stdout.split()[1] == "0"


def test_whoever_reads_no_further_hears_nothing(home):
    words = [sys.executable, "-c", "from pipelines.cli import main; main()", "show", "--json"]
    with subprocess.Popen(words, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as shown:
        assert shown.stdout.readline() == b"{\n"
        shown.stdout.close()
        said = shown.stderr.read()
    assert (shown.returncode, said.count(b"\n")) == (0, 1)
    assert b"--portfolio shows another" in said


@pytest.mark.parametrize("words", [["show"], ["sql", "SELECT 1"], ["status"]], ids=" ".join)
def test_what_reads_a_ready_home_imports_nothing_heavy(home, words):
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from pipelines.cli.app import app\n"
        f"done = CliRunner().invoke(app, {words!r})\n"
        f"print(done.exit_code, [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(home), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0 []"


def test_status_says_that_the_published_file_is_no_more(folio, home):
    path = (home / "warehouse.duckdb").resolve()
    path.rename(path.with_suffix(".away"))
    words = " ".join(folio("status").stdout.split())
    assert "Published gone" in words
    assert "what was published is no more at" in words
    path.with_suffix(".away").rename(path)
