"""The language of a context."""

from contextvars import copy_context

from core.errors import RunStopped
from core.words import _, ngettext, speak


def test_without_a_language_it_is_english() -> None:
    assert copy_context().run(_, "the run was stopped") == "the run was stopped"
    assert ngettext("{n} run", "{n} runs", 1) == "{n} run"
    assert ngettext("{n} run", "{n} runs", 2) == "{n} runs"


def test_a_language_without_a_catalogue_gives_english() -> None:
    def stopped() -> str:
        speak("xx")
        return str(RunStopped())

    assert copy_context().run(stopped) == "the run was stopped"


def test_a_language_stays_in_its_context() -> None:
    def in_korean() -> str:
        speak("ko")
        return _("the run was stopped")

    before = _("the run was stopped")
    copy_context().run(in_korean)
    assert _("the run was stopped") == before
