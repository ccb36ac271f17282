"""The whole view on paper: the figures of the document, in full."""

import contextvars
import io
import json
from functools import partial

import pypdf
import pytest
from typer.testing import CliRunner

from pipelines import formats
from pipelines.cli.app import app
from pipelines.cli.exits import Exit
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


def test_money_paid_in_before_a_year_is_over_has_made_what_pages_say_not_a_rate_of_a_year():
    short = view(STATED, PRICES, as_of="2022-06-30", rules=accounts(("A", "EUR", True, False)))
    text = said(complete_report(short))
    assert short.summary.money_weighted != short.summary.xirr
    assert f"Money-weighted, since the first day {formats.percent(short.summary.money_weighted)}" in " ".join(
        text.split()
    )
    assert formats.percent(short.summary.xirr) not in text


def test_a_report_is_written_for_who_asked_for_it_wherever_it_is_made(shown):
    context = contextvars.copy_context()
    context.run(formats.write_for, formats.Reader(formats.locale_of("de-DE")))
    make = context.run(formats.for_this_reader, partial(complete_report, shown))
    text = said(make())
    assert "31.05.2023" in text
    assert (
        formats.made_for(formats.Reader(formats.locale_of("de-DE")), lambda: formats.money(shown.summary.value)) in text
    )
    assert "31 May 2023" in said(complete_report(shown))


def test_what_is_said_of_the_figures_has_no_dates_of_programs():
    text = said(complete_report(view(STATED, PRICES, as_of="2022-04-15", rules=accounts(("A", "EUR", True, False)))))
    assert "after 15 Apr 2022 are not counted" in text


def test_the_command_writes_for_readers_of_a_locale_that_there_is(tmp_path):
    (tmp_path / "t.csv").write_text("date,type,symbol,quantity,price,account\n2022-01-03,BUY,ACME,10,10,A\n")
    (tmp_path / "p.csv").write_text("symbol,date,close,currency\nACME,2022-01-03,10,EUR\nACME,2022-01-04,12.5,EUR\n")
    asked = ["report", "--transactions", tmp_path / "t.csv", "--prices", tmp_path / "p.csv", "--as-of", "2022-01-04"]
    words = [*map(str, asked), "--base", "EUR", "--pdf", str(tmp_path / "r.pdf"), "--locale"]
    assert CliRunner().invoke(app, [*words, "de-DE"]).exit_code == 0
    assert "125,00" in said((tmp_path / "r.pdf").read_bytes())
    refused = CliRunner().invoke(app, [*words, "xx"])
    assert refused.exit_code == Exit.USAGE
