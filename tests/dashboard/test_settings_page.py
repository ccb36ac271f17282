"""The Settings page: portfolios and accounts, what refuses a change, and a first portfolio."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from opening import opened, read, words
from published import TODAY, published

from dashboard.views import settings as view_of
from dashboard.views.refusals import refusal
from pipelines.importers import ImportFileError
from pipelines.stating import entered_price
from warehouse.ledger import Account, InvalidValueError, Ledger, StaleVersionError


def field(page, kind, start, end):
    return next(one for one in getattr(page, kind) if one.key.startswith(start) and one.key.endswith(f"_{end}"))


def sent(page, start, end=""):
    return next(one for one in page.button if one.key.startswith(start) and one.key.endswith(end)).click().run()


def test_a_portfolio_is_renamed_counted_otherwise_and_compared(own):
    ledger, portfolio = own
    page = opened("settings")
    assert not page.exception
    field(page, "text_input", "portfolio_", "name").set_value("Ours")
    field(page, "selectbox", "portfolio_", "base").set_value("USD")
    field(page, "text_input", "portfolio_", "benchmark").set_value("^GSPC")
    page = sent(page, "portfolio_", "submit")
    assert not page.exception
    assert "Saved" in read(page.success)
    now = ledger.portfolio(portfolio.portfolio_id)
    assert (now.name, now.base_currency, now.benchmark, now.version) == ("Ours", "USD", "^GSPC", portfolio.version + 1)


def test_a_portfolio_that_is_renamed_is_still_the_one_that_is_looked_at(own):
    ledger, _ = own
    ledger.create_portfolio("Another", "EUR")
    page = opened("settings", portfolio="Mine")
    field(page, "text_input", "portfolio_", "name").set_value("Zz Pen$ion *x*")
    page = sent(page, "portfolio_", "submit")
    assert not page.exception
    assert not page.warning
    assert page.selectbox(key="portfolio").value == "Zz Pen$ion *x*"
    assert page.run().selectbox(key="portfolio").value == "Zz Pen$ion *x*"
    assert r"**Zz Pen\$ion \*x\***" in words(page.markdown)


def test_a_new_portfolio_is_looked_at_and_after_its_deletion_another(own):
    page = opened("settings")
    field(page, "text_input", "new_portfolio", "name").set_value("*New*")
    page = sent(page, "new_portfolio", "submit")
    assert page.selectbox(key="portfolio").value == "*New*"
    confirm = next(one for one in page.text_input if one.key.startswith("confirm_"))
    assert confirm.label == r"Type \*New\* to confirm"
    page = confirm.set_value("*New*").run().button(key="delete_portfolio").click().run()
    assert not page.exception
    assert not page.warning
    assert page.selectbox(key="portfolio").value == "Mine"


def test_a_benchmark_is_stored_as_it_is_known_and_one_that_is_not_is_warned_of(own, settings):
    ledger, portfolio = own
    published(settings, *own, named=("ACME",))
    page = opened("settings")
    field(page, "text_input", "portfolio_", "benchmark").set_value("acme")
    page = sent(page, "portfolio_", "submit")
    assert ledger.portfolio(portfolio.portfolio_id).benchmark == "ACME"
    assert not page.warning
    field(page, "text_input", "portfolio_", "benchmark").set_value("^NONE")
    page = sent(page, "portfolio_", "submit")
    assert "Saved" in read(page.success)
    assert "The benchmark ^NONE has no price on or before 30 Jan 2026" in read(page.warning)


def test_what_another_has_changed_meanwhile_is_not_overwritten(own):
    ledger, portfolio = own
    page = opened("settings")
    ledger.update_portfolio(portfolio.portfolio_id, benchmark="^GDAXI")
    field(page, "text_input", "portfolio_", "name").set_value("Ours")
    page = sent(page, "portfolio_", "submit")
    assert "Somebody else has changed this portfolio meanwhile (Benchmark)" in read(page.error)
    assert ledger.portfolio(portfolio.portfolio_id).name == "Mine"
    page = sent(page, "anew")
    assert field(page, "text_input", "portfolio_", "benchmark").value == "^GDAXI"


def test_a_name_that_is_none_is_refused_and_stays_as_typed(own):
    page = opened("settings")
    field(page, "text_input", "portfolio_", "name").set_value(" ")
    page = sent(page, "portfolio_", "submit")
    assert "Name: found nothing; expected a name" in read(page.error)


def test_an_account_is_changed_and_shorts_that_are_needed_stay(own):
    ledger, portfolio = own
    page = opened("settings")
    page = field(page, "selectbox", "account_", "0").set_value("Depot").run()
    field(page, "selectbox", "account_Depot", "currency").set_value("USD")
    field(page, "checkbox", "account_Depot", "short").check()
    page = sent(page, "account_Depot", "submit")
    assert not page.exception
    assert "Saved: Depot" in read(page.success)
    [depot] = ledger.accounts(portfolio.portfolio_id)
    assert (depot.currency, depot.tracks_cash, depot.allow_short) == ("USD", None, True)


def test_a_symbol_is_described_and_priced_in_the_figures_at_the_next_look(own, settings):
    ledger, portfolio = own
    published(settings, *own)
    page = opened("settings")
    page = page.selectbox(key="instrument").set_value("ACME").run()
    field(page, "text_input", "symbol_ACME", "sector").set_value("Anvils")
    page = sent(page, "symbol_ACME", "submit")
    assert "Saved: ACME" in read(page.success)
    field(page, "text_input", "price_ACME", "close").set_value("12,5")
    page = sent(page, "price_ACME", "submit")
    assert "The close is '12,5': a number such as 1250" in read(page.error)
    field(page, "text_input", "price_ACME", "close").set_value("200")
    field(page, "date_input", "price_ACME", "day").set_value(TODAY + dt.timedelta(days=1))
    page = sent(page, "price_ACME", "submit")
    assert "Day is 2026-01-31" in read(page.error)
    field(page, "date_input", "price_ACME", "day").set_value(TODAY)
    page = sent(page, "price_ACME", "submit")
    assert not page.exception
    assert "Stated: ACME, 200.00 EUR of 30 Jan 2026." in read(page.success)
    assert read(page.toast) == read(page.success)  # which is out of sight from the foot of the page
    stated_rows = ledger.frames(portfolio.portfolio_id)
    assert stated_rows.overrides["sector"].to_list() == ["Anvils"]
    assert stated_rows.prices.rows() == [("ACME", TODAY, Decimal(200), "EUR")]
    overview = page.switch_page("app_pages/overview.py").run()
    assert {metric.label: metric.value for metric in overview.metric}["Value, EUR"] == "2,000.00"
    page = overview.switch_page("app_pages/settings.py").run().selectbox(key="instrument").set_value("ACME").run()
    page = sent(page, "price_back_ACME")
    assert ledger.frames(portfolio.portfolio_id).prices.is_empty()


def test_a_price_in_another_currency_is_refused():
    cells = {"symbol": "ACME", "date": "2026-01-05", "close": "1", "currency": "USD"}
    with pytest.raises(ImportFileError) as caught:
        entered_price(cells, currency="EUR")
    assert refusal(caught.value) == "Currency: found 'USD'; expected EUR, in which ACME is priced."
    assert entered_price(cells, currency=None)["close"] == 1


def test_a_second_portfolio_is_made_and_a_name_that_is_taken_refused(own):
    ledger, _ = own
    page = opened("settings")
    field(page, "text_input", "new_portfolio", "name").set_value("Mine")
    page = sent(page, "new_portfolio", "submit")
    assert "There is a portfolio 'Mine' already" in read(page.error)
    assert r"\'Mine\'" in page.error[0].value  # to be read as it is named
    field(page, "text_input", "new_portfolio", "name").set_value("Pension")
    page = sent(page, "new_portfolio", "submit")
    assert not page.exception
    assert [one.name for one in ledger.portfolios()] == ["Mine", "Pension"]


def test_a_portfolio_is_deleted_only_by_its_name(own):
    ledger, _ = own
    page = opened("settings")
    assert page.button(key="delete_portfolio").disabled
    page = _confirmed(page)
    page = page.button(key="delete_portfolio").click().run()
    assert not page.exception
    assert ledger.portfolios() == []


def _confirmed(page):
    confirm = next(one for one in page.text_input if one.key.startswith("confirm_"))
    return confirm.set_value("Mine").run()


def test_before_there_is_a_portfolio_one_can_be_made(served):
    served.home.mkdir(parents=True, exist_ok=True)
    page = opened("settings")
    assert not page.exception
    field(page, "text_input", "new_portfolio", "name").set_value("First")
    sent(page, "new_portfolio", "submit")
    assert [one.name for one in Ledger.open(served.ledger_url).for_user(served.user).portfolios()] == ["First"]


def test_the_demo_takes_another_portfolio_and_stays_the_demo(own, served):
    Ledger.open(served.ledger_url).mark("demo")
    page = opened("settings")
    field(page, "text_input", "new_portfolio", "name").set_value("Second")
    page = sent(page, "new_portfolio", "submit")
    assert not page.error
    assert Ledger.open(served.ledger_url).kind() == "demo"
    assert [one.name for one in own[0].portfolios()] == ["Mine", "Second"]


def test_what_is_not_stated_of_an_account_says_what_counts():
    account = Account(portfolio_id="p", account="Depot", currency=None, tracks_cash=None, allow_short=False)
    assert view_of.accounts([account], "EUR").row(0) == ("Depot", "EUR (base)", "As its transactions say", "No")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidValueError("base_currency", "eur", "an ISO 4217 code"), "Base currency: found 'eur'; expected an ISO"),
        (InvalidValueError("target", Decimal("-5.0"), "a number above zero"), "Target: found -5.0; expected a number"),
        (StaleVersionError("p", 1, 2), "Somebody else has changed the portfolio"),
    ],
    ids=["a value", "a number", "a version"],
)
def test_a_refusal_is_a_sentence(error, words):
    assert refusal(error).startswith(words)


def test_charts_are_saved_as_the_picture_that_is_chosen(own, settings):
    published(settings, *own)
    page = opened("settings")
    page.segmented_control(key="pictures").set_value("PNG").run()
    page = page.switch_page("app_pages/research.py").run()
    page = page.text_input(key="symbol").set_value("ACME").run()
    assert not page.exception
    [chart] = page.get("plotly_chart")
    assert json.loads(chart.proto.config)["toImageButtonOptions"]["format"] == "png"
