"""What the Dagster UI says of a schedule or a sensor: its docstring, as it does of assets by itself.

Belongs here: handing it over. Does not: any schedule (`schedules`) or sensor (`sensors`).
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Evaluated = Callable[..., Any]


def described(make: Callable[..., Callable[[Evaluated], T]], **options: Any) -> Callable[[Evaluated], T]:
    """Return one of Dagster's decorators that takes the docstring of what it decorates as its description.

    Args:
        make: `dagster.schedule` or `dagster.sensor`.
        options: Theirs.
    """

    def decorated(evaluated: Evaluated) -> T:
        return make(description=inspect.getdoc(evaluated), **options)(evaluated)

    return decorated
