"""A run as a versioned JSON object: the contract with everything outside.

`docs/run-file.md` tells every key. What is read back equals what was written.
"""

from core.runfile.layout import COMPARISON_SCHEMA, RUN_SCHEMA
from core.runfile.reading import load, timelines_of
from core.runfile.writing import as_json, comparison_object, dump, job_name, run_object

__all__ = [
    "COMPARISON_SCHEMA",
    "RUN_SCHEMA",
    "as_json",
    "comparison_object",
    "dump",
    "job_name",
    "load",
    "run_object",
    "timelines_of",
]
