"""A page that stays open while its portfolio is renamed or deleted elsewhere: what is shown then is told."""

import pytest
from opening import opened, read
from published import published

NAMES = ["holdings", "transactions", "settings", "tax"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", [{}, {"portfolio": "Mine"}], ids=["first", "named"])
def test_a_portfolio_that_is_renamed_elsewhere_is_still_looked_at(own, settings, name, address):
    ledger, portfolio = own
    published(settings, *own)
    page = opened(name, **address)
    ledger.create_portfolio("Another", "EUR")
    ledger.update_portfolio(portfolio.portfolio_id, name="Ours")
    page = page.run()
    assert not page.exception
    assert page.selectbox(key="portfolio").value == "Ours"
    assert read(page.warning) == "The portfolio 'Mine' was renamed meanwhile: its name is 'Ours'."
    assert "renamed" in read(page.run().warning)
    assert not page.selectbox(key="portfolio").set_value("Another").run().warning


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", [{}, {"portfolio": "Mine"}], ids=["first", "named"])
def test_a_portfolio_that_is_deleted_elsewhere_is_said_to_be(own, settings, name, address):
    ledger, portfolio = own
    published(settings, *own)
    page = opened(name, **address)
    ledger.create_portfolio("Zebra", "EUR")
    ledger.delete_portfolio(portfolio.portfolio_id)
    page = page.run()
    assert not page.exception
    assert page.selectbox(key="portfolio").value == "Zebra"
    assert "The portfolio 'Mine' was deleted meanwhile: this is 'Zebra'." in read(page.warning)


def test_another_that_takes_the_name_is_not_taken_for_it(own, settings):
    ledger, portfolio = own
    published(settings, *own)
    page = opened("holdings")
    ledger.update_portfolio(portfolio.portfolio_id, name="Ours")
    ledger.create_portfolio("Mine", "USD")
    page = page.run()
    assert page.selectbox(key="portfolio").value == "Ours"
    assert "renamed" in read(page.warning)


@pytest.mark.parametrize("name", [*NAMES, "research", "sql"])
def test_the_last_portfolio_that_is_deleted_elsewhere_is_said_to_be(own, settings, name):
    ledger, portfolio = own
    published(settings, *own)
    page = opened(name)
    ledger.delete_portfolio(portfolio.portfolio_id)
    page = page.run()
    assert not page.exception
    assert "The portfolio 'Mine' was deleted meanwhile." in read(page.warning)
    assert "deleted" in read(page.run().warning)
    ledger.create_portfolio("New", "EUR")
    page = page.run()
    assert not page.exception
    assert not page.warning


def test_who_deletes_the_last_portfolio_is_told_once(own):
    page = opened("settings")
    confirm = next(one for one in page.text_input if one.key.startswith("confirm_"))
    page = confirm.set_value("Mine").run().button(key="delete_portfolio").click().run()
    assert not page.exception
    assert not page.warning
    assert "Deleted: Mine" in read(page.success)
