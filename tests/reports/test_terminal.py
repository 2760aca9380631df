"""Tables on a terminal."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mujun.reports.drawing.terminal import fitted, text_table, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("A", 1),
        ("亩", 2),
        ("（元）", 6),
        ("Ａ", 2),
        ("ｱ", 1),
        ("e\u0301", 1),
        ("亩均A", 5),
        ("—", 1),
        ("㎡", 2),
    ],
)
def test_width_counts_columns_not_characters(text: str, columns: int) -> None:
    assert width(text) == columns


def test_every_line_is_as_wide_as_the_rule() -> None:
    table = text_table(("档次", "名称", "家数"), [("A", "优先发展类", 110), ("D", "落后整治类", 9)])
    lines = table.splitlines()
    assert {width(line) for line in lines} == {width(lines[1])}


def test_tier_table_reads_like_this() -> None:
    rows = [("规上", "A", 110, Decimal("18.90")), ("规上", "B", 231, None), ("合计", "", 341, Decimal("100.00"))]
    assert text_table(("组别", "档次", "家数", "占比%"), rows, total=True) == "\n".join(
        [
            "组别  档次  家数  占比%",
            "────  ────  ────  ─────",
            "规上  A      110   18.9",
            "规上  B      231",
            "────  ────  ────  ─────",
            "合计         341    100",
        ]
    )


def test_texts_that_look_like_numbers_are_to_the_right_and_others_to_the_left() -> None:
    lines = text_table(("a", "b"), [("1,234.5", "x"), ("—", "yy")]).splitlines()
    assert lines[2] == "1,234.5  x"
    assert lines[3] == "      —  yy"


def test_line_breaks_in_a_name_do_not_break_the_table() -> None:
    assert len(text_table(("名称",), [("甲\n乙",)]).splitlines()) == 3


def test_no_rows() -> None:
    assert text_table(("档次", "家数"), []).splitlines() == ["档次  家数", "────  ────"]


@pytest.mark.parametrize("columns", range(1, 12))
def test_fitted_never_exceeds(columns: int) -> None:
    assert width(fitted("示例A纺织B有限公司", columns)) <= columns
