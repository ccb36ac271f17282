"""Splits as Yahoo tells them, in time, late, early, wrongly: units and prices change together or not at all."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.ingest import history_rows
from pipelines.releases import NotReleasableError, releasable
from tests.integration.market.nights import DAYS, NIGHT, split_tonight
from warehouse.schema import market

D = Decimal


def test_a_split_is_one_row_and_no_stored_row_changes_though_the_whole_series_is_restated(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    ex_date = split_tonight(said)
    said.restate(10, before=ex_date)
    said.splits[ex_date] = 10
    acme.night()
    after = acme.stored(market.PRICE_HISTORY)
    assert after.filter(pl.col("date") < ex_date).equals(before)
    assert acme.closes()[ex_date] == D(str(said.traded[ex_date]))
    assert acme.stored(market.SPLIT_HISTORY).select("ex_date", "ratio_new", "ratio_old").rows() == [(ex_date, 10, 1)]
    assert (acme.revisions(), acme.states()) == (0, {})


@pytest.mark.parametrize(("new", "rules"), [(10, {"restated", "untold_split"}), (1.25, {"restated"})])
def test_a_series_restated_before_its_split_is_told_is_held_back_and_heals_when_it_comes(acme, said, new, rules):
    before = acme.stored(market.PRICE_HISTORY)
    ex_date = split_tonight(said, new)
    said.restate(new, before=ex_date)
    held = acme.night().held
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    assert rules == set(held["rule"])
    assert f"as for a split of {new} new for o" in "".join(held["reason"])
    master = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (master["last_price"], master["last_price_at"].date()) == (D(115), DAYS[NIGHT])
    acme.night()  # another day, and still no word of the split
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(115)
    said.splits[ex_date] = new
    acme.night()
    assert acme.asked.start <= held["date"].min()
    assert acme.stored(market.PRICE_HISTORY).filter(pl.col("date") < ex_date).equals(before)
    assert acme.closes() == {day: D(str(said.traded[day])) for day in DAYS if day <= said.last}
    assert acme.stored(market.SPLIT_HISTORY).height == 1
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(str(said.traded[said.last]))


def test_a_split_that_is_told_late_is_held_back_as_untold_and_heals_when_it_comes(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    ex_date = split_tonight(said)
    first = acme.night().held.filter(pl.col("table_name") == "price_history")
    assert first.select("date", "rule").unique().rows() == [(ex_date, "untold_split")]
    acme.night()
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    said.restate(10, before=ex_date)
    said.splits[ex_date] = 10
    acme.night()
    assert acme.closes() == {day: D(str(said.traded[day])) for day in DAYS if day <= said.last}
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})


@pytest.mark.parametrize("restated", [True, False], ids=["restated", "as traded"])
def test_a_split_that_is_told_two_weeks_late_is_asked_for_and_enters(acme, said, restated):
    ex_date = split_tonight(said, new=1.25)
    for night in (5, 9):
        acme.night(DAYS[NIGHT + night])
    before = acme.stored(market.PRICE_HISTORY)
    assert (splits_of(acme), acme.closes()[ex_date]) == ([], D("92.8"))  # no step of a fifth is held
    said.splits[ex_date] = 1.25
    if restated:
        said.restate(1.25, before=ex_date)
    acme.night(DAYS[NIGHT + 10])
    assert acme.asked.start > ex_date
    assert splits_of(acme) == [(ex_date, D("1.25"), 1)]
    assert acme.stored(market.SPLIT_HISTORY)["known_from"].item().date() == said.last
    assert acme.stored(market.PRICE_HISTORY).filter(pl.col("date") < said.last).equals(before)
    said.splits.clear()  # whoever tells no day before it takes nothing back
    acme.night()
    assert (splits_of(acme), acme.revisions(), acme.states()) == ([(ex_date, D("1.25"), 1)], 0, {})


def splits_of(acme):
    return acme.stored(market.SPLIT_HISTORY).select("ex_date", "ratio_new", "ratio_old").rows()


def test_a_split_that_is_told_before_its_first_price_enters_together_with_it(acme, said):
    ex_date = split_tonight(said)
    said.restate(10, before=ex_date)
    said.splits[ex_date] = 10
    held = acme.morning().held.filter(pl.col("table_name") == "split_history")
    assert held.select("date", "rule").rows() == [(ex_date, "split_unconfirmed")]
    assert (splits_of(acme), max(acme.closes())) == ([], DAYS[NIGHT])
    acme.night()
    assert (splits_of(acme), max(acme.closes())) == ([(ex_date, 10, 1)], ex_date)
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(str(said.traded[ex_date]))
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})


@pytest.mark.parametrize("told_on", [False, True], ids=["withdrawn", "told on"])
def test_a_split_that_is_told_and_never_happens_is_never_stored(acme, said, told_on):
    ex_date = DAYS[NIGHT + 1]
    said.splits[ex_date] = 2
    acme.morning()
    if not told_on:
        said.splits.clear()
    for _ in range(3):
        acme.night()
        assert splits_of(acme) == []
        assert acme.closes() == {day: D(str(said.traded[day])) for day in DAYS if day <= said.last}
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(str(said.traded[said.last]))
    assert acme.states()["split_unconfirmed"] == "resolved"
    assert acme.states().get("split_unlike_prices") == ("open" if told_on else None)


def test_a_split_that_moves_to_a_later_day_is_stored_of_that_day_alone(acme, said):
    first, ex_date = DAYS[NIGHT + 1], DAYS[NIGHT + 3]
    said.splits[first] = 10
    acme.morning()
    said.splits = {ex_date: 10}
    said.traded |= {day: price / 10 for day, price in said.traded.items() if day >= ex_date}
    acme.night()
    acme.night()
    assert splits_of(acme) == []
    said.restate(10, before=ex_date)
    acme.night()
    assert splits_of(acme) == [(ex_date, 10, 1)]
    assert acme.closes() == {day: D(str(said.traded[day])) for day in DAYS if day <= said.last}
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})


def stated(ex_date, new, **more):
    row = {"symbol": "ACME", "ex_date": ex_date, "ratio_new": D(new), "ratio_old": D(1), "source": "yahoo"}
    return pl.DataFrame([row | more])


def unjudged(acme, ex_date, new):
    """Store a split as it was told on the morning of its ex-date, before any close."""
    now = dt.datetime.combine(ex_date, dt.time(9), dt.UTC)
    rows = history_rows(market.SPLIT_HISTORY, stated(ex_date, new), now=now)
    acme.candidate.record_history(market.SPLIT_HISTORY, rows, now=now)
    return now


def test_a_stored_split_that_never_was_is_taken_back_and_said_and_a_release_puts_it_in_again(acme, said):
    ex_date = DAYS[NIGHT + 1]
    known_from = unjudged(acme, ex_date, 2)
    held = acme.night().held
    assert held.select("key", "rule").rows() == [(f"ACME {ex_date}", "split_unlike_prices")]
    assert held["reason"].item() == f"taken back: 2 new for one, but the price went from 115 on {DAYS[NIGHT]} to 116 on {ex_date}: by 0.9914"  # fmt: skip
    assert splits_of(acme) == []
    assert acme.closes()[ex_date] == 116
    assert acme.stored(market.SYMBOLS)["last_price"].item() == 116
    (revised,) = acme.stored(market.revisions_of(market.SPLIT_HISTORY)).to_dicts()
    taken_back = dt.datetime.combine(ex_date, dt.time(23), dt.UTC)
    assert (revised["ratio_new"], revised["known_from"], revised["known_until"]) == (2, known_from, taken_back)
    acme.ledger.market().release("me", acme.ops.quarantine().open_rows().to_dicts(), reason="it was one")
    acme.night()
    acme.night()
    assert splits_of(acme) == [(ex_date, 2, 1)]
    row = acme.stored(market.SPLIT_HISTORY).row(0, named=True)
    assert row["known_from"] > taken_back
    assert acme.states() == {"split_unlike_prices": "released"}


def test_a_stored_split_that_its_provider_moves_goes_to_the_revisions_when_the_right_one_comes(acme, said):
    """By a twentieth: prices cannot say on which of the two days it was."""
    first = DAYS[NIGHT + 1]
    unjudged(acme, first, "1.05")
    said.splits[first] = 1.05
    said.restate(1.05, before=first)
    acme.night()
    assert splits_of(acme) == [(first, D("1.05"), 1)]
    moved = DAYS[NIGHT + 2]
    said.splits = {moved: 1.05}
    said.divided[first] = 1.05
    held = acme.night().held
    assert held.select("key", "rule", "expected").rows() == [(f"ACME {first}", "split_moved", str(moved))]
    assert splits_of(acme) == [(moved, D("1.05"), 1)]
    assert acme.stored(market.revisions_of(market.SPLIT_HISTORY))["ex_date"].to_list() == [first]
    acme.night()
    assert set(acme.states().values()) == {"resolved"}


def test_a_person_undoes_a_stored_split_by_one_for_one_and_restores_it_by_its_ratio(acme, said):
    ex_date = split_tonight(said)
    said.restate(10, before=ex_date)
    said.splits[ex_date] = 10
    acme.night()
    inbox = acme.settings.home / "inbox"
    inbox.mkdir()
    (inbox / "splits.csv").write_text(f"symbol,date,ratio_new,ratio_old\nACME,{ex_date},1,1\n")
    for _ in range(2):  # and what the provider goes on telling changes nothing
        acme.night()
        assert splits_of(acme) == [(ex_date, 1, 1)]
    assert acme.stored(market.revisions_of(market.SPLIT_HISTORY))["ratio_new"].to_list() == [10]
    assert acme.states() == {}
    (inbox / "splits.csv").write_text(f"symbol,date,ratio_new,ratio_old\nACME,{ex_date},10,1\n")
    acme.night()
    assert splits_of(acme) == [(ex_date, 10, 1)]


def state_split(acme, ex_date, new):
    inbox = acme.settings.home / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / "splits.csv").write_text(f"symbol,date,ratio_new,ratio_old\nACME,{ex_date},{new},1\n")


@pytest.mark.parametrize(
    ("nights", "new", "paid"),
    [
        (1, 10, 0.05),
        (3, 10, 0.5),
        (0, 1.1, 0.454545),
        (2, 1.1, 0.454545),
        (1, 1.1, 0.5),
        (2, 1.05, 0.47619),
        (2, 1.25, 0.4),
        (0, 1.009, 0.49554),
        (1, 0.1, 5.0),
    ],
)
def test_a_split_that_its_provider_never_tells_needs_no_more_than_a_line_in_the_inbox(acme, said, nights, new, paid):
    eve = DAYS[NIGHT]
    said.dividends[DAYS[NIGHT - 2]] = 0.5
    acme.night(eve)
    ex_date, stored = split_tonight(said, new), acme.closes()
    said.restate(new, before=ex_date)
    said.dividends[DAYS[NIGHT - 2]] = paid
    for _ in range(nights):
        assert "restated" in set(acme.night().held["rule"])
    state_split(acme, ex_date, new)
    for _ in range(8):  # of which the last asks for days since the split alone
        acme.night()
        since = [day for day in DAYS if ex_date <= day <= said.last]
        assert acme.closes() == stored | {day: D(str(round(said.traded[day], 6))) for day in since}
        assert "open" not in acme.states().values()
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(str(round(said.traded[said.last], 6)))
    assert (splits_of(acme), acme.revisions()) == ([(ex_date, D(str(new)), 1)], 0)
    assert acme.stored(market.DIVIDEND_HISTORY)["amount"].to_list() == [D("0.5")]


@pytest.mark.parametrize(("new", "sessions_before", "night"), [(10, 0, 1), (1.1, 2, 1), (0.1, 2, 8)])
def test_a_dividend_from_before_such_a_split_that_is_not_stored_waits_for_what_was_declared(
    acme, said, new, sessions_before, night
):
    ex_date = split_tonight(said, new)
    said.restate(new, before=ex_date)
    state_split(acme, ex_date, new)
    for _ in range(night - 1):
        acme.night()
    day = DAYS[DAYS.index(ex_date) - sessions_before]
    said.dividends[day] = round(0.5 / new, 6)
    for _ in range(3):
        acme.night()
        assert acme.stored(market.DIVIDEND_HISTORY).is_empty()
        assert {row["rule"] for row in acme.ops.quarantine().open_rows().to_dicts()} <= {"divided", "units_unknown"}
    assert "divided" in acme.states()  # what waits is asked for with the closes of its days, which say so
    (acme.settings.home / "inbox" / "dividends.csv").write_text(f"symbol,ex_date,amount,currency\nACME,{day},0.5,USD\n")
    said.dividends[DAYS[DAYS.index(said.last) + 3]] = 0.06  # since the split, and so as it is declared
    for _ in range(4):
        acme.night()
        assert "open" not in acme.states().values()
    assert acme.stored(market.DIVIDEND_HISTORY)["amount"].to_list() == [D("0.5"), D("0.06")]


def test_a_dividend_of_which_somebody_knows_that_it_is_as_declared_goes_in(acme, said):
    ex_date = split_tonight(said)
    said.restate(10, before=ex_date)
    state_split(acme, ex_date, 10)
    for _ in range(7):
        acme.night()
    day = DAYS[DAYS.index(ex_date) - 2]
    said.dividends[day] = 0.5
    acme.night()
    rows = acme.ops.quarantine().open_rows()
    assert rows["rule"].to_list() == ["units_unknown"]
    acme.ledger.market().release("me", rows.to_dicts(), reason="the company says so")
    for _ in range(3):
        acme.night()
        assert acme.stored(market.DIVIDEND_HISTORY).select("ex_date", "amount").rows() == [(day, D("0.5"))]
        assert acme.states() == {"units_unknown": "released"}


def test_days_further_back_of_such_a_series_wait_until_somebody_knows_their_units(acme, said):
    ex_date, stored = split_tonight(said, 1.1), acme.closes()
    state_split(acme, ex_date, 1.1)
    acme.night()
    acme.candidate.sql_write("DELETE FROM price_history WHERE date < ?", [ex_date])
    said.restate(1.1, before=ex_date)
    acme.night()
    assert min(acme.closes()) == ex_date
    rows = acme.ops.quarantine().open_rows()
    assert set(rows["rule"]) == {"units_unknown"}
    said.divided.clear()  # as it is told after all; whoever knows that releases it
    acme.night()
    rows = acme.ops.quarantine().open_rows()
    acme.ledger.market().release("me", rows.to_dicts(), reason="as traded")
    acme.night()
    acme.night()
    assert {day: close for day, close in acme.closes().items() if day < ex_date} == stored
    assert "open" not in acme.states().values()


@pytest.mark.parametrize(("new", "sessions_before"), [(10, 2), (1.05, 1)])
def test_a_close_that_such_a_series_corrects_waits_alone_and_new_days_go_in(acme, said, new, sessions_before):
    ex_date, stored = split_tonight(said, new), acme.closes()
    said.restate(new, before=ex_date)
    state_split(acme, ex_date, new)
    acme.night()
    corrected = DAYS[DAYS.index(ex_date) - sessions_before]
    said.traded[corrected] *= 1.02
    for _ in range(8):
        acme.night()
        since = [day for day in DAYS if ex_date <= day <= said.last]
        assert acme.closes() == stored | {day: D(str(round(said.traded[day], 6))) for day in since}
        waiting = {(row["key"], row["rule"]) for row in acme.ops.quarantine().open_rows().to_dicts()}
        assert waiting == {(f"ACME {corrected}", "divided")}


def test_a_split_of_another_ratio_in_the_inbox_explains_nothing(acme, said):
    ex_date, stored = split_tonight(said), acme.closes()
    said.restate(10, before=ex_date)
    acme.night()
    state_split(acme, ex_date, 8)
    acme.night()
    assert acme.closes() == stored
    assert "open" in acme.states().values()


def test_a_day_before_a_stated_split_that_is_not_stored_waits_for_what_was_traded(acme, said):
    ex_date, stored = split_tonight(said), acme.closes()
    missing = DAYS[NIGHT - 2]
    acme.candidate.sql_write("DELETE FROM price_history WHERE date = ?", [missing])
    said.restate(10, before=ex_date)
    state_split(acme, ex_date, 10)
    held = acme.night().held.filter(table_name="price_history")
    assert held.select("key", "rule").rows() == [(f"ACME {missing}", "divided")]
    assert missing not in acme.closes()
    rows = acme.ops.quarantine().open_rows().filter(rule="divided")
    with pytest.raises(NotReleasableError, match="put your own into the inbox"):
        releasable(rows["quarantine_id"].to_list(), rows)
    line = f"symbol,date,close,currency\nACME,{missing},{stored[missing]},USD\n"
    (acme.settings.home / "inbox" / "prices.csv").write_text(line)
    for _ in range(2):
        acme.night()
        assert {day: close for day, close in acme.closes().items() if day < ex_date} == stored
        assert "open" not in acme.states().values()


def test_two_splits_that_nobody_tells_need_a_line_each(acme, said):
    first, stored = split_tonight(said, 10), acme.closes()
    said.restate(10, before=first)
    acme.night()
    second = split_tonight(said, 2)
    said.restate(2, before=second)
    acme.night()
    (acme.settings.home / "inbox").mkdir()
    lines = f"symbol,date,ratio_new,ratio_old\nACME,{first},10,1\nACME,{second},2,1\n"
    (acme.settings.home / "inbox" / "splits.csv").write_text(lines)
    for _ in range(3):
        acme.night()
    missing = DAYS[DAYS.index(first) : DAYS.index(second)]
    since = [day for day in DAYS if second <= day <= said.last]
    assert acme.closes() == stored | {day: D(str(round(said.traded[day], 6))) for day in since}
    assert {row["key"] for row in acme.ops.quarantine().open_rows().to_dicts()} == {f"ACME {day}" for day in missing}


def test_a_dividend_is_corrected_by_the_ratio_of_a_split_that_prices_are_not_divided_by(acme, said):
    ex_date = DAYS[NIGHT + 1]
    said.dividends[DAYS[NIGHT - 2]] = 0.5
    acme.night(DAYS[NIGHT])
    state_split(acme, ex_date, 2)
    said.traded |= {day: price / 2 for day, price in said.traded.items() if day >= ex_date}
    said.dividends[DAYS[NIGHT - 2]] = 0.25
    assert "dividend_unlike_stored" in set(acme.night().held["rule"])
