"""What a run says while it runs, to whoever started it.

Belongs here: a quiet logger that reports finished steps and warnings. Does not: how they are shown, what failed, which
comes with the run's outcome.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import dagster as dg

LOGGER = "folioduck.run"
"""Name of the Python logger that gets the run's warnings."""


@dataclass(frozen=True, kw_only=True)
class StepDone:
    """A step that has ended: its name, whether it succeeded, how long it took."""

    step: str
    success: bool
    seconds: float


Progress = Callable[[StepDone], None]
Say = Callable[[str], None]


class _Steps(logging.Handler):
    """Turns Dagster's records into `StepDone`; warnings are passed on, errors are not: the outcome has them all."""

    def __init__(self, progress: Progress | None, say: Say | None) -> None:
        super().__init__()
        self._progress = progress
        self._say = say
        self._started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None:
            self._pass_on(record)
        elif event.is_step_start:
            self._started[event.step_key] = record.created
        elif (event.is_step_success or event.is_step_failure) and self._progress is not None:
            seconds = record.created - self._started.get(event.step_key, record.created)
            self._progress(StepDone(step=event.step_key, success=event.is_step_success, seconds=seconds))

    def _pass_on(self, record: logging.LogRecord) -> None:
        said = str(getattr(record, "dagster_meta", {}).get("orig_message") or record.getMessage())
        message = " ".join(said.split())
        if record.levelno == logging.WARNING:
            logging.getLogger(LOGGER).warning("%s", message)
        elif record.levelno == logging.INFO and self._say is not None:
            self._say(message)


def progress_logger(progress: Progress | None, say: Say | None = None) -> dg.LoggerDefinition:
    """Return a Dagster logger that prints nothing, reports each step as it ends and passes on what steps say."""

    @dg.logger
    def console(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger(LOGGER, logging.DEBUG)  # noqa: LOG001 - Dagster wants one of its own
        logger.addHandler(_Steps(progress, say))
        return logger

    return console
