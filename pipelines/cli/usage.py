"""Wrong use on one line, as every other error.

Belongs here: what Typer says of options and arguments. Does not: what commands say of their values (`exits`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.markup import escape
from typer._click.exceptions import NoArgsIsHelpError, UsageError
from typer.core import TyperGroup

from pipelines.cli.console import err
from pipelines.cli.exits import Exit


class OneLine(TyperGroup):
    """A group of commands that says wrong use on one line, where Typer draws a box around it."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the options before the command's name."""
        with _on_one_line():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Read the command's options and run it."""
        with _on_one_line():
            return super().invoke(ctx)


@contextmanager
def _on_one_line() -> Iterator[None]:
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "folio"
        said = " ".join(error.format_message().split()).rstrip(".")
        err.print(f"[red]folio:[/red] {escape(said)}: see `{escape(command)} --help`", soft_wrap=True)
        raise typer.Exit(int(Exit.USAGE)) from error
