"""Whether what came in is what the grid shows, and whether what had to be said was said.

The verdicts, worst first: `silent` (a figure wrong, missing or added, and not a word), `wrong` (a word, and still a
wrong figure in), `crash`, `unsaid` (right figures, but what had to be said was not), `lost` (said, but a readable
figure is not in), `nuisance` (right, but something was said or asked about a plain file).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mujun.fields import TABLES
from tests.intake.case import Case, Figures
from tests.intake.forms import write
from tests.intake.loading import CameIn, Said, Value, load

VERDICTS = ("silent", "wrong", "crash", "unsaid", "lost", "nuisance")
Key = tuple[str, int, str]
_SIDE_TABLES = ("accounts",)
_NAMING = ("year", "credit_code", "name", "county", "township", "park", "industry", "scale", "kind", "status")


@dataclass(frozen=True)
class Verdict:
    """What became of one case in one form; an empty `word` is as it should be."""

    word: str
    what: str = ""


def tried(case: Case, form: str, *, through_store: bool = False) -> tuple[Verdict, CameIn]:
    """A case in one form, written, loaded and judged."""
    with TemporaryDirectory(prefix="mujun-intake-") as name:
        folder = Path(name)
        paths = [write(file, form, folder) for file in case.files]
        try:
            came_in = load(case, paths, folder, through_store=through_store)
        except Exception as broken:
            return Verdict("crash", f"{type(broken).__name__}: {broken}".split("\n")[0][:160]), CameIn()
        return judged(case, came_in), came_in


def judged(case: Case, came_in: CameIn) -> Verdict:
    """Figures first, words second."""
    have, doubled = figures_in(came_in.rows, case.gives)
    # That columns were not taken is a mild reminder, no word about a figure.
    spoken = any("columns_not_taken" not in s.how for s in came_in.said)
    wrong, missing = differences(case.gives, have, spoken=spoken)
    wrong += doubled
    if (wrong or missing) and not spoken:
        return Verdict("silent", "; ".join(wrong + missing)[:200])
    if wrong:
        return Verdict("wrong", "; ".join(wrong)[:200])
    unsaid = [part for part in case.says if not _holds(part, came_in.said)]
    if missing:
        return Verdict("lost", f"{first_word(came_in.said)} — {'; '.join(missing)}"[:200])
    if case.plain and came_in.said:
        return Verdict("nuisance", first_word(came_in.said)[:200])
    if unsaid:
        return Verdict("unsaid", f"{'; '.join(unsaid)} — said: {first_word(came_in.said)}"[:200])
    return Verdict("")


def first_word(sentences: list[Said]) -> str:
    """The first thing said."""
    return " ".join(str(sentences[0]).split()) if sentences else "nothing"


def _holds(part: str, sentences: list[Said]) -> bool:
    if part in ("free", "nothing"):
        return True
    if part == "told":
        return bool(sentences)
    if part == "question":
        return any(s.how == "question" for s in sentences)
    if part.startswith("/"):
        return any(re.search(part.strip("/"), s.text) for s in sentences)
    return all(any(s.row == int(row) for s in sentences) for row in re.findall(r"row (\d+)", part))


def figures_in(
    rows: Mapping[str, list[dict[str, Any]]], gives: Iterable[Figures]
) -> tuple[dict[Key, dict[str, Value]], list[str]]:
    """What is there, in the words of the cases; and which firm has two figures for one field."""
    listed = {g.table for g in gives}
    have: dict[Key, dict[str, Value]] = defaultdict(dict)
    doubled = []
    for table, given in rows.items():
        if table in _SIDE_TABLES and table not in listed:
            continue
        several = TABLES[table].many or len(TABLES[table].key) > 2
        for row in given:
            firm = row.get("credit_code") or row.get("parcel") or row.get("given_name") or row.get("project") or ""
            figures = have[table, row.get("year") or 2022, firm]
            for name, value in _values(table, row).items():
                if value is None:
                    continue
                if name in figures and isinstance(value, Decimal) and several:
                    figures[name] = Decimal(str(figures[name])) + value
                elif name in figures and figures[name] != value and not several:
                    doubled.append(f"{table} {firm} {name}: {figures[name]} and {value}")
                else:
                    figures[name] = value
    return have, doubled


def _values(table: str, row: Mapping[str, Any]) -> dict[str, Value]:
    known = {f.name: f.kind for f in TABLES[table].fields}
    values: dict[str, Value] = {}
    for name, value in row.items():
        if name in known and name not in ("year", "credit_code") and value is not None:
            values[name] = value if isinstance(value, Decimal) else str(value)
    if table == "land" and "tenure" in values and values.get("area_mu") is not None:
        values[str(values.pop("tenure"))] = values.pop("area_mu")
    return values


def differences(
    gives: Iterable[Figures], have: Mapping[Key, Mapping[str, Value]], *, spoken: bool
) -> tuple[list[str], list[str]]:
    """Figures that are wrong or should not be there; figures that are not there. Both in words."""
    wrong, missing, expected = [], [], set()
    for given in gives:
        key = (given.table, given.year, given.firm)
        expected.add(key)
        came = dict(have.get(key, {}))
        absent = [f for f, v in given.fields.items() if v is not None and came.get(f) is None]
        for name in absent if not (given.asked and spoken) else ():
            missing.append(f"{given.table} {given.firm} {name}: none for {_shown(given.fields[name])}")
        for name, value in came.items():
            if any(_same(value, figure) for figure in given.may.get(name, ())):
                continue
            if name in given.fields and value is not None and not _same(value, given.fields[name]):
                wrong.append(f"{given.table} {given.firm} {name}: {_shown(value)} for {_shown(given.fields[name])}")
            elif name not in given.fields and isinstance(value, Decimal):
                wrong.append(f"{given.table} {given.firm} {name}: {_shown(value)} for none")
    for key, figures in have.items():
        if key not in expected and (extra := {n: v for n, v in figures.items() if isinstance(v, Decimal)}):
            wrong.append(f"{key[0]} {key[1]} {key[2]} is in: {', '.join(f'{n}={_shown(v)}' for n, v in extra.items())}")
    return wrong, missing


def _same(value: Value, expected: Value) -> bool:
    return value == expected or (expected is not None and str(value) == str(expected))


def _shown(value: Value) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
