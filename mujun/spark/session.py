"""A Spark session on this machine, and what is said where Spark or Java is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mujun.errors import UsageError, problem

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LEAST_JAVA = 17
LOOPBACK = "127.0.0.1"

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.host": LOOPBACK,
    "spark.sql.session.timeZone": "UTC",
    # A folder county=330683 holds a code, not a number.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
"""Nobody but this machine reaches the session, and what it reads stays as it is written."""


def local_session(
    cores: int = 2,
    *,
    memory: str = "1g",
    master: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> SparkSession:
    """A session on this machine that only this machine reaches, without Spark's web pages.

    Args:
        cores: how many tasks run at a time.
        memory: of Spark itself; a task's Polars comes on top.
        master: the address of a cluster on this machine; by default Spark runs inside this process.
        settings: settings of Spark besides these.

    Raises:
        UsageError: the extra `spark` or Java is not installed, or Java is too old.
    """
    try:
        import pandas  # noqa: F401 - Spark asks for it when it is handed Arrow
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(problem("spark_extra_missing", library=error.name)) from error
    check_java()
    os.environ.setdefault("SPARK_LOCAL_IP", LOOPBACK)
    # Workers run the Python that has mujun, not the first one on the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master or f"local[{cores}]").appName("mujun")
    for name, value in {**SETTINGS, "spark.driver.memory": memory, **(settings or {})}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def check_java() -> None:
    """See that there is a Java that Spark runs on.

    Raises:
        UsageError: there is none, or it is too old.
    """
    program = java()
    if program is None:
        raise UsageError(problem("spark_java_missing", least=LEAST_JAVA))
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    if version is None:
        raise UsageError(problem("spark_java_missing", least=LEAST_JAVA))
    if int(version[1]) < LEAST_JAVA:
        raise UsageError(problem("spark_java_old", least=LEAST_JAVA, program=program, version=version[1]))


def java() -> str | None:
    """The Java that Spark would start: that of `JAVA_HOME`, else the first on the path."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
