"""Hostile rule files: loaded and checked, or refused with sentences."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.faults.mutator import Mutator

SETS = (
    "zhejiang/huangyan-2022", "zhejiang/shengzhou-2022", "anhui/jingde-2022", "anhui/ningguo-2024",
    "jiangsu/suzhou-electricity-2018", "shandong/qingdao-gas-2022", "shandong/feixian-land-use-tax-2021",
)  # fmt: skip


def read_case(seed: int, number: int, folder: Path) -> str:
    """Load and check one hostile rule set; says what became of it."""
    from mujun.rules.checking import check_rules
    from mujun.rules.folders import shipped_rules

    by = Mutator("rules", seed, number)
    source = shipped_rules() / by.random.choice(SETS)
    target = folder / "set"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    files = sorted(p for p in target.iterdir() if p.suffix in (".yaml", ".csv"))
    chosen = by.random.choice(files)
    if number % 4:
        chosen.write_text(
            by.text_of(chosen.read_text(encoding="utf-8"), by.random.choice((1, 1, 4))),
            encoding="utf-8",
            errors="replace",
        )
    else:
        chosen.write_bytes(by.bytes_of(chosen.read_bytes()))
    found = check_rules(target)
    said = [str(p) for p in (*found.problems, *found.warnings)]
    if any("Traceback" in line for line in said):
        return "FAULT a traceback in a sentence"
    return "refused with problems" if found.problems else "accepted"
