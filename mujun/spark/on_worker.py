"""What Spark calls on a worker for each group: Arrow in, Arrow out, one county's year.

Polars is imported where it is used, after it is told to use one thread: a worker's cores are shared by its tasks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mujun.dataclass import dataclass

if TYPE_CHECKING:
    import polars as pl

    from mujun.messages import Language
    from mujun.spark.one_county import Computed

TASK, OF_COUNTY, OF_YEAR, BACK = "_task", "_county", "_year", "_back"
"""Which task a row goes to, for which county and year it is there, and how many years before that year it stands."""

PLACE, SUMMARY = "_place", "_summary"
"""The place of a row in its county's table, from 1; and what is told once of a county's year, in the row of place 0."""

UNREAD = "_unread"
"""In the row that stands for a file which could not be read: why."""

USAGE, USAGE_ROW = "_usage", -1
"""The column that holds a usage record, and the `_back` of its row."""


@lru_cache(maxsize=4)
def _unpacked(work: bytes) -> Any:
    """Rules, step and needs: read once by a worker that computes many counties."""
    import pickle

    return pickle.loads(work)  # noqa: S301 - made by the driver of this very job


@dataclass(frozen=True)
class OnWorker:
    """The function of a group, as it is sent to the workers.

    Attributes:
        work: the rule set, the step, what it needs and the fields it may do without, pickled.
        language: in which problems are told.
        county: what the county's column is called.
        schema: what is handed back.
    """

    work: bytes
    language: Language
    county: str
    schema: pa.Schema

    def __call__(self, key: tuple[pa.Scalar, ...], group: pa.Table) -> pa.Table:
        """One county's year: the table's rows, and before them the row that sums up."""
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
        from mujun.spark.one_county import Computed, computed

        _, county, year = (part.as_py() for part in key)
        ruleset, step, needs, despite = _unpacked(self.work)
        group, unread = _without_unread(group)
        if unread:
            firms = sum(back == 0 for back in group[BACK].to_pylist())
            done = Computed(None, firms, problem="".join(unread), codes=("spark_unread",))
            return _handed_back(done, self.schema, self.county, county, year)
        years, usage = _apart(group, needs.columns)
        try:
            done = computed(
                ruleset,
                step,
                needs,
                years,
                usage,
                year=None if county is None else year,
                despite=despite,
                language=self.language,
            )
        except Exception as error:
            # Nothing that mujun foresees; whoever reads Spark's log is told where.
            error.add_note(f"{self.county}={county} year={year}")
            raise
        return _handed_back(done, self.schema, self.county, county, year)

    def as_function(self) -> Callable[[tuple[pa.Scalar, ...], pa.Table], pa.Table]:
        """The same as a plain function of two arguments, which is what Spark takes.

        A worker is sent its name and this object, never its code: what measures which lines run changes code so that it
        cannot be sent.
        """
        return partial(_on_worker, self)


def _on_worker(work, key, group):  # type: ignore[no-untyped-def]  # Spark reads hints as a wish for another form
    return work(key, group)


def _without_unread(group: pa.Table) -> tuple[pa.Table, list[str]]:
    """The rows that were read, and what is told of files that were not, each once."""
    if UNREAD not in group.column_names:
        return group, []
    told = group[UNREAD]
    return group.filter(told.is_null()).drop_columns([UNREAD]), sorted({t for t in told.to_pylist() if t is not None})


def _apart(group: pa.Table, columns: tuple[str, ...]) -> tuple[Mapping[int, pl.DataFrame], pl.DataFrame | None]:
    """A group's rows by how many years back they stand, and its usage records."""
    import polars as pl

    frame = pl.from_arrow(group)
    assert isinstance(frame, pl.DataFrame)
    parts = {back: part for (back,), part in frame.partition_by(BACK, as_dict=True).items()}
    records = parts.pop(USAGE_ROW, None)
    # Usage of a county that has no firms in the year is kept from coming here.
    years = {back: part.select(columns) for back, part in parts.items()}
    if USAGE not in frame.columns:
        return years, None
    records = frame.clear() if records is None else records
    return years, records.select("credit_code", pl.col(USAGE).struct.unnest())


def _handed_back(done: Computed, schema: pa.Schema, county: str, of: Any, year: int | None) -> pa.Table:
    rows = 0 if done.table is None else done.table.height
    told = {name: getattr(done, name) for name in ("firms", "digest", "problem", "codes", "unkept")} | {"rows": rows}
    first = {county: of, PLACE: 0, SUMMARY: told, "year": year}
    summary = pa.table([pa.array([first.get(f.name)], f.type) for f in schema], schema=schema)
    if done.table is None or not rows:
        return summary
    table = done.table.to_arrow()
    same = {county: of, SUMMARY: None}
    columns = []
    for field in schema:
        if field.name == PLACE:
            columns.append(pa.array(range(1, rows + 1), field.type))
        elif field.name in same:
            columns.append(pa.repeat(pa.scalar(same[field.name], field.type), rows))
        else:
            columns.append(table[field.name].cast(field.type))
    return pa.concat_tables([summary, pa.table(columns, schema=schema)])
