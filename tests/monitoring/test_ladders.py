"""Ladders: who has an honour, by year, and who could be next; met, not met and not known are three things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mujun.errors import RuleError
from mujun.fields import TABLES
from mujun.monitoring.ladders import ladders_on
from mujun.records import build_frame
from mujun.rules import load_rules
from mujun.rules.checking import check_rules
from mujun.rules.ladders_plan import compile_ladders
from mujun.rules.showing import show_rules

LADDERS = """\
mujun: 1
kind: ladders
name: 某县梯队
years: [2022]
status: example
sources: [{document: 手写}]
fields:
  patents: {label: 专利, input: quantity}
  rd_share: {label: 研发占比, unit: "%", value: "rd_expense / revenue * 100"}
ladders:
  - id: giant
    label: 小巨人
    honour: 小巨人
    office: 县经信局
    after: 专精特新
    near: 1
    conditions:
      - {id: revenue, when: "revenue >= 10000", label: 营收1亿元}
      - {id: rd, when: "rd_share >= 3", label: 研发3%}
      - {id: patents, when: "patents >= 2", label: 专利2件}
"""


def at(folder: Path, text: str = LADDERS) -> Path:
    (folder / "ladders.yaml").write_text(text, encoding="utf-8")
    return folder


def code(n: int) -> str:
    return f"CODE{n}"


# firm, revenue, R&D, patents: all met; patents not known; R&D too low; two lacking; no earlier honour; has it already.
FIRMS = ((1, 12000, 480, "3"), (2, 12000, 480, None), (3, 10000, 299, "2"), (4, 9000, 90, "5"), (5, 50000, 5000, "9"),
         (6, 20000, 900, "4"))  # fmt: skip


def whole(name: str, *rows: Mapping[str, object]) -> pl.DataFrame:
    schema = TABLES[name].schema
    return pl.DataFrame([{column: row.get(column) for column in schema} for row in rows], schema=schema)


def honour(n: int, label: str, since: date, until: date | None = None) -> dict[str, object]:
    return {"credit_code": code(n), "label": label, "since": since, "until": until}


def tables() -> dict[str, pl.DataFrame]:
    who = [{"year": 2022, "credit_code": code(n), "name": f"企业{n}", "township": "甲镇"} for n, *_ in FIRMS]
    output = [
        {"year": 2022, "credit_code": code(n), "revenue": Decimal(revenue), "rd_expense": Decimal(rd)}
        for n, revenue, rd, _ in FIRMS
    ]
    patents = [
        {"year": 2022, "credit_code": code(n), "field": "patents", "value": value} for n, _, _, value in FIRMS if value
    ]
    labels = [honour(n, "专精特新", date(2020, 5, 1)) for n in (1, 2, 3, 4, 6)]
    labels += [
        honour(6, "小巨人", date(2021, 9, 1)),
        honour(1, "小巨人", date(2018, 9, 1), date(2021, 8, 31)),
        honour(5, "小巨人", date(2023, 9, 1)),
    ]
    return {
        "enterprises": whole("enterprises", *who),
        "output": whole("output", *output),
        "extra": whole("extra", *patents),
        "labels": whole("labels", *labels),
    }


def test_who_has_it_and_who_could_be_next(tmp_path: Path) -> None:
    plan = compile_ladders(load_rules(at(tmp_path)))
    frame, _ = build_frame(tables(), 2022, extra=dict(plan.extra))
    (one,) = ladders_on(plan, frame, tables()["labels"], date(2022, 12, 31))
    # Firm 6 has it; firm 1 had it until August 2021; firm 5 gets it later than that day.
    assert (one.in_force, one.office) == (1, "县经信局")
    assert one.holders.select("name", "since", "in_force").rows() == [
        ("企业6", date(2021, 9, 1), True), ("企业1", date(2018, 9, 1), False)
    ]  # fmt: skip
    assert one.by_year.rows() == [(2018, 1, 0), (2021, 1, 1)]
    assert one.lapsed["name"].to_list() == ["企业1"]
    # 480/12000 = 4 %; 299/10000 = 2.99 %; firm 4 lacks revenue and R&D (1 %), which is more than one; firm 5 has no
    # earlier honour.
    assert one.candidates.select("name", "stands", "unmet", "unknown", "lacks").rows() == [
        ("企业1", "ready", 0, 0, []), ("企业2", "near", 0, 1, ["专利2件（没有数据）"]),
        ("企业3", "near", 1, 0, ["研发3%"]),
    ]  # fmt: skip
    assert one.candidates.row(1, named=True)["patents"] is None


def test_ladders_are_shown_and_have_a_schema(tmp_path: Path) -> None:
    at(tmp_path)
    assert check_rules(tmp_path).problems == ()
    words = str(show_rules(load_rules(tmp_path)).parts)
    assert "在有“专精特新”标签的企业中找" in words
    assert "差 1 个条件以内" in words


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("near: 1", "near: 3", "near 写的是 3，应不小于0、小于条件数 3"),
        ('"revenue >= 10000"', '"revnue >= 10000"', "revnue"),
        ("honour: 小巨人", "honour: []", "没有写 honour"),
        ("input: quantity", 'input: quantity, value: "1"', "input（由补充指标填报）或 value"),
        ("  patents: {", "  revenue: {", "“revenue”是已有的字段"),
        ("office: 县经信局", "goal: giants", "目标“giants”在 targets.yaml 中没有"),
        ("id: rd,", "id: revenue,", "revenue"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in LADDERS
    at(tmp_path, LADDERS.replace(old, new, 1))
    with pytest.raises(RuleError, match=sentence):
        compile_ladders(load_rules(tmp_path))
