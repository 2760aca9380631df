"""A merged subject's figures name the row of every member, with each part and their sum."""

from __future__ import annotations

from pathlib import Path

from mujun.messages import speaking
from mujun.reports.firms.explanation_text import explanation_text
from mujun.workspace import County
from mujun.workspace.firms.explaining import explained, explainer
from tests.workspace.small_county import RATING, F

GROUPED = RATING.replace("cohorts:", "population: {subject: group}\ncohorts:")


def county(folder: Path) -> County:
    head = "统一社会信用代码,企业名称,group_code,镇街\n"
    roll = [(F[1], "甲厂", "G1"), (F[2], "乙厂", "G1"), (F[3], "丙厂", "")]
    (folder / "企业名录.csv").write_text(head + "".join(f"{c},{n},{g},甘霖镇\n" for c, n, g in roll), encoding="utf-8")
    (folder / "税收.csv").write_text(
        "统一社会信用代码,企业名称,实缴税金（万元）\n" + f"{F[3]},丙厂,7\n{F[1]},甲厂,320\n{F[2]},乙厂,80.5\n",
        encoding="utf-8",
    )
    (folder / "用地.csv").write_text(
        "统一社会信用代码,企业名称,权属,用地面积（亩）\n" + "".join(f"{c},{n},自有,10\n" for c, n, _ in roll),
        encoding="utf-8",
    )
    made = County(folder / "mujun.duckdb")
    loaded = made.data.load([folder / f for f in ("企业名录.csv", "税收.csv", "用地.csv")], year=2022)
    assert [f.batch is not None for f in loaded.files] == [True] * 3
    rules = folder / "rules"
    rules.mkdir()
    (rules / "rating.yaml").write_text(GROUPED, encoding="utf-8")
    made.runs.rate(rules, 2022)
    return made


def test_every_member_has_its_row(tmp_path: Path) -> None:
    own = county(tmp_path)
    result = own.runs.recompute(1)
    (said,) = explained(own, explainer(result), result, [F[2]])
    tax = next(f for f in said.figures if f.name == "tax_paid")
    # 320 + 80.5 in rows 3 and 4 of the tax file; the third firm's row 2 is none of theirs.
    assert [(o.member, o.value, o.file, o.row) for o in tax.origins] == [
        ("甲厂", "320", "税收.csv", 3),
        ("乙厂", "80.5", "税收.csv", 4),
    ]
    with speaking("zh"):
        page = explanation_text(said)
    assert "320 + 80.5 = 400.5" in page
    assert "甲厂 320 万元：税收.csv 第 3 行" in page


def test_who_is_rated_alone_has_no_member(tmp_path: Path) -> None:
    own = county(tmp_path)
    result = own.runs.recompute(1)
    (said,) = explained(own, explainer(result), result, [F[3]])
    tax = next(f for f in said.figures if f.name == "tax_paid")
    assert [(o.member, o.value, o.row) for o in tax.origins] == [(None, "7", 2)]
