"""From click to first event: a warm spare against a child that must start first, and imports.

Run as `python -m benchmarks.start`; all kinds take turns, so the ratios hold on a busy machine.
The second table says what a child would pay if it imported at once what workloads import on use.
"""

import resource
import statistics
import subprocess
import sys
import time

from core.measuring.forking import Spares
from core.measuring.measurement import Measurement
from core.processes import ROOT
from core.spec.run_spec import RunSpec

ROUNDS = 15
WARM_UP_S = 0.6
NS_PER_MS = 1_000_000
IMPORTS = {
    "nothing": "pass",
    "the measuring child": "import core.measuring.child",
    **{
        f"+ {name}": f"import core.measuring.child, {name}"
        for name in ("aiohttp", "asyncpg", "psycopg_pool", "urllib3", "aiofiles", "distributed")
    },
}
SPEC = RunSpec(pattern="gather", tasks=5, sleep_s=0.001)


def main() -> None:
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
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", IMPORTS[name]], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
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
    return (started_ns - clicked_ns) / NS_PER_MS


if __name__ == "__main__":
    main()
