"""`rules show`, `diff`, `new` and `schema` as a clerk types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mujun.rules import load_rules
from tests.cli import running
from tests.workspace import small_county


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    return running.run(capsys, "--lang", "zh", "rules", *words)


def test_show(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, printed, _ = run(capsys, "show", "zhejiang/huangyan-2022")
    assert status == 0
    assert printed.startswith("黄岩区2022年度工业企业综合评价\n═")
    assert "亩均税收" in printed
    page = tmp_path / "notice.html"
    status, printed, _ = run(capsys, "show", "zhejiang/huangyan-2022", "-o", page)
    assert status == 0
    assert str(page) in printed
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    status, printed, _ = run(capsys, "show", "zhejiang/huangyan-2022", "--format", "html")
    assert printed == page.read_text(encoding="utf-8")
    text = tmp_path / "notice.txt"
    assert run(capsys, "show", "zhejiang/huangyan-2022", "-o", text)[0] == 0
    assert text.read_text(encoding="utf-8").startswith("黄岩区2022年度")


def test_diff(capsys: pytest.CaptureFixture[str]) -> None:
    status, printed, _ = run(capsys, "diff", "zhejiang/huangyan-2021", "zhejiang/huangyan-2022")
    assert status == 0
    assert "规上 › 亩均税收 › 基准值：由 26.01 改为 24.097，−1.913" in printed
    assert printed.rstrip().endswith("共 15 处不同。")
    assert "没有不同" in run(capsys, "diff", "zhejiang/huangyan-2022", "zhejiang/huangyan-2022")[1]


def test_new_then_check_and_test(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    new = ("new", "浙江省台州市椒江区", "--from", "zhejiang/huangyan-2022", "--year", 2023)
    status, printed, _ = run(capsys, *new)
    assert status == 0
    assert "椒江区-2023" in printed
    rating = load_rules(tmp_path / "椒江区-2023").rating
    assert rating is not None
    assert (rating.name, rating.place, rating.years) == (
        "椒江区2023年度工业企业综合评价", "浙江省台州市椒江区", (2023,),
    )  # fmt: skip
    status, _, complaint = run(capsys, *new)
    assert status == 1
    assert "不会覆盖" in complaint
    status, printed, _ = run(capsys, "check", "椒江区-2023")
    assert status == 0
    assert "待填" in printed
    assert run(capsys, "test", "椒江区-2023")[0] == 0


def test_schema(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, printed, _ = run(capsys, "schema", "rating")
    assert status == 0
    assert json.loads(printed)["$schema"].endswith("2020-12/schema")
    assert run(capsys, "schema", "-o", tmp_path / "schemas")[0] == 0
    written = sorted(p.name for p in (tmp_path / "schemas").iterdir())
    kinds = ("allocation", "ladders", "rating", "rectification", "targets", "tests")
    assert written == [f"{k}.schema.json" for k in kinds]


def test_the_data_year_of_a_new_set_is_the_newest_on_record(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = small_county.county(tmp_path).path
    monkeypatch.setenv("MUJUN_DB", str(store))
    run(capsys, "new", "青溪县", "--from", "zhejiang/huangyan-2022", "-o", tmp_path / "new")
    assert load_rules(tmp_path / "new").name == "青溪县2022年度工业企业综合评价"
    # Without a store it is the year after the source's last.
    monkeypatch.setenv("MUJUN_DB", str(tmp_path / "none.duckdb"))
    run(capsys, "new", "青溪县", "--from", "zhejiang/huangyan-2022", "-o", tmp_path / "other")
    assert load_rules(tmp_path / "other").name == "青溪县2023年度工业企业综合评价"


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("schema",), 1, "请给出种类"),
        (("schema", "ratin"), 1, "是否为“rating”"),
        (("show", "zhejiang/huangyan-2023"), 1, "是否为"),
        (("new", "某县"), 2, "--from"),
        (("diff", "zhejiang/huangyan-2022"), 2, "AFTER"),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int, sentence: str) -> None:
    got, _, complaint = run(capsys, *words)
    assert got == status
    assert sentence in complaint
