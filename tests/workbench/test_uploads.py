"""An upload of 2 GB at the door of a running workbench: refused before it is taken in, in the memory that it had."""

from __future__ import annotations

import contextlib
import http.cookiejar
import socket
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mujun import County
from tests.workbench.test_serving import running

TWO_GB = 2 * 2**30
SENT_AT_ONCE = bytes(2**20)
MOST_TAKEN = 64 * 2**20
"""Bytes that may lie in the buffers of two sockets and of the server before the answer is read."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


def peak(process: int) -> int:
    """The most memory that a process has had, in bytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def posted(address: str, cookie: str, length: str) -> tuple[bytes, int]:
    """Post zeros without end until the server has answered; gives the answer and how many bytes were sent."""
    at = urlsplit(address)
    head = (
        f"POST /_nicegui/client/00000000-0000-0000-0000-000000000000/upload/7 HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Origin: http://{at.netloc}\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"{length}\r\n\r\n"
    )
    sent, answer = 0, b""
    with socket.create_connection((str(at.hostname), int(at.port or 0)), timeout=60) as line:
        line.sendall(head.encode())
        line.settimeout(0.5)
        chunk = SENT_AT_ONCE if "chunked" not in length else b"100000\r\n" + SENT_AT_ONCE + b"\r\n"
        try:
            while sent < TWO_GB and not answer:
                sent += line.send(chunk)
                line.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    answer = line.recv(65536)
                line.settimeout(0.5)
        except (ConnectionError, TimeoutError):
            # The server has closed, or takes no more: what it answered lies here.
            line.settimeout(60)
            try:
                answer = answer or line.recv(65536)
            except ConnectionError:
                answer = b""
    return answer, sent


@pytest.mark.parametrize("length", [f"Content-Length: {TWO_GB}", "Transfer-Encoding: chunked"])
def test_two_gigabytes_are_refused_early_and_in_the_same_memory(tmp_path: Path, length: str) -> None:
    store = tmp_path / "mujun.duckdb"
    County(store).create()
    with running(store) as (program, address):
        jar = http.cookiejar.CookieJar()
        web = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
        with web.open(address) as page:
            page.read()
        cookie = "; ".join(f"{c.name}={c.value}" for c in jar)
        before = peak(program.pid)
        answer, sent = posted(address, cookie, length)
        assert answer.startswith(b"HTTP/1.1 403")
        assert sent < MOST_TAKEN
        assert peak(program.pid) - before < MOST_TAKEN
        # It goes on for everybody else.
        with web.open(urlsplit(address)._replace(path="/data", query="").geturl()) as page:
            assert page.status == 200
        assert program.poll() is None
    assert not [f for f in tmp_path.rglob("*") if f.is_file() and f.stat().st_size > MOST_TAKEN]
