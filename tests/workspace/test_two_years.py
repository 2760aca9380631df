"""Two years of rectification on the sample county, told by sheets, with every count worked out by hand.

Three enterprises A, B, C share the parcel P of 51.849 mu; D closes on its own parcel Q of 15 mu; E stands on none. B is
returned and does it again, and relapses; A is closed; C never begins.
"""

from __future__ import annotations

import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mujun.monitoring import DIMENSIONS
from mujun.rectification.due import due
from mujun.rectification.problems import due_problems
from mujun.reports.rectification.firm_papers import notices_html, plans_html
from mujun.reports.rectification.list_document import write_list
from mujun.reports.rectification.progress_report import status_json, write_status
from mujun.rules.folders import shipped_rules
from mujun.workspace import County
from mujun.workspace.book import Book, read_book
from mujun.workspace.problems.problem_list import problem_rows, problem_status
from mujun.workspace.rectification import firm_papers
from mujun.workspace.rectification.amending import amend
from mujun.workspace.rectification.candidates import screen_candidates
from mujun.workspace.rectification.events import load_events, tracked
from mujun.workspace.rectification.firm_papers import notice_papers, plan_papers
from mujun.workspace.rectification.lists import issue
from mujun.workspace.rectification.monitoring import progress_report, status, status_of
from mujun.workspace.rectification.papers import paper_of
from mujun.workspace.rectification.parcel_papers import parcel_papers

A, B, C = "91330683XXXX02030F", "92330683XXXX004732", "91330683XXXX21178A"
D, E = "91330683XXXX20888U", "91330683XXXX01118L"
P, Q = "330683005001GB00077", "330683005001GB00186"
XIAWANG = ("91330683XXXX084830", "91330683XXXX243954")
GUIMEN = ("91330683XXXX06330D", "91330683XXXX156918", "91330683XXXX064026")

HEAD = "统一社会信用代码,地块编号,动作,日期,佐证材料,免交理由,改定整治方式,核实腾出用地（亩）,核实腾出用能（吨标煤）\n"
ALL = "企业整改报告、镇街核查表、设备拆除凭证、土地收回凭证"
TWO = "企业整改报告、镇街核查表"


def firm(
    code: str, action: str, day: str, evidence: str = "", waiver: str = "", path: str = "", tce: str = "", mu: str = ""
) -> str:
    return f"{code},,{action},{day},{evidence},{waiver},{path},{mu},{tce}\n"


def parcel(code: str, action: str, day: str, evidence: str = "", path: str = "", mu: str = "", waiver: str = "") -> str:
    return f",{code},{action},{day},{evidence},{waiver},{path},{mu},\n"


FIRST_YEAR = (
    firm(A, "确定方案", "2023-04-01"), firm(A, "开始整治", "2023-05-01"), firm(A, "申报完成", "2023-09-01"),
    firm(A, "验收通过", "2023-10-10", TWO, tce="48.4"), firm(A, "销号", "2023-10-20"),
    firm(A, "转入跟踪", "2023-10-20"),
    firm(B, "确定方案", "2023-04-01"), firm(B, "开始整治", "2023-05-01"), firm(B, "申报完成", "2023-09-01"),
    firm(B, "退回", "2023-09-10"), firm(B, "申报完成", "2023-11-01"),
    firm(B, "验收通过", "2023-12-01", TWO, tce="12.5"), firm(B, "销号", "2023-12-05"),
    firm(D, "确定方案", "2023-04-01"), firm(D, "开始整治", "2023-04-02"), firm(D, "申报完成", "2023-07-01"),
    firm(D, "验收通过", "2023-08-01", ALL, tce="99.38"), firm(D, "销号", "2023-08-05"),
    firm(E, "确定方案", "2023-04-01"), firm(E, "开始整治", "2023-04-02"), firm(E, "申报完成", "2023-07-01"),
    firm(E, "验收通过", "2023-08-31", waiver="企业已注销，无从提供", tce="0", mu="0"),
    parcel(P, "确定方案", "2023-06-01", path="拆除重建"), parcel(P, "开始整治", "2023-07-01"),
    parcel(P, "申报完成", "2023-12-01"),
    parcel(P, "验收通过", "2023-12-15", TWO, mu="51.849", waiver="整宗收储，丙未开始"),
    parcel(Q, "确定方案", "2023-06-01"), parcel(Q, "开始整治", "2023-06-02"), parcel(Q, "申报完成", "2023-07-01"),
    parcel(Q, "验收通过", "2023-08-15", ALL, mu="15"),
)  # fmt: skip
SECOND_YEAR = (
    firm(B, "认定回潮", "2024-06-01"), firm(B, "列入清单", "2024-06-02"),
    firm(A, "办结", "2024-10-20"),
)  # fmt: skip
WRONG = (
    firm(A, "办结", "2024-10-19"), firm(C, "申报完成", "2024-01-01"), firm(D, "验收通过", "2024-01-01", ALL),
)  # fmt: skip

# Month's end: firms and parcels done, land and energy verified, all by hand.
BY_HAND: list[tuple[date, int, int, str, str]] = [
    (date(2023, 3, 31), 0, 0, "0", "0"),
    (date(2023, 7, 31), 0, 0, "0", "0"),
    (date(2023, 8, 31), 2, 1, "15", "99.38"),  # D and E; Q
    (date(2023, 10, 31), 3, 1, "15", "147.78"),  # A: 99.38 + 48.4
    (date(2023, 12, 31), 4, 2, "66.849", "160.28"),  # B: + 12.5; P: 15 + 51.849, once for all three
]
LATER: list[tuple[date, int, int, str, str]] = [
    (date(2024, 5, 31), 4, 2, "66.849", "160.28"),
    (date(2024, 6, 30), 3, 2, "66.849", "147.78"),  # B relapsed: its 12.5 are gone
    (date(2024, 12, 31), 3, 2, "66.849", "147.78"),
]


PROBLEM_HEAD = (
    "问题编号", "统一社会信用代码", "地块编号", "镇街", "问题类别", "发现日期", "整改期限", "整改完成日期", "处罚日期",
    "处罚金额（万元）", "问题销号日期",
)  # fmt: skip
PROBLEMS = f"""{",".join(PROBLEM_HEAD)}
S1,{A},,,消防隐患,2023-05-10,2023-06-30,2023-06-20,,,2023-07-05
S2,{C},,,环境污染,2023-05-12,2023-06-15,,2023-07-10,0.5,2024-02-01
S3,,{P},甘霖镇,违法建设,2023-06-01,2023-12-31,2023-12-10,,,2023-12-20
S4,,{Q},甘霖镇,违法用地,2023-06-02,,,,,
"""
# Month's end: open, ordered, of these overdue, mended, fined, closed; by hand.
PROBLEMS_BY_HAND: list[tuple[date, tuple[int, ...]]] = [
    (date(2023, 4, 30), (0, 0, 0, 0, 0, 0)),
    (date(2023, 5, 31), (0, 2, 0, 0, 0, 0)),  # S1, S2
    (date(2023, 6, 30), (1, 2, 1, 1, 0, 0)),  # S1 mended; S2 late since the 15th; S3 ordered; S4 found
    (date(2023, 7, 31), (1, 1, 0, 0, 1, 1)),  # S1 closed; S2 fined
    (date(2023, 12, 31), (1, 0, 0, 0, 1, 2)),  # S3 mended and closed
    (date(2024, 2, 29), (1, 0, 0, 0, 0, 3)),  # S2 closed
]


def sheet(folder: Path, name: str, rows: tuple[str, ...]) -> Path:
    file = folder / f"{name}.csv"
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    return file


def _with_problems(folder: Path) -> Path:
    """嵊州's rules with one condition more: this county lists whoever has a problem found on site, rated or not."""
    shutil.copytree(shipped_rules() / "zhejiang" / "shengzhou-2022", folder)
    file = folder / "rectification.yaml"
    text = file.read_text(encoding="utf-8")
    hazard = "  - {id: hazard, when: \"array_contains(labels, '问题隐患')\", reason: 列入问题隐患治理清单}\n"
    others = "of: [tier_d, low_tax_above, low_tax_below, large_below, high_energy], reason: 不属评价的制造业企业"
    text = text.replace("\nexempt:\n", f"{hazard}\nexempt:\n").replace("reason: 不属评价的制造业企业", others)
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def listed(loaded_county: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[County, int]:
    """Screened in February 2023, verified by townships, issued in March, amended in April; and how many candidates."""
    folder = tmp_path_factory.mktemp("two years")
    own = County(shutil.copy(loaded_county, folder / "mujun.duckdb"))
    rules = _with_problems(folder / "rules")
    screened = screen_candidates(own, date(2023, 2, 1), rules=rules, recorded_at=datetime(2023, 2, 1))
    assert (screened.already, screened.dismissed) == (0, 0)
    # 下王镇 has not verified its two; 贵门乡 dismisses one of its three.
    candidates = [c for (_, c) in read_book(own).by_subject]
    verified = [firm(c, "核实", "2023-02-20") for c in candidates if c not in (*XIAWANG, GUIMEN[0])]
    dismissed = firm(GUIMEN[0], "不予列入", "2023-02-21")
    done = load_events(own, [sheet(folder, "核实", (*verified, dismissed))], recorded_at=datetime(2023, 2, 25))
    assert (len(done.recorded), done.refused) == (screened.screened - 2, ())
    title = "2022年度高耗低效整治企业清单"
    first = issue(
        own, title=title, document="嵊经信〔2023〕5号", issued_on=date(2023, 3, 15), unverified="leave", rules=rules,
        recorded_at=datetime(2023, 3, 15),
    )  # fmt: skip
    assert first.tables["firms"].height == screened.screened - 3
    assert first.tables["left_out"].height == 3
    amend(
        own, add=XIAWANG, remove=[GUIMEN[1]], reason="镇街补报、核减", document="嵊经信〔2023〕9号",
        issued_on=date(2023, 4, 15), recorded_at=datetime(2023, 4, 15),
    )  # fmt: skip
    return own, screened.screened


@pytest.fixture(scope="module")
def told(listed: tuple[County, int], tmp_path_factory: pytest.TempPathFactory) -> County:
    """The first year, recorded until January 2024."""
    folder = tmp_path_factory.mktemp("told")
    own = County(shutil.copy(listed[0].path, folder / "mujun.duckdb"))
    done = load_events(own, [sheet(folder, "第一年", FIRST_YEAR)], recorded_at=datetime(2024, 1, 5))
    assert (len(done.recorded), [str(p) for p in done.refused]) == (len(FIRST_YEAR), [])
    return own


def counted(book: Book, day: date) -> tuple[int, int, Decimal, Decimal]:
    t = status_of(book, day).totals
    return t.done, t.parcels_done, t.verified_land_mu, t.verified_energy_tce


def test_the_list_and_its_amendment(listed: tuple[County, int]) -> None:
    own, candidates = listed
    firms = read_book(own).standing().firms
    # Three were left out in March; two came in April and one went.
    assert firms.height == candidates - 3 + 2 - 1
    parcels = tracked(read_book(own)).filter(pl.col("subject") == P).row(0, named=True)
    assert sorted(parcels["others"]) == sorted([A, B, C])
    assert parcels["land_mu"] == Decimal("51.849")


def test_counts_at_every_month_s_end_and_again_after_more_was_recorded(told: County, tmp_path: Path) -> None:
    own = County(shutil.copy(told.path, tmp_path / "mujun.duckdb"))
    book = read_book(own)
    for day, firms, parcels, land, energy in BY_HAND:
        assert counted(book, day) == (firms, parcels, Decimal(land), Decimal(energy)), day
    before = {day: status_json(progress_report(status_of(book, day))) for day, *_ in BY_HAND[2:4]}
    assert len(load_events(own, [sheet(tmp_path, "第二年", SECOND_YEAR)]).recorded) == len(SECOND_YEAR)
    now, then = read_book(own), read_book(own, known_on=date(2024, 1, 31))
    for day, firms, parcels, land, energy in (*BY_HAND, *LATER):
        assert counted(now, day) == (firms, parcels, Decimal(land), Decimal(energy)), day
    for day, said in before.items():
        assert status_json(progress_report(status_of(then, day))) == said, day
    states = {r["subject"]: r["state"] for r in tracked(read_book(own)).iter_rows(named=True)}
    assert (states[A], states[B], states[C], states[D]) == ("closed", "listed", "listed", "off_list")


def test_impossible_steps_are_refused_one_by_one(told: County, tmp_path: Path) -> None:
    own = County(shutil.copy(told.path, tmp_path / "mujun.duckdb"))
    done = load_events(own, [sheet(tmp_path, "不行", WRONG)])
    assert [(p.place.row, p.code) for p in done.refused] == [
        (2, "event_watch_not_over"), (3, "event_not_allowed"), (4, "event_not_allowed"),
    ]  # fmt: skip
    assert done.recorded == ()


def test_the_files_in_another_order_give_the_same_state(
    listed: tuple[County, int], told: County, tmp_path: Path
) -> None:
    own = County(shutil.copy(listed[0].path, tmp_path / "mujun.duckdb"))
    parts = [sheet(tmp_path, f"{n}", tuple(reversed(FIRST_YEAR[n::3]))) for n in (2, 0, 1)]
    assert load_events(own, parts).refused == ()
    assert tracked(read_book(own)).equals(tracked(read_book(told)))


def test_every_grouping_adds_up_and_the_late_are_known(told: County) -> None:
    day = date(2024, 3, 31)
    found = status(told, day, targets="zhejiang/shengzhou-2022")
    for dimension in DIMENSIONS:
        rows = found.groups[dimension]
        assert rows["done"].sum() == found.totals.done == 4
        assert rows["verified_land_mu"].sum() == Decimal("66.849")
    paths = {r["group"]: r for r in found.groups["path"].iter_rows(named=True)}
    # P was decided to be torn down; Q goes with D.
    assert (paths["拆除重建"]["verified_land_mu"], paths["关停退出"]["verified_land_mu"]) == (Decimal("51.849"), 15)
    assert found.targets is not None
    aims = {(r["id"], r["year"]): r["done"] for r in found.targets.iter_rows(named=True)}
    # 27 of 2021 stand in the plan; 4 of 2023 come from the loop; 160.28 tce are 0.016028 万吨.
    assert (aims["firms", 2023], aims["land", 2023], aims["energy", 2023]) == (
        31,
        Decimal("66.849"),
        Decimal("0.016028"),
    )
    late = due(found.tracked, day, 30)
    mine = {r["subject"]: (r["matter"], r["days"]) for r in late.iter_rows(named=True)}
    # C was to be done by 15 March; the four who are done, and both parcels, are not late.
    assert mine[C] == ("overdue", -16)
    assert not {A, B, D, E, P, Q} & set(mine)


def test_neighbours_who_are_natural_persons_are_masked(told: County, monkeypatch: pytest.MonkeyPatch) -> None:
    # A plan is handed to the enterprise: it named in full whoever else works on its parcel.
    monkeypatch.setattr(firm_papers, "_others", lambda parcel, code: ["JD0001"])
    monkeypatch.setattr(firm_papers, "_names", lambda county: {"JD0001": "张三"})
    assert plan_papers(told, code=B)[0].parcels[0].others == ["张*"]
    monkeypatch.setattr(firm_papers, "shows_persons", lambda rules: True)
    assert plan_papers(told, code=B)[0].parcels[0].others == ["张三"]


def test_papers_of_the_story(told: County, tmp_path: Path) -> None:
    report = progress_report(status(told, date(2023, 12, 31)))
    assert write_status(tmp_path / "进度.xlsx", report).stat().st_size > 10_000
    (paper,) = plan_papers(told, code=B)
    assert [p.parcel for p in paper.parcels] == [P]
    # Two of them are on the list, three are not.
    assert len(paper.parcels[0].others) == 5
    assert all("示例" in name for name in paper.parcels[0].others)
    page = plans_html([paper])
    assert "退回" in page
    assert "镇街核查表" in page
    (struck,) = notice_papers(told, code=D)
    said = notices_html([struck])
    assert "2023年8月1日验收通过" in said
    assert "腾出用能 99.38 吨标煤" in said
    assert "至 2024年8月5日止" in said
    listed = read_book(told).documents[0]
    import openpyxl

    book = openpyxl.load_workbook(write_list(tmp_path / "清单.xlsx", paper_of(listed)))
    head = [c for c in next(book["整治清单"].iter_rows(min_row=4, max_row=4, values_only=True)) if c]
    assert [str(h).split("（")[0].strip() for h in head] == [
        "序号", "企业名称", "统一社会信用代码", "镇街", "行业", "规模", "用地", "亩均税收", "单位能耗增加值", "档次",
        "列入理由", "整治方式", "完成时限", "预计腾出用地", "预计腾出用能", "责任单位",
    ]  # fmt: skip


def test_problems_at_every_month_s_end_and_on_the_parcels_papers(told: County, tmp_path: Path) -> None:
    own = County(shutil.copy(told.path, tmp_path / "mujun.duckdb"))
    before = {r["township"]: r for r in problem_status(own, date(2024, 12, 31)).iter_rows(named=True)}
    (tmp_path / "问题.csv").write_text(PROBLEMS, encoding="utf-8")
    assert not own.data.load([tmp_path / "问题.csv"]).refused
    for day, counts in PROBLEMS_BY_HAND:
        mine = problem_rows(own, day).filter(pl.col("problem").str.starts_with("S"))
        states = mine["state"].to_list()
        late = due_problems(mine, day, 0).filter(pl.col("matter") == "overdue").height
        by_state = [states.count(s) for s in ("open", "ordered", "mended", "fined", "closed")]
        assert (*by_state[:2], late, *by_state[2:]) == counts, day
    after = {r["township"]: r for r in problem_status(own, date(2024, 12, 31)).iter_rows(named=True)}
    # Those at firms lie where the roll has the firm: A's with both parcels' in 甘霖镇, C's in 浦口街道.
    counted = ("found", "open", "ordered", "closed")
    gained = {t: tuple(after[t][n] - before[t][n] for n in counted) for t in before}
    assert {t: n for t, n in gained.items() if any(n)} == {"甘霖镇": (3, 1, 0, 2), "浦口街道": (1, 0, 0, 1)}
    (of_p,) = parcel_papers(own, P)
    assert {kind for kind, *_ in of_p.problems} >= {"消防隐患", "环境污染", "违法建设"}, (
        "its own, and those of A and C on it"
    )
    (of_a,) = plan_papers(own, code=A)
    assert [state for kind, *_, state in of_a.problems if kind == "消防隐患"] == ["已销号"]
