"""The keys of the run file, and the document that lists them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.runfile import schema
from core.spec.run_spec import SETTINGS
from tests.core.runfile.test_reader import changed, refusal

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "run-file.md").read_text(encoding="utf-8")
STRUCTS = [
    each
    for each in vars(schema).values()
    if isinstance(each, type) and issubclass(each, msgspec.Struct) and each is not msgspec.Struct
]
KEYS = sorted({name for struct in STRUCTS for name in struct.__struct_fields__})


@pytest.mark.parametrize("key", [*KEYS, "pattern", *SETTINGS])
def test_the_document_tells_every_key(key: str) -> None:
    assert f"`{key}`" in DOCUMENT or f'"{key}"' in DOCUMENT


def test_the_document_names_both_schemas() -> None:
    assert schema.RUN_SCHEMA in DOCUMENT
    assert schema.COMPARISON_SCHEMA in DOCUMENT


LONG = "x" * 100_001
TOO_MUCH: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("error",), {"type": "E", "message": LONG}, "error.message"),
    (("error",), {"type": LONG, "message": ""}, "error.type"),
    (("jobs", 0, "error"), {"type": "E", "message": LONG}, "jobs[0].error.message"),
    (("jobs", 1, "result"), LONG, "jobs[1].result"),
    (("jobs", 1, "name"), LONG, "jobs[1].name"),
    (("jobs", 1, "spans", 0, "where"), LONG, "jobs[1].spans[0].where"),
    (("jobs", 1, "spans", 0, "lane"), LONG, "jobs[1].spans[0].lane"),
    (("results",), ["", LONG], "results[1]"),
    (("sites",), [LONG], "sites[0]"),
    (("python",), LONG, "python"),
    (("start_method",), LONG, "start_method"),
    (("served",), {str(each): 1 for each in range(1_001)}, "served"),
    (("lanes",), {"loop": LONG}, "lanes[...]"),
    (("spec", "pattern"), LONG, "spec[...]"),
    (("schema",), LONG, "schema"),
]


@pytest.mark.parametrize(("path", "value", "key"), TOO_MUCH, ids=lambda each: str(each)[:40])
def test_what_is_longer_than_any_run_makes_it_is_refused_by_its_key(
    path: tuple[str | int, ...], value: Any, key: str
) -> None:
    said = refusal(changed(*path, to=value))
    assert said.startswith(f"{key}: Expected ")
    assert "length <= " in said


def test_a_key_of_any_length_is_refused() -> None:
    assert "length <= 1000" in refusal(changed("served", to={LONG: 1}))


def test_every_text_list_and_table_of_the_layout_has_a_bound() -> None:
    unbounded = [
        f"{struct.__name__}.{each.name}"
        for struct in STRUCTS
        for each in msgspec.inspect.type_info(struct).fields  # type: ignore[attr-defined]
        if any(map(is_open, parts(each.type)))
    ]
    assert unbounded == []


def parts(kind: Any) -> list[Any]:
    """Return a type of msgspec's and all that it is made of, but for other structs."""
    inner = [*getattr(kind, "types", ()), *(getattr(kind, name, None) for name in INNER)]
    return [kind, *(one for each in inner if each is not None for one in parts(each))]


INNER = ("item_type", "key_type", "value_type")


def is_open(kind: Any) -> bool:
    return getattr(kind, "max_length", 0) is None
