"""Whose a row is that names a firm and has no code that can be used: proposals, for a person to decide.

A name says whose a row is where exactly one firm of the township is called so once width, brackets, spaces and
有限责任公司 make no difference; else where exactly one is called nearly so. Nothing is near across townships, and
nothing is near whose numerals differ: 第一机械厂 and 第二机械厂 are two firms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.numbers import round_decimal
from mujun.records.identity import is_valid_code, names_several, normal_code, normal_name, repairs_of

UNSAID = "未写"
"""What stands for the township of rows whose file gives none."""

NEAR_ENOUGH = 80
"""How like two names must be, in per cent, to be proposed; likeness is rapidfuzz's `ratio`, 100 for the same text."""

CORE_ENOUGH = 70
"""The same for what is left of a name without place and legal form."""

APART = 4
"""By how much the nearest name must be nearer than the next: else nobody can say which it is."""

Kind = Literal["exact", "near", "several", "elsewhere", "none"]

_PLACE = r"^(?:[\p{Han}]{2,3}省)?(?:[\p{Han}]{2,3}市)?(?:[\p{Han}]{1,3}[县区])?"
_FORM = r"(?:股份|集团|有限|责任|实业)*公司$|(?:加工)?[厂坊]$"
_NUMERALS = re.compile(r"[0-9一二三四五六七八九十]")


@dataclass(frozen=True)
class Waiting:
    """A row that waits to be told whose it is; `township` is a township of the roll or `UNSAID`."""

    table: str
    batch: int
    file: str
    sheet: str | None
    row: int
    year: int | None
    name: str
    plain: str
    township: str


@dataclass(frozen=True)
class Candidate:
    """A firm that may be meant: its code, its name, its township, and how like the names are, in per cent."""

    code: str
    name: str
    township: str
    likeness: Decimal


@dataclass(frozen=True)
class Proposal:
    """What is proposed for all rows of one name and township.

    Attributes:
        name: the name as the first row writes it.
        township: where the rows say the firm is.
        rows: the rows.
        kind: `exact` or `near` propose the first candidate; `several` firms are called so, or equally nearly so;
            `elsewhere`: only firms of other townships are called so; `none`: nobody is.
        candidates: whom it may mean, the likeliest first.
    """

    name: str
    township: str
    rows: tuple[Waiting, ...]
    kind: Kind
    candidates: tuple[Candidate, ...]

    @property
    def proposed(self) -> Candidate | None:
        """The firm that is proposed, if one is."""
        return self.candidates[0] if self.kind in ("exact", "near") else None


@dataclass(frozen=True)
class Firms:
    """The firms there are: `credit_code, name, plain, township`, a row for each name that a firm ever had."""

    names: pl.DataFrame

    @property
    def townships(self) -> list[str]:
        """All townships."""
        return self.names["township"].drop_nulls().unique().sort().to_list()

    @property
    def codes(self) -> set[str]:
        """All codes."""
        return set(self.names["credit_code"].to_list())


def firms_of(roll: pl.DataFrame, now: Mapping[str, str]) -> Firms:
    """The firms of a roll of all years.

    Args:
        roll: `credit_code`, `name`, `township`; newest years first, whose writing of a name is shown.
        now: by the code a firm had before, the one it has now.
    """
    known = roll.select("credit_code", "name", "township").drop_nulls(["credit_code", "name"])
    codes = pl.col("credit_code").replace(dict(now)) if now else pl.col("credit_code")
    known = known.with_columns(codes.alias("credit_code"), normal_name(pl.col("name")).alias("plain"))
    return Firms(known.unique(["credit_code", "plain", "township"], keep="first", maintain_order=True))


# ------------------------------------------------------------------------------------------------------ who is waiting


def waiting_rows(table: str, kept_out: pl.DataFrame, townships: Sequence[str]) -> list[Waiting]:
    """The rows of a quarantine that a name could help: no code, or one that is past repair, and one name.

    Args:
        table: the table's name.
        kept_out: its quarantine, as text, with `_batch`, `_file`, `_sheet`, `_row`, `_township`.
        townships: those of the roll.
    """
    fields = TABLES[table].by_name
    if table == "matches" or not {"credit_code", "name"} <= set(fields) or kept_out.is_empty():
        return []
    codes = kept_out.select(code=normal_code(pl.col("credit_code")).replace("", None))
    valid = codes.select(ok=is_valid_code(pl.col("code")).fill_null(False))["ok"]
    named = kept_out.select(ok=normal_name(pl.col("name")).str.len_chars().fill_null(0) > 1)["ok"]
    several = kept_out.select(ok=names_several(pl.col("name")).fill_null(False))["ok"]
    rows = kept_out.with_columns(codes["code"].alias("_code"), normal_name(pl.col("name")).alias("_plain"))
    rows = rows.filter(~valid & named & ~several)
    repairs = repairs_of(rows["_code"].drop_nulls().unique().to_list())
    return [
        Waiting(
            table, row["_batch"], row["_file"], row["_sheet"], row["_row"], _year(row.get("year")), row["name"],
            row["_plain"], township_of(row["_township"], row["_sheet"], row["_file"], townships),
        )
        for row in rows.iter_rows(named=True)
        if row["_code"] is None or repairs[row["_code"]] is None
    ]  # fmt: skip


def _year(text: str | None) -> int | None:
    match = re.search(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", text or "")
    return int(match.group()) if match else None


def township_of(township: str | None, sheet: str | None, file: str | None, townships: Sequence[str]) -> str:
    """The township that a row's cell, else its sheet, else its file speaks of; `UNSAID` where none of them does."""
    for text, whole in ((township, True), (sheet, False), (file, False)):
        plain = re.sub(r"\s+", "", text or "")
        if plain in townships:
            return plain
        # 三江街道办事处 and 三江 are 三江街道; a sheet or a file has to name it in full.
        named = [t for t in townships if t in plain or (whole and len(plain) > 1 and t.startswith(plain))]
        if len(named) == 1:
            return named[0]
        if plain and whole:
            return plain if plain.endswith(("街道", "镇", "乡")) else UNSAID
    return UNSAID


# ------------------------------------------------------------------------------------------------------ whom they mean


def proposals(waiting: Iterable[Waiting], firms: Firms, taken: Mapping[Waiting, set[str]]) -> list[Proposal]:
    """What is proposed for every name and township, by township and name.

    Args:
        waiting: the rows.
        firms: whom they may mean.
        taken: for a row, the firms that have a row of their own there: they cannot be meant by a name that is not
            theirs to the letter.
    """
    groups: dict[tuple[str, str], list[Waiting]] = {}
    for row in waiting:
        groups.setdefault((row.township, row.plain), []).append(row)
    by_township = {str(t): f for (t,), f in firms.names.partition_by("township", as_dict=True).items() if t}
    made = []
    for (township, plain), rows in sorted(groups.items()):
        kind, candidates = _meant(plain, township, firms, by_township, _has_own(rows, taken))
        made.append(Proposal(rows[0].name, township, tuple(rows), kind, candidates))
    return made


def _has_own(rows: Iterable[Waiting], taken: Mapping[Waiting, set[str]]) -> set[str]:
    codes = [taken.get(row, set()) for row in rows]
    return set.intersection(*codes) if codes else set()


def _meant(
    plain: str, township: str, firms: Firms, by_township: Mapping[str, pl.DataFrame], taken: set[str]
) -> tuple[Kind, tuple[Candidate, ...]]:
    everywhere = _candidates(firms.names.filter(pl.col("plain") == plain), Decimal(100))
    here = [c for c in everywhere if township in (UNSAID, c.township)]
    if here:
        return ("exact" if len(here) == 1 else "several"), tuple(here)
    if everywhere:
        return "elsewhere", tuple(everywhere)
    local = by_township.get(township)
    if township == UNSAID or local is None:
        return "none", ()
    near = _near(plain, local.filter(~pl.col("credit_code").is_in(list(taken))))
    if not near:
        return "none", ()
    clear = len(near) == 1 or near[0].likeness - near[1].likeness >= APART
    return ("near" if clear else "several"), tuple(near[:5])


def _candidates(names: pl.DataFrame, likeness: Decimal) -> list[Candidate]:
    rows = names.unique("credit_code", keep="first", maintain_order=True).sort("credit_code")
    return [
        Candidate(code, name, township, likeness)
        for code, name, township in rows.select("credit_code", "name", "township").iter_rows()
    ]


def _near(plain: str, names: pl.DataFrame) -> list[Candidate]:
    """The firms whose names are nearly this one, the nearest first."""
    from rapidfuzz import fuzz, process

    signature = _numerals(plain)
    rows = [r for r in names.iter_rows(named=True) if _numerals(r["plain"]) == signature]
    close = process.extract(plain, [r["plain"] for r in rows], scorer=fuzz.ratio, limit=None, score_cutoff=NEAR_ENOUGH)
    core, best = _core(plain), dict[str, Candidate]()
    for _, score, at in close:
        row = rows[at]
        if fuzz.ratio(core, _core(row["plain"])) < CORE_ENOUGH or row["credit_code"] in best:
            continue
        likeness = min(round_decimal(Decimal(repr(score)), 1), Decimal("99.9"))
        best[row["credit_code"]] = Candidate(row["credit_code"], row["name"], row["township"], likeness)
    return sorted(best.values(), key=lambda c: (-c.likeness, c.code))


def _numerals(plain: str) -> list[str]:
    return _NUMERALS.findall(plain)


def _core(plain: str) -> str:
    """A name without its place and its legal form; the whole of it where nothing else is left."""
    text = pl.Series([plain]).str.replace(_PLACE, "").str.replace(_FORM, "")
    return str(text[0]) or plain
