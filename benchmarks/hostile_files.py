"""Files that somebody makes to hurt a server: each is made here when it is asked for.

`python -m benchmarks.hostile_files` opens one after another in this process, in as much memory as
`ulimit -d` allows, and prints what was said of each, what it took and how much memory that was.
"""

import argparse
import gzip
import json
import random
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.report import table
from core.charts import chart
from core.charts.panel import panels_of
from core.errors import BadFile
from core.measuring.resources import allowed_bytes, forget_peak, peak_bytes
from core.runfile.in_turn import load_in_turn
from core.shell.report import report

Make = Callable[[], bytes]
MB = 1 << 20
PIECE = 1 << 20
SPEC = {"pattern": "gather", "tasks": 3, "sleep_s": 0.1}


def run_file(**changes: Any) -> bytes:
    """Return a run file of three jobs that did nothing, with other values for some keys."""
    return json.dumps(_run(**changes)).encode()


def _run(**changes: Any) -> dict[str, Any]:
    return {
        "schema": "loopscope/run@1",
        "spec": SPEC,
        "python": "3.11.7",
        "wall_ns": 10**8,
        "ideal_ns": 10**8,
        "recording_ns": 0,
        "dropped_events": 0,
        "jobs": [_job(number) for number in range(3)],
        "results": [],
        "log": [],
    } | changes


def _job(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "outcome": "ok",
        "error": None,
        "result": None,
        "attempts": 1,
        "created_ns": 0,
        "ended_ns": 0,
        "spans": [],
    } | changes


def _span(start_ns: int, end_ns: int, **changes: Any) -> dict[str, Any]:
    return {
        "state": "waiting",
        "start_ns": start_ns,
        "end_ns": end_ns,
        "lane": "loop",
        "where": None,
        "on": "timer",
        "cpu_ns": None,
    } | changes


def packed(pieces: Iterator[bytes]) -> bytes:
    """Return pieces compressed, without ever holding them together."""
    from core.runfile.schema import packed as compressed  # noqa: PLC0415 - made here only

    return b"".join(compressed(pieces))


def _zeros(blocks: int) -> bytes:
    """Return compressed zeros, a number of blocks of 16 MB: one is compressed, the others copied.

    After a full flush a block refers to nothing before it. Source: RFC 1951 and 1952.
    """
    block = bytes(16 * MB)
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(blocks):
        check = zlib.crc32(block, check)
    trailer = check.to_bytes(4, "little") + (blocks * len(block)).to_bytes(4, "little")
    return gzip.compress(b"")[:10] + body * blocks + packer.flush() + trailer


def _repeated(key: str, values: bytes, size_bytes: int, ends: str = "[]") -> bytes:
    """Return a file, compressed, in which a list or an object holds something time and again."""
    before, after = run_file(**{key: "HERE"}).split(b'"HERE"')

    def pieces() -> Iterator[bytes]:
        yield before + ends[0].encode() + values
        block = b"," + values
        piece = block * max(1, PIECE // len(block))
        for _ in range(max(1, size_bytes // len(piece))):
            yield piece
        yield ends[1].encode() + after

    return packed(pieces())


def _many_keys(key: str, count: int) -> bytes:
    # written by hand, as `json` takes three times as long for millions
    keys = ", ".join([f'"{number:x}": 1' for number in range(count)])
    file = run_file(**{key: "HERE"}).replace(b'"HERE"', f"{{{keys}}}".encode())
    return gzip.compress(file, 1)


def valid_jobs(count: int) -> bytes:
    """Return a good file with a number of jobs, compressed."""
    spec = SPEC | {"tasks": count}
    before, after = run_file(jobs="HERE", spec=spec).split(b'"HERE"')

    times = {"start_ns": "START", "end_ns": "END"}
    ends = {"created_ns": "START", "ended_ns": "END", "spans": [_span(0, 0) | times]}
    job = json.dumps(_job(0) | {"id": "START"} | ends)
    form = job.replace("%", "%%").replace('"START"', "%(start)d").replace('"END"', "%(end)d")

    def pieces() -> Iterator[bytes]:
        yield before + b"["
        for number in range(count):
            one = form % {"start": number, "end": number + 5}
            yield (f",{one}" if number else one).encode()
        yield b"]" + after

    return packed(pieces())


def _long_lives(jobs: int, spans: int, **changes: Any) -> bytes:
    """Return a file of jobs with many spans each, the last with another number."""
    lives = []
    for number in range(jobs):
        own = [_span(at, at + 1, **changes) for at in range(spans)]
        lives.append(_job(number, ended_ns=spans, spans=own))
    lives[-1]["id"] = 2**31
    return gzip.compress(run_file(jobs=lives), 1)


def _letters(alphabet: str, count: int) -> bytes:
    choose = random.Random(1)  # noqa: S311 - no secret
    text = "".join(choose.choices(alphabet, k=1_000))
    return gzip.compress(run_file(error={"type": "E", "message": text * (count // 1_000)}), 1)


def _log(text: str) -> bytes:
    return gzip.compress(run_file(log=[{"at_ns": 1, "text": text}]), 1)


PICTURE = "![i](http://else.where/i.png) http://else.where <img src=http://else.where/j.png>"
CONTROLS = "\x1b[2J\x9b31m\u202e\x00\x07\r\n\u2028"

HOSTILE: dict[str, Make] = {
    "a name that is a format of 900 MB": lambda: run_file(served={"{count:>900000000}": 5}),
    "a name that is a format without a value": lambda: run_file(served={"{x}": 5}),
    "a message of 10^8 letters": lambda: _letters("abc", 10**8),
    "a message of emoji": lambda: _letters("abc😀", 10**7),
    "a line of 19,000,000 letters": lambda: _log("long " * 3_800_000),
    "a line that looks for its end time and again": lambda: _log("Executing <" * 1_000_000),
    "zeros that inflate to 2 GB": lambda: _zeros(128),
    "jobs that are numbers": lambda: _repeated("jobs", b"1", 40 * MB),
    "jobs that are empty": lambda: _repeated("jobs", b"{}", 40 * MB),
    "results of two letters": lambda: _repeated("results", b'"ab"', 50 * MB),
    "lines without an end": lambda: _repeated("log", b'{"at_ns":0,"text":"a"}', 50 * MB),
    "places without an end": lambda: _repeated("sites", b'"\\u00e9b"', 50 * MB),
    "numbers without an end": lambda: _repeated("span_sites", b"1000", 50 * MB),
    "keys that nobody knows": lambda: _repeated("moon", b"[1,[2]]", 50 * MB),
    "names without an end": lambda: _many_keys("served", 2_000_000),
    "lanes without an end": lambda: _many_keys("lanes", 2_000_000),
    "settings without an end": lambda: _many_keys("spec", 2_000_000),
    "lists in lists": lambda: run_file(jobs="HERE").replace(b'"HERE"', b"[" * 10**6),
    "a million tasks and three jobs": lambda: run_file(spec=SPEC | {"tasks": 1_000_000}),
    "100,000 tasks and three jobs": lambda: run_file(spec=SPEC | {"tasks": 100_000}),
    "tasks of an hour, one after the other": lambda: run_file(
        spec={"pattern": "sequential", "tasks": 100_000, "sleep_s": 3_600}
    ),
    "500,000 jobs": lambda: valid_jobs(500_000),
    "60,000 jobs": lambda: valid_jobs(60_000),
    "jobs with far numbers": lambda: _long_lives(2, 2_000),
    "workers with far numbers": lambda: _long_lives(
        1, 3_000, state="working", lane="thread-9999999", on=None
    ),
    "sites that are pictures": lambda: run_file(
        results=[PICTURE] * 50, sites=[PICTURE], span_sites=[]
    ),
    "texts that control": lambda: run_file(
        results=[CONTROLS], python=CONTROLS, log=[{"at_ns": 0, "text": CONTROLS}]
    ),
    "a comparison of 900 runs": lambda: json.dumps(
        {"schema": "loopscope/comparison@1", "runs": [_run()] * 900}
    ).encode(),
    "a wall time of 0": lambda: run_file(wall_ns=0),
    "200,000 names of lanes": lambda: run_file(
        lanes={f"thread-{number}": "" for number in range(1, 200_000)}
    ),
    "half of a compressed file": lambda: valid_jobs(1_000)[:2_000],
}
"""Hostile files by what is wrong with them."""


def opened(data: bytes) -> str:
    """Return what is said of a file as the page opens it: that it is shown, or why it is not."""
    try:
        runs = load_in_turn(data, allowed_bytes())
    except BadFile as error:
        return str(error)
    report(runs, width=80)
    chart.draw(panels_of(runs)).figure()
    return "shown"


def main(arguments: Sequence[str] | None = None) -> None:
    """Open each file and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_files", description=__doc__)
    parser.add_argument("--only", default="", help="files whose description holds this")
    asked = parser.parse_args(arguments)
    rows = []
    for name, make in HOSTILE.items():
        if asked.only in name:
            data = make()
            forget_peak()
            began_s = time.perf_counter()
            said = opened(data)
            took_s = time.perf_counter() - began_s
            size, peak = len(data) / 1000, peak_bytes() / MB
            rows.append((name, f"{size:,.0f}", f"{took_s:.2f}", f"{peak:,.0f}", said[:60]))
            print(".", end="", file=sys.stderr, flush=True)
    heads = ("file", "kB", "s", "MB at most", "what is said")
    print("\n".join(table(heads, rows)))


if __name__ == "__main__":
    main()
