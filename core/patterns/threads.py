"""Start one thread per job, without any event loop."""

import threading


def threads(job, count):
    results = [None] * count

    def run(index):
        results[index] = job(index)

    workers = [
        threading.Thread(target=run, args=(index,))
        for index in range(count)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results
