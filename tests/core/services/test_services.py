"""The services of this process: one of each kind, started on first use."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

import core.services
from core.errors import Stuck
from core.processes import ROOT
from core.services import NAMES, Services, service_record
from core.spec.run_spec import RunSpec
from core.workloads import WORKLOADS

PLAIN = RunSpec(pattern="gather", tasks=1, sleep_s=0)
CALCULATING = RunSpec(pattern="gather", tasks=1, sleep_s=0, workload="cpu")


class Counted:
    """A service that counts how often it was made and closed."""

    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self.closed = 0

    def address(self) -> str:
        return f"number {self.made}"

    def stuck(self) -> tuple[Stuck, ...]:
        return ()

    def close(self) -> None:
        self.closed += 1


def counted() -> tuple[Services, type[Counted]]:
    class Own(Counted):
        pass

    return Services({"cpu": Own}), Own


def test_every_service_that_a_workload_needs_can_be_made() -> None:
    assert {each.needs for each in WORKLOADS.values() if each.needs} <= set(NAMES)


def test_every_service_is_registered_and_everything_registered_has_its_file() -> None:
    files = {path.stem for path in Path(core.services.__file__).parent.glob("*.py")}
    assert files - {"__init__", "named_postgres"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_service_has_a_text_for_the_time_that_it_takes_to_start(name: str) -> None:
    assert str(service_record(name).starting).endswith("…")


def test_a_service_is_imported_when_it_is_first_needed() -> None:
    code = (
        "import sys; from core.services import Services; Services(); "
        "print([name for name in sys.modules if name.startswith('core.services.')])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert ended.stdout == "[]\n"


def test_a_run_gets_the_addresses_that_it_needs_and_nothing_else_is_started() -> None:
    services, made = counted()
    assert services.addresses(PLAIN) == {}
    assert made.made == 0
    assert services.addresses(CALCULATING) == {"cpu": "number 1"}


def test_runs_that_come_together_share_one_service() -> None:
    services, made = counted()
    threads = [threading.Thread(target=services.addresses, args=(CALCULATING,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.made == 1


def test_closing_ends_what_was_started_once_and_a_later_use_starts_anew() -> None:
    services, made = counted()
    services.addresses(CALCULATING)
    service = services._started["cpu"]
    services.close()
    services.close()
    assert isinstance(service, Counted)
    assert service.closed == 1
    assert services.addresses(CALCULATING) == {"cpu": "number 2"}
    assert made.made == 2


def test_a_service_is_started_by_one_run_while_the_others_wait_for_it() -> None:
    both = threading.Barrier(2)
    met: list[bool] = []

    class Slow(Counted):
        def address(self) -> str:
            try:
                both.wait(0.1)
            except threading.BrokenBarrierError:
                met.append(False)
            else:
                met.append(True)
            return "here"

    services = Services({"cpu": Slow})
    threads = [threading.Thread(target=services.addresses, args=(CALCULATING,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == [False, False]
