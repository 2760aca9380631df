"""A county's year through the workspace: as of a batch, again, by others' rules, and over years."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.samples import sample_files
from mujun.workspace import County
from mujun.workspace.runs.past import verify_run
from tests.workspace.small_county import F, files_at

RULES = "zhejiang/shengzhou-2022"
RATED_FROM = tuple(f"{n:02}" for n in (1, 2, 4, 5, 6, 7, 8, 9, 10))
"""The numbers of the files that these rules rate from: the roll, land, taxes, power and so on."""


def test_a_run_computed_again_is_the_same(sample_county: Path) -> None:
    verified = verify_run(County(sample_county), 1)
    assert verified.same
    assert len(verified.kept) == 64


def test_later_corrections_do_not_change_a_past_run(sample_county: Path, tmp_path: Path) -> None:
    own = County(sample_county)
    code = own.runs.table(1).filter(pl.col("tier") == "A")["credit_code"][0]
    file = tmp_path / "更正.csv"
    file.write_text(f"年度,统一社会信用代码,企业名称,实缴税金（万元）\n2022,{code},更正,0\n", encoding="utf-8")
    outcome = own.data.load([file], table="tax", reason="申诉更正", document="嵊经信〔2023〕1号")
    assert outcome.files[0].batch is not None
    assert own.runs.verify(1).same
    again = own.runs.rate(RULES, 2022)
    assert again.number == 2
    kept, now = own.runs.table(1), again.rating.ratings
    assert kept.filter(credit_code=code)["tier"][0] == "A"
    assert now.filter(credit_code=code)["tier"][0] != "A"
    before = own.runs.rate(RULES, 2022, as_of_batch=outcome.files[0].batch - 1, save=False)
    assert before.rating.digest == verify_run(own, 1).kept


def test_the_same_files_again_are_recognised(sample_county: Path) -> None:
    outcome = County(sample_county).data.load(sample_files()[:2])
    assert [o.already for o in outcome.files] == [1, 2]


def test_shuffled_rows_of_the_input_files_give_the_same_digest(sample_county: Path, tmp_path: Path) -> None:
    own, other = County(sample_county), County(tmp_path / "other.duckdb")
    files = []
    for file in sample_files():
        if not file.name.startswith(RATED_FROM):
            continue
        if file.suffix != ".csv":
            files.append(file)
            continue
        lines = file.read_bytes().split(b"\n")
        body = [n for n, line in enumerate(lines) if line[:4] == b"2022" or line[:2] in (b"91", b"92", b"ZR")]
        shuffled = [lines[n] for n in body]
        random.Random(1).shuffle(shuffled)
        for place, line in zip(body, shuffled, strict=True):
            lines[place] = line
        copy = tmp_path / file.parent.name / file.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(b"\n".join(lines))
        files.append(copy)
    other.data.load(files)
    assert other.runs.rate(RULES, 2022, save=False).rating.digest == verify_run(own, 1).kept


def test_last_years_tiers_come_from_final_runs_first(sample_county: Path) -> None:
    own = County(sample_county)
    first = own.runs.rate(RULES, 2021, final=True)
    frame, _ = own.data.frame(2022)
    tiers = first.rating.ratings.filter(pl.col("tier").is_not_null()).select("credit_code", "tier")
    seen = frame.join(tiers, on="credit_code").select("tier_last", "tier")
    assert seen.height > 1000
    assert (seen["tier_last"] == seen["tier"]).all()
    # The run made before looks back on what there was then.
    assert own.runs.verify(1).same


def test_rules_are_for_their_years_only(sample_county: Path) -> None:
    with pytest.raises(UsageError, match="适用于 2021 年"):
        County(sample_county).runs.rate("zhejiang/huangyan-2021", 2022)


def test_a_year_without_data_is_said(sample_county: Path) -> None:
    with pytest.raises(UsageError, match="没有 2015 年的企业名录"):
        County(sample_county).runs.rate("zhejiang/linhai-2014", 2015)


def test_two_final_runs_of_a_year_must_not_overlap(sample_county: Path) -> None:
    with pytest.raises(UsageError, match="范围不得重叠"):
        County(sample_county).runs.rate("zhejiang/huangyan-2022", 2022, final=True)


def test_runs_whose_scopes_do_not_overlap_make_up_a_year(tmp_path: Path) -> None:
    own = County(tmp_path / "two.duckdb")
    own.data.load(files_at(tmp_path / "2022", 2022))
    text = """
mujun: 1
kind: rating
name: %s
years: [2022]
status: example
sources: [{document: 手算, checked: 2026-11-23}]
population: {scope: "township = '%s'"}
cohorts: [{id: all, when: "true"}]
indicators: {tax_per_mu: {of: tax_paid, per: land_mu}}
scoring: {all: {tax_per_mu: {weight: 100, benchmark: 10}}}
tiers: {classes: [{id: A}, {id: D}], cut: {default: {shares: {A: 50, D: 100}}}}
"""
    for name, township in (("east", "三江街道"), ("west", "甘霖镇")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rating.yaml").write_text(text % (name, township), encoding="utf-8")
        own.runs.rate(tmp_path / name, 2022, final=True)
    numbers = own.runs.of_year(2022)
    assert numbers == [1, 2]
    rows = own.runs.export("ratings", year=2022).rows
    assert rows["credit_code"].n_unique() == rows.height == own.data.frame(2022)[0].height == len(F)
    assert rows.filter(pl.col("tier").is_not_null())["run"].unique().sort().to_list() == [1, 2]


def test_lists_and_amounts_by_other_rules(sample_county: Path) -> None:
    own = County(sample_county)
    result = own.runs.recompute(1)
    listing = own.rectify.list_of(result, "zhejiang/xinchang-2021")
    assert listing is not None
    # 双十: 10 mu and more, at most 100,000 yuan of tax per mu
    listed = result.frame.filter(pl.col("credit_code").is_in(listing.rectification["credit_code"].implode()))
    assert (listed["land_mu"] >= 10).all()
    amounts = own.money.amounts_of(result, "zhejiang/ruian-electricity-2022")
    assert amounts is not None
    assert set(amounts.allocation["measure"]) == {"electricity"}


def test_what_is_kept_is_what_was_computed(sample_county: Path) -> None:
    own = County(sample_county)
    result = own.runs.recompute(1)
    assert own.runs.table(1).equals(result.rating.ratings.drop("run"))
    assert result.listing is not None
    assert own.runs.table(1, "rectification").equals(result.listing.rectification)
    assert result.allocation is not None
    assert own.runs.table(1, "allocation").equals(result.allocation.allocation)
