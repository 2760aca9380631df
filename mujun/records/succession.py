"""Codes that changed: whose an old code's records are at the end of a year.

The table `aliases` says from which day on an old code is another's. 换码: the same firm under another code; all it ever
had is the successor's, tiers, labels and streaks included. 合并: another firm took it over; from the year of the merger
on its records count for the successor, and its quantities of earlier years are added to the successor's, so that growth
is measured over the same firms; tiers, labels and the roll's words of earlier years stay the successor's own.

撤销: there never was such a change; the row stands for the one of the same old code and day that it takes the place of.

A change counts for a data year when its day is not after that year's end: an earlier year is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.messages import FindingCode, Firm
from mujun.records.finding import Finding, finding_about
from mujun.records.identity import is_shaped_code, is_valid_code, normal_code

MERGED, WITHDRAWN = "合并", "撤销"


@dataclass(frozen=True)
class Heir:
    """Where an old code's records belong.

    Attributes:
        code: the code that stands at the end of all changes.
        root: the code that the firm itself had last: `code`, unless another firm took it over.
        since: the day of the first change.
        merged_on: the day another firm took it over; `None` for one that only changed its code.
    """

    code: str
    root: str
    since: date
    merged_on: date | None = None


@dataclass(frozen=True)
class Succession:
    """The changes that count for a year.

    Attributes:
        heirs: by old code.
        names: by old code, the names that the register of changes has for it.
        findings: changes that were left aside because they contradict each other or lead nowhere.
    """

    heirs: Mapping[str, Heir]
    names: Mapping[str, frozenset[str]]
    findings: tuple[Finding, ...]

    @property
    def involved(self) -> frozenset[str]:
        """Every code that a change is about, old and new."""
        return frozenset(c for old, heir in self.heirs.items() for c in (old, heir.code, heir.root))

    def standing(self, code: str) -> str:
        """The code that a firm has after all changes; the one that took it over, where one did."""
        return self.heirs[code].code if code in self.heirs else code

    def codes_of(self, code: str) -> tuple[str, ...]:
        """The codes whose records count for the firm that `code` stands for: the one it has, then old ones."""
        now = self.standing(code)
        return now, *sorted(old for old, heir in self.heirs.items() if heir.code == now)


def succession_at(aliases: pl.DataFrame, year: int) -> Succession:
    """What the register of changes says at the end of a year.

    Args:
        aliases: the table, of all times; with `_file`, `_sheet`, `_row` where known.
        year: the data year.

    Returns:
        The heirs, chains followed to their end. A code that became itself, codes in a circle, a code with two
        successors and one whose successor is no valid code, nor one that a licence bears, are findings without an heir.
    """
    if aliases.is_empty():
        return Succession({}, {}, ())
    known = aliases.filter(pl.col("since") <= date(year, 12, 31), pl.col("credit_code").is_not_null())
    known = known.filter(pl.col("change").ne_missing(WITHDRAWN))
    known = known.with_columns(normal_code(pl.col("successor")).alias("successor"))
    known = known.with_columns(_leads_to_a_code(known).alias(_VALID))
    by_old: dict[str, list[dict[str, object]]] = {}
    for row in known.sort("credit_code", "since").iter_rows(named=True):
        by_old.setdefault(row["credit_code"], []).append(row)
    findings: list[Finding] = []
    sound: dict[str, dict[str, object]] = {}
    for old, rows in by_old.items():
        if wrong := _wrong(old, rows):
            findings += (_finding(wrong, "aliases", r, "successor", r["successor"], old=_named(old, r)) for r in rows)
        else:
            sound[old] = rows[0]
    in_circle = {old for old in sound if _circles(old, sound)}
    findings += (
        _finding("alias_circle", "aliases", r, "successor", r["successor"], old=_named(old, r))
        for old, r in sorted((old, sound[old]) for old in in_circle)
    )
    left = {old: row for old, row in sound.items() if old not in in_circle and not _reaches(old, sound, in_circle)}
    heirs = {old: _heir(old, left) for old in left}
    names = {old: frozenset(str(r["name"]) for r in rows if r["name"]) for old, rows in by_old.items()}
    return Succession(heirs, names, tuple(findings))


def _wrong(old: str, rows: list[dict[str, object]]) -> FindingCode | None:
    successors = {str(r["successor"]) for r in rows}
    if old in successors:
        return "alias_self"
    if len(successors) > 1:
        return "alias_two_successors"
    return None if all(r[_VALID] for r in rows) else "alias_no_code"


_VALID = "_valid"


def _leads_to_a_code(changes: pl.DataFrame) -> pl.Expr:
    """Whether a change leads to a code: one that checks, or one of which the change says on which licence it stands."""
    code = pl.col("successor")
    valid = is_valid_code(code).fill_null(value=False)
    if "successor_licence" not in changes.columns:
        return valid
    return valid | ((pl.col("successor_licence").fill_null("") != "") & is_shaped_code(code))


def _steps(old: str, known: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """The codes after `old`, each once."""
    seen = {old}
    while old in known:
        old = str(known[old]["successor"])
        yield old
        if old in seen:
            return
        seen.add(old)


def _circles(old: str, known: Mapping[str, Mapping[str, object]]) -> bool:
    return old in _steps(old, known)


def _reaches(old: str, known: Mapping[str, Mapping[str, object]], codes: set[str]) -> bool:
    return any(code in codes for code in _steps(old, known))


def _heir(old: str, known: Mapping[str, Mapping[str, object]]) -> Heir:
    code, root, merged_on = old, old, None
    first = _day(known[old])
    while code in known:
        row = known[code]
        if merged_on is None and row["change"] == MERGED:
            root, merged_on = code, _day(row)
        code = str(row["successor"])
    return Heir(code, code if merged_on is None else root, first, merged_on)


def _day(row: Mapping[str, object]) -> date:
    since = row["since"]
    assert isinstance(since, date)
    return since


def _finding(
    code: FindingCode, table: str, row: Mapping[str, object], field: str, value: object, **values: object
) -> Finding:
    return finding_about(code, table, row, field, value, values=values)


def _named(code: str, row: Mapping[str, object]) -> Firm:
    """A code with the name that its row has for it."""
    name = row.get("name")
    return Firm(code, None if name is None else str(name))


def record_finding(
    code: FindingCode, table: str, row: Mapping[str, object], heir: Heir, names: Mapping[str, str]
) -> Finding:
    """A finding about a record that stands under an old code; `names` are those of the codes that stand."""
    since = heir.since if heir.merged_on is None else heir.merged_on
    old, new = _named(str(row["credit_code"]), row), Firm(heir.code, names.get(heir.code))
    return _finding(
        code, table, row, "credit_code", row["credit_code"], old=old, new=new, since=since, whose=TABLES[table].label
    )
