"""What every interpreter needs that this project starts by `-m`: its folder and environment."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder to start it in; `-m` looks for our package there."""
SAFE_PATH = "PYTHONSAFEPATH"


def environment() -> dict[str, str]:
    """Return this process's environment without PYTHONSAFEPATH, which forbids `-m` that folder."""
    return {name: value for name, value in os.environ.items() if name != SAFE_PATH}
