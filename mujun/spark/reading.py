"""Folders of Parquet files read as a frame, the names of their folders as columns."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark

from mujun.errors import UsageError, problem


def read_folder(session: SparkSession, folder: str) -> DataFrame:
    """A folder of Parquet files as a frame: `county=330683/year=2022/firms.parquet` gives the columns `county`, `year`.

    What a folder's name says goes before a column of that name inside its files, and stays text: 001 is no number.

    Args:
        session: the session.
        folder: its path, which every machine of the cluster can read; `*` and the like stand for several.

    Raises:
        UsageError: there is no such folder, or no Parquet file in it.
    """
    jvm, hadoop = session._jvm, session._jsc.hadoopConfiguration()
    assert jvm is not None
    path = jvm.org.apache.hadoop.fs.Path(folder)
    system = path.getFileSystem(hadoop)
    # Spark says itself that a folder is not there, but not before it has printed Java's stack.
    if not system.globStatus(path):
        raise UsageError(problem("spark_no_frames", folder=folder))
    try:
        inside = session.read.option("recursiveFileLookup", "true").parquet(folder)
    except AnalysisException as error:
        if error.getCondition() != "UNABLE_TO_INFER_SCHEMA":
            raise
        raise UsageError(problem("spark_no_frames", folder=folder)) from error
    keys = _named_by_folders(inside.inputFiles(), system.makeQualified(path).toUri().getPath())
    if not keys:
        return inside
    # Left to find the columns by itself Spark warns of each that a file has as well, as an exported table has its year.
    fields = [field for field in inside.schema if field.name not in keys]
    fields += [spark.StructField(key, spark.StringType()) for key in keys]
    return session.read.schema(spark.StructType(fields)).parquet(folder)


def _named_by_folders(files: list[str], folder: str) -> list[str]:
    """The columns that the names of folders between a folder and its files give."""
    above = len(PurePosixPath(folder).parts)
    keys: dict[str, None] = {}
    for file in files:
        between = PurePosixPath(unquote(urlsplit(file).path)).parts[above:-1]
        keys |= dict.fromkeys(part.partition("=")[0] for part in between if "=" in part)
    return list(keys)
