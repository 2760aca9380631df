"""A past run held against itself: what was kept, what is kept now, and what comes out when it is computed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import polars as pl

import mujun
from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.rating import digest_of
from mujun.steps import step
from mujun.store import KeptFrame, RunRecord, engine
from mujun.workspace.computing import YearResult, digests, frames_of, result_tables, whole

_BROKEN = "—"
"""The digest of a frame whose bytes are no longer those that were written, and of which none was put down."""


@dataclass(frozen=True)
class TableVerified(InNotebooks):
    """One table of a run's result.

    Attributes:
        name: `ratings`, `subjects`, `rectification`, `allocation`; `frame` and `previous` of what was rated.
        kept: the digest that was written down when it was computed.
        held: the digest of its rows as they are kept now; `None` where they are gone.
        computed: the digest of its rows computed again; `None` where nothing comes out.
        differing: of how many firms a row that is kept, or one that is computed, has no equal on the other side.
        first, first_name: the credit code of the first of them, and its name.
        columns: the columns in which they differ, and those that only one side has.
    """

    name: str
    kept: str
    held: str | None
    computed: str | None
    differing: int = 0
    first: str | None = None
    first_name: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def altered(self) -> bool:
        """Whether its kept rows are not those that were written down."""
        return self.held != self.kept

    @property
    def same(self) -> bool:
        """Whether all three agree."""
        return self.kept == self.held == self.computed


@dataclass(frozen=True)
class Verification(InNotebooks):
    """A past run computed once more.

    Attributes:
        number: the run.
        version: of mujun, when the run was computed.
        tables: every table that was kept or came out, `ratings` first.
    """

    of: ClassVar[Literal["run"]] = "run"

    number: int
    version: str
    tables: tuple[TableVerified, ...]

    @property
    def kept(self) -> str:
        """The run's digest: that of its ratings, or of its subjects where these are no enterprises."""
        return self.tables[0].kept

    @property
    def computed(self) -> str | None:
        """The digest of the ratings computed again."""
        return self.tables[0].computed

    @property
    def same(self) -> bool:
        """Whether every table agrees."""
        return all(t.same for t in self.tables)

    @property
    def by_earlier(self) -> bool:
        """Whether it differs only because another version computed it: nothing that was kept has been altered."""
        return not self.same and self.version != mujun.__version__ and not any(t.altered for t in self.tables if t.kept)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in which what is computed differs, of all tables."""
        return tuple(dict.fromkeys(c for t in self.tables for c in t.columns))


def compared(
    kept: RunRecord, again: YearResult, frames: Mapping[str, KeptFrame] = MappingProxyType({})
) -> Verification:
    """A run as it was kept and the same run computed again, table by table.

    Args:
        kept: the run with its results.
        again: the run computed again.
        frames: what it rated, where it keeps that; a frame that another version made is not held against this one's.
    """
    step("step_comparing")
    ours = {name: frame for name, frame in frames.items() if frame.engine == engine()}
    rated = {name: whole(f) for name, f in frames_of(again).items() if name in ours}
    now = result_tables(again) | rated
    computed = digests(now)
    before = {**kept.results, **{n: frame for n, f in ours.items() if (frame := f.frame) is not None}}
    held = digests(before)
    # The run's own digest stands beside the tables: it is what was printed and signed.
    main = "ratings" if "ratings" in kept.results or "ratings" in computed else "subjects"
    of_frames = {name: f.digest or held.get(name, _BROKEN) for name, f in ours.items()}
    written = {**held, **kept.digests, **of_frames, main: kept.digest}
    names = dict.fromkeys((main, *(n for n in (*computed, *sorted(written)))))
    return Verification(
        again.number or 0,
        kept.mujun_version,
        tuple(_verified(n, written.get(n, ""), held.get(n), computed.get(n), before, now) for n in names),
    )


def _verified(
    name: str,
    kept: str,
    held: str | None,
    computed: str | None,
    before: Mapping[str, pl.DataFrame],
    now: Mapping[str, pl.DataFrame],
) -> TableVerified:
    if held == computed or name not in before or name not in now:
        return TableVerified(name, kept, held, computed)
    firms = differing_firms(before[name], now[name])
    first = firms[0] if firms else None
    borne = (name_in(t, first) for t in (before[name], now[name]) if first is not None)
    columns = differing_columns(before[name], now[name])
    return TableVerified(name, kept, held, computed, len(firms), first, next(filter(None, borne), None), columns)


def name_in(table: pl.DataFrame, code: str) -> str | None:
    """What a table calls a firm."""
    rows = table.filter(pl.col(whose(table)) == code) if "name" in table.columns else table.clear()
    return str(rows["name"][0]) if rows.height and rows["name"][0] is not None else None


def whose(table: pl.DataFrame) -> str:
    """The column that says whom a row is about: a parcel in a list of parcels."""
    return "credit_code" if "credit_code" in table.columns else "parcel"


def differing_columns(before: pl.DataFrame, now: pl.DataFrame) -> tuple[str, ...]:
    """The columns that only one table has, and those of which some firm has other values in the other."""
    differing = []
    for name in dict.fromkeys((*before.columns, *now.columns)):
        if name in before.columns and name in now.columns:
            wanted = list(dict.fromkeys((whose(before), name)))
            if sorted(_row_digests(before.select(wanted))) == sorted(_row_digests(now.select(wanted))):
                continue
        differing.append(name)
    return tuple(differing)


def differing_firms(before: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """The firms of which a row of either table is not in the other as often, by credit code."""
    counts: Counter[tuple[str, str]] = Counter()
    for frame, sign in ((before, 1), (now, -1)):
        for row in zip(frame[whose(frame)].to_list(), _row_digests(frame), strict=True):
            counts[row] += sign
    return sorted({code for (code, _), count in counts.items() if count})


def _row_digests(frame: pl.DataFrame) -> list[str]:
    """A text per row that is equal where all names, types and values are."""
    head = digest_of(frame.clear())
    columns = []
    for series in frame.iter_columns():
        texts = series.list.join("\x1f") if isinstance(series.dtype, pl.List) else series
        if texts.dtype == pl.Float64:
            texts = (texts + 0.0).alias(series.name)
        columns.append(texts.cast(pl.String).fill_null("\x00"))
    joined = pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator="\x1e"))
    return [head + row for row in joined.to_series().to_list()]
