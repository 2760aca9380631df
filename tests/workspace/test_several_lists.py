"""Several lists of one file: kept with a run, compared, tried out, exported; what follows from each is kept apart."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mujun.errors import UsageError
from mujun.workspace import County
from mujun.workspace.runs.verifying import Verification
from tests.cli.running import run
from tests.workspace.small_county import F, P, files_at, rules_at

SEVERAL = """mujun: 1
kind: rectification
name: 小县整治
years: [2021, 2022, 2023]
status: example
sources: [{document: 小县〔2022〕2号}]
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
lists:
  low:
    label: 低效企业
    listing: [{id: low, when: "tax_per_mu < 2", reason: 亩均税收低于2万元}]
    exit: {when: "tax_per_mu >= 2", margin: "tax_per_mu >= 3"}
  hungry:
    label: 高耗能
    listing: [{id: energy, when: "energy_tce >= 100 and tax_paid < 100", reason: 用能100吨以上}]
    exit: {when: "energy_tce < 100"}
  ground:
    label: 低效地块
    subject: parcel
    listing: [{id: ground, when: "tax_paid / land_mu < 2", reason: 地块亩均税收低于2万元}]
    exit: {when: "tax_paid / land_mu >= 2"}
"""
# Tax per mu: 1 to 6 have 1, 1, 1, 1, 0.5, 1; 7 and 8 have 30 and 40. Energy of 100 tce and more: 1, 2, 3, 5, 7, 8, and
# of these 7 and 8 pay 300 and 400. On the parcels: 10/10, 15/15, 10/20, 8/8, 300/10.
LOW, HUNGRY, GROUND = {F[n] for n in range(1, 7)}, {F[n] for n in (1, 2, 3, 5)}, {P[n] for n in range(1, 5)}
DAY = date(2023, 5, 4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small county, rated by rules that make three lists; the first run is final."""
    folder = tmp_path_factory.mktemp("several")
    county = County(folder / "mujun.duckdb")
    assert not county.data.load(files_at(folder / "2022", 2022)).refused
    county.runs.rate(rules_at(folder / "rules", rectification=SEVERAL), 2022, final=True)
    return folder


@pytest.fixture
def county(made: Path, tmp_path: Path) -> County:
    """A copy of it."""
    (tmp_path / "mujun.duckdb").write_bytes((made / "mujun.duckdb").read_bytes())
    return County(tmp_path / "mujun.duckdb")


def on(county: County, name: str, number: int = 1) -> set[str]:
    rows = county.runs.export("rectification", run=number, name=name).rows
    return set(rows["parcel" if "parcel" in rows.columns else "credit_code"].to_list())


def test_a_run_keeps_each_of_its_lists(county: County) -> None:
    assert [on(county, n) for n in ("low", "高耗能", "ground")] == [LOW, HUNGRY, GROUND]
    with pytest.raises(UsageError, match=r"low（低效企业）、hungry（高耗能）、ground（低效地块）"):
        county.runs.export("rectification", run=1)
    verified = county.runs.verify(1)
    assert isinstance(verified, Verification)
    assert verified.same
    assert {t.name for t in verified.tables} >= {"rectification_low", "rectification_hungry", "rectification_ground"}
    listed = next(s for s in county.firms.show(F[1]).sections if s.id == "listed")
    assert {r["reason_text"] for r in listed.rows} == {"亩均税收低于2万元", "用能100吨以上"}


def test_two_runs_and_what_if_tell_list_by_list(
    county: County, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = SEVERAL.replace('tax_per_mu < 2"', 'tax_per_mu < 1"').replace(
        "energy_tce >= 100 and", "energy_tce >= 300 and"
    )
    county.runs.rate(rules_at(tmp_path / "rules", rectification=changed), 2022)
    lists = county.runs.diff(1, 2).lists
    assert lists is not None
    struck = {name: set(rows["credit_code"]) for (name,), rows in lists.group_by("list")}
    assert struck == {"低效企业": LOW - {F[5]}, "高耗能": {F[2], F[3]}}
    assert set(lists["change"]) == {"struck"}
    db = ("--db", county.path)
    status, out, err = run(capsys, *db, "whatif", "--run", 1, "--set", "lists.ground.listing.ground.when=tax_paid < 9")
    assert (status, err) == (0, "")
    # Of the parcels 8 pays less than 9 alone; 10, 14 and 10 stay out.
    assert "清单“低效地块”：新列入 0，不再列入 3，理由有变 0" in out
    bundle = county.runs.bundle(1, tmp_path / "bundle")
    assert county.runs.verify(str(bundle.folder)).same


def test_newer_data_are_held_against_each_list_s_own_exit(county: County, made: Path, tmp_path: Path) -> None:
    rules = made / "rules"
    for number, name in enumerate(("low", "hungry", "ground"), 1):
        county.rectify.issue(title=name, document=f"{number}号", issued_on=DAY, name=name, unverified="list")
    # 1: 40 ÷ 10 = 4 and 4: 30 ÷ 6 = 5 are beyond the margin of 3; 6: 20 ÷ 8 = 2.5 is within it. Energy is the same.
    county.data.load(files_at(tmp_path / "2023", 2023, taxes={1: 40, 4: 30, 6: 20}))
    county.runs.rate(rules, 2023)
    told = county.rectify.recheck().proposals
    said = dict(told.select("credit_code", "proposal").iter_rows())
    # 1 is on the second list too, which it may leave with less than 100 tce only: it has 300.
    assert {c: p for c, p in said.items() if c in LOW} == {**dict.fromkeys(LOW, "keep"), F[4]: "accept"}
    # The parcels: 40 ÷ 10 = 4, (4 + 5 + 30) ÷ 15 = 2.6, 10 ÷ 20, 20 ÷ 8 = 2.5.
    expected = {P[1]: "accept", P[2]: "accept", P[3]: "keep", P[4]: "accept"}
    assert {c: p for c, p in said.items() if c in GROUND} == expected


def test_a_parcel_that_was_listed_itself_has_papers_of_its_own(county: County, tmp_path: Path) -> None:
    county.rectify.issue(title="低效地块", document="3号", issued_on=DAY, name="ground", unverified="list")
    status = county.monitor.status(DAY)
    assert (status.totals.firms, status.totals.parcels) == (0, len(GROUND))
    assert county.papers.plans(tmp_path / "方案.html", code=P[2]) == 1
    text = (tmp_path / "方案.html").read_text(encoding="utf-8")
    assert P[2] in text
    # Firms 2, 3 and 4 stand on its 15 mu and paid 15; the list says of no firm that it is listed, nor what it frees.
    assert "地块亩均税收低于2万元（实际用地 15亩、实缴税金 15万元）" in text
    assert "示例2厂、示例3厂、示例4厂" in text
    assert "<td>15 亩</td>" in text
    assert county.papers.plans(tmp_path / "全部.docx") == len(GROUND)
    with pytest.raises(UsageError, match="还没有企业或地块销号"):
        county.papers.notices(tmp_path / "销号.html")
