"""What is found of a firm is found of the rows about it alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mujun.records import check_tables
from mujun.records.about_firm import rows_about
from mujun.records.succession import succession_at
from mujun.store import Store

OF_EACH_KIND = 2


@pytest.mark.parametrize("year", [2021, 2022])
def test_the_rows_about_a_firm_are_all_that_its_findings_rest_on(loaded_county: Path, year: int) -> None:
    with Store.open(loaded_county) as store:
        tables = store.tables()
    every = [(f, f.what) for f in check_tables(tables, year)]
    heirs = succession_at(tables["aliases"], date.max.year).heirs
    kinds: dict[str, list[str]] = {}
    for finding, _ in every:
        if finding.credit_code is not None:
            kinds.setdefault(finding.code, []).append(finding.credit_code)
    assert len(kinds) >= 7
    asked = {c for codes in kinds.values() for c in sorted(codes)[:OF_EACH_KIND]}
    asked |= {*sorted(heirs)[:3], *sorted(h.root for h in heirs.values())[:3]}
    told = 0
    for code in sorted(asked):
        root = heirs[code].root if code in heirs else code
        codes = {root, *(old for old, heir in heirs.items() if heir.root == root)}
        about = rows_about(tables, codes)
        assert about["tax"].height < 20
        now = [(f, f.what) for f in check_tables(about, year, codes)]
        mine = [
            [f for f in several if f[0].credit_code in codes or any(c in f[1] for c in codes)]
            for several in (every, now)
        ]
        assert mine[0] == mine[1]
        told += len(mine[0])
    assert told >= len(asked) / 2
