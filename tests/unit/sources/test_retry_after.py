"""How long a provider says to wait."""

import pytest

from pipelines.sources.retry_after import retry_after

SENT = "Tue, 12 Mar 2024 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "Tue, 12 Mar 2024 12:01:30 GMT", "Date": SENT}, 90.0),
        ({"Retry-After": "Tue, 12 Mar 2024 11:00:00 GMT", "Date": SENT}, 0.0),
        ({"Retry-After": "Tue, 12 Mar 2024 12:01:30 GMT"}, None),
        ({"Retry-After": "soon", "Date": SENT}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": ""}, None),
    ],
)
def test_seconds_of_what_is_said(headers, seconds):
    assert retry_after(headers) == seconds
