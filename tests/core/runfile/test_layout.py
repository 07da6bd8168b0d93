"""The keys of the run file, and the document that tells them."""

from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

from core.runfile import layout
from core.spec import RunSpec

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "run-file.md").read_text(encoding="utf-8")
STRUCTS = [
    each
    for each in vars(layout).values()
    if isinstance(each, type) and issubclass(each, msgspec.Struct) and each is not msgspec.Struct
]
KEYS = sorted({name for struct in STRUCTS for name in struct.__struct_fields__})


@pytest.mark.parametrize("key", [*KEYS, *(field.name for field in fields(RunSpec))])
def test_the_document_tells_every_key(key: str) -> None:
    assert f"`{key}`" in DOCUMENT or f'"{key}"' in DOCUMENT


def test_the_document_names_both_schemas() -> None:
    assert layout.RUN_SCHEMA in DOCUMENT
    assert layout.COMPARISON_SCHEMA in DOCUMENT
