"""The key for Alpha Vantage is a secret: in no message, log, document or record; without it there is no such source."""

import json
import logging
import pickle
import traceback
from urllib.parse import quote_plus

import pytest
from pydantic import SecretStr

from pipelines.cli.home import environment
from pipelines.defs.stores import resources
from pipelines.sources import registry
from pipelines.sources.alphavantage import AlphaVantageSource
from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import SourceError
from tests.integration.sources.test_alphavantage_source import NOW
from tests.replay import Answer, Fault, ReplayServer, alphavantage
from warehouse.settings import Settings

KEY = "K3Y+THAT/NOBODY=SEES"


def notice():
    """Return the refusal that repeats the key, as Alpha Vantage's own does."""
    return Answer(body=alphavantage.refusal("quota").replace(b"(KEY)", KEY.encode()))


def everywhere(error):
    """Return all that a log, a report or another process would get to see of an error."""
    whole = "".join(traceback.format_exception(error, chain=True))
    return whole + repr(error) + repr(vars(error)) + repr(pickle.dumps(error)) + repr(error.__context__)


@pytest.mark.parametrize(
    "fault",
    [
        notice(),
        Fault("down"),
        Fault("cut"),
        Fault("slow"),
        Fault("malformed"),
        Answer(body=f'{{"Information": "{KEY}'.encode()),
        Answer(body=f'{{"Time Series (Daily)": "{KEY}"}}'.encode()),
        Answer(body=f'{{"Meta Data": {{}}, "Time Series (Daily)": {{"{KEY}": {{"x": 1}}}}}}'.encode()),
        Answer(body=f'{{"Information": "see ?apikey={quote_plus(KEY)}"}}'.encode()),
        Answer(status=302, headers={"Location": f"/query?apikey={KEY}"}),
    ],
    ids=[
        "notice",
        "down",
        "cut",
        "slow",
        "malformed",
        "truncated",
        "of another shape",
        "as a name",
        "as an address",
        "redirected",
    ],
)
def test_no_error_and_no_log_says_it(fault, caplog):
    caplog.set_level(logging.DEBUG)
    with ReplayServer() as replay:
        replay.fail_next("/query", fault)
        source = AlphaVantageSource(key=SecretStr(KEY), base_url=replay.url, timeout=0.5)
        with pytest.raises(SourceError) as raised:
            source.prices(PriceRequest(symbol="SPLITS"), now=NOW)
        assert replay.asked(f"apikey={KEY}") == 1
    assert not [key for key in (KEY, quote_plus(KEY)) if key in everywhere(raised.value)]
    assert "urllib3" in caplog.text
    assert KEY not in caplog.text


def test_the_log_of_requests_shows_them_without_it(caplog):
    caplog.set_level(logging.DEBUG)
    with ReplayServer() as replay:
        AlphaVantageSource(key=SecretStr(KEY), base_url=replay.url).search("pence")
    assert "/query?function=SYMBOL_SEARCH&keywords=pence&apikey=(key) HTTP/1.1" in caplog.text


def test_nobody_there_does_not_say_it_either():
    with ReplayServer() as gone:
        url = gone.url
    with pytest.raises(SourceError, match="ConnectionError") as raised:
        AlphaVantageSource(key=SecretStr(KEY), base_url=url).search("x")
    assert KEY not in everywhere(raised.value)


def test_documents_of_the_settings_are_without_it(settings):
    locked = settings.model_copy(update={"alphavantage_key": SecretStr(KEY)})
    assert KEY not in repr(locked)
    assert "alphavantage_key" not in json.loads(locked.model_dump_json())
    assert KEY not in resources(locked)["folio"].settings_document


def test_a_run_finds_it_in_its_environment(settings, monkeypatch):
    locked = settings.model_copy(update={"alphavantage_key": SecretStr(KEY)})
    for name, value in environment(locked).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == locked
    assert resources(locked)["folio"].settings.alphavantage_key.get_secret_value() == KEY
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None).alphavantage_key is None


def test_without_it_the_source_is_not_offered_and_naming_it_says_why(settings):
    assert "alphavantage" not in registry.make_sources(settings)
    for names, sources in (("price_sources", registry.price_sources), ("fx_sources", registry.fx_sources)):
        with pytest.raises(registry.MissingKeyError, match="FOLIO_ALPHAVANTAGE_KEY"):
            sources(settings.model_copy(update={names: ("yahoo", "alphavantage")}))


def test_with_it_the_source_is_one_of_the_others(settings):
    locked = settings.model_copy(
        update={"alphavantage_key": SecretStr(KEY), "price_sources": ("yahoo", "alphavantage")}
    )
    assert [source.name for source in registry.price_sources(locked)] == ["yahoo", "alphavantage"]
    assert list(registry.make_sources(locked)) == ["yahoo", "alphavantage", "ecb", "inbox", "demo"]
