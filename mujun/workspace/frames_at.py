"""The frame of a year from the tables of one moment: whole, or packed with what the rules read of it set aside.

Nothing of the rule language is loaded for a frame without rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import Kind
from mujun.records import Finding, with_successors
from mujun.records.frame import FramePart, frame_order, frame_parts, whole_frame
from mujun.store import PackedFrame, Packer
from mujun.workspace.executed import with_amounts_last
from mujun.workspace.tables_at import Tables

if TYPE_CHECKING:
    from mujun.rules import RuleSet


def frame_at(tables: Tables, year: int, ruleset: RuleSet | None) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The frame of a year, with the extra fields that a rule set reads.

    Raises:
        UsageError: there are no enterprises of that year.
    """
    return whole_frame(_parts_at(tables, year, ruleset))


def _parts_at(tables: Tables, year: int, ruleset: RuleSet | None, *, before: bool = False) -> Iterator[FramePart]:
    """The frame of a year, source by source; of the year before the one that is rated with what rules ask of it."""
    codes = pl.DataFrame()
    for part in frame_parts(tables, year, extra=extra_kinds(ruleset)):
        if "credit_code" in part.rows.columns:
            codes = part.rows.select("credit_code")
            if codes.is_empty():
                known = sorted(tables["enterprises"]["year"].unique().to_list())
                raise UsageError(problem("year_without_enterprises", year=year, known=known or "—"))
        yield part
    amounts = with_amounts_last(codes, tables, year, ruleset)
    if amounts.width > 1:
        yield FramePart(amounts.drop("credit_code"))
    if before and ruleset is not None and _policies_look_back(ruleset):
        then = with_successors({n: tables[n] for n in ("aliases", "ratings")}, year)[0]["ratings"]
        given = then.filter(pl.col("year") == year).select("credit_code", "tier", "score", "cohort")
        once = given.unique("credit_code", maintain_order=True)
        yield FramePart(codes.join(once, on="credit_code", how="left", maintain_order="left").drop("credit_code"))


@dataclass(frozen=True)
class FrameForRules:
    """A frame as a rule set is applied to it, so that nobody has to hold more of it.

    Attributes:
        asked: the columns that the rules read, a row per enterprise.
        packed: all of them, packed.
        findings: what `frame_at` gives.
    """

    asked: pl.DataFrame = field(repr=False)
    packed: PackedFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)


def frame_for_rules(tables: Tables, year: int, ruleset: RuleSet, *, before: bool = False) -> FrameForRules:
    """The frame of a year, packed, and what a rule set reads of it; it is never whole in memory.

    Args:
        tables: of one moment.
        year: the data year.
        ruleset: the rules.
        before: that it is the year before the one that is rated, as `previous_at` gives it.

    Raises:
        UsageError: there are no enterprises of that year.
        RuleError: the rules do not fit together.
    """
    from mujun.rules.frame_columns import columns_asked

    wanted = columns_asked(ruleset)
    packer, asked, findings = Packer(), list[pl.DataFrame](), list[Finding]()
    for part in _parts_at(tables, year, ruleset, before=before):
        packer.add(part.rows)
        asked.append(part.rows.select(n for n in part.rows.columns if wanted is None or n in wanted))
        findings += part.findings
        del part
    order = frame_order(packer.columns)
    frame = pl.concat([part for part in asked if part.width], how="horizontal")
    read = set(frame.columns)
    return FrameForRules(frame.select(n for n in order if n in read), packer.packed(order), tuple(findings))


OF_USAGE = ("aliases", "usage")
"""The tables that `usage_at` reads."""


def usage_at(tables: Tables, year: int) -> pl.DataFrame:
    """Bills by the codes that are right at the end of a year."""
    wanted = {name: tables[name] for name in OF_USAGE if name in tables}
    return with_successors(wanted, year)[0]["usage"]


def previous_at(tables: Tables, year: int, ruleset: RuleSet) -> pl.DataFrame | None:
    """Last year's frame, where a statistic of the rules asks for it and there is one.

    For a list or amounts that look back it also has each enterprise's tier of that year.
    """
    return (
        whole_frame(_parts_at(tables, year - 1, ruleset, before=True))[0] if has_before(tables, year, ruleset) else None
    )


def has_before(tables: Tables, year: int, ruleset: RuleSet) -> bool:
    """Whether the rules look back at the year before, and it has enterprises."""
    return looks_back(ruleset) and bool((tables["enterprises"]["year"] == year - 1).any())


def looks_back(ruleset: RuleSet) -> bool:
    """Whether a statistic of the rules asks for last year's frame."""
    rating = ruleset.rating
    rates = rating is not None and any(s.year == "previous" for s in rating.statistics.values())
    return rates or _policies_look_back(ruleset)


def _policies_look_back(ruleset: RuleSet) -> bool:
    files = (ruleset.rectification, *(p.file for p in ruleset.allocation_parts))
    return any(s.year == "previous" for f in files if f is not None for s in f.statistics.values())


def extra_kinds(ruleset: RuleSet | None) -> dict[str, Kind]:
    """The fields that a rule set's files take from the `extra` table, and their kinds."""
    if ruleset is None:
        return {}
    files = (ruleset.rating, ruleset.rectification, *(p.file for p in ruleset.allocation_parts))
    return {n: f.input for file in files if file is not None for n, f in file.fields.items() if f.input}
