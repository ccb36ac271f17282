"""The demo as a visitor meets it: one command, two pages, the same figures as the command line, nothing left behind."""

import json
import re
import time
import urllib.request
from decimal import Decimal

import pytest
from servers import answer

from tests.pages import SETTLED

pytestmark = pytest.mark.browser


def opened_page(browser, demo):
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
    page.goto(demo.addresses[0])
    page.wait_for_selector("[data-testid=stDataFrame]", timeout=60_000)
    return page


def figure(page, key):
    return page.locator(f".st-key-tile_{key} [data-testid=stMetricValue]").inner_text()


def as_number(text):
    return Decimal(re.sub(r"[^0-9.\-]", "", text.replace("\N{MINUS SIGN}", "-")))


def test_the_demo_prints_both_addresses_and_both_answer(demo):
    assert len(demo.addresses) == 2, "".join(demo.lines)
    for address in (f"{demo.addresses[0]}/_stcore/health", f"{demo.addresses[1]}/server_info"):
        with urllib.request.urlopen(address, timeout=10) as page:
            assert page.status == 200


@pytest.mark.parametrize("portfolio", ["Long-term", "US Growth"])
def test_the_page_and_the_command_line_say_the_same(demo, browser, portfolio):
    code, out, err = answer(demo.home, "show", "--portfolio", portfolio, "--json")
    assert code == 0, err
    summary = json.loads(out)["summary"]
    page = opened_page(browser, demo)
    if portfolio != "Long-term":
        page.locator(".st-key-portfolio [role=combobox], .st-key-portfolio input").first.click()
        page.get_by_role("option", name=portfolio).click()
        page.wait_for_function(
            "value => document.querySelector('.st-key-tile_value')?.innerText.includes(value)",
            arg=f"{Decimal(summary['value']):,.2f}",
            timeout=30_000,
        )
    page.wait_for_function(SETTLED, timeout=30_000)
    for key in ("value", "day_change", "total_gain", "income"):
        assert as_number(figure(page, key)) == round(Decimal(summary[key]), 2), key
    for key in ("twr", "xirr"):
        assert float(as_number(figure(page, key))) == pytest.approx(summary[key] * 100, abs=0.006), key
    assert "28 Dec 2022" in page.inner_text("[data-testid=stMain]")
    page.context.close()


def test_the_published_file_answers_sql(demo):
    code, out, _ = answer(
        demo.home, "sql", "SELECT close FROM price_history WHERE symbol='AAPL' AND date='2013-01-02'", "--csv"
    )
    assert (code, out.split()) == (0, ["close", "549.03000000"])


def test_dividends_are_as_declared(demo):
    query = "SELECT symbol, amount FROM dividend_history WHERE ex_date IN ('2013-02-07', '2013-02-26') ORDER BY symbol"
    _, out, _ = answer(demo.home, "sql", query, "--csv")
    assert out.split() == ["symbol,amount", "AAPL,2.65000000", "NVDA,0.07500000"]


def test_a_second_demo_changes_no_row(demo_home, demo):
    count = "SELECT count(*) AS rows, max(fetched_at) AS latest FROM price_history"
    first, again = (answer(home, "sql", count, "--csv") for home in (demo_home, demo.home))
    assert first[0] == 0, first
    assert again == first


def test_status_names_the_publication_and_the_run(demo):
    code, out, err = answer(demo.home, "status")
    assert code == 0, err
    assert "Last runs" in out
    assert out.count("published") >= 2


def test_the_demo_refuses_a_ledger_of_your_own(tmp_path):
    assert answer(tmp_path, "init")[0] == 0
    code, _, err = answer(tmp_path, "demo", "--no-serve")
    assert code == 2
    assert "of your own" in " ".join(err.split())


def test_ctrl_c_leaves_nothing_running(demo):
    started = time.monotonic()
    code, alive = demo.stop()
    assert (code, alive) == (0, [])
    assert time.monotonic() - started < 30
