"""What a notice may show, and nothing more of natural persons than their family name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.personal import masked, masked_name
from mujun.reports.drawing.publishing import PUBLIC, published
from mujun.rules import load_rules
from mujun.writing import file_name

ROWS = pl.DataFrame(
    {
        "year": [2022] * 4,
        "credit_code": ["91330683MA2B00001X", "92330683MA2B00002Y", "JD0001", "91330683MA2B00003Z"],
        "name": ["东方纺织", "张三", "张三（电话13812345678）木材加工点", "丙厂"],
        "township": ["甲镇"] * 4,
        "cohort": ["规上"] * 4,
        "score": [Decimal(n) for n in (90, 80, 70, 60)],
        "tier": ["A", "D", "D", None],
        "phone": ["0575-83012345"] * 4,
    }
)


def test_who_and_which_tier_and_nothing_else() -> None:
    public = published(ROWS, "ratings")
    assert tuple(public.columns) == PUBLIC["ratings"]
    assert public["name"].to_list() == ["东方纺织", "张*", "张三（电话138****5678）木材加工点"]
    assert public["tier"].to_list() == ["A", "D", "D"]


def test_the_order_tells_no_rank() -> None:
    names = [f"企业{i}公司" for i in (3, 1, 2)]
    rows = ROWS.head(3).with_columns(pl.Series("name", names), pl.lit("A").alias("tier"))
    assert published(rows, "ratings")["name"].to_list() == sorted(names)


def test_a_rule_set_may_name_persons_in_full() -> None:
    rules = load_rules("zhejiang/shengzhou-2022")
    assert published(ROWS, "ratings", rules)["name"].to_list()[1] == "张*"
    assert rules.rating is not None
    full = replace(rules, rating=replace(rules.rating, persons="full"))
    assert published(ROWS, "ratings", full)["name"].to_list()[1] == "张三"


@pytest.mark.parametrize("what", ["allocation", "accounts", "findings"])
def test_what_no_notice_shows_is_refused(what: str) -> None:
    with pytest.raises(UsageError) as error:
        published(ROWS, what)
    assert error.value.problems[0].code == "export_not_public"


def test_a_list_and_a_notice_of_land() -> None:
    rows = ROWS.with_columns(pl.lit(date(2023, 12, 31)).alias("deadline"), pl.lit("腾退").alias("path"))
    assert published(rows.drop("tier"), "rectification").columns == list(PUBLIC["rectification"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("330683199001011234", "3306**********1234"),
        ("33068319900101123x", "3306**********123x"),
        ("证330683199001011234号", "证3306**********1234号"),
        ("330683900101123", "3306********123"),
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "+86 138****5678"),
        ("0575-83012345", "0575-****2345"),
        ("91330683MA2B00001X", "91330683MA2B00001X"),
        ("913306831987654321", "913306831987654321"),
        ("1234567.891234", "1234567.891234"),
        ("2022-01-01", "2022-01-01"),
        ("330683002001GB00001", "330683002001GB00001"),
    ],
)
def test_numbers_of_persons(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"), ("欧阳小明", "欧阳*"), ("买买提·吐尔逊", "买买提*"), ("甘霖镇", "甘霖镇"), ("甲厂", "甲厂"),
        ("上杨村", "上杨村"), ("示例纺织有限公司", "示例纺织有限公司"), ("王五（个人）", "王*"), ("", ""),
    ],
)  # fmt: skip
def test_names_of_persons(name: str, shown: str) -> None:
    assert masked_name(name) == shown


def test_names_of_files_have_no_numbers_of_persons() -> None:
    assert file_name("330683199001011234_张某", ".html") == "3306__________1234_张某.html"
