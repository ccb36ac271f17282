"""The document as rows of the marts, also where figures are not known."""

from statements import view

from pipelines.portfolio.marts import mart_frames


def test_a_flow_without_a_rate_is_null_and_keeps_nothing_from_being_stored():
    shown = view("2020-01-02 BUY CROWN 1 @ 10 currency=SEK", "CROWN 2020-01-02 10 SEK", as_of="2020-01-03")
    frames = mart_frames(shown, portfolio_id="p", ledger_version=1)
    assert frames["valuation_daily"]["flow_in_base"].to_list() == [None]


def test_a_delivery_without_any_value_is_stored_with_an_unknown_flow():
    shown = view("2020-01-02 DELIVERY_IN ACME 10", as_of="2020-01-03")
    frames = mart_frames(shown, portfolio_id="p", ledger_version=1)
    assert frames["valuation_daily"]["flow_in_base"].to_list() == [None]
    assert frames["holdings"]["value_base"].to_list() == [None]
