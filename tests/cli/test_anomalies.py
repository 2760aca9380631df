"""`check --anomalies` on the sample county: what is told, ranked, written for each department, and said once."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from mujun.cli.entry import main
from mujun.messages import LANGUAGES, speaking
from mujun.workspace import County
from mujun.workspace.data.coverage import coverage_json
from mujun.workspace.second_look import readable, second_look, with_second_look


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_sample_county(sample_county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--db", str(sample_county), "check", "--year", "2022", "--anomalies", "-o", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    for part in ("值得再看一眼", "单位疑似填错", "按 zhejiang/shengzhou-2022 重评", "可能应为"):
        assert part in printed
    books = sorted(tmp_path.glob("2022年数据核查_*.xlsx"))
    assert len(books) > 3
    listing = openpyxl.load_workbook(tmp_path / "2022年数据核查_税务局.xlsx")["问题清单"]
    cells = [str(cell) for row in listing.iter_rows(values_only=True) for cell in row]
    assert any("很可能填错单位（元/万元）" in c for c in cells)
    assert any("改正后" in c for c in cells)
    the_county = County(sample_county)
    look = second_look(the_county, 2022)
    checked = the_county.data.check(2022)
    every = with_second_look(checked, look)
    # A figure is told once: as what is likely, not as a mere suspicion too.
    slips = {(f.credit_code, f.field) for f in every if f.code.startswith("anomaly_slip")}
    suspected = {(f.credit_code, f.field) for f in checked if f.code == "unit_slip" and f.table != "land"}
    assert suspected <= slips
    assert not [f for f in every if f.code == "unit_slip" and f.table != "land"]
    # Who would change tier comes first.
    assert look.effect is not None
    moved = [look.effect.moved.get(a.credit_code, 0) if a.likely is not None else 0 for a in look.anomalies]
    assert moved == sorted(moved, reverse=True)
    for f in look.findings:
        for language in LANGUAGES:
            with speaking(language):
                assert f.what
                assert "None" not in f.what + f.remedy


def test_checks_together_give_what_each_gives_by_itself(sample_county: Path) -> None:
    """They share one reading of the records, and one frame."""
    data = County(sample_county).data
    checks = data.checks(2022)
    assert checks.across() == data.check(2022)
    assert coverage_json(checks.coverage()) == coverage_json(data.coverage(2022))
    together, apart = checks.second_look(), data.second_look(2022)
    assert (together.anomalies, together.findings) == (apart.anomalies, apart.findings)
    assert together.effect == apart.effect


def test_rules_go_with_anomalies_only(sample_county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--db", str(sample_county), "check", "--year", "2022", "--rules", "zhejiang/shengzhou-2022") == 1
    assert "--anomalies" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "text"), [(64.34907, "64.3"), (0.0235325, "0.0235"), (123456.0, "123000"), (0.0, "0"), (2.0, "2")]
)
def test_numbers_as_one_reads_them(value: float, text: str) -> None:
    assert readable(value) == text
