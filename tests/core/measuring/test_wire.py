"""Frames between the measuring child and its parent."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FramesGarbled
from core.measuring.wire import HEADER, MOMENT, MOST_BYTES, Frames, Tag, frame, json_frame
from core.recording.events import BYTES_PER_EVENT

rows = st.integers(0, 3).map(lambda count: b"r" * count * BYTES_PER_EVENT)
texts = st.sampled_from((Tag.PREPARED, Tag.STARTED, Tag.TEXTS, Tag.DONE, Tag.FAILED, Tag.FACTS))
whole_frames = st.one_of(
    st.just((Tag.READY, b"")),
    st.tuples(st.just(Tag.EVENTS), rows),
    st.tuples(st.just(Tag.NOW), rows.map(lambda under_way: MOMENT.pack(7) + under_way)),
    st.tuples(texts, st.binary(max_size=50)),
)
frames = st.lists(whole_frames, max_size=8)


@given(frames, st.lists(st.integers(0, 500), max_size=12))
def test_frames_torn_anywhere_come_out_whole(
    sent: list[tuple[Tag, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(frame(tag, body) for tag, body in sent)
    borders = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    cutter = Frames()
    received = [each for start, end in pairwise(borders) for each in cutter.feed(stream[start:end])]
    assert received == sent


@given(frames, whole_frames, st.data())
def test_a_torn_frame_at_the_end_is_never_given_out(
    sent: list[tuple[Tag, bytes]], last: tuple[Tag, bytes], data: st.DataObject
) -> None:
    whole = frame(*last)
    torn = whole[: data.draw(st.integers(0, len(whole) - 1))]
    stream = b"".join(frame(tag, body) for tag, body in sent) + torn
    assert list(Frames().feed(stream)) == sent


def test_a_byte_at_a_time_is_enough() -> None:
    cutter = Frames()
    stream = frame(Tag.TEXTS, b"abc") + frame(Tag.READY)
    received = [each for byte in stream for each in cutter.feed(bytes([byte]))]
    assert received == [(Tag.TEXTS, b"abc"), (Tag.READY, b"")]


@given(st.text(), st.integers(-(2**63), 2**63 - 1))
def test_a_json_frame_keeps_texts_and_numbers(text: str, number: int) -> None:
    ((tag, body),) = Frames().feed(json_frame(Tag.TEXTS, text=text, number=number))
    assert tag is Tag.TEXTS
    assert json.loads(body) == {"text": text, "number": number}


def test_a_header_is_five_bytes_on_every_machine() -> None:
    assert HEADER.size == 5
    assert frame(Tag.DONE, b"xy") == b"\x06\x02\x00\x00\x00xy"


@pytest.mark.parametrize("tag", Tag)
def test_a_frame_longer_than_a_run_can_send_is_refused_by_its_header_alone(tag: Tag) -> None:
    longest = MOST_BYTES[tag]
    assert list(Frames().feed(HEADER.pack(tag, longest)[: HEADER.size])) == (
        [] if longest else [(tag, b"")]
    )
    for length in (longest + BYTES_PER_EVENT, (1 << 32) - 1):
        with pytest.raises(FramesGarbled):
            list(Frames().feed(HEADER.pack(tag, length)))


def test_many_frames_bring_no_more_rows_than_one() -> None:
    cutter = Frames()
    some = frame(
        Tag.EVENTS, bytes(MOST_BYTES[Tag.EVENTS] // 4 // BYTES_PER_EVENT * BYTES_PER_EVENT)
    )
    for _ in range(4):
        assert len(list(cutter.feed(some))) == 1
    with pytest.raises(FramesGarbled):
        list(cutter.feed(some))


@pytest.mark.parametrize(
    "sent",
    [
        HEADER.pack(0, 0),
        HEADER.pack(max(Tag) + 1, 0),
        HEADER.pack(Tag.EVENTS, BYTES_PER_EVENT - 1),
        HEADER.pack(Tag.NOW, MOMENT.size + 1),
        HEADER.pack(Tag.NOW, 0),
        b"Traceback (most recent call last):",
    ],
)
def test_what_is_no_frame_is_refused(sent: bytes) -> None:
    with pytest.raises(FramesGarbled):
        list(Frames().feed(sent))
