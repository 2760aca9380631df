"""Folders of Parquet files read as a frame, the names of their folders as columns.

Every file's footer is looked at first. Left to itself Spark takes the types of one file for those of all, and a single
file that has another, or is damaged, ends everything with Java's words. Here its county's year is told instead.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.fields import FRAME_FIELDS
from mujun.spark.column_types import spark_type
from mujun.spark.on_worker import UNREAD

_AT_ONCE = 8
"""Footers that are read at a time."""

_WHOLE = (spark.ByteType, spark.ShortType, spark.IntegerType, spark.LongType)
"""Types that Spark reads as the widest of them."""


def read_folder(session: SparkSession, folder: str) -> DataFrame:
    """A folder of Parquet files as a frame: `county=330683/year=2022/firms.parquet` gives the columns `county`, `year`.

    What a folder's name says goes before a column of that name inside its files, and stays text: 001 is no number.

    Args:
        session: the session.
        folder: its path, which every machine of the cluster can read; `*` and the like stand for several.

    Returns:
        The frame. A file that cannot be read, or has columns of other types (than the dictionary's where another file
        has it, else than in most files), is a row that has nothing but what its folders say and, in `_unread`, why:
        `rate` and the like tell it of that county's year.

    Raises:
        UsageError: there is no such folder, or no Parquet file in it; or a file cannot be read of which no folder says
            whose it is.
    """
    jvm, hadoop = session._jvm, session._jsc.hadoopConfiguration()
    assert jvm is not None
    path = jvm.org.apache.hadoop.fs.Path(folder)
    system = path.getFileSystem(hadoop)
    # Spark says itself that a folder is not there, but not before it has printed Java's stack.
    files = _files_under(system, path)
    if not files:
        raise UsageError(problem("spark_no_frames", folder=folder))
    above = len(PurePosixPath(system.makeQualified(path).toUri().getPath()).parts)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        footers = list(pool.map(lambda file: _footer(session, file, files[file], above), files))
    wanted = _types_of_most(footers)
    unread = [(f, told) for f in footers if (told := _why_unread(f, wanted)) is not None]
    if len(unread) == len(footers):
        raise UsageError(unread[0][1])
    keys = list(dict.fromkeys(key for f in footers for key in f.keys))
    # Left to find the columns by itself Spark warns of each that a file has as well, as an exported table has its year.
    fields = [spark.StructField(name, dtype) for name, dtype in wanted.items() if name not in keys]
    schema = spark.StructType([*fields, *(spark.StructField(key, spark.StringType()) for key in keys)])
    if not unread:
        # Folders that name nothing are gone through as well.
        lookup = "false" if keys else "true"
        return session.read.schema(schema).option("recursiveFileLookup", lookup).parquet(folder)
    bases = {str(PurePosixPath(*PurePosixPath(f.path).parts[:above])) for f in footers}
    if len(bases) > 1 or not all(f.keys for f, _ in unread):
        # Whose year it is cannot be told; leaving it out in silence would be worse than stopping.
        raise UsageError(next((told for f, told in unread if not f.keys), unread[0][1]))
    [base], left = bases, {f.file for f, _ in unread}
    read = session.read.schema(schema).option("basePath", base).parquet(*(n for n in files if n not in left))
    rows = [{**f.keys, UNREAD: str(told)} for f, told in unread]
    places = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in [*keys, UNREAD]})
    return read.unionByName(session.createDataFrame(places), allowMissingColumns=True)


@dataclass(frozen=True)
class _Footer:
    """What a file says of itself.

    Attributes:
        file, path: its address, and its path in there.
        keys: what the names of folders between the folder that is read and the file give.
        types: its columns' types; `None` where it cannot be read.
    """

    file: str
    path: str
    keys: Mapping[str, str]
    types: Mapping[str, spark.DataType] | None


def _files_under(system: Any, path: Any) -> dict[str, str]:
    """The files that Spark would read, and their paths: none that begins with _ or a dot, nor in a folder that does."""
    found = {}
    for status in system.globStatus(path) or ():
        inside = system.listFiles(status.getPath(), True)
        root = len(PurePosixPath(status.getPath().toUri().getPath()).parts)
        while inside.hasNext():
            file = inside.next().getPath()
            # An address may have signs in it that mean something in others: # and ?.
            within = str(file.toUri().getPath())
            between = PurePosixPath(within).parts[root:]
            if not any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in between):
                found[str(file.toString())] = within
    return dict(sorted(found.items()))


def _footer(session: SparkSession, file: str, path: str, above: int) -> _Footer:
    jvm: Any = session._jvm
    between = (part.partition("=") for part in PurePosixPath(path).parts[above:-1])
    keys = {key: unquote(value) for key, is_one, value in between if is_one}
    address = jvm.org.apache.hadoop.fs.Path(file)
    try:
        given = jvm.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(address, session._jsc.hadoopConfiguration())
        reader = jvm.org.apache.parquet.hadoop.ParquetFileReader.open(given)
        try:
            schema = reader.getFooter().getFileMetaData().getSchema()
        finally:
            reader.close()
        parquet = jvm.org.apache.spark.sql.execution.datasources.parquet
        converted = parquet.ParquetToSparkSchemaConverter(session._jsparkSession.sessionState().conf()).convert(schema)
    except Py4JJavaError:
        # Cut off, overwritten, or no Parquet at all: what Java says of it would help nobody.
        return _Footer(file, path, keys, None)
    columns = spark.StructType.fromJson(json.loads(converted.json()))
    return _Footer(file, path, keys, {column.name: column.dataType for column in columns})


def _types_of_most(footers: Sequence[_Footer]) -> dict[str, spark.DataType]:
    """By column the dictionary's type where a file has it, else that of most files; of whole numbers the widest."""
    seen: dict[str, Counter[spark.DataType]] = {}
    for footer in footers:
        for name, dtype in (footer.types or {}).items():
            seen.setdefault(name, Counter())[dtype] += 1
    most = {}
    for name, counted in seen.items():
        [(chosen, _)] = counted.most_common(1)
        if name in FRAME_FIELDS and (right := spark_type(FRAME_FIELDS[name].dtype)) in counted:
            chosen = right
        whole = [t for t in counted if isinstance(t, _WHOLE)]
        most[name] = max(whole, key=lambda t: _WHOLE.index(type(t))) if isinstance(chosen, _WHOLE) else chosen
    return most


def _why_unread(footer: _Footer, wanted: Mapping[str, spark.DataType]) -> Problem | None:
    name = "/".join(PurePosixPath(footer.path).parts[-3:])
    if footer.types is None:
        return problem("spark_file_damaged", file=name)
    for column, dtype in footer.types.items():
        alike = isinstance(dtype, _WHOLE) and isinstance(wanted[column], _WHOLE)
        if column not in footer.keys and dtype != wanted[column] and not alike:
            told = {"seen": dtype.simpleString(), "wanted": wanted[column].simpleString()}
            return problem("spark_file_unlike", file=name, column=column, **told)
    return None
