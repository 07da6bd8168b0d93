"""Loaded by the scheduler and each worker of our own Dask cluster: closes their HTTP servers.

Without a dashboard each still opens a port, on which it tells anybody of this machine what it does.
"""

from typing import Any


async def dask_setup(server: Any) -> None:
    """Close the HTTP server of a scheduler or worker that has just opened it."""
    server.http_server.stop()
    server.services.pop("dashboard", None)
