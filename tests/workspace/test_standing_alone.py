"""Lists and prices on their own: on records and 历年评价 alone, and untouched by unrelated ratings."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mujun.errors import UsageError
from mujun.rating import digest_of
from mujun.rectification import Listing
from mujun.rules import load_rules
from mujun.rules.folders import shipped_rules
from mujun.workspace import County, YearResult
from tests.cli.running import run
from tests.workspace.small_county import F, files_at, rules_at


def would_list(
    county: County, run: int | None = None, rules: str | Path | None = None, year: int | None = None
) -> tuple[YearResult, Listing]:
    """Whom a list of May would have, and what it rests on."""
    draft = county.rectify.list(date(2023, 5, 4), run=run, rules=rules, year=year)
    return draft.result, draft.listing


ALONE = sorted(
    f"{f.parent.parent.name}/{f.parent.name}"
    for f in shipped_rules().glob("*/*/*.yaml")
    if f.name in ("rectification.yaml", "allocation.yaml") and not (f.parent / "rating.yaml").is_file()
)

TIERS = {1: "A", 2: "B", 3: "B", 4: "C", 5: "D", 6: "D", 7: "A", 8: None}
"""历年评价 of 2022 by firm; the eighth has none."""

LIST = """mujun: 1
kind: rectification
name: 低于全县平均
sources: [{document: 小县〔2022〕3号}]
{population}
statistics:
  whole: {stat: ratio_of_sums, of: tax_paid, per: land_mu}
listing:
  - {id: low, when: "tax_paid / land_mu < whole", reason: 亩均税收低于平均}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with records and 历年评价 of 2022, and nothing rated."""
    folder = tmp_path_factory.mktemp("alone")
    past = folder / "历年评价.csv"
    rows = [f"2022,{F[n]},示例{n}厂,{tier},{90 - n}" for n, tier in TIERS.items() if tier]
    past.write_text("\n".join(["年度,统一社会信用代码,企业名称,档次,综合得分", *rows]) + "\n", encoding="utf-8")
    outcome = County(folder / "alone.duckdb").data.load([*files_at(folder / "2022", 2022), past])
    assert not outcome.refused
    return folder / "alone.duckdb"


@pytest.fixture
def county(store: Path, tmp_path: Path) -> County:
    """The store, to be written to."""
    (tmp_path / "alone.duckdb").write_bytes(store.read_bytes())
    return County(tmp_path / "alone.duckdb")


def own_list(folder: Path, population: str = "") -> str:
    made = folder / "list"
    made.mkdir(exist_ok=True)
    (made / "rectification.yaml").write_text(LIST.replace("{population}", population), encoding="utf-8")
    return str(made)


def results(county: County, rules: str) -> dict[str, str]:
    """The digests of what a set lists and charges for 2022."""
    found = {}
    ruleset = load_rules(rules)
    if ruleset.rectification is not None:
        found["list"] = digest_of(would_list(county, rules=rules, year=2022)[1].rectification)
    if ruleset.allocation is not None:
        found["amounts"] = digest_of(county.money.allocate(rules=rules, year=2022)[1].allocation)
    return found


def test_fourteen_sets_list_or_charge_only() -> None:
    assert len(ALONE) == 14


def test_every_shipped_set_runs_alone_and_no_unrelated_rating_changes_it(county: County, tmp_path: Path) -> None:
    before = {rules: results(county, rules) for rules in ALONE}
    assert all(before.values())
    county.runs.rate(rules_at(tmp_path / "rating"), 2022)
    assert {rules: results(county, rules) for rules in ALONE} == before


def test_tiers_are_those_of_past_ratings_until_a_result_is_final(county: County, tmp_path: Path) -> None:
    rules = "anhui/ningguo-2024"  # below 3 万元/亩, or tier D
    result, listing = would_list(county, rules=rules, year=2022)
    assert result.tiers_from is not None
    assert (result.tiers_from.source, result.tiers_from.tiered) == ("ratings", 7)
    shown = {r["credit_code"]: (r["tier"], r["score"]) for r in listing.rectification.iter_rows(named=True)}
    # 1 to 4 have 1 万元 a mu, 5 has 0.5 and D, 6 has 1 and D; 7 and 8 pay 30 and 40 a mu.
    assert shown == {F[n]: (TIERS[n], 90 - n) for n in (1, 2, 3, 4, 5, 6)}
    county.runs.rate(rules_at(tmp_path / "rating"), 2022, final=True)
    result, listing = would_list(county, rules=rules, year=2022)
    assert result.tiers_from is not None
    assert (result.tiers_from.source, result.tiers_from.runs) == ("finals", (1,))
    # Of eight the first two (8 and 7) are A, the fifth place is the last of B: five firms share the third with 1 万元
    # a mu and are B, 5 comes last with 0.5.
    tiers = dict(listing.rectification.select("credit_code", "tier").iter_rows())
    assert tiers == {F[n]: "D" if n == 5 else "B" for n in (1, 2, 3, 4, 5, 6)}


def test_a_run_that_is_named_counts_though_it_is_not_final(county: County, tmp_path: Path) -> None:
    county.runs.rate(rules_at(tmp_path / "rating"), 2022)
    named, _ = would_list(county, run=1, rules="anhui/ningguo-2024")
    assert named.tiers_from is not None
    assert named.tiers_from.source == "run"
    with pytest.raises(UsageError) as told:
        would_list(county, run=1, rules="anhui/ningguo-2024", year=2021)
    assert told.value.problems[0].code == "run_of_other_year"


def test_rules_that_go_by_tiers_need_some(tmp_path: Path) -> None:
    own = County(tmp_path / "bare.duckdb")
    own.data.load(files_at(tmp_path / "2022", 2022))
    with pytest.raises(UsageError) as told:
        own.money.allocate(rules="zhejiang/ruian-electricity-2022", year=2022)
    assert told.value.problems[0].code == "tiers_nowhere"
    # A list by figures alone asks for none.
    result, listing = would_list(own, rules="zhejiang/jiande-lianhua-2021", year=2022)
    assert result.tiers_from is not None
    assert (result.tiers_from.source, listing.rectification.height) == ("nowhere", 6)
    own.runs.rate(rules_at(tmp_path / "rating"), 2022)
    with pytest.raises(UsageError) as told:
        own.money.allocate(rules="zhejiang/ruian-electricity-2022", year=2022)
    assert told.value.problems[0].code == "tiers_only_tried"


@pytest.mark.parametrize(
    ("population", "count", "listed"),
    [
        # All: 748 ÷ 73 = 10.2: all but 7 and 8. 规上 are all eight too.
        ("", 8, {1, 2, 3, 4, 5, 6}),
        ("population: {of: all}", 8, {1, 2, 3, 4, 5, 6}),
        # Of those with a tier: 348 ÷ 63 = 5.5: the same firms below it; of the D alone: 18 ÷ 28 = 0.64: 5 with 0.5.
        ("population: {of: rated}", 7, {1, 2, 3, 4, 5, 6}),
        ("population: {scope: \"tier = 'D'\"}", 2, {5}),
        ("population: {of: rated, scope: \"township = '三江街道'\"}", 4, {5}),
    ],
)  # fmt: skip
def test_among_whom_statistics_are_computed_is_stated(
    county: County, tmp_path: Path, population: str, count: int, listed: set[int]
) -> None:
    _, listing = would_list(county, rules=own_list(tmp_path, population), year=2022)
    assert listing.counted is not None
    assert listing.counted.count == count
    assert set(listing.rectification["credit_code"]) == {F[n] for n in listed}
    assert str(count) in listing.counted_in_words


def test_an_issued_list_keeps_what_it_rests_on(county: County, tmp_path: Path) -> None:
    listed = county.rectify.issue(
        title="清单", document="1号", issued_on=date(2023, 3, 1), unverified="list", year=2022,
        rules=own_list(tmp_path, 'population: {of: rated, scope: "land_mu > 5"}'),
    )  # fmt: skip
    (kept,) = county.rectify.issued(1)
    assert kept.whole
    assert kept.listed.run is None
    # Of the seven with a tier 2 and 3 have no more than 5 mu.
    assert kept.listed.tables["rests_on"].row(0) == ("ratings", [], [], 7, "rated", "land_mu > 5", 5)
    assert listed.tables["firms"].height == 6


TOWNSHIPS = """mujun: 1
kind: rating
name: 镇街评价
sources: [{document: 小县〔2022〕4号}]
population: {subject: township}
cohorts: [{id: all, label: 镇街, when: "true"}]
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
scoring: {all: {tax_per_mu: {weight: 100, benchmark: {peers: ratio_of_sums}}}}
tiers: {classes: [{id: A}, {id: B}], cut: {default: {shares: {A: 50, B: 100}}}}
"""


def test_a_rating_of_townships_is_kept_explained_and_nobodys_result(county: County, tmp_path: Path) -> None:
    (tmp_path / "rating.yaml").write_text(TOWNSHIPS, encoding="utf-8")
    rated = county.runs.rate(tmp_path, 2022)
    assert rated.number == 1
    # 甘霖镇: 718 ÷ 48 mu; the county: 743 ÷ 73. 100 × (718 ÷ 48) ÷ (743 ÷ 73) = 146.9661.
    kept = county.runs.export("subjects", run=1).rows
    assert [str(s) for s in kept.filter(pl.col("subject") == "甘霖镇")["score"]] == ["146.9661"]
    assert county.runs.verify(1).same
    said = county.firms.explain("甘霖镇", 1)
    assert (said.tier, said.subject_kind) == ("A", "township")
    assert said.indicators[0].points is not None
    for refused in (
        lambda: county.runs.rate(tmp_path, 2022, final=True),
        lambda: would_list(county),  # there is no rating of enterprises yet
        lambda: county.runs.export("ratings", run=1),
    ):
        with pytest.raises(UsageError):
            refused()


def test_the_commands(county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db, rules = ("--db", county.path), own_list(tmp_path, 'population: {scope: "land_mu > 5"}')
    status, out, _ = run(capsys, *db, "rectify", "list", "--rules", rules, "--year", 2022)
    assert status == 0
    assert "档次取自“历年评价”表，7 家有档次" in out
    assert "统计值在全部企业中实际用地大于5亩的当中计算，共 6 家" in out
    status, out, _ = run(capsys, *db, "allocate", "--rules", "jiangsu/suqian-electricity-2022", "--year", 2022)
    assert status == 0
    assert "历年评价" in out
    file = tmp_path / "清单.csv"
    status, out, _ = run(capsys, *db, "export", "rectification", "--rules", rules, "--year", 2022, "-o", file)
    assert status == 0
    assert pl.read_csv(file)["credit_code"].sort().to_list() == sorted(F[n] for n in (1, 2, 3, 4, 5, 6))
    status, out, err = run(capsys, *db, "explain", F[5], "--rules", rules, "--year", 2022)
    assert status == 0
    assert "亩均税收低于平均" in out
    assert "历年评价" in err
    changed = ("--set", "listing.low.when=land_mu > 15")
    status, out, _ = run(capsys, *db, "whatif", "--rules", rules, "--year", 2022, *changed)
    assert status == 0
    assert "历年评价" in out
    status, _, err = run(capsys, *db, "explain", F[5], "--rules", "zhejiang/shengzhou-2022", "--year", 2022)
    assert status == 1
    assert "mujun rate --rules zhejiang/shengzhou-2022" in err


TWO_LISTS = """mujun: 1
kind: rectification
name: 两张清单
sources: [{document: 小县〔2022〕4号}]
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
lists:
  d: {label: D类, listing: [{id: d, when: "tier = 'D'", reason: D类}], exit: {when: "tax_paid > 100000"}}
  c: {label: C类以下, listing: [{id: c, when: "tier in ('C', 'D')", reason: C类以下}], exit: {when: "tax_paid > 0"}}
"""
PARCELS = """mujun: 1
kind: rectification
name: 地块
sources: [{document: 小县〔2022〕5号}]
subject: parcel
listing: [{id: any, when: "firms >= 1", reason: 有企业}]
paths: [{id: all, when: "true", path: 整治提升, months: 12}]
exit: {when: "tax_paid > 0"}
"""


def file_of(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "rectification.yaml").write_text(text, encoding="utf-8")
    return folder


def test_several_lists_of_one_file_are_kept_apart(county: County, tmp_path: Path) -> None:
    rules = file_of(tmp_path / "two", TWO_LISTS)
    day = date(2023, 5, 4)
    first = county.rectify.issue(
        title="D类", document="1号", issued_on=day, rules=rules, year=2022, name="d", unverified="list"
    )
    second = county.rectify.issue(
        title="C类以下", document="2号", issued_on=day, rules=rules, year=2022, name="C类以下", unverified="list"
    )
    # Of 历年评价: 5 and 6 have D, 4 has C.
    assert (first.list_name, first.tables["firms"]["credit_code"].sort().to_list()) == ("d", sorted([F[5], F[6]]))
    assert (second.list_name, second.tables["firms"].height) == ("c", 3)
    assert dict(second.tables["firms"].select("credit_code", "entry").iter_rows())[F[5]] == "carried"
    assert [(s.listed.list_name, s.whole) for s in county.rectify.issued()] == [("d", True), ("c", True)]
    assert county.monitor.status(day, only="d").totals.firms == 2
    assert county.monitor.status(day, only="C类以下").totals.firms == 3
    assert county.monitor.status(day).totals.firms == 3
    with pytest.raises(UsageError, match="没有印发过名为“x”的清单"):
        county.monitor.status(day, only="x")
    with pytest.raises(UsageError, match="请用 --list 指明一张"):
        county.rectify.list(day, rules=rules, year=2022)


def test_a_list_of_parcels_puts_parcels_into_the_loop(county: County, tmp_path: Path) -> None:
    rules = file_of(tmp_path / "parcels", PARCELS)
    day = date(2023, 5, 4)
    draft = county.rectify.list(day, rules=rules, year=2022)
    on_record = {p for several in draft.listing.rectification["parcels"] for p in several}
    if not on_record:
        pytest.skip("the small county names no parcels")
    listed = county.rectify.issue(
        title="地块", document="3号", issued_on=day, rules=rules, year=2022, unverified="list"
    )
    assert listed.tables["firms"].is_empty()
    assert set(listed.tables["parcels"]["parcel"]) == on_record
    assert set(listed.tables["reasons"]["reason_text"]) == {"有企业"}
    status = county.monitor.status(day)
    assert (status.totals.firms, status.totals.parcels) == (0, len(on_record))
    written = county.papers.list(listed, tmp_path / "地块.xlsx")
    assert written.is_file()


def test_amounts_are_kept_with_what_they_rest_on(county: County, tmp_path: Path) -> None:
    result, allocation = county.money.allocate(rules="zhejiang/ruian-electricity-2022", year=2022)
    number = county.money.keep(result, label="首次")
    assert county.money.kept()["label"].to_list() == ["首次"]
    # A rating since then changes nothing of what was kept.
    county.runs.rate(rules_at(tmp_path / "own"), 2022, final=True)
    recalled = county.money.recall(number)
    assert recalled.same
    assert recalled.tiers_from.source == "ratings"
    assert recalled.allocation.allocation.equals(allocation.allocation)
    out = county.runs.export("allocation", kept=number)
    assert out.rows.equals(allocation.allocation)
    assert out.tiers_from is not None
    assert out.tiers_from.source == "ratings"
    with pytest.raises(UsageError, match="没有编号为 7 的措施金额"):
        county.money.recall(7)
    own = county.runs.recall(1)
    with pytest.raises(UsageError, match="有自己的评价"):
        county.money.keep(own)
