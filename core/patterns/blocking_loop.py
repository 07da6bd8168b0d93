"""Call one blocking function after another."""

from core.jobs import BlockingJob


def blocking_loop(job: BlockingJob, count: int) -> list[object]:
    return [job(index) for index in range(count)]
