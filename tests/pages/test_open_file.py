"""Run files opened on a page: shown as when they were measured, or refused in one line."""

import asyncio
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from core import runfile
from core.charts.panel import panels_of
from core.exports import EXPORTS
from core.measuring.finished import ResultCache
from core.recording.file_recording import FileRecording
from core.recording.recorder import JobError, LogLine
from core.runfile.in_turn import load_in_turn
from core.spec.limits import LIMITS
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Outcome, State, Timeline
from pages.components import opened_files
from pages.components.look import escaped
from pages.components.opened_files import OpenedFiles
from tests.kit.handmade import timeline
from tests.kit.screen import WORDS, Screen, blank, opened, unescaped
from tests.kit.sleeping import run_sleeping

R, W = State.RUNNING, State.WAITING
HOSTILE = "<b>bold</b> <img src=x onerror=alert(1)> [x](javascript:alert(1)) $x^2$ :red[y] `z`"


def of(pattern: str, tasks: int, **settings: Any) -> Timeline:
    """Return a finished run of a pattern."""
    spec = RunSpec(pattern=pattern, tasks=tasks, sleep_s=0.2)
    return replace(run_sleeping("gather", tasks).timeline, program=spec, **settings)


def with_files(*files: tuple[str, bytes]) -> Screen:
    """Return the page after somebody has chosen files."""
    screen = opened("open_file")
    chosen = [(name, content, "application/json") for name, content in files]
    screen.at.file_uploader[0].set_value(chosen)
    return screen.run()


def test_the_page_waits_for_a_file() -> None:
    screen = opened("open_file")
    assert screen.texts("title") == ["Open a run file"]
    assert screen.at.get("plotly_chart") == []
    assert screen.texts("error") == []


def test_its_link_says_what_a_row_stands_for_before_there_is_a_file() -> None:
    screen = blank("open_file")
    screen.at.query_params["lanes"] = "workers"
    screen.run()
    run = runfile.dump([of("gather", 3)])
    screen.at.file_uploader[0].set_value([("run.json", run, "application/json")])
    assert screen.run().labels == [["loop"]]
    screen.choose("lanes", "jobs")
    assert screen.labels == [["job 1", "job 2", "job 3"]]
    assert "lanes" not in screen.at.query_params


def test_a_projected_file_is_its_chart_and_its_sentence() -> None:
    screen = blank("open_file")
    screen.at.query_params["projector"] = "on"
    screen.run()
    run = runfile.dump([of("gather", 3)])
    screen.at.file_uploader[0].set_value([("run.json", run, "application/json")])
    screen.run()
    assert screen.texts("title") == ["Open a run file"]
    assert screen.folds == [WORDS]
    assert screen.texts("markdown")[1:] == [f"**{escaped(str(screen.sentence))}**"]


def test_a_file_is_shown_as_when_it_was_measured() -> None:
    run = of("gather", 3)
    screen = with_files(("run.json", runfile.dump([run]))).unfold()
    assert screen.texts("error") == screen.texts("info") == []
    (panel,) = panels_of([run])
    assert screen.titles == [panel.title.replace("<b>", "").replace("</b>", "")]
    assert set(screen.states()) == {0, 1, 2}
    assert screen.sentence is not None
    assert screen.sentence.startswith("3 jobs of 200 ms took 200 ms")
    assert screen.metrics["wall time"] == "200 ms"
    assert screen.returned == {"gather": ["job 1", "job 2", "job 3"]}
    assert len(screen.at.get("download_button")) == len(EXPORTS)


def test_a_compressed_file_is_shown_as_well() -> None:
    screen = with_files(("run.json.gz", runfile.dump_packed([of("gather", 3)])))
    assert screen.texts("error") == []
    assert screen.metrics["wall time"] == "200 ms"


def test_a_file_is_read_once_however_often_the_page_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []

    def noted(data: bytes, memory_bytes: float) -> Any:
        sizes.append(len(data))
        return load_in_turn(data, memory_bytes)

    monkeypatch.setattr(opened_files, "load_in_turn", noted)
    files = [(f"{tasks}.json", runfile.dump([of("gather", tasks)])) for tasks in (1, 2, 3)]
    with_files(*files).run().run()
    assert sizes == [len(content) for _, content in files]


def test_a_file_for_which_there_is_no_room_beside_others_is_refused_and_these_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = of("gather", 3)
    monkeypatch.setattr(opened_files, "result_cache", lambda: ResultCache(run.size_bytes * 5 // 2))
    screen = with_files(*((f"{name}.json", runfile.dump([run])) for name in "abc"))
    assert [unescaped(text) for text in screen.texts("error")] == [
        "c.json: there is no room for it in addition to the files above; open fewer at once"
    ]
    assert len(screen.titles) == 2


def test_a_file_may_hold_no_more_than_there_is_memory_to_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opened_files, "allowed_bytes", lambda: 10_000.0)
    screen = with_files(("a.json", b"[" + b"1," * 200 + b"1]"))
    (said,) = screen.texts("error")
    assert unescaped(said) == "a.json: it holds about 201 values; at most 25 can be read here"


def upload(content: bytes, name: str = "run.json") -> UploadedFile:
    record = UploadedFileRec(file_id=name, name=name, type="", data=content)
    return UploadedFile(record, FileURLs())


def test_files_count_towards_what_is_kept_until_they_are_no_longer_chosen() -> None:
    cache, run = ResultCache(), of("gather", 3)
    own, other = OpenedFiles(cache), OpenedFiles(cache)
    for _drawn in range(3):
        assert own.keep(own.opened(upload(runfile.dump([run]))), [])
    assert cache.size_bytes == run.size_bytes > 1_000
    assert other.keep(other.opened(upload(runfile.dump([run]))), [])
    assert cache.size_bytes == 2 * run.size_bytes
    own.only(set())
    other.close()
    assert cache.size_bytes == 0


def test_a_file_that_was_evicted_for_others_is_read_again() -> None:
    run = of("gather", 3)
    own = OpenedFiles(ResultCache(run.size_bytes * 3 // 2))
    first, second = (own.opened(upload(runfile.dump([run]), name)) for name in ("first", "second"))
    assert own.keep(first, [])
    assert own.keep(second, [])
    assert first.was_evicted
    assert not own.keep(second, [second])
    assert len(own.opened(upload(runfile.dump([run]), "first")).timelines) == 1


def test_a_file_that_cannot_be_read_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    own = OpenedFiles(ResultCache())
    first = own.opened(upload(b"{"))
    monkeypatch.delattr(opened_files, "load_in_turn")
    assert own.opened(upload(b"{")) is first
    assert str(first.problem) == "line 1, column 2: the file ends here, and should go on"


def test_two_files_stand_on_one_axis_and_compare() -> None:
    slow = replace(of("sequential", 3), wall_ns=600_000_000)
    screen = with_files(
        ("slow.json", runfile.dump([slow])), ("quick.json", runfile.dump([of("gather", 3)]))
    )
    assert [title.split("<br>")[0] for title in screen.titles] == [
        "sequential — 600 ms",
        "gather — 200 ms, 3× faster",
    ]
    assert screen.texts("info") == []


def test_the_same_run_before_and_after_compares() -> None:
    before = replace(of("gather", 2), wall_ns=400_000_000)
    screen = with_files(
        ("a.json", runfile.dump([before])), ("b.json", runfile.dump([of("gather", 2)]))
    )
    assert screen.titles[1] == "gather — 200 ms, 2× faster"


def test_runs_of_other_work_are_shown_with_what_does_not_compare() -> None:
    other = of("gather", 5, python="3.14.0")
    screen = with_files(
        ("a.json", runfile.dump([of("gather", 3)])), ("b.json", runfile.dump([other]))
    )
    work, pythons = map(unescaped, screen.texts("info"))
    assert work == (
        "The runs did not do the same work, so their times do not compare "
        "(gather: 3 jobs of 200 ms; gather: 5 jobs of 200 ms)."
    )
    assert pythons == "They were measured with different Pythons: , 3.14.0."
    assert screen.titles == ["gather — 200 ms", "gather — 200 ms"]


def test_a_comparison_file_is_shown_whole() -> None:
    runs = [of(name, 2) for name in ("sequential", "gather")]
    assert len(with_files(("both.json", runfile.dump(runs))).titles) == 2


def test_a_bad_file_is_refused_with_its_name_and_key_and_the_other_is_shown() -> None:
    value: Any = runfile.run_object(of("gather", 2))
    value["jobs"][1]["spans"][0]["start_ns"] = -5
    screen = with_files(
        ("bad.json", json.dumps(value).encode()), ("good.json", runfile.dump([of("gather", 2)]))
    )
    assert screen.texts("error") == ["bad.json: jobs[1].spans[0].start_ns: Expected `int` >= 0"]
    assert len(screen.titles) == 1


def test_more_runs_than_can_be_shown_are_refused() -> None:
    runs = runfile.dump([of("gather", 1)] * 20)
    screen = with_files(("a.json", runs), ("b.json", runs))
    assert screen.texts("error") == [
        "There are 40 runs in these files; at most 32 can be shown at once."
    ]


def test_texts_of_a_file_are_shown_as_texts() -> None:
    run = of("gather", 2, log=(LogLine(at_ns=0, text=HOSTILE),), results=(HOSTILE,))
    jobs = replace(
        run.jobs,
        outcome=(Outcome.FAILED, Outcome.OK),
        error=(JobError(kind=HOSTILE, message=HOSTILE), None),
    )
    hostile = replace(
        run,
        jobs=jobs,
        error=JobError(kind=HOSTILE, message=HOSTILE),
        python=HOSTILE,
        sites=(HOSTILE,) * 9,
    )
    screen = with_files((f"{HOSTILE}.json", runfile.dump([hostile])), ("x.json", b"{"))
    screen.unfold()
    assert_plain(screen)
    assert screen.returned == {"gather": [HOSTILE]}
    assert any(HOSTILE in text for text in screen.texts("code"))


def assert_plain(screen: Screen) -> None:
    """Check that nothing of a hostile text reaches Markdown or Plotly as more than text."""
    for text in [*screen.texts("markdown"), *[each.value for each in screen.at.error]]:
        assert "<img" not in text.replace("\\<", "")
        assert "](javascript" not in text.replace("\\]", "")
    drawn = json.dumps(screen.figure, ensure_ascii=False)
    assert "<img" not in drawn
    assert "<b>bold" not in drawn


def test_a_run_without_jobs_is_shown() -> None:
    screen = with_files(("none.json", runfile.dump([timeline(wall_ms=1)])))
    assert screen.texts("error") == []
    assert len(screen.titles) == 1


def test_a_file_beyond_the_limit_is_refused_with_the_limit_and_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opened_files, "LIMITS", replace(LIMITS, upload_mb=1))
    screen = with_files(("large.json", b" " * 1_572_864))
    assert [unescaped(text) for text in screen.texts("error")] == [
        "large.json: the file has 1.5 MB; the limit is 1 MB."
    ]
    assert screen.at.get("plotly_chart") == []


def test_a_recording_of_a_program_is_shown_by_its_tasks(tmp_path: Path) -> None:
    async def main() -> None:
        await asyncio.gather(*(asyncio.sleep(0.01) for _ in range(2)))

    path = tmp_path / "it.loopscope"
    with FileRecording(path, command=["fetch.py", "--fast"]):
        asyncio.run(main())
    screen = with_files(("it.loopscope", path.read_bytes()))
    assert screen.texts("error") == []
    ((first, *others),) = screen.labels
    assert len(others) == 2
    assert re.fullmatch(r"main \(Task-\d+\)", first)
    title = screen.figure["layout"]["annotations"][0]["text"]
    assert title.startswith("<b>fetch.py</b>")
    assert "--fast" in title
    assert "ideal" not in [trace.get("name") for trace in screen.figure["data"]]


def test_two_recordings_of_a_program_compare_before_and_after_a_mend(tmp_path: Path) -> None:
    async def before() -> None:
        for _ in range(10):
            await asyncio.sleep(0.02)

    async def after() -> None:
        await asyncio.gather(*(asyncio.sleep(0.02) for _ in range(10)))

    files = []
    for main in (before, after):
        path = tmp_path / f"{main.__name__}.loopscope"
        with FileRecording(path, command=["fetch.py"]):
            asyncio.run(main())
        files.append((path.name, path.read_bytes()))
    screen = with_files(*files)
    assert screen.texts("error") == screen.texts("info") == []
    first, second = screen.titles
    assert first.startswith("fetch.py (before) — ")
    assert second.startswith("fetch.py (after) — ")
    assert "faster" in second
    assert [len(labels) for labels in screen.labels] == [1, 11]
    assert screen.sentence is not None
    assert "1 to 11 tasks" in screen.sentence
    assert list(screen.at.table[0].value.index) == [
        escaped("fetch.py (before)"),
        escaped("fetch.py (after)"),
    ]
    alone = with_files(files[0])
    assert alone.titles[0].startswith("fetch.py — ")


def test_a_program_and_its_child_stand_on_one_axis(tmp_path: Path) -> None:
    files = []
    for name, parent in (("fetch", None), ("fetch.71", 70)):
        path = tmp_path / f"{name}.loopscope"
        facts = {"family": "word", "parent_pid": parent, "name": ""}
        with FileRecording(path, command=["fetch.py"], process=facts):
            asyncio.run(asyncio.sleep(0.01))
        files.append((path.name, path.read_bytes()))
    screen = with_files(*files)
    assert screen.texts("error") == screen.texts("info") == []
    main, child = screen.titles
    assert main.startswith("fetch.py (fetch) — ")
    assert child.startswith(f"fetch.py (pid {os.getpid()}) — ")
    assert "began" in child
    bars = [
        each for each in screen.figure["data"] if each.get("type") == "bar" and each.get("base")
    ]
    of_main, of_child = (
        [base for each in bars if each["yaxis"] == axis for base in each["base"]]
        for axis in dict.fromkeys(each["yaxis"] for each in bars)
    )
    assert min(of_main) < min(of_child)
    assert max(of_main) < max(of_child)


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "it.loopscope"
    with FileRecording(path, command=["fetch.py"]):
        asyncio.run(asyncio.sleep(0.01))
    screen = with_files((path.name, path.read_bytes()), (path.name, path.read_bytes()))
    assert list(screen.at.table[0].value.index) == [
        escaped("fetch.py (it)"),
        escaped("fetch.py (it) (2)"),
    ]
