"""Hostile names in the data, where later commands show them: the map of parcels, layouts, answers, problems."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from mujun.workspace import County
from tests.cli import running
from tests.records.files import code
from tests.workspace.small_county import files_at, rules_at

Run = Callable[..., tuple[int, str]]
ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")
HOSTILE = {
    "三江街道": "../../x\x1b[31m",
    "甘霖镇": '</script><img src=x onerror=alert(1)>"\\',
    "示例1厂": "=cmd|' /C calc'!A0",
    "示例5厂": "\u202e厂\x07例示",
    "示例持有人1": "＝HYPERLINK(1)",
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(store: Path, *words: object) -> tuple[int, str]:
        status, *both = running.run(capsys, "--lang", "zh", "--db", store, *words)
        printed = "".join(both)
        assert "程序的问题" not in printed, printed
        assert not ESCAPES.search(printed), repr(printed)
        return status, printed

    return command


def test_names_in_the_census_of_parcels(run: Run, tmp_path: Path) -> None:
    files = files_at(tmp_path / "2022", 2022)
    for file in files:
        text = file.read_text(encoding="utf-8")
        for name, hostile in HOSTILE.items():
            quoted = hostile.replace('"', '""')
            text = text.replace(name, f'"{quoted}"')
        file.write_text(text, encoding="utf-8")
    the_county = County(tmp_path / "small.duckdb")
    assert not the_county.data.load(files).refused
    the_county.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True)
    assert run(the_county.path, "parcels", "list")[0] == 0
    assert run(the_county.path, "problems", "status")[0] in (0, 1)
    for ending in ("geojson", "json", "csv", "xlsx", "parquet"):
        assert run(the_county.path, "parcels", "list", "-o", tmp_path / f"x.{ending}")[0] == 0
    raw = (tmp_path / "x.geojson").read_text(encoding="utf-8")
    # What JSON escapes; marks of direction are data there, and visible where they are shown.
    assert not re.search("[\x00-\x08\x0b-\x1f]", raw)
    made = json.loads(raw, parse_constant=lambda constant: pytest.fail(constant))
    assert made["type"] == "FeatureCollection"
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as table:
        cells = [cell for row in csv.reader(table) for cell in row]
    assert not any(cell.lstrip().startswith(("=", "＝", "@")) for cell in cells)
    assert not any(ESCAPES.search(cell) for cell in cells)
    for sheet in openpyxl.load_workbook(tmp_path / "x.xlsx"):
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_names_of_files_headers_and_answers_in_layouts(run: Run, tmp_path: Path) -> None:
    store = tmp_path / "county.duckdb"
    assert run(store, "init")[0] == 0
    sent = tmp_path / "税务局\x1b[31m\u202e2022.csv"
    head = "统一社会信用代码,企业名称,2022年实缴税金,\x1b[2J备注\u202e,=cmd|' /C calc'!A0"
    lines = [f"{code(n)},示例{n}厂,{120500 * n},说明\x07,=1+1" for n in range(1, 4)]
    sent.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    status, printed = run(store, "load", sent)
    assert "--answer" in printed, (status, printed)
    question = re.search(r"--answer (\w+)=", printed)
    assert question is not None
    for answer in ("\x1b[31m=1", "x=\x1b[31m", f"{question[1]}=\u202e9", f"{question[1]}={'9' * 5000}", "=" * 4000):
        status, printed = run(store, "load", sent, "--answer", answer)
        assert status in (0, 1, 2)
        assert County(store).data.table("tax").is_empty()
        assert max(map(len, printed.splitlines())) < 6000
    assert run(store, "load", sent, "--answer", f"{question[1]}=2")[0] == 0
    assert run(store, "layouts", "list")[0] == 0
    assert run(store, "layouts", "show", 1)[0] == 0
    for number in (0, -1, 99, 10**12, "\x1b[31m"):
        assert run(store, "layouts", "show", number)[0] != 0
    assert run(store, "layouts", "revoke", 1, "--question", "\x1b[31m")[0] != 0
    assert run(store, "layouts", "revoke", 1)[0] == 0
