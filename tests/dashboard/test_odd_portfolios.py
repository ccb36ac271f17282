"""Portfolios of which little is known, or in which nothing is held any more: no page breaks on them."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from opening import opened, words
from published import BOUGHT, TODAY, published, purchase

from tests.pages import PAGES
from warehouse.ledger import Ledger

CASH = {"date": BOUGHT, "type": "DEPOSIT", "account": "Depot", "amount": Decimal(1000), "currency": "EUR"}
FREE = {"fee": Decimal(0), "tax": Decimal(0)}
SOLD = purchase(on=BOUGHT + dt.timedelta(days=1)).with_columns(type=pl.lit("SELL"))
ODD = {
    "all is sold": pl.concat([purchase(), SOLD]),
    "nothing is priced": purchase(symbol="NONE"),
    "nothing but cash": pl.DataFrame([CASH | FREE]),
    "no rate is known": purchase().with_columns(currency=pl.lit("NOK")),
    "bought today": purchase(on=TODAY),
}


@pytest.fixture(params=ODD)
def odd(request, settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    own = Ledger.open(settings.ledger_url).for_user(settings.user)
    made = own.create_portfolio("Mine", "EUR")
    own.add_transactions(made.portfolio_id, ODD[request.param], source="test")
    published(settings, own, own.portfolio(made.portfolio_id))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_shows_what_there_is(odd, served, name):
    page = opened(name)
    assert not page.exception
    assert not page.error or "known" in words(page.error)
