"""Which runs take a setting, and up to what: the bounds of settings, and the clauses that refuse.

Each is asked with a draft, a run of which the settings before the one in question are known. A
refusal is the clause that says why a run does not take a value, None if it does.
"""

from enum import StrEnum

from core.jobs import JobKind
from core.pattern import Pattern
from core.patterns import PATTERNS
from core.spec.limits import LIMITS, Limits, default_pool_size, default_process_count
from core.spec.settings import Bound, Draft
from core.text.language import LazyText, _, lazy
from core.workloads import DEFAULT_WORKLOADS, WORKLOADS, Workload


class ExecutorKind(StrEnum):
    """Where a blocking job can go."""

    DEFAULT = "default"
    THREADS = "threads"
    PROCESSES = "processes"
    DASK = "dask"


EXECUTOR_NAMES: dict[str, LazyText] = {
    ExecutorKind.DEFAULT: lazy("default"),
    ExecutorKind.THREADS: lazy("threads"),
    ExecutorKind.PROCESSES: lazy("processes"),
    ExecutorKind.DASK: lazy("Dask"),
}
IN_PROCESSES = (ExecutorKind.PROCESSES, ExecutorKind.DASK)
"""The executors whose workers have an interpreter of their own each."""

USUAL = "usual"
"""What a page's link calls the workload that is usual for a pattern."""

MOST_TASKS = 1_000_000


def pattern_of(draft: Draft) -> Pattern:
    """Return the pattern of a draft."""
    return PATTERNS[draft["pattern"]]


def workload_of(draft: Draft) -> Workload:
    """Return what a job of a draft does."""
    return WORKLOADS[draft["workload"] or usual_workload(draft)]


def usual_workload(draft: Draft, _limits: Limits | None = None) -> str:
    """Return the workload of the pattern's kind of job."""
    return DEFAULT_WORKLOADS[pattern_of(draft).arranges]


def most_tasks(draft: Draft) -> tuple[Bound, ...]:
    """Bound how many jobs there are, further where each has a thread, a process or memory."""
    pattern = pattern_of(draft)
    usable = lazy("so that the machine stays usable for others")
    bounds = [Bound(most=MOST_TASKS, limit="tasks", why=usable)]
    if pattern.thread_per_job:
        own = lazy("because each job gets a thread of its own")
        bounds.append(Bound(most=MOST_TASKS, limit="threads_without_pool", why=own))
    if pattern.process_per_job:
        own = lazy("because each job gets a process of its own")
        bounds.append(Bound(most=MOST_TASKS, limit="processes", why=own))
    if pattern.most_tasks is not None:
        bounds.append(Bound(most=pattern.most_tasks, why=usable))
    return tuple(bounds)


def longest(_draft: Draft) -> tuple[Bound, ...]:
    """Bound how long anything of a run may take."""
    return (Bound(most=3_600.0, limit="sleep_s", why=lazy("because no run may take longer")),)


def unfit(draft: Draft, given: object) -> LazyText | None:
    """Return why a workload is none for a pattern."""
    pattern = pattern_of(draft)
    if given is None:
        return None
    if pattern.arranges not in WORKLOADS[str(given)].kinds:
        fitting = [name for name, other in WORKLOADS.items() if pattern.arranges in other.kinds]
        return lazy(
            "{pattern} arranges {kind} jobs, so it must be one of {names}",
            pattern=pattern.name,
            kind=pattern.arranges,
            names=", ".join(fitting),
        )
    # What is opened belongs to the loop on which it was opened; the pattern's jobs are on another.
    if WORKLOADS[str(given)].opens is not None and pattern.makes_loop:
        return lazy(
            "{pattern} makes an event loop of its own, in which nothing is opened for it",
            pattern=pattern.name,
        )
    return None


def of_both_kinds() -> tuple[str, ...]:
    """Return the workloads that every pattern can be compared with."""
    return tuple(name for name, each in WORKLOADS.items() if len(each.kinds) == len(JobKind))


def workload_title(name: str) -> str:
    """Return what a page calls a workload, in this context's language."""
    return _("sleep") if name == USUAL else WORKLOADS[name].called


def no_executor(draft: Draft, _given: object) -> LazyText | None:
    """Refuse an executor for a pattern that hands nothing to one."""
    if pattern_of(draft).takes_executor:
        return None
    return lazy("{pattern} hands nothing to an executor, so leave it out", pattern=draft["pattern"])


def no_pool(draft: Draft, _given: object) -> LazyText | None:
    """Refuse a number of workers where no pool of a chosen size is asked for."""
    if draft["executor"] in (ExecutorKind.THREADS, *IN_PROCESSES):
        return None
    return lazy("only threads, processes and Dask workers let you choose it, so leave it out")


def limit_of_pool(draft: Draft) -> str:
    """Return which limit bounds the workers of a draft."""
    limits = {ExecutorKind.PROCESSES: "processes", ExecutorKind.DASK: "dask_workers"}
    return limits.get(draft["executor"], "threads")


def most_workers(draft: Draft) -> tuple[Bound, ...]:
    """Bound how many workers a pool has."""
    memory = lazy("because each worker takes memory")
    return (Bound(most=100_000, limit=limit_of_pool(draft), why=memory),)


def workers_of_machine(draft: Draft, limits: Limits | None) -> object:
    """Return what Python's own pools choose, but no more than may be measured here.

    Also without `limits`: otherwise `core.run` would refuse, on a server with many processors, a
    size that nobody asked for. A run file names the size that its run had.
    """
    # A pool that the limits would refuse is no default.
    most: int = getattr(limits or LIMITS, limit_of_pool(draft))
    in_processes = draft["executor"] in IN_PROCESSES
    return min(default_process_count() if in_processes else default_pool_size(), most)


def no_limit(draft: Draft, _given: object) -> LazyText | None:
    """Refuse a limit for a pattern that lets all jobs proceed."""
    if pattern_of(draft).takes_limit:
        return None
    return lazy(
        "{pattern} has no limit on concurrent jobs; leave it out",
        pattern=draft["pattern"],
    )


def most_at_once(_draft: Draft) -> tuple[Bound, ...]:
    """Bound how many jobs may proceed: no more than there can be."""
    why = lazy("because no run has more tasks")
    return (Bound(most=MOST_TASKS, limit="tasks", why=why, names_operator=False),)


def most_per_second(_draft: Draft) -> tuple[Bound, ...]:
    """Bound how many requests a second a run makes."""
    return (Bound(most=100_000, why=lazy("because no server here answers more")),)


def no_rate(draft: Draft, given: object) -> LazyText | None:
    """Refuse a rate where neither the pattern keeps one nor its service is asked to refuse by one.

    Left open, only a pattern that keeps one or asks again has one.
    """
    pattern, limits = pattern_of(draft), workload_of(draft).limits_rate
    if pattern.takes_rate or (limits and (pattern.asks_again or given is not None)):
        return None
    return lazy(
        "{pattern} keeps no rate, and {workload} refuses by none, so leave it out",
        pattern=pattern.name,
        workload=workload_of(draft).name,
    )


def no_timeout(draft: Draft, _given: object) -> LazyText | None:
    """Refuse a time-out for a pattern that never gives up."""
    if pattern_of(draft).takes_timeout:
        return None
    return lazy("{pattern} never gives up, so leave it out", pattern=draft["pattern"])


def one_of_the_tasks(draft: Draft) -> tuple[Bound, ...]:
    """Bound the number of a job."""
    return (Bound(most=draft["tasks"], why=lazy("because there are no more tasks")),)


def none_fails(draft: Draft, _given: object) -> LazyText | None:
    """Refuse when a job fails where none is to."""
    return None if draft["failing"] else lazy("no job is to fail, so leave it out")


def long_enough(draft: Draft, limits: Limits | None) -> object:
    """Return after how long a pattern gives up by itself, no longer than may be asked for here."""
    most: float = (limits or LIMITS).sleep_s
    sleep_s: float = draft["sleep_s"]
    return min(sleep_s * pattern_of(draft).gives_up_after, max(most, sleep_s))


def half_of_sleep(draft: Draft, _limits: Limits | None) -> object:
    """Return half of the time that a job sleeps."""
    return draft["sleep_s"] / 2


def no_connection(draft: Draft, _given: object) -> LazyText | None:
    """Refuse connections for a workload that makes none."""
    workload = workload_of(draft)
    if workload.connects:
        return None
    return lazy("{workload} connects to nothing, so leave it out", workload=workload.name)


def most_connections(_draft: Draft) -> tuple[Bound, ...]:
    """Bound how many connections a run opens."""
    taking = lazy("because each connection takes a file descriptor on both sides")
    return (Bound(most=100_000, limit="connections", why=taking),)


def never_refused(draft: Draft, _given: object) -> LazyText | None:
    """Refuse a share of refusals for a workload that asks nobody."""
    workload = workload_of(draft)
    if workload.connects:
        return None
    return lazy("{workload} asks nobody who could refuse, so leave it out", workload=workload.name)


def length_label(workload: Workload | None) -> LazyText:
    """Return what the time that a job takes is called."""
    if workload is None:
        return lazy("Sleep")
    return lazy("Work") if workload.uses_cpu else lazy("Server's time")


def length_meaning(workload: Workload | None) -> LazyText:
    """Return what the time that a job takes means."""
    if workload is None:
        return lazy("How long a job waits: a coroutine with asyncio.sleep, others with time.sleep.")
    if workload.uses_cpu:
        return lazy("How long a job calculates on this machine, if nothing disturbs it.")
    return lazy("How long the server takes to answer a job.")


def spread_label(workload: Workload | None) -> LazyText:
    """Return what the lengths of the jobs are called."""
    return lazy("Sleep times") if workload is None else lazy("Lengths of the jobs")
