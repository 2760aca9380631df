"""Licences that bear a code which does not check: confirmed by a document, then counted everywhere."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum.cn import uscc

from mujun.errors import UsageError
from mujun.workspace import County
from tests.records.files import code, text

BODY = "91350203M000XXXX1"
RIGHT = BODY + uscc.calc_check_digit(BODY)
# Whatever its check character is, it is not this one.
ODD = BODY + ("A" if RIGHT[17] != "A" else "B")
GOOD = code(10_207)
ROLL = [
    ["统一社会信用代码", "企业名称", "镇街", "规模"],
    [ODD, "示例老牌厂", "甘霖镇", "规上"],
    [GOOD, "示例甲厂", "甘霖镇", "规下"],
]
HEAD = ["统一社会信用代码", "企业名称", "实缴税金（万元）"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    own = County(folder / "county.duckdb")
    own.data.load([text(folder / "2022年企业名录.csv", ROLL)])
    own.data.load([text(folder / "2022年税收.csv", [HEAD, [ODD, "示例老牌厂", 12], [GOOD, "示例甲厂", 7]])])
    return own.path


@pytest.fixture
def county(made: Path, tmp_path: Path) -> County:
    """A copy of it, to do with as one likes."""
    return County(shutil.copy(made, tmp_path / "county.duckdb"))


def paid(own: County, year: int = 2022) -> dict[str, Decimal | None]:
    frame, _ = own.data.frame(year)
    return dict(frame.select("credit_code", "tax_paid").iter_rows())


def test_a_confirmed_code_counts_in_the_roll_and_in_every_file(county: County, tmp_path: Path) -> None:
    assert paid(county) == {GOOD: 7}
    made = county.identity.licence(ODD.lower(), "示例老牌厂", document="示例市监〔2023〕2号")
    assert (made.code, made.rows) == (ODD, 2)
    assert paid(county) == {GOOD: 7, ODD: 12}
    rows = [[2023, ODD, "示例老牌厂", "甘霖镇"], [2023, GOOD, "示例甲厂", "甘霖镇"]]
    county.data.load([text(tmp_path / "2023年企业名录.csv", [["年度", *ROLL[0][:3]], *rows])])
    [later] = county.data.load([text(tmp_path / "2023年税收.csv", [HEAD, [ODD, "示例老牌厂", 15]])]).files
    assert later.records is not None
    assert later.records.findings == ()
    assert paid(county, 2023) == {GOOD: None, ODD: 15}
    decided = county.identity.licences().row(0, named=True)
    assert (decided["credit_code"], decided["name"], decided["document"]) == (ODD, "示例老牌厂", "示例市监〔2023〕2号")


def test_a_figure_of_such_a_firm_can_be_corrected(county: County) -> None:
    county.identity.licence(ODD, "示例老牌厂", document="示例市监〔2023〕2号")
    county.rounds.correct(ODD, 2022, {"tax_paid": "13"}, reason="核实", document="示例〔2023〕9号")
    assert paid(county)[ODD] == 13


def test_a_code_may_become_one_that_a_licence_bears(county: County) -> None:
    with pytest.raises(UsageError, match="identity licence"):
        county.identity.alias(GOOD, ODD, since=date(2022, 6, 1))
    county.identity.licence(ODD, "示例老牌厂", document="示例市监〔2023〕2号")
    county.identity.alias(GOOD, ODD, since=date(2022, 6, 1), change="合并")
    changed = county.identity.changes().row(0, named=True)
    assert (changed["successor"], changed["successor_licence"]) == (ODD, "示例市监〔2023〕2号")
    assert changed["counts"]
    assert paid(county) == {ODD: 19}


def test_a_code_that_a_licence_bore_may_become_another(county: County) -> None:
    county.identity.licence(ODD, "示例老牌厂", document="示例市监〔2023〕2号")
    county.identity.alias(ODD, GOOD, since=date(2022, 6, 1), change="合并")
    assert paid(county) == {GOOD: 19}


def test_a_file_that_changes_to_such_a_code_is_told_how(county: County, tmp_path: Path) -> None:
    head = ["原信用代码", "现信用代码", "变更日期", "变更类型"]
    county.data.load([text(tmp_path / "代码变更.csv", [head, [GOOD, ODD, "2022-06-01", "合并"]])])
    [finding] = [f for f in county.data.check(2022) if f.code == "alias_no_code"]
    assert "identity licence" in finding.remedy
    county.identity.licence(ODD, "示例老牌厂", document="示例市监〔2023〕2号")
    county.identity.alias(GOOD, ODD, since=date(2022, 6, 1), change="合并")
    assert "alias_no_code" not in {f.code for f in county.data.check(2022)}
    assert paid(county) == {ODD: 19}


def test_a_decision_can_be_withdrawn(county: County, tmp_path: Path) -> None:
    county.identity.licence(ODD, "示例老牌厂", document="示例市监〔2023〕2号")
    county.identity.licence(ODD, "示例老牌厂", document="示例市监〔2023〕3号", withdraw=True)
    [later] = county.data.load([text(tmp_path / "2023年税收.csv", [HEAD, [ODD, "示例老牌厂", 15]])]).files
    assert later.records is not None
    assert [f.code for f in later.records.findings] == ["credit_code_invalid"]
    with pytest.raises(UsageError):
        county.identity.licence(code(5), "示例甲厂", document="x", withdraw=True)


def test_a_slip_of_one_place_is_shown_beside(county: County) -> None:
    slip = GOOD[:17] + ("2" if GOOD[17] != "2" else "3")
    made = county.identity.licence(slip, "没听说过的厂", document="示例市监〔2023〕2号")
    assert made.near == {GOOD: "示例甲厂"}


@pytest.mark.parametrize(
    ("given", "name", "document"),
    [
        (RIGHT, "示例老牌厂", "文"),
        (ODD[:17], "示例老牌厂", "文"),
        ("330683198001010697", "示例老牌厂", "文"),
        (ODD, "示例老牌厂", " "),
        (ODD, "示例甲厂", "文"),
    ],
    ids=["checks", "short", "resident", "no document", "firm has a code"],
)
def test_what_cannot_be_confirmed(county: County, given: str, name: str, document: str) -> None:
    with pytest.raises(UsageError) as refused:
        county.identity.licence(given, name, document=document)
    assert "19800101" not in str(refused.value)
    assert paid(county) == {GOOD: 7}
