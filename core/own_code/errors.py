"""What can go wrong with somebody's own code, in addition to what can with any run."""

from core.errors import LoopscopeError, RunEndedEarly
from core.text.language import Text, _


class TooManyProcesses(RunEndedEarly):
    """Somebody's own code had more processes at the same time than it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        text = _("the run was ended, as it had more than {most:,} processes at the same time")
        return text.format(most=self.most)


class OwnCodeOff(LoopscopeError):
    """Somebody's own code is not run here."""

    def __init__(self, why: Text) -> None:
        """Say why not, in a sentence."""
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return str(self.why)
