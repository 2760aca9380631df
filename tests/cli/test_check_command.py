"""What `check` and `verify` show of findings on screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.cli import main
from mujun.cli.findings import finding_line
from mujun.records import Finding
from mujun.reports.drawing.terminal import width
from mujun.store import Store
from tests.cli.running import run

from ..store.given import file, rows
from ..workspace.round_county import county


def test_an_example_says_whom_it_is_about_and_fits_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    the_county = county(tmp_path / "county.duckdb")
    firm = {"year": 2022, "credit_code": "91330683XXXX10028G", "name": "己纺织", "township": "甲镇"}
    ground = {
        "year": 2022,
        "credit_code": "91330683XXXX10079Q",
        "tenure": "租出",
        "area_mu": 2,
        "counterparty": "己" * 60,
    }
    with Store.open(the_county.path, write=True) as store:
        store.add_batch(
            file("补.xlsx", {"enterprises": rows("enterprises", firm), "land": rows("land", ground)}), who="甲"
        )
    with pytest.raises(SystemExit) as ended:
        main(["--db", str(the_county.path), "check", "--year", "2022"])
    _, *lines, last = capsys.readouterr().out.splitlines()
    assert not ended.value.code
    assert "　自然资源局 1 条，如：己纺织：2022 年没有用地记录" in lines
    assert max(map(width, lines)) <= 120
    assert any(line.endswith("…") for line in lines)
    assert "-o 文件夹" in last


def test_a_blank_field_is_not_shown_with_the_firm_s_code_for_a_value() -> None:
    blank = Finding("missing_key", "error", "tax", row=4, credit_code="X", field="year", values={"label": "年度"})
    assert finding_line(blank).startswith("　第 4 行 年度（X）：缺少“年度”")


def test_a_finding_without_a_row_leaves_no_gap() -> None:
    gone = Finding(
        "returned_row_gone", "error", "surveys", sheet="现场核查", credit_code="X", values={"firm": "甲（X）"}
    )
    assert finding_line(gone).startswith("　工作表“现场核查”（X）：甲（X） 的一行不见了")


@pytest.mark.parametrize(("name", "shows"), [("甲纺织", True), (None, False)])
def test_a_row_without_a_code_but_with_a_name_is_shown_the_way(name: str | None, shows: bool) -> None:
    lost = Finding("missing_key", "error", "tax", row=4, name=name, field="credit_code", values={"label": "信用代码"})
    assert ("mujun identity list" in finding_line(lost)) is shows


def test_in_english_tables_fields_and_units_have_their_english_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    the_county = county(tmp_path / "county.duckdb")
    lost = {"year": 2022, "credit_code": "91330683XXXX10028G", "tax_paid": 3}
    with Store.open(the_county.path, write=True) as store:
        store.add_batch(file("补税.csv", {"tax": rows("tax", lost)}, columns={"tax": ["tax_paid"]}), who="甲")
    out = run(capsys, "--db", the_county.path, "--lang", "en", "check", "--year", "2022", "--anomalies")[1]
    for said in ("Tax paid (10k yuan)", "Land area (mu)", "in table “Tax” is not on the roll of 2022"):
        assert said in out
    assert not [word for word in ("税收", "实缴税金", "用地面积", "万元", "（亩）") if word in out]
