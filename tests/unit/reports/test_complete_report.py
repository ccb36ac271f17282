"""The whole view on paper: the figures of the document, in full."""

import io
import json

import pypdf
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.reports.complete import complete_report
from tests.unit.portfolio.statements import accounts, view

STATED = """
2022-01-03 DEPOSIT 10000 account=A
2022-01-03 BUY ACME 100 @ 10 fee=5 account=A
2022-02-01 BUY BOLT 10 @ 20 account=A
2022-04-01 DIVIDEND ACME 90 tax=13 account=A
2022-05-02 SELL ACME 20 @ 9 account=A
"""
PRICES = "\n".join(
    f"{name} {day} {close}"
    for day in ("2022-01-03", "2022-02-01", "2023-05-31")
    for name, close in (("ACME", 12), ("BOLT", 25))
)


@pytest.fixture(scope="module")
def shown():
    return view(STATED, PRICES, as_of="2023-05-31", rules=accounts(("A", "EUR", True, False)))


def said(document):
    return " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(document)).pages)


def test_a_report_has_the_figures_of_the_document(shown):
    text = said(complete_report(shown))
    summary = shown.summary
    for amount in (summary.value, summary.cost, summary.income, summary.net_invested):
        assert f"{amount:,.2f}" in text
    assert f"+{summary.twr * 100:.2f}%" in text
    for words in ("ACME", "BOLT", "Drawdowns", "Returns by month", "Page 1 of"):
        assert words in text


def test_a_report_without_a_price_says_what_it_lacks():
    text = said(complete_report(view("2022-01-03 BUY NONE 1 @ 10", "ACME 2022-01-03 1", as_of="2022-01-05")))
    assert "0 of 1 holdings have a price" in text
    assert "missing" in text


def test_the_command_writes_the_same_figures(tmp_path):
    (tmp_path / "t.csv").write_text("date,type,symbol,quantity,price,account\n2022-01-03,BUY,ACME,10,10,A\n")
    (tmp_path / "p.csv").write_text("symbol,date,close,currency\nACME,2022-01-03,10,EUR\nACME,2022-01-04,12.5,EUR\n")
    asked = ["report", "--transactions", tmp_path / "t.csv", "--prices", tmp_path / "p.csv", "--as-of", "2022-01-04"]
    printed = CliRunner().invoke(app, [*map(str, asked), "--base", "EUR", "--json", "--pdf", str(tmp_path / "r.pdf")])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout)["summary"]["value"] == "125"
    assert "125.00" in said((tmp_path / "r.pdf").read_bytes())
