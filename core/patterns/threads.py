"""One thread per job, without any event loop."""

import threading

from core.jobs import BlockingJob


def threads(job: BlockingJob, count: int) -> list[object]:
    results: list[object] = [None] * count

    def work(index: int) -> None:
        results[index] = job(index)

    workers = [
        threading.Thread(target=work, args=(index,))
        for index in range(count)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results
