"""A run as a versioned JSON object: the contract with everything outside.

`docs/run-file.md` describes every key. What is read back equals what was written.
"""

from core.runfile.reader import Room, load, load_from, room_within, timelines_of
from core.runfile.schema import COMPARISON_SCHEMA, RUN_SCHEMA, SUFFIX
from core.runfile.writer import (
    comparison_object,
    dump,
    dump_packed,
    job_name,
    run_object,
    write,
)

__all__ = [
    "COMPARISON_SCHEMA",
    "RUN_SCHEMA",
    "SUFFIX",
    "Room",
    "comparison_object",
    "dump",
    "dump_packed",
    "job_name",
    "load",
    "load_from",
    "room_within",
    "run_object",
    "timelines_of",
    "write",
]
