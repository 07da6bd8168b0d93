"""What a Python finds as its `sitecustomize` when a recorded program starts it.

It takes back how it was found, so that the program sees the environment and the `sys.path` that it
would see without, begins to wait for an event loop, and imports the `sitecustomize` that would be
found without this one. It is read by whatever version of Python 3 a program starts.
"""

import importlib
import json
import os
import sys


def _taken_back() -> str:
    """Return the code that begins a recording, and leave nothing of how it came."""
    folder = os.path.dirname(__file__)  # noqa: PTH120
    sys.path[:] = [each for each in sys.path if each != folder]
    sys.path_importer_cache.pop(folder, None)
    message = json.loads(os.environ.pop("LOOPSCOPE_CHILD", "null"))
    if message is None:
        return ""
    if message["paths"] is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = message["paths"]
    code: str = message["begin"]
    return code


sys.modules.pop(__name__, None)
exec(_taken_back(), {})  # noqa: S102 - the recorder's own, see `children.BEGIN`
importlib.import_module("sitecustomize")
