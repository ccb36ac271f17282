"""How long ago something was, in words.

Belongs here: ages for people. Does not: how long something took (`data_health`).
"""

import datetime as dt

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def ago(age: dt.timedelta) -> str:
    """Return how long ago something was, in its largest unit.

    >>> ago(dt.timedelta(hours=49)), ago(dt.timedelta(minutes=1)), ago(dt.timedelta(seconds=3))
    ('2 days ago', '1 minute ago', 'just now')
    """
    seconds = age.total_seconds()
    for size, unit in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"
