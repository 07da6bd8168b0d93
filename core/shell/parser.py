"""An argument parser that raises, and whose help fits a screen in any language."""

import argparse
from typing import NoReturn

from core.errors import BadUsage
from core.shell.streams import print_text
from core.text.legible import wrapped


class OneLineParser(argparse.ArgumentParser):
    """A parser that raises instead of printing its usage and ending the process."""

    def print_help(self, file: object = None) -> None:  # noqa: ARG002 - as argparse calls it
        """Print the help to standard output, or learn here that it cannot be written to."""
        print_text(self.format_help().rstrip())

    def error(self, message: str) -> NoReturn:
        """Raise `BadUsage`, with what is wrong with the command line."""
        raise BadUsage(message)


class HelpText(argparse.RawDescriptionHelpFormatter):
    """Help whose lines fit a screen in any language; argparse takes a Korean letter for a column.

    It has no public way to break lines otherwise; what is overridden is the same in 3.11 to 3.15.
    """

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width).split("\n")
