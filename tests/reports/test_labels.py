"""Chinese headers of exported columns."""

from __future__ import annotations

import re

import polars as pl
import pytest

from mujun.allocation import COLUMNS as ALLOCATION
from mujun.fields import FRAME_FIELDS, TABLES
from mujun.records import FINDING_SCHEMA
from mujun.rectification import COLUMNS as RECTIFICATION
from mujun.reports.drawing.labels import Heading, header_row, headings
from mujun.rules import addresses, load_rules
from tests.reports.given import ruleset, year

_LATIN = re.compile(r"[a-z_]{3,}")


def _schema(columns: tuple[str, ...]) -> dict[str, pl.DataType]:
    return {c: pl.String() for c in columns}


@pytest.mark.parametrize(
    ("what", "schema"),
    [
        ("ratings", dict(year().rating.ratings.schema)),
        ("rectification", _schema(RECTIFICATION)),
        ("allocation", _schema(ALLOCATION)),
        ("findings", dict(FINDING_SCHEMA)),
        ("enterprises", {n: f.dtype for n, f in FRAME_FIELDS.items()}),
        ("accounts", TABLES["accounts"].schema),
    ],
)
def test_every_exported_column_has_a_chinese_header_of_its_own(what: str, schema: dict[str, pl.DataType]) -> None:
    headers = header_row(headings(schema, what=what, ruleset=ruleset()).values())
    assert len(set(headers)) == len(headers)
    assert [h for h in headers if _LATIN.search(h)] == []


@pytest.mark.parametrize("address", [a for a in addresses() if load_rules(a).rating is not None])
def test_indicators_of_every_shipped_rule_set_have_labels(address: str) -> None:
    rating = load_rules(address).rating
    assert rating is not None
    schema = {f"{n}{s}": pl.Float64() for n in rating.indicators for s in ("", "_benchmark", "_points")}
    headers = headings(schema, ruleset=load_rules(address))
    assert all(headers[n].label != n for n in rating.indicators)


@pytest.mark.parametrize(
    ("column", "header", "shape"),
    [
        ("tax_per_mu", "亩均税收（万元/亩）", "number"),
        ("tax_per_mu_benchmark", "亩均税收·基准值（万元/亩）", "number"),
        ("tax_per_mu_points", "亩均税收·得分（分）", "number"),
        ("tax_per_mu_note", "亩均税收·计分说明", "text"),
        ("rd_ratio", "R&D经费占营业收入比重", "percent"),
        ("adj_high_tech", "高新技术企业·加减分（分）", "number"),
        ("score", "综合得分（分）", "number"),
        ("rank", "组内名次", "whole"),
        ("tier", "档次", "tier"),
        ("rules_matched", "符合的规则", "texts"),
    ],
)
def test_headers_of_a_rating(column: str, header: str, shape: str) -> None:
    heading = headings(year().rating.ratings.schema, what="ratings", ruleset=ruleset())[column]
    assert (heading.header, heading.shape) == (header, shape)


def test_points_show_the_decimals_that_the_rules_round_to() -> None:
    headers = headings(year().rating.ratings.schema, ruleset=ruleset())
    assert (headers["tax_per_mu_points"].places, headers["score"].places) == (4, 2)


def test_a_header_that_would_stand_twice_says_which_column() -> None:
    assert header_row([Heading("a", "税收"), Heading("b", "税收"), Heading("c", "用地")]) == [
        "税收（a）",
        "税收（b）",
        "用地",
    ]


def test_kind_means_another_thing_in_another_table() -> None:
    assert headings({"kind": pl.String()}, what="allocation")["kind"].header == "类别"
    assert headings({"kind": pl.String()}, what="enterprises")["kind"].header == "主体类型"
