"""`folio import`: whole or not at all, and where it is refused."""

import errno
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit

HEADER = "date,type,account,symbol,quantity,price,currency"


@pytest.fixture
def folio(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def imported(folio, tmp_path):
    folio("init")

    def write(*rows, header=HEADER, name="t.csv", options=()):
        (tmp_path / name).write_text("\n".join([header, *rows]) + "\n")
        return folio("import", name, *options)

    return write


def version(folio):
    return json.loads(folio("status", "--json").stdout)["portfolios"][0]["version"]


def test_a_sale_of_too_much_is_named_by_its_line(imported, folio):
    before = version(folio)
    refused = imported("2020-01-01,BUY,A,ACME,1,5,EUR", "", '2020-01-02,SELL,A,ACME,"3",5,EUR')
    assert refused.exit_code == Exit.FAILED
    assert refused.stderr.startswith("folio: t.csv, line 4, column quantity: found '3'; ")
    assert "disposes of 2" in refused.stderr
    assert "if ACME split in between, run `folio refresh --symbols ACME` first" in refused.stderr
    assert "shorts" not in refused.stderr
    assert version(folio) == before


def test_a_sale_that_is_stored_already_counts(imported):
    assert imported("2020-01-01,BUY,A,ACME,2,5,EUR", "2020-01-09,SELL,A,ACME,2,5,EUR").exit_code == Exit.OK
    refused = imported("2020-01-05,SELL,A,ACME,1,5,EUR", name="late.csv")
    assert refused.exit_code == Exit.FAILED
    assert "late.csv does not go with what is there" in refused.stderr


def test_a_file_with_sales_can_come_twice(imported):
    rows = ("2020-01-01,BUY,A,ACME,2,5,EUR", "2020-01-02,SELL,A,ACME,2,5,EUR")
    assert "2 added" in imported(*rows).stdout
    assert "0 added, 2 already there" in imported(*rows).stdout


def test_rows_without_an_account_go_where_they_are_told(imported):
    without = HEADER.replace("account,", "")
    assert imported("2020-01-01,BUY,ACME,2,5,EUR", header=without).exit_code == Exit.FAILED
    told = imported("2020-01-01,BUY,ACME,2,5,EUR", header=without, options=("--account", "Depot"))
    assert told.exit_code == Exit.OK
    assert imported("2020-01-02,SELL,Depot,ACME,2,5,EUR", name="sale.csv").exit_code == Exit.OK


def test_an_external_id_keeps_its_content(imported):
    header = f"{HEADER},external_id"
    assert imported("2020-01-01,BUY,A,ACME,2,5,EUR,x1", header=header).exit_code == Exit.OK
    refused = imported("2020-01-01,BUY,A,ACME,3,5,EUR,x1", header=header, name="other.csv")
    assert refused.exit_code == Exit.FAILED
    assert refused.stderr.startswith("folio: other.csv, line 2, column external_id: found 'x1'; ")


def test_a_lot_that_nobody_bought_is_refused(imported):
    rows = ("2020-01-01,BUY,A,ACME,2,5,EUR,mine", "2020-01-02,SELL,A,ACME,1,5,EUR,other")
    refused = imported(*rows, header=f"{HEADER},lot_id")
    assert refused.stderr.startswith("folio: t.csv, line 3, column lot_id: found 'other'; ")
    assert imported(rows[0], rows[1].replace("other", "mine"), header=f"{HEADER},lot_id").exit_code == Exit.OK


def test_a_code_that_is_no_currency_is_refused(imported, folio):
    refused = imported("2020-01-01,BUY,A,ACME,2,5,QQQ")
    assert "t.csv, line 2, column currency: found 'QQQ'" in refused.stderr
    assert "base_currency is 'QQQ'" in folio("init", "--portfolio", "Other", "--base", "QQQ").stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "a header row"),
        ("latin.csv", HEADER.encode() + b"\n2020-01-01,BUY,Caf\xe9,ACME,1,5,EUR\n", "line 2"),
        ("future.csv", HEADER.encode() + b"\n2999-01-01,BUY,A,ACME,1,5,EUR\n", "column date: found '2999-01-01'"),
        ("type.csv", HEADER.encode() + b"\n2020-01-01,OPTION,A,ACME,1,5,EUR\n", "column type: found 'OPTION'"),
        ("column.csv", HEADER.encode() + b",colour\n", "colour"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(folio, tmp_path, name, content, said):
    folio("init")
    (tmp_path / name).write_bytes(content)
    refused = folio("import", name)
    assert refused.exit_code == Exit.FAILED
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.fixture
def unreadable(tmp_path, monkeypatch):
    """Return names of what is no readable file, with what is said; root may read anything, so it is made to fail."""
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "secret.csv").write_text(HEADER)
    read = Path.read_bytes

    def refusing(path):
        if path.name == "secret.csv":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path)

    may = os.access
    monkeypatch.setattr(Path, "read_bytes", refusing)
    monkeypatch.setattr(os, "access", lambda path, mode, **more: path != "secret.csv" and may(path, mode, **more))
    return {
        "nosuch.csv": "folio: there is no file nosuch.csv: give",
        "folder.csv": "folio: folder.csv is a folder: give",
        "secret.csv": "folio: secret.csv may not be read by you: allow",
    }


def test_a_file_that_cannot_be_read_is_wrong_use(folio, unreadable):
    folio("init")
    for name, said in unreadable.items():
        refused = folio("import", name)
        assert refused.exit_code == Exit.USAGE
        assert refused.stderr.startswith(said)
        assert refused.stderr.count("\n") == 1


def test_a_report_says_which_of_its_files_cannot_be_read(folio, unreadable, tmp_path):
    (tmp_path / "t.csv").write_text("date,type,amount\n2020-01-01,DEPOSIT,5\n")
    rest = ("--as-of", "2020-12-31", "--base", "EUR")
    for name, said in unreadable.items():
        for words in (("--transactions", name, "--prices", "p.csv"), ("--transactions", "t.csv", "--prices", name)):
            refused = folio("report", *words, *rest)
            assert (refused.exit_code, refused.stderr.count("\n")) == (Exit.USAGE, 1)
            assert refused.stderr.startswith(said)


def test_a_second_portfolio_must_be_named(folio, imported):
    folio("init", "--portfolio", "Second", "--account", "A", "--account", "B", "--currency", "usd")
    assert imported("2020-01-01,BUY,A,ACME,1,5,EUR").exit_code == Exit.USAGE
    assert folio("targets", "ACME=0.4").exit_code == Exit.USAGE
    assert folio("targets").exit_code == Exit.OK
    assert imported("2020-01-01,BUY,A,ACME,1,5,USD", options=("--portfolio", "Second")).exit_code == Exit.OK


def test_a_ledger_is_not_made_by_looking(folio, tmp_path):
    for words in (["status"], ["show"], ["import", "t.csv"], ["refresh"], ["up"], ["sql", "SELECT 1"]):
        assert folio(*words).exit_code == Exit.NOTHING_YET, words
    assert not (tmp_path / "home").exists()


def test_a_ledger_that_cannot_be_reached_is_said_in_one_line(folio, monkeypatch, tmp_path):
    (tmp_path / "home").write_text("a file where a folder should be")
    assert folio("init").exit_code == Exit.FAILED
    monkeypatch.setenv("FOLIO_LEDGER_DATABASE_URL", "nonsense")
    refused = folio("status")
    assert (refused.exit_code, refused.stderr.count("\n")) == (Exit.FAILED, 1)


def test_of_a_file_that_has_grown_only_what_is_new_is_added(imported):
    rows = ("2020-01-01,BUY,A,ACME,20,5,EUR", "2020-01-02,SELL,A,ACME,20,5,EUR", "2020-01-03,BUY,A,ACME,1,5,EUR")
    assert "3 added, 0 already there" in imported(*rows).stdout
    written_otherwise = (rows[0].replace("20,5", "20.0,5.00").replace("BUY", "buy"), *rows[1:])
    grown = imported(*written_otherwise, "2020-01-04,BUY,A,ACME,2,5,EUR", name="v2.csv")
    assert "1 added, 3 already there" in grown.stdout
    assert "1 added, 1 already there" in imported(rows[2], rows[2], name="twice.csv").stdout
