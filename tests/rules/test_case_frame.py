"""A case of tests.yaml as a frame: what a year's frame derives is derived here too."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.rules import load_rules, run_cases
from mujun.workspace.computing import case_engine

RATING = """\
mujun: 1
kind: rating
name: 试
years: [2022]
cohorts: [{id: all, when: "true"}]
indicators:
  land: {value: land_mu}
  out: {value: rented_out_mu}
  dirt: {value: emissions_t}
  code: {value: "if(industry_division = '17', 1, 0)"}
scoring:
  all:
    land: {weight: 25, benchmark: 1}
    out: {weight: 25, benchmark: 1}
    dirt: {weight: 25, benchmark: 1, missing: zero}
    code: {weight: 25, benchmark: 1}
tiers: {classes: [{id: A}], cut: {default: {shares: {A: 100}}}}
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("owned_mu: 10, rented_in_mu: 4, rented_out_mu: 3", "land: 11, out: 3"),
        ("owned_mu: 10", "land: 10, out: 0"),
        ("owned_mu: 10, land_mu: 7", "land: 7"),
        ("land_mu: 1, cod_t: 0.5, so2_t: 0.25", "dirt: 0.75"),
        ("land_mu: 1, cod_t: 0.5, emissions_t: 2", "dirt: 2"),
        ("land_mu: 1", "dirt: ~"),
        ('land_mu: 1, industry: "1751"', "code: 1"),
    ],
)
def test_derived(given: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "rating.yaml").write_text(RATING, encoding="utf-8")
    (tmp_path / "tests.yaml").write_text(
        "mujun: 1\nkind: tests\ncases:\n  - id: one\n    year: 2022\n"
        f"    enterprises: [{{credit_code: E1, {given}}}]\n    expect: [{{credit_code: E1, {expected}}}]\n",
        encoding="utf-8",
    )
    (outcome,) = run_cases(load_rules(tmp_path), case_engine)
    assert outcome.stopped is None
    assert [(m.name, m.expected, m.got) for m in outcome.mismatches] == []
    assert outcome.checked >= 1
