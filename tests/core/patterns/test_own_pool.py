from tests.kit.meeting import run_pairs


def test_names_are_looked_up_while_the_only_thread_for_blocking_calls_is_taken() -> None:
    ran = run_pairs("own_pool", 4, 1, meets=True)
    assert ran.returned.value == [True] * 4
    assert ran.timeline.jobs.outcome == ("ok",) * 4
    ended_ns = ran.timeline.jobs.ended_ns.tolist()
    assert ended_ns[1] < ended_ns[0] < ended_ns[2]
