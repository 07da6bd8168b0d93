"""Each error builds its own sentence."""

import pytest

from core import errors
from core.errors import Role, Stuck

FULL = (
    "this server is full: 20 runs wait for their turn already, which is its limit; "
    "try again in a moment"
)
ADVICE = "Use fewer tasks or a shorter sleep"
SENTENCES = [
    (
        errors.BadValue("workers", 0, "it must be at least 1"),
        "workers is 0; it must be at least 1",
    ),
    (errors.BadValue("name", "ü", "it must not"), "name is 'ü'; it must not"),
    (errors.BadValue("tasks", 10**5000, "no"), f"tasks is {hex(10**5000)[:59]}…; no"),
    (errors.BadFile("jobs[0].id", "it is 3"), "jobs[0].id: it is 3"),
    (errors.BadFile("", "it ends\nhere"), r"it ends\nhere"),
    (
        errors.TooLong("sequential", 1234.56, 60),
        f"sequential would take 1,234.6 s at best; the limit is 60 s. {ADVICE}",
    ),
    (
        errors.TooLong("sequential", 5, 3, "as we like it"),
        f"sequential would take 5.0 s at best; the limit is 3 s, as we like it. {ADVICE}",
    ),
    (
        errors.ServerFull(20),
        FULL,
    ),
    (errors.RunLetGo(), "this run was let go to make room for others; run again"),
    (errors.RunStopped(), "the run was stopped"),
    (errors.TimeLimitReached(12.5), "the run was ended after 12.5 s, its time limit"),
    (
        errors.ChildLost(-9),
        "the measuring process ended unexpectedly (signal 9); run again",
    ),
    (
        errors.ChildLost(3),
        "the measuring process ended unexpectedly (exit code 3); run again",
    ),
    (
        errors.ProcessStuck(12.5, Stuck(Role.POOL, 42)),
        (
            "the run was ended after 12.5 s, its time limit: a process of the pool (process 42) "
            "stood still, as after SIGSTOP; run again"
        ),
    ),
    (
        errors.ZygoteLost(42, was_stuck=True),
        (
            "the process that forks the measuring processes (zygote, 42) did not answer and was "
            "replaced, and the run ended with it; run again"
        ),
    ),
    (
        errors.ZygoteLost(42, was_stuck=False),
        (
            "the process that forks the measuring processes (zygote, 42) ended unexpectedly, and "
            "the run with it; run again"
        ),
    ),
    (
        errors.RunFailed("RuntimeError", "can't start new thread"),
        "the run could not be carried out: RuntimeError: can't start new thread",
    ),
    (
        errors.ServiceUnavailable("PostgreSQL", "connection refused", "start it"),
        "PostgreSQL cannot be used: connection refused; start it",
    ),
    (
        errors.ServerFull(1_000),
        (
            "this server is full: 1,000 runs wait for their turn already, which is its limit; "
            "try again in a moment"
        ),
    ),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_an_error_says_what_happened(error: errors.LoopscopeError, sentence: str) -> None:
    assert str(error) == sentence


def test_every_error_has_its_sentence_pinned() -> None:
    abstract = {errors.LoopscopeError, errors.RunEndedEarly}
    classes = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.LoopscopeError)
    }
    assert {type(error) for error, _ in SENTENCES} == classes - abstract
