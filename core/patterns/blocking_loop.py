"""Call one blocking function after another."""


def blocking_loop(job, count):
    return [job(index) for index in range(count)]
