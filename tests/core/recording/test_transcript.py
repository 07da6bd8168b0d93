"""What a program prints, line by line."""

import sys
import threading
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.recording import transcript
from core.recording.transcript import MAX_LINE_BYTES, LineStream, transcribed


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


@given(st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.integers(0, 40)))
def test_no_text_is_lost_however_its_bytes_are_cut(whole: str, cuts: list[int]) -> None:
    lines: list[str] = []
    stream = LineStream(lines.append, 1)
    data = whole.encode()
    for start, end in pairwise(sorted([0, *(min(cut, len(data)) for cut in cuts), len(data)])):
        assert stream.write(data[start:end]) == end - start
    stream.flush_rest()
    assert lines == whole.removesuffix("\n").split("\n") * bool(whole)


def test_standard_output_is_strict_and_standard_error_writes_backslashes() -> None:
    lines: list[str] = []
    with transcribed(lines.append):
        print("bad \udcff name", file=sys.stderr)
        with pytest.raises(UnicodeEncodeError):
            print("bad \udcff name")
        print("good name")
        assert (sys.stdout.errors, sys.stderr.errors) == ("strict", "backslashreplace")
        assert sys.stdout.encoding == sys.stderr.encoding == "utf-8"
        assert (sys.stdout.isatty(), sys.stdout.writable(), sys.stdout.readable()) == (
            False,
            True,
            False,
        )
    assert lines == ["bad \\udcff name", "good name"]


def test_bytes_that_are_written_past_the_text_come_in_their_turn() -> None:
    lines: list[str] = []
    with transcribed(lines.append):
        print("one ", end="")
        sys.stdout.buffer.write("두".encode()[:1])
        rest: Any = sys.stdout.buffer
        rest.raw.write("두".encode()[1:] + b" \xff\n")
        sys.stdout.buffer.flush()
    assert lines == ["one 두 \ufffd"]


@pytest.mark.parametrize("letter", ["x", "한", "😀"])
@pytest.mark.parametrize("at_once", [True, False])
def test_long_lines_are_cut_between_letters_and_say_how_much_is_left_out(
    letter: str, at_once: bool
) -> None:
    lines: list[str] = []
    size = len(letter.encode())
    fitting = MAX_LINE_BYTES // size
    with transcribed(lines.append):
        if at_once:
            print(letter * (fitting + 500))
        else:
            for _ in range(fitting + 500):
                print(letter, end="")
            print()
        print(letter * fitting)
    assert lines == [f"{letter * fitting}… ({500 * size:,} more bytes)", letter * fitting]


def test_an_unfinished_line_is_bounded_too() -> None:
    lines: list[str] = []
    with transcribed(lines.append):
        for _ in range(4):
            print("x" * MAX_LINE_BYTES, end="")
    assert lines == [f"{'x' * MAX_LINE_BYTES}… ({3 * MAX_LINE_BYTES:,} more bytes)"]


def test_a_closed_stream_refuses_what_is_printed_and_the_run_goes_on() -> None:
    lines: list[str] = []
    with transcribed(lines.append):
        print("before", end="")
        sys.stdout.close()
        with pytest.raises(ValueError, match="closed file"):
            print("after")
        print("an error", file=sys.stderr)
    assert lines == ["an error", "before"]


def test_a_stream_that_is_kept_can_be_written_to_after_the_run() -> None:
    lines: list[str] = []
    with transcribed(lines.append):
        mine = sys.stdout
    print("late", file=mine)
    assert lines == ["late"]


def test_of_a_stack_the_recorders_own_frames_are_left_out() -> None:
    lines: list[str] = []
    with transcribed(lines.append, hidden=["/own", "/half.py"]):
        print('Stack:\n  File "/theirs/a.py", line 1, in a\n    a()')
        print('  File "/own/b.py", line 2, in b\n    b()\n    ^^^')
        print(f'  File "{transcript.__file__}", line 3, in c\n    c()')
        print('  File "/half.py", line 4, in e\n    e()\n  File "/half.pyi", line 5, in f')
        print('  File "/owner/d.py", line 4, in d\n    d()\nEnd\n    of it')
    assert lines == [
        *("Stack:", '  File "/theirs/a.py", line 1, in a', "    a()"),
        '  File "/half.pyi", line 5, in f',
        *('  File "/owner/d.py", line 4, in d', "    d()", "End", "    of it"),
    ]
