"""What recording adds to empty jobs in a pool of threads."""

import gc
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from core.jobs import BlockingJob
from core.recording.marks import MarkedBlockingJob
from core.recording.pools import RecordedThreadPool
from core.recording.recorder import Recorder

MARKS_PER_POOL_JOB = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCost:
    """One row: empty jobs in a pool of threads."""

    jobs: int
    threads: int
    bare_us_per_job: float
    recorded_us_per_job: float
    us_per_mark: float


def pool_cost(jobs: int, threads: int, pairs: int) -> PoolCost:
    """Return what recording adds to jobs in a pool of threads that do nothing at all."""
    bare, recorded = [], []
    for _ in range(1 + pairs):
        bare.append(_bare_pool_cpu_ns(jobs, threads))
        recorded.append(_recorded_pool_cpu_ns(jobs, threads))
    us_per_job = [
        (without / jobs / 1_000, with_ / jobs / 1_000)
        for without, with_ in zip(bare[1:], recorded[1:], strict=True)
    ]
    return PoolCost(
        jobs=jobs,
        threads=threads,
        bare_us_per_job=median(without for without, _ in us_per_job),
        recorded_us_per_job=median(with_ for _, with_ in us_per_job),
        us_per_mark=median(with_ - without for without, with_ in us_per_job) / MARKS_PER_POOL_JOB,
    )


def _empty_job(index: int) -> int:
    return index


def _bare_pool_cpu_ns(jobs: int, threads: int) -> int:
    return _pool_cpu_ns(ThreadPoolExecutor(threads), _empty_job, jobs)


def _recorded_pool_cpu_ns(jobs: int, threads: int) -> int:
    recorder = Recorder()
    pool = RecordedThreadPool(recorder, max_workers=threads)
    return _pool_cpu_ns(pool, MarkedBlockingJob(_empty_job, recorder), jobs)


def _pool_cpu_ns(pool: Executor, job: BlockingJob, jobs: int) -> int:
    gc.collect()
    with pool:
        start_ns = time.process_time_ns()
        for future in [pool.submit(job, index) for index in range(jobs)]:
            future.result()
        return time.process_time_ns() - start_ns
