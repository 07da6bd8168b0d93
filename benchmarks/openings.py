"""What runs look like that a page measures when it is opened, when Run is pressed, and a shell's.

`python -m benchmarks.openings` prints a table.
Each opening has a server and a Chromium of its own, both as cold as they can be: so its first
comparison, which is all that a newcomer sees, would have their start in it. The presses follow one
another on a page at rest. Each waits until nobody else keeps the machine busy, as long as patience
lasts. `--beside N` lets N loops calculate meanwhile.

`--starts` prints what precedes each of them: from the word to measure to the pattern's beginning,
with a warm spare and with a child that must start first, in turns, so that the ratios hold on a
busy machine. Its second table says what a child would pay if it imported at once what workloads
import on use.
"""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.report import machine, python, table
from core.analysis.findings_text import findings_text
from core.analysis.summary import explain
from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.runfile import load
from core.spec.ideal import ideal_of
from core.spec.run_spec import RunSpec
from core.timeline.timeline import Timeline
from tests.kit.server import ROOT, running_app

STANDARD_OUTPUT = "-"
TIMES = 12
REST_S = 2.0
CALM = 0.15
LIMIT_MS = 60_000
SHARE_THAT_SHOWS = 0.10
ROUNDS = 15
WARM_UP_S = 0.6
IMPORTS = {
    "nothing": "pass",
    "the measuring child": "import core.measuring.child",
    **{
        f"+ {name}": f"import core.measuring.child, {name}"
        for name in ("aiohttp", "asyncpg", "psycopg_pool", "urllib3", "aiofiles", "distributed")
    },
}
SPEC = RunSpec(pattern="gather", tasks=5, sleep_s=0.001)
PATTERNS = ("sequential", "gather", "run_in_executor")
HEADINGS = (
    "measured by",
    "comparisons",
    "overhead at most",
    "at the median",
    "above 10 %",
    "accused lines",
    "marked as disturbed",
    "processors busy before",
)
ACCUSED = re.compile(r"(\S+\.py:\d+|`[^`]+`) held the event loop")
DISTURBED = "disturbed"
OVERHEAD = re.compile(r"([+−-])([\d.,]+)%")
SPIN = "while True: pass"

SHOWN = """
() => {
    const cells = (row) => [...row.querySelectorAll('th, td')].map(each => each.innerText);
    const rows = [...document.querySelector('[data-testid=stTable]').querySelectorAll('tr')];
    const texts = [...document.querySelectorAll('[data-testid=stMarkdown]')];
    return {rows: rows.map(cells), texts: texts.map(each => each.innerText)};
}
"""
UNDER_WAY = """
() => [...document.querySelectorAll('button')].some(
    each => each.innerText.startsWith('Stop') && !each.disabled)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One comparison, as its reader sees it.

    Attributes:
        shares: The overhead of each run, as a share of its ideal.
        accused: How many lines of the program are said to have held the event loop.
        disturbed: Whether the page says that the machine disturbed a run.
        busy: How many processors others kept busy just before.
        text: All that is said.
    """

    shares: tuple[float, ...]
    accused: int
    disturbed: bool
    busy: float
    text: str


def await_calm(patience_s: float) -> float:
    """Return how many processors are busy, once nearly none is or patience has ended."""
    give_up_s = time.monotonic() + patience_s
    while (busy := busy_processors()) > CALM and time.monotonic() < give_up_s:
        pass
    return busy


def busy_processors() -> float:
    """Look for a second how many processors are busy; see proc(5), `/proc/stat`."""
    before = _processor_times()
    time.sleep(1)
    spent = [now - then for now, then in zip(_processor_times(), before, strict=True)]
    idle = spent[3] + spent[4]
    return (os.cpu_count() or 1) * (1 - idle / max(1, sum(spent)))


def _processor_times() -> list[int]:
    """Return the ticks of all processors: user, nice, system, idle, iowait, irq, softirq, steal."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    return [int(ticks) for ticks in first.split()[1:9]]


def seen(shares: Sequence[float], text: str, busy: float) -> Seen:
    """Return what a reader sees of a comparison."""
    return Seen(
        shares=tuple(shares),
        accused=len(ACCUSED.findall(text)),
        disturbed=DISTURBED in text,
        busy=busy,
        text=text,
    )


def on_the_page(page: Page, busy: float) -> Seen:
    """Read a comparison from the page."""
    shown = page.evaluate(SHOWN)
    heading, *rows = shown["rows"]
    column = heading.index("overhead")
    return seen([share_of(row[column]) for row in rows], "\n".join(shown["texts"]), busy)


def share_of(text: str) -> float:
    """Return which share of the ideal an overhead is, as the page writes it."""
    found = OVERHEAD.search(text)
    if found is None:
        raise ValueError(f"{text} is no overhead")
    share = float(found[2].replace(",", "")) / 100
    return share if found[1] == "+" else -share


@contextmanager
def opened(path: str) -> Iterator[Page]:
    """Open the app on a server and in a browser of their own; its first comparison has ended."""
    with running_app() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-US")
        page.set_default_timeout(LIMIT_MS)
        page.goto(server.address)
        await_result(page)
        yield page
        browser.close()


def await_result(page: Page) -> None:
    """Return once the page shows a comparison that has ended."""
    page.wait_for_selector("[data-testid=stTable]")
    page.wait_for_selector("[data-test-script-state=notRunning]")


def openings(path: str, times: int, patience_s: float) -> list[Seen]:
    """Open the app again and again, each time with a new server and browser."""
    found = []
    for _ in range(times):
        busy = await_calm(patience_s)
        with opened(path) as page:
            found.append(on_the_page(page, busy))
    return found


def presses(path: str, times: int, patience_s: float) -> list[Seen]:
    """Press Run again and again on a page at rest."""
    found = []
    with opened(path) as page:
        for _ in range(times):
            time.sleep(REST_S)
            busy = await_calm(patience_s)
            page.get_by_test_id("stBaseButton-primary").click()
            page.wait_for_function(UNDER_WAY)
            page.wait_for_function(f"() => !({UNDER_WAY})()")
            await_result(page)
            found.append(on_the_page(page, busy))
    return found


def from_a_shell(times: int, patience_s: float) -> list[Seen]:
    """Compare again and again from a shell."""
    found = []
    command = [sys.executable, "-m", "core", "compare", *PATTERNS, "--json", STANDARD_OUTPUT]
    for _ in range(times):
        busy = await_calm(patience_s)
        made = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
        runs = list(load(made.stdout))
        text = "\n".join([explain(runs), *map(findings_text, runs)])
        found.append(seen([_share(run) for run in runs], text, busy))
    return found


def _share(run: Timeline) -> float:
    best = ideal_of(run.program)
    best_ns = best.wall_ns if best else 0
    return (run.wall_ns - best_ns) / best_ns


@contextmanager
def beside(loops: int) -> Iterator[None]:
    """Let processes calculate meanwhile."""
    busy = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(loops)]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


def row(how: str, all_seen: Sequence[Seen]) -> tuple[str, ...]:
    """Return a row of the table."""
    worst = sorted(max(each.shares) for each in all_seen)
    busy = [each.busy for each in all_seen]
    return (
        how,
        f"{len(all_seen)}",
        f"{worst[-1]:.1%}",
        f"{worst[len(worst) // 2]:.1%}",
        f"{sum(share > SHARE_THAT_SHOWS for share in worst)}",
        f"{sum(each.accused for each in all_seen)}",
        f"{sum(each.disturbed for each in all_seen)}",
        f"{min(busy):.1f} to {max(busy):.1f}",
    )


def tables(rows: Sequence[tuple[str, ...]]) -> str:
    """Return what was seen as a table that is both plain text and Markdown."""
    return "\n".join([f"{python()}; {machine()}.", "", *table(HEADINGS, rows)])


def print_starts() -> None:
    """Print the time from the word to measure until the pattern began, in milliseconds."""
    warm, cold = [], []
    for _ in range(ROUNDS):
        warm.append(click_to_start_ms(Spares(1), warm_up_s=WARM_UP_S))
        cold.append(click_to_start_ms(Spares(0), warm_up_s=0))
    print(f"{'child':<8}{'median ms':>12}{'min':>8}{'max':>8}")
    for name, times in (("warm", warm), ("cold", cold)):
        row = f"{statistics.median(times):>12.1f}{min(times):>8.1f}{max(times):>8.1f}"
        print(f"{name:<8}{row}")
    ratio = statistics.median(c / w for c, w in zip(cold, warm, strict=True))
    print(f"a warm spare begins {ratio:.0f} times sooner (median of {ROUNDS} pairs)\n")
    print_imports()


def print_imports() -> None:
    """Print the CPU time of an interpreter that imports one thing and ends, in milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(ROUNDS):
        for name in IMPORTS:
            taken[name].append(import_ms(name))
    bare = statistics.median(taken["nothing"])
    print(f"{'imported':<22}{'median ms of CPU':>18}{'times bare Python':>20}")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:<22}{median:>18.0f}{median / bare:>20.1f}")


def import_ms(name: str) -> float:
    """Return how much CPU time a new interpreter takes to import a module and to end."""
    if sys.platform == "win32":
        raise NotImplementedError
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", IMPORTS[name]], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s: float = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used_s * 1_000


def click_to_start_ms(spares: Spares, *, warm_up_s: float) -> float:
    """Measure one run and return how long after the click its pattern began, in milliseconds."""
    time.sleep(warm_up_s)
    measurement = Measurement(SPEC)
    clicked_ns = time.perf_counter_ns()
    measurement.begin(spares.take())
    measurement.prepared.wait()
    measurement.go()
    measurement.ended.wait()
    spares.close()
    started_ns = measurement.started_ns
    if started_ns is None:
        raise RuntimeError("the run did not start") from measurement.error
    return (started_ns - clicked_ns) / 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.openings", description=__doc__)
    parser.add_argument("--json", metavar="PATH", type=Path, help="write what was seen")
    parser.add_argument("--openings", type=int, default=TIMES)
    parser.add_argument("--presses", type=int, default=TIMES)
    parser.add_argument("--shell", type=int, default=TIMES)
    parser.add_argument("--beside", type=int, default=0, help="how many loops calculate meanwhile")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds to await calm")
    parser.add_argument("--starts", action="store_true", help="measure only starts of children")
    options = parser.parse_args(arguments)
    if options.starts:
        print_starts()
        return
    found = measure(options)
    if options.json:
        as_rows = {how: [asdict(each) for each in seen] for how, seen in found.items()}
        options.json.write_text(json.dumps(as_rows, indent=1), encoding="utf-8")
    print(tables([row(how, seen) for how, seen in found.items()]))


def measure(options: argparse.Namespace) -> dict[str, list[Seen]]:
    """Return what was seen, by how it was measured."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if path is None:
        sys.exit("no Chromium on this machine")
    meanwhile = f", {options.beside} busy loops beside it" if options.beside else ""
    patience_s = 0.0 if options.beside else options.patience
    found: dict[str, list[Seen]] = {}
    with beside(options.beside):
        if options.openings:
            found[f"opening the page{meanwhile}"] = openings(path, options.openings, patience_s)
        if options.presses:
            found[f"pressing Run{meanwhile}"] = presses(path, options.presses, patience_s)
        if options.shell:
            found[f"a shell{meanwhile}"] = from_a_shell(options.shell, patience_s)
    return found


if __name__ == "__main__":
    main()
