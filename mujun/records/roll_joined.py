"""Firms that would come onto the roll by a file that is no list of firms: contacts beside or below figures."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mujun.fields import TABLES
from mujun.records.finding import Finding
from mujun.records.identity import is_valid_code
from mujun.records.readings.area_reading import AreaRead
from mujun.records.roll import Roll

_NAMED = 6


def joining_the_roll(areas: Sequence[AreaRead], roll: Roll, file: str) -> list[Finding]:
    """A finding for each table that is no list of firms and names some that the roll does not have.

    Args:
        areas: the tables of a file.
        roll: the firms that are known; where there are none yet, contacts below figures are told all the same.
        file: the file's name.
    """
    table = TABLES["enterprises"]
    known = set(roll.firms["credit_code"].to_list())
    findings = []
    for area in areas:
        rows = [p.typed for p in area.parts if p.table is table]
        if area.register or not rows:
            continue
        firms = pl.concat(rows).filter(is_valid_code(pl.col("credit_code"))).unique("credit_code", maintain_order=True)
        new = firms.filter(~pl.col("credit_code").is_in(sorted(known)))
        if new.is_empty():
            continue
        called = [str(n or c) for c, n in new.select("credit_code", "name").head(_NAMED).iter_rows()]
        findings.append(
            Finding(
                "joins_the_roll", "warning", table.name, file=file, sheet=area.block.sheet,
                row=int(new["_row"][0]), year=area.block.year, owner=table.owner,
                values={"count": new.height, "firms": called},
            )
        )  # fmt: skip
    return findings
