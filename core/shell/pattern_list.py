"""The patterns as a list: for people as a table, for programs as plain data."""

from core.patterns import PATTERNS
from core.text.language import _
from core.text.table import table

PATTERNS_SCHEMA = "loopscope/patterns@1"


def pattern_table() -> str:
    """Return the patterns as a table, in the order in which they are taught."""
    heading = (_("pattern"), _("kind of job"), _("at once"), _("what it does"))
    rows = [
        (pattern.name, str(pattern.arranges), str(pattern.at_once), pattern.summary)
        for pattern in PATTERNS.values()
    ]
    return table([heading, *rows], numbers_from=len(heading))


def patterns_object() -> dict[str, object]:
    """Return the patterns as plain data, ready for JSON."""
    return {
        "schema": PATTERNS_SCHEMA,
        "patterns": [
            {
                "name": pattern.name,
                "arranges": str(pattern.arranges),
                "at_once": str(pattern.at_once),
                "takes_executor": pattern.takes_executor,
                "summary": pattern.summary,
            }
            for pattern in PATTERNS.values()
        ],
    }
