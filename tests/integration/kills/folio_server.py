"""Starts `folio` again and again in processes of their own that need not import everything anew.

Belongs here: importing what a run imports, then a fork a command. Does not: killing, looking at what is left. Each line
of standard input is a JSON object with ``words``, ``environment`` and ``log``; each is answered with the process's id
at once, and with how it ended.
"""

import importlib
import json
import os
import sys
from pathlib import Path

IMPORTED_BY_A_RUN = (
    "dagster",
    "exchange_calendars",
    "pipelines.cli.app",
    "pipelines.cli.runs",
    "pipelines.defs.run",
    "pipelines.sources.yahoo_client",
    "requests",
)


def become_folio(words: list[str], environment: dict[str, str], log: Path) -> None:
    """Run a command in this process and end it."""
    os.environ.update(environment)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    sys.argv = ["folio", *words]
    code = 1
    try:
        importlib.import_module("pipelines.cli").main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0
    finally:
        sys.stdout.flush()
        os._exit(code)


def say(answer: object) -> None:
    """Answer with a line."""
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def main() -> None:
    for name in IMPORTED_BY_A_RUN:
        importlib.import_module(name)
    importlib.import_module("pipelines.definitions").defs()
    declaration = importlib.import_module("pipelines.quality.declaration")
    assert callable(declaration._unexpected)
    # The suites take two thirds of a run's time and write nothing; all other gates, and what they record, stay.
    declaration._unexpected = lambda frame, _: (frame.clear(), [])
    say("ready")
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become_folio(asked["words"], asked["environment"], Path(asked["log"]))
        say(pid)
        _, status = os.waitpid(pid, 0)
        say(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
