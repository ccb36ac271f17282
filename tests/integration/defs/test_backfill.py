"""Years that no portfolio asks for: fetched once, kept when a run is cut short, published together."""

import datetime as dt

import polars as pl
import pytest

from pipelines.cli.backfill import KEPT, run_backfill
from pipelines.cli.exits import CommandError
from pipelines.defs import backfill as module
from pipelines.defs import sensors
from pipelines.defs.backfill import missing, range_of, waiting_portions
from pipelines.defs.resources import Folio
from pipelines.defs.run import execute_job, materialize_all
from pipelines.defs.sources.prices import price_requests
from pipelines.pieces import batch_of
from tests.integration.defs.test_runs import last_run, table
from tests.integration.defs.test_triggers import sense
from warehouse.published import publications
from warehouse.schema import market

pytestmark = pytest.mark.usefixtures("without_suites")
YEARS = range(2019, 2022)
NAMES = ("AAA", "BBB", "CCC")


def weekday(day):
    """Return the day, or the Monday after it: no price of a weekend is believed."""
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


@pytest.fixture
def old(settings, provider, monkeypatch):
    """Return the deployment with a provider that has a session a month since 2018, and its folio."""
    monkeypatch.setattr(module, "PORTION", 2)
    provider.sessions = [weekday(dt.date(year, month, 12)) for year in range(2018, 2023) for month in range(1, 13)]
    provider.asked.clear()
    return settings


def folio_of(settings, *symbols):
    return Folio(settings_document=settings.model_dump_json(), only_symbols=list(symbols))


def stored(settings):
    prices = table(settings, market.PRICE_HISTORY).filter(pl.col("symbol").is_in(NAMES))
    return dict(prices.group_by("symbol").len().rows())


def test_years_are_fetched_by_one_question_a_symbol_and_published_once(old, provider, capsys):
    before = len(publications(old))
    run_backfill(old, YEARS, symbols=NAMES)
    asked = [(one.symbol, one.start, one.end) for one in provider.asked if one.symbol in NAMES]
    assert sorted(asked) == [(name, dt.date(2019, 1, 1), dt.date(2021, 12, 31)) for name in NAMES]
    assert stored(old) == dict.fromkeys(NAMES, 36)
    assert len(publications(old)) == before + 1
    provider.asked.clear()
    run_backfill(old, YEARS, symbols=NAMES)
    assert (provider.asked, len(publications(old))) == ([], before + 1)
    assert "Nothing is missing" in capsys.readouterr().out
    assert [(one.symbol, one.years) for one in missing(folio_of(old, *NAMES), range(2018, 2022))] == [
        (name, [2018]) for name in NAMES
    ]


def test_a_provider_that_stops_costs_what_it_did_not_answer(old, provider):
    provider.down_from = 2
    with pytest.raises(CommandError, match=r"not answered.*start it again"):
        run_backfill(old, YEARS, symbols=NAMES)
    assert sorted(stored(old).values()) == [36, 36]
    provider.down_from = None
    provider.asked.clear()
    run_backfill(old, YEARS, symbols=NAMES)
    assert len([one for one in provider.asked if one.symbol in NAMES]) == 1
    assert stored(old) == dict.fromkeys(NAMES, 36)


def test_years_that_came_empty_are_said_and_asked_for_again(old, provider, capsys):
    provider.sessions = [day for day in provider.sessions if day.year not in (2019, 2020)]
    for said in ("not one of 2019, 2020", "not one from 2019-01-01 to 2020-12-31"):
        with pytest.raises(CommandError, match=r"not every year came whole.*start it again"):
            run_backfill(old, YEARS, symbols=["AAA"])
        assert f"small about AAA: no prices: {said}" in capsys.readouterr().err
        assert stored(old) == {"AAA": 12}
    assert [one.years for one in missing(folio_of(old, "AAA"), YEARS)] == [[2019, 2020]]


def test_a_symbol_that_nobody_knows_is_an_error_after_the_others_are_published(old, provider, capsys):
    provider.unknown = {"AAA"}
    with pytest.raises(CommandError, match="no source knows every symbol"):
        run_backfill(old, YEARS, symbols=["AAA"])
    said = capsys.readouterr()
    assert "AAA: unknown symbol" in said.err
    assert "Nothing is missing" not in said.out
    assert stored(old) == {}


def test_years_that_came_cut_off_are_said_and_asked_for_again_until_they_are_whole(old, provider, capsys):
    whole = provider.sessions
    provider.sessions = [day for day in whole if not dt.date(2020, 2, 1) <= day <= dt.date(2020, 10, 31)]
    with pytest.raises(CommandError, match=r"not every year came whole"):
        run_backfill(old, YEARS, symbols=["AAA"])
    assert "AAA: no prices: none between 2020-01-13 and 2020-11-12" in capsys.readouterr().err
    assert stored(old) == {"AAA": 27}
    provider.sessions = whole
    run_backfill(old, YEARS, symbols=["AAA"])
    assert stored(old) == {"AAA": 36}
    assert missing(folio_of(old, "AAA"), YEARS) == []


def test_what_was_missing_that_night_is_asked_for_the_next(unpublished, provider):
    provider.sessions = [day for day in provider.sessions if not dt.date(2022, 12, 5) <= day <= dt.date(2022, 12, 13)]
    assert materialize_all(unpublished).success
    folio = folio_of(unpublished)
    asked = [(one.symbol, one.start, one.stored_until) for one in price_requests(folio)]
    assert asked == [(name, dt.date(2022, 12, 5), dt.date(2022, 12, 28)) for name in ("AAPL", "SPY")]
    assert {one.symbol for one in missing(folio, [2022])} == {"AAPL", "SPY"}


def test_what_was_fetched_when_it_was_interrupted_is_published_by_the_next_refresh(old, provider, monkeypatch):
    names = [name for name in (f"S{number}" for number in range(99)) if batch_of(name) == "03"][:4]
    answer = type(provider).prices

    def interrupted(request, *, now):
        if len(provider.asked) == 3:
            raise KeyboardInterrupt
        return answer(provider, request, now=now)

    monkeypatch.setattr(provider, "prices", interrupted)
    with pytest.raises(CommandError, match=KEPT):
        run_backfill(old, YEARS, symbols=names)
    monkeypatch.undo()
    folio = folio_of(old, *names)
    assert [one.symbol for one in missing(folio, YEARS)] == names[2:]
    assert [portion.rows for portion in waiting_portions(folio)] == [72]


def test_a_run_of_some_partitions_is_recorded_as_fetched_and_asks_for_a_refresh(old):
    outcome = execute_job("backfill", old, symbols=NAMES, tags=range_of(batch_of("AAA"), YEARS))
    assert outcome.success, outcome.failures
    assert last_run(old)["status"] == "staged"
    living = Folio(settings_document=old.model_copy(update={"clock": None}).model_dump_json())
    request = sense(sensors.backfill_fetched, living)
    assert request.run_key.startswith("backfilled-")
    assert materialize_all(old).success
    assert sense(sensors.backfill_fetched, living).skip_message == "nothing waits"
    assert stored(old)["AAA"] == 36


def test_rows_that_are_not_believed_break_one_run_and_not_every_other(old, provider):
    provider.says |= {(name, weekday(dt.date(2020, month, 12))): -5 for name in NAMES for month in range(1, 13)}
    with pytest.raises(CommandError, match="believable_fetch"):
        run_backfill(old, YEARS, symbols=NAMES)
    assert materialize_all(old).success
    assert stored(old) == {}


def test_once_their_provider_has_mended_them_such_rows_are_asked_for_anew_and_all_is_published(old, provider):
    sick, names = ("BBB", "CCC", "DDD"), (*NAMES, "DDD")
    days = [weekday(dt.date(year, month, 12)) for year in YEARS for month in range(1, 13)]
    provider.says |= {(name, day): -5 for name in sick for day in days}
    with pytest.raises(CommandError, match=r"believable_fetch.*set aside: start it again"):
        run_backfill(old, YEARS, symbols=names)
    assert stored(old) == {}
    # The others have waited for no fault of theirs, and the provider is as wrong as it was.
    with pytest.raises(CommandError, match="believable_fetch"):
        run_backfill(old, YEARS, symbols=names)
    assert stored(old) == {"AAA": 36}
    # Whoever asks for another is held up by none of it.
    run_backfill(old, [2018], symbols=["AAA"])
    assert stored(old) == {"AAA": 48}
    provider.says.clear()
    run_backfill(old, YEARS, symbols=names)
    assert stored(old) == {"AAA": 48, "BBB": 36, "CCC": 36}
    assert folio_of(old).ops().quarantine().open_rows().is_empty()


def test_what_a_provider_has_wrong_of_old_years_breaks_no_night_though_the_symbol_is_held(old, provider):
    days = [weekday(dt.date(year, month, 12)) for year in YEARS for month in range(1, 13)]
    provider.says |= {(name, day): -5 for name in ("AAPL", "SPY", "BBB") for day in days}
    with pytest.raises(CommandError, match="believable_fetch"):
        run_backfill(old, YEARS, symbols=["AAPL", "SPY", "BBB"])
    assert {request.start.year for request in price_requests(folio_of(old))} == {2022}
    assert materialize_all(old).success
    provider.says.clear()
    with pytest.raises(CommandError, match="not every year came whole"):  # of 2022, the provider has no first week
        run_backfill(old, YEARS, symbols=["AAPL", "SPY", "BBB"])
    assert stored(old) == {"BBB": 36}
    assert folio_of(old).ops().quarantine().open_rows().is_empty()


def test_years_of_which_a_few_rows_are_held_back_are_asked_for_again(old, provider, capsys):
    false = weekday(dt.date(2020, 6, 12))
    provider.says |= {("BBB", false): -5}
    run_backfill(old, YEARS, symbols=NAMES)
    assert stored(old) == {"AAA": 36, "BBB": 35, "CCC": 36}
    provider.says.clear()
    run_backfill(old, YEARS, symbols=NAMES)
    assert stored(old)["BBB"] == 36
    capsys.readouterr()
    run_backfill(old, YEARS, symbols=NAMES)
    assert "Nothing is missing" in capsys.readouterr().out
