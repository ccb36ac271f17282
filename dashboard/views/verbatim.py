"""Text that a person wrote, to be read as it stands where Markdown is shown.

Belongs here: taking its effect away. Does not: what is said around it.
"""

import re

_COMMAND = re.compile(r"`([^`\n]+)`")
_MARKED_UP = re.compile(r"([!-/:-@\[-`{-~])")


def verbatim(text: str) -> str:
    r"""Return a text without effect as Markdown.

    >>> print(verbatim("Pen$ion *x*"))
    Pen\$ion \*x\*
    """
    return _MARKED_UP.sub(r"\\\1", text)


def with_commands(text: str) -> str:
    r"""Return what an error says without effect as Markdown, but for commands, which are set as such.

    >>> print(with_commands("*x* is no more: `folio init`"))
    \*x\* is no more\: `folio init`
    """
    parts = _COMMAND.split(text)
    return "".join(f"`{part}`" if place % 2 else verbatim(part) for place, part in enumerate(parts))
