"""Frames between the measuring child and its parent."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.measuring.wire import HEADER, Frames, Tag, frame, json_frame

frames = st.lists(st.tuples(st.sampled_from(Tag), st.binary(max_size=50)), max_size=8)


@given(frames, st.lists(st.integers(0, 500), max_size=12))
def test_frames_torn_anywhere_come_out_whole(
    sent: list[tuple[Tag, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(frame(tag, body) for tag, body in sent)
    borders = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    cutter = Frames()
    received = [each for start, end in pairwise(borders) for each in cutter.feed(stream[start:end])]
    assert received == sent


@given(frames, st.tuples(st.sampled_from(Tag), st.binary(min_size=1)), st.data())
def test_a_torn_frame_at_the_end_is_never_given_out(
    sent: list[tuple[Tag, bytes]], last: tuple[Tag, bytes], data: st.DataObject
) -> None:
    whole = frame(*last)
    torn = whole[: data.draw(st.integers(0, len(whole) - 1))]
    stream = b"".join(frame(tag, body) for tag, body in sent) + torn
    assert list(Frames().feed(stream)) == sent


def test_a_byte_at_a_time_is_enough() -> None:
    cutter = Frames()
    stream = frame(Tag.EVENTS, b"abc") + frame(Tag.READY)
    received = [each for byte in stream for each in cutter.feed(bytes([byte]))]
    assert received == [(Tag.EVENTS, b"abc"), (Tag.READY, b"")]


@given(st.text(), st.integers(-(2**63), 2**63 - 1))
def test_a_json_frame_keeps_texts_and_numbers(text: str, number: int) -> None:
    ((tag, body),) = Frames().feed(json_frame(Tag.TEXTS, text=text, number=number))
    assert tag is Tag.TEXTS
    assert json.loads(body) == {"text": text, "number": number}


def test_a_header_is_five_bytes_on_every_machine() -> None:
    assert HEADER.size == 5
    assert frame(Tag.DONE, b"xy") == b"\x06\x02\x00\x00\x00xy"
