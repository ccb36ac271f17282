"""The Income page: what it says of payments, what is due and what is to come, and what is decided on it."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from opening import opened, read, words
from published import TODAY, declared, published, purchase, viewed

from dashboard.charts import income as charts
from dashboard.views import income as view_of
from dashboard.views.typed import TypedError, amount
from pipelines.portfolio.explain import explain, taken_apart
from pipelines.portfolio.models import SECTIONS, TOP, Heading, section_json
from pipelines.portfolio.stored import StoredView

EX, PAID = dt.date(2026, 1, 12), dt.date(2026, 1, 15)
SOON = declared((EX, PAID, "1.5"), (PAID, TODAY, "1"), (dt.date(2026, 2, 20), dt.date(2026, 3, 2), "2"))
DUE = declared((EX, PAID, "1.5"), (dt.date(2026, 2, 20), dt.date(2026, 3, 2), "2"))


def dividend(on, gross, tax=0, symbol="ACME"):
    row = {"date": on, "type": "DIVIDEND", "account": "Depot", "symbol": symbol, "amount": Decimal(gross)}
    return pl.DataFrame([row | {"fee": Decimal(0), "tax": Decimal(tax), "currency": "EUR"}])


def add(own, *frames):
    ledger, portfolio = own
    for number, frame in enumerate(frames):
        ledger.add_transactions(portfolio.portfolio_id, frame, source=f"{number}")
    return ledger, ledger.portfolio(portfolio.portfolio_id)


def test_a_dividend_that_was_due_is_confirmed_with_what_was_withheld(own, settings):
    ledger, portfolio = own
    published(settings, *own, dividends=DUE)
    page = opened("income", income="Due")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert (metrics["Due, EUR"], metrics["Received, EUR"]) == ("15.00", "0.00")
    page = page.selectbox(key="due").select(0).run()
    page.text_input(key=f"tax_ACME_Depot_{EX}").set_value("3.75")
    page = next(button for button in page.button if button.label == "Confirm").click().run()
    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["Received, EUR"] == "15.00"
    last = ledger.transactions(portfolio.portfolio_id).row(-1, named=True)
    assert (last["type"], last["date"], last["amount"], last["tax"]) == ("DIVIDEND", PAID, 15, Decimal("3.75"))
    assert ledger.frames(portfolio.portfolio_id).decisions["state"].to_list() == ["confirmed"]


def test_no_more_is_withheld_than_was_paid(own, settings):
    ledger, portfolio = own
    published(settings, *own, dividends=DUE)
    page = opened("income", income="Due")
    page = page.selectbox(key="due").select(0).run()
    page.text_input(key=f"tax_ACME_Depot_{EX}").set_value("14")
    page.text_input(key=f"fee_ACME_Depot_{EX}").set_value("1.01")
    page = next(button for button in page.button if button.label == "Confirm").click().run()
    assert "no more than the gross 15" in read(page.error)
    assert ledger.frames(portfolio.portfolio_id).decisions.is_empty()


def test_a_dividend_is_rejected_and_taken_back(own, settings):
    ledger, portfolio = own
    published(settings, *own, dividends=DUE)
    page = opened("income", income="Due")
    page = page.selectbox(key="due").select(0).run()
    page = next(button for button in page.button if button.label == "Reject").click().run()
    assert "Nothing is due" in words(page.info)
    page = page.selectbox(key="decision").select_index(0).run()
    page = page.button(key="take_back").click().run()
    assert not page.exception
    assert len(page.selectbox(key="due").options) == 1
    assert ledger.frames(portfolio.portfolio_id).decisions.is_empty()


def test_one_that_was_not_expected_is_added_and_what_is_no_number_is_refused_in_place(own, settings):
    ledger, portfolio = own
    published(settings, *own)
    page = opened("income", income="Due")
    page.text_input(key="added_symbol").set_value("ACME")
    page.text_input(key="added_gross").set_value("9,90")
    page = next(button for button in page.button if button.label == "Add").click().run()
    assert "Gross is '9,90'" in read(page.error)
    assert ledger.transactions(portfolio.portfolio_id).height == 1
    page.text_input(key="added_gross").set_value("9.90")
    page = next(button for button in page.button if button.label == "Add").click().run()
    assert not page.exception
    assert ledger.transactions(portfolio.portfolio_id).row(-1, named=True)["amount"] == Decimal("9.9")


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (dt.date(2031, 2, 3), "Paid on is 2031-02-03: a day not after 2026-01-30"),
        (dt.date(203, 2, 3), "Paid on is 0203-02-03: a day from 1900-01-01"),
        (None, "Paid on is needed"),
    ],
    ids=["to come", "long ago", "none"],
)
@pytest.mark.parametrize("button", ["Add", "Confirm"])
def test_a_payment_on_a_day_that_cannot_be_is_refused(own, settings, button, day, why):
    ledger, portfolio = own
    published(settings, *own, dividends=DUE)
    page = opened("income", income="Due")
    page = page.selectbox(key="due").select(0).run()
    page.text_input(key="added_symbol").set_value("ACME")
    page.text_input(key="added_gross").set_value("9.90")
    for shown in page.date_input:
        if shown.label == "Paid on":
            shown.set_value(day)
    page = next(one for one in page.button if one.label == button).click().run()
    assert why in read(page.error)
    assert ledger.portfolio(portfolio.portfolio_id) == portfolio


@pytest.mark.parametrize("text", ["1e5", "NaN", "inf", "1_000", "1,5", "."])
def test_a_number_is_typed_as_a_file_has_it(text):
    with pytest.raises(TypedError, match="a number such as 1250"):
        amount(text, "Gross")
    assert amount(" -12.50 ", "Gross") == Decimal("-12.5")


@pytest.mark.parametrize("part", ["To come", "Withheld"])
def test_before_anything_was_paid_a_part_says_so(own, settings, part):
    published(settings, *own)
    page = opened("income", income=part)
    assert not page.exception
    assert words(page.info)
    assert not page.dataframe


def test_payments_and_their_figures_are_of_the_view(own):
    view = viewed(*add(own, dividend(EX, 10, 2), dividend(PAID, 20, 5)))
    found = view_of.payments(view)
    assert found.frame["Date"].to_list() == [PAID, EX]
    assert found.paths == ("income.received.1", "income.received.0")
    assert [explain(view, f"{path}.gross_base").value for path in found.paths] == found.frame["Gross"].to_list()
    assert view_of.months(view).frame.rows() == [("2026-01", Decimal(30), Decimal(7), Decimal(23))]
    assert view_of.withheld(view).row(0)[:5] == ("ACME", "2026", Decimal(30), Decimal(7), pytest.approx(7 / 30))
    assert view_of.payments_of(view, "ACME", "2026").equals(found.frame)
    assert view_of.payments_of(view, "ACME", "2025").is_empty()
    assert {tile.key: tile.text for tile in view_of.tiles(view)}["tax_base"] == "7.00"
    for tile in view_of.tiles(view):
        taken_apart(view, tile.asked)


def test_every_column_that_can_be_clicked_is_explained(own):
    view = viewed(*add(own, dividend(EX, 10, 2)), dividends=DUE)
    listed = (view_of.payments(view), view_of.months(view), view_of.symbols(view), view_of.calendar(view, "Ex-date"))
    for found in listed:
        for title in set(found.frame.columns) & set(view_of.FIGURES):
            explain(view, f"{found.paths[0]}.{view_of.FIGURES[title]}")


def test_what_pays_little_comes_together_in_the_chart(own):
    symbols = [f"S{number:02}" for number in range(view_of.MOST_NAMES + 2)]
    paid = [dividend(EX, 100 - number, symbol=symbol) for number, symbol in enumerate(symbols)]
    bought = [purchase(symbol=symbol) for symbol in symbols]
    found = view_of.stacked(viewed(*add(own, *bought, *paid)), "Year")
    assert found["name"].to_list() == [*symbols[: view_of.MOST_NAMES], view_of.OTHERS]
    assert found["amount"].sum() == pytest.approx(sum(range(100 - len(symbols) + 1, 101)))
    assert [trace.name for trace in charts.stacked(found, "EUR").data][-1] == view_of.OTHERS


def test_others_are_named_last_though_they_pay_first(own, monkeypatch):
    monkeypatch.setitem(view_of.PERIODS, "Day", "%Y-%m-%d")
    symbols = [f"S{number:02}" for number in range(view_of.MOST_NAMES + 1)]
    paid = [dividend(EX if symbol == symbols[-1] else PAID, 9, symbol=symbol) for symbol in symbols]
    bought = [purchase(symbol=symbol) for symbol in symbols]
    found = view_of.stacked(viewed(*add(own, *bought, *paid)), "Day")
    assert [trace.name for trace in charts.stacked(found, "EUR").data] == [*symbols[:-1], view_of.OTHERS]


def test_due_declared_and_projected_are_told_apart_in_the_calendar(own):
    found = view_of.calendar(viewed(*own, dividends=SOON), "Pay date")
    days = found.frame.select("State", "Pay date", "Gross").rows()
    assert days[:2] == [
        (view_of.DUE, TODAY, Decimal(10)),
        (view_of.DECLARED, dt.date(2026, 3, 2), Decimal(20)),
    ]
    assert {state for state, *_ in days[2:]} <= {view_of.PROJECTED}
    assert found.paths[:2] == ("income.expected.1", "income.projected.0")


def test_what_was_to_be_paid_before_is_nothing_to_come_but_waits_to_be_confirmed(own, settings):
    view = viewed(*own, dividends=SOON)
    assert PAID not in view_of.calendar(view, "Pay date").frame["Pay date"].to_list()
    assert PAID not in view_of.next_payments(view, 9).frame["Pay date"].to_list()
    assert view_of.not_confirmed(view) == "2 dividends were due and are not confirmed"
    assert view_of.not_confirmed(viewed(*own, dividends=DUE)) == "1 dividend was due and is not confirmed"
    assert view_of.not_confirmed(viewed(*own)) is None
    published(settings, *own, dividends=declared((EX, PAID, "1.5")))
    (link,) = opened().get("page_link")
    assert (link.proto.label, link.proto.query_string) == ("1 dividend was due and is not confirmed", "income=Due")


def test_the_next_payments_are_the_first_of_the_calendar_also_of_a_stored_view(own):
    computed = viewed(*own, dividends=SOON)
    texts = {name: section_json(name, getattr(computed, name)) for name in SECTIONS}
    heading = Heading(**{name: getattr(computed, name) for name in TOP})
    stored = StoredView.of({"top": heading.model_dump_json(by_alias=True), **texts}, publication_id="p")
    whole = view_of.calendar(computed, "Pay date")
    assert len(whole.paths) > 2
    for view in (computed, stored):
        first = view_of.next_payments(view, 2)
        assert first.paths == whole.paths[:2]
        assert first.frame.rows() == whole.frame.head(2).rows()
        assert view_of.next_payments(view, 99).paths == whole.paths


def test_a_dividend_to_come_stands_in_the_month_it_is_paid(own):
    months = view_of.to_come(viewed(*own, dividends=DUE))
    assert months.filter(pl.col("amount") > 0, basis=view_of.DECLARED).rows() == [("2026-03", "declared", 20.0)]
    assert months["month"].n_unique() == 14
    assert len(charts.to_come(months, "EUR").data) == 2


def test_nothing_at_all_is_empty_tables(own):
    view = viewed(*own)
    assert view_of.is_empty(view)
    for found in (view_of.payments(view), view_of.expected(view), view_of.calendar(view, "Pay date")):
        assert found.frame.is_empty()
    assert view_of.withheld(view).is_empty()
    assert view_of.stacked(view, "Month").is_empty()
    assert view_of.to_come(view)["amount"].sum() == 0


def test_another_days_inbox_can_only_be_looked_at(own, settings):
    published(settings, *own, dividends=DUE)
    page = opened("income", income="Due", as_of="2026-01-20")
    assert not page.exception
    assert "go back to today" in words(page.caption)
    assert "due" not in {box.key for box in page.selectbox}
