"""What if, on a part of the sample county: against the baseline, nothing stored unless asked."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from mujun.analysis.scenarios import Scenario, Settings, scenario_of
from mujun.rules import load_rules
from mujun.rules.variants import setting_of, variant
from mujun.workspace import County
from mujun.workspace.runs.scenarios import baseline_of_run, usual_baseline, what_if
from tests.cli.running import run

RULES = "zhejiang/shengzhou-2022"


def scenario(identity: str, *settings: str) -> Scenario:
    return Scenario(identity, None, Settings(tuple(setting_of(s) for s in settings)))


def test_scenarios_against_their_baseline(part_county: Path) -> None:
    own = County(part_county)
    before = part_county.read_bytes()
    found = what_if(
        own,
        baseline_of_run(own, 1),
        [
            scenario("same", "tiers.after.veto.at_most=C"),
            scenario("softer", "tiers.after.veto.at_most=B"),
            scenario("dearer", "measures.electricity.rate.d_small.value=0.60", "measures.electricity.max_amount=100"),
            scenario("wrong", "tiers.after.vet.at_most=B"),
        ],
    )
    assert part_county.read_bytes() == before
    same, softer, dearer, wrong = found.outcomes
    assert same.comparison is not None
    assert same.comparison.movers.is_empty()
    assert same.comparison.amounts is not None
    assert same.comparison.amounts.is_empty()

    # Whom the veto held down to C moves to B, exactly those whose tier before the rules was better.
    assert softer.comparison is not None
    rated = found.baseline.rating.subjects
    held = rated.filter(pl.col("changed:veto"), pl.col("tier") == "C")
    assert held.height > 5
    assert set(softer.comparison.movers["direction"]) == {"up"}
    assert set(softer.comparison.movers["credit_code"]) == set(held["credit_code"])

    # A rate twice as high under a cap twice as high: small D firms pay twice what they paid, nobody else differs.
    assert dearer.comparison is not None
    amounts = dearer.comparison.amounts
    assert amounts is not None
    assert amounts.height > 1
    assert dearer.comparison.movers.is_empty()
    assert set(amounts["measure"]) == {"electricity"}
    small = rated.filter(pl.col("tier") == "D", pl.col("scale") == "规下")["credit_code"]
    assert set(amounts["credit_code"]) <= set(small)
    # Each amount is rounded to 分 by itself, so twice the old one may be a 分 off.
    assert ((amounts["amount_after"] - amounts["amount_before"] * 2).abs() <= Decimal("0.000001")).all()
    total = dearer.comparison.effects()
    assert total["burden"][0] == amounts["burden"].sum()
    assert (total["losers"][0], total["winners"][0]) == (amounts.height, 0)
    by_township = dearer.comparison.effects("township")
    assert by_township["burden"].sum() == total["burden"][0]

    assert wrong.comparison is None
    assert "是否为“tiers.after.veto.at_most”" in str(wrong.problems[0])


def test_what_is_kept_is_a_run_like_any_other(part_county: Path) -> None:
    own = County(part_county)
    tried = scenario_of([setting_of("scoring.above.tax_per_mu.weight=40")], None, "税收更重")
    outcome = what_if(own, baseline_of_run(own, 1), [tried], keep=True).outcomes[0]
    assert outcome.kept == 2
    # 110 points in all instead of 100 is doubtful, and said.
    assert [p.code for p in outcome.doubts] == ["sound_weights"]
    kept = own.runs.list().row(1, named=True)
    assert (kept["rules"], kept["label"], kept["final"]) == (f"{RULES}@whatif", "税收更重", False)
    assert own.runs.verify(2).same
    assert usual_baseline(own) == 1
    by_hand = variant(load_rules(RULES), "whatif", tried.settings)
    assert own.runs.rate(by_hand, 2022, save=False).rating.digest == kept["digest"]


def test_the_command(capsys: pytest.CaptureFixture[str], part_county: Path, tmp_path: Path) -> None:
    file = tmp_path / "方案.yaml"
    file.write_text(
        "- {id: a, label: 收紧, set: {tiers.cut.default.shares.A: 15}}\n"
        "- {id: b, label: 放松, set: {tiers.cut.default.shares.A: 25}}\n",
        encoding="utf-8",
    )
    book = tmp_path / "试算.xlsx"
    db = ("--db", part_county)
    status, said, error = run(capsys, *db, "whatif", "--scenarios", file, "-o", book)
    assert (status, error) == (0, "")
    assert "试算没有保存" in said
    sheets = openpyxl.load_workbook(book)
    assert {"方案对照", "1·得失企业", "2·得失企业", "1·分组变化"} <= set(sheets.sheetnames)
    assert "f" not in {c.data_type for sheet in sheets for line in sheet.iter_rows() for c in line}

    words = ("whatif", "--set", "tiers.cut.default.shares.A=15", "--format", "json")
    status, said, error = run(capsys, *db, *words)
    assert (status, error) == (0, "")
    told = json.loads(said)
    assert told["format"] == "mujun-whatif/1"
    comparison = told["scenarios"][0]["comparison"]
    assert comparison["effects"]["all"][0]["down"] > 0
    assert Decimal(comparison["effects"]["all"][0]["burden"]) == sum(
        Decimal(r["burden"]) for r in comparison["amounts"]
    )

    status, said, error = run(capsys, *db, "whatif", "--set", "tiers.cut.default.share.A=15")
    assert (status, said.count("方案")) == (1, 0)
    assert "是否为“tiers.cut.default.shares.A”" in error
    for refused in (
        ("whatif",),
        ("whatif", "--scenarios", tmp_path / "无.yaml"),
        ("whatif", "--run", 1, "--year", 2022),
    ):
        status, _, error = run(capsys, *db, *refused)
        assert (status, error.count("\n")) == (1, 1)
