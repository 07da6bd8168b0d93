"""Where there is no Plotly, what tests charts and exports is not collected."""

from importlib.util import find_spec

WITH_CHARTS = [
    "charts",
    "exports",
    "runfile/test_round_trip.py",
    "text/test_legible.py",
    "test_library.py",
]
collect_ignore = [] if find_spec("plotly") else WITH_CHARTS
