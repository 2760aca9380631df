"""From departments' files to what offices, quarters and projects get, every number by hand."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from mujun.allocation import explain_amount
from mujun.errors import UsageError
from mujun.reports.drawing.exporting import write_table
from mujun.reports.money.office_lists import write_office_list
from mujun.rules import load_rules
from mujun.workspace import County
from mujun.workspace.money.amounts import against_last_year, allocation_of, land_tax, levers, office_lists, other_rules
from mujun.workspace.money.projects import (
    drawn_on,
    enter_substitutions,
    freed_energy,
    project_pools,
    substitution_state,
)
from tests.workspace.money_county import ALLOCATION, RATING, county, csv, rules_at
from tests.workspace.small_county import F


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("money")
    own = county(folder)
    rules = rules_at(folder / "rules")
    for year in (2021, 2022):
        own.runs.rate(rules, year, final=True)
    return own.path


@pytest.fixture
def own(rated: Path, tmp_path: Path) -> County:
    return County(shutil.copy(rated, tmp_path / "money.duckdb"))


def amounts(own: County, measure: str) -> dict[str, Decimal | None]:
    rows = allocation_of(own)[1].rows.filter(measure=measure)
    return dict(rows.select("credit_code", "amount").iter_rows())


def test_land_use_tax_by_grade_and_what_is_relieved_of_it(own: County) -> None:
    result, found = allocation_of(own)
    tiers = dict(found.frames[0].select("credit_code", "tier").iter_rows())
    assert [tiers[F[n]] for n in (1, 2, 3, 4)] == ["B", "A", "D", "D"]
    # Firm 1: 20 亩 × 6 元/㎡ = 80,000 元, 80 % of it relieved: 64,000 元. Firm 2: what the tax office reports, 7 万元.
    assert amounts(own, "land_use_tax") == {F[1]: Decimal("6.4"), F[2]: Decimal(7)}
    due = dict(land_tax(own, result).due.select("credit_code", "land_use_tax_due").iter_rows())
    # 10 亩 × 3 ÷ 15 = 2; nothing is known of grade 三级.
    assert due == {F[1]: 8, F[2]: 8, F[3]: 2, F[4]: None}
    assert land_tax(own, result).unknown["credit_code"].to_list() == [F[4]]
    words = "\n".join(explain_amount(found, F[1]))
    assert "城镇土地使用税 — 万元、按等级应缴土地使用税 8 万元" in words
    assert "8 × 80% = 6.4 万元" in words


def test_amounts_are_explained_of_who_is_named(own: County) -> None:
    _, found = allocation_of(own)
    assert own.money.explain(found, found.firms.filter(credit_code=F[1])["name"][0]) == explain_amount(found, F[1])
    with pytest.raises(UsageError, match="没有企业“不存在的公司”"):
        own.money.explain(found, "不存在的公司")


def test_the_office_lists_add_up_to_the_totals(own: County, tmp_path: Path) -> None:
    result, found = allocation_of(own)
    lists = {listed.office: listed for listed in office_lists(own, found)}
    assert set(lists) == {"power", "tax"}
    # 100,000 kWh × 0.1 = 10,000.00 元 by 30 : 70 on two accounts; 3,333 kWh × 0.1 = 333.30 元 without one.
    lines = lists["power"].lines.select("credit_code", "account", "amount", "split").rows()
    assert lines == [
        (F[3], "D1", Decimal("0.3"), "by_use"),
        (F[3], "D2", Decimal("0.7"), "by_use"),
        (F[4], None, Decimal("0.03333"), "none"),
    ]
    charged = found.rows.filter(pl.col("kind").is_in(["surcharge", "relief"]))["amount"].sum()
    assert sum(listed.lines["amount"].sum() for listed in lists.values()) == charged
    for office, listed in lists.items():
        land = land_tax(own, result) if office == "tax" else None
        book = openpyxl.load_workbook(write_office_list(tmp_path / f"{office}.xlsx", listed, found, land))
        sheet = book["清单"]
        last = [c.value for c in sheet[sheet.max_row]]
        assert "合计" in last
        assert (
            round(
                Decimal(
                    str(max(v for v in last if isinstance(v, (int, float)))),
                ),
                2,
            )
            >= 0
        )
        total = {"power": Decimal("10333.30"), "tax": Decimal("134000.00")}[office]
        assert any(isinstance(v, (int, float)) and round(Decimal(v), 2) == total for v in last)
    assert "没有户号" in openpyxl.load_workbook(tmp_path / "power.xlsx").sheetnames
    assert "用地等级" in openpyxl.load_workbook(tmp_path / "tax.xlsx").sheetnames


def test_an_account_under_an_old_code_is_the_firm_s_of_today(own: County, tmp_path: Path) -> None:
    own.data.load(
        [
            csv(tmp_path, "更名合并", "原信用代码,变更日期,现信用代码,变更类型", f"{F[5]},2022-06-01,{F[4]},换码"),
            csv(tmp_path, "户号", "统一社会信用代码,能源资源,户号", f"{F[5]},电,旧户"),
        ]
    )
    (power,) = office_lists(own, allocation_of(own)[1], ("power",))
    assert power.lines.filter(credit_code=F[4])["account"].to_list() == ["旧户"]


def test_the_quarterly_ledger_of_a_run(own: County) -> None:
    result, found = allocation_of(own)
    lines = {li.lever: li for li in levers(own, result, found).lines}
    assert lines["land_tax_relief"].total == Decimal("13.4")
    assert lines["power_surcharge"].total == Decimal("1.03333")
    # 90 of 365 days of 1 万元 are 0.246575, of 0.03333 万元 0.008218.
    assert next(iter(lines["power_surcharge"].amounts.values())) == Decimal("0.254793")
    assert lines["water_surcharge"].why == "lever_no_measure"


def test_a_year_beside_the_year_before(own: County) -> None:
    result, found = allocation_of(own)
    by_tier = against_last_year(own, result, found, "tier")
    rows = by_tier.rows.filter(measure="electricity").select("tier", "amount", "amount_last", "change").rows()
    # By the tiers of 2021 in 2022: firm 3 2,000 kWh × 0.1 = 200 元, firm 4 by its bills of that year 330 元.
    assert rows == [("D", Decimal("1.03333"), Decimal("0.053"), Decimal("0.98033"))]
    by_industry = against_last_year(own, result, found, "industry").rows
    assert by_industry["industry"].to_list() == ["17", "17"]
    before = against_last_year(own, *allocation_of(own, 1))
    assert before.last_runs == ()
    assert before.rows["amount_last"].null_count() == before.rows.height == 3, "2020 was not rated"


def test_what_other_rules_would_make(own: County, tmp_path: Path) -> None:
    result, found = allocation_of(own)
    dearer = rules_at(tmp_path / "dearer", allocation=ALLOCATION.replace("value: 0.1}", "value: 0.3}"))
    other = other_rules(own, result, found, dearer)
    assert (other.rated_anew, other.dropped) == (False, ())
    assert other.change.firms["change"].sum() == Decimal("2.06666")
    milder = rules_at(
        tmp_path / "milder",
        rating=RATING.replace("B: 50", "B: 10"),
        allocation=ALLOCATION.split("  - id: electricity")[0],
    )
    other = other_rules(own, result, found, milder)
    assert (other.rated_anew, other.dropped) == (True, ("差别化电价",))
    # Firms 3 and 4 become B: 1.03333 less surcharge, and of firm 3's 2 万元 of tax 1.6 are relieved.
    assert other.change.by("tier").select("tier", "change").rows() == [("A", 0), ("B", Decimal("-2.63333"))]
    assert own.runs.list().height == 2, "nothing is kept"
    with pytest.raises(UsageError):
        other_rules(own, result, found, rules_at(tmp_path / "none", rating=RATING))


def test_bills_that_do_not_add_up_are_found(own: County) -> None:
    found = {f.credit_code: f for f in own.data.check(2022) if f.code.startswith("usage")}
    assert {c: f.code for c, f in found.items()} == {F[1]: "usage_sum", F[2]: "usage_beyond"}
    assert "合计 900 千瓦时" in found[F[1]].what
    assert "相差 -100 千瓦时" in found[F[1]].what
    assert "181 天" in found[F[2]].what
    assert found[F[1]].file == "分月用量.csv"


def test_bills_that_share_days_are_told(own: County, tmp_path: Path) -> None:
    head = "统一社会信用代码,能源资源,起始日,截止日,用量"
    bills = (("2023-07-01,2023-07-31", 5), ("2023-08-01,2023-08-31", 5), ("2023-08-31,2023-09-30", 7))
    loaded = own.data.load(
        [
            csv(
                tmp_path,
                "分月用量",
                head,
                *(f"{F[3]},电,{days},{n}" for days, n in bills),
                f"{F[3]},水,2023-07-01,2023-07-31,1",
            )
        ]
    )
    (told,) = (f for f in loaded.findings if f.code == "usage_overlap")
    assert (told.file, told.row, told.severity) == ("分月用量.csv", 4, "warning")
    assert (
        "2023-08-31 至 2023-09-30 的电用量（户号 —）与同一企业、同一户号另一条至 2023-08-31 止的记录日期重叠"
        in told.what
    )
    assert not [f for f in own.data.check(2022) if f.code == "usage_overlap"], "loading said so already"


# ------------------------------------------------------------------------------------------------------------ projects


def test_freed_energy_goes_to_projects(own: County) -> None:
    _, found = allocation_of(own)
    (pool,) = project_pools(own, found)
    # 120 tce by 100 : 200 is 40 and 80; both need more.
    assert (pool.freed, pool.given) == (Decimal(120), Decimal(120))
    shares = pool.rows.select("project", "given", "shortfall", "why").rows()
    assert shares == [("X1", 40, 20, "served"), ("X2", 80, 10, "served"), ("X3", None, None, "no_order")]
    (less,) = project_pools(own, found, amount=Decimal(30))
    assert less.rows["given"].to_list() == [10, 20, None]

    (early,) = project_pools(own, found, as_of=date(2022, 6, 1))
    assert early.freed == 100
    with pytest.raises(UsageError):
        project_pools(own, found, only="nothing")


def test_what_is_shared_out_can_be_entered_and_is_then_gone(own: County, tmp_path: Path) -> None:
    _, found = allocation_of(own)
    (pool,) = project_pools(own, found)
    drawn = drawn_on(own, pool)
    # Y1 was acknowledged first: its 100 are X1's 40 and 60 of X2's 80, the rest is Y2's.
    assert drawn.rows.select("project", "source", "spent").rows() == [
        ("X1", "Y1", 40),
        ("X2", "Y1", 60),
        ("X2", "Y2", 20),
    ]
    assert drawn.beyond == 0
    file = write_table(drawn.rows, tmp_path / "方案.csv", what="substitutions", headers="labels")
    (outcome,) = own.data.load([file]).files
    assert (outcome.refused, outcome.rows_in) == ((), 3)
    assert freed_energy(own).total == 0
    (later,) = project_pools(own, found, amount=Decimal(15))
    # X1 still needs 20 of its 60, X2 10 of its 90: 15 by 100 : 200 is 5 and 10.
    assert later.rows.select("project", "need_tce", "given").rows()[:2] == [("X1", 20, 5), ("X2", 10, 10)]
    assert drawn_on(own, later).beyond == 15


def test_a_second_round_of_the_same_source_keeps_the_first(own: County, tmp_path: Path) -> None:
    """A row of the ledger takes the place of the one before it: the first round's energy was once given twice."""
    _, found = allocation_of(own)
    for amount, entered, earlier in (
        # 30 by 100 : 200 is 10 and 20; then 15 is 5 and 10 more of the same source.
        (30, [("X1", "Y1", 10), ("X2", "Y1", 20)], 0),
        (15, [("X1", "Y1", 15), ("X2", "Y1", 30)], 2),
    ):
        drawn = drawn_on(own, project_pools(own, found, amount=Decimal(amount))[0])
        assert (drawn.rows.select("project", "source", "spent").rows(), drawn.earlier) == (entered, earlier)
        own.data.load([write_table(drawn.rows, tmp_path / f"方案{amount}.csv", what="substitutions", headers="labels")])
    assert freed_energy(own).total == 120 - 45


HEAD = "项目代码,来源编号,替代账户,使用数量,文号"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        # 50 tce × 1.2 are 60, and 20 t of coal.
        (["X3,Y1,能耗,59,批1", "X3,Y1,煤,20,批1"], "缺 1"),
        (["X3,Y1,能耗,60,批1"], "方案只有 0，缺 20"),
        (["X3,Y1,能耗,101,批1", "X3,Y1,煤,20,批1"], "余额 100，项目“X3”要用 101，缺 1"),
        (["X3,Y9,能耗,60,批1", "X3,Y1,煤,20,批1"], "没有来源“Y9（能耗）”"),
        (["X3,Y2,煤,20,批1", "X3,Y1,能耗,60,批1"], "没有来源“Y2（煤）”"),
        (["X9,Y1,能耗,60,批1"], "没有项目“X9”"),
        (["X1,Y1,能耗,60,批1"], "规则没有要求替代"),
        (["X3,Y1,能耗,60,批1", "X3,Y1,电,60,批1"], "方案.csv 第 3 行：“替代账户”不能填“电”"),
    ],
)
def test_a_plan_that_does_not_suffice_is_refused_whole(
    rated: Path, tmp_path: Path, rows: list[str], sentence: str
) -> None:
    own = County(rated)
    rules = load_rules(rules_at(tmp_path / "rules"))
    file = csv(tmp_path, "方案", HEAD, *rows)
    with pytest.raises(UsageError) as refused:
        enter_substitutions(own, file, rules)
    assert sentence in str(refused.value)
    assert own.data.table("substitutions").is_empty()


def test_a_plan_is_entered_once_and_never_overspent(own: County, tmp_path: Path) -> None:
    rules = load_rules(rules_at(tmp_path / "rules"))
    file = csv(tmp_path, "方案", HEAD, "X3,Y1,能耗,55,批1", "X3,Y2,能耗,5,批1", "X3,Y1,煤,20,批1")
    _, checked = enter_substitutions(own, file, rules, dry_run=True)
    assert checked.ledger.spendings == ()
    outcome, state = enter_substitutions(own, file, rules, document="批1")
    assert outcome.batch is not None
    left = {b.source.id: b.left for b in state.ledger.balances()}
    assert left == {"Y1（能耗）": 45, "Y1（煤）": 10, "Y2（能耗）": 15}
    assert [(n.account, n.required, n.shortage) for n in state.needs] == [
        ("能耗", Decimal(60), Decimal(0)), ("煤", Decimal(20), Decimal(0)),
    ]  # fmt: skip
    # What was spent is not shared out again.
    assert project_pools(own, allocation_of(own)[1])[0].freed == 60

    with pytest.raises(UsageError, match="已经做过替代"):
        enter_substitutions(own, file, rules)
    # The plain way in is guarded as well.
    beyond = csv(tmp_path, "多用", HEAD, "X2,Y1,能耗,46,批2")
    (refused,) = own.data.load([beyond], table="substitutions").files
    assert "超出 1" in str(refused.refused[0])
    # A plan that is withdrawn gives its sources back, and stays on record.
    back = csv(tmp_path, "撤回", HEAD, "X3,Y1,能耗,0,批3", "X3,Y2,能耗,0,批3", "X3,Y1,煤,0,批3")
    own.data.load([back], table="substitutions", reason="方案撤回")
    assert all(b.spent == 0 for b in substitution_state(own, rules).ledger.balances())
    assert own.data.load([beyond], table="substitutions").files[0].batch is not None
    assert own.data.table("substitutions", as_of_batch=outcome.batch).height == 3
    # A source that turns out smaller than what was spent of it is said.
    assert substitution_state(own, rules).wrong == ()
    own.data.load([csv(tmp_path, "更正", "来源编号,腾出用能(吨标煤)", "Y1,40")], table="sources", reason="复核")
    (wrong,) = substitution_state(own, rules).wrong
    assert "超出 6" in str(wrong)


def test_nothing_is_spent_on_a_project_that_is_not_known(own: County, tmp_path: Path) -> None:
    wrong = csv(tmp_path, "错号", HEAD, "X9,Y1,能耗,5,批2")
    for tried in (True, False):
        (refused,) = own.data.load([wrong], table="substitutions", dry_run=tried).files
        assert (refused.batch, "没有项目“X9”" in str(refused.refused[0])) == (None, True)
    # What the same workbook brings is known.
    with xlsxwriter.Workbook(str(tmp_path / "全.xlsx")) as book:
        for name, head, row in (
            ("替代方案", HEAD, ("X9", "Y9", "能耗", 5, "批2")),
            ("用能项目", "项目代码,项目名称,项目类别,用能需求(吨标煤)", ("X9", "丁项目", "技改", 9)),
            ("腾退来源", "来源编号,腾退企业,腾出用能(吨标煤)", ("Y9", "旧厂九", 5)),
        ):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, head.split(","))
            sheet.write_row(1, 0, row)
    (taken,) = own.data.load([tmp_path / "全.xlsx"]).files
    assert (taken.refused, taken.rows_in) == ((), 3)


def test_rules_without_pools_or_multiples_say_so(own: County, tmp_path: Path) -> None:
    bare = load_rules(rules_at(tmp_path / "bare", allocation=ALLOCATION.split("pools:")[0]))
    with pytest.raises(UsageError, match="没有 substitution"):
        substitution_state(own, bare)
    with pytest.raises(UsageError, match="没有 pools"):
        project_pools(own, allocation_of(own, rules=tmp_path / "bare")[1])
