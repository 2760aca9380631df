"""A small Spark cluster of this machine's processes: a standalone master and workers, on loopback."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mujun.spark.session import LOOPBACK, java

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'mujun[spark]'")
if java() is None:
    pytest.skip("no Java: apt install default-jre-headless", allow_module_level=True)

PATIENCE = 300.0
"""Seconds until a process that is not there is given up; a loaded machine takes long to start a Java."""


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind((LOOPBACK, 0))
        port: int = asked.getsockname()[1]
    return port


@dataclass
class Cluster:
    """A master and its workers, each a process of this test."""

    folder: Path
    master: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self, cores: int = 1, memory: str = "700m") -> None:
        number = len(self.workers)
        arguments = ["--host", LOOPBACK, "--webui-port", "0", "--cores", str(cores), "--memory", memory]
        arguments += ["--work-dir", str(self.folder / f"work{number}"), self.address]
        name = "org.apache.spark.deploy.worker.Worker"
        self.workers.append(started(name, arguments, self.folder / f"worker{number}.log"))
        awaited(self.folder / f"worker{number}.log", "Successfully registered with master")

    def kill_worker(self, number: int) -> None:
        """As if its machine were gone: the worker, its executor and the executor's Pythons, without a word."""
        worker = self.workers[number]
        for process in [*reversed(below(worker.pid)), worker.pid]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        worker.wait(PATIENCE)


def below(process: int) -> list[int]:
    """The processes that one started, and those that these started, as /proc tells."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            parent = re.search(r"^PPid:\s+(\d+)", status.read_text(), re.MULTILINE)
        except OSError:
            continue
        if parent:
            parents.setdefault(int(parent[1]), []).append(int(status.parent.name))
    found, queue = [], [process]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found


def environment() -> dict[str, str]:
    """Of every Java here: loopback only, the Python that has mujun, and compilers that suit a short life."""
    return {
        **os.environ,
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": sys.executable,
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }


def program(name: str) -> str:
    """A program that comes with pyspark."""
    return str(Path(pyspark.__file__).parent / "bin" / name)


def started(name: str, arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [program("spark-class"), name, *arguments],
            env=environment(), stdout=out, stderr=subprocess.STDOUT, cwd=log.parent, start_new_session=True,
        )  # fmt: skip


def awaited(log: Path, sentence: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if sentence in log.read_text(errors="replace"):
            return
        time.sleep(0.1)
    raise TimeoutError(f"{sentence!r} is not in {log}:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    port = free_port()
    log = folder / "master.log"
    master = started(
        "org.apache.spark.deploy.master.Master", ["--host", LOOPBACK, "--port", str(port), "--webui-port", "0"], log
    )
    made = Cluster(folder, master, f"spark://{LOOPBACK}:{port}")
    try:
        awaited(log, "I have been elected leader")
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        for process in [*made.workers, master]:
            process.terminate()
        for process in [*made.workers, master]:
            process.wait(PATIENCE)
