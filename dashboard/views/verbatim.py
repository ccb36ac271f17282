"""Text that a person wrote, to be read as it stands where Markdown is shown.

Belongs here: taking its effect away. Does not: what is said around it.
"""

import re

_MARKED_UP = re.compile(r"([!-/:-@\[-`{-~])")


def verbatim(text: str) -> str:
    r"""Return a text without effect as Markdown.

    >>> print(verbatim("Pen$ion *x*"))
    Pen\$ion \*x\*
    """
    return _MARKED_UP.sub(r"\\\1", text)
