"""The limits: two profiles, and what the environment says."""

from dataclasses import asdict, fields, replace

import pytest

from core.errors import BadValue
from core.spec import limits as module
from core.spec.limits import HOSTED, LAPTOP, MOST_SERVERS, SHARED, Limits, limits_from
from core.text.language import lazy


def test_a_laptop_has_the_profile_of_its_own() -> None:
    assert limits_from({}) == LAPTOP == Limits()
    assert limits_from({"LOOPSCOPE_PROFILE": "laptop", "PATH": "/bin"}) == LAPTOP


def test_a_hosted_server_is_stricter_in_everything() -> None:
    hosted = asdict(limits_from({"LOOPSCOPE_PROFILE": "hosted"}))
    for name, most in asdict(LAPTOP).items():
        assert hosted[name] is not None
        assert most is None or hosted[name] < most, name


def test_single_limits_are_set_on_top_of_the_profile() -> None:
    environment = {
        "LOOPSCOPE_PROFILE": "hosted",
        "LOOPSCOPE_LIMIT_TASKS": "50",
        "LOOPSCOPE_LIMIT_SLEEP_S": "2.5",
        "LOOPSCOPE_LIMIT_MEMORY_MB": "none",
    }
    limits = limits_from(environment)
    assert (limits.tasks, limits.sleep_s, limits.memory_mb) == (50, 2.5, None)
    assert limits.processes == HOSTED.processes


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_every_limit_can_be_set(name: str) -> None:
    limits = limits_from({f"LOOPSCOPE_LIMIT_{name.upper()}": "7"})
    assert getattr(limits, name) == 7


REFUSED = [
    (
        {"LOOPSCOPE_PROFILE": "huge"},
        "LOOPSCOPE_PROFILE is 'huge'; it must be one of laptop, hosted",
    ),
    (
        {"LOOPSCOPE_LIMIT_TASKS": "many"},
        "LOOPSCOPE_LIMIT_TASKS is 'many'; it must be a whole number above 0",
    ),
    (
        {"LOOPSCOPE_LIMIT_TASKS": "none"},
        "LOOPSCOPE_LIMIT_TASKS is 'none'; it must be a whole number above 0",
    ),
    (
        {"LOOPSCOPE_LIMIT_SLEEP_S": "nan"},
        "LOOPSCOPE_LIMIT_SLEEP_S is 'nan'; it must be a number of seconds above 0",
    ),
    (
        {"LOOPSCOPE_LIMIT_CHILDREN": "-1"},
        "LOOPSCOPE_LIMIT_CHILDREN is '-1'; it must be a whole number above 0",
    ),
]


@pytest.mark.parametrize(("environment", "sentence"), REFUSED)
def test_what_makes_no_sense_is_refused(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadValue) as refusal:
        limits_from(environment)
    assert str(refusal.value) == sentence


def test_a_limit_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadValue) as refusal:
        limits_from({"LOOPSCOPE_LIMIT_TASK": "5"})
    assert "LOOPSCOPE_LIMIT is 'task'; it must be one of runs, tasks," in str(refusal.value)


def test_the_reason_for_a_limit_is_the_operator_who_set_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LIMITS", limits_from({"LOOPSCOPE_LIMIT_TASKS": "5"}))
    because = lazy("because")
    assert module.LIMITS.why("tasks", because) == lazy("as the operator of this server has set it")
    assert module.LIMITS.why("runs", because) is because
    assert replace(module.LIMITS, tasks=7).why("tasks", because) is because


@pytest.mark.parametrize("profile", ["laptop", "hosted"])
@pytest.mark.parametrize("servers", [1, 2, 3, MOST_SERVERS])
def test_servers_of_one_machine_divide_what_everybody_shares(profile: str, servers: int) -> None:
    of_machine = asdict(limits_from({"LOOPSCOPE_PROFILE": profile}))
    environment = {"LOOPSCOPE_PROFILE": profile, "LOOPSCOPE_SERVERS": str(servers)}
    share = asdict(limits_from(environment))
    for name, most in of_machine.items():
        if name in SHARED:
            assert share[name] >= 1
            assert share[name] == 1 or most - servers < servers * share[name] <= most, name
        else:
            assert share[name] == most, name


def test_a_limit_that_the_operator_sets_is_for_the_machine_too() -> None:
    environment = {"LOOPSCOPE_SERVERS": "4", "LOOPSCOPE_LIMIT_CHILDREN": "10"}
    environment |= {"LOOPSCOPE_LIMIT_WAITING": "3", "LOOPSCOPE_LIMIT_TASKS": "40"}
    limits = limits_from(environment)
    assert (limits.children, limits.waiting, limits.tasks) == (2, 1, 40)
