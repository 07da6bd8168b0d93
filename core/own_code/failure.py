"""Where code failed: the line in the editor's text, read from what Python wrote about it.

The code itself may write whatever it likes, so what is found here is shown and nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.text.language import _

FILE = "main.py"
"""The name of the file that the code is written into."""
_PLACE = re.compile(r'^[ |]*File "([^"]*)", line (\d{1,9})')
_OWN = re.compile(rf"(?:^|[/\\]){re.escape(FILE)}$")
_ERROR = re.compile(r"^(?: *\| )?([A-Za-z_][\w.]*(?::.*)?)$")
"""A line of a traceback that names an error; those of source code are further to the right."""

_NAMED = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception)(?::|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why code ended with a status other than 0.

    Attributes:
        status: Its exit status; a negative one is the number of a signal.
        line: The line of the code, from 1; None where Python named none.
        error: The error and its message in one line; empty where there was none.
    """

    status: int
    line: int | None = None
    error: str = ""

    def sentence(self) -> str:
        """Return what happened, in one sentence."""
        if self.error and self.line is not None:
            return _("Line {line}: {error}").format(line=self.line, error=self.error)
        if self.error:
            return self.error
        if self.status < 0:
            text = _("The program was ended by signal {number}.")
            return text.format(number=-self.status)
        return _("The program ended with status {number}.").format(number=self.status)


def failure_of(status: int, said: Sequence[str]) -> Failure | None:
    """Return why code failed; None if it ended with 0.

    Args:
        status: The exit status.
        said: The last lines that came on standard error.
    """
    if status == 0:
        return None
    places = [(number, found) for number, text in enumerate(said) if (found := _PLACE.match(text))]
    if not places:
        last = said[-1] if said else ""
        return Failure(status=status, error=last if _NAMED.match(last) else "")
    own = [int(found[2]) for _number, found in places if _OWN.search(found[1])]
    # the first line behind the last place: a message may have lines of its own
    errors = [match[1] for text in said[places[-1][0] + 1 :] if (match := _ERROR.match(text))]
    return Failure(
        status=status, line=own[-1] if own else None, error=errors[0].strip() if errors else ""
    )
