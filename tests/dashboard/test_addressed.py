"""What an address asks of a page's controls that they cannot be: said above the page, until something is chosen."""

import pytest
from opening import opened
from published import published


@pytest.fixture
def page(own, settings):
    published(settings, *own)


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("name", "query", "instead"),
    [
        ("transactions", {"do": "nonsense"}, r"under Do, which cannot be: it is \'List\'."),
        ("transactions", {"do": "New", "kind": "nonsense"}, r"under Type, which cannot be: it is \'Buy\'."),
        ("transactions", {"accounts": "nonsense"}, "under Account, which cannot be: nothing is chosen there."),
        ("transactions", {"types": "nonsense"}, "under Type"),
        ("transactions", {"instruments": "nonsense"}, "under Symbol"),
        ("transactions", {"from": "nonsense"}, "under From"),
        ("income", {"income": "nonsense"}, r"under Show, which cannot be: it is \'Received\'."),
        ("holdings", {"group": "nonsense"}, "under Group by, which cannot be: nothing is chosen there."),
        ("allocation", {"by": "nonsense"}, r"under By, which cannot be: it is \'Sector\'."),
        ("allocation", {"shape": "nonsense"}, "under As"),
        ("risk", {"correlation_span": "nonsense"}, r"it is \'3 years\'."),
        ("risk", {"max_cash": "nonsense"}, "under Cash, at most, %, which cannot be: it is 20."),
        ("tax", {"sell": "nonsense"}, "under Sell, which cannot be: nothing is chosen there."),
        ("data_health", {"section": "nonsense"}, r"it is \'Freshness\'."),
        ("data_health", {"section": "Held back", "states": "nonsense"}, r"it is \'open\', \'accepted\'."),
        ("research", {"symbol": "ACME", "on": "nonsense"}, "under Price on"),
        ("research", {"symbol": "ACME", "range": "nonsense"}, r"under Range, which cannot be: it is \'1Y\'."),
        ("research", {"symbol": "ACME", "prices": "nonsense"}, r"it is \'Split\-adjusted\'."),
        ("research", {"symbol": "ACME", "part": "nonsense"}, "under Show"),
        ("research", {"symbol": "ACME", "part": "Statements", "statement": "nonsense"}, r"it is \'Income\'."),
        ("research", {"symbol": "ACME", "part": "Statements", "statement_period": "nonsense"}, "under Period"),
        (None, {"hides_amounts": "nonsense"}, "under Hide amounts, which cannot be: it is off."),
    ],
    ids=str,
)
def test_what_a_control_cannot_be_is_said_until_something_is_chosen(name, query, instead):
    seen = opened(name, **query)
    assert not seen.exception
    [said] = [warning.value for warning in seen.warning if "The address asks" in warning.value]
    assert said.startswith(r"The address asks for \'nonsense\' under ")
    assert instead in said
    assert said in [warning.value for warning in seen.run().warning]


@pytest.mark.usefixtures("page")
def test_it_is_said_no_more_once_something_is_chosen_nor_on_another_page():
    seen = opened("transactions", do="nonsense")
    assert seen.warning
    assert not seen.switch_page("app_pages/holdings.py").run().warning
    seen = opened("transactions", do="nonsense")
    assert not seen.segmented_control(key="do").set_value("Import").run().warning


@pytest.mark.usefixtures("page")
def test_amounts_are_hidden_however_the_address_writes_it():
    seen = opened(hides_amounts="TRUE")
    assert not seen.warning
    assert {metric.label: metric.value for metric in seen.metric}["Value, EUR"] == "•••"
