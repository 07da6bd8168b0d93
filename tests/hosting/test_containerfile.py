"""The Containerfile, read: what it copies is there, and what it starts is nobody's root."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Return the instructions and what each says, with continued lines joined."""
    lines = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines()]


def told(name: str) -> list[str]:
    return [text for instruction, text in instructions() if instruction == name]


def test_its_base_is_pinned_to_a_release_of_a_supported_python() -> None:
    (base,) = told("FROM")
    assert re.fullmatch(
        r"docker\.io/library/python:3\.1[1-5]\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base
    )


@pytest.mark.parametrize("source", [name for text in told("COPY") for name in text.split()[:-1]])
def test_what_it_copies_is_there(source: str) -> None:
    assert (ROOT / source).exists()


def test_it_copies_all_that_the_app_imports() -> None:
    copied = {name for text in told("COPY") for name in text.split()[:-1]}
    assert {"app.py", "core", "pages", ".streamlit/config.toml", "requirements.txt"} <= copied
    installed = [text for text in told("RUN") if "pip install" in text]
    assert any("-r requirements-sign-in.txt" in text for text in installed)


def test_the_app_is_started_by_an_init_process_and_not_as_root() -> None:
    (user,) = told("USER")
    assert user == "loopscope"
    assert any(f"--uid 10001 {user}" in text for text in told("RUN"))
    (entrypoint,) = told("ENTRYPOINT")
    assert json.loads(entrypoint) == ["tini", "--"]
    assert any(" tini " in text for text in told("RUN"))
    order = [name for name, _text in instructions()]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert "COPY" not in order[order.index("USER") :]


def test_its_command_and_its_health_check_speak_of_the_same_port() -> None:
    (command,) = told("CMD")
    (port,) = told("EXPOSE")
    (check,) = told("HEALTHCHECK")
    assert f"--server.port={port}" in json.loads(command)
    assert f"http://127.0.0.1:{port}/_stcore/health" in check


def test_secrets_stay_outside() -> None:
    copied = {name for text in told("COPY") for name in text.split()[:-1]}
    assert ".streamlit" not in copied
