"""What mujun makes of the files of a case, through its public interface only."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

import mujun
from mujun.fields import TABLES
from tests.intake.case import Case
from tests.intake.grid import NAMES, code

Value = Decimal | str | None


@dataclass(frozen=True)
class Said:
    """One thing said: a finding, a question, or why a file was refused."""

    how: str
    text: str
    row: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = f" row {self.row}" if self.row else ""
        return f"{self.how}{place}{f' {self.field}' if self.field else ''}: {self.text}"


@dataclass
class CameIn:
    """What came in: rows by table, and everything that was said."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """More rows of a table."""
        self.rows.setdefault(table, []).extend(rows.to_dicts())


def load(case: Case, paths: Sequence[Path], folder: Path, *, through_store: bool = False) -> CameIn:
    """The files of a case, read one by one; by way of a store where a case needs the roll or has several files."""
    needs_store = case.roll or case.each or len(paths) > 1 or case.options
    return _loaded(case, paths, folder) if needs_store or through_store else _read(case, paths)


def _read(case: Case, paths: Iterable[Path]) -> CameIn:
    came_in = CameIn()
    for path in paths:
        try:
            records = mujun.read_file(path, year=case.year)
        except mujun.InputError as refusal:
            came_in.said += [Said("refused", str(p), p.place.row or p.place.line) for p in refusal.problems]
            continue
        for loaded in records.tables:
            came_in.add(loaded.table, loaded.rows)
        came_in.said += map(_finding, records.findings)
        came_in.said += map(_question, getattr(records, "questions", ()))
    return came_in


def _loaded(case: Case, paths: Sequence[Path], folder: Path) -> CameIn:
    came_in = CameIn()
    store = folder / "county.duckdb"
    if case.roll:
        shutil.copy(store_with_roll(), store)
    county = mujun.County(store)
    for batch in [[p] for p in paths] if case.each else [list(paths)]:
        outcome = county.data.load(batch, year=case.year)
        came_in.said += [Said("refused", str(problem)) for file in outcome.files for problem in file.refused]
        came_in.said += [sentence for file in outcome.files if file.met is not None for sentence in _met(file.met)]
        came_in.said += map(_finding, outcome.findings)
        came_in.said += map(_question, getattr(outcome, "questions", ()))
    if store.exists():
        with county.kept_open():
            # What no batch says it has is not asked for: most of thirty tables, of each of hundreds of cases.
            named = set(county.data.batches()["tables"].explode())
            for table in TABLES:
                if table in named and not (case.roll and table == "enterprises"):
                    came_in.add(table, county.data.table(table))
    return came_in


def _met(met: Any) -> Iterator[Said]:
    """What `load` says of figures that another file said before: which wait, and how many were replaced."""
    for row in met.waiting.iter_rows(named=True):
        yield Said("waits", f"{row['stands']} — {row['says']}", row["row"], row["field"])
    if met.gone.height:
        yield Said("gone", ", ".join(met.gone["credit_code"]))
    if met.replaced:
        yield Said("replaced", str(met.replaced))


def _finding(finding: Any) -> Said:
    return Said(
        f"finding {finding.code} ({finding.severity})", f"{finding.what}；{finding.remedy}", finding.row, finding.field
    )


def _question(question: Any) -> Said:
    return Said("question", str(question), None, getattr(question, "field", None))


_roll: list[Path] = []


def store_with_roll() -> Path:
    """A store that knows firms 1 to 9, made once."""
    if not _roll or not _roll[0].exists():
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="mujun-intake-"))
        file = folder / "2022年企业名录.csv"
        lines = [f"2022,{code(n)},{NAMES[n - 1]},{'甘霖镇' if n % 2 else '长乐镇'},规上" for n in range(1, 10)]
        file.write_text("\n".join(["年度,统一社会信用代码,企业名称,镇街,规模", *lines]), encoding="utf-8")
        outcome = mujun.County(folder / "roll.duckdb").data.load([file])
        if outcome.findings or outcome.refused:
            raise ValueError(f"the roll itself: {outcome.findings} {outcome.refused}")
        _roll[:] = [folder / "roll.duckdb"]
    return _roll[0]
