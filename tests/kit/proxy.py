"""A real nginx in front of the app, with the configuration from the docs: started, ended here."""

import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.kit.needs import need_nginx
from tests.kit.server import ROOT, free_port

SHOWN = ROOT / "docs" / "hosting" / "loopscope.conf"
BASE_PATH = "scope"
CHANGE, OF_SECOND = "# <-", "(2)"
"""What the configuration marks lines with: those to change, those of the second server."""
START_LIMIT_S = 10.0
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/loopscope.conf;
}}
"""


@contextmanager
def running_nginx(servers: Sequence[str], folder: Path) -> Iterator[str]:
    """Start nginx before one server or two, given by their addresses; yield its own, with https."""
    port = free_port()
    _make_certificate(folder)
    (folder / "loopscope.conf").write_text(_adapted(SHOWN.read_text(), servers, port, folder))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    process = subprocess.Popen(
        [need_nginx(), "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    )
    address = f"https://localhost:{port}/{BASE_PATH}"
    try:
        _await_health(address, folder)
        yield address
    finally:
        process.terminate()
        process.wait()


def get(address: str, folder: Path) -> bytes:
    """Return what an address answers, if its certificate is that of this test."""
    with urllib.request.urlopen(address, timeout=5, context=trusting(folder)) as answer:  # noqa: S310 - https
        body: bytes = answer.read()
        return body


def trusting(folder: Path) -> ssl.SSLContext:
    """Return what trusts the certificate of the nginx that was started in a folder."""
    return ssl.create_default_context(cafile=folder / "loopscope.crt")


def _make_certificate(folder: Path) -> None:
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", f"{folder}/loopscope.key", "-out", f"{folder}/loopscope.crt"]
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)


def _adapted(shown: str, servers: Sequence[str], port: int, folder: Path) -> str:
    """Return the configuration of the docs with the lines changed that it marks for that."""
    if len(servers) == 1:
        shown = "".join(line for line in shown.splitlines(True) if OF_SECOND not in line)
    own = {"listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;", "/etc/ssl/": f"{folder}/"}
    for said, server in zip((":8501", ":8502"), servers, strict=False):
        own[said] = f":{urlsplit(server).port}"
    marked = [line for line in shown.splitlines(True) if CHANGE in line]
    for line in marked:
        changed = line
        for said, here in own.items():
            changed = changed.replace(said, here)
        shown = shown.replace(line, changed)
    return shown


def _await_health(address: str, folder: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            get(f"{address}/_stcore/health", folder)
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError((folder / "error.log").read_text()) from error
            time.sleep(0.05)
        else:
            return
