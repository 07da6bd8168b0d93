"""A real nginx in front of the app, with the configuration from the docs: started, ended here."""

import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.server import ROOT, Server, free_port

SHOWN = ROOT / "docs" / "hosting" / "loopscope.conf"
BASE_PATH = "scope"
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
def running_nginx(server: Server, folder: Path) -> Iterator[str]:
    """Start nginx before a server; yield the address that it serves, below https."""
    port = free_port()
    _make_certificate(folder)
    (folder / "loopscope.conf").write_text(_adapted(SHOWN.read_text(), server, port, folder))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    process = subprocess.Popen(
        [nginx_path() or "nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    )
    address = f"https://localhost:{port}/{BASE_PATH}"
    try:
        _await_health(address, folder)
        yield address
    finally:
        process.terminate()
        process.wait()


def nginx_path() -> str | None:
    """Return where nginx is installed, or None; Debian keeps it from everybody's path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def get(address: str, folder: Path) -> bytes:
    """Return what an address answers, if its certificate is that of this test."""
    trusting = ssl.create_default_context(cafile=folder / "loopscope.crt")
    with urllib.request.urlopen(address, timeout=5, context=trusting) as answer:  # noqa: S310 - https
        body: bytes = answer.read()
        return body


def _make_certificate(folder: Path) -> None:
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", f"{folder}/loopscope.key", "-out", f"{folder}/loopscope.crt"]
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)


def _adapted(shown: str, server: Server, port: int, folder: Path) -> str:
    """Return the configuration of the docs with the lines changed that it marks for that."""
    for line, own in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/": f"{folder}/",
        "http://127.0.0.1:8501;": f"{server.address.removesuffix(f'/{BASE_PATH}')};",
    }.items():
        assert line in shown
        shown = shown.replace(line, own)
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
