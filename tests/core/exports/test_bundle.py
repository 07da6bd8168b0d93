"""Definitions of several modules in one text."""

import pytest

from core.exports.bundle import Bundle


def test_a_definition_comes_after_what_it_uses() -> None:
    bundle = Bundle()
    bundle.add("core.workloads.cleanup", "cleanup")
    text = bundle.definitions()
    places = [
        text.index(each)
        for each in ("class Spread", "class Plan", "CLEANUP_SHARE =", "async def cleanup")
    ]
    assert places == sorted(places)
    assert bundle.imports().splitlines() == [
        "import asyncio",
        "import time",
        "from dataclasses import dataclass",
        "from enum import StrEnum",
    ]


def test_decorators_and_texts_come_along() -> None:
    bundle = Bundle()
    bundle.add("core.workloads.http", "http")
    text = bundle.definitions()
    assert "@clear_errors(why)\nasync def http(" in text
    assert text.startswith("def _(text: str) -> str:\n    return text") or "def _(text" in text
    assert "def http_blocking" not in text


def test_a_definition_is_there_once() -> None:
    bundle = Bundle()
    for _ in range(2):
        bundle.add("core.workloads.sleep", "sleep")
    assert bundle.definitions().count("async def sleep") == 1


def test_one_name_cannot_mean_two_things() -> None:
    bundle = Bundle()
    bundle.add("core.workloads.http", "pool")
    with pytest.raises(ValueError, match=r"pool is defined in core.workloads.http and in core.w"):
        bundle.add("core.workloads.postgres", "pool")
