"""What the guard of the supervisor has left to end."""

import pytest

from pipelines.cli.guard import read_groups


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([], set()),
        (["+10\n", "+20\n"], {10, 20}),
        (["+10\n", "-10\n", "+30\n"], {30}),
        (["-10\n", "+20\n", "+20\n"], {20}),
    ],
)
def test_groups_come_and_go(lines, left):
    assert read_groups(lines) == left
