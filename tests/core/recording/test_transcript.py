"""What a program prints, line by line."""

import sys
import threading

from hypothesis import given
from hypothesis import strategies as st

from core.recording.transcript import LineStream, text_stream, transcribed


def test_what_is_printed_becomes_lines_and_the_streams_come_back() -> None:
    before = sys.stdout, sys.stderr
    lines: list[str] = []
    with transcribed(lines.append):
        print("one\ntwo", "and more")
        print("an error", file=sys.stderr)
        print("half", end="")
        assert (sys.stdout.name, sys.stdout.fileno()) == ("<stdout>", 1)
        assert (sys.stderr.name, sys.stderr.fileno()) == ("<stderr>", 2)
    assert lines == ["one", "two and more", "an error", "half"]
    assert (sys.stdout, sys.stderr) == before


def test_threads_that_print_at_once_finish_their_own_lines() -> None:
    lines: list[str] = []
    together = threading.Barrier(2)

    def speak(name: str) -> None:
        print(name, end=" ")
        together.wait(10)
        print("was here")
        print(f"{name} leaves", end="")

    with transcribed(lines.append):
        threads = [threading.Thread(target=speak, args=(name,)) for name in ("A", "B")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(lines) == ["A leaves", "A was here", "B leaves", "B was here"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_no_text_is_lost_however_it_is_cut(parts: list[str]) -> None:
    lines: list[str] = []
    stream = LineStream(lines.append, 1)
    text = text_stream(stream)
    for part in parts:
        text.write(part)
    stream.flush_rest()
    whole = "".join(parts)
    assert lines == whole.removesuffix("\n").split("\n") * bool(whole)
